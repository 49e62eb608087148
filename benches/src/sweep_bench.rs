//! What the sweep's benchmark measures, for any clock: the native bench and the one in the browser run this.

use crate::traffic::traffic;
use poolkeeper_core::health::{Latch, Metric, Policy, check};
use poolkeeper_core::model::{Band, Counts};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::sweep::{
    Axis, AxisParam, GoodThreshold, PartialGrid, Sweep, SweepInput, SweepMethod, SweepOutcome, SweepOutcomes,
    SweepTimeline, WindowRates, sweep_range,
};
use poolkeeper_lab::{Overrides, Timeline, TimelineEvent, TimelineEventKind};
use std::hint::black_box;
use std::ops::ControlFlow;

/// Milliseconds since some moment.
pub type Clock<'a> = &'a dyn Fn() -> f64;

/// One measured line.
pub struct Row {
    pub what: &'static str,
    pub domains: usize,
    pub days: u32,
    pub policies: usize,
    /// The median of all tries.
    pub median_ms: f64,
    /// The best of them.
    pub ms: f64,
}

/// What a row's cells are; `cargo xtask bench` puts the rows of all benchmarks into one table.
pub const HEADING: &str = "| where | what | domains | days | policies | threads | median ms | best ms | ns/domain-day | ps/policy-domain-day |";

impl Row {
    /// The row's line, measured in some place on one thread. The last two cells are of the best try.
    pub fn line(&self, place: &str) -> String {
        let ns = self.ms * 1e6 / (self.domains as f64 * f64::from(self.days));
        let ps = ns * 1e3 / self.policies as f64;
        let Self {
            what,
            domains,
            days,
            policies,
            median_ms,
            ms,
        } = self;
        format!(
            "| {place} | {what} | {domains} | {days} | {policies} | 1 | {median_ms:.1} | {ms:.1} | {ns:.2} | {ps:.2} |"
        )
    }
}

/// Bounce and complaint thresholds from a fifth to five times the default policy's, good-at-most tied as they are there.
pub fn thresholds(steps: usize, outcomes: SweepOutcomes) -> Sweep {
    let tied = |metric, share_ppm| AxisParam::PoorAtLeast {
        metric,
        good: GoodThreshold::Tied { share_ppm },
    };
    Sweep {
        base: Policy::default(),
        x: Axis::logarithmic(tied(Metric::BounceRate, 500_000), 20_000, 500_000, steps),
        y: Axis::logarithmic(tied(Metric::ComplaintRate, 333_333), 600, 15_000, steps),
        outcomes,
        days: None,
    }
}

/// Days in poor, moves, ending poor.
pub fn three() -> SweepOutcomes {
    [
        SweepOutcome::Days(Band::Poor),
        SweepOutcome::Moves,
        SweepOutcome::Ending(Band::Poor),
    ]
    .into_iter()
    .collect()
}

/// The median and the best.
fn tried(clock: Clock<'_>, tries: usize, mut run: impl FnMut()) -> (f64, f64) {
    let mut all: Vec<f64> = (0..tries)
        .map(|_| {
            let start = clock();
            run();
            clock() - start
        })
        .collect();
    all.sort_by(f64::total_cmp);
    let at = |at: usize| all.get(at).copied().unwrap_or(f64::NAN);
    (at(tries / 2), at(0))
}

/// The counts of a sweep over all domains.
pub fn partial(size: &Size, sweep: &Sweep, path: SweepMethod) -> Option<PartialGrid> {
    let Size {
        table,
        windows,
        timeline,
    } = size;
    let input = SweepInput {
        table,
        windows,
        timeline: timeline.as_ref(),
        current_ends: None,
    };
    let all = 0..table.domains().len();
    sweep_range(input, sweep, all, path, &mut |_| ControlFlow::Continue(())).ok()
}

/// Sweeps; gives a sum over a plane, so that nothing can be left out.
pub fn run(size: &Size, sweep: &Sweep, path: SweepMethod) -> u64 {
    partial(size, sweep, path)
        .and_then(|partial| Some(partial.plane(SweepOutcome::Moves)?.iter().sum()))
        .unwrap_or(0)
}

/// The traffic every line of one size uses.
#[derive(Clone)]
pub struct Size {
    pub table: Table,
    pub windows: WindowRates,
    pub timeline: Option<SweepTimeline>,
}

