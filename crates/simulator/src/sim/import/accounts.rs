//! The accounts and domains of a copy.

use super::{AccountInventory, AccountIx, DomainName, ImportNotes, SimAccount};
use crate::sim::AccountStatus;
use crate::sim::ids::{IdKind, id24};
use poolkeeper_core::model::{AccountId, Day, Subaccount, SubaccountStatus, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// Who is there.
#[derive(Clone, Debug)]
pub(super) struct ImportedAccounts {
    /// The parent first.
    pub(super) accounts: Vec<SimAccount>,
    /// Every domain once, in the order of names, with its account.
    pub(super) domains: Vec<(DomainName, AccountIx)>,
}

impl ImportedAccounts {
    pub(super) fn of(inventory: &AccountInventory, first_day: Day, notes: &mut ImportNotes) -> Self {
        let enrolled = inventory
            .domains
            .iter()
            .map(|domain| (&domain.name, &domain.account_id, domain.account_name.as_deref()));
        let outside = inventory
            .assignable
            .iter()
            .map(|domain| (&domain.name, &domain.account_id, None));
        // One that is listed as both was being moved while it was read: what enrolls it is said last.
        let named: BTreeMap<_, _> = outside
            .chain(enrolled)
            .map(|(name, account, account_name)| (name, (account, account_name)))
            .collect();
        let mut accounts = AccountLookup::new(inventory, first_day);
        for (account, name) in named.values() {
            accounts.meet(account, *name);
        }
        notes.miss(
            "Accounts that own domains and are not among the subaccounts that could be read",
            accounts.unlisted,
            "The copy has them open, from its first day",
        );
        let domains = named
            .into_iter()
            .map(|(name, (account, _))| (name.clone(), accounts.find(account)))
            .collect();
        Self {
            accounts: accounts.list,
            domains,
        }
    }

    /// The accounts' names as a table has them, such that they become these accounts again: the parent without a name.
    pub(super) fn table_accounts(&self) -> Vec<String> {
        let subaccounts = self.accounts.iter().skip(1).map(|account| account.name.clone());
        std::iter::once(String::new()).chain(subaccounts).collect()
    }
}

struct AccountLookup {
    list: Vec<SimAccount>,
    by_id: HashMap<AccountId, AccountIx>,
    first_day: Day,
    unlisted: u64,
}

impl AccountLookup {
    fn new(inventory: &AccountInventory, first_day: Day) -> Self {
        let owner = inventory.pools.0.iter().find_map(|pool| pool.account_id.clone());
        let parent = SimAccount {
            id: owner.unwrap_or_else(|| AccountId(id24(0xf04b, IdKind::Account, 0))),
            name: inventory.name.clone(),
            status: AccountStatus::Open,
            created_at: first_day.start(),
            updated_at: first_day.start(),
        };
        let mut accounts = Self {
            by_id: HashMap::from([(parent.id.clone(), AccountIx::PARENT)]),
            list: vec![parent],
            first_day,
            unlisted: 0,
        };
        for subaccount in &inventory.subaccounts {
            accounts.push(listed(subaccount, first_day));
        }
        accounts
    }

    fn push(&mut self, mut account: SimAccount) {
        if self.by_id.contains_key(&account.id) {
            return;
        }
        if account.name.is_empty() {
            account.name = account.id.to_string();
        }
        let ix = AccountIx(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.by_id.insert(account.id.clone(), ix);
        self.list.push(account);
    }

    /// A domain's account: one of those listed, the parent, or one that only its domains tell of.
    fn meet(&mut self, id: &AccountId, name: Option<&str>) {
        match self.by_id.get(id) {
            Some(ix) => {
                if let (true, Some(name), Some(parent)) = (ix.is_parent(), name, self.list.first_mut()) {
                    name.clone_into(&mut parent.name);
                }
            }
            None => {
                self.unlisted += 1;
                self.push(SimAccount {
                    id: id.clone(),
                    name: name.unwrap_or_default().to_owned(),
                    status: AccountStatus::Open,
                    created_at: self.first_day.start(),
                    updated_at: self.first_day.start(),
                });
            }
        }
    }

    fn find(&self, id: &AccountId) -> AccountIx {
        self.by_id.get(id).copied().unwrap_or(AccountIx::PARENT)
    }
}

fn listed(subaccount: &Subaccount, first_day: Day) -> SimAccount {
    let at = |instant: Option<chrono::DateTime<chrono::Utc>>| instant.map_or(first_day.start(), Timestamp::from);
    SimAccount {
        id: subaccount.id.clone(),
        name: subaccount.name.clone(),
        status: match subaccount.status {
            SubaccountStatus::Open | SubaccountStatus::Unknown(_) => AccountStatus::Open,
            SubaccountStatus::Disabled => AccountStatus::Disabled,
            SubaccountStatus::Closed => AccountStatus::Closed,
        },
        created_at: at(subaccount.created_at),
        updated_at: at(subaccount.updated_at),
    }
}
