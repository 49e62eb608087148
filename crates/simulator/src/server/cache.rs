//! Lists that were put in order for one page and serve the next ones too, until the account changes.

use super::metrics_rows::{DayTallies, GroupRow};
use std::rc::Rc;

/// Lists kept at once.
const MOST: usize = 6;

/// Something that took a pass over all domains or all history.
#[derive(Clone)]
pub(super) enum CachedList {
    /// Positions of domains or records, in order.
    Positions(Rc<Vec<u32>>),
    /// Rows of metrics, in order.
    Rows(Rc<Vec<GroupRow>>),
    /// How many rows of metrics each day has.
    Days(Rc<DayTallies>),
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
        self.0.truncate(MOST);
    }
}
