//! The traffic's digest as a job.

use super::engine_traffic::EngineTraffic;
use super::job::JobProgress;
use crate::digest::TrafficDigest;

#[derive(Default)]
pub(super) struct DigestJob {
    run: Option<TrafficDigest>,
    /// Domains added.
    at: usize,
}

impl DigestJob {
    /// Adds some more domains; returns the digest once all are added, and caches it.
    pub fn step(
        &mut self,
        traffic: &EngineTraffic,
        cached: &mut Option<String>,
        progress: &mut JobProgress,
    ) -> Option<String> {
        if cached.is_some() {
            return cached.clone();
        }
        let table = &traffic.table;
        let run = self.run.get_or_insert_with(|| TrafficDigest::new(table));
        let next = traffic.step_end(self.at);
        run.add(table, self.at..next);
        self.at = next;
        progress.done = next as u64;
        if next < traffic.domains() {
            return None;
        }
        *cached = self.run.take().map(|run| run.finish(traffic.timeline.as_deref()));
        cached.clone()
    }
}
