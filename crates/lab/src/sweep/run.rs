//! Runs a sweep over a range of domains.

use super::bits::BitSweep;
use super::bits_run::run_bits;
use super::difference_array::{DifferenceArray, lanes};
use super::domain_days::DomainDays;
use super::plan::{SweepPlan, SweptDomain};
use super::staircase_run::{DayWeights, StaircaseDomains};
use super::timeline::{DomainCourse, EnrolledDays, SweepTimeline};
use super::two_metric::TwoMetricSweep;
use super::{Grid, InvalidSweep, PartialGrid, Sweep, SweepOutcome, SweepOutcomes, WindowRates};
use poolkeeper_core::health::BelowMinimum;
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::Table;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use thiserror::Error;

/// The input of a sweep.
#[derive(Clone, Copy, Debug)]
pub struct SweepInput<'a> {
    /// The traffic.
    pub table: &'a Table,
    /// Its windows, for the sweep's base policy.
    pub windows: &'a WindowRates,
    /// Enrolments and overrides; without them every domain is enrolled from the first day, as new, and none is pinned.
    pub timeline: Option<&'a SweepTimeline>,
    /// The band each domain of the table has after the last counted day under the current policy, for
    /// [`SweepOutcome::EndingDiffers`]; `None` for a domain that is not enrolled then.
    pub current_ends: Option<&'a [Option<Band>]>,
}

/// How cells are computed. Both methods are exact and give the same numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SweepMethod {
    /// Staircases if possible, otherwise bits.
    #[default]
    Auto,
    /// One bit per policy.
    Bits,
}

/// Why a sweep has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SweepError {
    /// The sweep is invalid.
    #[error("invalid map: {0}")]
    Invalid(#[from] InvalidSweep),
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
}

/// Called with the number of domains done; `Break` stops the sweep.
pub type OnDomains<'a> = &'a mut dyn FnMut(usize) -> ControlFlow<()>;

/// Domains between two calls of [`OnDomains`].
const DOMAINS_PER_STEP: usize = 64;

/// Sweeps all domains of the windows.
///
/// # Errors
/// [`SweepError::Invalid`] when the sweep, the table and the windows do not fit together.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::{Metric, Policy};
/// use poolkeeper_core::model::Band;
/// # use poolkeeper_core::model::{Counts, Day, DomainName};
/// # use poolkeeper_core::traffic::{Table, TableDomain};
/// use poolkeeper_lab::sweep::{Axis, GoodThreshold, AxisParam, Sweep, SweepInput, SweepOutcome, WindowRates, sweep};
/// # let domain = TableDomain { name: DomainName::as_sent("a.example"), account: 0 };
/// # let mut table = Table::empty(Day(20_000), 10, vec!["Acme".to_owned()], vec![domain]);
/// # let row = Counts { processed: 1_000, delivered: 800, bounced: 200, complained: 0 };
/// # for day in 0..10 {
/// #     table.add(0, Day(20_000).plus(day), &row).unwrap();
/// # }
///
/// // `table`: one domain, ten days on which a fifth of the mail bounced.
/// let base = Policy::default();
/// let windows = WindowRates::new(&table, base.window_days, base.check_every_days);
/// let bounces = AxisParam::PoorAtLeast { metric: Metric::BounceRate, good: GoodThreshold::Fixed };
/// let outcome = SweepOutcome::Ending(Band::Poor);
/// let policies = Sweep {
///     base,
///     x: Axis::linear(bounces, 100_000, 300_000, 3),
///     y: Axis::linear(AxisParam::MinimumProcessed, 1_000, 100_000, 2),
///     outcomes: [outcome].into_iter().collect(),
///     days: None,
/// };
/// let input = SweepInput { table: &table, windows: &windows, timeline: None, current_ends: None };
/// let grid = sweep(input, &policies)?;
/// // Poor where 20 % reaches the threshold, unless the window has too little mail.
/// assert_eq!(grid.plane(outcome), Some(&[1, 1, 0, 0, 0, 0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sweep(input: SweepInput<'_>, sweep: &Sweep) -> Result<Grid, SweepError> {
    let go_on = &mut |_| ControlFlow::Continue(());
    let totals = sweep_range(input, sweep, input.windows.domains(), SweepMethod::Auto, go_on)?;
    Ok(Grid::new(sweep, totals))
}

