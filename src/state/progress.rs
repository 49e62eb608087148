//! How far some work has come.

/// How far some work has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WorkProgress {
    /// What is being done: `Loading domains`.
    pub(crate) what: String,
    /// How much is done.
    pub(crate) done: u64,
    /// How much there is, once known.
    pub(crate) total: Option<u64>,
    /// Milliseconds since it began.
    pub(crate) elapsed_ms: f64,
}

impl WorkProgress {
    /// Milliseconds the rest should take at the pace so far; `None` before a tenth of a second or without a total.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate for display, never negative"
    )]
    pub(crate) fn left_ms(&self) -> Option<u64> {
        let total = self.total?;
        if self.done == 0 || self.elapsed_ms < 100.0 {
            return None;
        }
        let left = total.saturating_sub(self.done) as f64;
        Some((self.elapsed_ms / self.done as f64 * left) as u64)
    }
}
