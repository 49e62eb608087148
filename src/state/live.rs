//! The connection to a live account: made, switched to writing, remembered for the tab if asked, and ended.

use super::account::{Account, AccountSource, TransportRoute, use_account};
use super::background::{BackgroundTasks, use_background};
use super::connection_form::{ConnectionForm, Region};
use super::console_program::{self, ProgramAccount};
use super::domain_list::{DomainList, use_domains};
use super::pending::{CancellableTransport, PendingRequests};
use super::record::ProgramRecordAddress;
use super::simulator::{SimulatedAccount, use_simulated};
use super::subaccounts::{SubaccountList, read_open};
use super::toasts::{Toasts, use_toasts};
use super::wait_notices::WaitNotices;
use crate::browser;
use futures::future::LocalBoxFuture;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api;
use mailgun_pools::transport::browser::BrowserSender;
use mailgun_pools::transport::{
    ApiKey, BaseUrl, ConcurrencyLimit, Pacing, ReadOnlyGuard, Retry, RetryEnv, RetryPolicy, SavedConnection, Transport,
};
use poolkeeper_account::record::RecordAccount;
use poolkeeper_core::model::AccountId;
use poolkeeper_core::text;
use std::cell::Cell;
use std::rc::Rc;

/// Requests under way at once; the rest wait their turn. At 150 ms an answer, 50 requests a second.
const AT_ONCE: usize = 8;
/// From the first byte sent to the last received, milliseconds.
pub(crate) const TIMEOUT_MS: u32 = 30_000;
/// The account of the program that was chosen last, for the next visit.
const CHOSEN_ACCOUNT: &str = "poolkeeper-account";

/// What the way to an account is made of.
#[derive(Clone)]
pub(crate) struct TransportParts {
    base: BaseUrl,
    key: ApiKey,
    /// What the program that serves this page wants with each request.
    program_token: Option<ApiKey>,
    /// Whether changes are let through.
    switch: Rc<Cell<bool>>,
    /// The account as the record of changes names it, and the program's record where there is one.
    recorded: (RecordAccount, Option<ProgramRecordAddress>),
}

/// The connection that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectedAccount {
    /// `US`, `EU`, or the address's host.
    pub(crate) place: String,
    /// Where its requests go.
    pub(crate) address: String,
    /// The subaccount acted for.
    pub(crate) acts_for: Option<AccountId>,
    /// Whether changes are let through.
    pub(crate) may_write: bool,
    /// Whether it survives a reload of this tab.
    pub(crate) is_remembered: bool,
    /// The account of the program that serves this page, where the connection goes through it.
    pub(crate) program: Option<ProgramAccount>,
}

/// How the connection in force was made, to make it anew for another subaccount. Holds the key, so it has no `Debug`.
#[derive(Clone)]
struct ConnectionOrigin {
    entry: ConnectionForm,
    is_remembered: bool,
    program: Option<ProgramAccount>,
}

/// Makes the transport of a live account; the app downloads [`LiveAccount::transport`] as one connects.
pub(crate) type NewLiveTransport = fn(LiveAccount, TransportParts) -> Rc<dyn Transport>;

/// A handle on the connection. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct LiveAccount {
    account: Account,
    simulated: SimulatedAccount,
    domains: DomainList,
    background: BackgroundTasks,
    connected: RwSignal<Option<ConnectedAccount>>,
    /// How the connection in force was made.
    origin: StoredValue<Option<ConnectionOrigin>, LocalStorage>,
    subaccounts: RwSignal<SubaccountList>,
    /// Accounts of the program that serves this page; `None` while it is asked for them.
    program_accounts: RwSignal<Option<Vec<ProgramAccount>>>,
    waits: RwSignal<WaitNotices>,
    pending: PendingRequests,
    /// The switch of the connection in force; each connection has its own, so that a late request of an older one
    /// finds it off.
    may_write: StoredValue<Rc<Cell<bool>>, LocalStorage>,
    new_transport: NewLiveTransport,
}

