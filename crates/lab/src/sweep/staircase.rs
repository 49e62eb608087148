//! One staircase that falls along `v`, changed in place.
//!
//! A cut lifts what comes before some `v` or lowers what comes after, and so replaces neighbouring steps by one. What it
//! changes is told as edges: in some `v`s the staircase leaves where it was, and in all of them it arrives at one value.

/// The staircase's value from some `v` on, up to where the next step starts.
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

/// Told of every piece of the staircase that a cut changes: its `v`s, as first and end, and its value before.
pub(super) trait OnCut: FnMut((u16, u16), u16) {}
impl<F: FnMut((u16, u16), u16)> OnCut for F {}

/// A staircase. Each step's value is lower than the one's before.
pub(super) struct Staircase {
    /// By the `v`s they start at; one always starts at 0, and what lies between starts says nothing. At the end stands a
    /// step that is below all others and next to itself.
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

    /// Starts anew.
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

    /// How many `v`s, from 0 on, have a value that is the highest there is.
    #[inline]
    pub fn end_at(&self, highest: u16) -> u16 {
        let first = self.at(0);
        if first.value < highest { 0 } else { first.next }
    }

    /// The value in the last `v`s, the least.
    #[inline]
    pub fn least(&self) -> u16 {
        let mut step = self.at(0);
        while step.next < self.v_len {
            step = self.at(step.next);
        }
        step.value
    }

    /// Lifts what is lower to a value, in the `v`s before `end`. Gives the `v`s that changed.
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
        // Where the step before has the value already, it reaches on.
        let from = if self.at(before).value == value { before } else { start };
        self.set(from, StaircaseStep::new(value, end));
        Some((start, end))
    }

    /// Lowers what is higher to a value, in the `v`s from `start` on. Gives the `v`s that changed.
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
        // A step that has the value already begins earlier now.
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

    /// Value by value.
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
                let mut told = Vec::new();
                let note = |vs: (u16, u16), was: u16| told.extend((vs.0..vs.1).map(|v| (v, was)));
                let changed = match shape {
                    StaircaseShape::RaiseBefore(end, value) => steps.raise_before(end, value, note),
                    StaircaseShape::LowerFrom(start, value) => steps.lower_from(start, value, note),
                };
                told.sort_unstable();
                let differs = |v: u16| before[usize::from(v)] != values[usize::from(v)];
                let expected: Vec<_> = (0..V_LEN).filter(|v| differs(*v)).map(|v| (v, before[usize::from(v)])).collect();
                prop_assert_eq!(&told, &expected);
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
