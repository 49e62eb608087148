//! What a person says about how a file is written. It can be kept as JSON.

use super::columns::{CsvColumn, Separator};
use super::dates::{DateOrder, DateStyle};
use super::encoding::TextEncoding;
use super::numbers::NumberStyle;
use poolkeeper_core::model::DomainName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What to do with a row that repeats an earlier row of its domain and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedRows {
    /// Keep the first and leave out its repeats, because overlapping exports would count mail twice.
    #[default]
    KeepOne,
    /// Add it, as any other row.
    Add,
}

/// What a row is the sum of, where it is not a day or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowPeriod {
    /// A week.
    Week,
    /// A month.
    Month,
}

/// A zone by its distance from UTC, written such as `+02:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcOffset {
    /// Minutes east of UTC.
    minutes: i32,
}

impl UtcOffset {
    /// Seconds east of UTC.
    pub(super) const fn seconds(self) -> i32 {
        self.minutes * 60
    }
}

impl FromStr for UtcOffset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || format!("“{text}” is not a distance from UTC such as +02:00, -05:30 or UTC");
        if matches!(text, "UTC" | "Z") {
            return Ok(Self::default());
        }
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(problem()),
        };
        let (hours, minutes) = rest.split_once(':').ok_or_else(problem)?;
        let number = |text: &str| {
            let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number
                .then(|| text.parse::<i32>().ok())
                .flatten()
                .ok_or_else(problem)
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if hours > 14 || minutes > 59 {
            return Err(problem());
        }
        Ok(Self {
            minutes: sign * (hours * 60 + minutes),
        })
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl TryFrom<String> for UtcOffset {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<UtcOffset> for String {
    fn from(offset: UtcOffset) -> Self {
        offset.to_string()
    }
}

/// The names of the columns of one use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ColumnNames {
    /// One column.
    One(String),
    /// Several. Counts are added up; of a date, a domain or an account the first that the file has is read.
    Several(Vec<String>),
}

impl ColumnNames {
    /// The names.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// How a file is to be read, where that is not left to what the file shows. Written as JSON it has only what is set:
///
/// ```
/// # use poolkeeper_ingest::Mapping;
/// let mapping: Mapping = serde_json::from_str(
///     r#"{"separator": "pipe", "columns": {"date": "Tag", "bounced": ["Hart", "Weich"]}, "dates": {"numeric": "day_first"}}"#,
/// )?;
/// assert!(mapping.domain.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// The separator of cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
    /// The encoding of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<TextEncoding>,
    /// The columns by their use. A column without an entry is found by the names that are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<CsvColumn, ColumnNames>,
    /// The domain of all rows of a file that has no column for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// How dates are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateStyle>,
    /// The order of day and month, for dates that have numbers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// The zone whose days are counted, for times with a zone and times since 1970; UTC if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_zone: Option<UtcOffset>,
    /// How numbers are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberStyle>,
    /// What to do with repeated rows.
    pub repeated_rows: RepeatedRows,
    /// Reads a file whose rows are weeks or months, as the mail of each one's first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_period: Option<RowPeriod>,
}

impl Mapping {
    /// The names of the columns of a use, if a person has given them.
    pub(super) fn names(&self, column: CsvColumn) -> Option<&[String]> {
        self.columns.get(&column).map(ColumnNames::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_distances_from_utc() {
        for (text, seconds) in [("+02:00", 7_200), ("-05:30", -19_800), ("UTC", 0), ("+14:00", 50_400)] {
            let offset: UtcOffset = text.parse().unwrap();
            assert_eq!(offset.seconds(), seconds, "{text}");
            assert_eq!(offset.to_string().parse(), Ok(offset));
        }
        for bad in [
            "",
            "2",
            "+2:00",
            "+02",
            "02:00",
            "+15:00",
            "+02:60",
            "Europe/Berlin",
            "+0a:00",
        ] {
            assert!(bad.parse::<UtcOffset>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mapping_is_the_same_after_it_was_kept() {
        let text = r#"{"separator":"pipe","encoding":"windows1252","columns":{"date":"Tag","bounced":["Hart","Weich"]},
            "domain":"a.example","dates":{"numeric":"day_first"},"date_zone":"+02:00","numbers":"decimal_comma",
            "repeated_rows":"add","row_period":"week"}"#;
        let mapping: Mapping = serde_json::from_str(text).unwrap();
        assert_eq!(mapping.names(CsvColumn::Bounced).map(<[String]>::len), Some(2));
        let kept = serde_json::to_string(&mapping).unwrap();
        assert_eq!(serde_json::from_str::<Mapping>(&kept).unwrap(), mapping);
        assert!(serde_json::from_str::<Mapping>(r#"{"seperator":"tab"}"#).is_err());
        assert_eq!(
            serde_json::to_string(&Mapping::default()).unwrap(),
            r#"{"repeated_rows":"keep_one"}"#
        );
    }
}
