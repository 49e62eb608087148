//! From claims to intervals, leaving out as few observations as it takes.

use super::constraints::{BoundSide, Constraint, Constraints, ObservationConstraints, ThresholdBound};
use super::{Calibration, Contradiction, Evidence, HiddenThreshold, ThresholdInterval, Uninformative};
use std::collections::BTreeSet;

/// Rounds of drawing conclusions from claims with several bounds; stopping early only leaves intervals wider.
const MOST_ROUNDS: usize = 64;

/// A bound and the observation that sets it.
#[derive(Clone, Copy)]
struct SetBy {
    value: u64,
    said: usize,
    needs_others: bool,
}

/// Where a threshold must lie, so far.
#[derive(Clone, Copy)]
struct ThresholdRange {
    threshold: HiddenThreshold,
    low: Option<SetBy>,
    high: Option<SetBy>,
}

impl ThresholdRange {
    fn least(&self) -> u64 {
        self.low.map_or(0, |low| low.value)
    }

    fn most(&self) -> u64 {
        self.high.map_or_else(|| self.threshold.most(), |high| high.value)
    }

    fn tighten(&mut self, bound: BoundSide, said: usize, needs_others: bool) -> bool {
        let is_tighter = !self.implies(bound);
        let set = |value| {
            Some(SetBy {
                value,
                said,
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
            BoundSide::AtLeast(value) => value <= self.most(),
            BoundSide::AtMost(value) => value >= self.least(),
        }
    }

    fn implies(&self, bound: BoundSide) -> bool {
        match bound {
            BoundSide::AtLeast(value) => value <= self.least(),
            BoundSide::AtMost(value) => value >= self.most(),
        }
    }
}

/// A bound of good-at-most bounds poor-at-least too where it is a lower one, and the other way round: good is never
/// above poor.
fn also(literal: ThresholdBound) -> Option<ThresholdBound> {
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

/// Bounds, ascending, each with its observation.
type SortedBounds = Vec<(u64, usize)>;

/// All single bounds on one threshold: lower ones and upper ones.
fn singles(
    said: &[ObservationConstraints],
    left_out: &BTreeSet<usize>,
    threshold: HiddenThreshold,
) -> (SortedBounds, SortedBounds) {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for (at, one) in said.iter().enumerate().filter(|(at, _)| !left_out.contains(at)) {
        let alone = one.claims.iter().filter_map(|claim| match claim.as_slice() {
            [literal] => Some(*literal),
            _ => None,
        });
        for literal in alone.flat_map(|literal| [Some(literal), also(literal)]).flatten() {
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

/// The span of values that the fewest single bounds speak against.
fn best_span(lows: &[(u64, usize)], highs: &[(u64, usize)], most: u64) -> (u64, u64) {
    let against = |value: u64| {
        let above = lows.len() - lows.partition_point(|(low, _)| *low <= value);
        above + highs.partition_point(|(high, _)| *high < value)
    };
    let starts = || std::iter::once(0).chain(lows.iter().map(move |(low, _)| (*low).min(most)));
    let ends = || highs.iter().map(|(high, _)| *high).chain([most]);
    let fewest = starts().chain(ends()).map(against).min().unwrap_or(0);
    let start = starts().find(|value| against(*value) == fewest).unwrap_or(0);
    let end = ends().rfind(|value| against(*value) == fewest).unwrap_or(most);
    // With nothing against, the one stretch is from the highest low to the lowest high.
    if fewest == 0 {
        return (
            lows.last().map_or(0, |(low, _)| *low),
            highs.first().map_or(most, |(high, _)| *high),
        );
    }
    (start, end)
}

/// Where a solver is.
enum SolverStep {
    /// Single bounds of the thresholds from this one on.
    Settle(usize),
    /// Rounds of drawing conclusions, and how many observations were left out before the first.
    Conclude {
        spans: Box<[ThresholdRange; 5]>,
        rounds: usize,
        settled: usize,
    },
}

/// From what was said to intervals, step by step.
pub(super) struct IntervalSolver {
    said: Vec<ObservationConstraints>,
    silent: Vec<(Uninformative, u64)>,
    left_out: BTreeSet<usize>,
    contradictions: Vec<Contradiction>,
    next: SolverStep,
}

impl IntervalSolver {
    pub fn new(gathered: Constraints) -> Self {
        Self {
            said: gathered.said,
            silent: gathered.silent.into_iter().collect(),
            left_out: BTreeSet::new(),
            contradictions: Vec::new(),
            next: SolverStep::Settle(0),
        }
    }

    /// One step; the result after the last.
    pub fn step(&mut self) -> Option<Calibration> {
        match &self.next {
            SolverStep::Settle(at) => {
                let at = *at;
                self.next = if let Some(threshold) = HiddenThreshold::ALL.get(at) {
                    self.settle_singles(*threshold);
                    SolverStep::Settle(at + 1)
                } else {
                    self.conclusions()
                };
                None
            }
            SolverStep::Conclude { spans, rounds, settled } => {
                let (mut spans, rounds, settled) = (spans.clone(), *rounds, *settled);
                let has_changed = self.conclude(&mut spans);
                if has_changed && rounds + 1 < MOST_ROUNDS {
                    let rounds = rounds + 1;
                    self.next = SolverStep::Conclude { spans, rounds, settled };
                } else if self.left_out.len() > settled {
                    // What was left out along the way no longer bounds anything.
                    self.next = self.conclusions();
                } else {
                    return Some(self.result(&spans));
                }
                None
            }
        }
    }

    fn conclusions(&self) -> SolverStep {
        SolverStep::Conclude {
            spans: Box::new(self.spans()),
            rounds: 0,
            settled: self.left_out.len(),
        }
    }

    fn result(&mut self, spans: &[ThresholdRange; 5]) -> Calibration {
        Calibration {
            intervals: spans.iter().map(|span| self.interval(span)).collect(),
            observations: (self.said.len() - self.left_out.len()) as u64,
            contradictions: std::mem::take(&mut self.contradictions),
            silent: std::mem::take(&mut self.silent),
        }
    }

    fn evidence(&self, set: SetBy) -> Option<Evidence> {
        let source = self.said.get(set.said)?.source.clone();
        Some(Evidence {
            source,
            bound: set.value,
            needs_others: set.needs_others,
        })
    }

    /// Leaves out the observations whose single bounds the most others speak against.
    fn settle_singles(&mut self, threshold: HiddenThreshold) {
        let (lows, highs) = singles(&self.said, &self.left_out, threshold);
        let (start, end) = best_span(&lows, &highs, threshold.most());
        let strongest = |bound: Option<&(u64, usize)>| {
            bound.and_then(|(value, said)| {
                self.evidence(SetBy {
                    value: *value,
                    said: *said,
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
            // One that nothing speaks against does not stand in the way.
            if against.is_some() {
                found.push((at, strongest(against)));
            }
        }
        for (at, against) in found {
            if self.left_out.insert(at)
                && let Some(one) = self.said.get(at)
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

    fn spans(&self) -> [ThresholdRange; 5] {
        HiddenThreshold::ALL.map(|threshold| {
            let (lows, highs) = singles(&self.said, &self.left_out, threshold);
            let mut span = ThresholdRange {
                threshold,
                low: None,
                high: None,
            };
            if let Some((value, said)) = lows.last() {
                span.tighten(BoundSide::AtLeast(*value), *said, false);
            }
            if let Some((value, said)) = highs.first() {
                span.tighten(BoundSide::AtMost(*value), *said, false);
            }
            span
        })
    }

    /// Draws what follows from claims of which all but one bound are ruled out; whether anything did.
    fn conclude(&mut self, spans: &mut [ThresholdRange; 5]) -> bool {
        let mut has_changed = false;
        for at in 0..self.said.len() {
            if self.left_out.contains(&at) {
                continue;
            }
            let claims = self.said.get(at).map_or(&[][..], |one| one.claims.as_slice());
            let several = claims.iter().filter(|claim| claim.len() != 1);
            match several.map(|claim| read(claim, spans)).max() {
                Some(ConstraintReading::Impossible) => {
                    self.left_out.insert(at);
                    if let Some(one) = self.said.get(at) {
                        let left_out = one.source.clone();
                        self.contradictions.push(Contradiction {
                            threshold: None,
                            left_out,
                            against: None,
                        });
                    }
                }
                Some(ConstraintReading::Follows) => has_changed |= follow(claims, at, spans),
                Some(ConstraintReading::Open) | None => {}
            }
        }
        has_changed
    }

    fn interval(&self, span: &ThresholdRange) -> ThresholdInterval {
        ThresholdInterval {
            threshold: span.threshold,
            at_least: span.least(),
            at_most: match span.threshold {
                HiddenThreshold::MinimumProcessed => span.high.map(|high| high.value),
                _ => Some(span.most()),
            },
            lower: span.low.and_then(|low| self.evidence(low)),
            upper: span.high.and_then(|high| self.evidence(high)),
        }
    }
}

/// What a claim with several bounds comes to, given the spans.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ConstraintReading {
    Open,
    Follows,
    Impossible,
}

fn span_of(spans: &[ThresholdRange; 5], threshold: HiddenThreshold) -> Option<&ThresholdRange> {
    spans.iter().find(|span| span.threshold == threshold)
}

/// The one bound of a claim that is left, if it is news.
fn left(claim: &Constraint, spans: &[ThresholdRange; 5]) -> Result<Option<ThresholdBound>, ConstraintReading> {
    let allows =
        |literal: &&ThresholdBound| span_of(spans, literal.threshold).is_some_and(|span| span.allows(literal.bound));
    let mut possible = claim.iter().filter(allows);
    match (possible.next(), possible.next()) {
        (None, _) => Err(ConstraintReading::Impossible),
        (Some(only), None) => {
            let is_known = span_of(spans, only.threshold).is_some_and(|span| span.implies(only.bound));
            Ok((!is_known).then_some(*only))
        }
        (Some(_), Some(_)) => Ok(None),
    }
}

fn read(claim: &Constraint, spans: &[ThresholdRange; 5]) -> ConstraintReading {
    match left(claim, spans) {
        Err(reading) => reading,
        Ok(Some(_)) => ConstraintReading::Follows,
        Ok(None) => ConstraintReading::Open,
    }
}

fn follow(claims: &[Constraint], said: usize, spans: &mut [ThresholdRange; 5]) -> bool {
    let mut has_changed = false;
    for claim in claims.iter().filter(|claim| claim.len() != 1) {
        let Ok(Some(literal)) = left(claim, spans) else {
            continue;
        };
        for literal in [Some(literal), also(literal)].into_iter().flatten() {
            let span = spans.iter_mut().find(|span| span.threshold == literal.threshold);
            has_changed |= span.is_some_and(|span| span.tighten(literal.bound, said, true));
        }
    }
    has_changed
}
