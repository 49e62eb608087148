//! A program that takes messages as JSON on its standard input.

use serde_json::Value;
use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// How often it is asked whether the program has ended.
const STEP: Duration = Duration::from_millis(20);

/// Runs a program; it takes the message by ending with success in time. Its output is this program's.
pub(super) fn run(words: &[String], message: &Value, id: &str, timeout: Duration) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("it has no program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("POOLKEEPER_MESSAGE_ID", id)
        .env_remove(crate::accounts::USUAL_VARIABLE)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("running {program}: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        let text = message.to_string();
        // A program that does not read would hold this thread up.
        thread::spawn(move || {
            let _ = input.write_all(text.as_bytes());
        });
    }
    match ended(&mut child, timeout) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(format!("{program} ended with {status}")),
        Ok(None) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(format!("{program} did not end in time"))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// How it ended; `None` if it still runs after that time.
fn ended(child: &mut Child, timeout: Duration) -> std::io::Result<Option<ExitStatus>> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if waited >= timeout {
            return Ok(None);
        }
        thread::park_timeout(STEP);
        waited += STEP;
    }
}
