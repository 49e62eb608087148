//! One pool's IPs, and the IPs in none.

use super::change::ChangeRequest;
use crate::components::band::{shape, tone};
use crate::components::{Empty, Icon};
use leptos::prelude::*;
use poolkeeper_account::ip_inventory::{IpInventory, IpRow};
use poolkeeper_account::pool_change::PoolChange;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;

/// The pools' names as people read them.
#[must_use]
pub(crate) const fn title(band: Band) -> &'static str {
    match band {
        Band::Good => "Good reputation",
        Band::Poor => "Poor reputation",
        Band::New => "New senders",
    }
}

/// A pool: its IPs, each with its warm-up, and what can be done with them.
#[component]
pub(crate) fn PoolCard(
    /// The pool.
    band: Band,
    /// The account's IPs.
    inventory: Signal<IpInventory>,
    /// The change a person begins.
    changing: ChangeRequest,
    /// What its IPs carry, in words; empty where that is unknown.
    #[prop(into)]
    load: Signal<String>,
) -> impl IntoView {
    let heading = format!("pool-{}", band.word());
    let labelled = heading.clone();
    let rows = Memo::new(move |_| inventory.with(|inventory| inventory.of(band).cloned().collect::<Vec<_>>()));
    let is_off = Memo::new(move |_| inventory.with(|inventory| inventory.is_off(band)));
    let summary = move || {
        rows.with(|rows| {
            let warming = rows.iter().filter(|row| row.is_warming == Some(true)).count();
            let words = text::counted(rows.len() as u64, "IP");
            let warming = match warming {
                0 => String::new(),
                some => format!(" · {some} warming"),
            };
            let off = if is_off.get() {
                " · switched off at Mailgun"
            } else {
                ""
            };
            format!("{words}{warming}{off}")
        })
    };
    view! {
        <section class="card pool-card" aria-labelledby=labelled>
            <header class="card-head">
                <h2 id=heading>
                    <span class=format!("band {}", tone(Some(band)))>
                        <span class="band-shape" aria-hidden="true">{shape(Some(band))}</span>
                        {title(band)}
                    </span>
                </h2>
                <span class="tag">{band.pool_name()}</span>
            </header>
            <p class="muted">{summary}</p>
            <p class="muted">{move || load.get()}</p>
            <ul class="ip-list">
                {move || rows.get().into_iter().map(|row| ip_view(row, Some(band), changing)).collect_view()}
            </ul>
            <button type="button" class="add-ips" on:click=move |_| changing.begin(PoolChange::of(band))>
                {Icon::Plus.view()}
                {format!("Add or remove IPs of {}", band.word())}
            </button>
        </section>
    }
}

/// The IPs in no dynamic pool: dedicated ones first, shared ones with the reason they stay out.
#[component]
pub(crate) fn FreeIps(
    /// The account's IPs.
    inventory: Signal<IpInventory>,
    /// The change a person begins.
    changing: ChangeRequest,
) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let mut rows = inventory.with(|inventory| inventory.free().cloned().collect::<Vec<_>>());
        rows.sort_by_key(|row| row.is_dedicated == Some(false));
        rows
    });
    move || {
        let rows = rows.get();
        if rows.is_empty() {
            return view! {
                <Empty title="Every IP is in a dynamic pool" hint="To move an IP, remove it from its pool first." />
            }
            .into_any();
        }
        view! { <ul class="ip-list ip-list-wide">{rows.into_iter().map(|row| ip_view(row, None, changing)).collect_view()}</ul> }
            .into_any()
    }
}

fn ip_view(row: IpRow, band: Option<Band>, changing: ChangeRequest) -> AnyView {
    let place = row.remarks();
    let warming = row.is_warming == Some(true);
    let sent = row
        .warm_up
        .as_ref()
        .and_then(|warm_up| warm_up.sent_within_stage.trim_end_matches('%').parse::<f64>().ok());
    let stage = sent.map(|sent| {
        let label = format!("Warm-up stage progress of {}", row.ip);
        view! { <progress class="ip-warm-up" max="100" value=sent.to_string() aria-label=label></progress> }
    });
    let ip = StoredValue::new(row.ip.clone());
    let end = warming.then(|| {
        view! {
            <button
                type="button"
                class="quiet"
                aria-label=format!("End the warm-up of {}", row.ip)
                on:click=move |_| changing.begin(PoolChange::ending_warm_up(ip.get_value()))
            >
                "End warm-up"
            </button>
        }
    });
    let actions = match band {
        Some(band) => Some(
            view! {
                <button
                    type="button"
                    class="quiet"
                    aria-label=format!("Move {}", row.ip)
                    on:click=move |_| changing.begin(PoolChange::moving(band, ip.get_value()))
                >
                    "Move"
                </button>
                <button
                    type="button"
                    class="quiet"
                    aria-label=format!("Remove {}", row.ip)
                    on:click=move |_| changing.begin(PoolChange::removing(band, ip.get_value()))
                >
                    "Remove"
                </button>
            }
            .into_any(),
        ),
        None if row.is_dedicated != Some(false) => Some(
            view! {
                <button
                    type="button"
                    class="quiet"
                    aria-label=format!("Add {} to a pool", row.ip)
                    on:click=move |_| changing.begin(PoolChange::adding(ip.get_value()))
                >
                    "Add to a pool"
                </button>
            }
            .into_any(),
        ),
        None => None,
    };
    view! {
        <li class="ip-row" class:ip-warming=warming>
            <span class="ip-address">{row.ip.to_string()}</span>
            <span class="ip-warmth">{stage} <span>{row.warmth()}</span></span>
            {place.map(|place| view! { <span class="muted ip-place">{place}</span> })}
            <span class="ip-actions">{actions}</span>
            {end.map(|end| view! { <span class="ip-end">{end}</span> })}
        </li>
    }
    .into_any()
}
