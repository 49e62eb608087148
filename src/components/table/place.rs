//! Where a list was scrolled to and what was ticked in it, for the way back to it.

use crate::browser;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Lists that are remembered at most, while the page is open.
const MOST_PLACES: usize = 50;

/// How a list was left.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ListPlace {
    /// How far it was scrolled, pixels.
    pub(super) top: f64,
    /// The keys of its ticked rows.
    pub(super) ticked: BTreeSet<String>,
}

thread_local! {
    static PLACES: RefCell<HashMap<String, ListPlace>> = RefCell::default();
}

/// Remembers how the list at an address was left.
pub(super) fn keep(address: String, place: ListPlace) {
    PLACES.with_borrow_mut(|places| {
        if places.len() >= MOST_PLACES {
            places.clear();
        }
        places.insert(address, place);
    });
}

/// How the list at this address was left, if the browser came back to it.
pub(super) fn come_back_to(address: &str) -> Option<ListPlace> {
    browser::take_came_back()
        .then(|| PLACES.with_borrow(|places| places.get(address).cloned()))
        .flatten()
}
