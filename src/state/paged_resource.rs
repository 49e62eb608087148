//! A long list of the account, read page by page: the first rows show at once, the rest streams in, a click is never
//! blocked. It can be stopped and goes on where it stood. When the account changes, the rows shown follow page by page, and
//! what came or went does so at the end.

use super::account::Account;
use super::progress::WorkProgress;
use super::task::TaskSlot;
use crate::browser::{self, Slices};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use mailgun_pools::api::{PagedQuery, Paginator};
use poolkeeper_view::paged_list::{ListPhase, ListStatus, PageMerge};
use std::sync::Arc;

/// Between two drawings of what came in, milliseconds.
const DRAW_EVERY_MS: f64 = 150.0;

/// What a reading is of.
#[derive(Clone, PartialEq)]
struct ListKey<Q> {
    /// The account's number.
    connection: u64,
    query: Q,
    /// The account's revision when it began.
    revision: u64,
}

/// One reading from the first page on.
struct ListReading<Q: PagedQuery> {
    walk: Paginator<Q>,
    merge: PageMerge<Q>,
}

impl<Q: PagedQuery> ListReading<Q> {
    fn is_over(&self) -> bool {
        self.walk.is_done() || self.merge.has_enough()
    }
}

/// The list as far as it is read. `Copy`.
pub(crate) struct PagedResource<Q>
where
    Q: PagedQuery + 'static,
    Q::Item: Send + Sync,
{
    account: Account,
    rows: RwSignal<Vec<Arc<Q::Item>>>,
    status: RwSignal<ListStatus>,
    began_ms: StoredValue<f64>,
    as_of: RwSignal<Option<DateTime<Utc>>>,
    key: StoredValue<Option<ListKey<Q>>, LocalStorage>,
    /// A reading that was stopped or broke off.
    halted: StoredValue<Option<ListReading<Q>>, LocalStorage>,
    task: TaskSlot,
    /// Items after which the first reading stops by itself.
    enough: Option<u64>,
}

impl<Q> Clone for PagedResource<Q>
where
    Q: PagedQuery + 'static,
    Q::Item: Send + Sync,
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q> Copy for PagedResource<Q>
where
    Q: PagedQuery + 'static,
    Q::Item: Send + Sync,
{
}