impl LiveAccount {
    /// The connection in force. Reactive.
    #[must_use]
    pub(crate) fn connected(&self) -> Option<ConnectedAccount> {
        self.connected.get()
    }

    /// Whether it is known what is connected first, so that no other account is shown before it. Reactive.
    pub(crate) fn is_ready(&self) -> bool {
        self.program_accounts.with(Option::is_some)
    }

    /// Accounts of the program that serves this page. Reactive.
    pub(crate) fn program_accounts(&self) -> Vec<ProgramAccount> {
        self.program_accounts.get().unwrap_or_default()
    }

    /// The requests without an answer.
    pub(crate) const fn pending(&self) -> PendingRequests {
        self.pending
    }

    /// One line on what is waited for; empty while nothing is. Reactive.
    #[must_use]
    pub(crate) fn waiting(&self) -> String {
        self.waits.with(|waits| {
            waits.longest.as_ref().map_or_else(String::new, |(waiting, _)| {
                format!(
                    "Waiting {}: {}. Attempt {} of {} follows.",
                    text::duration_ms(waiting.for_ms.max(1_000)),
                    waiting.why,
                    waiting.attempt,
                    waiting.attempts
                )
            })
        })
    }

    /// The subaccounts that one may act for. Reactive.
    pub(crate) fn subaccounts(&self) -> SubaccountList {
        self.subaccounts.get()
    }

    /// Whether the connection may act for a subaccount of one's choice. Reactive.
    pub(crate) fn may_act_for_others(&self) -> bool {
        let connected = self.connected();
        connected.is_some_and(|connected| connected.program.is_none_or(|account| account.may_act_for_others))
    }

    /// Whether there is another account, or a subaccount, to look at. Reactive.
    pub(crate) fn can_switch_account(&self) -> bool {
        self.may_act_for_others() || !self.program_accounts().is_empty()
    }

    /// Acts for a subaccount from now on, or for the account itself; read-only again.
    pub(crate) fn act_for(&self, subaccount: Option<AccountId>) {
        let Some(mut origin) = self.origin.get_value() else {
            return;
        };
        let known = self.subaccounts.get_untracked();
        origin.entry.acts_for = subaccount;
        match origin.program {
            Some(account) => self.connect_for(&account, origin.entry.acts_for),
            None => self.connect(&origin.entry, origin.is_remembered),
        }
        self.subaccounts.set(known);
    }

    /// Reads them, if that was not done.
    pub(crate) fn read_subaccounts(self) {
        let is_known = matches!(
            self.subaccounts.get_untracked(),
            SubaccountList::Reading | SubaccountList::Read(..)
        );
        if is_known || !untrack(|| self.may_act_for_others()) {
            return;
        }
        self.subaccounts.set(SubaccountList::Reading);
        let (client, connection) = (self.account.own_client(), self.account.connection_untracked());
        spawn_local(async move {
            let read = read_open(client).await;
            // Another account may be looked at by now.
            if self.account.connection_untracked() == connection {
                self.subaccounts.set(read);
            }
        });
    }

    /// Looks at the account behind an entry from now on, read-only. Kept for this tab when `is_remembered`.
    pub(crate) fn connect(&self, entry: &ConnectionForm, is_remembered: bool) {
        let remembered = SavedConnection {
            region: entry.region.id().to_owned(),
            base: entry.base.clone(),
            key: entry.key.clone(),
            acts_for: entry.acts_for.as_ref().map(ToString::to_string),
        };
        SavedConnection::remove();
        let is_remembered = is_remembered && remembered.keep();
        self.begin(entry, entry.place(), is_remembered, None);
    }

    /// Looks at an account of the program that serves this page from now on, read-only.
    pub(crate) fn connect_through_program(&self, account: &ProgramAccount) {
        self.connect_for(account, account.on_behalf_of.clone());
    }

