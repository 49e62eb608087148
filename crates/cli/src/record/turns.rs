//! Who sends a change: two pages of this program do not send the same one at the same time.

use poolkeeper_account::record::ChangeId;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// A page that has sent nothing of its change for so long is gone. Two attempts are at most 120 seconds apart.
const LASTS: Duration = Duration::from_secs(240);

/// The longest name of a page, or of a change.
pub(crate) const LONGEST_NAME_BYTES: usize = 64;

struct Turn {
    sender: String,
    seen_at: Instant,
}

/// The changes that are being sent, each by one page.
#[derive(Default)]
pub(super) struct SendingTurns {
    turns: HashMap<ChangeId, Turn>,
}

impl SendingTurns {
    /// Gives a change to a page; `false` while another one sends it.
    pub(super) fn take(&mut self, change: &ChangeId, sender: &str, now: Instant) -> bool {
        self.turns.retain(|_, turn| now.duration_since(turn.seen_at) < LASTS);
        if self.turns.get(change).is_some_and(|turn| turn.sender != sender) {
            return false;
        }
        let turn = Turn {
            sender: sender.to_owned(),
            seen_at: now,
        };
        self.turns.insert(change.clone(), turn);
        true
    }

    /// Something of the change was sent.
    pub(super) fn seen(&mut self, change: &ChangeId, now: Instant) {
        if let Some(turn) = self.turns.get_mut(change) {
            turn.seen_at = now;
        }
    }

    /// The change is over for now.
    pub(super) fn end(&mut self, change: &ChangeId) {
        self.turns.remove(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_sends_a_change_until_it_ends_or_is_silent() {
        let (mut turns, begin) = (SendingTurns::default(), Instant::now());
        let change = ChangeId::from("one");
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert!(turns.take(&change, "a", at(0)));
        assert!(turns.take(&change, "a", at(1)), "its own page goes on");
        assert!(!turns.take(&change, "b", at(2)));
        assert!(turns.take(&ChangeId::from("two"), "b", at(2)), "another change");
        turns.seen(&change, at(100));
        assert!(
            !turns.take(&change, "b", at(339)),
            "239 seconds after the latest request"
        );
        assert!(turns.take(&change, "b", at(340)));
        assert!(!turns.take(&change, "a", at(341)));
        turns.end(&change);
        assert!(turns.take(&change, "a", at(342)));
    }
}
