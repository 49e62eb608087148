//! Coverage as a job.

use super::engine_traffic::EngineTraffic;
use super::job::{JobProgress, JobStage};
use crate::coverage::{Coverage, CoverageRun};

#[derive(Default)]
pub(super) struct CoverageJob {
    run: Option<CoverageRun>,
    /// Domains counted.
    at: usize,
}

impl CoverageJob {
    /// Counts some more domains; returns the coverage once all are counted, and caches it. `done_before` is the work of
    /// the job's earlier stages.
    pub fn step(
        &mut self,
        traffic: &EngineTraffic,
        cached: &mut Option<Coverage>,
        done_before: u64,
        progress: &mut JobProgress,
    ) -> Option<Coverage> {
        if cached.is_some() {
            return cached.clone();
        }
        let table = &traffic.table;
        let run = self.run.get_or_insert_with(|| CoverageRun::new(table));
        let next = traffic.step_end(self.at);
        run.add(table, self.at..next);
        self.at = next;
        progress.stage = JobStage::Reading;
        progress.done = done_before + next as u64;
        if next < traffic.domains() {
            return None;
        }
        *cached = self.run.take().map(|run| run.finish(table));
        cached.clone()
    }
}
