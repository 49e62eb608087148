//! The lab: runs jobs over the loaded traffic, step by step, and caches what later jobs can reuse.
//!
//! A step takes a few milliseconds. So the same code runs inline, on several threads, and in a worker that looks for a
//! newer job between steps. Dropping a [`RunningJob`] stops it. The last backtests are cached: a slider that changes B
//! costs one backtest, not two. So are the windows of the last sweep.

use super::backtest_job::{BacktestCache, BacktestJob, BacktestKey};
use super::compare_job::CompareJob;
use super::coverage_job::CoverageJob;
use super::digest_job::DigestJob;
use super::engine_traffic::{EngineTraffic, OnceTimelines};
use super::job::{JobError, JobProgress, JobResult, JobStage, LabJob};
use super::sweep_job::SweepJob;
use super::window_cache::WindowCache;
use crate::backtest::ReplayOptions;
use crate::calibrate::{Assumptions, CalibrationRun, Observations};
use crate::compare::{Summary, domain_view};
use crate::coverage::Coverage;
use crate::timeline::Timeline;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Day;
use poolkeeper_core::traffic::Table;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The loaded traffic and its caches.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::Policy;
/// # use poolkeeper_core::model::{Counts, Day, DomainName};
/// # use poolkeeper_core::traffic::{Table, TableDomain};
/// use poolkeeper_lab::{JobResult, Lab, LabJob, ReplayOptions};
/// use std::ops::ControlFlow;
/// use std::sync::Arc;
/// # let domain = TableDomain { name: DomainName::as_sent("a.example"), account: 0 };
/// # let mut table = Table::empty(Day(20_000), 10, vec!["Acme".to_owned()], vec![domain]);
/// # let row = Counts { processed: 1_000, delivered: 800, bounced: 200, complained: 0 };
/// # for day in 0..10 {
/// #     table.add(0, Day(20_000).plus(day), &row).unwrap();
/// # }
///
/// // `table`: one domain, ten days on which a fifth of the mail bounced.
/// let mut lab = Lab::new(Arc::new(table), None);
/// let job = LabJob::Backtest { policy: Policy::default(), options: ReplayOptions::default() };
/// // The callback gets the progress after each step, and may stop the job.
/// let result = lab.run(&job, &mut |_progress| ControlFlow::Continue(()))?;
/// let JobResult::Backtest(summary) = result else { unreachable!() };
/// assert_eq!(summary.totals.ends_in.poor, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Lab {
    traffic: EngineTraffic,
    coverage: Option<Coverage>,
    digest: Option<String>,
    backtests: BacktestCache,
    windows: WindowCache,
}

/// A job under way. Dropping it stops it.
pub struct RunningJob {
    job: LabJob,
    progress: JobProgress,
    state: JobState,
}

/// The state that each kind of job keeps between steps.
#[expect(
    clippy::large_enum_variant,
    reason = "one job runs at a time: boxing its state saves nothing"
)]
enum JobState {
    Coverage(CoverageJob),
    Digest(DigestJob),
    Backtest(BacktestJob),
    Compare(Box<CompareJob>),
    /// Done in one step.
    Domain {
        domain: u32,
        a: Policy,
        b: Policy,
        options: ReplayOptions,
    },
    Calibrate {
        observations: Arc<Observations>,
        assumptions: Assumptions,
        run: CalibrationRun,
    },
    /// The error of an invalid sweep.
    Sweep(Result<Box<SweepJob>, JobError>),
}

impl RunningJob {
    /// Its progress.
    #[must_use]
    pub const fn progress(&self) -> JobProgress {
        self.progress
    }

    /// The job.
    #[must_use]
    pub const fn job(&self) -> &LabJob {
        &self.job
    }
}

/// Called with a job's progress; `Break` stops the job.
pub type OnProgress<'a> = &'a mut dyn FnMut(JobProgress) -> ControlFlow<()>;

impl Default for Lab {
    /// A lab without traffic.
    fn default() -> Self {
        Self::new(Arc::new(Table::empty(Day(0), 0, Vec::new(), Vec::new())), None)
    }
}

impl Lab {
    /// A lab over some traffic, with the enrolments and overrides of that time.
    #[must_use]
    pub fn new(table: Arc<Table>, timeline: Option<Arc<Timeline>>) -> Self {
        Self {
            traffic: EngineTraffic {
                table,
                timeline,
                sweep_timelines: OnceTimelines::default(),
                threads: 1,
            },
            coverage: None,
            digest: None,
            backtests: BacktestCache::default(),
            windows: WindowCache::default(),
        }
    }

