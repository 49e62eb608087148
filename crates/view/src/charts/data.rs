//! What a chart shows, apart from how it is drawn.

use super::geometry::{day_ticks, nice_ticks, stack, without_outlier};
use crate::export::Sheet;
use poolkeeper_core::model::{Band, Counts, Day, Rate};
use poolkeeper_core::text;

/// A colour by its meaning. Each is a token of the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesColor {
    /// The good band.
    Good,
    /// The poor band.
    Poor,
    /// The new band.
    New,
    /// Between thresholds.
    Hold,
    /// The accent.
    Accent,
    /// Dark.
    Ink,
    /// Quiet.
    Quiet,
}

impl SeriesColor {
    /// The class that sets `--tone`.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "tone-good",
            Self::Poor => "tone-poor",
            Self::New => "tone-new",
            Self::Hold => "tone-hold",
            Self::Accent => "tone-accent",
            Self::Ink => "tone-ink",
            Self::Quiet => "tone-quiet",
        }
    }

    /// The mark beside the colour: colour alone must never carry the meaning.
    #[must_use]
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Good => text::band_shape(Some(Band::Good)),
            Self::Poor => text::band_shape(Some(Band::Poor)),
            Self::New => text::band_shape(Some(Band::New)),
            Self::Hold => "◐",
            Self::Accent => "■",
            Self::Ink => "▬",
            Self::Quiet => "○",
        }
    }
}

impl From<Band> for SeriesColor {
    fn from(band: Band) -> Self {
        match band {
            Band::Good => Self::Good,
            Band::Poor => Self::Poor,
            Band::New => Self::New,
        }
    }
}

/// The band that a value of [`ChartKind::Bands`] encodes.
#[must_use]
pub fn band_of(value: f64) -> Option<Band> {
    Band::ALL
        .into_iter()
        .find(|band| (band_value(*band) - value).abs() < 0.5)
}

/// The value that encodes a band in [`ChartKind::Bands`].
fn band_value(band: Band) -> f64 {
    f64::from(band as u8)
}

/// What the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartUnit {
    /// A count of things, with their noun in the singular: `domain`.
    Count(&'static str),
    /// Fractions, shown as percent.
    Percent,
    /// Bands, shown as their words.
    Band,
}

impl ChartUnit {
    /// A value in full, with enough digits to differ from each value of `beside`.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count, rounded and clamped to zero"
    )]
    pub fn text(self, value: f64, beside: &[f64]) -> String {
        match self {
            Self::Count(_) => text::count(libm::round(value.max(0.0)) as u64),
            Self::Percent => Rate(value).percent_beside(beside),
            Self::Band => band_of(value).map(Band::word).unwrap_or_default().to_owned(),
        }
    }

    /// A value in the short form for an axis. Bars below zero show their count without the sign.
    #[must_use]
    pub fn tick(self, value: f64) -> String {
        match self {
            Self::Count(_) => text::compact(value.abs()),
            Self::Percent => text::rates::plain_percent(value),
            Self::Band => self.text(value, &[]),
        }
    }

    /// The unit in words for an axis and a table's head: `domains`, `%`.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Count(noun) => format!("{noun}s"),
            Self::Percent => "percent".to_owned(),
            Self::Band => "band".to_owned(),
        }
    }
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartSeries {
    /// Its name: `good`.
    pub name: String,
    /// Its colour.
    pub tone: SeriesColor,
    /// Its values; `None` is a gap.
    pub values: Vec<Option<f64>>,
    /// For bars: whether the series is drawn below zero.
    pub is_below: bool,
}

impl ChartSeries {
    /// A series without gaps.
    #[must_use]
    pub fn full(name: &str, tone: SeriesColor, values: impl IntoIterator<Item = f64>) -> Self {
        Self::with_gaps(name, tone, values.into_iter().map(Some))
    }

    /// A series that may have gaps.
    #[must_use]
    pub fn with_gaps(name: &str, tone: SeriesColor, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self {
            name: name.to_owned(),
            tone,
            values: values.into_iter().collect(),
            is_below: false,
        }
    }

    /// The same series, drawn below zero.
    #[must_use]
    pub fn below(self) -> Self {
        Self { is_below: true, ..self }
    }
}

/// A line across the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitLine {
    /// Its label: `good at most 0.1 %`.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its colour.
    pub tone: SeriesColor,
}

/// The type of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// Areas on top of each other.
    Stacked,
    /// Lines.
    Lines,
    /// Bars on top of each other.
    Bars,
    /// A row of bands for each series, the first at the top; see [`ChartData::bands`].
    Bands,
}

/// The horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub enum XAxis {
    /// Consecutive days from this one.
    Days(Day),
    /// Numbers, with their unit and the axis's name.
    Numbers {
        /// The value at each position.
        values: Vec<f64>,
        /// Their unit.
        unit: ChartUnit,
        /// The axis's name: `Bounce threshold`.
        name: String,
    },
}

