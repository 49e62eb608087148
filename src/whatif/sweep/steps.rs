//! One staircase that falls along `v`, changed in place.
//!
//! A cut lifts what comes before some `v` or lowers what comes after, and so changes neighbouring steps only. What it changes is told as edges: in some
//! `v`s the staircase leaves where it was, and in all of them it arrives at one value.

/// Some `v`s, up to the next step's, and the staircase's value in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub start: u16,
    pub value: u16,
}

/// Told of every piece of the staircase that a cut changes: its `v`s, as first and end, and its value before.
pub(super) trait Cut: FnMut((u16, u16), u16) {}
impl<F: FnMut((u16, u16), u16)> Cut for F {}

/// A staircase. There is always a step, the first starts at 0, and each value is lower than the one before.
pub(super) struct Steps {
    steps: Vec<Step>,
    v_len: u16,
}

impl Steps {
    /// The same value in every `v`.
    pub fn new(v_len: u16, value: u16) -> Self {
        let steps = vec![Step { start: 0, value }];
        Self { steps, v_len }
    }

    /// Starts anew.
    #[inline]
    pub fn reset(&mut self, value: u16) {
        self.steps.clear();
        self.steps.push(Step { start: 0, value });
    }

    pub fn as_slice(&self) -> &[Step] {
        &self.steps
    }

    /// The number of `v`s.
    pub const fn v_len(&self) -> u16 {
        self.v_len
    }

    /// The value in the last `v`s, the least.
    #[inline]
    pub fn least(&self) -> u16 {
        self.steps.last().map_or(0, |last| last.value)
    }

    /// The first `v`s with a value, from 0 to their end; 0 where the staircase begins below.
    #[inline]
    pub fn end_at(&self, value: u16) -> u16 {
        match self.steps.as_slice() {
            [first, ..] if first.value < value => 0,
            [_, second, ..] => second.start,
            _ => self.v_len,
        }
    }

    /// As [`raise_before`](Self::raise_before) the end.
    #[inline(always)]
    fn raise(&mut self, value: u16, mut cut: impl Cut) -> Option<(u16, u16)> {
        let mut start = self.v_len;
        while let Some(last) = self.steps.last().copied().filter(|last| last.value < value) {
            cut((last.start, start), last.value);
            start = last.start;
            self.steps.pop();
        }
        if start == self.v_len {
            return None;
        }
        if self.steps.last().is_none_or(|last| last.value != value) {
            self.steps.push(Step { start, value });
        }
        Some((start, self.v_len))
    }

    /// Lifts what is lower to a value, in the `v`s before `end`. Gives the `v`s that changed.
    #[inline]
    pub fn raise_before(&mut self, end: u16, value: u16, mut cut: impl Cut) -> Option<(u16, u16)> {
        if end == self.v_len {
            return self.raise(value, cut);
        }
        let first = self.steps.iter().position(|step| step.value < value)?;
        let start = self
            .steps
            .get(first)
            .map(|step| step.start)
            .filter(|start| *start < end)?;
        let mut after = first;
        while let Some(step) = self.steps.get(after).copied().filter(|step| step.start < end) {
            cut((step.start, self.end(after).min(end)), step.value);
            after += 1;
        }
        let is_last_kept = self.end(after - 1) > end;
        if is_last_kept && let Some(last) = self.steps.get_mut(after - 1) {
            last.start = end;
        }
        let before = first.checked_sub(1).and_then(|before| self.steps.get(before));
        let is_new = before.is_none_or(|before| before.value != value);
        self.replace(
            first,
            after - usize::from(is_last_kept),
            is_new.then_some(Step { start, value }),
        );
        Some((start, end))
    }

