//! The journal: one accepted change a line, each on disk before its answer goes out.
//!
//! The lines are [`poolkeeper_core::checked_lines`]. A record either is a change or names the account that the changes after it
//! continue.

use super::digest::digest;
use crate::line_file::{AppendFile, LineFile};
use poolkeeper_core::checked_lines::CheckedLines;
use poolkeeper_simulator::sim::{Actor, Command};
use serde::{Deserialize, Serialize};
use std::io;

/// How the first line begins in every format.
const MAGIC: &[u8] = b"poolkeeper-journal ";
const FORMAT: u32 = 2;

/// A change as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JournalEntry {
    pub(super) actor: Actor,
    pub(super) command: Command,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum JournalRecord {
    /// The digest of the account that the changes after this continue.
    Continues(String),
    Change(JournalEntry),
}

/// The first line of format 1, whose records were JSON alone.
#[derive(Deserialize)]
struct OldHeader {
    continues: String,
}

/// A journal that is written.
pub(super) struct Journal<F>(LineFile<F>);

impl<F: AppendFile> Journal<F> {
    /// Begins a journal in an empty file.
    pub(super) fn begin(file: F, account: String) -> io::Result<Self> {
        let header = format!("{}{FORMAT}", String::from_utf8_lossy(MAGIC));
        let continues = text(&JournalRecord::Continues(account))?;
        Ok(Self(LineFile::begin(file, &header, &[continues])?))
    }

    /// Goes on with a file that was read.
    pub(super) fn resume(file: F, read: &JournalContents) -> io::Result<Self> {
        let lines = read.records.len() as u64;
        Ok(Self(LineFile::resume(
            file,
            read.whole_bytes,
            lines,
            read.lacks_line_end,
        )?))
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When it is not on disk as a whole. What is there of it is cut off, now or before the next record.
    pub(super) fn append(&mut self, record: &JournalRecord) -> io::Result<()> {
        self.0.append(&[text(record)?])
    }
}

fn text(record: &JournalRecord) -> io::Result<String> {
    Ok(serde_json::to_string(record)?)
}

/// Why a file is not taken as a journal at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotAJournal {
    Foreign,
    Newer,
}

/// Where a journal can no longer be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JournalDamage {
    /// The line, from 1.
    pub(super) line: usize,
    pub(super) problem: String,
}

/// What a journal's bytes hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JournalContents {
    /// The whole records up to the first damage.
    pub(super) records: Vec<JournalRecord>,
    /// Bytes they take, the first line included.
    pub(super) whole_bytes: u64,
    /// Whether the last whole record is there without its line end.
    lacks_line_end: bool,
    pub(super) damage: Option<JournalDamage>,
    /// Whether new records can be appended.
    pub(super) is_this_format: bool,
}

impl JournalContents {
    /// Reads a journal of this format or of the one before.
    ///
    /// # Errors
    /// [`NotAJournal`] for other files.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, NotAJournal> {
        if let Some(text) = bytes.strip_prefix(MAGIC) {
            return Self::read_this(bytes, text);
        }
        if MAGIC.starts_with(bytes) {
            return Ok(Self::damaged("the line is cut off"));
        }
        let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        match serde_json::from_slice::<OldHeader>(header) {
            Ok(old) => Ok(Self::read_old(bytes, old)),
            Err(_) => Err(NotAJournal::Foreign),
        }
    }

    /// A journal whose first line does not read.
    fn damaged(problem: &str) -> Self {
        Self {
            records: Vec::new(),
            whole_bytes: 0,
            lacks_line_end: false,
            damage: Some(damage(1, problem)),
            is_this_format: true,
        }
    }

    fn read_this(bytes: &[u8], format: &[u8]) -> Result<Self, NotAJournal> {
        let end = format.iter().position(|byte| *byte == b'\n').unwrap_or(format.len());
        let (format, records) = format.split_at(end);
        let number = std::str::from_utf8(format)
            .ok()
            .and_then(|text| text.parse::<u32>().ok());
        match number {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(NotAJournal::Newer),
            _ => return Ok(Self::damaged("the format is not readable")),
        }
        let lines = records.strip_prefix(b"\n").unwrap_or_default();
        let read = CheckedLines::read(lines, 1, |text| serde_json::from_slice(text).ok());
        let header_bytes = bytes.len() - lines.len();
        let line = read.items.len() + 2;
        Ok(Self {
            whole_bytes: (header_bytes + read.whole_bytes) as u64,
            lacks_line_end: read.lacks_line_end || (lines.is_empty() && !bytes.ends_with(b"\n")),
            damage: read.damage.map(|problem| damage(line, problem)),
            records: read.items,
            is_this_format: true,
        })
    }

    fn read_old(bytes: &[u8], header: OldHeader) -> Self {
        let mut found = Self {
            records: vec![JournalRecord::Continues(header.continues)],
            whole_bytes: 0,
            lacks_line_end: false,
            damage: None,
            is_this_format: false,
        };
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            match serde_json::from_slice(line) {
                Ok(entry) => found.records.push(JournalRecord::Change(entry)),
                Err(_) if lines.peek().is_none() && !line.ends_with(b"\n") => {}
                Err(_) => {
                    found.damage = Some(damage(found.records.len() + 1, "it is not a change"));
                    break;
                }
            }
        }
        found
    }

    /// The changes that continue an account; `None` when the journal is not of that account.
    pub(super) fn changes_since(&self, account: &[u8]) -> Option<impl Iterator<Item = &JournalEntry>> {
        let continues = JournalRecord::Continues(digest(account));
        let at = self.records.iter().rposition(|record| *record == continues)?;
        // A later account may be named that was never put in place.
        Some(self.records.iter().skip(at).filter_map(|record| match record {
            JournalRecord::Change(entry) => Some(entry),
            JournalRecord::Continues(_) => None,
        }))
    }
}

fn damage(line: usize, problem: &str) -> JournalDamage {
    JournalDamage {
        line,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests;