/// A chart's content.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartData {
    /// Its type.
    pub kind: ChartKind,
    /// The horizontal axis.
    pub across: XAxis,
    /// What the values are.
    pub unit: ChartUnit,
    /// The series, bottom first.
    pub series: Vec<ChartSeries>,
    /// Lines across it.
    pub thresholds: Vec<LimitLine>,
    /// Positions at the start that are dimmed: the start of a replay.
    pub start: usize,
}

impl ChartData {
    /// Bands day by day, a row for each name. A day without a band is a gap.
    #[must_use]
    pub fn bands(first: Day, rows: impl IntoIterator<Item = (&'static str, Vec<Option<Band>>)>) -> Self {
        let row = |(name, bands): (&str, Vec<Option<Band>>)| {
            let values = bands.into_iter().map(|band| band.map(band_value));
            ChartSeries::with_gaps(name, SeriesColor::Quiet, values)
        };
        Self {
            kind: ChartKind::Bands,
            across: XAxis::Days(first),
            unit: ChartUnit::Band,
            series: rows.into_iter().map(row).collect(),
            thresholds: Vec::new(),
            start: 0,
        }
    }

    /// Delivered and bounced messages day by day. A day without counts is a gap.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts for display")]
    pub fn messages(first: Day, days: impl Iterator<Item = Option<Counts>> + Clone) -> Self {
        let series = |name: &str, tone, count: fn(&Counts) -> u64| {
            let values = days.clone().map(|counts| counts.map(|counts| count(&counts) as f64));
            ChartSeries::with_gaps(name, tone, values)
        };
        Self {
            kind: ChartKind::Bars,
            across: XAxis::Days(first),
            unit: ChartUnit::Count("message"),
            series: vec![
                series("delivered", SeriesColor::Accent, |counts| counts.delivered),
                series("bounced", SeriesColor::Poor, |counts| counts.bounced),
            ],
            thresholds: Vec::new(),
            start: 0,
        }
    }

    /// The colour of a series at a position: the band's for [`ChartKind::Bands`], otherwise the series' own.
    #[must_use]
    pub fn tone(&self, series: &ChartSeries, at: usize) -> SeriesColor {
        let value = series.values.get(at).copied().flatten();
        match (self.kind, value.and_then(band_of)) {
            (ChartKind::Bands, Some(band)) => band.into(),
            _ => series.tone,
        }
    }

    /// The number of positions along the horizontal axis.
    #[must_use]
    pub fn count(&self) -> usize {
        self.series.iter().map(|series| series.values.len()).max().unwrap_or(0)
    }

    /// A position in words: `23 Jul 2026`.
    #[must_use]
    pub fn place(&self, at: usize) -> String {
        match &self.across {
            XAxis::Days(first) => text::day(first.plus(i32::try_from(at).unwrap_or(i32::MAX))),
            XAxis::Numbers { values, unit, .. } => {
                values.get(at).map(|value| unit.text(*value, &[])).unwrap_or_default()
            }
        }
    }

    /// The positions to label, at most `most`, with their labels.
    #[must_use]
    pub fn marks(&self, most: usize) -> Vec<(usize, String)> {
        let count = self.count();
        match &self.across {
            XAxis::Days(first) => day_ticks(*first, count, most)
                .into_iter()
                .map(|at| (at, text::day_short(first.plus(i32::try_from(at).unwrap_or(i32::MAX)))))
                .collect(),
            XAxis::Numbers { values, unit, .. } => (0..count)
                .step_by(count.div_ceil(most.max(1)).max(1))
                .filter_map(|at| values.get(at).map(|value| (at, unit.tick(*value))))
                .collect(),
        }
    }

    /// A series' value at a position as text; a dash for a gap.
    #[must_use]
    pub fn value(&self, series: &ChartSeries, at: usize) -> String {
        let beside = self.thresholds.iter().map(|line| line.value).collect::<Vec<_>>();
        match series.values.get(at).copied().flatten() {
            Some(value) => self.unit.text(value, &beside),
            None => "–".to_owned(),
        }
    }

    /// All values at a position, as a screen reader reads them: `23 Jul 2026: 264 good, 47 poor`.
    #[must_use]
    pub fn spoken(&self, at: usize) -> String {
        let values = self
            .series
            .iter()
            .map(|series| match self.kind {
                ChartKind::Bands => format!("{} {}", series.name, self.value(series, at)),
                _ => format!("{} {}", self.value(series, at), series.name),
            })
            .collect::<Vec<_>>();
        format!("{}: {}", self.place(at), values.join(", "))
    }

    /// Round values for the vertical axis. They cover all series and thresholds.
    #[must_use]
    pub fn levels(&self, wanted: usize) -> Vec<f64> {
        if self.kind == ChartKind::Bands {
            return Vec::new();
        }
        let stacked = || {
            let mut parts = Vec::new();
            parts.extend(
                self.series
                    .iter()
                    .map(|series| (series.values.as_slice(), series.is_below)),
            );
            // The start of a replay or of an account leaves the axis of bars.
            let skipped = if self.kind == ChartKind::Bars { self.start } else { 0 };
            let layers = stack(&parts).into_iter();
            let shown = layers.flat_map(|layer| layer.into_iter().skip(skipped));
            shown.map(|(_, to)| to).collect::<Vec<_>>()
        };
        let values = match self.kind {
            ChartKind::Lines => {
                let values = self.series.iter().flat_map(|series| &series.values);
                values.copied().flatten().collect()
            }
            ChartKind::Bars => without_outlier(stacked()),
            ChartKind::Stacked | ChartKind::Bands => stacked(),
        };
        let all = values.into_iter().chain(self.thresholds.iter().map(|line| line.value));
        let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        match self.unit {
            // Half a domain does not exist, so ticks of counts are whole numbers.
            ChartUnit::Count(_) if high - low <= 4.0 => nice_ticks(low, high.max(low + 1.0), 4)
                .into_iter()
                .filter(|tick| (tick - libm::round(*tick)).abs() < 1e-9)
                .collect(),
            _ => nice_ticks(low, high, wanted),
        }
    }

    /// The same as a table: one row for each position, one column for each series.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let first = match &self.across {
            XAxis::Days(_) => "Day",
            XAxis::Numbers { name, .. } => name,
        };
        let names = std::iter::once(first).chain(self.series.iter().map(|series| series.name.as_str()));
        let mut sheet = Sheet::new(&names.collect::<Vec<_>>());
        sheet.rows = (0..self.count())
            .map(|at| {
                let values = self.series.iter().map(|series| self.value(series, at));
                std::iter::once(self.place(at)).chain(values).collect()
            })
            .collect();
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(kind: ChartKind, unit: ChartUnit, series: Vec<ChartSeries>) -> ChartData {
        ChartData {
            kind,
            across: XAxis::Days(Day::from_ymd(2026, 7, 22).unwrap()),
            unit,
            series,
            thresholds: Vec::new(),
            start: 0,
        }
    }

