//! The record as bytes: [`poolkeeper_core::checked_lines`] of JSON behind a line that names the format.

use super::RecordEntry;
use poolkeeper_core::checked_lines::{CheckedLines, checked_line};

/// The first line, without its end.
pub const RECORD_HEADER: &str = "poolkeeper-record 1";

/// How the first line begins in every format.
const MAGIC: &[u8] = b"poolkeeper-record ";

/// Why bytes are not taken as a record at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotARecord {
    /// They are something else.
    Foreign,
    /// A newer version wrote them.
    Newer,
}

/// Where a record can no longer be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDamage {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// What a record's bytes hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordContents {
    /// The whole entries up to the first damage.
    pub entries: Vec<RecordEntry>,
    /// Bytes they take, the first line included.
    pub whole_bytes: usize,
    /// Whether the last whole line is there without its end.
    pub lacks_line_end: bool,
    /// What is damaged, if anything is.
    pub damage: Option<RecordDamage>,
}

impl RecordContents {
    /// Reads a record from its first line. An entry whose writing was interrupted is left out; it was never answered.
    ///
    /// # Errors
    /// [`NotARecord`] for other files.
    pub fn read(bytes: &[u8]) -> Result<Self, NotARecord> {
        let Some(format) = bytes.strip_prefix(MAGIC) else {
            if MAGIC.starts_with(bytes) {
                return Ok(Self::damaged("the line is cut off"));
            }
            return Err(NotARecord::Foreign);
        };
        let end = format.iter().position(|byte| *byte == b'\n').unwrap_or(format.len());
        let (format, lines) = format.split_at(end);
        let number = std::str::from_utf8(format)
            .ok()
            .and_then(|text| text.parse::<u32>().ok());
        match number {
            Some(1) => {}
            Some(2..) => return Err(NotARecord::Newer),
            _ => return Ok(Self::damaged("the format is not readable")),
        }
        let lines = lines.strip_prefix(b"\n").unwrap_or_default();
        let mut read = Self::read_lines(lines, 1);
        let header_bytes = bytes.len() - lines.len();
        read.whole_bytes += header_bytes;
        read.lacks_line_end |= lines.is_empty() && !bytes.ends_with(b"\n");
        if let Some(damage) = &mut read.damage {
            damage.line += 1;
        }
        Ok(read)
    }

    /// Reads lines of a record of which the first has this number.
    #[must_use]
    pub fn read_lines(lines: &[u8], first: u64) -> Self {
        let read = CheckedLines::read(lines, first, |text| serde_json::from_slice(text).ok());
        let damage = read.damage.map(|problem| RecordDamage {
            line: read.items.len() + 1,
            problem: problem.to_owned(),
        });
        Self {
            entries: read.items,
            whole_bytes: read.whole_bytes,
            lacks_line_end: read.lacks_line_end,
            damage,
        }
    }

    fn damaged(problem: &str) -> Self {
        Self {
            entries: Vec::new(),
            whole_bytes: 0,
            lacks_line_end: false,
            damage: Some(RecordDamage {
                line: 1,
                problem: problem.to_owned(),
            }),
        }
    }
}

impl RecordEntry {
    /// As the text of a line.
    ///
    /// # Errors
    /// Never for an entry of this crate: each of its values is text, a number or a list.
    pub fn text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// As a line with its number.
    ///
    /// # Errors
    /// As [`RecordEntry::text`].
    pub fn line(&self, number: u64) -> serde_json::Result<String> {
        Ok(checked_line(number, &self.text()?))
    }
}
