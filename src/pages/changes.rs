//! What changed in the latest days, against as many days before: which domains fell, why, and how they come back.

use crate::components::filter_field::filter_of_values;
use crate::components::{
    AsOf, BandMove, Card, Empty, ExportMenu, Failed, ListProgress, PageHead, RecordedAt, Segmented, SkeletonRows,
    domain_name,
};
use crate::state::{
    LabelStore, PagedResource, SimulatedAccount, use_account, use_last_day, use_query_param, use_simulated,
};
use leptos::prelude::*;
use mailgun_pools::api::HistoryQuery;
use poolkeeper_core::text;
use poolkeeper_view::changes::{ChangedDomain, Changes, PeriodChange, latest_periods, sheet};
use poolkeeper_view::paged_list::ListPhase;
use poolkeeper_view::routes::{PageRoute, domain_href};

const PERIODS_DAYS: [u32; 3] = [7, 30, 90];
/// Rows on the page; an export has all.
const MOST_ROWS: usize = 200;
/// Records that are read of a live account before a person wants the rest.
const NEWEST: u64 = 2_000;

/// The page of the account that is looked at.
#[component]
pub(crate) fn WhatChanged() -> impl IntoView {
    let account = use_account();
    let is_live = Memo::new(move |_| !account.source().is_simulator());
    move || {
        if is_live.get() {
            view! { <LiveChanges /> }.into_any()
        } else {
            view! { <SimulatedChanges /> }.into_any()
        }
    }
}

/// How many days are looked at, as the address says.
fn use_period() -> Memo<u32> {
    let days = use_query_param("days");
    Memo::new(move |_| {
        let asked = days.get().parse().ok();
        PERIODS_DAYS.into_iter().find(|days| Some(*days) == asked).unwrap_or(7)
    })
}

/// The simulator's changes: its records and daily counts are here.
#[component]
fn SimulatedChanges() -> impl IntoView {
    let simulated = use_simulated();
    let period = use_period();
    let changes = Memo::new(move |_| Some(Changes::latest(&simulated.sim(), period.get())));
    view! { <ChangesPage period=period changes=changes history=None /> }
}

/// A live account's changes, by its history of both periods.
#[component]
fn LiveChanges() -> impl IntoView {
    let (period, last_day) = (use_period(), use_last_day());
    let question = Memo::new(move |_| {
        let [_, (first, _)] = latest_periods(last_day.get(), period.get());
        HistoryQuery {
            limit: Some(100),
            include_subaccounts: Some(true),
            after: Some(first.start().plus_seconds(-1).to_utc()),
            ..HistoryQuery::default()
        }
    });
    let history = PagedResource::<HistoryQuery>::new(use_account(), question, NEWEST);
    let changes = Memo::new(move |_| {
        let is_here = history.status().with(|status| status.phase != ListPhase::Waiting);
        is_here.then(|| history.with_rows(|records| Changes::latest_recorded(records, last_day.get(), period.get())))
    });
    view! { <ChangesPage period=period changes=changes history=Some(history) /> }
}

/// The page. The kind of change, the account and the customer are in the address.
#[component]
fn ChangesPage(
    /// How many days.
    period: Memo<u32>,
    /// The changes of the period and of the one before; `None` until they are here.
    changes: Memo<Option<(Changes, Changes)>>,
    /// The history that they are of, for a live account.
    history: Option<PagedResource<HistoryQuery>>,
) -> impl IntoView {
    let simulated = use_simulated();
    let (days, kind) = (use_query_param("days"), use_query_param("change"));
    let (of_account, of_customer) = (use_query_param("account"), use_query_param("customer"));
    let labels = LabelStore::stored();
    let listed = Memo::new(move |_| {
        let (wanted, of, customer) = (kind.get(), of_account.get(), of_customer.get());
        let is_of_customer = |domain: &ChangedDomain| {
            customer.is_empty() || labels.with(|labels| labels.of(&domain.name, &domain.account).customer == customer)
        };
        let is_wanted = |domain: &&ChangedDomain| {
            (wanted.is_empty() || domain.kind.word() == wanted)
                && (of.is_empty() || domain.account == of)
                && is_of_customer(domain)
        };
        changes.with(|changes| {
            let (now, _) = changes.as_ref()?;
            Some(now.domains.iter().filter(is_wanted).cloned().collect::<Vec<_>>())
        })
    });
    let accounts = Signal::derive(move || changes.with(account_choices));
    let customers = Signal::derive(move || {
        let same = |name: &str| (name.to_owned(), name.to_owned());
        labels.with(|labels| labels.customers().into_iter().map(same).collect::<Vec<_>>())
    });
    let lead = move || changes.with(|changes| changes.as_ref().map(lead).unwrap_or_default());
    let export = move |()| {
        let listed = listed.get_untracked().unwrap_or_default();
        untrack(|| labels.with(|labels| sheet(&simulated.sim_untracked(), &listed, labels)))
    };
    let periods = PERIODS_DAYS.map(|days| (days.to_string(), format!("{days} days")));
    let kinds = move || {
        changes.with(|changes| {
            let (now, _) = changes.as_ref()?;
            let all = ("".to_owned(), format!("All {}", text::count(now.domains.len() as u64)));
            let each = PeriodChange::ALL.map(|kind| (kind.word().to_owned(), format!("{} {}", text::capitalized(kind.word()), text::count(now.count(kind)))));
            let options = std::iter::once(all).chain(each).collect();
            Some(view! { <Segmented label="Change" options=options value=kind.signal() on_choose=move |value: String| kind.set(&value) /> })
        })
    };
    view! {
        <PageHead title="What changed" lead=lead>
            {history
                .map(|history| {
                    let as_of = Signal::derive(move || history.as_of());
                    view! { <AsOf at=as_of on_refresh=move |()| history.reload() /> }
                })}
            <ExportMenu name="changes" sheet=export />
        </PageHead>
        <div class="filters">
            <Segmented
                label="Period"
                options=periods.to_vec()
                value=Signal::derive(move || period.get().to_string())
                on_choose=move |value: String| days.set(if value == "7" { "" } else { &value })
            />
            <div class="changes-kinds">{kinds}</div>
            {filter_of_values("Account", "changes-account", "any account", accounts, of_account)}
            {move || {
                labels
                    .with(|labels| !labels.is_empty())
                    .then(|| filter_of_values("Customer", "changes-customer", "any", customers, of_customer))
            }}
        </div>
        {history.map(live_notes)}
        {move || {
            let has_failed = history.is_some_and(|history| history.status().with(|status| status.error().is_some()));
            listed.with(|listed| match listed {
                None if has_failed => ().into_any(),
                None => view! { <SkeletonRows rows=8 /> }.into_any(),
                Some(listed) => list(listed, &simulated, history.is_some()),
            })
        }}
    }
    .into_any()
}

