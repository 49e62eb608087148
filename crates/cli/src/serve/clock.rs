//! The simulated clock beside requests: it moves in slices, and requests are answered between them.

use crate::terminal::say;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Refusal, RefusalKind};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// Real time between two moves of the clock.
const TICK: Duration = Duration::from_millis(100);

/// Domain-days of a slice. They take about 20 ms; a whole day of a large account is the least.
const SLICE_DOMAIN_DAYS: u64 = 100_000;

const DAY_SECONDS: u64 = 86_400;

/// Real time between two lines about a clock that can't keep up.
const LINES_APART: Duration = Duration::from_secs(60);

/// Moves the clock on, slice by slice. A slice that was made stays made, whatever becomes of the next one.
///
/// # Errors
/// A [`Refusal`] when the whole step is out of range, or when a slice can't be stored.
pub(super) async fn advance(simulator: &Simulator, seconds: u64) -> Result<(), Refusal> {
    simulator.sim().after_advance(seconds)?;
    let slice_days = (SLICE_DOMAIN_DAYS / u64::from(simulator.sim().domain_count()).max(1)).max(1);
    let mut left = seconds;
    while left > 0 {
        let slice = left.min(slice_days.saturating_mul(DAY_SECONDS));
        let begun = Instant::now();
        simulator.advance(slice)?;
        left -= slice;
        if left > 0 {
            // As long as the slice took, so that requests get at least half of the time.
            tokio::time::sleep(begun.elapsed()).await;
        }
    }
    Ok(())
}

/// Moves the clock at the speed asked for, and while an enroll-all job runs at least a simulated minute a tick, so that
/// the job ends by itself. Ticks that a slow machine misses are skipped.
pub(super) async fn pass_time(simulator: Simulator, days_per_second: f64) {
    let mut owed_seconds = 0.0;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut delays = ClockDelays::default();
    let mut is_stored = true;
    loop {
        ticks.tick().await;
        owed_seconds += days_per_second * TICK.as_secs_f64() * 86_400.0;
        if simulator.sim().job().is_some_and(|job| job.is_running()) {
            owed_seconds = f64::max(owed_seconds, 60.0);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most a few years of seconds"
        )]
        let whole = owed_seconds as u64;
        if whole == 0 {
            continue;
        }
        owed_seconds = 0.0;
        let begun = Instant::now();
        match advance(&simulator, whole).await {
            Ok(()) => is_stored = true,
            // Without a place to store it no time passes; the next tick tries again.
            Err(refusal) if refusal.kind == RefusalKind::NotStored => {
                if std::mem::replace(&mut is_stored, false) {
                    say(&format!("the clock waits: {refusal}"));
                }
            }
            Err(refusal) => {
                say(&format!("the clock stopped: {refusal}"));
                return;
            }
        }
        if let Some(skipped) = delays.took(begun, Instant::now()) {
            say(&format!(
                "the clock can't keep up with --speed {days_per_second} on {} domains: it skipped {skipped} \
                 of its 10 moves a second. Choose a lower --speed or fewer domains.",
                simulator.sim().domain_count()
            ));
        }
    }
}

/// Moves that were skipped because one before took too long.
#[derive(Default)]
struct ClockDelays {
    skipped: u64,
    said_at: Option<Instant>,
}

impl ClockDelays {
    /// Counts what a move from one instant to another made the clock skip; the number when it is time to say so.
    fn took(&mut self, begun: Instant, ended: Instant) -> Option<u64> {
        let ticks = ended.duration_since(begun).as_millis() / TICK.as_millis();
        self.skipped += u64::try_from(ticks).unwrap_or(u64::MAX);
        let is_time = self
            .said_at
            .is_none_or(|said_at| ended.duration_since(said_at) >= LINES_APART);
        if self.skipped == 0 || !is_time {
            return None;
        }
        self.said_at = Some(ended);
        Some(std::mem::take(&mut self.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_moves_are_said_at_once_and_then_once_a_minute() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut delays = ClockDelays::default();
        assert_eq!(delays.took(at(0), at(99)), None, "it was in time");
        assert_eq!(delays.took(at(100), at(450)), Some(3));
        assert_eq!(delays.took(at(500), at(700)), None, "it was said just now");
        assert_eq!(delays.took(at(60_400), at(60_500)), Some(3), "2 from before and 1 new");
    }
}
