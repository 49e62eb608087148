//! What the history's list is filtered and sorted by in the page: what the service has no filter for.

use crate::record_time::positions_within;
use crate::sort::Sort;
use poolkeeper_core::model::{Day, HistoryRecord, PoolName, Rate};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Choices offered of each kind at most.
const MOST_CHOICES: usize = 200;

/// Where a record's move led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveDirection {
    /// To a better pool.
    Better,
    /// To a worse pool.
    Worse,
    /// Into the pools.
    Enrolled,
}

impl MoveDirection {
    /// All directions.
    pub const ALL: [Self; 3] = [Self::Better, Self::Worse, Self::Enrolled];

    /// Its word, also in the address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Enrolled => "enrolled",
        }
    }

    /// A record's; `None` where a pool is none of the three, or the same before and after.
    #[must_use]
    pub fn of(record: &HistoryRecord) -> Option<Self> {
        let to = record.new_band.as_ref()?.band()?;
        let Some(from) = &record.prev_band else {
            return Some(Self::Enrolled);
        };
        match to.cmp(&from.band()?) {
            Ordering::Greater => Some(Self::Better),
            Ordering::Less => Some(Self::Worse),
            Ordering::Equal => None,
        }
    }
}

/// Filters and sort of the records that are here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryListFilters {
    /// The first UTC day.
    pub first: Option<Day>,
    /// The last UTC day.
    pub last: Option<Day>,
    /// Only this account's identifier; all when empty.
    pub account: String,
    /// Only this reason, in the service's words; all when empty.
    pub reason: String,
    /// Only what this person or `system` did; all when empty.
    pub person: String,
    /// Only this direction.
    pub direction: Option<MoveDirection>,
    /// The sort; the service's order, the newest first, when empty.
    pub sort: Sort,
}

impl HistoryListFilters {
    /// Which of some records are shown, in order. `None` for all of them as they are.
    #[must_use]
    pub fn positions(&self, records: &[Arc<HistoryRecord>]) -> Option<Vec<u32>> {
        let within = positions_within(records, self.first, self.last);
        if !self.narrows() && self.sort.column.is_empty() {
            return within;
        }
        let all = within.unwrap_or_else(|| (0_u32..).zip(records).map(|(at, _)| at).collect());
        let record = |at: &u32| records.get(*at as usize);
        let mut shown: Vec<u32> = all
            .into_iter()
            .filter(|at| record(at).is_some_and(|record| self.lets_through(record)))
            .collect();
        // A stable sort: equal ones stay in the service's order.
        shown.sort_by(|a, b| match (record(a), record(b)) {
            (Some(a), Some(b)) => self.compare(a, b),
            _ => Ordering::Equal,
        });
        Some(shown)
    }

    fn narrows(&self) -> bool {
        self.direction.is_some()
            || [&self.account, &self.reason, &self.person]
                .iter()
                .any(|text| !text.is_empty())
    }

    fn lets_through(&self, record: &HistoryRecord) -> bool {
        let is = |wanted: &str, text: &str| wanted.is_empty() || wanted == text;
        is(&self.account, record.account_id.0.as_str())
            && is(&self.reason, &record.reason)
            && is(&self.person, record.initiated_by.as_deref().unwrap_or_default())
            && self
                .direction
                .is_none_or(|wanted| MoveDirection::of(record) == Some(wanted))
    }

    fn compare(&self, a: &HistoryRecord, b: &HistoryRecord) -> Ordering {
        let sort = &self.sort;
        let rates = |a: Option<Rate>, b: Option<Rate>| sort.order(a, b, |a, b| a.0.total_cmp(&b.0));
        let to = |record: &HistoryRecord| record.new_band.as_ref().and_then(PoolName::band);
        match sort.column.as_str() {
            "timestamp" => sort.order(a.timestamp, b.timestamp, Ord::cmp),
            "domain" => sort.order(Some(&a.domain_name), Some(&b.domain_name), Ord::cmp),
            "account" => sort.order(Some(account_name(a)), Some(account_name(b)), Ord::cmp),
            "move" => sort.order(to(a), to(b), Ord::cmp),
            "reason" => sort.order(Some(&a.reason), Some(&b.reason), Ord::cmp),
            "bounce_rate" => rates(a.bounce_rate, b.bounce_rate),
            "complaint_rate" => rates(a.complaint_rate, b.complaint_rate),
            "processed_count" => sort.order(a.processed_count, b.processed_count, Ord::cmp),
            "initiated_by" => sort.order(a.initiated_by.as_ref(), b.initiated_by.as_ref(), Ord::cmp),
            _ => Ordering::Equal,
        }
    }
}

/// The account's name in a record; its identifier where the answer has no name.
#[must_use]
pub fn account_name(record: &HistoryRecord) -> &str {
    record.account_name.as_deref().unwrap_or(record.account_id.0.as_str())
}

/// What the records that are here can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryChoices {
    /// Identifiers and names of accounts, in the order of names.
    pub accounts: Vec<(String, String)>,
    /// Reasons, in the service's words.
    pub reasons: Vec<String>,
    /// Who did something.
    pub people: Vec<String>,
}

