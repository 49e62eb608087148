//! Daily counts on disk, a file a month: what is read once stays, also when the service no longer has it.

use crate::Failure;
use crate::line_file::LineFile;
use crate::new_file::{folder_of, sync_folder};
use crate::private_file::{make_private_folder, private_file};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Datelike;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use poolkeeper_core::checked_lines::CheckedLines;
use poolkeeper_core::model::{Counts, Day, DomainName};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "poolkeeper daily counts 1";

/// Rows of one line take no more bytes than this: 100,000 domains, each with five numbers.
const MOST_ROW_BYTES: u64 = 5_000_000;

/// One line: names that are new in this file, and a day's rows. A later row of the same domain and day replaces an earlier one.
#[derive(Serialize, Deserialize)]
struct CountsLine {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    day: i32,
    /// Number of the name, and the four counts, each in seven bits a byte; compressed, in base 64.
    rows: String,
}

/// One account's files.
pub(super) struct CountsFiles {
    folder: PathBuf,
    open: Option<OpenMonth>,
}

struct OpenMonth {
    month: String,
    lines: LineFile<File>,
    numbers: HashMap<DomainName, u64>,
}

fn month_of(day: Day) -> String {
    let date = day.date();
    format!("{:04}-{:02}", date.year(), date.month())
}

impl CountsFiles {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder, open: None }
    }

    /// Stores rows of a day.
    ///
    /// # Errors
    /// [`Failure`] when they are not on disk.
    pub(super) fn append(&mut self, day: Day, rows: &[(DomainName, Counts)]) -> Result<(), Failure> {
        let month = month_of(day);
        let path = self.folder.join(&month);
        let storing = |error: io::Error| Failure::of(format!("storing counts in {}", path.display()), error);
        if self.open.as_ref().is_none_or(|open| open.month != month) {
            self.open = Some(OpenMonth::open(&path, month)?);
        }
        let Some(open) = self.open.as_mut() else { return Ok(()) };
        let known = open.numbers.len();
        let mut names = Vec::new();
        let mut bytes = Vec::new();
        for (name, counts) in rows {
            let number = match open.numbers.get(name) {
                Some(number) => *number,
                None => {
                    let number = (known + names.len()) as u64;
                    names.push(name.clone());
                    open.numbers.insert(name.clone(), number);
                    number
                }
            };
            for value in [
                number,
                counts.processed,
                counts.delivered,
                counts.bounced,
                counts.complained,
            ] {
                put(&mut bytes, value);
            }
        }
        let line = CountsLine {
            names: names.iter().map(ToString::to_string).collect(),
            day: day.0,
            rows: packed(&bytes).map_err(storing)?,
        };
        let stored = serde_json::to_string(&line)
            .map_err(io::Error::from)
            .and_then(|text| open.lines.append(&[text]));
        if stored.is_err() {
            // The names may not be in the file: it is read again.
            self.open = None;
        }
        stored.map_err(storing)
    }

    /// Reads the days from one on, oldest first where they were stored so. A later row replaces an earlier one.
    ///
    /// # Errors
    /// [`Failure`] when a file can't be read.
    pub(super) fn read(&self, from: Day, mut take: impl FnMut(Day, &DomainName, &Counts)) -> Result<(), Failure> {
        let first = month_of(from);
        for month in self.months()? {
            if month < first {
                continue;
            }
            let path = self.folder.join(&month);
            let contents = MonthContents::read(&path)?;
            // One line at a time is unpacked: a month of a large account would be tens of megabytes.
            for line in contents.lines.iter().filter(|line| line.day >= from.0) {
                let rows = unpacked(&line.rows)
                    .ok_or_else(|| Failure(format!("{}: its rows can't be read. Move it away.", path.display())))?;
                for (number, counts) in &rows {
                    if let Some(name) = contents.names.get(*number) {
                        take(Day(line.day), name, counts);
                    }
                }
            }
        }
        Ok(())
    }

    fn months(&self) -> Result<Vec<String>, Failure> {
        let reading = |error: io::Error| Failure::of(format!("reading {}", self.folder.display()), error);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(reading(error)),
        };
        let mut months = Vec::new();
        for entry in entries {
            let name = entry.map_err(reading)?.file_name().to_string_lossy().into_owned();
            if name.len() == 7 && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
                months.push(name);
            }
        }
        months.sort();
        Ok(months)
    }
}

