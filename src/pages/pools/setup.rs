//! All three pools in one go, by dragging IPs or by a choice beside each.

use super::card::title;
use super::change::warnings_view;
use crate::components::{BandChip, WriteFlow};
use crate::state::ReadState;
use leptos::prelude::*;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::ip_inventory::{IpInventory, IpRow};
use poolkeeper_account::pool_change::set_pools;
use poolkeeper_core::model::{Band, Ip, PoolIps};
use std::collections::HashMap;

type PoolAssignments = HashMap<Ip, Band>;

/// The dialog's state: the pool chosen for each IP.
#[derive(Clone, Copy)]
pub(crate) struct PoolSetup {
    open: RwSignal<bool>,
    places: RwSignal<PoolAssignments>,
    inventory: ReadState<IpInventory>,
}

impl PoolSetup {
    /// A closed dialog for the account's IPs.
    #[must_use]
    pub(crate) fn new(inventory: ReadState<IpInventory>) -> Self {
        Self {
            open: RwSignal::new(false),
            places: RwSignal::default(),
            inventory,
        }
    }

    /// Opens the dialog with the pools as they are.
    pub(crate) fn begin(self) {
        let current = self.inventory.value_untracked().unwrap_or_default();
        let placed = current
            .ips
            .iter()
            .filter_map(|row| Some((row.ip.clone(), row.pool.as_ref()?.band()?)));
        self.places.set(placed.collect());
        self.open.set(true);
    }
}

#[component]
pub(crate) fn SetupDialog(setup: PoolSetup) -> impl IntoView {
    let PoolSetup {
        open,
        places,
        inventory,
    } = setup;
    let is_replacing = Memo::new(move |_| {
        inventory.with(|inventory| inventory.is_some_and(|inventory| inventory.pools.is_configured()))
    });
    let title = Signal::derive(move || {
        if is_replacing.get() {
            "Replace all pools"
        } else {
            "Set up pools"
        }
        .to_owned()
    });
    let proposal = Signal::derive(move || {
        inventory.with(|inventory| inventory.and_then(|inventory| places.with(|places| proposal_of(inventory, places))))
    });
    view! {
        <WriteFlow open=open title=title proposal=proposal wide=true>
            <p class="muted">
                "Drag each IP to a pool, or choose beside it. Each pool needs an IP that is not warming up; what the pools
                held before is replaced."
            </p>
            <div class="setup-columns">
                <Column band=None inventory=inventory places=places />
                {Band::ALL.map(|band| view! { <Column band=Some(band) inventory=inventory places=places /> }).collect_view()}
            </div>
            {move || warnings_view(&joining(inventory, places))}
        </WriteFlow>
    }
}

/// The warnings for the IPs that have a place. Reactive.
fn joining(inventory: ReadState<IpInventory>, places: RwSignal<PoolAssignments>) -> Vec<String> {
    inventory.with(|inventory| {
        let in_order = |inventory: &IpInventory| {
            places.with(|places| {
                let placed = inventory
                    .ips
                    .iter()
                    .map(|row| &row.ip)
                    .filter(|ip| places.contains_key(*ip));
                inventory.warnings(placed)
            })
        };
        inventory.map(in_order).unwrap_or_default()
    })
}

/// `None` until each pool has an IP.
fn proposal_of(inventory: &IpInventory, places: &PoolAssignments) -> Option<Proposal> {
    let mut pools = PoolIps::default();
    for row in &inventory.ips {
        if let Some(band) = places.get(&row.ip) {
            pools.of_mut(*band).push(row.ip.clone());
        }
    }
    set_pools(pools, &inventory.pools)
}

#[component]
fn Column(band: Option<Band>, inventory: ReadState<IpInventory>, places: RwSignal<PoolAssignments>) -> impl IntoView {
    let over = RwSignal::new(false);
    let rows = Memo::new(move |_| {
        let all = inventory.with(|inventory| inventory.map(|inventory| inventory.ips.clone()).unwrap_or_default());
        let own =
            |row: &IpRow| row.is_dedicated != Some(false) && places.with(|places| places.get(&row.ip).copied()) == band;
        all.into_iter().filter(own).collect::<Vec<_>>()
    });
    let place = move |ip: &str| {
        let ip = Ip::as_sent(ip);
        places.update(|places| {
            match band {
                Some(band) => places.insert(ip, band),
                None => places.remove(&ip),
            };
        });
    };
    let problem = move || match band {
        None => None,
        Some(_) => rows.with(|rows| {
            if rows.is_empty() {
                Some("needs an IP")
            } else if rows.iter().all(|row| row.is_warming == Some(true)) {
                Some("needs an IP that is not warming up")
            } else {
                None
            }
        }),
    };
    let name = band.map_or("Not in a pool", title);
    view! {
        <section
            class="setup-column"
            class:setup-column-over=move || over.get()
            aria-label=name
            on:dragover=move |event: web_sys::DragEvent| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: web_sys::DragEvent| {
                event.prevent_default();
                over.set(false);
                if let Some(ip) = event.data_transfer().and_then(|data| data.get_data("text/plain").ok()) {
                    place(&ip);
                }
            }
        >
            <h3>
                {match band {
                    Some(band) => view! { <BandChip pool=band /> }.into_any(),
                    None => view! { <span class="muted">{name}</span> }.into_any(),
                }}
            </h3>
            {move || problem().map(|problem| view! { <p class="why-not">{problem}</p> })}
            <ul>{move || rows.get().into_iter().map(|row| draggable(row, band, places)).collect_view()}</ul>
        </section>
    }
}

fn draggable(row: IpRow, band: Option<Band>, places: RwSignal<PoolAssignments>) -> AnyView {
    let ip = StoredValue::new(row.ip.clone());
    let begin = move |event: web_sys::DragEvent| {
        if let Some(data) = event.data_transfer() {
            // Refused only outside a drag.
            let _ = data.set_data("text/plain", ip.get_value().as_str());
        }
    };
    let choose = move |event: web_sys::Event| {
        let chosen = Band::from_pool_name(&event_target_value(&event));
        places.update(|places| {
            match chosen {
                Some(band) => places.insert(ip.get_value(), band),
                None => places.remove(&ip.get_value()),
            };
        });
    };
    let options = Band::ALL
        .map(|option| {
            let selected = band == Some(option);
            view! { <option value=option.pool_name() selected=selected>{option.word()}</option> }
        })
        .collect_view();
    let label = format!("Pool for {}", row.ip);
    view! {
        <li class="setup-ip" draggable="true" on:dragstart=begin>
            <span class="ip-address">{row.ip.to_string()}</span>
            <span class="muted">{row.choice_note()}</span>
            <select aria-label=label on:change=choose>
                <option value="" selected=band.is_none()>
                    "none"
                </option>
                {options}
            </select>
        </li>
    }
    .into_any()
}