    /// Lowers what is higher to a value, in the `v`s from `start` on. Gives the `v`s that changed.
    #[inline]
    pub fn lower_from(&mut self, start: u16, value: u16, mut cut: impl Cut) -> Option<(u16, u16)> {
        let first = self.steps.iter().rposition(|step| step.start <= start)?;
        if start >= self.v_len || self.steps.get(first).is_none_or(|step| step.value <= value) {
            return None;
        }
        let mut from = start;
        let mut after = first;
        while self.steps.get(after).is_some_and(|step| step.value > value) {
            let end = self.end(after);
            cut((from, end), self.steps.get(after).map_or(0, |step| step.value));
            from = end;
            after += 1;
        }
        let is_first_kept = self.steps.get(first).is_some_and(|step| step.start < start);
        let next = self.steps.get_mut(after).filter(|next| next.value == value);
        let is_new = next.is_none();
        if let Some(next) = next {
            next.start = start;
        }
        self.replace(
            first + usize::from(is_first_kept),
            after,
            is_new.then_some(Step { start, value }),
        );
        Some((start, from))
    }

    /// The first `v` after a step.
    #[inline]
    fn end(&self, step: usize) -> u16 {
        self.steps.get(step + 1).map_or(self.v_len, |next| next.start)
    }

    /// Puts one step, or none, in the place of those from one position to before another.
    #[inline]
    fn replace(&mut self, mut from: usize, to: usize, step: Option<Step>) {
        if let Some(step) = step {
            match self.steps.get_mut(from).filter(|_| from < to) {
                Some(first) => *first = step,
                None => self.steps.insert(from, step),
            }
            from += 1;
        }
        if from < to {
            self.steps.drain(from..to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const V_LEN: u16 = 9;

    #[derive(Clone, Debug)]
    enum Shape {
        RaiseBefore(u16, u16),
        LowerFrom(u16, u16),
    }

    fn shape() -> impl Strategy<Value = Shape> {
        prop_oneof![
            (0..=V_LEN, 0..8_u16).prop_map(|(end, value)| Shape::RaiseBefore(end, value)),
            (0..=V_LEN, 0..8_u16).prop_map(|(start, value)| Shape::LowerFrom(start, value)),
        ]
    }

    /// Value by value.
    fn cut(values: &mut [u16], shape: &Shape) {
        for (v, slot) in (0..).zip(values) {
            *slot = match *shape {
                Shape::RaiseBefore(end, value) if v < end => value.max(*slot),
                Shape::LowerFrom(start, value) if v >= start => value.min(*slot),
                _ => *slot,
            };
        }
    }

    proptest! {
        #[test]
        fn cuts_are_those_of_every_value_by_itself(first in 0..8_u16, shapes in prop::collection::vec(shape(), 1..20)) {
            let mut steps = Steps::new(V_LEN, first);
            let mut values = vec![first; usize::from(V_LEN)];
            for shape in shapes {
                let before = values.clone();
                cut(&mut values, &shape);
                let mut told = Vec::new();
                let note = |vs: (u16, u16), was: u16| told.extend((vs.0..vs.1).map(|v| (v, was)));
                let changed = match shape {
                    Shape::RaiseBefore(end, value) => steps.raise_before(end, value, note),
                    Shape::LowerFrom(start, value) => steps.lower_from(start, value, note),
                };
                told.sort_unstable();
                let differs = |v: u16| before[usize::from(v)] != values[usize::from(v)];
                let expected: Vec<_> = (0..V_LEN).filter(|v| differs(*v)).map(|v| (v, before[usize::from(v)])).collect();
                prop_assert_eq!(&told, &expected);
                let ends = expected.first().zip(expected.last()).map(|(first, last)| (first.0, last.0 + 1));
                prop_assert_eq!(changed, ends);
                let at = |v: u16| steps.as_slice().iter().rfind(|step| step.start <= v).map(|step| step.value);
                for (v, value) in (0..).zip(&values) {
                    prop_assert_eq!(at(v), Some(*value));
                }
                prop_assert!(steps.as_slice().is_sorted_by(|one, next| one.start < next.start && one.value > next.value));
                prop_assert_eq!(steps.least(), values[usize::from(V_LEN) - 1]);
                for value in 0..8 {
                    let count = if values[0] < value { 0 } else { values.iter().take_while(|each| **each == values[0]).count() };
                    prop_assert_eq!(usize::from(steps.end_at(value)), count);
                }
            }
        }
    }
}
