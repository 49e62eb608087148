//! The subaccounts that a connected account may act for.

use mailgun_pools::api::{ApiError, Client, Paginator, SubaccountsQuery};
use poolkeeper_core::model::{Subaccount, SubaccountStatus};

/// More are not offered.
pub(crate) const MOST_OFFERED: usize = 50;

/// The subaccounts that one may act for, read when they are first asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubaccountList {
    /// Not asked for.
    #[default]
    NotRead,
    Reading,
    /// By name; whether there are more of them.
    Read(Vec<Subaccount>, bool),
    /// Why not.
    Failed(String),
}

/// Reads the open ones. `client` is for the account itself.
pub(super) async fn read_open(client: Client) -> SubaccountList {
    match open_ones(client).await {
        Ok((open, has_more)) => SubaccountList::Read(open, has_more),
        Err(error) => SubaccountList::Failed(error.advice().happened),
    }
}

async fn open_ones(client: Client) -> Result<(Vec<Subaccount>, bool), ApiError> {
    let query = SubaccountsQuery {
        limit: Some(1_000),
        ..SubaccountsQuery::default()
    };
    let mut walk = Paginator::new(client, query);
    let mut open = Vec::new();
    while let Some(page) = walk.next_page().await? {
        let page = page.into_iter();
        open.extend(page.filter(|account| account.status == SubaccountStatus::Open));
        if open.len() > MOST_OFFERED {
            break;
        }
    }
    let has_more = open.len() > MOST_OFFERED;
    open.truncate(MOST_OFFERED);
    open.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((open, has_more))
}
