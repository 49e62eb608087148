//! The filters of the list of enrolled domains, as the address keeps them.

use super::Sort;
use crate::domain_columns::{DomainColumn, LimitUsed, ListFacts, sorted};
use crate::last_moves::LastMove;
use poolkeeper_core::model::{AccountId, Band, Domain, PoolName, Rate};
use std::sync::Arc;

/// The address's parameters, in the order [`DomainFilters::parse`] takes them.
pub const KEYS: [&str; 12] = [
    "q",
    "pool",
    "account",
    "override",
    "bounce",
    "complaint",
    "used",
    "moved",
    "moved_to",
    "customer",
    "tag",
    "sort",
];

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
    /// At least this much of the nearest poor limit is used, percent.
    pub used_percent: Option<f64>,
    /// Only domains that moved in this many of the latest days.
    pub moved_days: Option<u32>,
    /// Only domains whose last move was to one of these pools; all when empty.
    pub moved_to: Vec<PoolName>,
    /// Only this customer's, as a person noted; all when empty.
    pub customer: String,
    /// Only with this tag; all when empty.
    pub tag: String,
    /// The sort: by any column, those without a value last.
    pub sort: Sort,
}

impl DomainFilters {
    /// Reads the values of [`KEYS`]. An invalid value counts as absent.
    #[must_use]
    pub fn parse(values: &[String; 12]) -> Self {
        let [
            name,
            pools,
            accounts,
            pinned,
            bounce,
            complaint,
            used,
            moved,
            moved_to,
            customer,
            tag,
            sort,
        ] = values;
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
            used_percent: used.parse().ok().filter(|percent| (0.0..=10_000.0).contains(percent)),
            moved_days: moved.parse().ok().filter(|days| (1..=3_650).contains(days)),
            moved_to: list(moved_to).map(pool_of_word).collect(),
            customer: customer.clone(),
            tag: tag.clone(),
            sort: Sort::parse(if sort.is_empty() { "name" } else { sort }),
        }
    }

    /// Which of some domains are shown, in order; the domains are in the order of names. `None` for all of them as they are.
    #[must_use]
    pub fn positions(&self, by_name: &[Arc<Domain>], facts: &ListFacts<'_>) -> Option<Vec<u32>> {
        let column = DomainColumn::parse(&self.sort.column).unwrap_or(DomainColumn::Name);
        let is_by_name = column == DomainColumn::Name && !self.sort.is_descending;
        if self.lets_all_through() && is_by_name {
            return None;
        }
        let passing = (0_u32..).zip(by_name).filter(|(_, row)| self.lets_through(row, facts));
        let positions: Vec<u32> = passing.map(|(at, _)| at).collect();
        Some(if is_by_name {
            positions
        } else {
            sorted(positions, by_name, column, &self.sort, facts)
        })
    }

    /// Whether a domain is shown.
    #[must_use]
    pub fn lets_through(&self, domain: &Domain, facts: &ListFacts<'_>) -> bool {
        domain.name.as_str().contains(&self.name)
            && (self.pools.is_empty() || self.pools.contains(&domain.pool))
            && (self.accounts.is_empty() || self.accounts.contains(&domain.account_id))
            && self
                .is_overridden
                .is_none_or(|wanted| domain.is_overridden.unwrap_or(false) == wanted)
            && self.bounce.contains(domain.bounce_rate)
            && self.complaint.contains(domain.complaint_rate)
            && self.used_percent.is_none_or(|least| {
                LimitUsed::of(domain, facts.policy).is_some_and(|used| used.fraction * 100.0 >= least - PERCENT_SLACK)
            })
            && self.lets_move_through(domain, facts)
            && self.lets_label_through(domain, facts)
    }

    fn lets_label_through(&self, domain: &Domain, facts: &ListFacts<'_>) -> bool {
        if self.customer.is_empty() && self.tag.is_empty() {
            return true;
        }
        let label = facts.label(domain);
        (self.customer.is_empty() || label.customer == self.customer)
            && (self.tag.is_empty() || label.tags.contains(&self.tag))
    }

    /// Whether the last move is one that is wanted. A domain without a known one is not shown.
    fn lets_move_through(&self, domain: &Domain, facts: &ListFacts<'_>) -> bool {
        if self.moved_days.is_none() && self.moved_to.is_empty() {
            return true;
        }
        let LastMove::Known(last) = facts.moves.of(&domain.name) else {
            return false;
        };
        let days_ago = last.time.map(|time| facts.last_day.since(time.day));
        let is_recent = |days: u32| days_ago.is_some_and(|ago| i64::from(ago) < i64::from(days));
        self.moved_days.is_none_or(is_recent)
            && (self.moved_to.is_empty() || last.to.is_some_and(|to| self.moved_to.contains(&to)))
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
            && self.used_percent.is_none()
            && self.moved_days.is_none()
            && self.moved_to.is_empty()
            && self.customer.is_empty()
            && self.tag.is_empty()
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
            self.used_percent.is_some(),
            self.moved_days.is_some() || !self.moved_to.is_empty(),
            !self.customer.is_empty() || !self.tag.is_empty(),
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

/// A typed percentage and a quotient of counts may differ in the last bit.
const PERCENT_SLACK: f64 = 1e-10;

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
        const SLACK: f64 = PERCENT_SLACK / 100.0;
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
mod tests;
