//! What the rows of the enrolled domains tell. Pure.

use poolkeeper_core::model::{AccountId, Domain};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The names of the rows' accounts, where an answer gave one.
#[must_use]
pub fn account_names(rows: &[Arc<Domain>]) -> BTreeMap<AccountId, String> {
    let mut names = BTreeMap::new();
    for row in rows {
        if let Some(name) = row
            .account_name
            .as_ref()
            .filter(|_| !names.contains_key(&row.account_id))
        {
            names.insert(row.account_id.clone(), name.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Band, DomainId, DomainName, PoolName};

    fn row(name: &str, band: Band, is_overridden: bool) -> Arc<Domain> {
        Arc::new(Domain {
            id: DomainId::default(),
            account_id: AccountId(format!("account of {name}")),
            account_name: Some(name.to_uppercase()),
            name: DomainName::as_sent(name),
            registered_at: None,
            pool: PoolName::Known(band),
            is_overridden: Some(is_overridden),
            bounce_rate: None,
            complaint_rate: None,
            processed_count: None,
        })
    }

    #[test]
    fn an_account_without_a_name_is_left_to_its_identifier() {
        let nameless = Domain {
            account_name: None,
            ..(*row("a.example", Band::Good, false)).clone()
        };
        let names = account_names(&[Arc::new(nameless), row("b.example", Band::Good, false)]);
        let expected = [(AccountId("account of b.example".to_owned()), "B.EXAMPLE".to_owned())];
        assert_eq!(names, BTreeMap::from(expected));
    }
}
