//! Finds rows that repeat an earlier row of their domain and day, in bounded memory.
//!
//! A domain-day with one row is compared with its counts, which are in the table, and with a hash of its text. Once rows
//! were added up, the sum no longer shows them, so their hashes are kept, at most [`MAX_HASHES`] of them.

use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// Hashes kept: about 20 MB.
const MAX_HASHES: usize = 1 << 20;

/// What tells one row from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowIdentity {
    pub(super) domain: u32,
    /// Counted from [`FIRST_DAY`](super::cells::FIRST_DAY).
    pub(super) day_index: usize,
    pub(super) counts: [u32; 4],
    /// A hash of the row's text; 0 if the text has nothing but a plain date, the domain, its account and counts.
    pub(super) text_hash: u32,
}

impl RowIdentity {
    fn hash(&self) -> u64 {
        let mut bytes = [0; 32];
        let [processed, delivered, bounced, complained] = self.counts;
        let day = u32::try_from(self.day_index).unwrap_or(u32::MAX);
        let parts = [
            self.domain,
            day,
            self.text_hash,
            processed,
            delivered,
            bounced,
            complained,
        ];
        for (to, part) in bytes.chunks_exact_mut(4).zip(parts) {
            to.copy_from_slice(&part.to_le_bytes());
        }
        xxh3_64(&bytes)
    }
}

/// A hash of a row's text, never 0.
pub(super) fn text_hash(raw: &[u8]) -> u32 {
    // The upper half of a 64-bit hash is a 32-bit hash.
    u32::try_from(xxh3_64(raw) >> 32).unwrap_or(0).max(1)
}

/// Rows of domain-days with several rows.
#[derive(Debug, Default)]
pub(super) struct RepeatFinder {
    hashes: HashSet<u64>,
    /// Whether a row was not kept, so that a later repeat of it is not found.
    pub(super) is_full: bool,
}

impl RepeatFinder {
    /// Whether the row repeats one that was seen before.
    pub(super) fn is_repeat(&mut self, row: &RowIdentity) -> bool {
        let hash = row.hash();
        if self.hashes.len() < MAX_HASHES {
            return !self.hashes.insert(hash);
        }
        let is_known = self.hashes.contains(&hash);
        self.is_full |= !is_known;
        is_known
    }

    /// Remembers a domain-day's first row and its second one, which differs.
    pub(super) fn is_repeat_of(&mut self, first: &RowIdentity, second: &RowIdentity) -> bool {
        self.is_repeat(first);
        self.is_repeat(second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_a_full_memory_is_known() {
        let row = |at: usize| RowIdentity {
            domain: 0,
            day_index: at,
            counts: [1; 4],
            text_hash: 7,
        };
        let mut finder = RepeatFinder::default();
        assert!((0..MAX_HASHES).all(|at| !finder.is_repeat(&row(at))));
        assert!(finder.is_repeat(&row(5)) && !finder.is_full);
        assert!(!finder.is_repeat(&row(MAX_HASHES)) && finder.is_full);
        assert_eq!(finder.hashes.len(), MAX_HASHES);
        assert!(finder.is_repeat(&row(5)));
    }
}
