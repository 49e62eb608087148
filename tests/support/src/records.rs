//! Records of the history.

use poolkeeper_core::model::{AccountId, Band, DomainId, DomainName, HistoryRecord, PoolName};

/// A move, or an enrollment where it is from nowhere; without a time, a reason and rates.
#[must_use]
pub fn moved(name: &str, from: Option<Band>, to: Band) -> HistoryRecord {
    HistoryRecord {
        id: String::new(),
        owning_account_id: AccountId::default(),
        account_id: AccountId::default(),
        account_name: None,
        domain_id: DomainId::default(),
        domain_name: DomainName::as_sent(name),
        new_band: Some(PoolName::Known(to)),
        prev_band: from.map(PoolName::Known),
        reason: String::new(),
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
        initiated_by: None,
        timestamp: None,
    }
}
