//! What changed in the latest days, against as many days before: which domains fell, why, and how they come back.

use crate::components::{BandMove, Card, Empty, ExportMenu, PageHead, RecordedAt, Segmented};
use crate::state::{use_account, use_query_param, use_simulated};
use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_view::changes::{ChangedDomain, Changes, PeriodChange, sheet};
use poolkeeper_view::routes::{PageRoute, domain_href};

const PERIODS_DAYS: [u32; 3] = [7, 30, 90];
/// Rows on the page; an export has all.
const MOST_ROWS: usize = 200;

/// The page. Its period and the kind of change are in the address.
#[component]
pub(crate) fn WhatChanged() -> impl IntoView {
    let (account, simulated) = (use_account(), use_simulated());
    let (days, kind) = (use_query_param("days"), use_query_param("change"));
    let period = Memo::new(move |_| {
        let asked = days.get().parse().ok();
        PERIODS_DAYS.into_iter().find(|days| Some(*days) == asked).unwrap_or(7)
    });
    let changes = Memo::new(move |_| {
        account
            .source()
            .is_simulator()
            .then(|| Changes::latest(&simulated.sim(), period.get()))
    });
    let listed = Memo::new(move |_| {
        let wanted = kind.get();
        let is_wanted = |domain: &&ChangedDomain| wanted.is_empty() || domain.kind.word() == wanted;
        changes.with(|changes| {
            let (now, _) = changes.as_ref()?;
            Some(now.domains.iter().filter(is_wanted).cloned().collect::<Vec<_>>())
        })
    });
    let lead = move || changes.with(|changes| changes.as_ref().map(lead).unwrap_or_default());
    let export = move |()| {
        let listed = listed.get_untracked().unwrap_or_default();
        sheet(&simulated.sim_untracked(), &listed)
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
        </div>
        {move || listed.with(|listed| listed.as_ref().map_or_else(live_view, |listed| list(listed, &simulated)))}
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

fn live_view() -> AnyView {
    view! {
        <Empty
            title="The causes need daily counts"
            hint="A live account's history says who moved and by which rate. Fork it to the simulator to see the day that did it and the way back."
        >
            <a class="button" href=PageRoute::Settings.href(&[])>
                "Fork to simulator"
            </a>
            <a class="button" href=PageRoute::History.href(&[])>
                "Open the history"
            </a>
        </Empty>
    }
    .into_any()
}

fn list(listed: &[ChangedDomain], simulated: &crate::state::SimulatedAccount) -> AnyView {
    if listed.is_empty() {
        return view! { <Empty title="No such change in this period" hint="Choose a longer period or all changes." /> }
            .into_any();
    }
    let sim = simulated.sim_untracked();
    let row = |domain: &ChangedDomain| {
        view! {
            <tr>
                <th scope="row">
                    <a href=domain_href(domain.name.as_str())>{domain.name.to_string()}</a>
                </th>
                <td>
                    <BandMove from=domain.from.map(Into::into) to=Some(domain.to.into()) />
                </td>
                <td class="changes-when">
                    <RecordedAt time=Some(domain.time) />
                </td>
                <td>{domain.why(&sim)}</td>
                <td>{domain.way_back(&sim)}</td>
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
                        <th scope="col">"Way back"</th>
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
