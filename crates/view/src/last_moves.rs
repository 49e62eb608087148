//! Domains' last moves, as far as history has been read.

use crate::record_time::RecordTime;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{DomainName, HistoryRecord, PoolName};
use std::collections::HashMap;
use std::sync::Arc;

/// One move.
#[derive(Clone, Debug, PartialEq)]
pub struct LastMoveKind {
    /// When.
    pub time: Option<RecordTime>,
    /// The pool it left; `None` for an enrolment.
    pub from: Option<PoolName>,
    /// The pool it went to.
    pub to: Option<PoolName>,
}

/// What is known of a domain's last move.
#[derive(Clone, Debug, PartialEq)]
pub enum LastMove {
    /// This one.
    Known(LastMoveKind),
    /// It is before this instant, back to which history was read.
    Before(DateTime<Utc>),
    /// History has none.
    Never,
    /// History has not been read yet.
    Unread,
}

/// How far back history has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum HistoryReach {
    #[default]
    Unread,
    Back(DateTime<Utc>),
    Everything,
}

/// The last moves found so far.
#[derive(Clone, Debug, Default)]
pub struct KnownMoves {
    moves: Arc<HashMap<DomainName, LastMoveKind>>,
    reach: HistoryReach,
    /// The newest record read.
    pub newest_id: Option<String>,
}

impl KnownMoves {
    /// A domain's last move.
    #[must_use]
    pub fn of(&self, name: &DomainName) -> LastMove {
        match (self.moves.get(name), self.reach) {
            (Some(known), _) => LastMove::Known(known.clone()),
            (None, HistoryReach::Unread) => LastMove::Unread,
            (None, HistoryReach::Back(at)) => LastMove::Before(at),
            (None, HistoryReach::Everything) => LastMove::Never,
        }
    }
}

/// One reading of history, from the newest record backwards.
#[derive(Default)]
pub struct HistoryPass {
    moves: HashMap<DomainName, LastMoveKind>,
    newest_id: Option<String>,
    oldest: Option<DateTime<Utc>>,
    /// Whether it reached the newest record of the reading before.
    pub met: bool,
}

impl HistoryPass {
    /// Adds records, the newest first, until the one that was the newest before.
    pub fn take(&mut self, records: Vec<HistoryRecord>, known_id: Option<&str>) {
        for record in records {
            if known_id == Some(record.id.as_str()) && !record.id.is_empty() {
                self.met = true;
                return;
            }
            let time = RecordTime::of(&record);
            self.newest_id.get_or_insert(record.id);
            self.oldest = record.timestamp.or(self.oldest);
            self.moves.entry(record.domain_name).or_insert(LastMoveKind {
                time,
                from: record.prev_band,
                to: record.new_band,
            });
        }
    }

    /// Merges this reading into the moves known before. It replaces them if the two readings don't meet, as after a
    /// reset.
    #[must_use]
    pub fn over(self, before: KnownMoves, is_whole: bool) -> KnownMoves {
        if self.met {
            let mut moves = before.moves;
            if !self.moves.is_empty() {
                Arc::make_mut(&mut moves).extend(self.moves);
            }
            return KnownMoves {
                moves,
                newest_id: self.newest_id.or(before.newest_id),
                reach: before.reach,
            };
        }
        let reach = match self.oldest {
            _ if is_whole => HistoryReach::Everything,
            Some(oldest) => HistoryReach::Back(oldest),
            None => before.reach,
        };
        KnownMoves {
            moves: Arc::new(self.moves),
            newest_id: self.newest_id,
            reach,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::Band;
    use poolkeeper_test_support::records::moved;

    fn record(id: &str, domain: &str, seconds: i64) -> HistoryRecord {
        HistoryRecord {
            id: id.to_owned(),
            timestamp: DateTime::from_timestamp(seconds, 0),
            ..moved(domain, None, Band::Poor)
        }
    }

    fn at(known: &KnownMoves, domain: &str) -> Option<i64> {
        match known.of(&DomainName::as_sent(domain)) {
            LastMove::Known(known) => known.time.map(|time| time.at.timestamp()),
            _ => None,
        }
    }

    #[test]
    fn the_newest_record_of_a_domain_counts() {
        let mut pass = HistoryPass::default();
        pass.take(
            vec![record("3", "a", 30), record("2", "b", 20), record("1", "a", 10)],
            None,
        );
        let known = pass.over(KnownMoves::default(), false);
        assert_eq!(at(&known, "a"), Some(30));
        let oldest = DateTime::from_timestamp(10, 0).unwrap();
        assert_eq!(known.of(&DomainName::as_sent("c")), LastMove::Before(oldest));
    }

    #[test]
    fn records_without_an_id_are_never_taken_for_known_ones() {
        let mut pass = HistoryPass::default();
        pass.take(vec![record("", "a", 30), record("", "b", 20)], Some(""));
        assert!(!pass.met);
        let known = pass.over(KnownMoves::default(), true);
        assert_eq!((at(&known, "a"), at(&known, "b")), (Some(30), Some(20)));
    }

    #[test]
    fn a_second_reading_stops_where_the_first_began() {
        let mut first = HistoryPass::default();
        first.take(vec![record("2", "b", 20), record("1", "a", 10)], None);
        let known = first.over(KnownMoves::default(), true);
        let mut second = HistoryPass::default();
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
        let mut first = HistoryPass::default();
        first.take(vec![record("1", "a", 10)], None);
        let known = first.over(KnownMoves::default(), true);
        let mut second = HistoryPass::default();
        second.take(vec![record("9", "z", 5)], known.newest_id.as_deref());
        let known = second.over(known, true);
        assert_eq!(at(&known, "a"), None);
        assert_eq!(at(&known, "z"), Some(5));
    }
}