impl<Q> PagedResource<Q>
where
    Q: PagedQuery + Clone + PartialEq + Send + Sync + 'static,
    Q::Item: Send + Sync,
{
    /// Reads the list of a query, and again whenever the query or the account changes. Of a live account, it stops after
    /// `enough` items until a person wants the rest.
    #[must_use]
    pub(crate) fn new(account: Account, query: Memo<Q>, enough: u64) -> Self {
        let list = Self {
            account,
            rows: RwSignal::new(Vec::new()),
            status: RwSignal::new(ListStatus::default()),
            began_ms: StoredValue::new(0.0),
            as_of: RwSignal::new(None),
            key: StoredValue::new_local(None),
            halted: StoredValue::new_local(None),
            task: TaskSlot::new(),
            enough: (!untrack(|| account.source().is_simulator())).then_some(enough),
        };
        Effect::new(move |_| {
            let key = ListKey {
                connection: account.connection(),
                query: query.get(),
                revision: account.revision(),
            };
            match list.key.get_value() {
                None => list.start(list.afresh(), key),
                Some(before) if before.connection != key.connection => {
                    list.rows.set(Vec::new());
                    list.start(list.afresh(), key);
                }
                Some(before) if before.query != key.query => list.start(list.afresh(), key),
                Some(_) => list.refresh(key),
            }
        });
        list
    }

    /// Looks at the rows so far, in the query's order. Reactive.
    pub(crate) fn with_rows<R>(&self, look: impl FnOnce(&[Arc<Q::Item>]) -> R) -> R {
        self.rows.with(|rows| look(rows))
    }

    /// Where the reading stands.
    #[must_use]
    pub(crate) const fn status(&self) -> RwSignal<ListStatus> {
        self.status
    }

    /// How far it is, for a progress bar, once it takes so long that one helps: `what` are `domains`. Reactive.
    #[must_use]
    pub(crate) fn work(&self, what: &str) -> Option<WorkProgress> {
        // The simulator has two pages there before a bar would have been seen; a network may stop after any.
        let least = if self.account.source().is_simulator() { 200 } else { 1 };
        self.status.with(|status| {
            status.is_long(least).then(|| WorkProgress {
                what: format!("{} {what}", if status.is_refresh { "Refreshing" } else { "Loading" }),
                done: status.done,
                total: status.total,
                elapsed_ms: browser::now_ms() - self.began_ms.get_value(),
            })
        })
    }

    /// Stops before the end; the rows so far stay, and the page that is under way still counts.
    pub(crate) fn stop(&self) {
        self.status.update(|status| status.phase = ListPhase::Stopped);
    }

    /// Goes on where it stopped or broke off.
    pub(crate) fn resume(&self) {
        let phase = self.first_phase();
        self.status.update(|status| status.phase = phase);
        // Where none is kept, the page under way has not come yet: that reading goes on by itself.
        if let Some(mut reading) = self.halted.try_update_value(Option::take).flatten() {
            reading.merge.wants_all();
            self.run(reading);
        }
    }

    fn afresh(&self) -> PageMerge<Q> {
        PageMerge::afresh(self.enough)
    }

    /// Reads it again; the rows stay meanwhile.
    pub(crate) fn reload(&self) {
        if let Some(key) = self.key.get_value() {
            let revision = untrack(|| self.account.revision());
            self.refresh(ListKey { revision, ..key });
        }
    }

    /// When the reading began. Reactive.
    #[must_use]
    pub(crate) fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of.get()
    }

    /// The account changed: the rows are read again, at once or after the reading under way.
    fn refresh(&self, key: ListKey<Q>) {
        let merge = |enough| self.rows.with_untracked(|rows| PageMerge::refresh(rows, enough));
        let ListStatus { phase, done, .. } = self.status.get_untracked();
        match phase {
            ListPhase::Waiting | ListPhase::Reading => {}
            ListPhase::Complete => self.start(merge(None), key),
            ListPhase::Stopped => self.start(merge(Some(done)), key),
            ListPhase::Failed(_) => self.start(self.afresh(), key),
        }
    }

    fn start(&self, merge: PageMerge<Q>, key: ListKey<Q>) {
        let walk = Paginator::new(self.account.client(), key.query.clone());
        self.key.set_value(Some(key));
        self.halted.set_value(None);
        self.began_ms.set_value(browser::now_ms());
        self.as_of.set(Some(browser::now_utc()));
        self.status.set(ListStatus {
            phase: self.first_phase(),
            is_refresh: merge.is_refresh(),
            ..ListStatus::default()
        });
        self.run(ListReading { walk, merge });
    }

    fn first_phase(&self) -> ListPhase {
        if self.rows.with_untracked(Vec::is_empty) {
            ListPhase::Waiting
        } else {
            ListPhase::Reading
        }
    }

    /// Reads on to the end, unless a newer reading takes its place.
    fn run(&self, mut reading: ListReading<Q>) {
        let list = *self;
        let is_stopped = move || list.status.with_untracked(|status| status.phase == ListPhase::Stopped);
        self.task.run(async move {
            let (mut drawn_ms, mut slices) = (f64::MIN, Slices::new());
            while !reading.is_over() && !is_stopped() {
                match reading.walk.next_page().await {
                    Ok(page) => reading.merge.add(page.unwrap_or_default()),
                    Err(_) if is_stopped() => break,
                    Err(error) => {
                        list.draw(&mut reading);
                        list.status.update(|status| status.phase = ListPhase::Failed(error));
                        list.halted.set_value(Some(reading));
                        return;
                    }
                }
                let now_ms = browser::now_ms();
                if now_ms - drawn_ms >= DRAW_EVERY_MS {
                    list.draw(&mut reading);
                    drawn_ms = now_ms;
                }
                if slices.is_over() {
                    slices.pause().await;
                }
            }
            list.finish(reading);
        });
    }

    /// Shows what has come in since the last time.
    fn draw(&self, reading: &mut ListReading<Q>) {
        self.rows.update(|rows| reading.merge.show(rows));
        self.status.update(|status| status.advance(reading.walk.progress()));
    }

    fn finish(&self, mut reading: ListReading<Q>) {
        self.draw(&mut reading);
        let (is_over, is_whole) = (reading.is_over(), reading.walk.is_done());
        if is_over {
            self.rows.set(reading.merge.items().to_vec());
        }
        let phase = if is_whole {
            ListPhase::Complete
        } else {
            ListPhase::Stopped
        };
        self.status.update(|status| status.phase = phase);
        if !is_whole {
            self.halted.set_value(Some(reading));
        }
        // What changed meanwhile is read now.
        let revision = untrack(|| self.account.revision());
        if let Some(key) = self.key.get_value().filter(|key| is_over && key.revision != revision) {
            self.refresh(ListKey { revision, ..key });
        }
    }
}
