//! A staircase that falls along `v`, changed in place.
//!
//! A cut raises the values before some `v`, or lowers those after it, and so merges adjacent steps. It reports each
//! changed piece with its old value; the new value is the same for all.

/// The staircase's value from some `v` on, up to the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StaircaseStep {
    value: u16,
    next: u16,
}

impl StaircaseStep {
    const fn new(value: u16, next: u16) -> Self {
        Self { value, next }
    }
}

/// Called for every piece that a cut changes: its `v`s, as first and end, and its old value.
pub(super) trait OnCut: FnMut((u16, u16), u16) {}
impl<F: FnMut((u16, u16), u16)> OnCut for F {}

/// A staircase. Each step's value is lower than the one before.
pub(super) struct Staircase {
    /// Steps by the `v` they start at. One starts at 0, and entries between starts are stale. The last entry is a
    /// sentinel: it is below all others and its own next.
    steps: Vec<StaircaseStep>,
    v_len: u16,
}

impl Staircase {
    /// The same value in every `v`.
    pub fn new(v_len: u16, value: u16) -> Self {
        let end = StaircaseStep::new(0, v_len);
        let mut steps = Self {
            steps: vec![end; usize::from(v_len) + 1],
            v_len,
        };
        steps.reset(value);
        steps
    }

    /// Sets the same value in every `v`.
    #[inline]
    pub fn reset(&mut self, value: u16) {
        self.set(0, StaircaseStep::new(value, self.v_len));
    }

    /// First `v`s and values, from `v` 0 on.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (u16, u16)> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let step = self.at(start);
            let piece = (start < self.v_len).then_some((start, step.value));
            start = step.next;
            piece
        })
    }

    /// The number of `v`s.
    pub const fn v_len(&self) -> u16 {
        self.v_len
    }

    /// How many `v`s, from 0 on, have the highest possible value.
    #[inline]
    pub fn end_at(&self, highest: u16) -> u16 {
        let first = self.at(0);
        if first.value < highest { 0 } else { first.next }
    }

    /// The lowest value, that of the last `v`s.
    #[inline]
    pub fn least(&self) -> u16 {
        let mut step = self.at(0);
        while step.next < self.v_len {
            step = self.at(step.next);
        }
        step.value
    }

    /// Raises lower values to `value` in the `v`s before `end`. Returns the `v`s that changed.
    #[inline]
    pub fn raise_before(&mut self, end: u16, value: u16, mut cut: impl OnCut) -> Option<(u16, u16)> {
        let (mut before, mut start) = (0, 0);
        while start < end && self.at(start).value >= value {
            (before, start) = (start, self.at(start).next);
        }
        if start >= end {
            return None;
        }
        let mut at = start;
        while at < end {
            let step = self.at(at);
            cut((at, step.next.min(end)), step.value);
            if step.next > end {
                self.set(end, step);
            }
            at = step.next.min(end);
        }
        // If the step before has this value already, extend it.
        let from = if self.at(before).value == value { before } else { start };
        self.set(from, StaircaseStep::new(value, end));
        Some((start, end))
    }

    /// Lowers higher values to `value` in the `v`s from `start` on. Returns the `v`s that changed.
    #[inline]
    pub fn lower_from(&mut self, start: u16, value: u16, mut cut: impl OnCut) -> Option<(u16, u16)> {
        if start >= self.v_len {
            return None;
        }
        let mut around = 0;
        while self.at(around).next <= start {
            around = self.at(around).next;
        }
        let mut step = self.at(around);
        if step.value <= value {
            return None;
        }
        let mut from = start;
        while step.value > value {
            cut((from, step.next), step.value);
            from = step.next;
            step = self.at(from);
        }
        // If the next step has this value already, start it earlier.
        let next = if step.value == value { step.next } else { from };
        let kept = self.at(around).value;
        self.set(around, StaircaseStep::new(kept, start));
        self.set(start, StaircaseStep::new(value, next));
        Some((start, from))
    }

    #[inline(always)]
    fn at(&self, start: u16) -> StaircaseStep {
        let end = StaircaseStep::new(0, self.v_len);
        self.steps.get(usize::from(start)).copied().unwrap_or(end)
    }

    #[inline(always)]
    fn set(&mut self, start: u16, step: StaircaseStep) {
        if let Some(slot) = self.steps.get_mut(usize::from(start)) {
            *slot = step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const V_LEN: u16 = 9;

    #[derive(Clone, Debug)]
    enum StaircaseShape {
        RaiseBefore(u16, u16),
        LowerFrom(u16, u16),
    }

    fn shape() -> impl Strategy<Value = StaircaseShape> {
        prop_oneof![
            (0..=V_LEN, 0..8_u16).prop_map(|(end, value)| StaircaseShape::RaiseBefore(end, value)),
            (0..=V_LEN, 0..8_u16).prop_map(|(start, value)| StaircaseShape::LowerFrom(start, value)),
        ]
    }

    /// The same cut on a plain list of values.
    fn cut(values: &mut [u16], shape: &StaircaseShape) {
        for (v, slot) in (0..).zip(values) {
            *slot = match *shape {
                StaircaseShape::RaiseBefore(end, value) if v < end => value.max(*slot),
                StaircaseShape::LowerFrom(start, value) if v >= start => value.min(*slot),
                _ => *slot,
            };
        }
    }

    proptest! {
        #[test]
        fn cuts_are_those_of_every_value_by_itself(first in 0..8_u16, shapes in prop::collection::vec(shape(), 1..20)) {
            let mut steps = Staircase::new(V_LEN, first);
            let mut values = vec![first; usize::from(V_LEN)];
            for shape in shapes {
                let before = values.clone();
                cut(&mut values, &shape);
                let mut reported = Vec::new();
                let report = |vs: (u16, u16), was: u16| reported.extend((vs.0..vs.1).map(|v| (v, was)));
                let changed = match shape {
                    StaircaseShape::RaiseBefore(end, value) => steps.raise_before(end, value, report),
                    StaircaseShape::LowerFrom(start, value) => steps.lower_from(start, value, report),
                };
                reported.sort_unstable();
                let differs = |v: u16| before[usize::from(v)] != values[usize::from(v)];
                let expected: Vec<_> = (0..V_LEN).filter(|v| differs(*v)).map(|v| (v, before[usize::from(v)])).collect();
                prop_assert_eq!(&reported, &expected);
                let ends = expected.first().zip(expected.last()).map(|(first, last)| (first.0, last.0 + 1));
                prop_assert_eq!(changed, ends);
                let at = |v: u16| steps.iter().filter(|(start, _)| *start <= v).last().map(|(_, value)| value);
                for (v, value) in (0..).zip(&values) {
                    prop_assert_eq!(at(v), Some(*value));
                }
                let pieces: Vec<_> = steps.iter().collect();
                prop_assert!(pieces.is_sorted_by(|one, next| one.0 < next.0 && one.1 > next.1));
                prop_assert_eq!(steps.least(), values[usize::from(V_LEN) - 1]);
                let highest = values.iter().filter(|value| **value == 7).count();
                prop_assert_eq!(usize::from(steps.end_at(7)), highest);
            }
        }
    }
}