/// `6 fell, 3 rose from 16 Jul to 22 Jul 2026. In the 7 days before: 1 fell, 2 rose.`
fn lead((now, before): &(Changes, Changes)) -> String {
    let days = u64::from(now.last.since(now.first).unsigned_abs()) + 1;
    format!(
        "{} from {} to {}. In the {} before: {}.",
        now.sentence(),
        text::day_short(now.first),
        text::day(now.last),
        text::counted(days, "day"),
        before.sentence()
    )
}

/// The accounts that a list can be narrowed to.
fn account_choices(changes: &Option<(Changes, Changes)>) -> Vec<(String, String)> {
    let names = changes.as_ref().map(|(now, _)| now.accounts()).unwrap_or_default();
    names.into_iter().map(|name| (name.clone(), name)).collect()
}

/// How far a live account's history is read, and what it cannot tell.
fn live_notes(history: PagedResource<HistoryQuery>) -> AnyView {
    let error = move || history.status().with(|status| status.error().cloned());
    view! {
        <ListProgress
            status=history.status()
            work=Signal::derive(move || history.work("history"))
            on_stop=move |()| history.stop()
            on_resume=move |()| history.resume()
        />
        {move || error().map(|error| view! { <Failed error=error on_retry=move |()| history.resume() /> })}
        <p class="muted changes-note">
            "The history says by which rate a domain moved. For the day that did it and the way back, open the domain, or "
            <a href=PageRoute::Settings.href(&[])>"fork the account to the simulator"</a> "."
        </p>
    }
    .into_any()
}

fn list(listed: &[ChangedDomain], simulated: &SimulatedAccount, is_live: bool) -> AnyView {
    if listed.is_empty() {
        return view! { <Empty title="No such change in this period" hint="Choose a longer period or all changes." /> }
            .into_any();
    }
    let sim = simulated.sim_untracked();
    let row = |domain: &ChangedDomain| {
        view! {
            <tr>
                <th scope="row">
                    <a href=domain_href(domain.name.as_str())>{domain_name(domain.name.as_str())}</a>
                </th>
                <td>
                    <BandMove from=domain.from.map(Into::into) to=domain.to.map(Into::into) />
                </td>
                <td class="changes-when">
                    <RecordedAt time=domain.time />
                </td>
                <td>{domain.why(&sim)}</td>
                {(!is_live).then(|| view! { <td>{domain.way_back(&sim)}</td> })}
                <td class="muted">{domain.by.clone()}</td>
            </tr>
        }
    };
    let rows = listed.iter().take(MOST_ROWS).map(row).collect_view();
    let rest = listed.len().saturating_sub(MOST_ROWS) as u64;
    let more =
        (rest > 0).then(|| view! { <p class="hint">{format!("{} more are in the export.", text::count(rest))}</p> });
    view! {
        <Card title="Domains" note=|| "days and times in UTC" class="changes-card">
            <table class="changes">
                <thead>
                    <tr>
                        <th scope="col">"Domain"</th>
                        <th scope="col">"Change"</th>
                        <th scope="col">"On"</th>
                        <th scope="col">"Why"</th>
                        {(!is_live).then(|| view! { <th scope="col">"Way back"</th> })}
                        <th scope="col">"By"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
        </Card>
    }
    .into_any()
}