impl OpenMonth {
    fn open(path: &Path, month: String) -> Result<Self, Failure> {
        let using = |error: io::Error| Failure::of(format!("using {}", path.display()), error);
        let folder = folder_of(path);
        if !folder.exists() {
            make_private_folder(folder).map_err(using)?;
        }
        let file = private_file(path).map_err(using)?;
        let contents = MonthContents::read(path)?;
        let lines = if contents.whole_bytes == 0 {
            let mut file = file;
            crate::line_file::AppendFile::cut(&mut file, 0).map_err(using)?;
            let lines = LineFile::begin(file, HEADER, &[]).map_err(using)?;
            sync_folder(folder).map_err(using)?;
            lines
        } else {
            LineFile::resume(
                file,
                contents.whole_bytes,
                contents.lines.len() as u64,
                contents.lacks_line_end,
            )
            .map_err(using)?
        };
        let numbered = contents.names.into_iter().zip(0..);
        Ok(Self {
            month,
            lines,
            numbers: numbered.collect(),
        })
    }
}

/// A month's file.
#[derive(Default)]
struct MonthContents {
    names: Vec<DomainName>,
    lines: Vec<CountsLine>,
    whole_bytes: u64,
    lacks_line_end: bool,
}

impl MonthContents {
    fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Failure::of(format!("reading {name}"), error)),
        };
        let first_line = format!("{HEADER}\n");
        if bytes.len() < first_line.len() && first_line.as_bytes().starts_with(&bytes) {
            return Ok(Self::default());
        }
        let lines = bytes.strip_prefix(first_line.as_bytes()).ok_or_else(|| {
            Failure(format!(
                "{name} is not a file of daily counts of this version. Move it away."
            ))
        })?;
        let read = CheckedLines::read(lines, 1, |text| serde_json::from_slice::<CountsLine>(text).ok());
        if let Some(problem) = read.damage {
            return Err(Failure(format!(
                "{name}, line {}: {problem}. Move the file away: what Mailgun still has is read again.",
                read.items.len() + 2
            )));
        }
        let mut contents = Self {
            whole_bytes: (first_line.len() + read.whole_bytes) as u64,
            lacks_line_end: read.lacks_line_end,
            ..Self::default()
        };
        for line in &read.items {
            contents
                .names
                .extend(line.names.iter().map(|name| DomainName::as_sent(name)));
        }
        contents.lines = read.items;
        Ok(contents)
    }
}

fn packed(bytes: &[u8]) -> io::Result<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(STANDARD.encode(encoder.finish()?))
}

fn unpacked(text: &str) -> Option<Vec<(usize, Counts)>> {
    let packed = STANDARD.decode(text).ok()?;
    let mut bytes = Vec::new();
    let decoder = DeflateDecoder::new(packed.as_slice());
    decoder.take(MOST_ROW_BYTES).read_to_end(&mut bytes).ok()?;
    let mut bytes = bytes.into_iter();
    let mut rows = Vec::new();
    while bytes.len() > 0 {
        let mut next = || take(&mut bytes);
        let number = usize::try_from(next()?).ok()?;
        let counts = Counts {
            processed: next()?,
            delivered: next()?,
            bounced: next()?,
            complained: next()?,
        };
        rows.push((number, counts));
    }
    Some(rows)
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7f) as u8);
}

fn take(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.next()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_later_ones_replace_earlier_ones() {
        let folder = std::env::temp_dir().join(format!("poolkeeper-counts-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let name = |text: &str| DomainName::as_sent(text);
        let counts = |processed: u64| Counts {
            processed,
            delivered: processed / 2,
            bounced: u64::MAX,
            complained: 127,
        };
        let last_of_july = Day::from_ymd(2026, 7, 31).unwrap();
        let mut files = CountsFiles::new(folder.clone());
        files
            .append(
                last_of_july,
                &[(name("a.example"), counts(128)), (name("b.example"), counts(0))],
            )
            .unwrap();
        files
            .append(last_of_july.plus(1), &[(name("b.example"), counts(5))])
            .unwrap();
        drop(files);
        // After a restart, with a torn line at the end.
        let path = folder.join("2026-07");
        let mut torn = fs::OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"2 99 0123").unwrap();
        let mut files = CountsFiles::new(folder.clone());
        files
            .append(
                last_of_july,
                &[(name("c.example"), counts(7)), (name("a.example"), counts(9))],
            )
            .unwrap();
        let read = |from: Day| {
            let mut rows = std::collections::BTreeMap::new();
            files
                .read(from, |day, name, counts| {
                    rows.insert((day, name.to_string()), *counts);
                })
                .unwrap();
            rows
        };
        let rows = read(last_of_july);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows.get(&(last_of_july, "a.example".to_owned())), Some(&counts(9)));
        assert_eq!(
            rows.get(&(last_of_july.plus(1), "b.example".to_owned())),
            Some(&counts(5))
        );
        assert_eq!(read(last_of_july.plus(1)).len(), 1);
        // One damaged byte is noticed.
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() / 2;
        *bytes.get_mut(at).unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(files.read(last_of_july, |_, _, _| {}).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
