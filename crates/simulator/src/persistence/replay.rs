//! Between a simulator and its record: changes as entries, entries repeated, files opened.

use super::file::RecordFile;
use super::plan::{PendingEntry, RecoverableState, Unrecoverable};
use crate::sim::{Actor, Command, Sim};
use poolkeeper_core::model::Timestamp;
use serde::{Deserialize, Serialize};

/// A change as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredChange {
    actor: Actor,
    command: Command,
    after: StateFingerprint,
}

/// What a state must look like after a change has been repeated: where it does not, the rules have changed since.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StateFingerprint {
    now: Timestamp,
    records: u32,
}

impl StateFingerprint {
    const fn of(sim: &Sim) -> Self {
        Self {
            now: sim.now(),
            records: sim.history_len(),
        }
    }
}

/// The entry for a command that was carried out; `after` is the simulator as it is then.
#[must_use]
pub fn change(actor: &Actor, command: &Command, after: &Sim) -> PendingEntry {
    let domains = u64::from(after.domain_count());
    let cost = match command {
        Command::Advance { seconds } => seconds.saturating_mul(domains) / 86_400,
        Command::SetPolicy(_) => domains,
        _ => 1,
    };
    let change = StoredChange {
        actor: actor.clone(),
        command: command.clone(),
        after: StateFingerprint::of(after),
    };
    // Commands are enums of numbers and strings, which are always JSON.
    let text = serde_json::to_string(&change).unwrap_or_default();
    PendingEntry {
        text,
        cost: cost.max(1),
    }
}

/// Carries out a stored change again.
///
/// # Errors
/// [`Unrecoverable::Unreadable`] when it does not read or does not come to the same; the simulator is then as before.
pub fn repeat(sim: &mut Sim, entry: &str) -> Result<(), Unrecoverable> {
    let unreadable = |why: String| Unrecoverable::Unreadable(format!("a change cannot be repeated: {why}"));
    let change: StoredChange = serde_json::from_str(entry).map_err(|error| unreadable(error.to_string()))?;
    // Copies share what does not change, so this is cheap next to the command.
    let mut after = sim.clone();
    let outcome = after.apply(&change.actor, &change.command);
    outcome.map_err(|refusal| unreadable(refusal.to_string()))?;
    if StateFingerprint::of(&after) != change.after {
        return Err(unreadable("this version of the app gives another result".to_owned()));
    }
    *sim = after;
    Ok(())
}

/// A snapshot with the changes since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotAndChanges {
    /// The snapshot.
    pub snapshot: Vec<u8>,
    /// The changes since, in order.
    pub entries: Vec<String>,
}

impl From<RecoverableState> for SnapshotAndChanges {
    fn from(found: RecoverableState) -> Self {
        Self {
            snapshot: found.snapshot,
            entries: found.entries,
        }
    }
}

impl SnapshotAndChanges {
    /// What a file that a person opens holds: a saved simulator, or a record from quarantine.
    ///
    /// # Errors
    /// [`Unrecoverable`] when the record in it cannot be restored. Whether a snapshot reads, [`JournalReplay::new`] says.
    pub fn of_file(bytes: Vec<u8>) -> Result<Self, Unrecoverable> {
        if !RecordFile::is_one(&bytes) {
            return Ok(Self {
                snapshot: bytes,
                entries: Vec::new(),
            });
        }
        let file = RecordFile::read(&bytes).map_err(|why| Unrecoverable::Unreadable(why.to_string()))?;
        let found = file.recover()?;
        found.map(Self::from).ok_or(Unrecoverable::BadSnapshot)
    }
}

/// The restoring of a simulator, one change at a time, so that a page can draw in between.
#[derive(Debug)]
pub struct JournalReplay {
    sim: Sim,
    entries: std::vec::IntoIter<String>,
}

impl JournalReplay {
    /// Reads the snapshot.
    ///
    /// # Errors
    /// [`Unrecoverable::Unreadable`] when it does not read.
    pub fn new(opening: SnapshotAndChanges) -> Result<Self, Unrecoverable> {
        let sim = Sim::from_bytes(&opening.snapshot).map_err(|error| Unrecoverable::Unreadable(error.to_string()))?;
        Ok(Self {
            sim,
            entries: opening.entries.into_iter(),
        })
    }

    /// Changes still to be repeated.
    #[must_use]
    pub fn left(&self) -> usize {
        self.entries.len()
    }

    /// Repeats the next change; `false` when none is left.
    ///
    /// # Errors
    /// [`Unrecoverable::Unreadable`] as [`repeat`] does. [`JournalReplay::sim`] is then the state with all changes before it.
    pub fn step(&mut self) -> Result<bool, Unrecoverable> {
        let Some(entry) = self.entries.next() else {
            return Ok(false);
        };
        repeat(&mut self.sim, &entry)?;
        Ok(true)
    }

    /// The simulator with the changes repeated so far.
    #[must_use]
    pub fn sim(self) -> Sim {
        self.sim
    }
}
