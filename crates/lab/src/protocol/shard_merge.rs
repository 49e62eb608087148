//! One sweep by several workers: which worker sweeps which domains, and their answers merged.

use crate::jobs::{JobError, JobEvent, JobProgress, JobResult, LabJob, QueryId};
use crate::sweep::{Grid, GridMismatch, SlowReason};
use poolkeeper_core::traffic::Table;
use std::ops::Range;

/// Fewer domain-days than this are not worth another worker: its answer alone takes the page longer.
const LEAST_CELLS: usize = 1 << 18;

/// A worker sweeps about this many domain-days while the page draws a frame.
const CELLS_A_FRAME: usize = 1 << 20;

/// How many of a machine's cores may work on a sweep of a table. While a slider moves, the page's own thread is as busy as a
/// worker's, so it keeps a core where the others answer within a frame.
#[must_use]
pub fn workers(table: &Table, job: &LabJob, cores: usize) -> usize {
    let others = cores.saturating_sub(1).max(1);
    let is_quick = matches!(job, LabJob::Sweep { sweep, .. } if SlowReason::of(sweep).is_none());
    if is_quick && cells(table) <= others.saturating_mul(CELLS_A_FRAME) {
        others
    } else {
        cores
    }
}

fn cells(table: &Table) -> usize {
    table.domains().len().saturating_mul(table.day_count() as usize)
}

/// Cuts a table's domains into shards of about the same length, for at most this many workers; at least one.
#[must_use]
pub fn shards(table: &Table, most: usize) -> Vec<Range<usize>> {
    let domains = table.domains().len();
    let parts = most.min(cells(table) / LEAST_CELLS).clamp(1, domains.max(1));
    (0..parts)
        .map(|part| domains * part / parts..domains * (part + 1) / parts)
        .collect()
}

/// The part of a sweep of a table that falls to a worker with only these of its domains.
#[must_use]
pub fn shard_of(job: &LabJob, held: &Range<usize>) -> LabJob {
    let mut job = job.clone();
    if let LabJob::Sweep {
        domains: Some(domains), ..
    } = &mut job
    {
        let here = |at: u32| {
            let at = (at as usize).clamp(held.start, held.end) - held.start;
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        *domains = here(domains.start)..here(domains.end);
    }
    job
}

/// The workers' answers to one sweep so far.
#[derive(Debug)]
pub struct ShardMerge {
    id: QueryId,
    shards: Vec<Shard>,
    whole: Option<JobResult>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shard {
    progress: Option<JobProgress>,
    is_done: bool,
}

impl ShardMerge {
    /// Awaits the answers of this many workers.
    #[must_use]
    pub fn new(id: QueryId, shards: usize) -> Self {
        Self {
            id,
            shards: vec![Shard::default(); shards],
            whole: None,
        }
    }

    /// Adds one worker's answer. An event of the whole where there is one: progress once all have begun, the result once
    /// all are done, an error as soon as one worker has one.
    pub fn take(&mut self, shard: usize, answer: JobEvent) -> Option<JobEvent> {
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
                let sum = match self.whole.take() {
                    None => Ok(part),
                    // Sweeps of one job are of one kind.
                    Some(whole) => add(whole, part).map_err(|_| JobError::Stopped),
                };
                match sum {
                    Ok(sum) => self.whole = Some(sum),
                    Err(error) => return Some(self.fail(error)),
                }
            }
            JobEvent::Done(_, Err(error)) => return Some(self.fail(error)),
        }
        if self.shards.iter().all(|shard| shard.is_done) {
            return self.whole.take().map(|whole| JobEvent::Done(self.id, Ok(whole)));
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

fn add(mut one: JobResult, other: JobResult) -> Result<JobResult, GridMismatch> {
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
