//! What to write for a change, and what a store's content means.

use super::file::RecordFile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use thiserror::Error;

/// The version of the record's layout that this code reads and writes.
pub const FORMAT: u32 = 1;

/// Entries after which a snapshot is due.
const MAX_ENTRIES: u64 = 200;

/// Work to replay after which a snapshot is due: about a second's.
const MAX_COST: u64 = 400_000;

/// A key of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreKey {
    /// The head.
    Head,
    /// The snapshot of a revision.
    Snapshot(u64),
    /// The change that made a revision.
    Entry(u64),
    /// A record moved aside, by the name it was given.
    Aside(String),
}

impl StoreKey {
    /// As the store spells it. Numbers have a fixed width, so that keys of one kind sort by number and lie together.
    #[must_use]
    pub fn spelled(&self) -> String {
        match self {
            Self::Head => "head".to_owned(),
            Self::Snapshot(revision) => format!("snapshot/{revision:016x}"),
            Self::Entry(revision) => format!("entry/{revision:016x}"),
            Self::Aside(name) => format!("aside/{name}"),
        }
    }

    /// Reads the store's spelling; `None` for a key of another version.
    #[must_use]
    pub fn read(spelled: &str) -> Option<Self> {
        let number = |digits: &str| u64::from_str_radix(digits, 16).ok();
        match spelled.split_once('/') {
            None => (spelled == "head").then_some(Self::Head),
            Some(("snapshot", revision)) => number(revision).map(Self::Snapshot),
            Some(("entry", revision)) => number(revision).map(Self::Entry),
            Some(("aside", name)) => Some(Self::Aside(name.to_owned())),
            Some(_) => None,
        }
    }
}

/// A value of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreValue {
    /// JSON.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One write. All of a plan happen or none does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreWrite {
    /// Puts a value in place of what the key holds.
    Put(StoreKey, StoreValue),
    /// Deletes a key.
    Delete(StoreKey),
}

/// The head: which snapshot counts, and how many entries after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreHead {
    /// The layout's version.
    pub format: u32,
    /// A name given when the record was started: another record never passes for this one.
    pub lineage: String,
    /// Changes since the record was started.
    pub revision: u64,
    /// The revision of the snapshot; the entries after it, up to `revision`, count.
    pub snapshot: u64,
    /// The snapshot's length in bytes.
    pub snapshot_bytes: u64,
    /// Work to replay the entries, in domain-days.
    pub cost: u64,
    /// What the state is called, such as its scenario.
    pub name: String,
}

/// The state that a writer last saw, and on which its change builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownState {
    /// [`Head::lineage`].
    pub lineage: String,
    /// [`Head::revision`].
    pub revision: u64,
}

impl From<&StoreHead> for KnownState {
    fn from(head: &StoreHead) -> Self {
        Self {
            lineage: head.lineage.clone(),
            revision: head.revision,
        }
    }
}

/// A change to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEntry {
    /// The change, as JSON.
    pub text: String,
    /// Work to replay it, in domain-days; at least 1.
    pub cost: u64,
}

/// Why a write does not happen. The store stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WriteRefused {
    /// The record is ahead of the writer, or another one: somebody else wrote.
    #[error("The simulator was changed in another tab.")]
    Conflict,
    /// There is no record any more: the browser's data for this site was cleared.
    #[error("What this browser kept of the simulator is gone.")]
    Gone,
    /// A newer version of the app wrote the record.
    #[error("A newer version of this app is in use in another tab.")]
    Newer,
}

/// The stored head as found, without looking further.
pub type StoredHead<'a> = Option<&'a str>;

/// Checks that what is stored is what the writer saw.
fn check(stored: StoredHead<'_>, seen: &KnownState) -> Result<StoreHead, WriteRefused> {
    let head = stored.map(read_head).ok_or(WriteRefused::Gone)?;
    match head {
        Ok(head) if KnownState::from(&head) == *seen => Ok(head),
        Err(Unrecoverable::Newer { .. }) => Err(WriteRefused::Newer),
        _ => Err(WriteRefused::Conflict),
    }
}

fn put_head(head: &StoreHead) -> StoreWrite {
    // A struct of numbers and strings is always JSON.
    StoreWrite::Put(
        StoreKey::Head,
        StoreValue::Text(serde_json::to_string(head).unwrap_or_default()),
    )
}

