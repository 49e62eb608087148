//! Reading all enrolled domains page by page: the first page is shown at once, the rest streams in, a click is never
//! blocked. When the account changes, the rows shown follow page by page, and what came or went does so at the end.

use super::status::{ListPhase, ListStatus};
use crate::browser;
use crate::state::Account;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::{DomainsQuery, Paginator, Write};
use poolkeeper_core::model::{AccountId, Domain, DomainName};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Between two drawings of what came in, milliseconds.
const DRAW_EVERY_MS: f64 = 150.0;
/// Without a pause for the browser, milliseconds.
const SLICE_MS: f64 = 8.0;

/// One reading from the first page on.
struct LoadState {
    walk: Paginator<DomainsQuery>,
    gathered: Vec<Arc<Domain>>,
    /// Gathered domains that are drawn already.
    drawn: usize,
    /// Rows of the reading before, by name; empty when this one starts afresh.
    places: HashMap<DomainName, usize>,
    /// Domains after which it stops: an earlier reading was stopped there.
    enough: Option<u64>,
}

impl LoadState {
    fn is_over(&self) -> bool {
        self.walk.is_done() || self.enough.is_some_and(|enough| self.gathered.len() as u64 >= enough)
    }

    fn gather(&mut self, page: Option<Vec<Domain>>) {
        self.gathered.extend(page.into_iter().flatten().map(Arc::new));
    }
}

/// What a reading is of.
#[derive(Clone, Debug, PartialEq)]
struct LoadKey {
    /// The account's number.
    connection: u64,
    query: DomainsQuery,
}

/// The enrolled domains as far as they are read. `Copy`.
#[derive(Clone, Copy)]
pub struct EnrolledLoader {
    account: Account,
    rows: RwSignal<Vec<Arc<Domain>>>,
    status: RwSignal<ListStatus>,
    accounts: RwSignal<BTreeMap<AccountId, String>>,
    /// The number of the reading in force; others stop when they see it.
    run: StoredValue<u64>,
    subject: StoredValue<Option<LoadKey>>,
    /// The account's revision when the reading began.
    revision: StoredValue<u64>,
    /// Whether the account changed while it was read.
    is_stale: StoredValue<bool>,
    halted: StoredValue<Option<LoadState>, LocalStorage>,
}

impl EnrolledLoader {
    /// Reads the domains of a query, and again whenever the query or the account changes.
    #[must_use]
    pub fn new(account: Account, query: Memo<DomainsQuery>) -> Self {
        let loader = Self {
            account,
            rows: RwSignal::new(Vec::new()),
            status: RwSignal::new(ListStatus::default()),
            accounts: RwSignal::new(BTreeMap::new()),
            run: StoredValue::new(0),
            subject: StoredValue::new(None),
            revision: StoredValue::new(0),
            is_stale: StoredValue::new(false),
            halted: StoredValue::new_local(None),
        };
        Effect::new(move |_| {
            let subject = LoadKey {
                connection: account.connection(),
                query: query.get(),
            };
            let revision = account.revision();
            match loader.subject.get_value() {
                None => loader.open(subject, revision),
                Some(before) if before == subject => loader.refresh(),
                Some(_) => loader.start(subject, false, None),
            }
        });
        on_cleanup(move || loader.keep());
        loader
    }

    /// Looks at the domains read so far, in the query's order. Reactive.
    pub fn with_rows<R>(&self, look: impl FnOnce(&[Arc<Domain>]) -> R) -> R {
        self.rows.with(|rows| look(rows))
    }

    /// The same without subscribing.
    pub fn with_rows_untracked<R>(&self, look: impl FnOnce(&[Arc<Domain>]) -> R) -> R {
        self.rows.with_untracked(|rows| look(rows))
    }

    /// Where the reading stands.
    #[must_use]
    pub const fn status(&self) -> RwSignal<ListStatus> {
        self.status
    }

    /// Names of the accounts met so far. Reactive.
    #[must_use]
    pub fn accounts(&self) -> BTreeMap<AccountId, String> {
        self.accounts.get()
    }

    /// Stops reading; what came in stays.
    pub fn stop(&self) {
        self.run.update_value(|run| *run += 1);
        self.status.update(|status| status.phase = ListPhase::Stopped);
    }

