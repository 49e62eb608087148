//! Compiling in the background, for steps that come later and then find everything compiled.

use crate::process::unstartable;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a running command is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// Commands that run one after the other in the background. Dropped, it stops the one that runs and starts no other.
///
/// What a command prints goes to its log, and a failure is no error here: the step that does the same work in the
/// foreground fails too, and shows why.
pub struct Background {
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    running: Option<Child>,
    is_stopped: bool,
}

impl Background {
    /// Starts the commands, each with its log.
    pub fn start(commands: Vec<(Command, PathBuf)>) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            for (mut command, log) in commands {
                let Ok(file) = File::create(&log) else { return };
                let Ok(copy) = file.try_clone() else { return };
                command.stdin(Stdio::null()).stdout(copy).stderr(file);
                if !run_unless_stopped(&shared, &mut command) {
                    return;
                }
            }
        });
        Self {
            state,
            thread: Some(thread),
        }
    }

    /// Waits for the last command to end.
    pub fn finish(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed, and the foreground does the work again.
            drop(thread.join());
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        {
            let mut state = locked(&self.state);
            state.is_stopped = true;
            if let Some(child) = &mut state.running {
                // It may have ended by itself.
                drop(child.kill());
            }
        }
        self.join();
    }
}

/// Whether the command ran to its end and the next may start.
fn run_unless_stopped(state: &Mutex<State>, command: &mut Command) -> bool {
    {
        let mut state = locked(state);
        if state.is_stopped {
            return false;
        }
        match command.spawn() {
            Ok(child) => state.running = Some(child),
            Err(error) => {
                eprintln!("{}", unstartable(command, &error));
                return false;
            }
        }
    }
    loop {
        let mut state = locked(state);
        match state.running.as_mut().map(Child::try_wait) {
            Some(Ok(None)) => {}
            _ => {
                state.running = None;
                return !state.is_stopped;
            }
        }
        drop(state);
        std::thread::sleep(INTERVAL);
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Each change is a single statement, so a panic elsewhere leaves it fit for use.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::Background;
    use std::path::PathBuf;
    use std::process::Command;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-background-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }

    #[test]
    fn commands_run_in_order_and_write_logs() {
        let folder = folder("order");
        let logs = ["a", "b"].map(|name| folder.join(name));
        let commands = vec![
            (shell("echo first; exit 1"), logs[0].clone()),
            (shell("echo second"), logs[1].clone()),
        ];
        Background::start(commands).finish();
        let read = |log: &PathBuf| std::fs::read_to_string(log).unwrap();
        assert_eq!(
            (read(&logs[0]).as_str(), read(&logs[1]).as_str()),
            ("first\n", "second\n")
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn dropped_it_stops_what_runs_and_starts_nothing_more() {
        let folder = folder("drop");
        let logs = ["a", "b"].map(|name| folder.join(name));
        let commands = vec![
            (shell("exec sleep 600"), logs[0].clone()),
            (shell("echo never"), logs[1].clone()),
        ];
        drop(Background::start(commands));
        assert!(!logs[1].exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
