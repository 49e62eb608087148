//! The file of the record: private, used by one process, and only ever appended to.

use super::RecordPlace;
use super::open_items::OpenItems;
use super::turns::SendingTurns;
use crate::Failure;
use crate::clock::now_utc;
use crate::folders::state_folder;
use crate::line_file::LineFile;
use crate::lock_file::FileLock;
use crate::new_file::{folder_of, suffixed, sync_folder};
use crate::private_file::{make_private_folder, private_file, refuse_shared};
use chrono::{DateTime, Utc};
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeRecord, ItemAnswer, ItemRequest, NotARecord, RECORD_HEADER, RecordAccount,
    RecordContents, RecordEntry, RecordedItem, SentRequest,
};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// A longer record takes no more entries: it is read as a whole when the program starts.
const LARGEST_RECORD_BYTES: u64 = 500_000_000;

/// The latest entries are given out up to this length.
const LARGEST_ANSWER_BYTES: u64 = 16_000_000;

/// Where the record is, unless another file is named.
///
/// # Errors
/// [`Failure`] when the system has no folder for it.
pub(crate) fn record_path(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let usual = || state_folder().map(|folder| folder.join("record"));
    named
        .map(Path::to_owned)
        .or_else(usual)
        .ok_or_else(|| Failure("there is no place for the record of changes. Name a file with --record".to_owned()))
}

/// The record that this process writes.
pub(crate) struct ChangeRecordFile {
    path: PathBuf,
    state: Mutex<WrittenRecord>,
    _lock: FileLock,
}

struct WrittenRecord {
    lines: LineFile<File>,
    open: OpenItems,
    turns: SendingTurns,
    /// Changes that began in this process without being announced.
    unannounced: u64,
}

impl ChangeRecordFile {
    /// Opens a record, or begins one.
    ///
    /// # Errors
    /// [`Failure`] when another process uses it, when others may read it, or when it is damaged or something else. The file is
    /// then left as it is.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let using = |error: io::Error| Failure::of(format!("using {}", path.display()), error);
        let folder = folder_of(path);
        if !folder.exists() {
            make_private_folder(folder).map_err(using)?;
        }
        let lock = FileLock::take(path, &suffixed(path, ".lock"), "--record")?;
        let file = private_file(path).map_err(using)?;
        refuse_shared(path, &file)?;
        let length = file.metadata().map_err(using)?.len();
        let (lines, record) = if length == 0 {
            let lines = LineFile::begin(file, RECORD_HEADER, &[]).map_err(using)?;
            sync_folder(folder).map_err(using)?;
            (lines, ChangeRecord::default())
        } else {
            let read = whole(path, length)?;
            let lines = read.entries.len() as u64;
            let lines = LineFile::resume(file, read.whole_bytes as u64, lines, read.lacks_line_end).map_err(using)?;
            (lines, read.entries.into_iter().collect())
        };
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(WrittenRecord {
                lines,
                open: OpenItems::of_unfinished(&record),
                turns: SendingTurns::default(),
                unannounced: 0,
            }),
            _lock: lock,
        })
    }

    /// Stores that a request is about to be sent. It must not be sent where this fails.
    ///
    /// # Errors
    /// When the entry is not on disk.
    pub(crate) fn sending(
        &self,
        account: &RecordAccount,
        who: Option<&str>,
        request: &SentRequest,
    ) -> io::Result<RecordPlace> {
        let at = now_utc();
        let mut state = self.state();
        let mut entries = Vec::new();
        let place = state.open.find(account, request).unwrap_or_else(|| {
            state.unannounced += 1;
            let intent = unannounced(account, who, request, at, state.unannounced);
            let change = intent.id.clone();
            entries.push(RecordEntry::Intended(intent));
            RecordPlace { change, item: 0 }
        });
        entries.push(RecordEntry::Sent {
            change: place.change.clone(),
            item: place.item,
            at,
        });
        state.append(&entries)?;
        state.turns.seen(&place.change, Instant::now());
        Ok(place)
    }

    /// Stores the answer. Where that fails, the entry stays without one, and the change is checked by reading.
    ///
    /// # Errors
    /// When the entry is not on disk.
    pub(crate) fn answered(
        &self,
        account: &RecordAccount,
        request: &SentRequest,
        place: RecordPlace,
        answer: ItemAnswer,
    ) -> io::Result<()> {
        let mut state = self.state();
        state.open.answered(account, request, &answer);
        state.turns.seen(&place.change, Instant::now());
        state.append(&[RecordEntry::Answered {
            change: place.change,
            item: place.item,
            at: now_utc(),
            answer,
        }])
    }

    /// Stores what a page says: what it is about to send, what the dry run or reading showed, and that it is over.
    ///
    /// # Errors
    /// When the entries are not all on disk. None of them is then.
    pub(crate) fn append(&self, entries: &[RecordEntry], sender: &str) -> io::Result<()> {
        let mut state = self.state();
        state.append(entries)?;
        for entry in entries {
            match entry {
                RecordEntry::Intended(intent) => {
                    state.open.add(intent);
                    state.turns.take(&intent.id, sender, Instant::now());
                }
                RecordEntry::Ended { change, .. } => state.turns.end(change),
                RecordEntry::Sent { .. } | RecordEntry::Answered { .. } => {}
            }
        }
        Ok(())
    }

    /// Lets a page go on with a change; `false` while another page sends it.
    pub(crate) fn take_turn(&self, change: &ChangeId, sender: &str) -> bool {
        self.state().turns.take(change, sender, Instant::now())
    }

    /// The latest lines, as they are stored.
    ///
    /// # Errors
    /// When the file can't be read.
    pub(crate) fn latest(&self) -> io::Result<Vec<u8>> {
        // What is being appended is not there yet.
        let _state = self.state();
        latest_lines(&self.path)
    }

    fn state(&self) -> MutexGuard<'_, WrittenRecord> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WrittenRecord {
    fn append(&mut self, entries: &[RecordEntry]) -> io::Result<()> {
        let texts: Vec<String> = entries.iter().map(RecordEntry::text).collect::<Result<_, _>>()?;
        let bytes: usize = texts.iter().map(String::len).sum();
        if self.lines.length().saturating_add(bytes as u64) > LARGEST_RECORD_BYTES {
            return Err(io::Error::other("it has 500 MB. Stop poolkeeper and move it away"));
        }
        self.lines.append(&texts)
    }
}

