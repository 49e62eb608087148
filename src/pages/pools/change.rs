//! Adding, removing and moving IPs: one form, one request a pool.

use crate::components::{BandChip, Segmented, WriteFlow};
use crate::state::ReadState;
use leptos::prelude::*;
use poolkeeper_account::ip_inventory::{IpInventory, IpRow};
use poolkeeper_account::pasted_ips::PastedIps;
use poolkeeper_account::pool_change::{PoolChange, PoolChangeKind};
use poolkeeper_core::model::Band;
use poolkeeper_core::text::counted;

/// The dialog's state. A closed dialog keeps the last change, which nothing shows.
#[derive(Clone, Copy, Default)]
pub(crate) struct ChangeRequest {
    open: RwSignal<bool>,
    change: RwSignal<Option<PoolChange>>,
}

impl ChangeRequest {
    /// Opens the dialog with this change.
    pub(crate) fn begin(self, change: PoolChange) {
        self.change.set(Some(change));
        self.open.set(true);
    }
}

/// The form for any change of pools.
#[component]
pub(crate) fn ChangeDialog(
    /// The change a person began.
    changing: ChangeRequest,
    /// The account's IPs.
    inventory: ReadState<IpInventory>,
) -> impl IntoView {
    let ChangeRequest { open, change: changing } = changing;
    let title =
        Signal::derive(move || changing.with(|changing| changing.as_ref().map(PoolChange::title).unwrap_or_default()));
    let proposal = Signal::derive(move || changing.with(|changing| changing.as_ref().and_then(PoolChange::proposal)));
    let kind = Memo::new(move |_| changing.with(|changing| changing.as_ref().map(|changing| changing.kind)));
    view! {
        <WriteFlow open=open title=title proposal=proposal>
            {move || match kind.get() {
                Some(PoolChangeKind::Edit) => edit_form(changing, inventory),
                Some(PoolChangeKind::Move(from)) => pool_choice(changing, Some(from)),
                Some(PoolChangeKind::Add) => pool_choice(changing, None),
                Some(PoolChangeKind::EndWarmUp) => end_note(),
                None => ().into_any(),
            }}
            {move || warnings_view(&joining(changing, inventory))}
        </WriteFlow>
    }
}

/// The warnings for the IPs that would join a pool. Reactive.
fn joining(changing: RwSignal<Option<PoolChange>>, inventory: ReadState<IpInventory>) -> Vec<String> {
    inventory
        .with(|inventory| {
            changing.with(|changing| {
                let (inventory, changing) = inventory.zip(changing.as_ref())?;
                Some(inventory.warnings(&changing.add))
            })
        })
        .unwrap_or_default()
}

/// What a person should know before IPs join a pool.
pub(super) fn warnings_view(warnings: &[String]) -> Option<AnyView> {
    let lines = warnings
        .iter()
        .map(|line| view! { <p class="why-not">{line.clone()}</p> })
        .collect_view();
    (!warnings.is_empty()).then(|| view! { <div role="status">{lines}</div> }.into_any())
}

fn end_note() -> AnyView {
    view! {
        <p class="muted">
            "The IP counts as warm from then on and may send without limits. A warm-up started later begins at its first stage."
        </p>
    }
    .into_any()
}

fn pool_choice(changing: RwSignal<Option<PoolChange>>, except: Option<Band>) -> AnyView {
    let options = Band::ALL
        .into_iter()
        .filter(|band| Some(*band) != except)
        .map(|band| (band.pool_name().to_owned(), band.pool_name().to_owned()))
        .collect();
    let value = Signal::derive(move || {
        changing.with(|changing| {
            changing
                .as_ref()
                .map(|changing| changing.pool.pool_name().to_owned())
                .unwrap_or_default()
        })
    });
    let choose = move |name: String| {
        changing.update(|changing| {
            if let (Some(changing), Some(band)) = (changing, Band::from_pool_name(&name)) {
                changing.pool = band;
            }
        });
    };
    view! { <Segmented label="Pool" options=options value=value on_choose=choose /> }.into_any()
}

