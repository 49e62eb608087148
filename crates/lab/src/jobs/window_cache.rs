//! The windows of the last sweep, cached for the next one.

use crate::sweep::WindowRates;
use poolkeeper_core::health::Policy;
use poolkeeper_core::traffic::Table;
use std::ops::Range;
use std::sync::Mutex;

/// The windows of the last sweep, by chunk.
#[derive(Default)]
pub(super) struct WindowCache {
    window_days: u32,
    check_every_days: u32,
    chunk_domains: usize,
    domains: Range<usize>,
    chunks: Vec<Option<WindowRates>>,
    /// Dropped windows, whose memory later ones reuse.
    spare: Mutex<Vec<WindowRates>>,
}

impl WindowCache {
    /// Drops cached windows unless they match a policy and these chunks.
    pub fn retain_for(&mut self, policy: &Policy, chunk_domains: usize, domains: &Range<usize>) {
        let is_same = (self.window_days, self.check_every_days) == (policy.window_days, policy.check_every_days)
            && self.chunk_domains == chunk_domains
            && self.domains == *domains;
        if is_same {
            return;
        }
        let old = std::mem::take(self);
        self.recycle(old.spare.into_inner().unwrap_or_default());
        self.recycle(old.chunks.into_iter().flatten());
        self.window_days = policy.window_days;
        self.check_every_days = policy.check_every_days;
        self.chunk_domains = chunk_domains;
        self.domains = domains.clone();
        let chunks = domains.len().div_ceil(chunk_domains);
        self.chunks.resize_with(chunks, || None);
        // Keep at most one spare buffer per chunk.
        if let Ok(spare) = self.spare.get_mut() {
            spare.truncate(chunks);
        }
    }

    pub fn get(&self, chunk: usize) -> Option<&WindowRates> {
        self.chunks.get(chunk)?.as_ref()
    }

    /// Computes the windows of some domains, in spare memory if there is any.
    pub fn compute(&self, table: &Table, domains: Range<usize>) -> WindowRates {
        let spare = self.spare.lock().ok().and_then(|mut spare| spare.pop());
        let mut windows = spare.unwrap_or_default();
        windows.fill(table, self.window_days, self.check_every_days, domains);
        windows
    }

    pub fn recycle(&mut self, windows: impl IntoIterator<Item = WindowRates>) {
        if let Ok(spare) = self.spare.get_mut() {
            spare.extend(windows);
        }
    }

    pub fn insert(&mut self, new_windows: Vec<(usize, WindowRates)>) {
        for (chunk, windows) in new_windows {
            if let Some(slot) = self.chunks.get_mut(chunk) {
                *slot = Some(windows);
            }
        }
    }
}
