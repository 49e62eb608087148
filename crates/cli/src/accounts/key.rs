//! Where an account's API key comes from. It is never an argument: other users of a machine can read command lines.

use crate::Failure;
use mailgun_pools::transport::ApiKey;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variable that is read where an account names nothing else.
pub(crate) const USUAL_VARIABLE: &str = "MAILGUN_API_KEY";

/// A key file is one line. Whatever is longer is another file.
const LONGEST_KEY_BYTES: u64 = 4_096;

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// The usual variable, or else the terminal.
    Usual,
    /// A variable of the environment.
    Environment(String),
    /// A file that only its owner may read.
    File(PathBuf),
    /// A program that prints it, such as a password manager's.
    Program(Vec<String>),
}

impl KeySource {
    /// The variable that this may read, which programs started from here must not inherit.
    pub(crate) fn variable(&self) -> Option<&str> {
        match self {
            Self::Usual => Some(USUAL_VARIABLE),
            Self::Environment(name) => Some(name),
            Self::File(_) | Self::Program(_) => None,
        }
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`Failure`] says what is missing and how to give it. It never holds any part of a key.
    pub(crate) fn read(&self, account: &str) -> Result<ApiKey, Failure> {
        let text = self.read_text(account)?;
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure(format!(
                "account “{account}”: its API key is empty or has characters that no key has"
            )));
        }
        Ok(ApiKey::new(text))
    }

    /// Reads a secret as it is. `of` is what it is for, such as an account's name.
    ///
    /// # Errors
    /// [`Failure`] says what is missing. It never holds any part of the secret.
    pub(crate) fn read_text(&self, of: &str) -> Result<String, Failure> {
        match self {
            Self::Usual => match std::env::var(USUAL_VARIABLE) {
                Ok(text) if !text.trim().is_empty() => Ok(text),
                _ => from_terminal(of),
            },
            Self::Environment(name) => {
                std::env::var(name).map_err(|_| Failure(format!("“{of}”: set {name} to its API key or secret")))
            }
            Self::File(path) => from_file(path),
            Self::Program(words) => from_program(words),
        }
    }
}

fn from_terminal(account: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure(format!(
            "account “{account}” has no API key: set {USUAL_VARIABLE}, or name a file with --key-file"
        )));
    }
    rpassword::prompt_password(format!("API key of {account} (not shown): "))
        .map_err(|error| Failure::of("reading the API key", error))
}

fn from_file(path: &Path) -> Result<String, Failure> {
    let reading = |error: std::io::Error| Failure::of(format!("reading {}", path.display()), error);
    let file = File::open(path).map_err(reading)?;
    // Of the open file, so that nothing can take its place in between.
    let found = file.metadata().map_err(reading)?;
    if !found.is_file() || found.len() > LONGEST_KEY_BYTES {
        return Err(Failure(format!("{} is not a file with one API key", path.display())));
    }
    refuse_shared(path, &found, 0o077)?;
    let mut text = String::new();
    file.take(LONGEST_KEY_BYTES)
        .read_to_string(&mut text)
        .map_err(reading)?;
    Ok(text)
}

/// Refuses a file that others may use in one of these ways (bits of a mode).
#[cfg(unix)]
pub(crate) fn refuse_shared(path: &Path, found: &std::fs::Metadata, others: u32) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let mode = found.mode() & 0o777;
    if mode & others == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(Failure(format!(
        "{path}: other users may use this file (mode {mode:03o}). Run: chmod 600 {path}"
    )))
}

/// Other systems have no such bits. Their home folders are private by default.
#[cfg(not(unix))]
pub(crate) fn refuse_shared(_: &Path, _: &std::fs::Metadata, _: u32) -> Result<(), Failure> {
    Ok(())
}

fn from_program(words: &[String]) -> Result<String, Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure("key_command is empty".to_owned()));
    };
    let running = |error: &dyn std::fmt::Display| Failure::of(format!("running {program} for the API key"), error);
    let ran = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| running(&error))?;
    if !ran.status.success() {
        return Err(running(&ran.status));
    }
    String::from_utf8(ran.stdout).map_err(|_| running(&"it did not print text"))
}
