//! Pools: the IPs of each, and every way to change them.

mod card;
mod change;
mod setup;

use crate::components::{AsOf, Card, Empty, Icon, Loaded, PageHead, SkeletonRows, WriteFlow};
use crate::state::simulator::use_simulated;
use crate::state::{ReadState, use_account, use_domains};
use card::{FreeIps, PoolCard};
use change::{ChangeDialog, ChangeRequest};
use leptos::prelude::*;
use poolkeeper_account::ip_inventory::IpInventory;
use poolkeeper_account::load::{IpLoad, listed_mail};
use poolkeeper_account::pool_change::remove_pools;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_simulator::sim::PerBand;
use poolkeeper_view::paged_list::ListPhase;
use setup::{PoolSetup, SetupDialog};

#[component]
pub(crate) fn Pools() -> impl IntoView {
    let account = use_account();
    let inventory: ReadState<IpInventory> = account.read(IpInventory::read);
    let as_of = Signal::derive(move || inventory.as_of().filter(|_| !account.source().is_simulator()));
    let setting_up = PoolSetup::new(inventory);
    let removing = RwSignal::new(false);
    let changing = ChangeRequest::default();
    let lead = move || {
        inventory.with(|inventory| {
            inventory.map(|inventory| {
                let in_pools = inventory.ips.iter().filter(|row| row.pool.is_some());
                let (all, warming) = in_pools.fold((0, 0), |(all, warming), row| {
                    (all + 1, warming + u64::from(row.is_warming == Some(true)))
                });
                if all == 0 {
                    return "The dynamic pools are not set up yet".to_owned();
                }
                format!(
                    "{} in three pools, {warming} warming up · {}",
                    text::counted(all, "IP"),
                    inventory.assignable_words()
                )
            })
        })
    };
    let is_configured = Signal::derive(move || {
        inventory.with(|inventory| inventory.is_some_and(|inventory| inventory.pools.is_configured()))
    });
    let has_pools = Signal::derive(move || {
        inventory.with(|inventory| {
            inventory.is_some_and(|inventory| inventory.pools.0.iter().any(|pool| !pool.ips.is_empty()))
        })
    });
    view! {
        <PageHead title="Pools" lead=move || lead().unwrap_or_default()>
            <AsOf at=as_of on_refresh=move |()| inventory.retry() />
            <button type="button" disabled=move || !has_pools.get() on:click=move |_| removing.set(true)>
                {Icon::Remove.view()}
                "Remove all pools"
            </button>
            <button
                type="button"
                class=move || if is_configured.get() { "" } else { "primary" }
                disabled=move || inventory.with(|inventory| inventory.is_none())
                on:click=move |_| setting_up.begin()
            >
                {move || if is_configured.get() { "Replace all pools" } else { "Set up pools" }}
            </button>
        </PageHead>
        <Loaded
            reading=inventory
            skeleton=|| view! { <SkeletonRows rows=6 /> }
            children=move |inventory| body(inventory, has_pools, setting_up, changing)
        />
        {move || {
            inventory
                .with(|inventory| inventory.is_some())
                .then(|| view! { <SetupDialog setup=setting_up /> <ChangeDialog changing=changing inventory=inventory /> })
        }}
        <RemoveDialog open=removing />
    }
}

fn body(
    inventory: Signal<IpInventory>,
    has_pools: Signal<bool>,
    setting_up: PoolSetup,
    changing: ChangeRequest,
) -> AnyView {
    let loads = use_loads();
    let pools = move || {
        if !has_pools.get() {
            return view! {
                <Empty
                    title="No dynamic pools yet"
                    hint="Assign each of the three pools at least one dedicated IP that is not warming up, then enroll domains."
                >
                    <button type="button" class="primary" on:click=move |_| setting_up.begin()>
                        "Set up pools"
                    </button>
                </Empty>
            }
            .into_any();
        }
        view! {
            <div class="pool-cards">
                {Band::ALL
                    .map(|band| {
                        let load = Signal::derive(move || loads.with(|loads| loads.get(band).clone()));
                        view! { <PoolCard band=band inventory=inventory changing=changing load=load /> }
                    })
                    .collect_view()}
            </div>
        }
        .into_any()
    };
    let overflow = move || inventory.with(|inventory| inventory.overflow.clone());
    view! {
        {move || missing_view(inventory.with(|inventory| inventory.missing.clone()))}
        {placeholder_note}
        {pools}
        {move || overflow().map(|words| view! { <p class="muted">{words}</p> })}
        <Card title="Other IPs of the account" note=|| "in no dynamic pool">
            <FreeIps inventory=inventory changing=changing />
        </Card>
    }
    .into_any()
}

/// What the IPs of each pool carry: in the simulator by the days of the checks' window, of a live account by the counts of its
/// list of enrolled domains.
fn use_loads() -> Memo<PerBand<String>> {
    let (account, simulated, domains) = (use_account(), use_simulated(), use_domains());
    domains.follow();
    Memo::new(move |_| {
        if account.source().is_simulator() {
            let loads = IpLoad::of(&simulated.sim()).unwrap_or_default();
            return PerBand::from_fn(|band| loads.get(band).words().unwrap_or_default());
        }
        let is_whole = domains.status().with(|status| status.phase == ListPhase::Complete);
        domains
            .with_rows(|rows| PerBand::from_fn(|band| listed_mail(rows, band).filter(|_| is_whole).unwrap_or_default()))
    })
}

/// IPs that nobody has stand on the page of an account made of a file.
fn placeholder_note() -> Option<AnyView> {
    let (account, simulated) = (use_account(), use_simulated());
    let has_placeholders = account.source().is_simulator() && simulated.sim().has_placeholder_ips();
    has_placeholders.then(|| {
        view! {
            <div class="notice" role="note" aria-label="Placeholder IPs">
                {Icon::Warn.view()}
                <p>"These IPs are placeholders. The imported file has none, and the simulator needs some for its pools."</p>
            </div>
        }
        .into_any()
    })
}

/// What the service did not give: the page works without it.
fn missing_view(missing: Vec<String>) -> Option<AnyView> {
    let lines = missing
        .iter()
        .map(|line| view! { <li>{line.clone()}</li> })
        .collect_view();
    (!missing.is_empty()).then(|| {
        view! {
            <div class="notice" role="note" aria-label="Missing data">
                {Icon::Warn.view()} <p>"Some data could not be read. Columns that need it show “–”."</p> <ul>{lines}</ul>
            </div>
        }
        .into_any()
    })
}

#[component]
fn RemoveDialog(open: RwSignal<bool>) -> impl IntoView {
    let proposal = Signal::derive(move || open.get().then(remove_pools));
    view! {
        <WriteFlow open=open title="Remove all pools" proposal=proposal>
            <p>
                "All three dynamic pools lose their IPs. Every domain has to be out of them first; standard dedicated pools
                stay as they are."
            </p>
        </WriteFlow>
    }
}
