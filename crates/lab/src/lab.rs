//! The lab: the traffic at hand, what has been worked out about it, and jobs under way.
//!
//! A job is done in steps of a few milliseconds, so the same code runs inline, natively on all cores, and in a worker that
//! looks for a newer job between steps: whoever drops a [`Running`] has stopped it. What is of use to the next job is kept:
//! the last backtests, so that a draft that changes while the current policy stays costs one backtest and not two; and the
//! windows of the last sweep.

use super::backtest::Backtest;
use super::backtesting::{BacktestRun, ReplayData, ReplayOptions};
use super::calibrate::{Calibration, CalibrationRun};
use super::capacity::pool_loads;
use super::compare::{Comparison, PartialComparison, PolicyResult, Summary};
use super::coverage::{Coverage, CoverageRun};
use super::domain::domain_view;
use super::findings::findings;
use super::job::{ComparisonReport, JobError, JobProgress, JobResult, JobStage, LabJob};
use super::report::TrafficDigest;
use super::sweeping::{CachedWindows, SweepRun};
use super::{Timeline, threads};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Day;
use poolkeeper_core::traffic::{CHUNK_DOMAINS, Table};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// How many backtests are kept: A's and B's, and A's for a sweep.
const KEPT: usize = 3;

/// Domain-days in a step of a backtest on one thread: half a millisecond to some milliseconds.
const CELLS_PER_STEP: usize = 1 << 17;

/// The same for each of several threads, which take some time to begin.
const CELLS_PER_THREAD: usize = 1 << 20;

/// Domains in a step of a comparison: a few milliseconds where all are affected.
const COMPARED_PER_STEP: usize = 512;

/// What a backtest is of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BacktestKey {
    pub policy: Policy,
    pub options: ReplayOptions,
    /// Whether enrolments and overrides are looked at.
    pub has_timeline: bool,
    pub domains: Range<usize>,
}

struct CachedBacktest {
    key: BacktestKey,
    result: Arc<Backtest>,
}

/// The traffic at hand, and what has been worked out about it.
pub struct Lab {
    pub(super) table: Arc<Table>,
    timeline: Option<Arc<Timeline>>,
    pub(super) threads: usize,
    coverage: Option<Coverage>,
    digest: Option<String>,
    /// The latest used last.
    kept: Vec<CachedBacktest>,
    pub(super) windows: CachedWindows,
}

/// A job under way. Dropping it stops it.
pub struct RunningJob {
    job: LabJob,
    progress: JobProgress,
    counting: Option<CoverageRun>,
    digesting: Option<TrafficDigest>,
    replaying: Option<BacktestRun>,
    a: Option<Arc<Backtest>>,
    b: Option<Arc<Backtest>>,
    comparing: Option<Comparison>,
    calibrating: CalibrationRun,
    sweeping: Option<SweepRun>,
    /// Domains, or observations, done in the part at hand.
    at: usize,
}

impl RunningJob {
    /// How far it is.
    #[must_use]
    pub const fn progress(&self) -> JobProgress {
        self.progress
    }

    /// The job.
    #[must_use]
    pub const fn job(&self) -> &LabJob {
        &self.job
    }

    pub(super) const fn progress_mut(&mut self) -> &mut JobProgress {
        &mut self.progress
    }

    /// Begins the next part.
    const fn next_part(&mut self) {
        self.at = 0;
    }
}

/// Told how far a job is; says whether to go on.
pub type OnProgress<'a> = &'a mut dyn FnMut(JobProgress) -> ControlFlow<()>;

impl Default for Lab {
    /// A lab without traffic.
    fn default() -> Self {
        Self::new(Arc::new(Table::empty(Day(0), 0, Vec::new(), Vec::new())), None)
    }
}

impl Lab {
    /// A lab over some traffic, and what people did meanwhile.
    #[must_use]
    pub fn new(table: Arc<Table>, timeline: Option<Arc<Timeline>>) -> Self {
        Self {
            table,
            timeline,
            threads: 1,
            coverage: None,
            digest: None,
            kept: Vec::new(),
            windows: CachedWindows::default(),
        }
    }

