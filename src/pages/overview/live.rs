//! The overview of a live account: what a few requests tell of its pools, and what moved last.

use super::cards::{PoolFrame, worst_pair};
use super::unconfigured_view;
use crate::browser;
use crate::components::{BandMove, Card, Empty, Loaded, RecordedAt, SkeletonRows, domain_name};
use crate::state::{ReadState, use_account};
use futures::future::{try_join, try_join_all, try_join3};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::{ApiError, Client, DomainsQuery, HistoryQuery, SortBy, SortOrder};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Band, Domain, DomainName, HistoryRecord, Rate};
use poolkeeper_core::text;
use poolkeeper_view::record_time::RecordTime;
use poolkeeper_view::routes::{PageRoute, domain_href};

const MOST_MOVES: u32 = 10;

/// One pool at a glance.
#[derive(Clone, Debug, PartialEq)]
struct PoolGlance {
    band: Band,
    ips: u64,
    /// Whether the service says that the pool is on, where it says so.
    is_enabled: Option<bool>,
    domains: Option<u64>,
    worst_bounce: Option<(Rate, DomainName)>,
    worst_complaint: Option<(Rate, DomainName)>,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq)]
struct PoolGlances {
    is_configured: bool,
    pools: Vec<PoolGlance>,
    moves: Vec<HistoryRecord>,
}

async fn read(client: Client) -> Result<PoolGlances, ApiError> {
    // Side by side: one after another, eight answers would each wait for the one before.
    let highest = |band: Band, sort_by| {
        let query = DomainsQuery {
            limit: Some(1),
            pools: vec![band.into()],
            sort_by,
            sort_order: SortOrder::Descending,
            ..DomainsQuery::default()
        };
        let client = &client;
        async move { client.domains(&query).await }
    };
    let latest = HistoryQuery {
        limit: Some(MOST_MOVES),
        include_subaccounts: Some(true),
        ..HistoryQuery::default()
    };
    let worst = try_join_all(Band::ALL.map(|band| {
        let (by_bounces, by_complaints) = (highest(band, SortBy::BounceRate), highest(band, SortBy::ComplaintRate));
        try_join(by_bounces, by_complaints)
    }));
    let (pools, worst, history) = try_join3(client.pools(), worst, client.history(&latest)).await?;
    let mut glances = Vec::new();
    for (band, (by_bounces, by_complaints)) in Band::ALL.into_iter().zip(worst) {
        let first = |items: Vec<Domain>, rate: fn(&Domain) -> Option<Rate>| {
            let worst = items.into_iter().next()?;
            Some((rate(&worst)?, worst.name))
        };
        glances.push(PoolGlance {
            band,
            ips: pools.of(band).map_or(0, |pool| pool.ips.len() as u64),
            is_enabled: pools.of(band).and_then(|pool| pool.enabled),
            domains: by_bounces.total,
            worst_bounce: first(by_bounces.items, |domain| domain.bounce_rate),
            worst_complaint: first(by_complaints.items, |domain| domain.complaint_rate),
        });
    }
    Ok(PoolGlances {
        is_configured: pools.is_configured(),
        pools: glances,
        moves: history.items,
    })
}

/// The page's body.
#[component]
pub(crate) fn LiveOverview() -> impl IntoView {
    let reading: ReadState<PoolGlances> = use_account().read(read);
    let glances = |glances: Signal<PoolGlances>| {
        spawn_local(async {
            browser::drawn().await;
            browser::mark_first_view();
        });
        view! { {move || glances.with(glances_view)} }.into_any()
    };
    view! { <Loaded reading=reading skeleton=|| view! { <SkeletonRows rows=8 /> } children=glances /> }
}

fn glances_view(glances: &PoolGlances) -> AnyView {
    if !glances.is_configured {
        return unconfigured_view();
    }
    let cards = glances.pools.iter().map(card).collect_view();
    let moves = glances.moves.iter().map(move_row).collect_view();
    let is_still = glances.moves.is_empty();
    view! {
        <div class="pool-figures">{cards}</div>
        <Card title="Recent moves" note=|| "days and times in UTC" end=|| view! { <a href=PageRoute::History.href(&[])>"All history"</a> }>
            {is_still.then(|| view! { <Empty title="No moves yet" /> })}
            <ul class="move-list">{moves}</ul>
        </Card>
        <p class="muted">
            "Charts and headroom need the account's daily counts. Fork to the simulator to see them."
        </p>
        <p>
            <a class="button" href=PageRoute::Settings.href(&[])>
                "Fork to simulator"
            </a>
        </p>
    }
    .into_any()
}

fn card(glance: &PoolGlance) -> impl IntoView {
    let PoolGlance { band, ips, domains, .. } = *glance;
    let off = (glance.is_enabled == Some(false)).then_some(" · switched off at Mailgun");
    let unit = format!(
        "{}{}",
        if domains == Some(1) { "domain" } else { "domains" },
        off.unwrap_or_default()
    );
    let (bounce, complaint) = (glance.worst_bounce.clone(), glance.worst_complaint.clone());
    let pairs = move || {
        view! {
            <dt>"IPs"</dt>
            <dd>{text::count(ips)}</dd>
            {worst_pair(Metric::BounceRate, bounce.as_ref(), None)}
            {worst_pair(Metric::ComplaintRate, complaint.as_ref(), None)}
        }
    };
    view! { <PoolFrame band=band domains=domains.map_or_else(|| "–".to_owned(), text::count) unit=unit pairs=pairs /> }
}

fn move_row(moved: &HistoryRecord) -> AnyView {
    view! {
        <li>
            <span class="move-when muted">
                <RecordedAt time=RecordTime::of(moved) />
            </span>
            <a class="move-name" href=domain_href(moved.domain_name.as_str())>
                {domain_name(moved.domain_name.as_str())}
            </a>
            <BandMove from=moved.prev_band.clone() to=moved.new_band.clone() />
            <span class="move-why">{moved.reason.clone()}</span>
            <span class="move-by muted">{moved.initiated_by.clone()}</span>
        </li>
    }
    .into_any()
}