    /// The same, acting for a subaccount.
    fn connect_for(&self, account: &ProgramAccount, acts_for: Option<AccountId>) {
        let entry = ConnectionForm {
            region: Region::Other,
            base: account.base.clone(),
            key: ApiKey::new(""),
            acts_for,
        };
        SavedConnection::remove();
        browser::local_set(CHOSEN_ACCOUNT, &account.name);
        self.begin(&entry, account.name.clone(), false, Some(account.clone()));
    }

    fn begin(&self, entry: &ConnectionForm, place: String, is_remembered: bool, program: Option<ProgramAccount>) {
        self.origin.set_value(Some(ConnectionOrigin {
            entry: entry.clone(),
            is_remembered,
            program: program.clone(),
        }));
        self.subaccounts.set(SubaccountList::NotRead);
        self.simulated.play(false);
        self.pending.forget();
        self.end_reading();
        self.may_write.with_value(|switch| switch.set(false));
        let switch = Rc::new(Cell::new(false));
        self.may_write.set_value(Rc::clone(&switch));
        // Shown and copied as cURL, where the program's own path would only work in this page.
        let address = program.as_ref().map_or(entry.base.as_str(), |account| &account.address);
        let connected = ConnectedAccount {
            place,
            address: address.to_owned(),
            acts_for: entry.acts_for.clone(),
            may_write: false,
            is_remembered,
            program,
        };
        let parts = TransportParts {
            base: entry.base.clone(),
            key: entry.key.clone(),
            program_token: connected.program.as_ref().map(|account| account.token.clone()),
            switch,
            recorded: recorded(&connected),
        };
        let route = TransportRoute {
            transport: (self.new_transport)(*self, parts),
            acts_for: entry.acts_for.clone(),
            base: connected.address.clone(),
        };
        self.account.connect(route, source(&connected));
        self.connected.set(Some(connected));
    }

    /// Ends whatever goes on with the connection's key while pages come and go.
    fn end_reading(&self) {
        self.background.cancel();
        self.domains.forget();
    }

    /// Lets changes through, or holds them back again.
    pub(crate) fn allow_writing(&self, may_write: bool) {
        self.may_write.with_value(|switch| switch.set(may_write));
        self.connected.update(|connected| {
            if let Some(connected) = connected {
                connected.may_write = may_write;
                self.account.set_source(source(connected));
            }
        });
    }

    /// Goes back to the simulator and forgets the key.
    pub(crate) fn disconnect(&self) {
        self.end_reading();
        self.may_write.with_value(|switch| switch.set(false));
        SavedConnection::remove();
        self.connected.set(None);
        self.origin.set_value(None);
        self.subaccounts.set(SubaccountList::NotRead);
        self.waits.set(WaitNotices::default());
        self.pending.forget();
        self.account.record().disconnect();
        self.simulated.connect();
    }

    /// Whether this connection is still in force when its code has come.
    fn is_current(&self, parts: &TransportParts) -> bool {
        let is_connected = self.connected.with_untracked(Option::is_some);
        is_connected && self.may_write.with_value(|switch| Rc::ptr_eq(switch, &parts.switch))
    }

