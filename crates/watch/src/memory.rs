//! What one account's watching has to remember between two looks.

use crate::notice::{NoticeKind, WatchNotice};
use chrono::{DateTime, TimeDelta, Utc};
use poolkeeper_core::checked_lines::fnv;
use poolkeeper_core::model::{Day, HistoryRecord, Ip};
use poolkeeper_lab::PerBand;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// History is read again from this long before the newest record, in case one is entered late.
const OVERLAP_SECONDS: i64 = 3_600;

/// A condition that holds, and was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCondition {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Days in a row on which it did not hold.
    #[serde(default)]
    pub missed_days: u8,
}

/// What is remembered of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchMemory {
    /// Whether the account was seen before.
    pub is_begun: bool,
    /// The time of the newest record known.
    pub newest_record: Option<DateTime<Utc>>,
    /// Records of the overlap that are known, by a number made of their identifier.
    pub known_records: BTreeMap<u64, i64>,
    /// Conditions that hold, by kind and subject.
    pub conditions: BTreeMap<String, OpenCondition>,
    /// IPs that were warming up.
    pub warming: BTreeSet<Ip>,
    /// IPs of each pool that were not warming up.
    pub warm_ips: Option<PerBand<u32>>,
    /// The last day whose counts were taken in.
    pub counts_until: Option<Day>,
    /// Messages of each day, by the pools of that day.
    pub loads: BTreeMap<Day, PerBand<u64>>,
    /// Since when the service does not answer.
    pub failing_since: Option<DateTime<Utc>>,
}

impl WatchMemory {
    /// From when on history has to be read.
    #[must_use]
    pub fn read_history_after(&self) -> Option<DateTime<Utc>> {
        self.newest_record
            .map(|newest| newest - TimeDelta::seconds(OVERLAP_SECONDS))
    }

    /// Keeps of some records those that are new, oldest first, and remembers them.
    pub fn take_new(&mut self, records: Vec<HistoryRecord>) -> Vec<HistoryRecord> {
        let mut fresh: Vec<HistoryRecord> = records
            .into_iter()
            .filter(|record| {
                let at = record.timestamp.map_or(i64::MAX, |at| at.timestamp());
                self.known_records.insert(record_number(record), at).is_none()
            })
            .collect();
        fresh.sort_by(|a, b| (a.timestamp, &a.id).cmp(&(b.timestamp, &b.id)));
        self.newest_record = fresh
            .iter()
            .filter_map(|record| record.timestamp)
            .max()
            .max(self.newest_record);
        if let Some(after) = self.read_history_after() {
            // One second more than is read again.
            let kept = after.timestamp() - 1;
            self.known_records.retain(|_, at| *at >= kept);
        }
        fresh
    }

    /// Whether the condition that a notice told of still holds.
    #[must_use]
    pub fn is_open(&self, notice: &WatchNotice) -> bool {
        let open = self.conditions.get(&condition_key(notice.kind, &notice.subject));
        open.is_some_and(|open| open.since == notice.at)
    }

    /// Notes whether a condition holds; `true` when it is new.
    pub(crate) fn note(&mut self, key: String, holds: bool, now: DateTime<Utc>) -> bool {
        if !holds {
            self.conditions.remove(&key);
            return false;
        }
        let is_new = !self.conditions.contains_key(&key);
        let condition = self.conditions.entry(key).or_insert(OpenCondition {
            since: now,
            missed_days: 0,
        });
        condition.missed_days = 0;
        is_new
    }
}

/// A number that tells records apart. A record without an identifier is told by what it says.
fn record_number(record: &HistoryRecord) -> u64 {
    let text = if record.id.is_empty() {
        let at = record.timestamp.map(|at| at.timestamp_micros()).unwrap_or_default();
        format!(
            "{} {at} {:?} {:?}",
            record.domain_name, record.prev_band, record.new_band
        )
    } else {
        record.id.clone()
    };
    fnv(text.as_bytes())
}

/// The key of a condition.
pub(crate) fn condition_key(kind: NoticeKind, subject: &str) -> String {
    format!("{} {subject}", kind.word())
}
