//! An append-only list that is cheap to copy.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// Entries a chunk.
const CHUNK: usize = 1024;

/// An append-only list in shared chunks: a copy shares all of them, and appending to it copies one chunk at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SharedLog<T> {
    /// Every chunk but the last holds `CHUNK` entries, the last at least one.
    chunks: Vec<Arc<Vec<T>>>,
    len: u32,
}

impl<T> Default for SharedLog<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T: Copy> SharedLog<T> {
    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn get(&self, ix: u32) -> Option<T> {
        let at = ix as usize;
        self.chunks.get(at / CHUNK)?.get(at % CHUNK).copied()
    }

    /// Appends an entry and gives its position.
    pub(super) fn push(&mut self, entry: T) -> u32 {
        let ix = self.len;
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Arc::make_mut(last).push(entry),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(entry);
                self.chunks.push(Arc::new(chunk));
            }
        }
        self.len = self.len.saturating_add(1);
        ix
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = T> + '_ {
        self.chunks.iter().flat_map(|chunk| chunk.iter().copied())
    }

    /// How many entries from the front fulfil a condition that holds for a prefix.
    pub(super) fn partition_point(&self, holds: impl Fn(&T) -> bool) -> u32 {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&holds));
        let within = self
            .chunks
            .get(chunk)
            .map_or(0, |entries| entries.partition_point(&holds));
        u32::try_from(chunk * CHUNK + within).unwrap_or(u32::MAX).min(self.len)
    }
}

impl<T: Serialize> Serialize for SharedLog<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.len as usize))?;
        for entry in self.chunks.iter().flat_map(|chunk| chunk.iter()) {
            seq.serialize_element(entry)?;
        }
        seq.end()
    }
}

impl<'de, T: Deserialize<'de> + Copy> Deserialize<'de> for SharedLog<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut log = Self::default();
        for entry in Vec::<T>::deserialize(deserializer)? {
            log.push(entry);
        }
        Ok(log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_where_they_were_put_and_copies_do_not_see_later_ones() {
        let mut log = SharedLog::default();
        for value in 0..5000_u32 {
            assert_eq!(log.push(value), value);
        }
        let copy = log.clone();
        log.push(7);
        assert_eq!(
            (copy.len(), log.len(), copy.get(5000), log.get(5000)),
            (5000, 5001, None, Some(7))
        );
        assert_eq!(
            (copy.get(0), copy.get(1023), copy.get(1024)),
            (Some(0), Some(1023), Some(1024))
        );
        for bound in [0, 1, 1023, 1024, 4999, 5000, 9000] {
            assert_eq!(copy.partition_point(|value| *value < bound), bound.min(5000));
        }
        assert!(copy.iter().rev().eq((0..5000).rev()));
    }
}
