//! Each domain's last move, from the account's history: newest records first, as far back as is reasonable.

use crate::api::{ApiError, HistoryQuery, Walk};
use crate::model::{DomainName, HistoryRecord, PoolName};
use crate::ui::browser;
use crate::ui::state::Account;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashMap;
use std::sync::Arc;

/// Pages of a hundred records that are read at most.
const MOST_PAGES_LIVE: u64 = 20;
const MOST_PAGES_SIMULATED: u64 = 400;
const SLICE_MS: f64 = 8.0;

/// One move.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// The pool it left; `None` for an enrolment.
    pub from: Option<PoolName>,
    /// The pool it went to.
    pub to: Option<PoolName>,
}

/// What is known of a domain's last move.
#[derive(Clone, Debug, PartialEq)]
pub enum LastMove {
    /// This one.
    Known(Move),
    /// It lies before this instant: history was read back to here.
    Before(DateTime<Utc>),
    /// History has none.
    Never,
    /// History has not been read yet.
    Unread,
}

/// How far back history has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reach {
    #[default]
    Unread,
    Back(DateTime<Utc>),
    Everything,
}

#[derive(Clone, Debug, Default)]
struct Known {
    moves: Arc<HashMap<DomainName, Move>>,
    reach: Reach,
    newest_id: Option<String>,
}

impl Known {
    fn of(&self, name: &DomainName) -> LastMove {
        match (self.moves.get(name), self.reach) {
            (Some(known), _) => LastMove::Known(known.clone()),
            (None, Reach::Unread) => LastMove::Unread,
            (None, Reach::Back(at)) => LastMove::Before(at),
            (None, Reach::Everything) => LastMove::Never,
        }
    }
}

/// The domains' last moves. `Copy`.
#[derive(Clone, Copy)]
pub struct Moves {
    account: Account,
    known: RwSignal<Known>,
    problem: RwSignal<Option<ApiError>>,
    is_reading: StoredValue<bool>,
    is_stale: StoredValue<bool>,
}

impl Moves {
    /// Reads history once `may_start` holds, and what is new of it after each change of the account.
    #[must_use]
    pub fn new(account: Account, may_start: Memo<bool>) -> Self {
        let moves = Self {
            account,
            known: RwSignal::new(Known::default()),
            problem: RwSignal::new(None),
            is_reading: StoredValue::new(false),
            is_stale: StoredValue::new(false),
        };
        Effect::new(move |_| {
            let _ = account.revision();
            if !may_start.get() {
                return;
            }
            if moves.is_reading.get_value() {
                moves.is_stale.set_value(true);
            } else {
                moves.read();
            }
        });
        moves
    }

    /// A domain's last move. Reactive.
    #[must_use]
    pub fn of(&self, name: &DomainName) -> LastMove {
        self.known.with(|known| known.of(name))
    }

    /// The same without subscribing.
    #[must_use]
    pub fn of_untracked(&self, name: &DomainName) -> LastMove {
        self.known.with_untracked(|known| known.of(name))
    }

    /// Why history could not be read, if it could not. Reactive.
    #[must_use]
    pub fn problem(&self) -> Option<ApiError> {
        self.problem.get()
    }

    fn read(self) {
        self.is_reading.set_value(true);
        self.is_stale.set_value(false);
        let query = HistoryQuery {
            limit: Some(100),
            include_subaccounts: Some(true),
            ..HistoryQuery::default()
        };
        let mut walk = Walk::new(self.account.client(), query);
        let (is_simulator, before) = untrack(|| (self.account.source().is_simulator(), self.known.get()));
        let most_pages = if is_simulator {
            MOST_PAGES_SIMULATED
        } else {
            MOST_PAGES_LIVE
        };
        spawn_local(async move {
            let mut pass = Pass::default();
            let mut slice_ms = browser::now_ms();
            let mut failed = None;
            while !walk.is_done() && !pass.met && walk.progress().pages < most_pages {
                match walk.next_page().await {
                    Ok(records) => pass.take(records.unwrap_or_default(), before.newest_id.as_deref()),
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
                if self.known.is_disposed() {
                    return;
                }
                if browser::now_ms() - slice_ms >= SLICE_MS {
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    slice_ms = browser::now_ms();
                }
            }
            if self.known.is_disposed() {
                return;
            }
            self.problem.set(failed);
            self.known.set(pass.over(before, walk.is_done()));
            self.is_reading.set_value(false);
            if self.is_stale.get_value() {
                self.read();
            }
        });
    }
}

/// One walk through history.
#[derive(Default)]
struct Pass {
    moves: HashMap<DomainName, Move>,
    newest_id: Option<String>,
    oldest: Option<DateTime<Utc>>,
    /// Whether it met the record the walk before began with.
    met: bool,
}

impl Pass {
    fn take(&mut self, records: Vec<HistoryRecord>, known_id: Option<&str>) {
        for record in records {
            if known_id == Some(record.id.as_str()) && !record.id.is_empty() {
                self.met = true;
                return;
            }
            self.newest_id.get_or_insert(record.id);
            self.oldest = record.timestamp.or(self.oldest);
            self.moves.entry(record.domain_name).or_insert(Move {
                at: record.timestamp,
                from: record.prev_band,
                to: record.new_band,
            });
        }
    }

