//! Errors for people: a sentence, and the command that helps if there is one.

use std::fmt;

/// The result of anything here that can fail.
pub type Result<T> = std::result::Result<T, Problem>;

/// Why a task stopped.
#[derive(Debug)]
pub struct Problem {
    sentence: String,
    remedy: Option<String>,
}

impl Problem {
    /// A problem without a command that helps.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: None,
        }
    }

    /// A problem that `command` solves.
    pub fn with_remedy(sentence: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: Some(command.into()),
        }
    }

    /// The same problem, with the command that solves it.
    pub fn remedied_by(self, command: impl Into<String>) -> Self {
        Self {
            remedy: Some(command.into()),
            ..self
        }
    }

    /// A file operation that failed, such as "read".
    pub fn file(verb: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(format!("Could not {verb} {}: {error}.", path.display()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}", self.sentence)?;
        match &self.remedy {
            Some(command) => write!(out, "\nType this, then start again:\n\n    {command}\n"),
            None => Ok(()),
        }
    }
}

/// Prints one line about what is happening.
pub fn say(line: impl fmt::Display) {
    println!("xtask: {line}");
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn the_command_is_on_a_line_of_its_own() {
        let shown = Problem::with_remedy("No compiler.", "sudo apt-get install gcc").to_string();
        assert_eq!(
            shown,
            "error: No compiler.\nType this, then start again:\n\n    sudo apt-get install gcc\n"
        );
    }
}
