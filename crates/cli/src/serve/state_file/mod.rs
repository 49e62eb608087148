//! The simulator's state in a file, kept across restarts, crashes and full disks.
//!
//! `FILE` is a whole account and is only ever replaced as a whole. `FILE.journal` has the changes since. `FILE.lock` is
//! held by the one process that uses them. What is loaded is the account, then the journal's changes: the same changes
//! give the same account.
//!
//! An account takes another's place in three steps. The journal names the new account; the new account is renamed to
//! `FILE`; a new journal is renamed to `FILE.journal`. After a crash between two of them the changes that continue `FILE`
//! are those behind its name in the journal, whichever of both accounts it is.

mod digest;
mod files;
mod journal;

use crate::Failure;
use crate::lock_file::FileLock;
use crate::new_file::{NewFile, suffixed};
use digest::digest;
use files::{follow_links, shown};
use journal::{Journal, JournalContents, JournalEntry, JournalRecord, NotAJournal};
use poolkeeper_simulator::server::{ChangeJournal, SimulatorChange};
use poolkeeper_simulator::sim::{Actor, Command, Refusal, Sim};
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The changes in a journal's bytes up to the first damage, and how many bytes they take; `None` for other files.
pub(crate) fn decode_journal(bytes: &[u8]) -> Option<(Vec<(Actor, Command)>, u64)> {
    let read = JournalContents::read(bytes).ok()?;
    let changes = read.records.into_iter().filter_map(|record| match record {
        JournalRecord::Change(entry) => Some((entry.actor, entry.command)),
        JournalRecord::Continues(_) => None,
    });
    Some((changes.collect(), read.whole_bytes))
}

/// When the journal's changes cost this much to repeat, the whole account is written and a new journal begins.
const MOST_COST: u64 = 5_000;

/// What a change costs to repeat: a day of the clock as much as a dozen other changes.
fn cost(command: &Command) -> u64 {
    match command {
        Command::Advance { seconds } => 1 + seconds / 7_200,
        _ => 1,
    }
}

/// A state file that this process alone uses, before anything is written.
pub(super) struct LockedState {
    path: PathBuf,
    journal_path: PathBuf,
    /// Something was found that new changes can be appended to.
    journal: Option<Journal<File>>,
    cost: u64,
    lock: FileLock,
}

/// What a state file held.
pub(super) struct LoadedState {
    pub(super) sim: Sim,
    /// What people have to know about it.
    pub(super) notice: Option<String>,
}

impl LockedState {
    /// Locks a state file and loads what it holds; `None` when there is no file yet.
    ///
    /// # Errors
    /// When another process uses it, or when it or a file beside it can't be read or is something else. All files are
    /// then left as they are.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<LoadedState>), Failure> {
        let using = |error: io::Error| Failure::of(format!("using {}", path.display()), error);
        let path = follow_links(path).map_err(using)?;
        let journal_path = follow_links(&suffixed(&path, ".journal")).map_err(using)?;
        let lock = FileLock::take(&path, &suffixed(&path, ".lock"), "--state")?;
        files::remove_temporary(&path).map_err(using)?;
        let mut state = Self {
            path,
            journal_path,
            journal: None,
            cost: 0,
            lock,
        };
        let loaded = state.load()?;
        Ok((state, loaded))
    }

    fn load(&mut self) -> Result<Option<LoadedState>, Failure> {
        let read =
            |path: &Path| files::read(path).map_err(|error| Failure::of(format!("reading {}", path.display()), error));
        let (account, journal) = (read(&self.path)?, read(&self.journal_path)?);
        let journal = journal.map(|bytes| self.journal_contents(&bytes)).transpose()?;
        let Some(account) = account else {
            return match journal {
                None => Ok(None),
                Some(_) => Err(Failure(format!(
                    "{} continues an account that is not there. Put {} back, or move the journal away.",
                    self.journal_path.display(),
                    shown(&self.path)
                ))),
            };
        };
        let mut sim = Sim::from_bytes(&account)
            .map_err(|error| Failure::of(format!("reading {}", self.path.display()), error))?;
        let notice = match &journal {
            None => None,
            Some(journal) => self.replay(&mut sim, &account, journal)?,
        };
        Ok(Some(LoadedState { sim, notice }))
    }

    fn journal_contents(&self, bytes: &[u8]) -> Result<JournalContents, Failure> {
        let path = self.journal_path.display();
        JournalContents::read(bytes).map_err(|not| {
            Failure(match not {
                NotAJournal::Foreign => {
                    format!("{path} is not a journal of Poolkeeper. Move it away, or give --state another file.")
                }
                NotAJournal::Newer => format!("{path} was written by a newer version. Start that version."),
            })
        })
    }

    /// Repeats the journal's changes. A journal that can't be used as a whole is quarantined with its account.
    fn replay(&mut self, sim: &mut Sim, account: &[u8], journal: &JournalContents) -> Result<Option<String>, Failure> {
        let mut repeated = 0_usize;
        for entry in journal.changes_since(account).into_iter().flatten() {
            repeated += 1;
            self.cost += cost(&entry.command);
            sim.apply(&entry.actor, &entry.command).map_err(|refusal| {
                let path = self.journal_path.display();
                Failure::of(format!("{path}, change {repeated}: it no longer applies"), refusal)
            })?;
        }
        let journal_name = self.journal_path.display();
        let problem = match (&journal.damage, journal.changes_since(account).is_some()) {
            (Some(damage), _) => format!(
                "{journal_name}, line {}: {}. The {repeated} changes before it are loaded, the rest is not.",
                damage.line, damage.problem
            ),
            (None, false) => format!(
                "{journal_name} does not continue {}. None of its changes is loaded.",
                shown(&self.path)
            ),
            (None, true) => {
                if journal.is_this_format {
                    self.journal = Some(self.resume(journal)?);
                }
                return Ok(None);
            }
        };
        let kept = files::quarantine(&self.path, &self.journal_path)
            .map_err(|error| Failure::of(format!("keeping {journal_name}"), error))?;
        Ok(Some(format!(
            "{problem} The journal is kept as {0}.journal, and the account before it as {0}.",
            shown(&kept)
        )))
    }

    fn resume(&self, journal: &JournalContents) -> Result<Journal<File>, Failure> {
        let file = OpenOptions::new().append(true).open(&self.journal_path);
        file.and_then(|file| Journal::resume(file, journal))
            .map_err(|error| Failure::of(format!("writing {}", self.journal_path.display()), error))
    }

    /// Begins to keep an account's changes. A journal that was found whole is continued.
    ///
    /// # Errors
    /// When the files can't be written.
    pub(super) fn keep(self, sim: &Sim) -> Result<StateFile, Failure> {
        let mut kept = KeptState {
            path: self.path,
            journal_path: self.journal_path,
            journal: self.journal,
            cost: self.cost,
            _lock: self.lock,
        };
        if kept.journal.is_none() {
            kept.begin(sim)
                .map_err(|error| Failure::of(format!("writing {}", kept.path.display()), error))?;
        }
        Ok(StateFile(RefCell::new(kept)))
    }
}

