//! History records, over all domains and of one.

use super::Rejection;
use super::domains::DEFAULT_LIMIT;
use super::pages::{PageCursor, bad_page, links, part, window};
use super::reads::ReadContext;
use super::reject::json;
use super::scope::account;
use crate::sim::{AccountIx, DomainIx, HistoryFilter, RecordView, Sim};
use mailgun_pools::transport::Response;
use mailgun_pools::wire;
use mailgun_pools::wire::query::HistoryQuery;
use poolkeeper_core::model::{AccountId, Band, DomainName, HistoryRecord, PoolName, Rate, Timestamp};

/// Operation 15.
pub(super) fn list(reading: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = HistoryQuery::decode(reading.params())?;
    let sim = reading.sim;
    let domain = query.domain.as_ref().map(|name| sim.find_domain(name));
    let band = |pool: &Option<PoolName>| pool.as_ref().and_then(PoolName::band);
    let include_subaccounts = query.include_subaccounts.unwrap_or_default();
    let accounts = (0..).map(AccountIx).zip(sim.accounts()).map(|(ix, _)| ix);
    let filter = HistoryFilter {
        domain: domain.flatten(),
        accounts: Some(
            accounts
                .filter(|account| reading.scope.includes(*account, include_subaccounts))
                .collect(),
        ),
        before: query.before.map(Timestamp::from),
        after: query.after.map(Timestamp::from),
        moved_to: band(&query.moved_to),
        moved_from: band(&query.moved_from),
    };
    // A domain nobody has heard of has no records.
    let is_unheard_of = domain == Some(None);
    paged(reading, &query, &filter, is_unheard_of)
}

/// Operation 14.
pub(super) fn of_domain(reading: &ReadContext<'_>, name: &str) -> Result<Response, Rejection> {
    let query = HistoryQuery::decode(reading.params())?;
    let sees = |ix: &DomainIx| {
        reading
            .sim
            .domain(*ix)
            .is_some_and(|domain| reading.scope.sees(domain.account))
    };
    let Some(domain) = reading.sim.find_domain(&DomainName::as_sent(name)).filter(sees) else {
        return Err(Rejection::not_found(format!(
            "There is no domain {name}. Check the spelling."
        )));
    };
    paged(
        reading,
        &query,
        &HistoryFilter {
            domain: Some(domain),
            ..HistoryFilter::default()
        },
        false,
    )
}

fn paged(
    reading: &ReadContext<'_>,
    query: &HistoryQuery,
    filter: &HistoryFilter,
    is_empty: bool,
) -> Result<Response, Rejection> {
    let sim = reading.sim;
    let cursor = PageCursor::decode(reading.params())?;
    let positions = reading.kept_positions(&format!("history {is_empty} {filter:?}"), || {
        if is_empty {
            Vec::new()
        } else {
            sim.history(filter).map(|view| view.ix).collect()
        }
    });
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    // Newest first: positions fall along the list, and what is written meanwhile comes before every page.
    let page = window(positions.len(), limit, &cursor, |mark| {
        let marked: u32 = mark.parse().map_err(|_| bad_page(mark))?;
        Ok(positions.partition_point(|ix| *ix > marked)..positions.partition_point(|ix| *ix >= marked))
    })?;
    let shown: Vec<u32> = part(&positions, &page).copied().collect();
    let ends = shown
        .first()
        .zip(shown.last())
        .map(|(first, last)| (first.to_string(), last.to_string()));
    let items: Vec<HistoryRecord> = shown.iter().filter_map(|ix| entry(sim, sim.record(*ix)?)).collect();
    let paging = links(reading.base_url, reading.request, &page, positions.len(), ends);
    Ok(json(
        200,
        wire::history::encode_list(&items, positions.len() as u64, &paging),
    ))
}

fn entry(sim: &Sim, view: RecordView) -> Option<HistoryRecord> {
    let record = view.record;
    let domain = sim.domain(record.domain)?;
    let (account_id, account_name) = account(sim, domain.account);
    let owning_account_id: AccountId = account(sim, AccountIx::PARENT).0;
    let pool = |band: Band| PoolName::Known(band);
    Some(HistoryRecord {
        id: sim.record_id(view.ix),
        owning_account_id,
        account_id,
        account_name: Some(account_name),
        domain_id: sim.domain_id(record.domain),
        domain_name: domain.name.clone(),
        new_band: Some(pool(record.new_band)),
        prev_band: record.prev_band.map(pool),
        reason: record.reason.text(record.new_band),
        bounce_rate: record.counts.bounce_rate().map(Rate),
        complaint_rate: record.counts.complaint_rate().map(Rate),
        processed_count: Some(record.counts.processed),
        initiated_by: Some(sim.person(record.by).to_owned()),
        timestamp: Some(record.at.to_utc()),
    })
}
