//! A long list read page after page: the first rows show at once, the rest stream in, and it can be stopped and resumed.

use super::account::use_account;
use crate::browser;
use crate::components::WorkProgress;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::{ApiError, PagedQuery, Paginator};
use std::rc::Rc;

/// Rows that are still coming in. `Copy`.
pub struct PagedListState<Q: PagedQuery + 'static>
where
    Q::Item: 'static,
{
    rows: RwSignal<Rc<Vec<Q::Item>>, LocalStorage>,
    state: RwSignal<ListState>,
    walk: StoredValue<Option<Paginator<Q>>, LocalStorage>,
    /// Which walk is the current one: an older one that wakes up finds itself outdated and ends.
    turn: StoredValue<u64>,
}

impl<Q: PagedQuery + 'static> Clone for PagedListState<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: PagedQuery + 'static> Copy for PagedListState<Q> {}

#[derive(Clone, Debug, Default, PartialEq)]
struct ListState {
    is_loading: bool,
    is_stopped: bool,
    has_rows: bool,
    total: Option<u64>,
    count: u64,
    began_ms: f64,
    error: Option<ApiError>,
}

/// Milliseconds of pages between two breaths of the page.
const BREATH_MS: f64 = 12.0;

impl<Q: PagedQuery + Clone + PartialEq + Send + Sync + 'static> PagedListState<Q>
where
    Q::Item: Clone + 'static,
{
    /// Reads a list from the account, anew whenever the question or the account changes. Rows of the same question stay
    /// on screen until the first new page is there.
    #[must_use]
    pub fn new(question: Memo<Q>) -> Self {
        let account = use_account();
        let listing = Self {
            rows: RwSignal::new_local(Rc::new(Vec::new())),
            state: RwSignal::new(ListState::default()),
            walk: StoredValue::new_local(None),
            turn: StoredValue::new(0),
        };
        Effect::new(move |_| {
            account.watch();
            let walk = Paginator::new(account.client(), question.get());
            listing.run(walk, true);
        });
        on_cleanup(move || listing.outdate());
        listing
    }

    /// The rows so far. Reactive.
    #[must_use]
    pub fn rows(&self) -> Rc<Vec<Q::Item>> {
        self.rows.get()
    }

    /// Whether rows are still coming. Reactive.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.state.with(|state| state.is_loading)
    }

    /// Whether a person stopped it before the end. Reactive.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.state.with(|state| state.is_stopped)
    }

    /// Whether there has been an answer, if only an empty one. Reactive.
    #[must_use]
    pub fn has_answer(&self) -> bool {
        self.state.with(|state| state.has_rows)
    }

    /// How many rows the service says there are. Reactive.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.state.with(|state| state.total)
    }

    /// What broke it off; the rows so far stay. Reactive.
    #[must_use]
    pub fn error(&self) -> Option<ApiError> {
        self.state.with(|state| state.error.clone())
    }

    /// How far it is, for a progress bar. Reactive.
    #[must_use]
    pub fn work(&self, what: &str) -> WorkProgress {
        self.state.with(|state| WorkProgress {
            what: what.to_owned(),
            done: state.count,
            total: state.total,
            elapsed_ms: browser::now_ms() - state.began_ms,
        })
    }

    /// Stops before the end; the rows so far stay.
    pub fn stop(&self) {
        self.turn.update_value(|turn| *turn += 1);
        self.state.update(|state| {
            state.is_stopped = state.is_loading;
            state.is_loading = false;
        });
    }

    /// Goes on where it stopped or broke off.
    pub fn resume(&self) {
        let mut walk = None;
        self.walk.update_value(|kept| walk = kept.take());
        if let Some(walk) = walk {
            self.run(walk, false);
        }
    }

    fn outdate(&self) {
        self.turn.try_update_value(|turn| *turn += 1);
    }

    fn is_current(&self, turn: u64) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    fn run(self, mut walk: Paginator<Q>, is_new: bool) {
        self.outdate();
        let turn = self.turn.get_value();
        self.state.update(|state| {
            state.is_loading = true;
            state.is_stopped = false;
            state.error = None;
            if is_new {
                state.began_ms = browser::now_ms();
                state.count = 0;
            }
        });
        spawn_local(async move {
            let mut rows = if is_new {
                Vec::new()
            } else {
                self.rows.get_untracked().to_vec()
            };
            let mut shown_ms = 0.0;
            loop {
                let page = walk.next_page().await;
                if !self.is_current(turn) {
                    // Stopped by a person: keep the walk, so that it can go on.
                    if self.state.try_with_untracked(|state| state.is_stopped) == Some(true) {
                        rows.extend(page.ok().flatten().unwrap_or_default());
                        self.keep(walk, rows);
                    }
                    return;
                }
                match page {
                    Ok(Some(page)) => rows.extend(page),
                    Ok(None) => break self.finish(rows, walk.progress().total),
                    Err(error) => {
                        self.state.update(|state| {
                            state.is_loading = false;
                            state.error = Some(error);
                        });
                        return self.keep(walk, rows);
                    }
                }
                let now_ms = browser::now_ms();
                // The first page at once, later ones a few times a second: copying rows costs.
                if shown_ms == 0.0 || now_ms - shown_ms > 250.0 {
                    shown_ms = now_ms;
                    self.show(&rows, walk.progress().total);
                    TimeoutFuture::new(0).await;
                } else if now_ms - shown_ms > BREATH_MS {
                    TimeoutFuture::new(0).await;
                }
            }
        });
    }

    fn show(&self, rows: &[Q::Item], total: Option<u64>) {
        self.rows.set(Rc::new(rows.to_vec()));
        self.state.update(|state| {
            state.has_rows = true;
            state.count = rows.len() as u64;
            state.total = total;
        });
    }

    fn finish(&self, rows: Vec<Q::Item>, total: Option<u64>) {
        self.state.update(|state| {
            state.is_loading = false;
            state.has_rows = true;
            state.count = rows.len() as u64;
            state.total = total;
        });
        self.rows.set(Rc::new(rows));
    }

    fn keep(&self, walk: Paginator<Q>, rows: Vec<Q::Item>) {
        self.state.update(|state| {
            state.has_rows |= !rows.is_empty();
            state.count = rows.len() as u64;
        });
        self.rows.set(Rc::new(rows));
        self.walk.set_value(Some(walk));
    }
}
