//! The interval solver: turns constraints into intervals and drops as few observations as possible.

use super::bases::ProcessedBase;
use super::constraints::{BoundSide, Constraint, Constraints, ObservationConstraints, ThresholdBound};
use super::{Calibration, Contradiction, Evidence, HiddenThreshold, ThresholdInterval, Uninformative};
use std::collections::BTreeSet;

/// Rounds of propagating constraints with several bounds. Stopping early only leaves intervals wider.
const MAX_ROUNDS: usize = 64;

/// The value of a bound and the observation that sets it.
#[derive(Clone, Copy)]
struct BoundSource {
    value: u64,
    observation: usize,
    needs_others: bool,
}

/// The range of a threshold so far.
#[derive(Clone, Copy)]
struct ThresholdRange {
    threshold: HiddenThreshold,
    low: Option<BoundSource>,
    high: Option<BoundSource>,
}

impl ThresholdRange {
    fn min(&self) -> u64 {
        self.low.map_or(0, |low| low.value)
    }

    fn max(&self) -> u64 {
        self.high.map_or_else(|| self.threshold.max(), |high| high.value)
    }

    fn tighten(&mut self, bound: BoundSide, observation: usize, needs_others: bool) -> bool {
        let is_tighter = !self.implies(bound);
        let set = |value| {
            Some(BoundSource {
                value,
                observation,
                needs_others,
            })
        };
        match bound {
            BoundSide::AtLeast(value) if is_tighter => self.low = set(value),
            BoundSide::AtMost(value) if is_tighter => self.high = set(value),
            BoundSide::AtLeast(_) | BoundSide::AtMost(_) => {}
        }
        is_tighter
    }

    fn allows(&self, bound: BoundSide) -> bool {
        match bound {
            BoundSide::AtLeast(value) => value <= self.max(),
            BoundSide::AtMost(value) => value >= self.min(),
        }
    }

    fn implies(&self, bound: BoundSide) -> bool {
        match bound {
            BoundSide::AtLeast(value) => value <= self.min(),
            BoundSide::AtMost(value) => value >= self.max(),
        }
    }
}

/// Good-at-most is never above poor-at-least, so a lower bound of the first bounds the second, and an upper bound of
/// the second bounds the first.
fn implied_bound(literal: ThresholdBound) -> Option<ThresholdBound> {
    let threshold = match (literal.threshold, literal.bound) {
        (HiddenThreshold::BounceGoodAtMost, BoundSide::AtLeast(_)) => HiddenThreshold::BouncePoorAtLeast,
        (HiddenThreshold::ComplaintGoodAtMost, BoundSide::AtLeast(_)) => HiddenThreshold::ComplaintPoorAtLeast,
        (HiddenThreshold::BouncePoorAtLeast, BoundSide::AtMost(_)) => HiddenThreshold::BounceGoodAtMost,
        (HiddenThreshold::ComplaintPoorAtLeast, BoundSide::AtMost(_)) => HiddenThreshold::ComplaintGoodAtMost,
        _ => return None,
    };
    Some(ThresholdBound {
        threshold,
        bound: literal.bound,
    })
}

/// Bounds in ascending order, each with its observation.
type SortedBounds = Vec<(u64, usize)>;

/// The lower and the upper bounds on one threshold, from constraints with one bound.
fn single_bounds(
    observed: &[ObservationConstraints],
    left_out: &BTreeSet<usize>,
    threshold: HiddenThreshold,
) -> (SortedBounds, SortedBounds) {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for (at, one) in observed.iter().enumerate().filter(|(at, _)| !left_out.contains(at)) {
        let alone = one
            .constraints
            .iter()
            .filter_map(|constraint| match constraint.as_slice() {
                [literal] => Some(*literal),
                _ => None,
            });
        for literal in alone
            .flat_map(|literal| [Some(literal), implied_bound(literal)])
            .flatten()
        {
            match literal.bound {
                _ if literal.threshold != threshold => {}
                BoundSide::AtLeast(value) => lows.push((value, at)),
                BoundSide::AtMost(value) => highs.push((value, at)),
            }
        }
    }
    lows.sort_unstable();
    highs.sort_unstable();
    (lows, highs)
}

