//! The simulator's state in a file, kept across restarts and `kill -9`.
//!
//! Two files: `FILE`, a whole account, replaced atomically; and `FILE.journal`, one accepted command a line, each on disk
//! before its answer goes out. What is loaded is the account, then its journal's commands: the same commands give the
//! same account. The journal's first line names the account it continues, so that a crash between the two writes of a
//! new beginning never replays old commands on it.

use crate::Failure;
use poolkeeper_simulator::sim::{Actor, Command, Sim};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// After so many commands the whole account is written and the journal begins anew.
const COMMANDS_PER_SNAPSHOT: u32 = 5_000;

#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct StateFileHeader {
    continues: String,
}

#[derive(Serialize, Deserialize)]
struct JournalEntry {
    actor: Actor,
    command: Command,
}

/// An open state file.
pub(super) struct StateFile {
    path: PathBuf,
    journal: File,
    commands: u32,
}

impl StateFile {
    /// The account a file holds; `None` when there is no file yet.
    ///
    /// # Errors
    /// When it can't be read or is not an account. It is left as it is.
    pub(super) fn load(path: &Path) -> Result<Option<Sim>, Failure> {
        let reading = |error| Failure::of(format!("reading {}", path.display()), error);
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(reading(error.to_string())),
        };
        let mut sim = Sim::from_bytes(&bytes).map_err(|error| reading(error.to_string()))?;
        replay(&mut sim, &journal_path(path), &digest(&bytes))?;
        Ok(Some(sim))
    }

    /// Begins a file with an account.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn begin(path: &Path, sim: &Sim) -> Result<Self, Failure> {
        let writing = |error: std::io::Error| Failure::of(format!("writing {}", path.display()), error);
        let bytes = sim.to_bytes();
        let beside = suffixed(path, ".new");
        let mut file = File::create(&beside).map_err(writing)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(writing)?;
        fs::rename(&beside, path).map_err(writing)?;
        let mut journal = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(journal_path(path))
            .map_err(writing)?;
        let head = StateFileHeader {
            continues: digest(&bytes),
        };
        append(&mut journal, &head).map_err(writing)?;
        Ok(Self {
            path: path.to_owned(),
            journal,
            commands: 0,
        })
    }

    /// Puts an accepted command on disk.
    ///
    /// # Errors
    /// When it can't be written; the state in memory is then ahead of the file.
    pub(super) fn record(&mut self, sim: &Sim, actor: &Actor, command: &Command) -> Result<(), Failure> {
        self.commands += 1;
        if self.commands >= COMMANDS_PER_SNAPSHOT {
            *self = Self::begin(&self.path, sim)?;
            return Ok(());
        }
        let entry = JournalEntry {
            actor: actor.clone(),
            command: command.clone(),
        };
        append(&mut self.journal, &entry)
            .map_err(|error| Failure::of(format!("writing {}", self.path.display()), error))
    }
}

fn append(journal: &mut File, line: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    journal.write_all(text.as_bytes())?;
    journal.sync_data()
}

/// Replays what continues this very account; a last line cut off by a crash was never answered and is dropped.
fn replay(sim: &mut Sim, journal: &Path, continues: &str) -> Result<(), Failure> {
    let Ok(file) = File::open(journal) else { return Ok(()) };
    let mut lines = BufReader::new(file).lines();
    let head = lines
        .next()
        .and_then(Result::ok)
        .and_then(|line| serde_json::from_str::<StateFileHeader>(&line).ok());
    if head.is_none_or(|head| head.continues != continues) {
        return Ok(());
    }
    for (number, line) in lines.enumerate() {
        let Ok(line) = line else { break };
        let Ok(entry) = serde_json::from_str::<JournalEntry>(&line) else {
            break;
        };
        sim.apply(&entry.actor, &entry.command).map_err(|refusal| {
            Failure::of(
                format!(
                    "{}, line {}: a command no longer applies",
                    journal.display(),
                    number + 2
                ),
                refusal,
            )
        })?;
    }
    Ok(())
}

/// FNV-1a over the account's bytes: tells one account from another, nothing more.
fn digest(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}-{}", bytes.len())
}

fn journal_path(path: &Path) -> PathBuf {
    suffixed(path, ".journal")
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
