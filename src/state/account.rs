//! The account the pages look at, whichever way it is reached.

use super::log::RequestLog;
use super::record::AccountRecord;
use super::trial::{LiveTrials, TrialTarget};
use crate::browser;
use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use mailgun_pools::api::{ApiError, Client, Write};
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_account::change::{ChangeStep, Proposal};
use poolkeeper_account::forecast::{self, Forecast};
use poolkeeper_account::sending::ChangeSender;
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;
use std::rc::Rc;

/// Changes tried on a copy of a simulated account at most, while one looks; more would keep the page waiting.
const MOST_TRIED: usize = 200;

/// Where the data comes from. Never in doubt: in word and in colour on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AccountSource {
    /// The simulator in this page.
    Simulator {
        /// What it plays: a scenario's name, or the file its traffic came from.
        scenario: String,
    },
    /// A live account.
    Live {
        /// `US`, `EU`, or a proxy's host.
        place: String,
        /// The subaccount acted for.
        acts_for: Option<AccountId>,
        /// Whether changes are switched off.
        is_read_only: bool,
    },
}

impl AccountSource {
    /// As the header says it: `Simulator · Bought list`, `Live · EU · for 5f1c… · read-only`.
    #[must_use]
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Simulator { scenario } => format!("Simulator · {scenario}"),
            Self::Live {
                place,
                acts_for,
                is_read_only,
            } => {
                let acts_for = acts_for.as_ref().map(|id| format!(" · for {id}")).unwrap_or_default();
                let mode = if *is_read_only { " · read-only" } else { "" };
                format!("Live · {place}{acts_for}{mode}")
            }
        }
    }

    /// Whether changes are held back.
    #[must_use]
    pub(crate) const fn is_read_only(&self) -> bool {
        matches!(self, Self::Live { is_read_only: true, .. })
    }

    /// Whether it is a live account that changes are let through to.
    #[must_use]
    pub(crate) const fn may_change_live(&self) -> bool {
        matches!(
            self,
            Self::Live {
                is_read_only: false,
                ..
            }
        )
    }

    /// Whether it is the simulator.
    #[must_use]
    pub(crate) const fn is_simulator(&self) -> bool {
        matches!(self, Self::Simulator { .. })
    }
}

/// Keeps readings as they are. Dropped, what changed meanwhile is read, once.
pub(super) struct HeldReadings(Account);

impl Drop for HeldReadings {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Whether a change of a live account is tried on a copy before it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TrialWish {
    /// Tried, as always.
    #[default]
    First,
    /// Sent although it could not be tried, or was refused there.
    Without,
}

/// How an account is reached.
pub(crate) struct TransportRoute {
    /// The way, which notes its requests in the account's log.
    pub(crate) transport: Rc<dyn Transport>,
    /// The subaccount acted for.
    pub(crate) acts_for: Option<AccountId>,
    /// Where requests go, for command lines.
    pub(crate) base: String,
}

/// The account that is looked at. `Copy`: a handle on shared state.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    transport: StoredValue<Rc<dyn Transport>, LocalStorage>,
    source: RwSignal<AccountSource>,
    /// Counts the accounts looked at so far: rows of one are never shown as those of another.
    connection: RwSignal<u64>,
    acts_for: StoredValue<Option<AccountId>>,
    /// Where its requests go, for command lines.
    base: RwSignal<String>,
    revision: RwSignal<u64>,
    /// How many rows of changes are under way, and whether any changed something: readings wait for the end of all.
    holds: StoredValue<(u32, bool)>,
    /// Changes made since whoever keeps a copy of the account's lists last asked for them.
    made: StoredValue<Vec<Write>>,
    log: RequestLog,
    record: AccountRecord,
    /// What a simulated account's changes are tried on.
    simulator: StoredValue<Simulator, LocalStorage>,
    /// What a live account's changes are tried on.
    trials: LiveTrials,
}

impl Account {
    /// A client that speaks to the account; its requests show in the drawer.
    #[must_use]
    pub(crate) fn client(&self) -> Client {
        Client::new(self.transport.get_value()).on_behalf_of(self.acts_for.get_value())
    }

    /// A client for the account itself, also while a subaccount is acted for.
    #[must_use]
    pub(super) fn own_client(&self) -> Client {
        Client::new(self.transport.get_value())
    }

    /// The number of the account that is looked at.
    #[must_use]
    pub(super) fn connection_untracked(&self) -> u64 {
        self.connection.get_untracked()
    }

