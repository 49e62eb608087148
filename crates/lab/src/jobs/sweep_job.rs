//! A sweep as a job: in chunks of domains, each with its own windows, which are cached for the next sweep.

use super::backtest_job::{BacktestCache, BacktestJob, BacktestKey};
use super::engine_traffic::EngineTraffic;
use super::job::{JobError, JobProgress, JobResult, JobStage};
use super::window_cache::WindowCache;
use crate::backtest::{Backtest, ReplayOptions};
use crate::sweep::{
    Grid, Holdout, InvalidSweep, PartialGrid, Sweep, SweepError, SweepInput, SweepMethod, SweepOutcome, Sweeper,
    WindowRates, can_use_staircases,
};
use crate::threads;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::Table;
use std::ops::{ControlFlow, Range};
use std::sync::Mutex;

/// Domain-days per chunk on the staircase path: some milliseconds.
const CELLS_PER_CHUNK: usize = 1 << 17;

/// Policies × domain-days per chunk on the path with one bit per policy: some ten milliseconds in a browser.
const POLICY_CELLS_PER_CHUNK: usize = 1 << 26;

/// Chunks per step and thread, on several threads.
const CHUNKS_PER_THREAD: usize = 4;

/// Windows are cached for at most this many domain-days, of 8 bytes each.
const MAX_CACHED_CELLS: usize = 20_000_000;

/// A range of days, and the current policy's bands at its end.
struct DayRange {
    sweep: Sweep,
    current_ends: Option<Vec<Option<Band>>>,
    /// Counts so far: one sweeper per thread.
    sweepers: Mutex<Vec<Sweeper>>,
}

impl DayRange {
    /// A sweeper for one thread, with its earlier counts.
    fn take_sweeper(&self, table: &Table) -> Result<Sweeper, SweepError> {
        let idle = self.sweepers.lock().map_err(|_| SweepError::Stopped)?.pop();
        idle.map_or_else(|| Sweeper::new(&self.sweep, table, SweepMethod::Auto), Ok)
    }

    fn put_sweeper(&self, sweeper: Sweeper) -> Result<(), SweepError> {
        self.sweepers.lock().map_err(|_| SweepError::Stopped)?.push(sweeper);
        Ok(())
    }

    /// The counts of all threads.
    fn finish(self) -> Result<Grid, SweepError> {
        let (width, height) = (self.sweep.x.values.len(), self.sweep.y.values.len());
        let mut totals = PartialGrid::empty(self.sweep.outcomes, width, height);
        for sweeper in self.sweepers.into_inner().map_err(|_| SweepError::Stopped)? {
            // Counts of one sweep have one shape, so merging cannot fail.
            totals.merge(&sweeper.finish()).map_err(|_| SweepError::Stopped)?;
        }
        Ok(Grid::new(&self.sweep, totals))
    }
}

/// A sweep under way.
pub(super) struct SweepJob {
    /// The current policy's backtest, until its final bands are in `parts`; `None` if they are not needed.
    current: Option<BacktestJob>,
    parts: Vec<DayRange>,
    options: ReplayOptions,
    split_day: Option<u32>,
    domains: Range<usize>,
    chunk_domains: usize,
    /// Chunks done.
    done: usize,
}

impl SweepJob {
    /// Validates a sweep and prepares it.
    pub fn new(
        traffic: &EngineTraffic,
        sweep: &Sweep,
        options: ReplayOptions,
        current: Option<&Policy>,
        (split_day, domains): (Option<u32>, Option<Range<u32>>),
    ) -> Result<Self, JobError> {
        let table = &traffic.table;
        sweep.validate(table)?;
        let days = sweep.counted_days(table.day_count());
        let parts = match split_day {
            None => vec![sweep.days.clone()],
            Some(split) if days.start < split && split < days.end => {
                vec![Some(days.start..split), Some(split..days.end)]
            }
            Some(split) => {
                let problem = format!("{split} is not inside the days {} to {}", days.start, days.end);
                return Err(InvalidSweep::new("split_day", problem).into());
            }
        };
        let all = table.domains().len();
        let domains = domains.map_or(0..all, |part| part.start as usize..part.end as usize);
        if domains.start > domains.end || domains.end > all {
            let problem = format!("{} to {} is not within the table's {all}", domains.start, domains.end);
            return Err(InvalidSweep::new("domains", problem).into());
        }
        let differs = sweep.outcomes.has(SweepOutcome::EndingDiffers);
        let current = match current {
            Some(policy) if differs => Some(BacktestJob::new(BacktestKey {
                policy: policy.clone(),
                options,
                domains: domains.clone(),
            })),
            None if differs => {
                let problem = "whether domains end as under A needs A; give it, or leave that outcome out";
                return Err(InvalidSweep::new("a", problem).into());
            }
            Some(_) | None => None,
        };
        let chunk_domains = chunk_domains(sweep, table.day_count());
        let part = |days| DayRange {
            sweep: Sweep { days, ..sweep.clone() },
            current_ends: None,
            sweepers: Mutex::default(),
        };
        Ok(Self {
            current,
            parts: parts.into_iter().map(part).collect(),
            options,
            split_day,
            domains,
            chunk_domains,
            done: 0,
        })
    }