fn edit_form(changing: RwSignal<Option<PoolChange>>, inventory: ReadState<IpInventory>) -> AnyView {
    let Some(pool) = changing.with_untracked(|changing| changing.as_ref().map(|changing| changing.pool)) else {
        return ().into_any();
    };
    let rows = move || {
        let mut rows = inventory.with(|inventory| inventory.map(|inventory| inventory.ips.clone()).unwrap_or_default());
        // Those in the pool, then those that could join, then those that can't, with the reason.
        rows.sort_by_key(|row| {
            (
                row.pool.as_ref().and_then(|name| name.band()) != Some(pool),
                row.why_not(pool).is_some(),
            )
        });
        rows.into_iter()
            .map(|row| ip_choice(row, pool, changing))
            .collect_view()
    };
    view! {
        <fieldset class="ip-choices">
            <legend>
                "IPs of " <BandChip pool=pool />
            </legend>
            {rows}
        </fieldset>
        <PasteIps pool=pool changing=changing inventory=inventory />
    }
    .into_any()
}

/// A list of IPs out of a mail or a sheet: those that can join are ticked, the others are named.
#[component]
fn PasteIps(pool: Band, changing: RwSignal<Option<PoolChange>>, inventory: ReadState<IpInventory>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let result = RwSignal::new(None::<PastedIps>);
    let tick = move |_| {
        let pasted = inventory.with(|inventory| {
            inventory.map(|inventory| text.with_untracked(|text| PastedIps::read(text, inventory, pool)))
        });
        changing.update(|changing| {
            if let (Some(changing), Some(pasted)) = (changing, &pasted) {
                for ip in &pasted.joining {
                    if !changing.add.contains(ip) {
                        changing.add.push(ip.clone());
                    }
                }
            }
        });
        result.set(pasted);
    };
    let said = move || {
        result.get().map(|pasted| {
            let problems = pasted
                .problems
                .into_iter()
                .map(|line| view! { <li class="why-not">{line}</li> });
            view! {
                <p>{format!("{} ticked.", counted(pasted.joining.len() as u64, "IP"))}</p>
                <ul class="paste-problems">{problems.collect_view()}</ul>
            }
        })
    };
    view! {
        <details class="paste-ips">
            <summary>"Paste a list of IPs"</summary>
            <textarea
                rows="3"
                aria-label="List of IPs"
                placeholder="203.0.113.4, 203.0.113.16/29, 203.0.113.30-35"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <button type="button" disabled=move || text.with(|text| text.trim().is_empty()) on:click=tick>
                "Tick these IPs"
            </button>
            <div role="status">{said}</div>
        </details>
    }
}

fn ip_choice(row: IpRow, pool: Band, changing: RwSignal<Option<PoolChange>>) -> AnyView {
    let is_in = row.pool.as_ref().and_then(|name| name.band()) == Some(pool);
    let why_not = row.why_not(pool);
    let note = why_not.clone().unwrap_or_else(|| row.choice_note());
    let ip = StoredValue::new(row.ip.clone());
    let is_checked = move || {
        changing.with(|changing| {
            changing.as_ref().is_some_and(|changing| {
                ip.with_value(|ip| {
                    if is_in {
                        !changing.remove.contains(ip)
                    } else {
                        changing.add.contains(ip)
                    }
                })
            })
        })
    };
    let toggle = move |event: web_sys::Event| {
        let checked = event_target_checked(&event);
        changing.update(|changing| {
            let Some(changing) = changing else { return };
            let list = if is_in { &mut changing.remove } else { &mut changing.add };
            list.retain(|known| *known != ip.get_value());
            if checked != is_in {
                list.push(ip.get_value());
            }
        });
    };
    view! {
        <label class="ip-choice" class:ip-choice-off=why_not.is_some()>
            <input type="checkbox" prop:checked=is_checked disabled=why_not.is_some() on:change=toggle />
            <span class="ip-address">{row.ip.to_string()}</span>
            <span class="muted">{note}</span>
        </label>
    }
    .into_any()
}