    /// Goes on where it stopped or failed; from the first page where that is not known any more.
    pub fn resume(&self) {
        match self.halted.try_update_value(Option::take).flatten() {
            Some(mut reading) => {
                reading.enough = None;
                let run = self.next_run();
                self.status.update(|status| status.phase = ListPhase::Reading);
                self.spawn(reading, run);
            }
            None => {
                if let Some(subject) = self.subject.get_value() {
                    self.start(subject, false, None);
                }
            }
        }
    }

    /// Shows what writes that worked came to, before the list is read again.
    pub fn apply(&self, writes: &[Write]) {
        let places = self.places();
        self.rows.update(|rows| {
            for write in writes {
                let (name, pool, is_overridden) = match write {
                    Write::SetOverride { domain, pool } => (domain, Some(pool), true),
                    Write::RemoveOverride { domain } => (domain, None, false),
                    _ => continue,
                };
                if let Some(row) = places.get(name).and_then(|at| rows.get_mut(*at)) {
                    let row = Arc::make_mut(row);
                    row.is_overridden = Some(is_overridden);
                    if let Some(pool) = pool {
                        row.pool = pool.clone();
                    }
                }
            }
            let gone = |name: &DomainName| {
                writes
                    .iter()
                    .any(|write| matches!(write, Write::RemoveDomain { domain, .. } if domain == name))
            };
            if writes.iter().any(|write| matches!(write, Write::RemoveDomain { .. })) {
                rows.retain(|row| !gone(&row.name));
            }
        });
    }

    /// The first reading: from what the last visit of this page kept, where that is still good.
    fn open(&self, subject: LoadKey, revision: u64) {
        let kept = KEPT.with_borrow_mut(Option::take);
        let Some(kept) = kept.filter(|kept| kept.subject == subject) else {
            self.start(subject, false, None);
            return;
        };
        self.status.set(ListStatus {
            phase: ListPhase::Complete,
            done: kept.rows.len() as u64,
            total: Some(kept.rows.len() as u64),
            ..ListStatus::default()
        });
        self.accounts.set(kept.accounts);
        self.rows.set(kept.rows);
        self.revision.set_value(kept.revision);
        self.subject.set_value(Some(subject.clone()));
        if kept.revision != revision {
            self.start(subject, true, None);
        }
    }

    /// Keeps a list that was read whole for the next visit.
    fn keep(&self) {
        let is_whole = self
            .status
            .try_with_untracked(|status| status.phase == ListPhase::Complete);
        let subject = self.subject.try_get_value().flatten();
        let (Some(true), Some(subject)) = (is_whole, subject) else {
            return;
        };
        KEPT.set(Some(LoadedList {
            subject,
            revision: self.revision.try_get_value().unwrap_or_default(),
            rows: self.rows.try_get_untracked().unwrap_or_default(),
            accounts: self.accounts.try_get_untracked().unwrap_or_default(),
        }));
    }

    /// The account changed: the rows are read again, at once or after the reading under way.
    fn refresh(&self) {
        let Some(subject) = self.subject.get_value() else {
            return;
        };
        let (phase, done) = self.status.with_untracked(|status| (status.phase.clone(), status.done));
        match phase {
            ListPhase::Waiting | ListPhase::Reading => self.is_stale.set_value(true),
            ListPhase::Complete => self.start(subject, true, None),
            ListPhase::Stopped => self.start(subject, true, Some(done)),
            ListPhase::Failed(_) => self.start(subject, false, None),
        }
    }

    fn next_run(&self) -> u64 {
        self.run
            .try_update_value(|run| {
                *run += 1;
                *run
            })
            .unwrap_or_default()
    }

    fn start(&self, subject: LoadKey, is_refresh: bool, enough: Option<u64>) {
        let run = self.next_run();
        let query = subject.query.clone();
        self.subject.set_value(Some(subject));
        self.revision.set_value(untrack(|| self.account.revision()));
        self.is_stale.set_value(false);
        self.halted.set_value(None);
        let places = if is_refresh { self.places() } else { HashMap::new() };
        let has_rows = self.rows.with_untracked(|rows| !rows.is_empty());
        self.status.set(ListStatus {
            phase: if has_rows {
                ListPhase::Reading
            } else {
                ListPhase::Waiting
            },
            is_refresh,
            began_ms: browser::now_ms(),
            ..ListStatus::default()
        });
        let reading = LoadState {
            walk: Paginator::new(self.account.client(), query),
            gathered: Vec::new(),
            drawn: 0,
            places,
            enough,
        };
        self.spawn(reading, run);
    }

