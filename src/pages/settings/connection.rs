//! Which account is looked at: the simulator, or a live one and how it is reached.

use crate::components::{Card, Field, Segmented};
use crate::state::access_check::{AccessCheck, test};
use crate::state::connection_form::{ConnectionForm, Region};
use crate::state::live::ConnectedAccount;
use crate::state::{use_account, use_live, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::transport::{ApiKey, BaseUrl};
use poolkeeper_core::model::AccountId;

#[component]
pub(crate) fn ConnectionCard() -> impl IntoView {
    let live = use_live();
    let note = move || {
        live.connected().map_or_else(
            || "now: the simulator".to_owned(),
            |connected| format!("now: {}", connected.place),
        )
    };
    let is_connected = Memo::new(move |_| live.connected().is_some());
    view! {
        <Card title="Connection" note=note>
            <ProgramAccounts />
            {move || {
                if is_connected.get() {
                    view! { <Current /> }.into_any()
                } else {
                    view! { <Form /> }.into_any()
                }
            }}
        </Card>
    }
}

/// The accounts of the program that serves this page, but for the one that is connected.
#[component]
fn ProgramAccounts() -> impl IntoView {
    let live = use_live();
    let toasts = use_toasts();
    let others = Memo::new(move |_| {
        let current = live.connected().and_then(|connected| connected.program);
        let mut accounts = live.program_accounts();
        accounts.retain(|account| Some(account) != current.as_ref());
        accounts
    });
    let buttons = move || {
        let others = others.get();
        let buttons = others.into_iter().map(|account| {
            let label = format!("Connect to {}", account.name);
            let connect = move |_| {
                live.connect_through_program(&account);
                toasts.done("Connected, read-only");
            };
            view! {
                <button type="button" on:click=connect>
                    {label}
                </button>
            }
        });
        buttons.collect_view()
    };
    view! {
        <Show when=move || others.with(|others| !others.is_empty())>
            <div class="actions" role="group" aria-label="Accounts of this program">
                {buttons}
            </div>
        </Show>
    }
    .into_any()
}

/// The connection in force.
#[component]
fn Current() -> impl IntoView {
    let live = use_live();
    let toasts = use_toasts();
    let may_write = move || live.connected().is_some_and(|connected| connected.may_write);
    let program = move || live.connected().and_then(|connected| connected.program);
    let is_held_back = move || program().is_some_and(|account| !account.may_change);
    let disconnect = move |_| {
        let is_of_program = untrack(program).is_some();
        live.disconnect();
        toasts.done(if is_of_program {
            "Disconnected. The simulator is shown. A copied account stays in this browser until you erase it."
        } else {
            "Disconnected. The key is deleted and the simulator is shown. The record of changes and a copied account stay in \
             this browser until you erase them."
        });
    };
    view! {
        {move || live.connected().map(|connected| facts(&connected))}
        <label class="check">
            <input
                type="checkbox"
                role="switch"
                aria-describedby="may-write-note"
                prop:checked=may_write
                disabled=is_held_back
                on:change=move |event| live.allow_writing(event_target_checked(&event))
            />
            "Allow changes on this connection"
        </label>
        <p class="muted" id="may-write-note">
            {move || {
                if is_held_back() {
                    "Read-only: the program passes no change to this account. Start it with --allow-changes to change it."
                } else if may_write() {
                    "Each change shows its request and asks for confirmation."
                } else {
                    "Read-only: this page cannot change the account."
                }
            }}
        </p>
        <div class="actions settings-actions">
            <button type="button" on:click=disconnect>
                "Disconnect"
            </button>
        </div>
    }
}

fn facts(connected: &ConnectedAccount) -> AnyView {
    let acts_for = connected.acts_for.as_ref().map(ToString::to_string);
    let key = if connected.program.is_some() {
        "held by the program that serves this page"
    } else if connected.is_remembered {
        "kept until you close this tab"
    } else {
        "kept in memory until you reload"
    };
    view! {
        <dl class="pairs connection-facts">
            <dt>"Account"</dt>
            <dd>{connected.place.clone()}</dd>
            <dt>"Address"</dt>
            <dd class="mono">{connected.address.clone()}</dd>
            <dt>"On behalf of"</dt>
            <dd>{acts_for.unwrap_or_else(|| "the account itself".to_owned())}</dd>
            <dt>"Key"</dt>
            <dd>{key}</dd>
        </dl>
    }
    .into_any()
}

/// What is entered. `Copy`.
#[derive(Clone, Copy)]
struct ConnectionDraft {
    region: RwSignal<Region>,
    address: RwSignal<String>,
    subaccount: RwSignal<String>,
    key: RwSignal<ApiKey>,
    is_remembered: RwSignal<bool>,
}

impl ConnectionDraft {
    fn new() -> Self {
        Self {
            region: RwSignal::new(Region::Us),
            address: RwSignal::new(Region::Us.usual_address().to_owned()),
            subaccount: RwSignal::new(String::new()),
            key: RwSignal::new(ApiKey::new("")),
            is_remembered: RwSignal::new(false),
        }
    }

    fn choose(&self, id: &str) {
        if let Some(region) = Region::by_id(id) {
            self.region.set(region);
            self.address.set(region.usual_address().to_owned());
        }
    }

    fn base(&self) -> Result<BaseUrl, String> {
        let page_url = window().location().href().unwrap_or_default();
        BaseUrl::parse(&self.address.get(), &page_url).map_err(|error| error.to_string())
    }

    fn subaccount_problem(&self) -> String {
        let entered = self.subaccount.get();
        let is_id = entered.trim().chars().all(|letter| letter.is_ascii_alphanumeric());
        if is_id {
            return String::new();
        }
        "Enter an identifier of letters and digits, such as 5f1c00a1b32c35364a2ad34f.".to_owned()
    }

    fn entry(&self) -> Option<ConnectionForm> {
        if !self.subaccount_problem().is_empty() {
            return None;
        }
        let subaccount = self.subaccount.get().trim().to_owned();
        Some(ConnectionForm {
            region: self.region.get(),
            base: self.base().ok()?,
            key: self.key.get(),
            acts_for: (!subaccount.is_empty()).then_some(AccountId(subaccount)),
        })
    }
}

#[component]
fn Form() -> impl IntoView {
    let (account, live) = (use_account(), use_live());
    let toasts = use_toasts();
    let draft = ConnectionDraft::new();
    let is_running = RwSignal::new(false);
    let tested = RwSignal::new(None::<(ConnectionForm, AccessCheck)>);
    // A test is of what was entered then.
    let found = Memo::new(move |_| {
        let entry = draft.entry()?;
        tested.with(|tested| {
            tested
                .as_ref()
                .filter(|(of, _)| *of == entry)
                .map(|(_, found)| found.clone())
        })
    });
    let is_off = Memo::new(move |_| draft.entry().is_none() || is_running.get());
    let run = move |connects: bool| {
        let Some(entry) = untrack(|| draft.entry()) else { return };
        let is_remembered = draft.is_remembered.get_untracked();
        is_running.set(true);
        spawn_local(async move {
            let found = test(account, &entry).await;
            // The form may be gone.
            if is_running.try_set(false).is_some() {
                return;
            }
            let works = matches!(found, AccessCheck::Account(_));
            tested.set(Some((entry.clone(), found)));
            if works && connects {
                live.connect(&entry, is_remembered);
                toasts.done("Connected, read-only");
            }
        });
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !is_off.get_untracked() {
            run(true);
        }
    };
    view! {
        <form on:submit=submit class="connection-form" autocomplete="off">
            <Address draft=draft />
            <Secrets draft=draft />
            <div class="actions">
                <button type="submit" class="primary" disabled=move || is_off.get()>
                    "Connect, read-only"
                </button>
                <button type="button" disabled=move || is_off.get() on:click=move |_| run(false)>
                    "Test connection"
                </button>
            </div>
            <div role="status">
                {move || {
                    if is_running.get() {
                        Some(view! { <p class="muted">"Asking…"</p> }.into_any())
                    } else {
                        found.get().map(|found| found_view(&found))
                    }
                }}
            </div>
        </form>
    }
}

#[component]
fn Address(draft: ConnectionDraft) -> impl IntoView {
    let problem = Memo::new(move |_| draft.base().err().unwrap_or_default());
    let options = Region::ALL
        .map(|region| {
            let words = if region == Region::Other {
                "Another address"
            } else {
                region.id()
            };
            (region.id().to_owned(), words.to_owned())
        })
        .to_vec();
    let value = Signal::derive(move || draft.region.get().id().to_owned());
    view! {
        <Segmented label="Region" options=options value=value on_choose=move |id: String| draft.choose(&id) />
        <Field
            id="connection-address"
            label="Address"
            problem=problem
            hint="Mailgun does not accept requests from web pages. Enter a reverse proxy on this page's origin, or a simulator server."
        >
            <input
                id="connection-address"
                type="text"
                inputmode="url"
                spellcheck="false"
                autocomplete="off"
                aria-describedby="connection-address-note"
                prop:value=move || draft.address.get()
                on:input=move |event| draft.address.set(event_target_value(&event))
            />
        </Field>
    }
}

#[component]
fn Secrets(draft: ConnectionDraft) -> impl IntoView {
    let problem = Memo::new(move |_| draft.subaccount_problem());
    view! {
        <div class="fields-row">
            <Field id="connection-key" label="API key" hint="Leave empty if the proxy adds the key.">
                <input
                    id="connection-key"
                    type="password"
                    spellcheck="false"
                    autocomplete="off"
                    aria-describedby="connection-key-note"
                    on:input=move |event| draft.key.set(ApiKey::new(&event_target_value(&event)))
                />
            </Field>
            <Field
                id="connection-subaccount"
                label="On behalf of subaccount"
                problem=problem
                hint="Enter its identifier, or leave empty for the account itself."
            >
                <input
                    id="connection-subaccount"
                    type="text"
                    spellcheck="false"
                    autocomplete="off"
                    aria-describedby="connection-subaccount-note"
                    prop:value=move || draft.subaccount.get()
                    on:input=move |event| draft.subaccount.set(event_target_value(&event))
                />
            </Field>
        </div>
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || draft.is_remembered.get()
                on:change=move |event| draft.is_remembered.set(event_target_checked(&event))
            />
            "Remember the key until this tab is closed"
        </label>
    }
}

fn found_view(found: &AccessCheck) -> AnyView {
    match found {
        AccessCheck::Account(lines) => {
            let lines = lines
                .iter()
                .map(|line| view! { <li>{line.clone()}</li> })
                .collect_view();
            view! {
                <div class="settings-found">
                    <p>
                        <b>"Connection works. Found:"</b>
                    </p>
                    <ul>{lines}</ul>
                </div>
            }
            .into_any()
        }
        AccessCheck::Problem { happened, to_do } => view! {
            <div class="refusal">
                <p>
                    <b>{happened.clone()}</b>
                </p>
                <p>{to_do.clone()}</p>
            </div>
        }
        .into_any(),
    }
}
