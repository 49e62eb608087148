//! Brings the enrolled domains up to date without reading them again. Pure.

use mailgun_pools::api::{DomainsQuery, PagedQuery, Write};
use poolkeeper_core::model::{Domain, DomainName, HistoryRecord};
use std::collections::HashMap;
use std::sync::Arc;

/// Adds what was read to rows in the order of names. A domain that is there already is replaced.
pub fn merge(rows: &mut Vec<Arc<Domain>>, fresh: impl IntoIterator<Item = Domain>) {
    rows.extend(fresh.into_iter().map(Arc::new));
    // Stable: of the same domain, what was read last comes last.
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows.dedup_by(|later, earlier| {
        let is_same = later.name == earlier.name && DomainsQuery::id(later) == DomainsQuery::id(earlier);
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
}

/// Applies changes that were made.
pub fn apply_writes(rows: &mut Vec<Arc<Domain>>, writes: &[Write]) {
    let by_domain: HashMap<&DomainName, &Write> = writes
        .iter()
        .filter_map(|write| Some((write.domain()?, write)))
        .collect();
    rows.retain_mut(|row| match by_domain.get(&row.name) {
        Some(Write::RemoveDomain { .. }) => false,
        Some(Write::SetOverride { pool, .. }) => {
            let row = Arc::make_mut(row);
            row.is_overridden = Some(true);
            row.pool = pool.clone();
            true
        }
        Some(Write::RemoveOverride { .. }) => {
            Arc::make_mut(row).is_overridden = Some(false);
            true
        }
        _ => true,
    });
}

/// Applies history, given newest first: each domain's pool and figures are those of its newest record, and a domain without
/// a row has been enrolled meanwhile. History does not say when a domain left.
pub fn apply_history(rows: &mut Vec<Arc<Domain>>, records: &[HistoryRecord]) {
    let mut newest: HashMap<&DomainName, &HistoryRecord> = HashMap::new();
    for record in records {
        newest.entry(&record.domain_name).or_insert(record);
    }
    for row in rows.iter_mut() {
        if let Some(record) = newest.remove(&row.name) {
            update(Arc::make_mut(row), record);
        }
    }
    let enrolled = newest.into_values().filter_map(enrolled_by);
    merge(rows, enrolled.collect::<Vec<_>>());
}

fn update(row: &mut Domain, record: &HistoryRecord) {
    if let Some(pool) = record.new_band.clone().filter(|pool| *pool != row.pool) {
        row.pool = pool;
        if is_by_person(record) {
            // A person's move may be an override or the end of one.
            row.is_overridden = None;
        }
    }
    row.bounce_rate = record.bounce_rate.or(row.bounce_rate);
    row.complaint_rate = record.complaint_rate.or(row.complaint_rate);
    row.processed_count = record.processed_count.or(row.processed_count);
}

/// The domain that a record is of, where it says its pool.
fn enrolled_by(record: &HistoryRecord) -> Option<Domain> {
    Some(Domain {
        id: record.domain_id.clone(),
        account_id: record.account_id.clone(),
        account_name: record.account_name.clone(),
        name: record.domain_name.clone(),
        registered_at: None,
        pool: record.new_band.clone()?,
        is_overridden: (!is_by_person(record)).then_some(false),
        bounce_rate: record.bounce_rate,
        complaint_rate: record.complaint_rate,
        processed_count: record.processed_count,
    })
}

/// Whether a person moved it: people are named by e-mail address.
fn is_by_person(record: &HistoryRecord) -> bool {
    record.initiated_by.as_ref().is_some_and(|by| by.contains('@'))
}
