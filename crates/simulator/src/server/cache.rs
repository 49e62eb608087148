//! Lists that were put in order for one page and serve the next ones too, until the account changes.

use super::metrics_rows::{Days, Row};
use std::rc::Rc;

/// Lists kept at once.
const MOST: usize = 6;

/// Something that took a pass over all domains or all history.
#[derive(Clone)]
pub(super) enum Kept {
    /// Positions of domains or records, in order.
    Positions(Rc<Vec<u32>>),
    /// Rows of metrics, in order.
    Rows(Rc<Vec<Row>>),
    /// How many rows of metrics each day has.
    Days(Rc<Days>),
}

/// The lists, the latest used first.
#[derive(Default)]
pub(super) struct Cache(Vec<(String, Kept)>);

impl Cache {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn get(&mut self, key: &str) -> Option<Kept> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        let found = self.0.remove(at);
        let kept = found.1.clone();
        self.0.insert(0, found);
        Some(kept)
    }

    pub(super) fn put(&mut self, key: String, kept: Kept) {
        self.0.insert(0, (key, kept));
        self.0.truncate(MOST);
    }
}