/// The range of values that contradicts the fewest single bounds.
fn best_range(lows: &[(u64, usize)], highs: &[(u64, usize)], max: u64) -> (u64, u64) {
    let against = |value: u64| {
        let above = lows.len() - lows.partition_point(|(low, _)| *low <= value);
        above + highs.partition_point(|(high, _)| *high < value)
    };
    let starts = || std::iter::once(0).chain(lows.iter().map(move |(low, _)| (*low).min(max)));
    let ends = || highs.iter().map(|(high, _)| *high).chain([max]);
    let fewest = starts().chain(ends()).map(against).min().unwrap_or(0);
    let start = starts().find(|value| against(*value) == fewest).unwrap_or(0);
    let end = ends().rfind(|value| against(*value) == fewest).unwrap_or(max);
    // Without contradictions, the range is from the highest lower bound to the lowest upper bound.
    if fewest == 0 {
        return (
            lows.last().map_or(0, |(low, _)| *low),
            highs.first().map_or(max, |(high, _)| *high),
        );
    }
    (start, end)
}

/// The solver's next step.
enum SolverStep {
    /// Drop contradicting single bounds of this threshold and the ones after it.
    DropContradicting(usize),
    /// Propagate; `dropped_before` is how many observations were dropped before the first round.
    Propagate {
        ranges: Box<[ThresholdRange; 5]>,
        rounds: usize,
        dropped_before: usize,
    },
}

/// Computes intervals from constraints, step by step.
pub(super) struct IntervalSolver {
    observed: Vec<ObservationConstraints>,
    uninformative: Vec<(Uninformative, u64)>,
    left_out: BTreeSet<usize>,
    contradictions: Vec<Contradiction>,
    bases: Vec<ProcessedBase>,
    next: SolverStep,
}

impl IntervalSolver {
    pub fn new(collected: Constraints) -> Self {
        Self {
            observed: collected.observed,
            uninformative: collected.uninformative.into_iter().collect(),
            left_out: BTreeSet::new(),
            contradictions: Vec::new(),
            bases: collected.bases,
            next: SolverStep::DropContradicting(0),
        }
    }

    /// Takes one step; returns the result after the last.
    pub fn step(&mut self) -> Option<Calibration> {
        match &self.next {
            SolverStep::DropContradicting(at) => {
                let at = *at;
                self.next = if let Some(threshold) = HiddenThreshold::ALL.get(at) {
                    self.drop_contradicting(*threshold);
                    SolverStep::DropContradicting(at + 1)
                } else {
                    self.start_propagation()
                };
                None
            }
            SolverStep::Propagate {
                ranges,
                rounds,
                dropped_before,
            } => {
                let (mut ranges, rounds, dropped_before) = (ranges.clone(), *rounds, *dropped_before);
                let has_changed = self.propagate(&mut ranges);
                if has_changed && rounds + 1 < MAX_ROUNDS {
                    let rounds = rounds + 1;
                    self.next = SolverStep::Propagate {
                        ranges,
                        rounds,
                        dropped_before,
                    };
                } else if self.left_out.len() > dropped_before {
                    // Observations dropped during propagation may have set bounds: propagate again without them.
                    self.next = self.start_propagation();
                } else {
                    return Some(self.result(&ranges));
                }
                None
            }
        }
    }

    fn start_propagation(&self) -> SolverStep {
        SolverStep::Propagate {
            ranges: Box::new(self.ranges()),
            rounds: 0,
            dropped_before: self.left_out.len(),
        }
    }

    fn result(&mut self, ranges: &[ThresholdRange; 5]) -> Calibration {
        Calibration {
            intervals: ranges.iter().map(|range| self.interval(range)).collect(),
            observations: (self.observed.len() - self.left_out.len()) as u64,
            contradictions: std::mem::take(&mut self.contradictions),
            silent: std::mem::take(&mut self.uninformative),
            bases: std::mem::take(&mut self.bases),
        }
    }

    fn evidence(&self, set: BoundSource) -> Option<Evidence> {
        let source = self.observed.get(set.observation)?.source.clone();
        Some(Evidence {
            source,
            bound: set.value,
            needs_others: set.needs_others,
        })
    }

    /// Drops the observations whose single bounds contradict the best range.
    fn drop_contradicting(&mut self, threshold: HiddenThreshold) {
        let (lows, highs) = single_bounds(&self.observed, &self.left_out, threshold);
        let (start, end) = best_range(&lows, &highs, threshold.max());
        let strongest = |bound: Option<&(u64, usize)>| {
            bound.and_then(|(value, observation)| {
                self.evidence(BoundSource {
                    value: *value,
                    observation: *observation,
                    needs_others: false,
                })
            })
        };
        let bad_lows = lows
            .iter()
            .filter(|(low, _)| *low > start)
            .map(|(low, at)| (*at, highs.iter().find(|(high, _)| high < low)));
        let bad_highs = highs
            .iter()
            .filter(|(high, _)| *high < end)
            .map(|(high, at)| (*at, lows.iter().rev().find(|(low, _)| low > high)));
        let mut found = Vec::new();
        for (at, against) in bad_lows.chain(bad_highs) {
            // A bound that no other contradicts stays.
            if against.is_some() {
                found.push((at, strongest(against)));
            }
        }
        for (at, against) in found {
            if self.left_out.insert(at)
                && let Some(one) = self.observed.get(at)
            {
                let left_out = one.source.clone();
                self.contradictions.push(Contradiction {
                    threshold: Some(threshold),
                    left_out,
                    against,
                });
            }
        }
    }

