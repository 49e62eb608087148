//! The accounts domains belong to: subaccounts as the service lists them, the parent as domains name it.

use mailgun_pools::api::{ApiError, Client, DomainsQuery, Paginator, SubaccountsQuery};
use poolkeeper_core::model::{AccountId, Subaccount};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Reads all subaccounts.
///
/// # Errors
/// The page that failed.
pub(crate) async fn read_accounts(client: Client) -> Result<Arc<Vec<Subaccount>>, ApiError> {
    let query = SubaccountsQuery {
        limit: Some(1_000),
        ..SubaccountsQuery::default()
    };
    let mut walk = Paginator::new(client, query);
    let mut all = Vec::new();
    while let Some(page) = walk.next_page().await? {
        all.extend(page);
    }
    Ok(Arc::new(all))
}

/// Names by identifier; `met` are those that came with domains.
#[must_use]
pub(crate) fn account_names(
    subaccounts: Option<&Vec<Subaccount>>,
    met: &BTreeMap<AccountId, String>,
) -> BTreeMap<AccountId, String> {
    let listed = subaccounts.into_iter().flatten();
    let mut names = listed
        .map(|account| (account.id.clone(), account.name.clone()))
        .collect::<BTreeMap<_, _>>();
    for (id, name) in met {
        names.entry(id.clone()).or_insert_with(|| name.clone());
    }
    names
}

/// Accounts looked up by a domain at most: one request each.
const MOST_LOOKED_UP: usize = 5;

/// Names of accounts that no list has, as one of their enrolled domains says them. What can't be found out is left out.
pub(crate) async fn names_by_domain(client: &Client, ids: BTreeSet<AccountId>) -> BTreeMap<AccountId, String> {
    let mut names = BTreeMap::new();
    for id in ids.into_iter().take(MOST_LOOKED_UP) {
        let query = DomainsQuery {
            limit: Some(1),
            accounts: vec![id.clone()],
            ..DomainsQuery::default()
        };
        let first = client
            .domains(&query)
            .await
            .ok()
            .and_then(|page| page.items.into_iter().next());
        if let Some(name) = first.and_then(|domain| domain.account_name) {
            names.insert(id, name);
        }
    }
    names
}