    #[test]
    fn a_position_is_read_out_whole() {
        let good = ChartSeries::full("good", SeriesColor::Good, [1_200.0, 264.0]);
        let poor = ChartSeries::with_gaps("poor", SeriesColor::Poor, [Some(47.0), None]);
        let chart = chart(ChartKind::Stacked, ChartUnit::Count("domain"), vec![good, poor]);
        assert_eq!(chart.spoken(0), "22 Jul 2026: 1,200 good, 47 poor");
        assert_eq!(chart.sheet().rows[1], ["23 Jul 2026", "264", "–"]);
        assert_eq!(chart.levels(4).last(), Some(&1_500.0));
    }

    #[test]
    fn rates_keep_the_digits_that_tell_them_from_a_threshold() {
        let rate = ChartSeries::full("complaint rate", SeriesColor::Accent, [0.000_98]);
        let mut chart = chart(ChartKind::Lines, ChartUnit::Percent, vec![rate]);
        chart.thresholds.push(LimitLine {
            name: "good at most 0.1 %".to_owned(),
            value: 0.001,
            tone: SeriesColor::Good,
        });
        assert_eq!(chart.spoken(0), "22 Jul 2026: 0.098 % complaint rate");
        assert!(chart.levels(4).last().is_some_and(|top| *top >= 0.001));
        assert_eq!(ChartUnit::Percent.tick(0.001), "0.1 %");
    }

    #[test]
    fn bands_are_read_out_by_their_words() {
        let first = Day::from_ymd(2026, 7, 22).unwrap();
        let rows = [
            ("A", vec![None, Some(Band::Good)]),
            ("B", vec![Some(Band::New), Some(Band::Poor)]),
        ];
        let chart = ChartData::bands(first, rows);
        assert_eq!(chart.spoken(0), "22 Jul 2026: A –, B new");
        assert_eq!(chart.sheet().rows[1], ["23 Jul 2026", "good", "poor"]);
        let tones = chart.series.iter().map(|series| chart.tone(series, 1));
        assert_eq!(tones.collect::<Vec<_>>(), [SeriesColor::Good, SeriesColor::Poor]);
        assert!(chart.levels(4).is_empty());
    }

    #[test]
    fn few_things_are_counted_in_whole_steps() {
        let up = ChartSeries::full("better", SeriesColor::Good, [1.0, 0.0]);
        let down = ChartSeries::full("worse", SeriesColor::Poor, [0.0, 2.0]).below();
        let chart = chart(ChartKind::Bars, ChartUnit::Count("move"), vec![up, down]);
        assert_eq!(chart.levels(4), [-2.0, -1.0, 0.0, 1.0]);
    }
}