    fn ranges(&self) -> [ThresholdRange; 5] {
        HiddenThreshold::ALL.map(|threshold| {
            let (lows, highs) = single_bounds(&self.observed, &self.left_out, threshold);
            let mut range = ThresholdRange {
                threshold,
                low: None,
                high: None,
            };
            if let Some((value, observation)) = lows.last() {
                range.tighten(BoundSide::AtLeast(*value), *observation, false);
            }
            if let Some((value, observation)) = highs.first() {
                range.tighten(BoundSide::AtMost(*value), *observation, false);
            }
            range
        })
    }

    /// Tightens ranges by constraints with only one bound left; returns whether a range changed.
    fn propagate(&mut self, ranges: &mut [ThresholdRange; 5]) -> bool {
        let mut has_changed = false;
        for at in 0..self.observed.len() {
            if self.left_out.contains(&at) {
                continue;
            }
            let constraints = self.observed.get(at).map_or(&[][..], |one| one.constraints.as_slice());
            let several = constraints.iter().filter(|constraint| constraint.len() != 1);
            match several.map(|constraint| classify(constraint, ranges)).max() {
                Some(ConstraintReading::Impossible) => {
                    self.left_out.insert(at);
                    if let Some(one) = self.observed.get(at) {
                        let left_out = one.source.clone();
                        self.contradictions.push(Contradiction {
                            threshold: None,
                            left_out,
                            against: None,
                        });
                    }
                }
                Some(ConstraintReading::Follows) => has_changed |= apply_remaining_bounds(constraints, at, ranges),
                Some(ConstraintReading::Open) | None => {}
            }
        }
        has_changed
    }

    fn interval(&self, range: &ThresholdRange) -> ThresholdInterval {
        ThresholdInterval {
            threshold: range.threshold,
            at_least: range.min(),
            at_most: match range.threshold {
                HiddenThreshold::MinimumProcessed => range.high.map(|high| high.value),
                _ => Some(range.max()),
            },
            lower: range.low.and_then(|low| self.evidence(low)),
            upper: range.high.and_then(|high| self.evidence(high)),
        }
    }
}

/// The state of a constraint with several bounds, given the ranges so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ConstraintReading {
    Open,
    Follows,
    Impossible,
}

fn range_of(ranges: &[ThresholdRange; 5], threshold: HiddenThreshold) -> Option<&ThresholdRange> {
    ranges.iter().find(|range| range.threshold == threshold)
}

/// The only bound of a constraint that is still possible, if it tightens a range.
fn remaining_bound(
    constraint: &Constraint,
    ranges: &[ThresholdRange; 5],
) -> Result<Option<ThresholdBound>, ConstraintReading> {
    let allows = |literal: &&ThresholdBound| {
        range_of(ranges, literal.threshold).is_some_and(|range| range.allows(literal.bound))
    };
    let mut possible = constraint.iter().filter(allows);
    match (possible.next(), possible.next()) {
        (None, _) => Err(ConstraintReading::Impossible),
        (Some(only), None) => {
            let is_known = range_of(ranges, only.threshold).is_some_and(|range| range.implies(only.bound));
            Ok((!is_known).then_some(*only))
        }
        (Some(_), Some(_)) => Ok(None),
    }
}

fn classify(constraint: &Constraint, ranges: &[ThresholdRange; 5]) -> ConstraintReading {
    match remaining_bound(constraint, ranges) {
        Err(reading) => reading,
        Ok(Some(_)) => ConstraintReading::Follows,
        Ok(None) => ConstraintReading::Open,
    }
}

fn apply_remaining_bounds(constraints: &[Constraint], observation: usize, ranges: &mut [ThresholdRange; 5]) -> bool {
    let mut has_changed = false;
    for constraint in constraints.iter().filter(|constraint| constraint.len() != 1) {
        let Ok(Some(literal)) = remaining_bound(constraint, ranges) else {
            continue;
        };
        for literal in [Some(literal), implied_bound(literal)].into_iter().flatten() {
            let range = ranges.iter_mut().find(|range| range.threshold == literal.threshold);
            has_changed |= range.is_some_and(|range| range.tighten(literal.bound, observation, true));
        }
    }
    has_changed
}