    /// Works for a few milliseconds; returns the result after the last chunk.
    pub fn step(
        &mut self,
        traffic: &EngineTraffic,
        backtests: &mut BacktestCache,
        cache: &mut WindowCache,
        progress: &mut JobProgress,
    ) -> Result<Option<JobResult>, JobError> {
        let table = &traffic.table;
        if let Some(current) = &mut self.current {
            if let Some(result) = current.step(traffic, backtests, 0, progress)? {
                let all = table.domains().len();
                for part in &mut self.parts {
                    let end = part.sweep.counted_days(table.day_count()).end;
                    part.current_ends = Some(final_bands(&result, all, end));
                }
                self.current = None;
            }
            return Ok(None);
        }
        // Another sweep may have run since the last step.
        let base = self.parts.first().map(|part| &part.sweep.base);
        if let Some(base) = base {
            cache.retain_for(base, self.chunk_domains, &self.domains);
        }
        let chunks = self.domains.len().div_ceil(self.chunk_domains);
        let chunks_per_thread = if traffic.threads > 1 { CHUNKS_PER_THREAD } else { 1 };
        let next = chunks.min(self.done + traffic.threads * chunks_per_thread);
        let parts = threads::split(self.done..next, traffic.threads);
        let (this, cached) = (&*self, &*cache);
        let mut new_windows = Vec::new();
        for windows in threads::map_each(&parts, |part| this.sweep_chunks(traffic, cached, part)) {
            new_windows.extend(windows?);
        }
        if table.day_count() as usize * self.domains.len() <= MAX_CACHED_CELLS {
            cache.insert(new_windows);
        } else {
            cache.recycle(new_windows.into_iter().map(|(_, windows)| windows));
        }
        self.done = next;
        let swept = self.domains.len().min(next * self.chunk_domains) as u64;
        let is_done = next == chunks;
        progress.stage = JobStage::Sweeping;
        progress.done = progress.total - self.domains.len() as u64 + swept;
        is_done.then(|| self.result()).transpose()
    }

    /// The counts as grids; an error on a second call.
    fn result(&mut self) -> Result<JobResult, JobError> {
        let mut grids = self.parts.drain(..).map(DayRange::finish);
        let mut next = || grids.next().ok_or(SweepError::Stopped)?;
        let chosen_on = next()?;
        let Some(split_day) = self.split_day else {
            return Ok(JobResult::Sweep(Box::new(chosen_on)));
        };
        Ok(JobResult::Holdout(Box::new(Holdout {
            split_day,
            chosen_on,
            scored_on: next()?,
        })))
    }

    /// Sweeps some chunks; returns the windows that were not cached.
    fn sweep_chunks(
        &self,
        traffic: &EngineTraffic,
        cache: &WindowCache,
        chunks: Range<usize>,
    ) -> Result<Vec<(usize, WindowRates)>, JobError> {
        let table = &*traffic.table;
        let timeline = traffic.sweep_timeline(self.options);
        let mut new_windows = Vec::new();
        let sweepers = self.parts.iter().map(|part| part.take_sweeper(table));
        let mut sweepers = sweepers.collect::<Result<Vec<_>, _>>()?;
        for chunk in chunks {
            let from = self.domains.start + chunk * self.chunk_domains;
            let domains = from..self.domains.end.min(from + self.chunk_domains);
            let cached_windows = cache.get(chunk);
            let new = cached_windows.is_none().then(|| cache.compute(table, domains.clone()));
            let Some(windows) = cached_windows.or(new.as_ref()) else {
                continue;
            };
            for (part, sweeper) in self.parts.iter().zip(&mut sweepers) {
                let input = SweepInput {
                    table,
                    windows,
                    timeline: Some(timeline),
                    current_ends: part.current_ends.as_deref(),
                };
                let go_on = &mut |_| ControlFlow::Continue(());
                sweeper.run(input, domains.clone(), go_on)?;
            }
            new_windows.extend(new.map(|windows| (chunk, windows)));
        }
        for (part, sweeper) in self.parts.iter().zip(sweepers) {
            part.put_sweeper(sweeper)?;
        }
        Ok(new_windows)
    }
}

/// Domains per chunk.
fn chunk_domains(sweep: &Sweep, day_count: u32) -> usize {
    let days = (day_count as usize).max(1);
    let fast = CELLS_PER_CHUNK / days;
    if can_use_staircases(sweep) {
        fast.max(1)
    } else {
        let one_bit_a_policy = POLICY_CELLS_PER_CHUNK / days.saturating_mul(sweep.cells().max(1));
        fast.min(one_bit_a_policy).max(1)
    }
}

/// The band of each domain of a table after the day before `end`; `None` for domains that are not enrolled then, and for
/// those outside the backtest.
fn final_bands(result: &Backtest, domains: usize, end: u32) -> Vec<Option<Band>> {
    let last = |domain| result.moves_of(domain).iter().rev().find(|change| change.day < end);
    let starts_in = |domain: u32| {
        let at = domain.checked_sub(result.first_domain)?;
        result.domains.get(at as usize)?.starts_in
    };
    let domains = 0..u32::try_from(domains).unwrap_or(u32::MAX);
    domains
        .map(|domain| last(domain).map_or_else(|| starts_in(domain), |change| change.to))
        .collect()
}
