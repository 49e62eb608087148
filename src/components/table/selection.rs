//! Which rows are ticked, by key, so that sorting and filtering keep them.

use leptos::prelude::*;
use std::collections::{BTreeSet, HashSet};

/// A set of ticked rows. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct Selection {
    keys: RwSignal<BTreeSet<String>>,
    /// The row ticked last, from which a shift-click reaches.
    anchor: StoredValue<Option<usize>>,
}

impl Selection {
    /// Nothing ticked.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            keys: RwSignal::new(BTreeSet::new()),
            anchor: StoredValue::new(None),
        }
    }

    /// Whether a row is ticked. Reactive.
    #[must_use]
    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.with(|keys| keys.contains(key))
    }

    /// How many rows are ticked. Reactive.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.keys.with(BTreeSet::len)
    }

    /// The ticked rows' keys, in order. Reactive.
    #[must_use]
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.with(|keys| keys.iter().cloned().collect())
    }

    /// The ticked rows' keys, not reactively; none where the list is gone.
    #[must_use]
    pub(crate) fn keys_untracked(&self) -> BTreeSet<String> {
        self.keys.try_get_untracked().unwrap_or_default()
    }

    /// Unticks everything.
    pub(crate) fn clear(&self) {
        self.keys.update(BTreeSet::clear);
        self.anchor.set_value(None);
    }

    /// Ticks exactly these.
    pub(crate) fn set(&self, keys: impl IntoIterator<Item = String>) {
        self.keys.set(keys.into_iter().collect());
    }

    /// Unticks what is not among these.
    pub(crate) fn keep(&self, there: &HashSet<String>) {
        if self
            .keys
            .with_untracked(|keys| keys.iter().any(|key| !there.contains(key)))
        {
            self.keys.update(|keys| keys.retain(|key| there.contains(key)));
        }
    }

    /// Ticks or unticks the row at a position, and with `reach` every row from the one ticked last to it, all alike.
    pub(crate) fn toggle(&self, at: usize, reach: bool, key_of: impl Fn(usize) -> String) {
        let from = if reach {
            self.anchor.get_value().unwrap_or(at)
        } else {
            at
        };
        self.keys.update(|keys| {
            let tick = !keys.contains(&key_of(at));
            for row in from.min(at)..=from.max(at) {
                let key = key_of(row);
                if tick {
                    keys.insert(key);
                } else {
                    keys.remove(&key);
                }
            }
        });
        self.anchor.set_value(Some(at));
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self::new()
    }
}
