//! The enrolled domains of the account: read once, kept while pages come and go, and brought up to date by changes and by
//! history since. Filters and sorts are the reader's own: they ask the service for nothing.

use super::account::Account;
use super::halted::HaltedWork;
use super::progress::WorkProgress;
use super::task::TaskSlot;
use crate::browser::{self, Slices};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use mailgun_pools::api::{ApiError, Client, Write};
use poolkeeper_account::cache::{DomainReader, apply_history, apply_writes, history_since, merge, newest_record};
use poolkeeper_core::model::{Domain, HistoryRecord};
use poolkeeper_view::paged_list::{ListPhase, ListStatus};
use std::sync::Arc;

/// Between two drawings of what came in, milliseconds.
const DRAW_EVERY_MS: f64 = 150.0;

/// If history since the reading has more pages of a hundred records, the list is read again.
const MOST_PAGES_SINCE: u64 = 20;

/// Which state of which account the rows are of.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ListVersion {
    connection: u64,
    revision: u64,
}

/// A reading that was stopped or broke off.
struct DomainReading {
    reader: DomainReader,
    /// What came in, where rows of an earlier reading are shown meanwhile.
    fresh: Vec<Domain>,
}

/// A handle on the list. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct DomainList {
    account: Account,
    /// By name.
    rows: RwSignal<Vec<Arc<Domain>>>,
    status: RwSignal<ListStatus>,
    as_of: RwSignal<Option<DateTime<Utc>>>,
    began_ms: StoredValue<f64>,
    version: StoredValue<Option<ListVersion>>,
    /// The newest record when the reading began: what is newer patches the rows.
    newest: StoredValue<Option<HistoryRecord>>,
    halted: HaltedWork,
    task: TaskSlot,
}

impl DomainList {
    /// Reads the list if it is not there, and keeps it up to date while the calling view is shown.
    pub(crate) fn follow(self) {
        Effect::new(move |_| {
            let version = self.present();
            untrack(|| self.bring_to(version));
        });
    }

    /// Looks at the rows so far, by name. Reactive.
    pub(crate) fn with_rows<R>(&self, look: impl FnOnce(&[Arc<Domain>]) -> R) -> R {
        self.rows.with(|rows| look(rows))
    }

    /// The same without subscribing.
    pub(crate) fn with_rows_untracked<R>(&self, look: impl FnOnce(&[Arc<Domain>]) -> R) -> R {
        self.rows.with_untracked(|rows| look(rows))
    }

    /// Domains whose name has these letters, at most so many. Reactive.
    #[must_use]
    pub(crate) fn named(&self, letters: &str, most: usize) -> Vec<String> {
        self.with_rows(|rows| {
            let names = rows.iter().map(|row| row.name.as_str());
            let named = names.filter(|name| name.contains(letters));
            named.take(most).map(str::to_owned).collect()
        })
    }

    /// All domains of the account in its present state, if they are all there.
    #[must_use]
    pub(crate) fn complete(&self) -> Option<Vec<Arc<Domain>>> {
        let is_whole = self.status.with_untracked(|status| status.phase == ListPhase::Complete);
        let is_own = self.version.get_value() == Some(untrack(|| self.present()));
        (is_whole && is_own).then(|| self.rows.get_untracked())
    }

    /// Where the reading is.
    #[must_use]
    pub(crate) const fn status(&self) -> RwSignal<ListStatus> {
        self.status
    }