    fn places(&self) -> HashMap<DomainName, usize> {
        self.rows.with_untracked(|rows| {
            let places = rows.iter().enumerate();
            places.map(|(at, row)| (row.name.clone(), at)).collect()
        })
    }

    fn spawn(&self, mut reading: LoadState, run: u64) {
        let loader = *self;
        let is_mine = move || loader.run.try_get_value() == Some(run);
        spawn_local(async move {
            let (mut drawn_ms, mut slice_ms) = (f64::MIN, browser::now_ms());
            while !reading.is_over() {
                let page = reading.walk.next_page().await;
                if !is_mine() {
                    // Stopped by a person: the page that was under way counts, so that nothing is missing on resuming.
                    loader.halt(reading, page.ok().flatten());
                    return;
                }
                match page {
                    Ok(items) => reading.gather(items),
                    Err(error) => {
                        loader.draw(&mut reading);
                        loader.status.update(|status| status.phase = ListPhase::Failed(error));
                        loader.halted.set_value(Some(reading));
                        return;
                    }
                }
                let now_ms = browser::now_ms();
                if now_ms - drawn_ms >= DRAW_EVERY_MS {
                    loader.draw(&mut reading);
                    drawn_ms = now_ms;
                }
                if now_ms - slice_ms >= SLICE_MS {
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    slice_ms = browser::now_ms();
                    if !is_mine() {
                        loader.halt(reading, None);
                        return;
                    }
                }
            }
            loader.finish(reading);
        });
    }

    /// Keeps a stopped reading for [`Loader::resume`]; one that a newer query replaced is dropped.
    fn halt(&self, mut reading: LoadState, page: Option<Vec<Domain>>) {
        let is_stopped = self
            .status
            .try_with_untracked(|status| status.phase == ListPhase::Stopped);
        if is_stopped == Some(true) {
            reading.gather(page);
            self.draw(&mut reading);
            self.halted.set_value(Some(reading));
        }
    }

    /// Shows what has come in since the last time.
    fn draw(&self, reading: &mut LoadState) {
        let fresh = reading.gathered.get(reading.drawn..).unwrap_or_default();
        self.meet(fresh);
        if reading.places.is_empty() {
            self.rows.set(reading.gathered.clone());
        } else {
            self.rows.update(|rows| {
                for domain in fresh {
                    if let Some(row) = reading.places.get(&domain.name).and_then(|at| rows.get_mut(*at)) {
                        // A row that an earlier write took out has moved the others: only its own name is replaced.
                        if row.name == domain.name {
                            *row = Arc::clone(domain);
                        }
                    }
                }
            });
        }
        reading.drawn = reading.gathered.len();
        let progress = reading.walk.progress();
        self.status.update(|status| {
            if matches!(status.phase, ListPhase::Waiting) {
                status.phase = ListPhase::Reading;
            }
            status.done = progress.items;
            status.total = progress.total;
        });
    }

    fn finish(&self, mut reading: LoadState) {
        self.draw(&mut reading);
        let is_whole = reading.walk.is_done();
        self.rows.set(reading.gathered.clone());
        self.status.update(|status| {
            status.phase = if is_whole {
                ListPhase::Complete
            } else {
                ListPhase::Stopped
            }
        });
        if !is_whole {
            self.halted.set_value(Some(reading));
        }
        if self.is_stale.get_value() {
            self.refresh();
        }
    }

    /// Notes the names of accounts that are new.
    fn meet(&self, domains: &[Arc<Domain>]) {
        let is_new = |known: &BTreeMap<AccountId, String>, domain: &Domain| {
            domain.account_name.is_some() && !known.contains_key(&domain.account_id)
        };
        let any = self
            .accounts
            .with_untracked(|known| domains.iter().any(|domain| is_new(known, domain)));
        if any {
            self.accounts.update(|known| {
                for domain in domains {
                    if let Some(name) = domain.account_name.as_ref().filter(|_| is_new(known, domain)) {
                        known.insert(domain.account_id.clone(), name.clone());
                    }
                }
            });
        }
    }
}

/// A list that was read whole, for the way back from a domain's page.
struct LoadedList {
    subject: LoadKey,
    revision: u64,
    rows: Vec<Arc<Domain>>,
    accounts: BTreeMap<AccountId, String>,
}

thread_local! {
    static KEPT: RefCell<Option<LoadedList>> = const { RefCell::new(None) };
}