impl Size {
    pub fn new(domains: usize, days: u32) -> Self {
        let table = traffic(domains, days, 7);
        let windows = WindowRates::new(&table, 7, 1);
        Self {
            table,
            windows,
            timeline: None,
        }
    }

    /// The same traffic; one domain in `every` is enrolled on the way, and every fourth of those is pinned after that.
    #[must_use]
    pub fn with_timeline(&self, every: u32) -> Self {
        let mut timeline = Timeline::new(true);
        let days = i32::try_from(self.table.day_count()).unwrap_or(1).max(2);
        for domain in (0..u32::try_from(self.table.domains().len()).unwrap_or(0)).step_by(every as usize) {
            let day = i32::try_from(domain / every).unwrap_or(0) % (days / 2);
            let mut push = |day: i32, kind| {
                let at = self.table.first_day().plus(day).start();
                timeline.push(domain, TimelineEvent { at, kind });
            };
            push(day, TimelineEventKind::Enrolled);
            if (domain / every).is_multiple_of(4) {
                push(day + days / 2, TimelineEventKind::Pinned(Band::Good));
            }
        }
        Self {
            timeline: Some(SweepTimeline::new(Some(&timeline), &self.table, Overrides::Kept)),
            ..self.clone()
        }
    }

    fn row(&self, what: &'static str, policies: usize, (median_ms, ms): (f64, f64)) -> Row {
        Row {
            what,
            domains: self.table.domains().len(),
            days: self.table.day_count(),
            policies,
            median_ms,
            ms,
        }
    }

    /// A sweep with the windows at hand.
    pub fn sweep(&self, clock: Clock<'_>, what: &'static str, sweep: &Sweep, path: SweepMethod, tries: usize) -> Row {
        let ms = tried(clock, tries, || {
            black_box(run(self, sweep, path));
        });
        self.row(what, sweep.cells(), ms)
    }

    /// Computing the windows, as when the window's slider moves.
    pub fn windows(&self, clock: Clock<'_>, tries: usize) -> Row {
        let mut windows = self.windows.clone();
        let all = 0..self.table.domains().len();
        let ms = tried(clock, tries, || windows.fill(black_box(&self.table), 7, 1, all.clone()));
        self.row("windows", 1, ms)
    }

    /// A plain loop over a few policies of the sweep with the library's own check, extrapolated to all of them.
    pub fn naive(&self, clock: Clock<'_>, sweep: &Sweep, policies: usize) -> Row {
        let policies: Vec<Policy> = (0..policies)
            .filter_map(|at| {
                let step = sweep.x.values.len() / policies;
                sweep.policy_at(at * step, at * step)
            })
            .collect();
        let (ms, _) = tried(clock, 1, || {
            for policy in &policies {
                black_box(naive(&self.table, policy));
            }
        });
        let all = ms * sweep.cells() as f64 / policies.len() as f64;
        self.row("naive loop, extrapolated", sweep.cells(), (all, all))
    }
}

/// Days in poor, moves and ends in poor, one policy, rolling windows.
fn naive(table: &Table, policy: &Policy) -> (u64, u64, u64) {
    let (mut poor_days, mut moves, mut poor_ends) = (0, 0, 0);
    for domain in 0..table.domains().len() {
        let Some(columns) = table.columns(domain) else { continue };
        let mut latch = Latch::new(Band::New);
        let mut window = Counts::ZERO;
        for day in 0..columns.processed.len() {
            window += columns.get(day).unwrap_or_default();
            if let Some(gone) = day.checked_sub(policy.window_days as usize) {
                window -= columns.get(gone).unwrap_or_default();
            }
            moves += u64::from(latch.next_band(policy, check(policy, &window).vote).is_some());
            poor_days += u64::from(latch.band == Band::Poor);
        }
        poor_ends += u64::from(latch.band == Band::Poor);
    }
    (poor_days, moves, poor_ends)
}

/// Gigabytes a second that one thread reads from memory, summing a block much larger than any cache.
pub fn read_bandwidth(clock: Clock<'_>, megabytes: usize) -> f64 {
    let block = vec![1_u64; megabytes << 17];
    let (_, ms) = tried(clock, 5, || {
        let sum = black_box(&block)
            .iter()
            .fold(0_u64, |sum, word| sum.wrapping_add(*word));
        black_box(sum);
    });
    (megabytes << 20) as f64 / ms / 1e6
}
