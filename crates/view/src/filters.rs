//! The filters of the list of enrolled domains, as the address keeps them.

use super::Sort;
use poolkeeper_core::model::{AccountId, Band, Domain, PoolName, Rate};
use std::cmp::Ordering;
use std::sync::Arc;

/// The address's parameters, in the order [`DomainFilters::parse`] takes them.
pub const KEYS: [&str; 7] = ["q", "pool", "account", "override", "bounce", "complaint", "sort"];

/// The filters and the sort of the list of enrolled domains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainFilters {
    /// The text that the name must contain, in lower case.
    pub name: String,
    /// Only these pools; all when empty.
    pub pools: Vec<PoolName>,
    /// Only these accounts; all when empty.
    pub accounts: Vec<AccountId>,
    /// Only pinned domains, or only domains that are not pinned.
    pub is_overridden: Option<bool>,
    /// The range of bounce rates shown.
    pub bounce: RateRange,
    /// The range of complaint rates shown.
    pub complaint: RateRange,
    /// The sort: by name or by a rate, those without a rate last.
    pub sort: Sort,
}

impl DomainFilters {
    /// Reads the values of [`KEYS`]. An invalid value counts as absent.
    #[must_use]
    pub fn parse(values: &[String; 7]) -> Self {
        let [name, pools, accounts, pinned, bounce, complaint, sort] = values;
        Self {
            name: name.trim().to_lowercase(),
            pools: list(pools).map(pool_of_word).collect(),
            accounts: list(accounts).map(|id| AccountId(id.to_owned())).collect(),
            is_overridden: match pinned.as_str() {
                "on" => Some(true),
                "off" => Some(false),
                _ => None,
            },
            bounce: RateRange::parse(bounce).unwrap_or_default(),
            complaint: RateRange::parse(complaint).unwrap_or_default(),
            sort: Sort::parse(if sort.is_empty() { "name" } else { sort }),
        }
    }

    /// Which of some domains are shown, in order; the domains are in the order of names. `None` for all of them as they are.
    #[must_use]
    pub fn positions(&self, by_name: &[Arc<Domain>]) -> Option<Vec<u32>> {
        let rate: Option<fn(&Domain) -> Option<Rate>> = match self.sort.column.as_str() {
            "bounce_rate" => Some(|domain| domain.bounce_rate),
            "complaint_rate" => Some(|domain| domain.complaint_rate),
            _ => None,
        };
        let is_descending = self.sort.is_descending;
        if self.lets_all_through() && rate.is_none() && !is_descending {
            return None;
        }
        let passing = (0_u32..).zip(by_name).filter(|(_, row)| self.lets_through(row));
        let Some(rate) = rate else {
            let mut positions: Vec<u32> = passing.map(|(at, _)| at).collect();
            if is_descending {
                positions.reverse();
            }
            return Some(positions);
        };
        let mut keyed: Vec<(Option<Rate>, u32)> = passing.map(|(at, row)| (rate(row), at)).collect();
        // A stable sort: equal rates stay in the order of names.
        keyed.sort_by(|a, b| by_rate(is_descending, a.0, b.0));
        Some(keyed.into_iter().map(|(_, at)| at).collect())
    }

    /// Whether a domain is shown.
    #[must_use]
    pub fn lets_through(&self, domain: &Domain) -> bool {
        domain.name.as_str().contains(&self.name)
            && (self.pools.is_empty() || self.pools.contains(&domain.pool))
            && (self.accounts.is_empty() || self.accounts.contains(&domain.account_id))
            && self
                .is_overridden
                .is_none_or(|wanted| domain.is_overridden.unwrap_or(false) == wanted)
            && self.bounce.contains(domain.bounce_rate)
            && self.complaint.contains(domain.complaint_rate)
    }

    /// Whether every domain is shown.
    #[must_use]
    pub fn lets_all_through(&self) -> bool {
        self.name.is_empty()
            && self.pools.is_empty()
            && self.accounts.is_empty()
            && self.is_overridden.is_none()
            && self.bounce == RateRange::default()
            && self.complaint == RateRange::default()
    }