/// Adds changes after the state that the writer saw.
///
/// # Errors
/// [`Refused`] when the record is not at that state.
pub fn append(
    stored: StoredHead<'_>,
    seen: &KnownState,
    entries: &[PendingEntry],
) -> Result<(StoreHead, Vec<StoreWrite>), WriteRefused> {
    let mut head = check(stored, seen)?;
    let mut writes = Vec::with_capacity(entries.len() + 1);
    for entry in entries {
        head.revision += 1;
        head.cost = head.cost.saturating_add(entry.cost.max(1));
        writes.push(StoreWrite::Put(
            StoreKey::Entry(head.revision),
            StoreValue::Text(entry.text.clone()),
        ));
    }
    writes.push(put_head(&head));
    Ok((head, writes))
}

/// Puts another state in place of the one that the writer saw; `None` where it saw that there is no record. A new record
/// takes the lineage given.
///
/// # Errors
/// [`Refused`] when the record is not at that state, or there is one after all.
pub fn replace(
    stored: StoredHead<'_>,
    seen: Option<&KnownState>,
    lineage: &str,
    name: &str,
    snapshot: Vec<u8>,
) -> Result<(StoreHead, Vec<StoreWrite>), WriteRefused> {
    let old = match seen {
        Some(seen) => Some(check(stored, seen)?),
        None if stored.is_some() => return Err(WriteRefused::Conflict),
        None => None,
    };
    let revision = old.as_ref().map_or(1, |old| old.revision + 1);
    let head = StoreHead {
        format: FORMAT,
        lineage: old
            .as_ref()
            .map_or_else(|| lineage.to_owned(), |old| old.lineage.clone()),
        revision,
        snapshot: revision,
        snapshot_bytes: snapshot.len() as u64,
        cost: 0,
        name: name.to_owned(),
    };
    let writes = put_snapshot(&head, snapshot, old.as_ref());
    Ok((head, writes))
}

/// Puts a snapshot of the state that the writer saw in the place of the entries that lead to it. The revision stays.
///
/// # Errors
/// [`Refused`] when the record is not at that state.
pub fn compact(
    stored: StoredHead<'_>,
    seen: &KnownState,
    snapshot: Vec<u8>,
) -> Result<(StoreHead, Vec<StoreWrite>), WriteRefused> {
    let old = check(stored, seen)?;
    if old.snapshot == old.revision {
        return Ok((old, Vec::new()));
    }
    let head = StoreHead {
        snapshot: old.revision,
        snapshot_bytes: snapshot.len() as u64,
        cost: 0,
        ..old.clone()
    };
    let writes = put_snapshot(&head, snapshot, Some(&old));
    Ok((head, writes))
}

/// The snapshot first, then the head that counts on it, then away with what it does not count on.
fn put_snapshot(head: &StoreHead, snapshot: Vec<u8>, old: Option<&StoreHead>) -> Vec<StoreWrite> {
    let mut writes = vec![
        StoreWrite::Put(StoreKey::Snapshot(head.snapshot), StoreValue::Bytes(snapshot)),
        put_head(head),
    ];
    if let Some(old) = old {
        writes.push(StoreWrite::Delete(StoreKey::Snapshot(old.snapshot)));
        writes.extend((old.snapshot + 1..=old.revision).map(|revision| StoreWrite::Delete(StoreKey::Entry(revision))));
    }
    writes
}

/// Whether it is time for a snapshot: replaying the entries takes a person's notice by now.
#[must_use]
pub const fn is_snapshot_due(head: &StoreHead) -> bool {
    head.revision - head.snapshot >= MAX_ENTRIES || head.cost >= MAX_COST
}

/// All that a store holds, but for what was moved aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreContents {
    /// The head.
    pub head: Option<String>,
    /// Snapshots by revision.
    pub snapshots: BTreeMap<u64, Vec<u8>>,
    /// Entries by revision.
    pub entries: BTreeMap<u64, String>,
}

/// A record that can be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverableState {
    /// Its head.
    pub head: StoreHead,
    /// The snapshot.
    pub snapshot: Vec<u8>,
    /// The changes since, in order.
    pub entries: Vec<String>,
}

