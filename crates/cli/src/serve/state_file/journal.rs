//! The journal: one accepted change a line, each on disk before its answer goes out.
//!
//! The first line names the format. Every other line is a record: its number from 1, the length of its JSON in bytes, a
//! checksum of number and JSON, the JSON. A record either is a change or names the account that the changes after it
//! continue. Only a last record that is incomplete may be dropped: it was never answered. Everything else that does not
//! read is damage.

use super::digest::{digest, fnv};
use poolkeeper_simulator::sim::{Actor, Command};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};

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

/// What a journal appends to. A test has one that fails.
pub(super) trait JournalFile {
    /// Appends bytes and waits until they are on disk.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to a length and waits until that is on disk.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl JournalFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}

/// A journal that is written. It ends with a whole record whenever nothing is being appended.
pub(super) struct Journal<F> {
    file: F,
    /// Bytes of whole records.
    length: u64,
    records: u64,
    /// Part of a record that failed may be behind the whole ones.
    is_torn: bool,
}

impl<F: JournalFile> Journal<F> {
    /// Begins a journal in an empty file.
    pub(super) fn begin(file: F, account: String) -> io::Result<Self> {
        let mut journal = Self {
            file,
            length: 0,
            records: 0,
            is_torn: false,
        };
        let header = format!("{}{FORMAT}\n", String::from_utf8_lossy(MAGIC));
        journal.write(&[header.as_bytes(), &line(1, &JournalRecord::Continues(account))?].concat())?;
        journal.records = 1;
        Ok(journal)
    }

    /// Goes on with a file that was read.
    pub(super) fn resume(file: F, read: &JournalContents) -> io::Result<Self> {
        let mut journal = Self {
            file,
            length: read.whole_bytes,
            records: read.records.len() as u64,
            is_torn: true,
        };
        journal.cut()?;
        if read.lacks_line_end {
            journal.write(b"\n")?;
        }
        Ok(journal)
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When it is not on disk as a whole. What is there of it is cut off, now or before the next record.
    pub(super) fn append(&mut self, record: &JournalRecord) -> io::Result<()> {
        if self.is_torn {
            self.cut()?;
        }
        self.write(&line(self.records + 1, record)?)?;
        self.records += 1;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.append(bytes) {
            self.is_torn = true;
            // Where even this fails, the next record tries it again.
            let _ = self.cut();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        self.file.cut(self.length)?;
        self.is_torn = false;
        Ok(())
    }
}

/// A record's line.
fn line(number: u64, record: &JournalRecord) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(record)?;
    let sum = checksum(number, json.as_bytes());
    Ok(format!("{number} {} {sum} {json}\n", json.len()).into_bytes())
}

/// Any single changed byte changes it.
fn checksum(number: u64, json: &[u8]) -> String {
    format!("{:016x}", fnv(json.iter().chain(&number.to_le_bytes())))
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
        let mut found = Self {
            records: Vec::new(),
            whole_bytes: 0,
            lacks_line_end: false,
            damage: None,
            is_this_format: true,
        };
        let mut rest = records.strip_prefix(b"\n").unwrap_or_default();
        while !rest.is_empty() {
            let number = found.records.len() as u64 + 1;
            match RecordLine::read(rest, number) {
                RecordLine::Whole(record, after) => {
                    found.records.push(record);
                    rest = after;
                }
                RecordLine::Incomplete => break,
                RecordLine::Damaged(problem) => {
                    found.damage = Some(damage(found.records.len() + 2, problem));
                    break;
                }
            }
        }
        let (whole, _) = bytes.split_at(bytes.len() - rest.len());
        found.whole_bytes = whole.len() as u64;
        found.lacks_line_end = !whole.ends_with(b"\n");
        Ok(found)
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

enum RecordLine<'a> {
    Whole(JournalRecord, &'a [u8]),
    /// The file's end, and the beginning of a record: its writing was interrupted.
    Incomplete,
    Damaged(&'static str),
}

impl<'a> RecordLine<'a> {
    fn read(bytes: &'a [u8], number: u64) -> Self {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (line, after) = bytes.split_at(end.unwrap_or(bytes.len()));
        match whole(line, number) {
            // Without its line end too: all of it is there.
            Ok(record) => Self::Whole(record, after.strip_prefix(b"\n").unwrap_or_default()),
            Err(_) if end.is_none() && is_beginning(line, number) => Self::Incomplete,
            Err(problem) => Self::Damaged(problem),
        }
    }
}

fn whole(line: &[u8], number: u64) -> Result<JournalRecord, &'static str> {
    let mut fields = line.splitn(4, |byte| *byte == b' ');
    let mut field = || fields.next().unwrap_or_default();
    let (found_number, length, sum, json) = (field(), field(), field(), field());
    if found_number != number.to_string().as_bytes() {
        return Err("its number is not the next one");
    }
    if length != json.len().to_string().as_bytes() || sum != checksum(number, json).as_bytes() {
        return Err("its checksum does not match");
    }
    serde_json::from_slice(json).map_err(|_| "this version does not know the change")
}

/// Whether a line may be the beginning of a record.
fn is_beginning(line: &[u8], number: u64) -> bool {
    let start = format!("{number} ");
    let Some(rest) = line.strip_prefix(start.as_bytes()) else {
        return start.as_bytes().starts_with(line);
    };
    let mut fields = rest.splitn(3, |byte| *byte == b' ');
    let (length, sum, json) = (fields.next().unwrap_or_default(), fields.next(), fields.next());
    let length_text = std::str::from_utf8(length).unwrap_or("?");
    let is_number = length_text.bytes().all(|byte| byte.is_ascii_digit());
    let is_sum = |sum: &[u8]| sum.len() <= 16 && sum.iter().all(u8::is_ascii_hexdigit);
    let is_short = |json: &[u8]| length_text.parse().is_ok_and(|length: usize| json.len() < length);
    is_number && sum.is_none_or(is_sum) && json.is_none_or(is_short)
}

#[cfg(test)]
mod tests;
