//! The days of one domain in a sweep.

use super::difference_array::{CellWeights, CountedMoves};
use super::staircase_run::DayWeights;
use poolkeeper_core::model::Band;
use std::ops::Range;

/// The days of one domain, and what changes on them weigh.
pub(super) struct DomainDays<'a> {
    pub counted: &'a Range<u32>,
    pub flaps_from: u32,
    /// The counted messages processed from each day on; empty when they are not counted.
    pub messages: &'a [u64],
    /// The final band under the current policy.
    pub current: Option<Band>,
}

impl DomainDays<'_> {
    /// The counted messages processed from a day on.
    #[inline]
    pub fn messages_from(&self, day: u32) -> u64 {
        self.messages.get(day as usize).copied().unwrap_or(0)
    }

    /// The counted days from this one on.
    #[inline]
    fn days_from(&self, day: u32) -> u32 {
        self.counted.end - day.max(self.counted.start)
    }
}

impl<const N: usize> DayWeights<N> for DomainDays<'_> {
    #[inline]
    fn of_check(&self, day: u32) -> CellWeights<N> {
        let counted = CountedMoves {
            moves: day >= self.counted.start,
            flaps: day >= self.flaps_from,
        };
        CellWeights::new(self.days_from(day), self.messages_from(day + 1), counted, self.current)
    }

    fn of_event(&self, day: u32) -> CellWeights<N> {
        CellWeights::new(
            self.days_from(day),
            self.messages_from(day),
            CountedMoves::default(),
            self.current,
        )
    }
}