    /// The same, on so many threads. Results do not depend on how many.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self {
            threads: threads.max(1),
            ..self
        }
    }

    /// The traffic.
    #[must_use]
    pub const fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The enrolments and overrides, if there are any.
    #[must_use]
    pub fn timeline(&self) -> Option<&Timeline> {
        self.timeline.as_deref()
    }

    /// Whether a backtest over all domains of this policy is at hand: asking for it costs nothing.
    #[must_use]
    pub fn holds(&self, policy: &Policy, options: &ReplayOptions) -> bool {
        let key = self.key(policy, options);
        self.kept.iter().any(|kept| kept.key == key)
    }

    /// Begins a job; [`Lab::step`] goes on with it.
    #[must_use]
    pub fn start(&self, job: LabJob) -> RunningJob {
        let domains = self.table.domains().len() as u64;
        let (stage, total) = match &job {
            LabJob::Coverage | LabJob::Digest => (JobStage::Reading, domains),
            LabJob::Backtest { .. } => (JobStage::Replaying, domains),
            LabJob::Compare { .. } => (JobStage::Replaying, 4 * domains),
            LabJob::Domain { .. } => (JobStage::Replaying, 1),
            LabJob::Calibrate { observations, .. } => (JobStage::Calibrating, 3 * observations.len()),
            LabJob::Sweep { a, domains: part, .. } => {
                let swept = part.as_ref().map_or(domains, |part| part.len() as u64);
                (JobStage::Sweeping, swept + if a.is_some() { swept } else { 0 })
            }
        };
        RunningJob {
            job,
            progress: JobProgress { stage, done: 0, total },
            counting: None,
            digesting: None,
            replaying: None,
            a: None,
            b: None,
            comparing: None,
            calibrating: CalibrationRun::default(),
            sweeping: None,
            at: 0,
        }
    }

    /// Goes on with a job for a few milliseconds. What comes of it, once that is there; a job that has given its outcome
    /// begins anew.
    ///
    /// # Errors
    /// [`JobError`], but never [`JobError::Stopped`].
    pub fn step(&mut self, running: &mut RunningJob) -> Result<Option<JobResult>, JobError> {
        // Taken out for the step, so that both can be written to.
        let job = std::mem::replace(&mut running.job, LabJob::Coverage);
        let outcome = self.go_on(&job, running);
        running.job = job;
        if !matches!(outcome, Ok(None)) {
            *running = self.start(std::mem::replace(&mut running.job, LabJob::Coverage));
        }
        outcome
    }

    /// Does a job from start to end, telling `watch` after every step how far it is.
    ///
    /// # Errors
    /// [`JobError`]; [`JobError::Stopped`] when `watch` breaks.
    pub fn run(&mut self, job: &LabJob, watch: OnProgress<'_>) -> Result<JobResult, JobError> {
        let mut running = self.start(job.clone());
        loop {
            if let Some(outcome) = self.step(&mut running)? {
                return Ok(outcome);
            }
            if watch(running.progress()).is_break() {
                return Err(JobError::Stopped);
            }
        }
    }

    fn go_on(&mut self, job: &LabJob, running: &mut RunningJob) -> Result<Option<JobResult>, JobError> {
        match job {
            LabJob::Coverage => Ok(self.count(0, running).map(JobResult::Coverage)),
            LabJob::Digest => Ok(self.digest(running).map(JobResult::Digest)),
            LabJob::Backtest { policy, options } => {
                let key = self.key(policy, options);
                let result = self.replay(&key, 0, running)?;
                Ok(result.map(|result| JobResult::Backtest(Box::new(Summary::of(&result)))))
            }
            LabJob::Compare { .. } => self.compare(job, running),
            LabJob::Domain { domain, a, b, options } => {
                let view = domain_view(self.data(true), *domain, a, b, options)?.ok_or(JobError::NoSuchDomain)?;
                Ok(Some(JobResult::Domain(Box::new(view))))
            }
            LabJob::Calibrate {
                observations,
                assumptions,
            } => {
                let found: Option<Calibration> = running.calibrating.step(observations, assumptions);
                running.progress.done = running.calibrating.done(observations);
                Ok(found.map(|found| JobResult::Calibrate(Box::new(found))))
            }
            LabJob::Sweep {
                sweep,
                a,
                split_day,
                domains,
            } => {
                let mut sweeping = match running.sweeping.take() {
                    Some(sweeping) => sweeping,
                    None => SweepRun::new(self, sweep, a.as_ref(), *split_day, domains.clone())?,
                };
                let outcome = sweeping.step(self, running);
                running.sweeping = Some(sweeping);
                outcome
            }
        }
    }

    fn data(&self, has_timeline: bool) -> ReplayData<'_> {
        ReplayData {
            table: &self.table,
            timeline: self.timeline.as_deref().filter(|_| has_timeline),
        }
    }

    fn key(&self, policy: &Policy, options: &ReplayOptions) -> BacktestKey {
        BacktestKey {
            policy: policy.clone(),
            options: *options,
            has_timeline: true,
            domains: 0..self.table.domains().len(),
        }
    }

    /// The domains of the next step: so many at a time, of those up to `end`.
    pub(super) fn ahead(&self, at: usize, end: usize) -> Vec<Range<usize>> {
        let cells = if self.threads > 1 {
            self.threads * CELLS_PER_THREAD
        } else {
            CELLS_PER_STEP
        };
        let domains = (cells / (self.table.day_count() as usize).max(1)).max(self.threads);
        // Whole chunks where there is room for them: their sums are known.
        let chunks = self.threads * CHUNK_DOMAINS;
        let domains = if domains > chunks {
            domains / chunks * chunks
        } else {
            domains
        };
        threads::cut(at..end.min(at.saturating_add(domains)), self.threads)
    }

    /// What the traffic holds, once it is counted. `before`: steps done before it.
    fn count(&mut self, before: u64, running: &mut RunningJob) -> Option<Coverage> {
        if let Some(known) = &self.coverage {
            return Some(known.clone());
        }
        let (table, end) = (&self.table, self.table.domains().len());
        let counting = running.counting.get_or_insert_with(|| CoverageRun::new(table));
        let next = end.min(running.at + self.ahead(running.at, end).iter().map(Range::len).sum::<usize>());
        counting.add(table, running.at..next);
        running.at = next;
        running.progress.stage = JobStage::Reading;
        running.progress.done = before + next as u64;
        if next < end {
            return None;
        }
        running.next_part();
        self.coverage = running.counting.take().map(|counting| counting.finish(table));
        self.coverage.clone()
    }

    fn digest(&mut self, running: &mut RunningJob) -> Option<String> {
        if let Some(known) = &self.digest {
            return Some(known.clone());
        }
        let (table, end) = (&self.table, self.table.domains().len());
        let digesting = running.digesting.get_or_insert_with(|| TrafficDigest::new(table));
        let next = end.min(running.at + self.ahead(running.at, end).iter().map(Range::len).sum::<usize>());
        digesting.add(table, running.at..next);
        running.at = next;
        running.progress.done = next as u64;
        if next < end {
            return None;
        }
        running.next_part();
        let digesting = running.digesting.take();
        self.digest = digesting.map(|digesting| digesting.finish(self.timeline.as_deref()));
        self.digest.clone()
    }

    /// A policy's backtest, once it is there. `before`: steps done before it.
    pub(super) fn replay(
        &mut self,
        key: &BacktestKey,
        before: u64,
        running: &mut RunningJob,
    ) -> Result<Option<Arc<Backtest>>, JobError> {
        if let Some(at) = self.kept.iter().position(|kept| kept.key == *key) {
            let kept = self.kept.remove(at);
            let result = Arc::clone(&kept.result);
            self.kept.push(kept);
            return Ok(Some(result));
        }
        let mut replaying = match running.replaying.take() {
            Some(replaying) => replaying,
            None => BacktestRun::new(&self.table, &key.policy, &key.options, &key.domains)?,
        };
        let data = self.data(key.has_timeline);
        let parts = self.ahead(key.domains.start + running.at, key.domains.end);
        if let [part] = &*parts {
            replaying.replay(data, part.clone());
        } else {
            let replayed = threads::each(&parts, |domains| {
                let mut part = replaying.part(&self.table, &domains);
                part.replay(data, domains);
                part
            });
            replayed.iter().for_each(|part| replaying.append(part));
        }
        running.at += parts.iter().map(Range::len).sum::<usize>();
        running.progress.stage = JobStage::Replaying;
        running.progress.done = before + running.at as u64;
        if running.at < key.domains.len() {
            running.replaying = Some(replaying);
            return Ok(None);
        }
        running.next_part();
        let result = Arc::new(replaying.finish());
        self.kept.push(CachedBacktest {
            key: key.clone(),
            result: Arc::clone(&result),
        });
        let surplus = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..surplus);
        Ok(Some(result))
    }

    fn compare(&mut self, job: &LabJob, running: &mut RunningJob) -> Result<Option<JobResult>, JobError> {
        let LabJob::Compare { a, b, options, ips } = job else {
            return Ok(None);
        };
        let domains = self.table.domains().len();
        let (policy_a, policy_b) = (a, b);
        let Some(in_a) = running.a.clone() else {
            running.a = self.replay(&self.key(a, options), 0, running)?;
            return Ok(None);
        };
        let Some(in_b) = running.b.clone() else {
            running.b = self.replay(&self.key(b, options), domains as u64, running)?;
            return Ok(None);
        };
        let (a, b) = (
            PolicyResult {
                policy: policy_a,
                result: &in_a,
            },
            PolicyResult {
                policy: policy_b,
                result: &in_b,
            },
        );
        if self.coverage.is_none() {
            self.count(2 * domains as u64, running);
            return Ok(None);
        }
        let mut comparison = match running.comparing.take() {
            Some(comparison) => comparison,
            None => Comparison::begin(a, b),
        };
        let next = domains.min(running.at + COMPARED_PER_STEP * self.threads);
        let parts = threads::cut(running.at..next, self.threads);
        let data = self.data(true);
        for part in threads::each(&parts, |part| PartialComparison::of(data, a, b, part)) {
            comparison.append(part);
        }
        running.at = next;
        running.progress.stage = JobStage::Comparing;
        running.progress.done = 3 * domains as u64 + next as u64;
        if next < domains {
            running.comparing = Some(comparison);
            return Ok(None);
        }
        let coverage = self.coverage.clone();
        Ok(coverage.map(|coverage| {
            let loads = ips.map(|ips| {
                let loads = |side| pool_loads(comparison.first_day, side, &ips);
                (loads(&comparison.a), loads(&comparison.b))
            });
            JobResult::Compare(Box::new(ComparisonReport {
                loads,
                findings: findings(&comparison, &coverage, ips.as_ref()),
                coverage,
                comparison,
            }))
        }))
    }
}
