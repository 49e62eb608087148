//! What one tab still has to write, in order.

use super::plan::{
    KnownState, PendingEntry, StoreHead, StoreWrite, StoredHead, WriteRefused, append, compact, is_snapshot_due,
    replace,
};
use std::collections::VecDeque;

/// Something to write.
#[derive(Clone, Debug, PartialEq, Eq)]
enum WriteJob {
    Append(PendingEntry),
    Compact(Vec<u8>),
    Replace { name: String, snapshot: Vec<u8> },
}

/// Jobs that go into the store in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteBatch {
    jobs: Vec<WriteJob>,
    seen: Option<KnownState>,
    /// For a new record.
    lineage: String,
}

/// What one tab still has to write, in order, and what it last saw of the store.
///
/// One batch is under way at a time: [`Queue::next`], then [`Batch::plan`] and the writes in one transaction, then
/// [`Queue::written`], [`Queue::refused`] or [`Queue::failed`].
#[derive(Clone, Debug, Default)]
pub struct WriteQueue {
    jobs: VecDeque<WriteJob>,
    /// Jobs at the front that are under way.
    under_way: usize,
    head: Option<StoreHead>,
    /// Why this tab's state is not the stored one any more.
    refused: Option<WriteRefused>,
    /// While the tab is still to show the state at `head`.
    is_held: bool,
}

impl WriteQueue {
    /// Says what is stored; what was still to be written is dropped. Changes are taken from [`Queue::resume`] on, when
    /// the tab shows that state: until then they would be changes of another one.
    pub fn start(&mut self, head: Option<StoreHead>) {
        *self = Self {
            is_held: head.is_some(),
            head,
            ..Self::default()
        };
    }

    /// Says that the tab shows what is stored.
    pub const fn resume(&mut self) {
        self.is_held = false;
    }

    /// The state last seen in the store.
    #[must_use]
    pub fn seen(&self) -> Option<KnownState> {
        self.head.as_ref().map(KnownState::from)
    }

    /// Whether everything is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Why this tab's changes are not taken any more, until [`Queue::start`].
    #[must_use]
    pub const fn refusal(&self) -> Option<WriteRefused> {
        self.refused
    }

    /// Adds a change; `false` when this tab's changes are not taken, because what it shows is not what is stored.
    pub fn append(&mut self, entry: PendingEntry) -> bool {
        let is_started = self.head.is_some() || self.jobs.iter().any(|job| matches!(job, WriteJob::Replace { .. }));
        self.push(is_started, WriteJob::Append(entry))
    }

    /// Adds another state in place of all before; `false` as for [`Queue::append`]. Where the record is gone, this
    /// starts it again.
    pub fn replace(&mut self, name: &str, snapshot: Vec<u8>) -> bool {
        if self.refused == Some(WriteRefused::Gone) {
            self.start(None);
        }
        // Changes of the old state that are not under way need not be written first.
        self.jobs.truncate(self.under_way);
        self.is_held = false;
        let name = name.to_owned();
        self.push(true, WriteJob::Replace { name, snapshot })
    }

    /// Adds a snapshot of the state with all changes so far; `false` as for [`Queue::append`].
    pub fn compact(&mut self, snapshot: Vec<u8>) -> bool {
        let is_started = self.head.is_some() || !self.jobs.is_empty();
        self.push(is_started, WriteJob::Compact(snapshot))
    }

    fn push(&mut self, is_started: bool, job: WriteJob) -> bool {
        let is_taken = is_started && self.refused.is_none() && !self.is_held;
        if is_taken {
            self.jobs.push_back(job);
        }
        is_taken
    }

    /// Whether a snapshot should be written, once there is time, and none is waiting to be.
    #[must_use]
    pub fn is_snapshot_due(&self) -> bool {
        self.refused.is_none()
            && !self.is_held
            && self.jobs.iter().all(|job| matches!(job, WriteJob::Append(_)))
            && self.head.as_ref().is_some_and(is_snapshot_due)
    }

    /// The next batch: changes in a row together, anything else alone. `None` when nothing waits or one is under way.
    /// A new record takes the lineage given.
    pub fn next(&mut self, lineage: impl FnOnce() -> String) -> Option<WriteBatch> {
        if self.under_way > 0 {
            return None;
        }
        let changes = self
            .jobs
            .iter()
            .take_while(|job| matches!(job, WriteJob::Append(_)))
            .count();
        self.under_way = changes.max(1).min(self.jobs.len());
        (self.under_way > 0).then(|| WriteBatch {
            jobs: self.jobs.iter().take(self.under_way).cloned().collect(),
            seen: self.seen(),
            lineage: lineage(),
        })
    }

    /// The batch under way is stored, and this is the head now.
    pub fn written(&mut self, head: StoreHead) {
        self.jobs.drain(..self.under_way.min(self.jobs.len()));
        self.under_way = 0;
        self.head = Some(head);
    }

    /// The batch under way was refused: nothing more is taken until [`Queue::start`].
    pub fn refused(&mut self, refused: WriteRefused) {
        self.jobs.clear();
        self.under_way = 0;
        self.refused = Some(refused);
    }

    /// The batch under way could not be stored. It stays in line to be tried again, but for a snapshot of what is stored
    /// anyway.
    pub fn failed(&mut self) {
        if matches!(self.jobs.front(), Some(WriteJob::Compact(_))) {
            self.jobs.pop_front();
        }
        self.under_way = 0;
    }
}

impl WriteBatch {
    /// What to write, given the stored head.
    ///
    /// # Errors
    /// [`Refused`] when the store is not at the state that this tab last saw.
    pub fn plan(self, stored: StoredHead<'_>) -> Result<(StoreHead, Vec<StoreWrite>), WriteRefused> {
        let Self {
            mut jobs,
            seen,
            lineage,
        } = self;
        match (jobs.pop(), seen) {
            (Some(WriteJob::Replace { name, snapshot }), seen) => {
                replace(stored, seen.as_ref(), &lineage, &name, snapshot)
            }
            (Some(WriteJob::Compact(snapshot)), Some(seen)) => compact(stored, &seen, snapshot),
            (Some(WriteJob::Append(last)), Some(seen)) => {
                let before = jobs.into_iter().filter_map(|job| match job {
                    WriteJob::Append(entry) => Some(entry),
                    _ => None,
                });
                let entries: Vec<_> = before.chain([last]).collect();
                append(stored, &seen, &entries)
            }
            _ => Err(WriteRefused::Gone),
        }
    }
}
