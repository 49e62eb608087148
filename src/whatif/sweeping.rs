//! A sweep as a job: in chunks of domains, each with its own windows, which are kept for the next sweep.

use super::job::{JobError, Outcome, Stage};
use super::lab::{Key, Lab, Running};
use super::sweep::{
    self, Grid, Holdout, Input, InvalidSweep, Partial, Path, Sweep, SweepError, Windows, sweep_range, takes_staircases,
};
use super::{Backtest, Options, Overrides, parallel};
use crate::health::Policy;
use crate::model::Band;
use std::ops::{ControlFlow, Range};

/// Domain-days in a chunk on the fast path: some milliseconds.
const CELLS_PER_CHUNK: usize = 1 << 17;

/// Policies times domain-days in a chunk, one bit a policy: some ten milliseconds in a browser.
const POLICY_CELLS_PER_CHUNK: usize = 1 << 26;

/// Chunks for each of several threads in a step.
const CHUNKS_PER_THREAD: usize = 4;

/// Windows are kept for at most so many domain-days, of 12 bytes each.
const MOST_KEPT_CELLS: usize = 20_000_000;

/// The windows of the last sweep, by chunk.
#[derive(Default)]
pub(super) struct KeptWindows {
    window_days: u32,
    check_every_days: u32,
    chunk_domains: usize,
    domains: Range<usize>,
    chunks: Vec<Option<Windows>>,
}

/// One part of the days, and the current policy's bands at its end.
struct Part {
    sweep: Sweep,
    current_ends: Option<Vec<Band>>,
    totals: Partial,
}

/// A sweep under way.
pub(super) struct Sweeping {
    /// The current policy's backtest, where its final bands are asked for and not there yet.
    current: Option<Key>,
    parts: Vec<Part>,
    split_day: Option<u32>,
    domains: Range<usize>,
    chunk_domains: usize,
    /// Chunks done.
    done: usize,
}

impl Sweeping {
    /// Checks a sweep and lays it out.
    pub fn new(
        lab: &Lab,
        sweep: &Sweep,
        current: Option<&Policy>,
        split_day: Option<u32>,
        domains: Option<Range<u32>>,
    ) -> Result<Self, JobError> {
        let table = &lab.table;
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
        let differs = sweep.outcomes.has(sweep::Outcome::EndingDiffers);
        let current = match current {
            Some(policy) if differs => Some(Key {
                policy: policy.clone(),
                options: Options {
                    overrides: Overrides::Ignored,
                },
                has_timeline: false,
                domains: domains.clone(),
            }),
            None if differs => {
                let problem = "whether domains end as under A needs A; give it, or leave that outcome out";
                return Err(InvalidSweep::new("a", problem).into());
            }
            Some(_) | None => None,
        };
        let chunk_domains = chunk_domains(sweep, table.day_count());
        let (width, height) = (sweep.x.values.len(), sweep.y.values.len());
        let part = |days| Part {
            sweep: Sweep { days, ..sweep.clone() },
            current_ends: None,
            totals: Partial::empty(sweep.outcomes, width, height),
        };
        Ok(Self {
            current,
            parts: parts.into_iter().map(part).collect(),
            split_day,
            domains,
            chunk_domains,
            done: 0,
        })
    }

    /// Goes on for a few milliseconds.
    pub fn step(&mut self, lab: &mut Lab, running: &mut Running) -> Result<Option<Outcome>, JobError> {
        if let Some(key) = &self.current {
            if let Some(result) = lab.replay(key, 0, running)? {
                let all = lab.table.domains().len();
                for part in &mut self.parts {
                    let end = part.sweep.counted_days(lab.table.day_count()).end;
                    part.current_ends = Some(ends(&result, all, end));
                }
                self.current = None;
            }
            return Ok(None);
        }
        // Another sweep may have been under way in between.
        let base = self.parts.first().map(|part| &part.sweep.base);
        if let Some(base) = base {
            lab.windows.keep(base, self.chunk_domains, &self.domains);
        }
        let chunks = self.domains.len().div_ceil(self.chunk_domains);
        let each = if lab.threads > 1 { CHUNKS_PER_THREAD } else { 1 };
        let next = chunks.min(self.done + lab.threads * each);
        let parts = parallel::cut(self.done..next, lab.threads);
        let (this, lab_now) = (&*self, &*lab);
        let mut made = Vec::new();
        let mut totals = Vec::new();
        for swept in parallel::each(&parts, |part| this.chunks(lab_now, part)) {
            let (windows, partials) = swept?;
            made.extend(windows);
            totals.extend(partials);
        }
        if lab.table.day_count() as usize * self.domains.len() <= MOST_KEPT_CELLS {
            lab.windows.put(made);
        }
        for (part, partial) in totals {
            if let Some(part) = self.parts.get_mut(part) {
                // Parts of one sweep are of one kind.
                part.totals.merge(&partial).map_err(|_| SweepError::Stopped)?;
            }
        }
        self.done = next;
        let swept = self.domains.len().min(next * self.chunk_domains) as u64;
        let is_done = next == chunks;
        let progress = running.progress_mut();
        progress.stage = Stage::Sweeping;
        progress.done = progress.total - self.domains.len() as u64 + swept;
        is_done.then(|| self.outcome().ok_or(JobError::Stopped)).transpose()
    }

