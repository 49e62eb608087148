//! The columns of the enrolled domains, and the same as a file.

use super::moves::{LastMove, LastMovesReader};
use super::rows::Rows;
use crate::browser;
use crate::components::{BandChip, Icon, PhoneColumn, RateBar, RecordedAt, TableColumn, domain_name};
use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use leptos::prelude::*;
use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::model::{AccountId, Domain, PoolName, Timestamp};
use poolkeeper_core::text;
use poolkeeper_core::text::pool_word;
use poolkeeper_view::domain_columns::{DomainColumn, LimitUsed};
use poolkeeper_view::export::Sheet;
use poolkeeper_view::labels::Label;
use poolkeeper_view::routes::domain_href;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Columns that are shown only where they are chosen.
pub(crate) const HIDDEN_AT_FIRST: [&str; 4] = [
    DomainColumn::Registered.id(),
    DomainColumn::Customer.id(),
    DomainColumn::Owner.id(),
    DomainColumn::Tags.id(),
];

#[must_use]
pub(crate) fn columns() -> Vec<TableColumn> {
    DomainColumn::ALL.map(column).to_vec()
}

const fn column(column: DomainColumn) -> TableColumn {
    let (is_number, width, phone) = match column {
        DomainColumn::Name => (false, "minmax(150px, 2fr)", PhoneColumn::Title),
        DomainColumn::Account => (false, "minmax(80px, 1.1fr)", PhoneColumn::Hidden),
        DomainColumn::Pool => (false, "66px", PhoneColumn::Aside),
        DomainColumn::Override => (false, "84px", PhoneColumn::Hidden),
        DomainColumn::BounceRate | DomainColumn::ComplaintRate => (true, "142px", PhoneColumn::Half),
        DomainColumn::LimitUsed => (true, "96px", PhoneColumn::Hidden),
        DomainColumn::Processed => (true, "96px", PhoneColumn::Hidden),
        DomainColumn::Registered => (false, "92px", PhoneColumn::Hidden),
        DomainColumn::LastMove => (false, "minmax(164px, 1.2fr)", PhoneColumn::Hidden),
        DomainColumn::Customer | DomainColumn::Owner | DomainColumn::Tags => {
            (false, "minmax(80px, 1fr)", PhoneColumn::Hidden)
        }
    };
    let plain = TableColumn::text(column.id(), column.label(), width);
    TableColumn { is_number, ..plain }.sortable().on_phone(phone)
}

/// A row's cells, one a column.
#[must_use]
pub(crate) fn cells(rows: Rows, moves: LastMovesReader, policy: Signal<Policy>, at: usize) -> Vec<AnyView> {
    // Compared by value: a row is drawn again only when its own domain changed.
    let domain = Memo::new(move |_| rows.get(at));
    let Some(domain) = domain.get() else {
        return Vec::new();
    };
    let name = domain.name.clone();
    let (bounce, complaint) = (domain.bounce_rate, domain.complaint_rate);
    let bar = move |metric: Metric| {
        let policy = policy.get();
        let (rate, policy) = match metric {
            Metric::BounceRate => (bounce, policy.bounce),
            Metric::ComplaintRate => (complaint, policy.complaint),
        };
        let name = text::event_noun(metric);
        view! {
            <span class="phone-label" aria-hidden="true">
                {name}
            </span>
            <RateBar rate=rate metric=metric policy=policy />
        }
    };
    let whole = Arc::clone(&domain);
    let processed = domain.processed_count.map_or_else(|| "–".to_owned(), text::count);
    let account = {
        let domain = Arc::clone(&domain);
        move || rows.account_name(&domain)
    };
    let label = {
        let domain = Arc::clone(&domain);
        Memo::new(move |_| rows.label(&domain))
    };
    let noted = |of: fn(&Label) -> String| view! { <span class="clip">{move || label.with(of)}</span> }.into_any();
    vec![
        name_cell(&domain),
        view! { <span class="clip">{account}</span> }.into_any(),
        view! { <BandChip pool=domain.pool.clone() /> }.into_any(),
        override_cell(domain.is_overridden),
        (move || bar(Metric::BounceRate)).into_any(),
        (move || bar(Metric::ComplaintRate)).into_any(),
        (move || used_cell(policy.with(|policy| LimitUsed::of(&whole, policy)))).into_any(),
        processed.into_any(),
        registered_cell(domain.registered_at),
        (move || move_cell(moves.of(&name))).into_any(),
        noted(|label| label.customer.clone()),
        noted(|label| label.owner.clone()),
        noted(Label::tags_text),
    ]
}

