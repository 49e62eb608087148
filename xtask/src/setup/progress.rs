//! What set-up says while its steps run side by side.

use crate::problem::{Result, say};
use crate::stopwatch::{Stopwatch, seconds};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the running steps are listed.
const INTERVAL: Duration = Duration::from_secs(30);

/// The steps that are running.
#[derive(Default)]
pub struct Progress {
    running: Mutex<Vec<Step>>,
}

struct Step {
    name: String,
    // Where cargo writes, for a step that compiles.
    log: Option<PathBuf>,
    watch: Stopwatch,
}

impl Progress {
    /// Does one step; says when it begins and how it ended, and after how long.
    pub fn step<T>(&self, name: &str, log: Option<&Path>, work: impl FnOnce() -> Result<T>) -> Result<T> {
        say(name);
        let watch = Stopwatch::start();
        self.running().push(Step {
            name: name.to_owned(),
            log: log.map(Path::to_path_buf),
            watch,
        });
        let outcome = work();
        self.running().retain(|step| step.name != name);
        let ended = if outcome.is_ok() { "done" } else { "failed" };
        say(format!("{name}: {ended} in {} s", seconds(watch.elapsed())));
        outcome
    }

    /// Lists the running steps from time to time, until the other end of `finished` is dropped.
    pub fn report(&self, finished: &Receiver<()>) {
        while finished.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let lines: Vec<String> = self.running().iter().map(Step::line).collect();
            if !lines.is_empty() {
                say(format!("still at work: {}", lines.join("; ")));
            }
        }
    }

    fn running(&self) -> MutexGuard<'_, Vec<Step>> {
        // The list is whole between any two statements, so a panic elsewhere leaves it fit for use.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    fn line(&self) -> String {
        let time = format!("{} ({} s", self.name, seconds(self.watch.elapsed()));
        match self.log.as_deref().map(compiled_crates) {
            Some(count) if count > 0 => format!("{time}, crate {count})"),
            _ => format!("{time})"),
        }
    }
}

/// How many crates cargo has begun to compile, by what it printed.
fn compiled_crates(log: &Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines()
        .filter(|line| line.trim_start().starts_with("Compiling "))
        .count()
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::problem::Problem;

    #[test]
    fn a_step_is_listed_while_it_runs_and_no_longer() {
        let log = std::env::temp_dir().join(format!("xtask-progress-{}", std::process::id()));
        std::fs::write(
            &log,
            "  Downloaded a v1\n   Compiling a v1.0.0\n   Compiling b v2.0.0\n",
        )
        .unwrap();
        let progress = Progress::default();
        let lines = || -> Vec<String> { progress.running().iter().map(super::Step::line).collect() };
        let seen = progress.step("trunk", Some(&log), || progress.step("npm", None, || Ok(lines())));
        assert_eq!(seen.unwrap(), ["trunk (0 s, crate 2)", "npm (0 s)"]);
        assert!(lines().is_empty());
        let failed = progress.step("trunk", None, || Err::<(), _>(Problem::new("no room")));
        assert!(failed.is_err() && lines().is_empty());
        std::fs::remove_file(log).unwrap();
    }
}
