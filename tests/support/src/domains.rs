//! Rows of the list of enrolled domains.

use poolkeeper_core::model::{AccountId, Band, Domain, DomainId, DomainName, PoolName};
use std::sync::Arc;

/// A domain in a pool, without rates.
#[must_use]
pub fn enrolled(name: &str, band: Band, is_pinned: bool) -> Arc<Domain> {
    Arc::new(Domain {
        id: DomainId::default(),
        account_id: AccountId::default(),
        account_name: None,
        name: DomainName::as_sent(name),
        registered_at: None,
        pool: PoolName::Known(band),
        is_overridden: Some(is_pinned),
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
    })
}