fn name_cell(domain: &Domain) -> AnyView {
    let name = domain.name.to_string();
    let href = domain_href(&name);
    let pin = (domain.is_overridden == Some(true)).then(|| {
        view! {
            <span class="pin-mark" title="Pinned by an override">
                {Icon::Pin.view()}
            </span>
        }
    });
    view! {
        <span class="domain-name">
            <a class="clip" href=href tabindex="-1">
                {domain_name(&name)}
            </a>
            {pin}
        </span>
    }
    .into_any()
}

/// How much of the nearest poor limit is used.
fn used_cell(used: Option<LimitUsed>) -> AnyView {
    match used {
        Some(used) => view! { <span title=used.words()>{used.share()}</span> }.into_any(),
        None => view! { <span class="muted" title="No rate in the answer">"–"</span> }.into_any(),
    }
}

fn override_cell(is_overridden: Option<bool>) -> AnyView {
    match is_overridden {
        Some(true) => view! { <span class="pinned">{Icon::Pin.view()} "pinned"</span> }.into_any(),
        Some(false) => view! { <span class="muted">"none"</span> }.into_any(),
        None => view! { <span class="muted" title="Not in the answer">"–"</span> }.into_any(),
    }
}

/// A date alone, with the instant in UTC on hover.
fn registered_cell(at: Option<DateTime<Utc>>) -> AnyView {
    let Some(at) = at else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    view! {
        <time datetime=at.to_rfc3339() title=text::instant_utc(at)>
            {local_date(at)}
        </time>
    }
    .into_any()
}

fn local_date(at: DateTime<Utc>) -> String {
    let zone = FixedOffset::east_opt(browser::zone_seconds_east(at.timestamp())).unwrap_or_else(|| Utc.fix());
    at.with_timezone(&zone).format("%-d %b %Y").to_string()
}

fn move_cell(last: LastMove) -> AnyView {
    match last {
        LastMove::Known(known) => {
            let hint = match &known.from {
                Some(from) => format!("Moved from {}", pool_word(from)),
                None => "Enrolled".to_owned(),
            };
            view! {
                <span class="last-move" title=hint>
                    <RecordedAt time=known.time /> <span class="muted" aria-hidden="true">"→"</span>
                    {known.to.map(|to| view! { <BandChip pool=to /> })}
                </span>
            }
            .into_any()
        }
        LastMove::Before(at) => view! {
            <span class="muted" title="History was read back to this day. See the domain's page for older moves.">
                {format!("before {}", text::day(Timestamp::from(at).day()))}
            </span>
        }
        .into_any(),
        LastMove::Never => view! { <span class="muted">"none"</span> }.into_any(),
        LastMove::Unread => view! { <span class="muted">"…"</span> }.into_any(),
    }
}

/// The rows as a file: rates as fractions, times in UTC, pools as the wire names them.
#[must_use]
pub(crate) fn sheet(
    domains: &[Arc<Domain>],
    accounts: &BTreeMap<AccountId, String>,
    moves: LastMovesReader,
    rows: Rows,
) -> Sheet {
    let mut sheet = Sheet::new(&[
        "name",
        "account",
        "account_id",
        "pool",
        "override",
        "bounce_rate",
        "complaint_rate",
        "processed_count",
        "registered_at",
        "last_move_at",
        "last_move_from",
        "last_move_to",
        "customer",
        "owner",
        "tags",
    ]);
    let text = |value: Option<String>| value.unwrap_or_default();
    let pool = |pool: Option<&PoolName>| pool.map(ToString::to_string).unwrap_or_default();
    sheet.rows = domains
        .iter()
        .map(|domain| {
            let last = match moves.of_untracked(&domain.name) {
                LastMove::Known(known) => Some(known),
                _ => None,
            };
            let label = untrack(|| rows.label(domain));
            let account = domain
                .account_name
                .as_ref()
                .or_else(|| accounts.get(&domain.account_id))
                .cloned();
            vec![
                domain.name.to_string(),
                text(account),
                domain.account_id.to_string(),
                domain.pool.to_string(),
                text(domain.is_overridden.map(|pinned| pinned.to_string())),
                text(domain.bounce_rate.map(|rate| rate.0.to_string())),
                text(domain.complaint_rate.map(|rate| rate.0.to_string())),
                text(domain.processed_count.map(|count| count.to_string())),
                text(domain.registered_at.map(|at| at.to_rfc3339())),
                text(
                    last.as_ref()
                        .and_then(|last| last.time)
                        .map(|time| time.at.to_rfc3339()),
                ),
                pool(last.as_ref().and_then(|last| last.from.as_ref())),
                pool(last.as_ref().and_then(|last| last.to.as_ref())),
                label.customer.clone(),
                label.owner.clone(),
                label.tags_text(),
            ]
        })
        .collect();
    sheet
}
