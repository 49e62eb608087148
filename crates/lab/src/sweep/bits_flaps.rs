//! Flaps of one word's policies: moves back into the band that the domain left within the days that a flap spans.

use crate::backtest::FLAP_DAYS;

/// The band that the domain left with its last move, for each policy.
#[derive(Clone, Copy, Default)]
pub(super) struct LeftBands {
    poor: u64,
    good: u64,
    new: u64,
}

/// The policies of one word under which the domain moved recently.
#[derive(Clone, Copy)]
pub(super) struct RecentMoves {
    /// The day of the last move; there was none before the first.
    pub last: Option<u32>,
    /// Masks of the days up to the last move, as a ring buffer.
    masks: [u64; HISTORY_DAYS],
}

/// Today, the days that a flap spans, and one more.
const HISTORY_DAYS: usize = FLAP_DAYS as usize + 2;
// `slot` wraps around below day 0, which needs a power of two.
const _: () = assert!(HISTORY_DAYS.is_power_of_two());

/// A vote for each policy of one word.
#[derive(Clone, Copy)]
pub(super) struct WordVotes {
    pub poor: u64,
    pub good: u64,
    pub new: u64,
}

impl LeftBands {
    pub const fn keep(&mut self, policies: u64) {
        self.poor &= policies;
        self.good &= policies;
        self.new &= policies;
    }

    /// Records a move. Returns the policies that it takes back into the band that their previous move left.
    #[inline]
    pub const fn record(&mut self, moved: u64, enters: WordVotes, poor: u64, good: u64) -> u64 {
        let back = (enters.poor & self.poor) | (enters.good & self.good) | (enters.new & self.new);
        self.poor = self.poor & !moved | poor & moved;
        self.good = self.good & !moved | good & moved;
        self.new = self.new & !moved | moved & !poor & !good;
        back
    }
}

impl RecentMoves {
    pub const NONE: Self = Self {
        last: None,
        masks: [0; HISTORY_DAYS],
    };

    /// Records the moves of a day. Returns the policies of `back` whose previous move is within a flap's days.
    #[inline]
    pub fn record(&mut self, moved: u64, back: u64, day: u32) -> u64 {
        // Clear the days without a move. One day may come in several parts.
        match self.last.map(|last| (day - last) as usize) {
            None | Some(HISTORY_DAYS..) => self.masks = [0; HISTORY_DAYS],
            Some(gap) => (0..gap).for_each(|ago| self.set(day, ago, 0)),
        }
        self.last = Some(day);
        self.set(day, 0, 0);
        self.set(day, FLAP_DAYS as usize + 1, 0);
        let recent = self.masks.iter().fold(0, |recent, mask| recent | mask);
        self.set(day, 0, moved);
        recent & back
    }

    #[inline]
    fn set(&mut self, day: u32, ago: usize, mask: u64) {
        if let Some(slot) = self.masks.get_mut(slot(day, ago)) {
            *slot = mask;
        }
    }
}

/// The position of the mask of the day `ago` days before.
#[inline]
const fn slot(day: u32, ago: usize) -> usize {
    (day as usize).wrapping_sub(ago) % HISTORY_DAYS
}
