//! When a record was made, as every page shows it: a check by the UTC day it closes, what a person did by its instant.

use chrono::{DateTime, Utc};
use poolkeeper_core::model::{Band, Day, HistoryRecord, Timestamp};
use poolkeeper_core::text;
use poolkeeper_simulator::sim::{MoveReason, MoveRecord};
use std::sync::Arc;

/// A record's time. All its words are in UTC, because a check's day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordTime {
    /// The day it belongs to.
    pub day: Day,
    /// Its instant. A check runs as its day ends, at the next midnight.
    pub at: DateTime<Utc>,
    is_check: bool,
}

impl RecordTime {
    /// A record's time; `None` where the answer leaves it empty.
    #[must_use]
    pub fn of(record: &HistoryRecord) -> Option<Self> {
        let is_check = record.prev_band.is_some() && record.reason != MoveReason::OverrideSet.text(Band::Good);
        Some(Self::new(record.timestamp?, is_check))
    }

    /// A simulated record's time.
    #[must_use]
    pub fn of_simulated(record: &MoveRecord) -> Self {
        Self::new(record.at.to_utc(), record.is_by_check())
    }

    fn new(at: DateTime<Utc>, is_check: bool) -> Self {
        let back = if is_check { -1 } else { 0 };
        Self {
            day: Timestamp::from(at).plus_seconds(back).day(),
            at,
            is_check,
        }
    }

    /// `22 Jul 2026` for a check, `22 Jul 2026, 14:05` otherwise.
    #[must_use]
    pub fn words(&self) -> String {
        let day = text::day(self.day);
        if self.is_check {
            day
        } else {
            format!("{day}, {}", self.at.format("%H:%M"))
        }
    }

    /// What it is, with the instant and the zone.
    #[must_use]
    pub fn hint(&self) -> String {
        let at = text::instant_utc(self.at);
        if self.is_check {
            format!("Health check that closed {}, at {at}", text::day(self.day))
        } else {
            at
        }
    }
}

/// Which records belong to the days from one to another; `None` for all of them. Records without a time belong to all
/// days.
///
/// The service's own bounds are instants. At midnight they cannot tell the check that closes a day from what a person
/// does as the next one begins.
#[must_use]
pub fn positions_within(records: &[Arc<HistoryRecord>], from: Option<Day>, to: Option<Day>) -> Option<Vec<u32>> {
    if from.is_none() && to.is_none() {
        return None;
    }
    let is_within = |record: &HistoryRecord| {
        RecordTime::of(record)
            .is_none_or(|time| from.is_none_or(|from| time.day >= from) && to.is_none_or(|to| time.day <= to))
    };
    let within = (0_u32..).zip(records).filter(|(_, record)| is_within(record));
    Some(within.map(|(at, _)| at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_test_support::records::moved;

    fn record(at: &str, from: Option<Band>, reason: &str) -> Arc<HistoryRecord> {
        Arc::new(HistoryRecord {
            reason: reason.to_owned(),
            timestamp: Some(DateTime::parse_from_rfc3339(at).unwrap().to_utc()),
            ..moved("a.example", from, Band::Poor)
        })
    }

    const CHECK: (Option<Band>, &str) = (Some(Band::Good), "bounce_rate in poor threshold");
    const PIN: (Option<Band>, &str) = (Some(Band::Good), "Override set");
    const ENROLMENT: (Option<Band>, &str) = (None, "Enrolled");

    fn words(at: &str, (from, reason): (Option<Band>, &str)) -> String {
        RecordTime::of(&record(at, from, reason)).unwrap().words()
    }

    #[test]
    fn a_check_belongs_to_the_day_it_closes_and_a_person_to_the_moment() {
        assert_eq!(words("2026-07-23T00:00:00Z", CHECK), "22 Jul 2026");
        assert_eq!(words("2026-07-23T00:00:00Z", PIN), "23 Jul 2026, 00:00");
        assert_eq!(words("2026-07-23T00:00:00Z", ENROLMENT), "23 Jul 2026, 00:00");
        // A service may check later.
        assert_eq!(words("2026-07-23T04:12:00Z", CHECK), "23 Jul 2026");
        // The zone of the answer does not matter.
        assert_eq!(words("2026-07-22T17:00:00-07:00", CHECK), "22 Jul 2026");
        let time = RecordTime::of(&record("2026-07-23T00:00:00Z", CHECK.0, CHECK.1)).unwrap();
        assert_eq!(
            time.hint(),
            "Health check that closed 22 Jul 2026, at 2026-07-23 00:00:00 UTC"
        );
    }

    #[test]
    fn days_take_their_own_checks_and_no_others() {
        let at = |at, (from, reason)| record(at, from, reason);
        let records = [
            at("2026-07-18T00:00:00Z", PIN),
            at("2026-07-18T00:00:00Z", CHECK),
            at("2026-07-17T09:00:00Z", PIN),
            at("2026-07-17T00:00:00Z", CHECK),
            at("2026-07-16T00:00:00Z", ENROLMENT),
            at("2026-07-16T00:00:00Z", CHECK),
        ];
        let day = |day| Day::from_ymd(2026, 7, day);
        // The 16th: its enrolment and its check. The check at its first instant closed the 15th.
        assert_eq!(positions_within(&records, day(16), day(16)), Some(vec![3, 4]));
        assert_eq!(positions_within(&records, day(16), None), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(positions_within(&records, None, day(17)), Some(vec![1, 2, 3, 4, 5]));
        assert_eq!(positions_within(&records, None, None), None);
    }
}