/// An open state file.
pub(super) struct StateFile(RefCell<KeptState>);

struct KeptState {
    path: PathBuf,
    journal_path: PathBuf,
    /// `None` when it is not known which files are in place. The next change writes the whole account then.
    journal: Option<Journal<File>>,
    /// What the journal's changes cost to repeat.
    cost: u64,
    _lock: FileLock,
}

impl KeptState {
    /// Puts an account in the place of the one before, and a new journal in the place of its journal.
    fn begin(&mut self, sim: &Sim) -> io::Result<()> {
        let bytes = sim.to_bytes();
        let name = digest(&bytes);
        let mut account = NewFile::beside(&self.path)?;
        account.write(&bytes)?;
        let before = self.journal.take();
        if let Some(mut before) = before {
            let named = before.append(&JournalRecord::Continues(name.clone()));
            self.journal = Some(before);
            named?;
        }
        let before = self.journal.take();
        account.put(&self.path)?;
        // Behind the new account's name the journal before will do, until there is room for a new one.
        match (self.new_journal(name), before) {
            (Ok((file, journal)), _) => {
                file.put(&self.journal_path)?;
                self.journal = Some(journal);
                self.cost = 0;
            }
            (Err(_), Some(before)) => self.journal = Some(before),
            (Err(error), None) => return Err(error),
        }
        Ok(())
    }

    fn new_journal(&self, account: String) -> io::Result<(NewFile, Journal<File>)> {
        let file = NewFile::beside(&self.path)?;
        let journal = Journal::begin(file.handle()?, account)?;
        Ok((file, journal))
    }

    fn append(&mut self, actor: &Actor, command: &Command, after: &Sim) -> io::Result<()> {
        let Some(journal) = &mut self.journal else {
            return self.begin(after);
        };
        journal.append(&JournalRecord::Change(JournalEntry {
            actor: actor.clone(),
            command: command.clone(),
        }))?;
        self.cost += cost(command);
        if self.cost >= MOST_COST {
            // The change is stored. Where there is no room for an account, the journal goes on for a while.
            self.cost /= 2;
            let _ = self.begin(after);
        }
        Ok(())
    }
}

impl ChangeJournal for StateFile {
    fn keep(&self, change: SimulatorChange<'_>, after: &Sim) -> Result<(), Refusal> {
        let mut kept = self.0.borrow_mut();
        let stored = match change {
            SimulatorChange::Applied { actor, command } => kept.append(actor, command, after),
            SimulatorChange::Replaced => kept.begin(after),
        };
        stored.map_err(|error| {
            let path = kept.path.display();
            Refusal::not_stored(format!(
                "Storing the change in {path} failed: {error}. Nothing was changed. Free some space or repair the disk, \
                 then send it again."
            ))
        })
    }
}

#[cfg(test)]
mod tests;