/// Why a record cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unrecoverable {
    /// There are changes, or a later snapshot, and no head.
    #[error("its head is missing")]
    NoHead,
    /// A head that does not read.
    #[error("its head does not read")]
    BadHead,
    /// A later version of the layout.
    #[error("it was kept by a newer version of this app (format {format})")]
    Newer {
        /// The version it says.
        format: u32,
    },
    /// The snapshot is missing, or not as long as the head says.
    #[error("its snapshot is missing or cut short")]
    BadSnapshot,
    /// A change between the snapshot and the last one is missing.
    #[error("change {revision} is missing")]
    MissingEntry {
        /// The revision it would make.
        revision: u64,
    },
    /// The snapshot does not read, or its changes cannot be repeated.
    #[error("{0}")]
    Unreadable(String),
}

fn read_head(text: &str) -> Result<StoreHead, Unrecoverable> {
    /// What every version's head has.
    #[derive(Deserialize)]
    struct AnyVersionHead {
        format: u32,
    }
    let any: AnyVersionHead = serde_json::from_str(text).map_err(|_| Unrecoverable::BadHead)?;
    if any.format > FORMAT {
        return Err(Unrecoverable::Newer { format: any.format });
    }
    let head: StoreHead = serde_json::from_str(text).map_err(|_| Unrecoverable::BadHead)?;
    if head.snapshot > head.revision {
        return Err(Unrecoverable::BadHead);
    }
    Ok(head)
}

/// What a store's content amounts to; `None` for an empty one. Parts that the head does not count on are left over from
/// a write that did not come to its end, and are passed over.
///
/// # Errors
/// [`Broken`] when it cannot be restored. [`set_aside`] then keeps all of it.
pub fn recover(raw: &StoreContents) -> Result<Option<RecoverableState>, Unrecoverable> {
    let Some(head) = &raw.head else {
        // The first snapshot alone is left over from a record that never came to be.
        let is_empty = raw.entries.is_empty() && raw.snapshots.keys().all(|&revision| revision == 1);
        return if is_empty { Ok(None) } else { Err(Unrecoverable::NoHead) };
    };
    let head = read_head(head)?;
    let snapshot = raw.snapshots.get(&head.snapshot).ok_or(Unrecoverable::BadSnapshot)?;
    if snapshot.len() as u64 != head.snapshot_bytes {
        return Err(Unrecoverable::BadSnapshot);
    }
    let mut entries = Vec::new();
    for revision in head.snapshot + 1..=head.revision {
        let entry = raw
            .entries
            .get(&revision)
            .ok_or(Unrecoverable::MissingEntry { revision })?;
        entries.push(entry.clone());
    }
    Ok(Some(RecoverableState {
        snapshot: snapshot.clone(),
        head,
        entries,
    }))
}

/// The head and the revisions of the changes that bring a tab up to date which shows the state it saw. `None` when their
/// entries are not all there, and it has to restore the whole.
#[must_use]
pub fn changes_since(stored: StoredHead<'_>, seen: &KnownState) -> Option<(StoreHead, RangeInclusive<u64>)> {
    let head = read_head(stored?).ok()?;
    let is_ahead = head.lineage == seen.lineage && head.snapshot <= seen.revision && seen.revision <= head.revision;
    let revisions = seen.revision + 1..=head.revision;
    is_ahead.then_some((head, revisions))
}

/// Whether a tab that saw a state shows what is stored.
#[must_use]
pub fn is_current(stored: StoredHead<'_>, seen: Option<&KnownState>) -> bool {
    match (stored.map(read_head), seen) {
        (None, None) => true,
        (Some(Ok(head)), Some(seen)) => KnownState::from(&head) == *seen,
        _ => false,
    }
}

/// Moves all that a store holds to one file under a name, and leaves the place empty for a new record.
#[must_use]
pub fn set_aside(raw: &StoreContents, name: &str) -> Vec<StoreWrite> {
    let file = RecordFile::of(raw).to_bytes();
    let mut writes = vec![
        StoreWrite::Put(StoreKey::Aside(name.to_owned()), StoreValue::Bytes(file)),
        StoreWrite::Delete(StoreKey::Head),
    ];
    writes.extend(
        raw.snapshots
            .keys()
            .map(|&revision| StoreWrite::Delete(StoreKey::Snapshot(revision))),
    );
    writes.extend(
        raw.entries
            .keys()
            .map(|&revision| StoreWrite::Delete(StoreKey::Entry(revision))),
    );
    writes
}
