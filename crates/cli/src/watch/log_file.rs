//! The file of what was seen and told: private, used by one process, and only ever appended to, until a shorter one takes its
//! place.

use crate::Failure;
use crate::line_file::LineFile;
use crate::lock_file::FileLock;
use crate::new_file::{NewFile, folder_of, suffixed, sync_folder};
use crate::private_file::{make_private_folder, private_file, refuse_shared};
use chrono::{DateTime, Utc};
use poolkeeper_core::checked_lines::{CheckedLines, checked_line};
use poolkeeper_watch::{WatchEntry, WatchState};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const HEADER: &str = "poolkeeper watch 1";

/// A shorter file takes the place of one that has grown by this much.
const GROWN_BYTES: u64 = 8_000_000;

/// The state of watching, and the file that keeps it.
pub(super) struct WatchLog {
    pub(super) state: WatchState,
    file: Option<OpenLog>,
}

struct OpenLog {
    path: PathBuf,
    lines: LineFile<File>,
    /// The length at which a shorter file takes its place.
    compact_at: u64,
    _lock: FileLock,
}

impl WatchLog {
    /// Opens a log, or begins one.
    ///
    /// # Errors
    /// [`Failure`] when another process uses it, others may read it, or it is damaged. It is then left as it is.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let using = |error: io::Error| Failure::of(format!("using {}", path.display()), error);
        let folder = folder_of(path);
        if !folder.exists() {
            make_private_folder(folder).map_err(using)?;
        }
        let lock = FileLock::take(path, &suffixed(path, ".lock"), "--state")?;
        let file = private_file(path).map_err(using)?;
        refuse_shared(path, &file)?;
        let bytes = fs::read(path).map_err(using)?;
        let (state, lines) = match Contents::read(path, &bytes)? {
            None => {
                let lines = LineFile::begin(file, HEADER, &[]).map_err(using)?;
                sync_folder(folder).map_err(using)?;
                (WatchState::default(), lines)
            }
            Some(read) => {
                let lines = LineFile::resume(file, read.whole_bytes, read.lines, read.lacks_line_end).map_err(using)?;
                (read.state, lines)
            }
        };
        let compact_at = lines.length().max(GROWN_BYTES / 2) + GROWN_BYTES;
        Ok(Self {
            state,
            file: Some(OpenLog {
                path: path.to_owned(),
                lines,
                compact_at,
                _lock: lock,
            }),
        })
    }

    /// Reads a log and writes nothing.
    ///
    /// # Errors
    /// [`Failure`] when it can't be read.
    pub(super) fn read_only(path: &Path) -> Result<Self, Failure> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Failure::of(format!("reading {}", path.display()), error)),
        };
        let state = Contents::read(path, &bytes)?.map(|read| read.state);
        Ok(Self {
            state: state.unwrap_or_default(),
            file: None,
        })
    }

    /// Stores an entry, then takes it. Where it can't be stored, nothing has changed.
    ///
    /// # Errors
    /// When it is not on disk.
    pub(super) fn append(&mut self, entry: WatchEntry) -> io::Result<()> {
        if let Some(log) = &mut self.file {
            log.lines.append(&[serde_json::to_string(&entry)?])?;
        }
        self.state.apply(entry);
        Ok(())
    }

    /// Replaces a long file by a shorter one. Where that fails, the long one goes on.
    ///
    /// # Errors
    /// When the shorter one can't be written.
    pub(super) fn compact(&mut self, now: DateTime<Utc>) -> io::Result<()> {
        let Some(log) = self.file.as_mut().filter(|log| log.lines.length() > log.compact_at) else {
            return Ok(());
        };
        log.compact_at += GROWN_BYTES;
        let state = self.state.compacted(now);
        let entry = WatchEntry::Whole(Box::new(state.clone()));
        let text = format!("{HEADER}\n{}", checked_line(1, &serde_json::to_string(&entry)?));
        let mut shorter = NewFile::beside(&log.path)?;
        shorter.write(text.as_bytes())?;
        let handle = shorter.handle()?;
        shorter.put(&log.path)?;
        log.lines = LineFile::resume(handle, text.len() as u64, 1, false)?;
        log.compact_at = log.lines.length().max(GROWN_BYTES / 2) + GROWN_BYTES;
        self.state = state;
        Ok(())
    }

    /// Bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.file.as_ref().map_or(0, |log| log.lines.length())
    }
}

struct Contents {
    state: WatchState,
    whole_bytes: u64,
    lines: u64,
    lacks_line_end: bool,
}

impl Contents {
    /// `None` for an empty file, and for one whose first line a crash cut off.
    fn read(path: &Path, bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let first_line = format!("{HEADER}\n");
        let name = path.display();
        if first_line.as_bytes().starts_with(bytes) && bytes.len() < first_line.len() {
            return Ok(None);
        }
        let lines = bytes.strip_prefix(first_line.as_bytes()).ok_or_else(|| {
            Failure(format!(
                "{name} is not a file of poolkeeper watch of this version. Move it away, or give --state another file."
            ))
        })?;
        let read = CheckedLines::read(lines, 1, |text| serde_json::from_slice::<WatchEntry>(text).ok());
        if let Some(problem) = read.damage {
            return Err(Failure(format!(
                "{name}, line {}: {problem}. Nothing is written to a damaged file. Move it away, or give --state another file.",
                read.items.len() + 2
            )));
        }
        let mut state = WatchState::default();
        let lines = read.items.len() as u64;
        read.items.into_iter().for_each(|entry| state.apply(entry));
        Ok(Some(Self {
            state,
            whole_bytes: (first_line.len() + read.whole_bytes) as u64,
            lines,
            lacks_line_end: read.lacks_line_end,
        }))
    }
}