    /// The number of the account that is looked at. Reactive.
    #[must_use]
    pub(crate) fn connection(&self) -> u64 {
        self.connection.get()
    }

    /// Where its requests go, without a slash at the end; the simulator's lead to Mailgun's own address. Reactive.
    #[must_use]
    pub(crate) fn base(&self) -> String {
        self.base.get()
    }

    /// Where the data comes from. Reactive.
    #[must_use]
    pub(crate) fn source(&self) -> AccountSource {
        self.source.get()
    }

    /// The number of changes so far. Reactive: whoever reads it runs again after each change.
    #[must_use]
    pub(crate) fn revision(&self) -> u64 {
        self.revision.get()
    }

    /// What a change would do, tried on a copy. Reactive.
    #[must_use]
    pub(crate) fn forecast(&self, proposal: &Proposal) -> Forecast {
        self.revision.track();
        if !self.source().is_simulator() {
            return self.trials.forecast(&self.trial_target(), proposal);
        }
        forecast::forecast(&self.simulator.get_value(), proposal, MOST_TRIED)
    }

    /// Tries again what could not be tried.
    pub(crate) fn try_again(&self) {
        self.trials.try_again();
    }

    /// A change about to be sent. On a live account nothing goes out untried, unless a person says so.
    pub(super) fn sender(&self, steps: Vec<ChangeStep>, is_bulk: bool, trial: TrialWish) -> ChangeSender {
        let client = self.client();
        if trial == TrialWish::Without {
            return ChangeSender::untried(client, steps, is_bulk);
        }
        if untrack(|| self.source().is_simulator()) {
            return ChangeSender::simulated(client, steps, is_bulk);
        }
        let copy = self.trials.tried_copy(&untrack(|| self.trial_target()), &steps);
        ChangeSender::live(client, steps, is_bulk, copy)
    }

    /// The account in its present state. Reactive.
    fn trial_target(&self) -> TrialTarget {
        TrialTarget {
            connection: self.connection(),
            revision: self.revision(),
            client: self.client(),
        }
    }

    /// Runs the calling effect or memo again after each change.
    pub(crate) fn watch(&self) {
        self.revision.track();
    }

    /// Notes changes that were made, and tells every reading.
    pub(super) fn changed_by(&self, writes: Vec<Write>) {
        self.made.update_value(|made| made.extend(writes));
        self.changed();
    }

    /// Changes made since they were last forgotten.
    pub(super) fn writes_made(&self) -> Vec<Write> {
        self.made.get_value()
    }

    /// Every copy has the first of the changes made.
    pub(super) fn forget_first_writes(&self, count: usize) {
        self.made.update_value(|made| drop(made.drain(..count.min(made.len()))));
    }

    /// Every copy has the changes made so far.
    pub(super) fn forget_writes(&self) {
        self.made.set_value(Vec::new());
    }

    /// Tells every reading that the account changed.
    pub(crate) fn changed(&self) {
        let is_held = self.holds.try_update_value(|(holds, is_stale)| {
            *is_stale = *holds > 0;
            *is_stale
        });
        if is_held == Some(false) {
            self.revision.update(|revision| *revision += 1);
        }
    }

    /// Keeps readings as they are while a change is sent, until what it gives is dropped.
    pub(super) fn hold(self) -> HeldReadings {
        self.holds.try_update_value(|(holds, _)| *holds += 1);
        HeldReadings(self)
    }

    fn release(&self) {
        let was_stale = self.holds.try_update_value(|(holds, is_stale)| {
            *holds = holds.saturating_sub(1);
            *holds == 0 && *is_stale
        });
        if was_stale == Some(true) {
            self.changed();
        }
    }

    /// Says anew where the data comes from.
    pub(crate) fn set_source(&self, source: AccountSource) {
        self.source.set(source);
    }

    /// The requests so far.
    #[must_use]
    pub(crate) const fn log(&self) -> RequestLog {
        self.log
    }

    /// The record of a live account's changes.
    #[must_use]
    pub(crate) const fn record(&self) -> AccountRecord {
        self.record
    }

    /// Looks at another account from now on.
    pub(crate) fn connect(&self, route: TransportRoute, source: AccountSource) {
        // Replayed, they would go to another account.
        self.log.clear();
        self.forget_writes();
        self.transport.set_value(route.transport);
        self.acts_for.set_value(route.acts_for);
        self.base.set(route.base);
        self.source.set(source);
        self.connection.update(|connection| *connection += 1);
        self.changed();
    }