    /// Opens the record of changes, and makes the transport: at most so many requests at once, paced by the service's window,
    /// reads repeated, changes held back until switched on. Each attempt is noted in the log.
    pub(crate) fn transport(&self, parts: TransportParts) -> Rc<dyn Transport> {
        if self.is_current(&parts) {
            let (account, program) = parts.recorded;
            self.account.record().connect(account, program);
        }
        let mut live = BrowserSender::new(parts.base, parts.key, TIMEOUT_MS);
        if let Some(token) = parts.program_token {
            live = live.with_page_token(console_program::TOKEN_HEADER, token);
        }
        let live = CancellableTransport {
            inner: Rc::new(live),
            pending: self.pending,
        };
        let noted = self.account.log().around(Rc::new(live));
        let paced = Pacing::new(noted, Box::new(browser::now_utc), Rc::new(sleep));
        let limited = Rc::new(ConcurrencyLimit::new(Rc::new(paced), AT_ONCE));
        let waits = self.waits;
        let surroundings = RetryEnv {
            now: Box::new(browser::now_utc),
            sleep: Box::new(sleep),
            on_wait: Box::new(move |waiting| {
                waits.try_update(|waits| waits.note(waiting));
            }),
            is_read: api::is_read,
        };
        // The seed only has to differ between tabs that are turned away at the same time.
        let retry = Retry::new(
            limited,
            RetryPolicy::default(),
            surroundings,
            browser::now_ms().to_bits(),
        );
        Rc::new(ReadOnlyGuard::new(Rc::new(retry), parts.switch, api::is_read))
    }
}

fn recorded(connected: &ConnectedAccount) -> (RecordAccount, Option<ProgramRecordAddress>) {
    let account = RecordAccount {
        name: connected.place.clone(),
        address: connected.address.clone(),
        on_behalf_of: connected.acts_for.clone(),
    };
    let program = connected.program.as_ref().and_then(|program| {
        let root = BaseUrl::parse("/", &window().location().href().ok()?).ok()?;
        Some(ProgramRecordAddress {
            root,
            token: program.token.clone(),
            account: program.name.clone(),
        })
    });
    (account, program)
}

fn sleep(ms: u64) -> LocalBoxFuture<'static, ()> {
    Box::pin(TimeoutFuture::new(u32::try_from(ms).unwrap_or(u32::MAX)))
}

fn source(connected: &ConnectedAccount) -> AccountSource {
    AccountSource::Live {
        place: connected.place.clone(),
        acts_for: connected.acts_for.clone(),
        is_read_only: !connected.may_write,
    }
}

/// The connection.
#[must_use]
pub(crate) fn use_live() -> LiveAccount {
    expect_context()
}

/// Provides it, and takes up again what this tab was asked to remember.
pub(super) fn provide(new_transport: NewLiveTransport) {
    let live = LiveAccount {
        account: use_account(),
        simulated: use_simulated(),
        domains: use_domains(),
        background: use_background(),
        connected: RwSignal::new(None),
        origin: StoredValue::new_local(None),
        subaccounts: RwSignal::new(SubaccountList::NotRead),
        program_accounts: RwSignal::new((!console_program::is_present()).then(Vec::new)),
        waits: RwSignal::new(WaitNotices::default()),
        pending: PendingRequests::new(),
        may_write: StoredValue::new_local(Rc::new(Cell::new(false))),
        new_transport,
    };
    provide_context(live);
    let page_url = document().base_uri().ok().flatten().unwrap_or_default();
    if let Some(kept) = SavedConnection::load(&page_url)
        && let Some(region) = Region::by_id(&kept.region)
    {
        let entry = ConnectionForm {
            region,
            base: kept.base,
            key: kept.key,
            acts_for: kept.acts_for.map(AccountId),
        };
        live.connect(&entry, true);
    }
    if !live.program_accounts.with_untracked(Option::is_some) {
        spawn_local(ask_program(live, use_toasts()));
    }
}

/// Offers the program's accounts, and connects to the one that was chosen last, or else to the first.
async fn ask_program(live: LiveAccount, toasts: Toasts) {
    let accounts = console_program::accounts().await.unwrap_or_else(|problem| {
        toasts.failed(problem);
        Vec::new()
    });
    let chosen = browser::local_get(CHOSEN_ACCOUNT);
    let chosen = accounts.iter().find(|account| Some(&account.name) == chosen.as_ref());
    // A connection that this tab was asked to remember stays.
    if live.connected.with_untracked(Option::is_none)
        && let Some(account) = chosen.or(accounts.first())
    {
        live.connect_through_program(account);
    }
    live.program_accounts.set(Some(accounts));
}