    /// How many filters are set, not counting the name.
    #[must_use]
    pub fn set_count(&self) -> usize {
        [
            !self.pools.is_empty(),
            !self.accounts.is_empty(),
            self.is_overridden.is_some(),
            self.bounce != RateRange::default(),
            self.complaint != RateRange::default(),
        ]
        .into_iter()
        .filter(|set| *set)
        .count()
    }

    /// Whether any filter is set.
    #[must_use]
    pub fn narrows(&self) -> bool {
        self.set_count() > 0 || !self.name.is_empty()
    }
}

fn by_rate(is_descending: bool, a: Option<Rate>, b: Option<Rate>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if is_descending => b.0.total_cmp(&a.0),
        (Some(a), Some(b)) => a.0.total_cmp(&b.0),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Reads a pool in the address: a band's word, or any pool's name.
#[must_use]
pub fn pool_of_word(word: &str) -> PoolName {
    let band = Band::ALL.into_iter().find(|band| band.word() == word);
    band.map_or_else(|| PoolName::parse(word), PoolName::Known)
}

/// Adds a value to a comma-separated list, or removes it if the list has it.
#[must_use]
pub fn toggled(text: &str, value: &str) -> String {
    let mut values = list(text).collect::<Vec<_>>();
    match values.iter().position(|known| *known == value) {
        Some(at) => drop(values.remove(at)),
        None => values.push(value),
    }
    values.join(",")
}

/// A range of rates in percent, both ends included. In the address: `1..5`, `1..` or `..5`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RateRange {
    /// The lowest, percent.
    pub from_percent: Option<f64>,
    /// The highest, percent.
    pub to_percent: Option<f64>,
}

impl RateRange {
    /// Reads `1..5`, `1..`, `..5` or nothing.
    ///
    /// # Errors
    /// What is wrong, for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").unwrap_or((text, ""));
        Self::from_texts(from, to)
    }

    /// Reads the two ends as the user types them.
    ///
    /// # Errors
    /// What is wrong, for the person who typed it.
    pub fn from_texts(from: &str, to: &str) -> Result<Self, String> {
        let range = Self {
            from_percent: percent(from)?,
            to_percent: percent(to)?,
        };
        match range {
            Self {
                from_percent: Some(from),
                to_percent: Some(to),
            } if from > to => Err(format!("“At least” {from} % is above “at most” {to} %: swap them")),
            _ => Ok(range),
        }
    }

    /// The text that [`RateRange::parse`] reads; empty for the range without ends.
    #[must_use]
    pub fn to_query(self) -> String {
        let end = |percent: Option<f64>| percent.map(|percent| percent.to_string()).unwrap_or_default();
        match (self.from_percent, self.to_percent) {
            (None, None) => String::new(),
            (from, to) => format!("{}..{}", end(from), end(to)),
        }
    }

    /// Whether the range contains a rate. Only the range without ends contains an absent rate.
    #[must_use]
    pub fn contains(self, rate: Option<Rate>) -> bool {
        // A typed percentage and a quotient of counts may differ in the last bit.
        const SLACK: f64 = 1e-12;
        let Some(rate) = rate else {
            return self == Self::default();
        };
        self.from_percent.is_none_or(|from| rate.0 >= from / 100.0 - SLACK)
            && self.to_percent.is_none_or(|to| rate.0 <= to / 100.0 + SLACK)
    }
}