/// Sweeps the domains at some positions of the table, which must be within the windows. Parts over separate domains
/// [add up](PartialGrid::merge) to the whole.
///
/// # Errors
/// [`SweepError::Invalid`] when the sweep, the table, the windows and the range do not fit together;
/// [`SweepError::Stopped`] when `progress` breaks.
pub fn sweep_range(
    input: SweepInput<'_>,
    sweep: &Sweep,
    domains: Range<usize>,
    path: SweepMethod,
    progress: OnDomains<'_>,
) -> Result<PartialGrid, SweepError> {
    let mut sweeper = Sweeper::new(sweep, input.table, path)?;
    sweeper.run(input, domains, progress)?;
    Ok(sweeper.finish())
}

/// A sweep under way. It runs over one range of domains after another, each with its own windows, and adds its counts
/// up once at the end.
pub(crate) struct Sweeper {
    sweep: Sweep,
    plan: Arc<SweepPlan>,
    counts: SweepCounts,
    /// The domains with a pin, where the counts are staircases and include flaps.
    pinned: Option<Box<BitSweep>>,
    partial: PartialGrid,
}

/// Counts so far. Their type depends on the method and the outcomes.
enum SweepCounts {
    One(DifferenceArray<1>),
    Two(DifferenceArray<2>),
    Four(DifferenceArray<4>),
    Bits(Box<BitSweep>),
}

impl Sweeper {
    /// Prepares a sweep of a table.
    ///
    /// # Errors
    /// [`SweepError::Invalid`] when sweep and table do not fit together.
    pub fn new(sweep: &Sweep, table: &Table, path: SweepMethod) -> Result<Self, SweepError> {
        sweep.validate(table)?;
        let plan =
            SweepPlan::new(sweep, table.day_count()).ok_or_else(|| InvalidSweep::new("x, y", "no thresholds"))?;
        let plan = Arc::new(plan);
        let counts = match (path, lanes(sweep.outcomes)) {
            (SweepMethod::Auto, 1) if can_use_staircases(sweep) => SweepCounts::One(DifferenceArray::new(&plan)),
            (SweepMethod::Auto, 2) if can_use_staircases(sweep) => SweepCounts::Two(DifferenceArray::new(&plan)),
            (SweepMethod::Auto, _) if can_use_staircases(sweep) => SweepCounts::Four(DifferenceArray::new(&plan)),
            _ => SweepCounts::Bits(Box::new(BitSweep::new(&plan, sweep.outcomes))),
        };
        Ok(Self {
            partial: PartialGrid::empty(sweep.outcomes, sweep.x.values.len(), sweep.y.values.len()),
            sweep: sweep.clone(),
            plan,
            counts,
            pinned: None,
        })
    }

    /// Sweeps the domains at some positions, none of which was swept before.
    ///
    /// # Errors
    /// [`SweepError::Invalid`] when the table, the windows and the range do not fit together; nothing was counted.
    /// [`SweepError::Stopped`] when `progress` breaks; the counts are then incomplete.
    pub fn run(
        &mut self,
        input: SweepInput<'_>,
        domains: Range<usize>,
        progress: OnDomains<'_>,
    ) -> Result<(), SweepError> {
        validate(input, &self.sweep, &domains)?;
        let mut run = DomainLoop {
            input,
            plan: &self.plan,
            domains,
            outcomes: self.sweep.outcomes,
            messages: Vec::new(),
            progress,
        };
        let (pinned, partial) = (&mut self.pinned, &mut self.partial);
        match &mut self.counts {
            SweepCounts::One(differences) => run.run_staircases(differences, pinned, partial),
            SweepCounts::Two(differences) => run.run_staircases(differences, pinned, partial),
            SweepCounts::Four(differences) => run.run_staircases(differences, pinned, partial),
            SweepCounts::Bits(bits) => run.run_bits(bits, partial),
        }
    }

