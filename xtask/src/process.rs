//! Starting other programs.

use crate::problem::{Problem, Result};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs a command and shows its output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| unstartable(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` failed ({status}).", shown(command))))
    }
}

/// Runs a command and writes its output to `log`. If it fails, the problem quotes the last lines.
pub fn run_quietly(command: &mut Command, log: &Path) -> Result<()> {
    let file = File::create(log).map_err(|error| Problem::file("write", log, &error))?;
    let copy = file.try_clone().map_err(|error| Problem::file("write", log, &error))?;
    command.stdin(Stdio::null()).stdout(file).stderr(copy);
    let status = command.status().map_err(|error| unstartable(command, &error))?;
    if status.success() {
        return Ok(());
    }
    let text = std::fs::read_to_string(log).unwrap_or_default();
    Err(Problem::new(format!(
        "`{}` failed ({status}). Its last lines (all of them are in {}):\n{}",
        shown(command),
        log.display(),
        last_lines(&text, 15)
    )))
}

/// A command's standard output, trimmed; `None` if it can't be started or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first file called `name` in the folders of `PATH`.
pub fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name.as_ref()))
        .find(|file| file.is_file())
}

/// The cargo that started this program.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The last `count` lines of a text.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// The problem that a command could not be started.
pub fn unstartable(command: &Command, error: &std::io::Error) -> Problem {
    Problem::new(format!(
        "Could not start `{}`: {error}.",
        command.get_program().to_string_lossy()
    ))
}

#[cfg(test)]
mod tests {
    use super::{answer, last_lines, run_quietly};
    use std::process::Command;

    #[test]
    fn the_end_of_a_long_log_is_kept() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a\n", 5), "a");
    }

    #[test]
    fn the_problem_quotes_a_failing_program() {
        let log = std::env::temp_dir().join(format!("xtask-process-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo out of paper >&2; exit 3"]);
        let said = run_quietly(&mut command, &log).unwrap_err().to_string();
        assert!(said.contains("out of paper") && said.contains('3'), "{said}");
        std::fs::remove_file(log).unwrap();
    }

    #[test]
    fn a_program_that_is_not_there_answers_nothing() {
        assert_eq!(answer(&mut Command::new("no-such-program-here")), None);
        assert_eq!(
            answer(Command::new("sh").args(["-c", "echo ' word '"])).as_deref(),
            Some("word")
        );
    }
}