    /// Runs jobs on this many threads. Results do not depend on the number.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn on_threads(mut self, threads: usize) -> Self {
        self.traffic.threads = threads.max(1);
        self
    }

    /// The traffic.
    #[must_use]
    pub const fn table(&self) -> &Arc<Table> {
        &self.traffic.table
    }

    /// The enrolments and overrides, if there are any.
    #[must_use]
    pub fn timeline(&self) -> Option<&Timeline> {
        self.traffic.timeline.as_deref()
    }

    /// Whether a backtest of this policy over all domains is cached, so that it costs nothing.
    #[must_use]
    pub fn has_backtest(&self, policy: &Policy, options: &ReplayOptions) -> bool {
        self.backtests.contains(&self.backtest_key(policy, options))
    }

    /// Begins a job; [`Lab::step`] continues it.
    #[must_use]
    pub fn start(&self, job: LabJob) -> RunningJob {
        let domains = self.traffic.domains() as u64;
        let (stage, total, state) = match &job {
            LabJob::Coverage => (JobStage::Reading, domains, JobState::Coverage(CoverageJob::default())),
            LabJob::Digest => (JobStage::Reading, domains, JobState::Digest(DigestJob::default())),
            LabJob::Backtest { policy, options } => {
                let backtest = BacktestJob::new(self.backtest_key(policy, options));
                (JobStage::Replaying, domains, JobState::Backtest(backtest))
            }
            LabJob::Compare { a, b, options, ips } => {
                let compare = CompareJob::new(self.backtest_key(a, options), self.backtest_key(b, options), *ips);
                (JobStage::Replaying, 4 * domains, JobState::Compare(Box::new(compare)))
            }
            LabJob::Domain { domain, a, b, options } => {
                let state = JobState::Domain {
                    domain: *domain,
                    a: a.clone(),
                    b: b.clone(),
                    options: *options,
                };
                (JobStage::Replaying, 1, state)
            }
            LabJob::Calibrate {
                observations,
                assumptions,
            } => {
                let state = JobState::Calibrate {
                    observations: Arc::clone(observations),
                    assumptions: *assumptions,
                    run: CalibrationRun::default(),
                };
                (JobStage::Calibrating, 3 * observations.len(), state)
            }
            LabJob::Sweep {
                sweep,
                options,
                a,
                split_day,
                domains: part,
            } => {
                let swept = part.as_ref().map_or(domains, |part| part.len() as u64);
                let total = swept + if a.is_some() { swept } else { 0 };
                let run = SweepJob::new(&self.traffic, sweep, *options, a.as_ref(), (*split_day, part.clone()));
                (JobStage::Sweeping, total, JobState::Sweep(run.map(Box::new)))
            }
        };
        RunningJob {
            job,
            progress: JobProgress { stage, done: 0, total },
            state,
        }
    }

    /// Works on a job for a few milliseconds; returns its result once it is done. A job that is done starts again.
    ///
    /// # Errors
    /// [`JobError`], but never [`JobError::Stopped`].
    pub fn step(&mut self, running: &mut RunningJob) -> Result<Option<JobResult>, JobError> {
        let result = self.advance(running);
        if !matches!(result, Ok(None)) {
            *running = self.start(std::mem::replace(&mut running.job, LabJob::Coverage));
        }
        result
    }

    /// Runs a job to its end; calls `on_progress` after every step.
    ///
    /// # Errors
    /// [`JobError`]; [`JobError::Stopped`] when `on_progress` breaks.
    pub fn run(&mut self, job: &LabJob, on_progress: OnProgress<'_>) -> Result<JobResult, JobError> {
        let mut running = self.start(job.clone());
        loop {
            if let Some(result) = self.step(&mut running)? {
                return Ok(result);
            }
            if on_progress(running.progress()).is_break() {
                return Err(JobError::Stopped);
            }
        }
    }

    fn advance(&mut self, running: &mut RunningJob) -> Result<Option<JobResult>, JobError> {
        let Self {
            traffic,
            coverage,
            digest,
            backtests,
            windows,
        } = self;
        let progress = &mut running.progress;
        Ok(match &mut running.state {
            JobState::Coverage(job) => job.step(traffic, coverage, 0, progress).map(JobResult::Coverage),
            JobState::Digest(job) => job.step(traffic, digest, progress).map(JobResult::Digest),
            JobState::Backtest(job) => {
                let result = job.step(traffic, backtests, 0, progress)?;
                result.map(|result| JobResult::Backtest(Box::new(Summary::of(&result))))
            }
            JobState::Compare(job) => {
                let report = job.step(traffic, backtests, coverage, progress)?;
                report.map(|report| JobResult::Compare(Box::new(report)))
            }
            JobState::Domain { domain, a, b, options } => {
                let view = domain_view(traffic.data(), *domain, a, b, options)?.ok_or(JobError::NoSuchDomain)?;
                Some(JobResult::Domain(Box::new(view)))
            }
            JobState::Calibrate {
                observations,
                assumptions,
                run,
            } => {
                let found = run.step(observations, assumptions);
                progress.done = run.observations_done(observations);
                found.map(|found| JobResult::Calibrate(Box::new(found)))
            }
            JobState::Sweep(job) => {
                let job = job.as_mut().map_err(|refused| refused.clone())?;
                job.step(traffic, backtests, windows, progress)?
            }
        })
    }

    fn backtest_key(&self, policy: &Policy, options: &ReplayOptions) -> BacktestKey {
        BacktestKey {
            policy: policy.clone(),
            options: *options,
            domains: 0..self.traffic.domains(),
        }
    }
}
