//! What a person is told when a task can't go on: a sentence, and the command to type if there is one.

use std::fmt;

/// The result of anything here that can fail.
pub type Result<T> = std::result::Result<T, Problem>;

/// Why a task stopped, in words for the person who started it.
#[derive(Debug)]
pub struct Problem {
    sentence: String,
    remedy: Option<String>,
}

impl Problem {
    /// A problem nothing can be typed against.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: None,
        }
    }

    /// A problem that goes away when the person types `command`.
    pub fn with_remedy(sentence: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            remedy: Some(command.into()),
        }
    }

    /// The same problem, with the command that mends it.
    pub fn remedied_by(self, command: impl Into<String>) -> Self {
        Self {
            remedy: Some(command.into()),
            ..self
        }
    }

    /// A file that could not be read, written, or made.
    pub fn file(deed: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(format!("Could not {deed} {}: {error}.", path.display()))
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

/// Says in one line what is happening.
pub fn say(line: impl fmt::Display) {
    println!("xtask: {line}");
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn a_remedy_stands_on_its_own_line_ready_to_copy() {
        let shown = Problem::with_remedy("No compiler.", "sudo apt-get install gcc").to_string();
        assert_eq!(
            shown,
            "error: No compiler.\nType this, then start again:\n\n    sudo apt-get install gcc\n"
        );
    }
}