    /// The counts as grids; `None` once they are given away.
    fn outcome(&mut self) -> Option<Outcome> {
        let mut grids = self.parts.drain(..).map(|part| Grid::new(&part.sweep, part.totals));
        let chosen_on = grids.next()?;
        let Some(split_day) = self.split_day else {
            return Some(Outcome::Sweep(Box::new(chosen_on)));
        };
        Some(Outcome::Holdout(Box::new(Holdout {
            split_day,
            chosen_on,
            scored_on: grids.next()?,
        })))
    }

    /// Sweeps some chunks: the windows that had to be made, and the counts by part.
    #[expect(clippy::type_complexity, reason = "two lists, taken apart at once")]
    fn chunks(
        &self,
        lab: &Lab,
        chunks: Range<usize>,
    ) -> Result<(Vec<(usize, Windows)>, Vec<(usize, Partial)>), JobError> {
        let (mut made, mut totals) = (Vec::new(), Vec::<(usize, Partial)>::new());
        for chunk in chunks {
            let from = self.domains.start + chunk * self.chunk_domains;
            let domains = from..self.domains.end.min(from + self.chunk_domains);
            let kept = lab.windows.chunks.get(chunk).and_then(Option::as_ref);
            let new = kept.is_none().then(|| {
                let KeptWindows {
                    window_days,
                    check_every_days,
                    ..
                } = lab.windows;
                Windows::of_domains(&lab.table, window_days, check_every_days, domains.clone())
            });
            let Some(windows) = kept.or(new.as_ref()) else { continue };
            for (at, part) in self.parts.iter().enumerate() {
                let input = Input {
                    table: &lab.table,
                    windows,
                    current_ends: part.current_ends.as_deref(),
                };
                let go_on = &mut |_| ControlFlow::Continue(());
                let partial = sweep_range(input, &part.sweep, domains.clone(), Path::Auto, go_on)?;
                match totals.iter_mut().find(|(known, _)| *known == at) {
                    Some((_, sum)) => sum.merge(&partial).map_err(|_| SweepError::Stopped)?,
                    None => totals.push((at, partial)),
                }
            }
            made.extend(new.map(|windows| (chunk, windows)));
        }
        Ok((made, totals))
    }
}

impl KeptWindows {
    /// Forgets windows that are not those of a policy and these chunks.
    fn keep(&mut self, policy: &Policy, chunk_domains: usize, domains: &Range<usize>) {
        let is_same = (self.window_days, self.check_every_days) == (policy.window_days, policy.check_every_days)
            && self.chunk_domains == chunk_domains
            && self.domains == *domains;
        if is_same {
            return;
        }
        *self = Self {
            window_days: policy.window_days,
            check_every_days: policy.check_every_days,
            chunk_domains,
            domains: domains.clone(),
            chunks: Vec::new(),
        };
        self.chunks.resize_with(domains.len().div_ceil(chunk_domains), || None);
    }

    fn put(&mut self, made: Vec<(usize, Windows)>) {
        for (chunk, windows) in made {
            if let Some(slot) = self.chunks.get_mut(chunk) {
                *slot = Some(windows);
            }
        }
    }
}

/// Domains swept in one go.
fn chunk_domains(sweep: &Sweep, day_count: u32) -> usize {
    let days = (day_count as usize).max(1);
    let fast = CELLS_PER_CHUNK / days;
    if takes_staircases(sweep) {
        fast.max(1)
    } else {
        let one_bit_a_policy = POLICY_CELLS_PER_CHUNK / days.saturating_mul(sweep.cells().max(1));
        fast.min(one_bit_a_policy).max(1)
    }
}

/// The band of each domain of a table after the day before `end`; new for those that the backtest leaves out.
fn ends(result: &Backtest, domains: usize, end: u32) -> Vec<Band> {
    let domains = 0..u32::try_from(domains).unwrap_or(u32::MAX);
    let last = |domain| result.moves_of(domain).iter().rev().find(|change| change.day < end);
    domains
        .map(|domain| last(domain).and_then(|change| change.to).unwrap_or(Band::New))
        .collect()
}