fn percent(text: &str) -> Result<Option<f64>, String> {
    let plain = text.trim().trim_end_matches('%').trim().replace(',', ".");
    if plain.is_empty() {
        return Ok(None);
    }
    match plain.parse::<f64>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(Some(value)),
        _ => Err(format!("“{}” is not a percentage from 0 to 100", text.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{DomainId, DomainName};

    fn domain(name: &str, bounce: Option<f64>, pinned: Option<bool>) -> Domain {
        Domain {
            id: DomainId("1".to_owned()),
            account_id: AccountId("a".to_owned()),
            account_name: None,
            name: DomainName::as_sent(name),
            registered_at: None,
            pool: PoolName::Known(Band::Good),
            is_overridden: pinned,
            bounce_rate: bounce.map(Rate),
            complaint_rate: None,
            processed_count: None,
        }
    }

    fn of(values: [&str; 7]) -> DomainFilters {
        DomainFilters::parse(&values.map(str::to_owned))
    }

    fn shown(values: [&str; 7], by_name: &[Arc<Domain>]) -> Vec<String> {
        let positions = of(values).positions(by_name);
        let positions = positions.unwrap_or_else(|| (0..by_name.len() as u32).collect());
        positions
            .iter()
            .map(|at| by_name[*at as usize].name.to_string())
            .collect()
    }

    #[test]
    fn rows_are_sorted_and_filtered_without_the_service() {
        let in_pool = |name: &str, bounce, band| {
            let mut domain = domain(name, bounce, None);
            domain.pool = PoolName::Known(band);
            Arc::new(domain)
        };
        let mut other = domain("e", None, None);
        other.account_id = AccountId("b".to_owned());
        other.pool = PoolName::parse("dynamic_great");
        let by_name = [
            in_pool("a", Some(0.2), Band::Good),
            in_pool("b", None, Band::Poor),
            in_pool("c", Some(0.1), Band::New),
            in_pool("d", Some(0.2), Band::Poor),
            Arc::new(other),
        ];
        let sorted = |sort| shown(["", "", "", "", "", "", sort], &by_name);
        assert_eq!(sorted(""), ["a", "b", "c", "d", "e"]);
        assert_eq!(sorted("-name"), ["e", "d", "c", "b", "a"]);
        // Without a rate last, whichever end is first; equal rates by name.
        assert_eq!(sorted("bounce_rate"), ["c", "a", "d", "b", "e"]);
        assert_eq!(sorted("-bounce_rate"), ["a", "d", "c", "b", "e"]);
        assert_eq!(
            shown(["", "poor,new", "", "", "", "", "-name"], &by_name),
            ["d", "c", "b"]
        );
        assert_eq!(shown(["", "dynamic_great", "", "", "", "", ""], &by_name), ["e"]);
        assert_eq!(shown(["", "", "b,c", "", "", "", ""], &by_name), ["e"]);
        assert_eq!(
            of(["", "", "", "", "", "", ""]).positions(&by_name),
            None,
            "as they are"
        );
    }

    #[test]
    fn the_rest_is_filtered_here() {
        let filters = of([" NEWS ", "", "", "off", "..5", "", ""]);
        assert!(filters.lets_through(&domain("news.example.com", Some(0.05), None)));
        assert!(!filters.lets_through(&domain("news.example.com", Some(0.0501), None)));
        assert!(!filters.lets_through(&domain("news.example.com", None, None)));
        assert!(!filters.lets_through(&domain("news.example.com", Some(0.01), Some(true))));
        assert!(!filters.lets_through(&domain("mail.example.com", Some(0.01), None)));
        assert_eq!(filters.set_count(), 2);
    }

    #[test]
    fn typed_percentages_meet_quotients_of_counts() {
        let range = RateRange::from_texts("0,7 %", "0.7").unwrap();
        assert!(range.contains(Some(Rate(7.0 / 1_000.0))));
        assert_eq!(range.to_query(), "0.7..0.7");
        assert_eq!(RateRange::parse("0.7..0.7"), Ok(range));
    }

    #[test]
    fn invalid_rates_are_reported() {
        assert!(RateRange::from_texts("five", "").unwrap_err().contains("five"));
        assert!(RateRange::from_texts("5", "1").unwrap_err().contains("swap"));
        assert!(RateRange::from_texts("101", "").is_err());
        assert_eq!(RateRange::parse(""), Ok(RateRange::default()));
    }

    #[test]
    fn lists_in_the_address_toggle() {
        assert_eq!(toggled("", "good"), "good");
        assert_eq!(toggled("good,new", "poor"), "good,new,poor");
        assert_eq!(toggled("good,new", "good"), "new");
    }
}
