//! Lists that were put in order for one page and serve the next ones too, until the account changes.

use super::metrics_rows::{DayTallies, GroupRow};
use serde_json::Value;
use std::rc::Rc;

/// Lists kept at once, and the memory of all of them.
const MOST_LISTS: usize = 12;
const MOST_BYTES: usize = 128 << 20;

/// Something that took a pass over all domains or all history.
#[derive(Clone)]
pub(super) enum CachedList {
    /// Positions of domains or records, in order.
    Positions(Rc<Vec<u32>>),
    /// Rows of metrics, in order.
    Rows(Rc<Vec<GroupRow>>),
    /// How many rows of metrics each day has.
    Days(Rc<DayTallies>),
    /// A whole answer, which is not in pages, and the bytes of its text.
    Answer(Rc<Value>, usize),
}

/// Memory that an answer takes for each byte of its text.
const ANSWER_BYTES_PER_BYTE: usize = 6;

impl CachedList {
    fn bytes(&self) -> usize {
        match self {
            Self::Positions(positions) => size_of_val(positions.as_slice()),
            Self::Rows(rows) => size_of_val(rows.as_slice()),
            Self::Days(days) => size_of_val(days.rows.as_slice()),
            Self::Answer(_, text_bytes) => text_bytes.saturating_mul(ANSWER_BYTES_PER_BYTE),
        }
    }
}

/// The lists, the latest used first.
#[derive(Default)]
pub(super) struct ListCache(Vec<(String, CachedList)>);

impl ListCache {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn get(&mut self, key: &str) -> Option<CachedList> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        let found = self.0.remove(at);
        let kept = found.1.clone();
        self.0.insert(0, found);
        Some(kept)
    }

    pub(super) fn put(&mut self, key: String, kept: CachedList) {
        self.0.insert(0, (key, kept));
        let mut bytes = 0_usize;
        let fits = |(key, list): &&(String, CachedList)| {
            bytes = bytes.saturating_add(key.len()).saturating_add(list.bytes());
            bytes <= MOST_BYTES
        };
        let kept = self.0.iter().take(MOST_LISTS).take_while(fits).count();
        self.0.truncate(kept);
    }
}
