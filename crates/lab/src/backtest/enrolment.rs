//! What a domain's events do to its enrolment and its pin.

use super::options::Overrides;
use crate::timeline::TimelineEventKind;
use poolkeeper_core::model::Band;

/// Whether a domain is enrolled, and pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnrolmentState {
    pub is_enrolled: bool,
    pub is_pinned: bool,
}

/// What an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventEffect {
    /// It is enrolled from now on, in the band that its window votes for.
    Enrolled,
    /// It is not enrolled any more.
    Left,
    /// Checks do not move it from now on.
    Pinned(Band),
    /// Checks move it from now on.
    Unpinned,
}

impl EnrolmentState {
    /// Before a domain's first event.
    pub const fn new(is_enrolled: bool) -> Self {
        Self {
            is_enrolled,
            is_pinned: false,
        }
    }

    /// Applies an event; returns what it changed.
    pub fn apply(&mut self, kind: TimelineEventKind, overrides: Overrides) -> Option<EventEffect> {
        match kind {
            TimelineEventKind::Enrolled if !self.is_enrolled => {
                self.is_enrolled = true;
                Some(EventEffect::Enrolled)
            }
            TimelineEventKind::Unenrolled if self.is_enrolled => {
                *self = Self::new(false);
                Some(EventEffect::Left)
            }
            TimelineEventKind::Pinned(band) if self.is_enrolled && overrides == Overrides::Kept => {
                self.is_pinned = true;
                Some(EventEffect::Pinned(band))
            }
            TimelineEventKind::Unpinned if self.is_pinned => {
                self.is_pinned = false;
                Some(EventEffect::Unpinned)
            }
            _ => None,
        }
    }
}
