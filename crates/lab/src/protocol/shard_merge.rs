//! Splits one sweep over several workers, and merges their answers.

use crate::jobs::{JobError, JobEvent, JobProgress, JobResult, LabJob, QueryId};
use crate::sweep::{Grid, GridMismatch, SlowReason};
use poolkeeper_core::traffic::Table;
use std::ops::Range;

/// With fewer domain-days another worker does not pay: reading its answer takes the page longer.
const MIN_CELLS_PER_SHARD: usize = 1 << 18;

/// Domain-days that a worker sweeps within a frame.
const CELLS_PER_FRAME: usize = 1 << 20;

/// The number of workers for a sweep of a table. While a slider moves, the page's own thread is as busy as a worker's.
/// So it keeps a core if the other cores answer within a frame.
#[must_use]
pub fn worker_count(table: &Table, job: &LabJob, cores: usize) -> usize {
    let others = cores.saturating_sub(1).max(1);
    let is_quick = matches!(job, LabJob::Sweep { sweep, .. } if SlowReason::of(sweep).is_none());
    if is_quick && cells(table) <= others.saturating_mul(CELLS_PER_FRAME) {
        others
    } else {
        cores
    }
}

fn cells(table: &Table) -> usize {
    table.domains().len().saturating_mul(table.day_count() as usize)
}

/// Splits a table's domains into shards of about equal size, for at most this many workers; at least one.
#[must_use]
pub fn split_into_shards(table: &Table, max_workers: usize) -> Vec<Range<usize>> {
    let domains = table.domains().len();
    let parts = max_workers
        .min(cells(table) / MIN_CELLS_PER_SHARD)
        .clamp(1, domains.max(1));
    (0..parts)
        .map(|part| domains * part / parts..domains * (part + 1) / parts)
        .collect()
}

/// The sweep for a worker that has only one shard of the table.
#[must_use]
pub fn shard_job(job: &LabJob, shard: &Range<usize>) -> LabJob {
    let mut job = job.clone();
    if let LabJob::Sweep {
        domains: Some(domains), ..
    } = &mut job
    {
        let to_shard = |at: u32| {
            let at = (at as usize).clamp(shard.start, shard.end) - shard.start;
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        *domains = to_shard(domains.start)..to_shard(domains.end);
    }
    job
}

/// The workers' answers to one sweep so far.
#[derive(Debug)]
pub struct ShardMerge {
    id: QueryId,
    shards: Vec<Shard>,
    merged: Option<JobResult>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shard {
    progress: Option<JobProgress>,
    is_done: bool,
}

impl ShardMerge {
    /// Expects the answers of this many workers.
    #[must_use]
    pub fn new(id: QueryId, shards: usize) -> Self {
        Self {
            id,
            shards: vec![Shard::default(); shards],
            merged: None,
        }
    }

    /// Adds one worker's answer. Returns an event of the whole sweep: progress once all have begun, the result once all
    /// are done, an error as soon as one worker fails.
    pub fn add(&mut self, shard: usize, answer: JobEvent) -> Option<JobEvent> {
        let (JobEvent::Progress(id, _) | JobEvent::Done(id, _)) = &answer;
        if *id != self.id {
            return None;
        }
        let shard = self.shards.get_mut(shard).filter(|shard| !shard.is_done)?;
        match answer {
            JobEvent::Progress(_, progress) => shard.progress = Some(progress),
            JobEvent::Done(_, Ok(part)) => {
                shard.is_done = true;
                if let Some(progress) = &mut shard.progress {
                    progress.done = progress.total;
                }
                let sum = match self.merged.take() {
                    None => Ok(part),
                    // Parts of one sweep have one shape, so merging cannot fail.
                    Some(merged) => merge_results(merged, part).map_err(|_| JobError::Stopped),
                };
                match sum {
                    Ok(sum) => self.merged = Some(sum),
                    Err(error) => return Some(self.fail(error)),
                }
            }
            JobEvent::Done(_, Err(error)) => return Some(self.fail(error)),
        }
        if self.shards.iter().all(|shard| shard.is_done) {
            return self.merged.take().map(|merged| JobEvent::Done(self.id, Ok(merged)));
        }
        self.progress().map(|progress| JobEvent::Progress(self.id, progress))
    }

    fn fail(&mut self, error: JobError) -> JobEvent {
        // Ignore later answers.
        self.shards.clear();
        JobEvent::Done(self.id, Err(error))
    }

    fn progress(&self) -> Option<JobProgress> {
        let has_begun = |shard: &Shard| shard.is_done || shard.progress.is_some();
        if !self.shards.iter().all(has_begun) {
            return None;
        }
        let parts = self.shards.iter().filter_map(|shard| shard.progress);
        parts.reduce(|sum, part| JobProgress {
            stage: part.stage,
            done: sum.done + part.done,
            total: sum.total + part.total,
        })
    }
}

fn merge_results(mut one: JobResult, other: JobResult) -> Result<JobResult, GridMismatch> {
    let merge = |grid: &mut Grid, other: &Grid| grid.totals.merge(&other.totals);
    match (&mut one, &other) {
        (JobResult::Sweep(grid), JobResult::Sweep(other)) => merge(grid, other)?,
        (JobResult::Holdout(halves), JobResult::Holdout(others)) => {
            merge(&mut halves.chosen_on, &others.chosen_on)?;
            merge(&mut halves.scored_on, &others.scored_on)?;
        }
        _ => return Err(GridMismatch),
    }
    Ok(one)
}