    /// When the reading began; `None` before it did. Reactive.
    #[must_use]
    pub(crate) fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of.get()
    }

    /// How far it is, for a progress bar, once it takes so long that one helps. Reactive.
    #[must_use]
    pub(crate) fn work(&self) -> Option<WorkProgress> {
        // The simulator has two pages there before a bar would have been seen; a network may stop after any.
        let least = if self.account.source().is_simulator() { 200 } else { 1 };
        self.status.with(|status| {
            status.is_long(least).then(|| WorkProgress {
                what: if status.is_refresh {
                    "Refreshing domains"
                } else {
                    "Loading domains"
                }
                .to_owned(),
                done: status.done,
                total: status.total,
                elapsed_ms: browser::now_ms() - self.began_ms.get_value(),
            })
        })
    }

    /// Forgets everything: another account is about to be connected.
    pub(super) fn forget(&self) {
        self.task.abort();
        self.halted.clear();
        self.version.set_value(None);
        self.newest.set_value(None);
        self.rows.set(Vec::new());
        self.as_of.set(None);
        self.status.set(ListStatus::default());
    }

    /// Reads all of it again; the rows stay meanwhile.
    pub(crate) fn refresh(&self) {
        self.start(untrack(|| self.present()));
    }

    /// Stops before the end; the rows so far stay, and the pages that are under way still count.
    pub(crate) fn stop(&self) {
        self.status.update(|status| status.phase = ListPhase::Stopped);
    }

    /// Goes on where it stopped or broke off.
    pub(crate) fn resume(&self) {
        let phase = self.first_phase();
        self.status.update(|status| status.phase = phase);
        // Where none is kept, the page under way has not come yet: that reading goes on by itself.
        if let Some(reading) = self.halted.take::<DomainReading>() {
            self.run(reading);
        }
    }

    /// The account's present state. Reactive.
    fn present(&self) -> ListVersion {
        ListVersion {
            connection: self.account.connection(),
            revision: self.account.revision(),
        }
    }

    /// Brings the rows to a state of the account.
    fn bring_to(self, version: ListVersion) {
        match self.version.get_value() {
            Some(known) if known == version => {}
            Some(known) if known.connection == version.connection => self.update(version),
            _ => {
                self.rows.set(Vec::new());
                self.start(version);
            }
        }
    }

    /// The account changed: a live one's history since tells what moved; a simulated one is read again.
    fn update(self, version: ListVersion) {
        let writes = self.account.writes_made();
        self.rows.update(|rows| apply_writes(rows, &writes));
        let is_simulator = self.account.source().is_simulator();
        let phase = self.status.with_untracked(|status| status.phase.clone());
        match phase {
            // What changed meanwhile is read at the end.
            ListPhase::Waiting | ListPhase::Reading => {}
            ListPhase::Stopped if !is_simulator => {}
            ListPhase::Complete if !is_simulator => {
                self.version.set_value(Some(version));
                self.patch(version, writes);
            }
            _ => self.start(version),
        }
    }

    /// Applies history since the reading, and then the changes once more: they are newer than what history may say yet.
    fn patch(self, version: ListVersion, writes: Vec<Write>) {
        let (client, newest) = (self.account.client(), self.newest.get_value());
        self.task.run(async move {
            match history_since(&client, newest.as_ref(), MOST_PAGES_SINCE).await {
                // Another account is connected meanwhile.
                _ if !self.is_of(version) => {}
                Ok(Some(since)) => {
                    self.rows.update(|rows| {
                        apply_history(rows, &since);
                        apply_writes(rows, &writes);
                    });
                    self.account.forget_first_writes(writes.len());
                    if let Some(latest) = since.into_iter().next() {
                        self.newest.set_value(Some(latest));
                    }
                }
                Ok(None) => self.start(version),
                // An enrolled domain's pool is in history alone.
                Err(_) if writes.iter().any(is_enrolment) => self.start(version),
                Err(_) => {}
            }
        });
    }

    fn start(self, version: ListVersion) {
        // Whatever was changed before is in what is read now.
        self.account.forget_writes();
        self.version.set_value(Some(version));
        self.halted.clear();
        self.began_ms.set_value(browser::now_ms());
        self.as_of.set(Some(browser::now_utc()));
        self.status.set(ListStatus {
            phase: self.first_phase(),
            is_refresh: self.rows.with_untracked(|rows| !rows.is_empty()),
            ..ListStatus::default()
        });
        let reader = DomainReader::new(self.account.client());
        self.run(DomainReading {
            reader,
            fresh: Vec::new(),
        });
    }

    /// Whether the account of a version is still connected.
    fn is_of(&self, version: ListVersion) -> bool {
        untrack(|| self.account.connection()) == version.connection
    }

    fn first_phase(&self) -> ListPhase {
        if self.rows.with_untracked(Vec::is_empty) {
            ListPhase::Waiting
        } else {
            ListPhase::Reading
        }
    }

    /// Reads on to the end, unless a newer reading takes its place.
    fn run(self, mut reading: DomainReading) {
        let is_stopped = move || self.status.with_untracked(|status| status.phase == ListPhase::Stopped);
        let (client, is_first) = (self.account.client(), reading.fresh.is_empty());
        let is_live = !untrack(|| self.account.source().is_simulator());
        self.task.run(async move {
            if is_first && is_live {
                self.newest.set_value(newest_or_none(&client).await);
            }
            let (mut drawn_ms, mut slices, mut drawn) = (f64::MIN, Slices::new(), reading.fresh.len());
            while !reading.reader.is_over() && !is_stopped() {
                match reading.reader.next_domains().await {
                    Ok(domains) => reading.fresh.extend(domains.unwrap_or_default()),
                    Err(_) if is_stopped() => break,
                    Err(error) => {
                        self.draw(&reading, &mut drawn);
                        self.status.update(|status| status.phase = ListPhase::Failed(error));
                        self.halted.put(reading);
                        return;
                    }
                }
                let now_ms = browser::now_ms();
                if now_ms - drawn_ms >= DRAW_EVERY_MS {
                    self.draw(&reading, &mut drawn);
                    drawn_ms = now_ms;
                }
                if slices.is_over() {
                    slices.pause().await;
                }
            }
            // Otherwise another account is connected, and no page has asked for its domains yet.
            if self.version.get_value().is_some_and(|version| self.is_of(version)) {
                self.draw(&reading, &mut drawn);
                self.finish(reading);
            } else {
                self.version.set_value(None);
            }
        });
    }

    /// Shows what has come in since the last time.
    fn draw(&self, reading: &DomainReading, drawn: &mut usize) {
        let fresh = reading.fresh.get(*drawn..).unwrap_or_default().to_vec();
        *drawn = reading.fresh.len();
        self.rows.update(|rows| merge(rows, fresh));
        let progress = reading.reader.progress();
        self.status.update(|status| {
            status.advance(mailgun_pools::api::PageProgress {
                items: progress.done,
                total: progress.total,
                ..mailgun_pools::api::PageProgress::default()
            });
        });
    }

    fn finish(self, reading: DomainReading) {
        if !reading.reader.is_over() {
            self.status.update(|status| status.phase = ListPhase::Stopped);
            self.halted.put(reading);
            return;
        }
        let mut rows = Vec::new();
        merge(&mut rows, reading.fresh);
        self.rows.set(rows);
        self.status.update(|status| status.phase = ListPhase::Complete);
        // What changed meanwhile is read now.
        let revision = untrack(|| self.account.revision());
        if let Some(version) = self.version.get_value().filter(|version| version.revision != revision) {
            self.update(ListVersion { revision, ..version });
        }
    }
}

const fn is_enrolment(write: &Write) -> bool {
    matches!(write, Write::Enroll { .. } | Write::EnrollAll { .. })
}

/// The newest record; none where the key may not read history.
async fn newest_or_none(client: &Client) -> Option<HistoryRecord> {
    let newest: Result<_, ApiError> = newest_record(client).await;
    newest.ok().flatten()
}

/// The enrolled domains of the account that the app shows.
#[must_use]
pub(crate) fn use_domains() -> DomainList {
    expect_context()
}

/// Provides them to the views below the caller. Nothing is read yet.
pub(super) fn provide(account: Account) {
    provide_context(DomainList {
        account,
        rows: RwSignal::new(Vec::new()),
        status: RwSignal::new(ListStatus::default()),
        as_of: RwSignal::new(None),
        began_ms: StoredValue::new(0.0),
        version: StoredValue::new(None),
        newest: StoredValue::new(None),
        halted: HaltedWork::new(),
        task: TaskSlot::new(),
    });
}
