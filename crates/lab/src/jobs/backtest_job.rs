//! A backtest as a job, and the cache of backtests.

use super::engine_traffic::EngineTraffic;
use super::job::{JobError, JobProgress, JobStage};
use crate::backtest::{Backtest, BacktestRun, ReplayOptions};
use crate::threads;
use poolkeeper_core::health::Policy;
use std::ops::Range;
use std::sync::Arc;

/// Backtests cached at once: A's, B's, and A's for a sweep.
const MAX_CACHED: usize = 3;

/// Everything a backtest depends on besides the traffic.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BacktestKey {
    pub policy: Policy,
    pub options: ReplayOptions,
    pub domains: Range<usize>,
}

/// The last backtests, the most recently used last.
#[derive(Default)]
pub(super) struct BacktestCache {
    entries: Vec<(BacktestKey, Arc<Backtest>)>,
}

impl BacktestCache {
    pub fn contains(&self, key: &BacktestKey) -> bool {
        self.entries.iter().any(|(cached, _)| cached == key)
    }

    fn get(&mut self, key: &BacktestKey) -> Option<Arc<Backtest>> {
        let at = self.entries.iter().position(|(cached, _)| cached == key)?;
        let entry = self.entries.remove(at);
        let result = Arc::clone(&entry.1);
        self.entries.push(entry);
        Some(result)
    }

    fn insert(&mut self, key: BacktestKey, result: Arc<Backtest>) {
        self.entries.push((key, result));
        let surplus = self.entries.len().saturating_sub(MAX_CACHED);
        self.entries.drain(..surplus);
    }
}

pub(super) struct BacktestJob {
    pub key: BacktestKey,
    run: Option<BacktestRun>,
    /// Domains replayed.
    at: usize,
}

impl BacktestJob {
    pub const fn new(key: BacktestKey) -> Self {
        Self { key, run: None, at: 0 }
    }

    /// Replays some more domains. Returns the backtest once all are replayed, or at once if it is cached. `done_before`
    /// is the work of the job's earlier stages.
    pub fn step(
        &mut self,
        traffic: &EngineTraffic,
        cache: &mut BacktestCache,
        done_before: u64,
        progress: &mut JobProgress,
    ) -> Result<Option<Arc<Backtest>>, JobError> {
        let key = &self.key;
        if let Some(cached) = cache.get(key) {
            return Ok(Some(cached));
        }
        let mut run = match self.run.take() {
            Some(run) => run,
            None => BacktestRun::new(&traffic.table, &key.policy, &key.options, &key.domains)?,
        };
        let data = traffic.data();
        let parts = traffic.step_ranges(key.domains.start + self.at, key.domains.end);
        if let [part] = &*parts {
            run.replay(data, part.clone());
        } else {
            let replayed = threads::map_each(&parts, |domains| {
                let mut part = run.part(&traffic.table, &domains);
                part.replay(data, domains);
                part
            });
            replayed.iter().for_each(|part| run.append(part));
        }
        self.at += parts.iter().map(Range::len).sum::<usize>();
        progress.stage = JobStage::Replaying;
        progress.done = done_before + self.at as u64;
        if self.at < key.domains.len() {
            self.run = Some(run);
            return Ok(None);
        }
        let result = Arc::new(run.finish());
        cache.insert(key.clone(), Arc::clone(&result));
        Ok(Some(result))
    }
}
