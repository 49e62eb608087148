//! A long list of the account, read page by page: the first rows show at once, the rest streams in, a click is never
//! blocked. It can be stopped and goes on where it stood. When the account changes, the rows shown follow page by page, and
//! what came or went does so at the end.

use super::account::Account;
use super::progress::WorkProgress;
use super::task::TaskSlot;
use crate::browser::{self, Slices};
use leptos::prelude::*;
use mailgun_pools::api::{PagedQuery, Paginator};
use poolkeeper_view::paged_list::{ListPhase, ListStatus, PageMerge};
use std::cell::RefCell;
use std::sync::Arc;
use std::thread::LocalKey;

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

/// A list that was read whole, for the way back to its page.
pub(crate) struct KeptList<Q: PagedQuery> {
    key: ListKey<Q>,
    rows: Vec<Arc<Q::Item>>,
}

/// Where a page keeps its list between two visits.
pub(crate) type ListKeeper<Q> = &'static LocalKey<RefCell<Option<KeptList<Q>>>>;

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
    key: StoredValue<Option<ListKey<Q>>, LocalStorage>,
    /// A reading that was stopped or broke off.
    halted: StoredValue<Option<ListReading<Q>>, LocalStorage>,
    task: TaskSlot,
    keeper: Option<ListKeeper<Q>>,
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
    /// Reads the list of a query, and again whenever the query or the account changes.
    #[must_use]
    pub(crate) fn new(account: Account, query: Memo<Q>, keeper: Option<ListKeeper<Q>>) -> Self {
        let list = Self {
            account,
            rows: RwSignal::new(Vec::new()),
            status: RwSignal::new(ListStatus::default()),
            began_ms: StoredValue::new(0.0),
            key: StoredValue::new_local(None),
            halted: StoredValue::new_local(None),
            task: TaskSlot::new(),
            keeper,
        };
        Effect::new(move |_| {
            let key = ListKey {
                connection: account.connection(),
                query: query.get(),
                revision: account.revision(),
            };
            match list.key.get_value() {
                None => list.open(key),
                Some(before) if before.connection != key.connection => {
                    list.rows.set(Vec::new());
                    list.start(PageMerge::afresh(), key);
                }
                Some(before) if before.query != key.query => list.start(PageMerge::afresh(), key),
                Some(_) => list.refresh(key),
            }
        });
        on_cleanup(move || list.keep());
        list
    }

    /// Looks at the rows so far, in the query's order. Reactive.
    pub(crate) fn with_rows<R>(&self, look: impl FnOnce(&[Arc<Q::Item>]) -> R) -> R {
        self.rows.with(|rows| look(rows))
    }

    /// The same without subscribing.
    pub(crate) fn with_rows_untracked<R>(&self, look: impl FnOnce(&[Arc<Q::Item>]) -> R) -> R {
        self.rows.with_untracked(|rows| look(rows))
    }

    /// Changes the rows shown before they are read again, to what a change that worked came to.
    pub(crate) fn update_rows(&self, change: impl FnOnce(&mut Vec<Arc<Q::Item>>)) {
        self.rows.update(change);
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

    /// The first reading: from what the last visit of this page kept, where that is still good.
    fn open(&self, key: ListKey<Q>) {
        let kept = self.keeper.and_then(|keeper| keeper.take());
        let is_same = |kept: &ListKey<Q>| kept.connection == key.connection && kept.query == key.query;
        let Some(kept) = kept.filter(|kept| is_same(&kept.key)) else {
            return self.start(PageMerge::afresh(), key);
        };
        self.status.set(ListStatus {
            phase: ListPhase::Complete,
            done: kept.rows.len() as u64,
            total: Some(kept.rows.len() as u64),
            is_refresh: false,
        });
        self.rows.set(kept.rows);
        self.key.set_value(Some(kept.key.clone()));
        if kept.key.revision != key.revision {
            self.refresh(key);
        }
    }

    /// Keeps a list that was read whole for the next visit.
    fn keep(&self) {
        let is_whole = |status: &ListStatus| status.phase == ListPhase::Complete;
        let key = self.key.try_get_value().flatten();
        if let (Some(keeper), Some(key), Some(true)) = (self.keeper, key, self.status.try_with_untracked(is_whole)) {
            let rows = self.rows.try_get_untracked().unwrap_or_default();
            keeper.set(Some(KeptList { key, rows }));
        }
    }

    /// The account changed: the rows are read again, at once or after the reading under way.
    fn refresh(&self, key: ListKey<Q>) {
        let merge = |enough| self.rows.with_untracked(|rows| PageMerge::refresh(rows, enough));
        let ListStatus { phase, done, .. } = self.status.get_untracked();
        match phase {
            ListPhase::Waiting | ListPhase::Reading => {}
            ListPhase::Complete => self.start(merge(None), key),
            ListPhase::Stopped => self.start(merge(Some(done)), key),
            ListPhase::Failed(_) => self.start(PageMerge::afresh(), key),
        }
    }

    fn start(&self, merge: PageMerge<Q>, key: ListKey<Q>) {
        let walk = Paginator::new(self.account.client(), key.query.clone());
        self.key.set_value(Some(key));
        self.halted.set_value(None);
        self.began_ms.set_value(browser::now_ms());
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