    /// The counts of all domains swept.
    pub fn finish(mut self) -> PartialGrid {
        let (plan, partial) = (&self.plan, &mut self.partial);
        match &mut self.counts {
            SweepCounts::One(differences) => differences.empty_into(plan, partial),
            SweepCounts::Two(differences) => differences.empty_into(plan, partial),
            SweepCounts::Four(differences) => differences.empty_into(plan, partial),
            SweepCounts::Bits(bits) => bits.empty_into(partial),
        }
        if let Some(pinned) = &mut self.pinned {
            pinned.empty_into(partial);
        }
        self.partial
    }
}

fn validate(input: SweepInput<'_>, sweep: &Sweep, domains: &Range<usize>) -> Result<(), InvalidSweep> {
    let windows = input.windows;
    if !windows.match_policy(&sweep.base, input.table.day_count()) {
        return Err(InvalidSweep::new(
            "base",
            "the windows were made for another policy or table",
        ));
    }
    let available = windows.domains();
    if domains.start > domains.end || domains.end > input.table.domains().len() {
        let problem = format!("{} to {} is not within the table", domains.start, domains.end);
        return Err(InvalidSweep::new("domains", problem));
    }
    if !domains.is_empty() && (domains.start < available.start || domains.end > available.end) {
        let problem = format!("windows are there only for {} to {}", available.start, available.end);
        return Err(InvalidSweep::new("domains", problem));
    }
    let ends = input.current_ends.map_or(0, <[_]>::len);
    if sweep.outcomes.has(SweepOutcome::EndingDiffers) && ends != input.table.domains().len() {
        let problem = "the current policy's final bands are needed, one for each domain of the table";
        return Err(InvalidSweep::new("outcomes", problem));
    }
    Ok(())
}

struct DomainLoop<'a, 'p> {
    input: SweepInput<'a>,
    plan: &'a Arc<SweepPlan>,
    domains: Range<usize>,
    outcomes: SweepOutcomes,
    /// The counted messages that the current domain processed from each day on; empty when they are not counted.
    messages: Vec<u64>,
    progress: OnDomains<'p>,
}

