//! How long things take, for the person who waits for them.

use std::time::{Duration, Instant};

/// Measures the time since it was started.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(
        clippy::disallowed_methods,
        reason = "the seconds a task took are for people; nothing is computed from them"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The seconds that the steps of a task took.
#[derive(Default)]
pub struct Timings(Vec<(String, Duration)>);

impl Timings {
    /// Does one step and keeps the time it took, if it succeeds: a task ends with its first step that fails.
    pub fn step<T, E>(&mut self, name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let watch = Stopwatch::start();
        let done = work()?;
        self.0.push((name.to_owned(), watch.elapsed()));
        Ok(done)
    }

    /// One line a step, and their total.
    pub fn table(&self) -> String {
        let total = ("total".to_owned(), self.0.iter().map(|(_, time)| *time).sum());
        let rows = || self.0.iter().chain([&total]);
        let width = rows().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let line = |(name, time): &(String, Duration)| format!("    {name:width$} {:>7} s", seconds(*time));
        rows().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Whole seconds, rounded.
pub fn seconds(time: Duration) -> u64 {
    (time + Duration::from_millis(500)).as_secs()
}

#[cfg(test)]
mod tests {
    use super::{Timings, seconds};
    use std::time::Duration;

    #[test]
    fn seconds_are_rounded() {
        assert_eq!(seconds(Duration::from_millis(1_499)), 1);
        assert_eq!(seconds(Duration::from_millis(1_500)), 2);
    }

    #[test]
    fn the_table_ends_with_the_total() {
        let timings = Timings(vec![
            ("format".to_owned(), Duration::from_millis(1_400)),
            ("native tests".to_owned(), Duration::from_millis(99_400)),
        ]);
        let expected = "    format             1 s\n    native tests      99 s\n    total            101 s";
        assert_eq!(timings.table(), expected);
    }

    #[test]
    fn a_failed_step_is_no_timing() {
        let mut timings = Timings::default();
        assert_eq!(timings.step("format", || Err::<(), _>("badly")), Err("badly"));
        assert_eq!(timings.table(), "    total       0 s");
    }
}
