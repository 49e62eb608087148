//! One sweep by several workers: who does which domains, and their answers added up.

use crate::sweep::{Grid, GridMismatch, SlowReason};
use crate::{JobError, JobEvent, JobProgress, JobResult, LabJob, QueryId};
use poolkeeper_core::traffic::Table;
use std::ops::Range;

/// Fewer domain-days than this are not worth another worker: its answer alone takes the page longer.
const LEAST_CELLS: usize = 1 << 18;

/// A worker sweeps about so many domain-days while the page draws a frame.
const CELLS_A_FRAME: usize = 1 << 20;

/// How many of a machine's cores may work on a sweep of a table. While a slider is pulled the page's own thread is as busy as
/// a worker's: a core is left to it if the sweep is answered within a frame nevertheless.
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

/// Cuts a table's domains for at most so many workers: at least one part, all about as long.
#[must_use]
pub fn shares(table: &Table, most: usize) -> Vec<Range<usize>> {
    let domains = table.domains().len();
    let parts = most.min(cells(table) / LEAST_CELLS).clamp(1, domains.max(1));
    (0..parts)
        .map(|part| domains * part / parts..domains * (part + 1) / parts)
        .collect()
}

/// What a worker that holds only these domains of a table has to do of a sweep of the table.
#[must_use]
pub fn share_of(job: &LabJob, held: &Range<usize>) -> LabJob {
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

/// The answers to one sweep so far.
#[derive(Debug)]
pub struct ShardMerge {
    ticket: QueryId,
    shares: Vec<Shard>,
    whole: Option<JobResult>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shard {
    progress: Option<JobProgress>,
    is_done: bool,
}

impl ShardMerge {
    /// Answers of so many workers are awaited.
    #[must_use]
    pub fn new(ticket: QueryId, shares: usize) -> Self {
        Self {
            ticket,
            shares: vec![Shard::default(); shares],
            whole: None,
        }
    }

    /// One worker's answer. What can now be said about the whole: how far it is once all have begun, what came of it once
    /// all are done, and at once when one found that nothing can come of it.
    pub fn take(&mut self, share: usize, answer: JobEvent) -> Option<JobEvent> {
        let (JobEvent::Progress(ticket, _) | JobEvent::Done(ticket, _)) = &answer;
        if *ticket != self.ticket {
            return None;
        }
        let share = self.shares.get_mut(share).filter(|share| !share.is_done)?;
        match answer {
            JobEvent::Progress(_, progress) => share.progress = Some(progress),
            JobEvent::Done(_, Ok(part)) => {
                share.is_done = true;
                if let Some(progress) = &mut share.progress {
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
        if self.shares.iter().all(|share| share.is_done) {
            return self.whole.take().map(|whole| JobEvent::Done(self.ticket, Ok(whole)));
        }
        self.progress()
            .map(|progress| JobEvent::Progress(self.ticket, progress))
    }

    fn fail(&mut self, error: JobError) -> JobEvent {
        // Whatever else comes belongs to nothing.
        self.shares.clear();
        JobEvent::Done(self.ticket, Err(error))
    }

    fn progress(&self) -> Option<JobProgress> {
        let has_begun = |share: &Shard| share.is_done || share.progress.is_some();
        if !self.shares.iter().all(has_begun) {
            return None;
        }
        let parts = self.shares.iter().filter_map(|share| share.progress);
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