impl HistoryChoices {
    /// The first 200 of each kind.
    #[must_use]
    pub fn of(records: &[Arc<HistoryRecord>]) -> Self {
        let (mut accounts, mut reasons, mut people) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for record in records {
            let id = record.account_id.0.as_str();
            if accounts.len() < MOST_CHOICES && !accounts.contains_key(id) {
                accounts.insert(id, account_name(record));
            }
            if reasons.len() < MOST_CHOICES {
                reasons.insert(record.reason.as_str());
            }
            if people.len() < MOST_CHOICES {
                people.extend(record.initiated_by.as_deref());
            }
        }
        let mut accounts: Vec<(String, String)> = accounts
            .into_iter()
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .collect();
        accounts.sort_by(|(_, a), (_, b)| a.cmp(b));
        let texts = |texts: BTreeSet<&str>| texts.into_iter().map(str::to_owned).collect();
        Self {
            accounts,
            reasons: texts(reasons),
            people: texts(people),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use poolkeeper_core::model::{AccountId, Band};
    use poolkeeper_test_support::records::moved;

    fn record(domain: &str, from: Option<Band>, to: Band, person: &str, bounce: Option<f64>) -> Arc<HistoryRecord> {
        Arc::new(HistoryRecord {
            account_id: AccountId(format!("id of {person}")),
            account_name: Some(person.to_uppercase()),
            reason: format!("to {}", to.word()),
            bounce_rate: bounce.map(Rate),
            initiated_by: Some(person.to_owned()),
            timestamp: "2026-07-14T12:00:00Z".parse::<DateTime<Utc>>().ok(),
            ..moved(domain, from, to)
        })
    }

    fn records() -> Vec<Arc<HistoryRecord>> {
        vec![
            record("c", Some(Band::Good), Band::Poor, "system", Some(0.2)),
            record("a", Some(Band::Poor), Band::Good, "ann", None),
            record("b", None, Band::New, "ann", Some(0.1)),
            record("d", Some(Band::Good), Band::Good, "ann", Some(0.3)),
        ]
    }

    fn shown(filters: &HistoryListFilters) -> Vec<String> {
        let records = records();
        let positions = filters.positions(&records).unwrap();
        let name = |at: &u32| records[*at as usize].domain_name.to_string();
        positions.iter().map(name).collect()
    }

    fn sorted_by(sort: &str) -> Vec<String> {
        shown(&HistoryListFilters {
            sort: Sort::parse(sort),
            ..HistoryListFilters::default()
        })
    }

    #[test]
    fn each_filter_leaves_what_it_names() {
        let none = HistoryListFilters::default();
        assert_eq!(none.positions(&records()), None);
        let by = |direction| {
            shown(&HistoryListFilters {
                direction: Some(direction),
                ..none.clone()
            })
        };
        assert_eq!(by(MoveDirection::Worse), ["c"]);
        assert_eq!(by(MoveDirection::Better), ["a"]);
        assert_eq!(by(MoveDirection::Enrolled), ["b"]);
        let person = HistoryListFilters {
            person: "ann".to_owned(),
            ..none.clone()
        };
        assert_eq!(shown(&person), ["a", "b", "d"]);
        let reason = HistoryListFilters {
            reason: "to good".to_owned(),
            account: "id of ann".to_owned(),
            ..none.clone()
        };
        assert_eq!(shown(&reason), ["a", "d"]);
        let july_15 = Day::from_date(chrono::NaiveDate::from_ymd_opt(2026, 7, 15).unwrap());
        let later = HistoryListFilters {
            first: Some(july_15),
            person: "ann".to_owned(),
            ..none
        };
        assert_eq!(shown(&later), [""; 0]);
    }

    #[test]
    fn each_column_sorts_and_what_is_missing_comes_last() {
        assert_eq!(sorted_by("domain"), ["a", "b", "c", "d"]);
        assert_eq!(sorted_by("-domain"), ["d", "c", "b", "a"]);
        assert_eq!(sorted_by("bounce_rate"), ["b", "c", "d", "a"]);
        assert_eq!(sorted_by("-bounce_rate"), ["d", "c", "b", "a"]);
        // Poor, new, good; equal ones in the order of the service.
        assert_eq!(sorted_by("move"), ["c", "b", "a", "d"]);
        assert_eq!(sorted_by("initiated_by"), ["a", "b", "d", "c"]);
        assert_eq!(sorted_by("account"), ["a", "b", "d", "c"]);
        assert_eq!(sorted_by("timestamp"), ["c", "a", "b", "d"]);
    }

    #[test]
    fn what_can_be_chosen_is_what_is_there() {
        let choices = HistoryChoices::of(&records());
        let account = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        assert_eq!(
            choices.accounts,
            [account("id of ann", "ANN"), account("id of system", "SYSTEM")]
        );
        assert_eq!(choices.people, ["ann", "system"]);
        assert_eq!(choices.reasons, ["to good", "to new", "to poor"]);
    }
}