impl<'a> DomainLoop<'a, '_> {
    fn report_progress(&mut self, domain: usize) -> Result<(), SweepError> {
        let done = domain - self.domains.start;
        if done.is_multiple_of(DOMAINS_PER_STEP) && (self.progress)(done).is_break() {
            return Err(SweepError::Stopped);
        }
        Ok(())
    }

    /// Computes the counted messages from each day on.
    fn load_messages(&mut self, domain: usize) {
        if !self.outcomes.has(SweepOutcome::PoorMessages) {
            return;
        }
        let Some(columns) = self.input.table.columns(domain) else {
            return;
        };
        self.messages.clear();
        self.messages.resize(columns.processed.len() + 1, 0);
        let days = self.plan.days.start as usize..self.plan.days.end as usize;
        let mut from = 0;
        for (day, (slot, processed)) in self.messages.iter_mut().zip(columns.processed).enumerate().rev() {
            if days.contains(&day) {
                from += u64::from(*processed);
            }
            *slot = from;
        }
    }

    /// The domains that are not enrolled and unpinned throughout.
    fn courses(&self) -> &'a [(usize, DomainCourse)] {
        let timeline = self.input.timeline;
        timeline.map_or(&[], |timeline| timeline.courses(&self.domains))
    }

    fn run_staircases<const N: usize>(
        &mut self,
        differences: &mut DifferenceArray<N>,
        pinned: &mut Option<Box<BitSweep>>,
        partial: &mut PartialGrid,
    ) -> Result<(), SweepError> {
        let (plan, windows) = (self.plan, self.input.windows);
        let has_flaps = self.outcomes.has(SweepOutcome::Flaps);
        let mut two_metric = TwoMetricSweep::new(plan, windows, has_flaps);
        let mut any_axes = StaircaseDomains::new(plan, windows, has_flaps);
        let mut courses = self.courses().iter().peekable();
        let checks = windows.checks_before(plan.days.end);
        for at in self.domains.clone() {
            self.report_progress(at)?;
            self.load_messages(at);
            let course = courses.next_if(|(domain, _)| *domain == at).map(|(_, course)| course);
            let (domain, days) = (self.swept(at), self.days(at));
            if let Some(course) = course
                && has_flaps
                && course.has_pin()
            {
                // A pin may end a staircase's alternation of good and poor, by which it knows a flap.
                let bits = pinned.get_or_insert_with(|| Box::new(BitSweep::new(plan, self.outcomes)));
                run_bits(bits, windows, &domain, Some(course), &days);
                bits.empty_if_full(partial);
                continue;
            }
            differences.begin_domain(EnrolledDays::of(course, &plan.days), days.current);
            match (course, &mut two_metric) {
                (Some(course), _) => any_axes.run_course(&domain, course, differences, &days),
                (None, Some(two_metric)) => {
                    two_metric.run(&domain, checks, differences, |day| days.of_check(day));
                }
                (None, None) => any_axes.run(&domain, checks, differences, &days),
            }
            if differences.is_full() {
                differences.empty_into(plan, partial);
            }
        }
        Ok(())
    }

    fn run_bits(&mut self, bits: &mut BitSweep, partial: &mut PartialGrid) -> Result<(), SweepError> {
        let mut courses = self.courses().iter().peekable();
        for at in self.domains.clone() {
            self.report_progress(at)?;
            self.load_messages(at);
            let course = courses.next_if(|(domain, _)| *domain == at).map(|(_, course)| course);
            run_bits(bits, self.input.windows, &self.swept(at), course, &self.days(at));
            bits.empty_if_full(partial);
        }
        Ok(())
    }

    fn swept(&self, at: usize) -> SweptDomain<'a> {
        let SweepInput { table, windows, .. } = self.input;
        self.plan.domain(windows, windows.exact(table, at), at)
    }

    fn days(&self, at: usize) -> DomainDays<'_> {
        DomainDays {
            counted: &self.plan.days,
            flaps_from: self.plan.flaps_from,
            messages: &self.messages,
            current: self.input.current_ends.and_then(|ends| *ends.get(at)?),
        }
    }
}

/// Why a sweep is slower than others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlowReason {
    /// Flaps with [`BelowMinimum::New`] need one bit per policy instead of staircases.
    ///
    /// Without [`BelowMinimum::New`] a domain that has left new alternates between good and poor. Then "was it poor in
    /// the last 14 days?" identifies a flap.
    FlapsThroughNew,
    /// Several checks in a row must agree, so a check combines the votes of earlier ones.
    InARow,
}

impl SlowReason {
    /// Why a sweep is slow, if it is.
    #[must_use]
    pub fn of(sweep: &Sweep) -> Option<Self> {
        let base = &sweep.base;
        if base.below_minimum == BelowMinimum::New && sweep.outcomes.has(SweepOutcome::Flaps) {
            return Some(Self::FlapsThroughNew);
        }
        let in_a_row = base.promotion_after_checks.max(base.demotion_after_checks);
        (in_a_row > 1).then_some(Self::InARow)
    }
}

/// Whether the policy and the outcomes allow staircases.
pub(crate) fn can_use_staircases(sweep: &Sweep) -> bool {
    SlowReason::of(sweep) != Some(SlowReason::FlapsThroughNew)
}
