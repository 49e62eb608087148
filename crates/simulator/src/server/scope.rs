//! Who is acted for, and what that lets one see.

use super::Rejection;
use crate::sim::{AccountIx, AccountStatus, Sim};
use poolkeeper_core::model::AccountId;

/// The account acted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountScope {
    pub(super) account: AccountIx,
}

impl AccountScope {
    /// The account of the on-behalf-of header; the parent without one.
    pub(super) fn of(sim: &Sim, on_behalf_of: Option<&str>) -> Result<Self, Rejection> {
        let Some(id) = on_behalf_of.map(str::trim).filter(|id| !id.is_empty()) else {
            return Ok(Self {
                account: AccountIx::PARENT,
            });
        };
        let Some(account) = sim.account_by_id(id) else {
            let message = format!("There is no subaccount {id}: nobody can act on its behalf.");
            return Err(Rejection::Other(403, message));
        };
        match sim.account(account) {
            Some(found) if found.status != AccountStatus::Open => {
                let message = format!(
                    "The subaccount “{}” is not open: nobody can act on its behalf.",
                    found.name
                );
                Err(Rejection::Other(403, message))
            }
            _ => Ok(Self { account }),
        }
    }

    /// Whether an account's domains may be seen: the parent sees all, a subaccount its own.
    pub(super) fn sees(self, account: AccountIx) -> bool {
        self.account.is_parent() || self.account == account
    }

    /// Whether an account's domains belong to an answer that may or may not include subaccounts.
    pub(super) fn includes(self, account: AccountIx, include_subaccounts: bool) -> bool {
        self.account == account || (include_subaccounts && self.sees(account))
    }
}

/// An account's identifier and name.
pub(super) fn account(sim: &Sim, ix: AccountIx) -> (AccountId, String) {
    sim.account(ix)
        .map_or_else(Default::default, |account| (account.id.clone(), account.name.clone()))
}