/// The latest lines of a record that this process does not write. One that does not exist, or is something else, has none.
pub(crate) fn written_elsewhere(path: &Path) -> io::Result<Vec<u8>> {
    let first_line = format!("{RECORD_HEADER}\n");
    let mut start = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(first_line.len() as u64).read_to_end(&mut start)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    if start != first_line.as_bytes() {
        return Ok(Vec::new());
    }
    latest_lines(path)
}

/// What a record adds up to, also while another process writes it. One that does not exist, or is something else, is empty.
///
/// # Errors
/// When the file can't be read, or a line is damaged.
pub(crate) fn read_record(path: &Path) -> io::Result<ChangeRecord> {
    let lines = written_elsewhere(path)?;
    let first = lines.split(|byte| *byte == b' ').next();
    let first = first.and_then(|number| std::str::from_utf8(number).ok()?.parse().ok());
    let read = RecordContents::read_lines(&lines, first.unwrap_or(1));
    if let Some(damage) = read.damage {
        return Err(io::Error::other(format!("line {}: {}", damage.line, damage.problem)));
    }
    Ok(read.entries.into_iter().collect())
}

/// The latest lines of a record, without the format's line.
///
/// # Errors
/// When the file can't be read.
fn latest_lines(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let skipped = length.saturating_sub(LARGEST_ANSWER_BYTES);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_ANSWER_BYTES).read_to_end(&mut bytes)?;
    // The first of them is the format's line, or cut off.
    let start = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |end| end + 1);
    Ok(bytes.split_off(start))
}

fn unannounced(
    account: &RecordAccount,
    who: Option<&str>,
    request: &SentRequest,
    at: DateTime<Utc>,
    number: u64,
) -> ChangeIntent {
    ChangeIntent {
        // One process writes the record, and it counts.
        id: ChangeId::new(at, (u64::from(std::process::id()) << 32) | number),
        at,
        who: who.map(str::to_owned),
        account: account.clone(),
        title: format!("{} {}", request.method, request.path),
        forecast: Vec::new(),
        is_bulk: false,
        undoes: None,
        former_senders: Box::default(),
        items: vec![RecordedItem {
            request: ItemRequest::Other(request.clone()),
            undo: None,
            account: None,
            // It is the account's own, above.
            on_behalf_of: None,
        }],
    }
}

fn whole(path: &Path, length: u64) -> Result<RecordContents, Failure> {
    let name = path.display();
    if length > LARGEST_RECORD_BYTES {
        return Err(Failure(format!(
            "{name} has more than 500 MB. Move it away, or give --record another file."
        )));
    }
    let bytes = fs::read(path).map_err(|error| Failure::of(format!("reading {name}"), error))?;
    let read = RecordContents::read(&bytes).map_err(|not| {
        Failure(match not {
            NotARecord::Foreign => {
                format!("{name} is not a record of Poolkeeper. Move it away, or give --record another file.")
            }
            NotARecord::Newer => format!("{name} was written by a newer version. Start that version."),
        })
    })?;
    if let Some(damage) = read.damage {
        return Err(Failure(format!(
            "{name}, line {}: {}. Nothing is written to a damaged record. Move it away, or give --record another file.",
            damage.line, damage.problem
        )));
    }
    Ok(read)
}