    /// Reads something through the client, again after every change of the account and of every signal that `fetch`
    /// reads before its first `await`.
    pub(crate) fn read<T, Fut>(&self, fetch: impl Fn(Client) -> Fut + 'static) -> ReadState<T>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
        Fut: Future<Output = Result<T, ApiError>> + 'static,
    {
        let account = *self;
        self.read_when(move || account.revision.track(), fetch)
    }

    /// The same, but a change of a live account does not matter to it: it is read once for each connection. A simulated
    /// account may be replaced by another one.
    pub(crate) fn read_once<T, Fut>(&self, fetch: impl Fn(Client) -> Fut + 'static) -> ReadState<T>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
        Fut: Future<Output = Result<T, ApiError>> + 'static,
    {
        let account = *self;
        let track = move || {
            account.connection.track();
            if account.source.with(AccountSource::is_simulator) {
                account.revision.track();
            }
        };
        self.read_when(track, fetch)
    }

    fn read_when<T, Fut>(&self, track: impl Fn() + 'static, fetch: impl Fn(Client) -> Fut + 'static) -> ReadState<T>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
        Fut: Future<Output = Result<T, ApiError>> + 'static,
    {
        let account = *self;
        let resource = LocalResource::new(move || {
            track();
            let reading = fetch(account.client());
            async move { reading.await.map(|value| (value, browser::now_utc())) }
        });
        let latest = Memo::new(move |before: Option<&Option<T>>| match resource.get() {
            Some(Ok((value, _))) => Some(value),
            _ => before.cloned().flatten(),
        });
        let as_of = Memo::new(move |before: Option<&Option<DateTime<Utc>>>| match resource.get() {
            Some(Ok((_, at))) => Some(at),
            _ => before.copied().flatten(),
        });
        let error = Memo::new(move |_| resource.get().and_then(Result::err));
        ReadState {
            resource,
            latest,
            as_of,
            error,
        }
    }
}

/// Something read from the account. The last good value stays while it is read again.
pub(crate) struct ReadState<T: Send + Sync + 'static> {
    resource: LocalResource<Result<(T, DateTime<Utc>), ApiError>>,
    latest: Memo<Option<T>>,
    as_of: Memo<Option<DateTime<Utc>>>,
    error: Memo<Option<ApiError>>,
}

impl<T: Send + Sync + 'static> Clone for ReadState<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for ReadState<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> ReadState<T> {
    /// The last good value, `None` before there is one. Reactive.
    #[must_use]
    pub(crate) fn value(&self) -> Option<T> {
        self.latest.get()
    }

    /// The last good value, without subscribing.
    #[must_use]
    pub(crate) fn value_untracked(&self) -> Option<T> {
        self.latest.get_untracked()
    }

    /// Looks at the last good value without cloning it. Reactive.
    pub(crate) fn with<R>(&self, look: impl FnOnce(Option<&T>) -> R) -> R {
        self.latest.with(|value| look(value.as_ref()))
    }

    /// When the last good value came. Reactive.
    #[must_use]
    pub(crate) fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of.get()
    }

    /// Why the latest attempt failed, if it did. Reactive.
    #[must_use]
    pub(crate) fn error(&self) -> Option<ApiError> {
        self.error.get()
    }

    /// Reads again.
    pub(crate) fn retry(&self) {
        self.resource.refetch();
    }
}

/// Provides an account that leads nowhere until [`Account::connect`].
pub(super) fn provide(simulator: Simulator) {
    let account = Account {
        transport: StoredValue::new_local(Rc::new(NoTransport)),
        source: RwSignal::new(AccountSource::Simulator {
            scenario: "Steady senders".to_owned(),
        }),
        connection: RwSignal::new(0),
        acts_for: StoredValue::new(None),
        base: RwSignal::new(String::new()),
        revision: RwSignal::new(0),
        holds: StoredValue::new((0, false)),
        made: StoredValue::new(Vec::new()),
        log: RequestLog::new(),
        record: AccountRecord::new(),
        simulator: StoredValue::new_local(simulator),
        trials: LiveTrials::new(),
    };
    provide_context(account);
}

/// The account the app looks at.
#[must_use]
pub(crate) fn use_account() -> Account {
    expect_context()
}

/// A transport without an account behind it.
struct NoTransport;

impl Transport for NoTransport {
    fn send(&self, _request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async { Err(TransportError::Offline) })
    }
}