    /// Laid over what was known; instead of it where the two don't meet, as after a reset.
    fn over(self, before: Known, is_whole: bool) -> Known {
        if self.met {
            let mut moves = before.moves;
            if !self.moves.is_empty() {
                Arc::make_mut(&mut moves).extend(self.moves);
            }
            return Known {
                moves,
                newest_id: self.newest_id.or(before.newest_id),
                reach: before.reach,
            };
        }
        let reach = match self.oldest {
            _ if is_whole => Reach::Everything,
            Some(oldest) => Reach::Back(oldest),
            None => before.reach,
        };
        Known {
            moves: Arc::new(self.moves),
            newest_id: self.newest_id,
            reach,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, Band, DomainId};

    fn record(id: &str, domain: &str, seconds: i64) -> HistoryRecord {
        HistoryRecord {
            id: id.to_owned(),
            owning_account_id: AccountId::default(),
            account_id: AccountId::default(),
            account_name: None,
            domain_id: DomainId::default(),
            domain_name: DomainName::as_sent(domain),
            new_band: Some(PoolName::Known(Band::Poor)),
            prev_band: None,
            reason: String::new(),
            bounce_rate: None,
            complaint_rate: None,
            processed_count: None,
            initiated_by: None,
            timestamp: DateTime::from_timestamp(seconds, 0),
        }
    }

    fn at(known: &Known, domain: &str) -> Option<i64> {
        match known.of(&DomainName::as_sent(domain)) {
            LastMove::Known(known) => known.at.map(|at| at.timestamp()),
            _ => None,
        }
    }

    #[test]
    fn the_newest_record_of_a_domain_counts() {
        let mut pass = Pass::default();
        pass.take(
            vec![record("3", "a", 30), record("2", "b", 20), record("1", "a", 10)],
            None,
        );
        let known = pass.over(Known::default(), false);
        assert_eq!(at(&known, "a"), Some(30));
        let oldest = DateTime::from_timestamp(10, 0).unwrap();
        assert_eq!(known.of(&DomainName::as_sent("c")), LastMove::Before(oldest));
    }

    #[test]
    fn a_second_reading_stops_where_the_first_began() {
        let mut first = Pass::default();
        first.take(vec![record("2", "b", 20), record("1", "a", 10)], None);
        let known = first.over(Known::default(), true);
        let mut second = Pass::default();
        second.take(
            vec![record("3", "a", 30), record("2", "b", 21)],
            known.newest_id.as_deref(),
        );
        assert!(second.met);
        let known = second.over(known, false);
        assert_eq!((at(&known, "a"), at(&known, "b")), (Some(30), Some(20)));
        assert_eq!(known.of(&DomainName::as_sent("c")), LastMove::Never);
        assert_eq!(known.newest_id.as_deref(), Some("3"));
    }

    #[test]
    fn another_account_replaces_what_was_known() {
        let mut first = Pass::default();
        first.take(vec![record("1", "a", 10)], None);
        let known = first.over(Known::default(), true);
        let mut second = Pass::default();
        second.take(vec![record("9", "z", 5)], known.newest_id.as_deref());
        let known = second.over(known, true);
        assert_eq!(at(&known, "a"), None);
        assert_eq!(at(&known, "z"), Some(5));
    }
}
