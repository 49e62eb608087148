//! The accounts, IPs and pools an account starts with.

use crate::sim::generator::account_name;
use crate::sim::ids::{IdKind, id24};
use crate::sim::noise::hash;
use crate::sim::{AccountIp, AccountIx, AccountPool, AccountStatus, PerBand, ScenarioSpec, SimAccount};
use poolkeeper_core::model::{AccountId, Day, Ip, Timestamp};
use poolkeeper_core::traffic::Table;

/// Accounts, IPs and pools.
pub(super) struct InitialAccounts {
    pub(super) accounts: Vec<SimAccount>,
    pub(super) ips: Vec<AccountIp>,
    pub(super) dedicated_pools: Vec<AccountPool>,
    pub(super) pools: PerBand<Vec<Ip>>,
}

/// The name of a generated parent account.
const PARENT_NAME: &str = "Juniper Post";
/// From this many subaccounts on, one is disabled and one closed.
const MANY: u32 = 10;

impl InitialAccounts {
    /// For a scenario: subaccounts and IPs grow with its size.
    pub(super) fn scenario(spec: &ScenarioSpec) -> Self {
        let subaccounts = match spec.size() {
            0..20 => 1,
            size => (size / 100).clamp(3, 1000),
        };
        let mut names = vec![PARENT_NAME.to_owned()];
        names.extend((0..subaccounts).map(|ix| account_name(spec.seed(), ix)));
        let mut accounts = accounts(spec.seed(), names, spec.first_day());
        if subaccounts >= MANY {
            for (account, status) in accounts
                .iter_mut()
                .rev()
                .zip([AccountStatus::Closed, AccountStatus::Disabled])
            {
                account.status = status;
            }
        }
        Self::with_ips(spec.seed(), accounts, spec.size(), spec.today)
    }

    /// How many accounts domains belong to: those that are open, which come first.
    pub(super) fn open_accounts(&self) -> u32 {
        let open = self
            .accounts
            .iter()
            .take_while(|account| account.status == AccountStatus::Open)
            .count();
        u32::try_from(open).unwrap_or(1)
    }

    /// For a table, with the account that each of the table's accounts became.
    pub(super) fn table(seed: u64, table: &Table, name: &str, today: Day) -> (Self, Vec<AccountIx>) {
        let (names, account_of) = table_accounts(&table.accounts, name);
        let accounts = accounts(seed, names, table.first_day());
        let size = u32::try_from(table.domains().len()).unwrap_or(u32::MAX);
        (Self::with_ips(seed, accounts, size, today), account_of)
    }

    fn with_ips(seed: u64, accounts: Vec<SimAccount>, size: u32, today: Day) -> Self {
        let scale = match size {
            0..10_000 => 1,
            10_000..50_000 => 2,
            _ => 4,
        };
        let mut ips = Vec::new();
        // Dedicated IPs in address ranges set aside for documentation; `warming` days into their warm-up.
        let mut dedicated = |count: u32, warming: &[i32]| -> Vec<Ip> {
            let begin = ips.len();
            for at in 0..count {
                let number = u32::try_from(ips.len()).unwrap_or(0);
                let (net, host) = if number < 200 {
                    ("203.0.113", number + 10)
                } else {
                    ("198.51.100", number - 190)
                };
                let age_days = warming.get((count - 1 - at) as usize);
                ips.push(AccountIp {
                    ip: Ip::as_sent(&format!("{net}.{host}")),
                    is_dedicated: true,
                    rdns: format!("out{}.juniper.example", number + 1),
                    warm_up_started_at: age_days.map(|days| today.plus(-days).start()),
                });
            }
            ips.iter().skip(begin).map(|ip| ip.ip.clone()).collect()
        };
        let pools = PerBand {
            good: dedicated(6 * scale, &[13]),
            poor: dedicated(3 * scale, &[]),
            new: dedicated(4 * scale, &[5]),
        };
        let transactional = dedicated(2, &[]);
        let marketing = dedicated(2, &[]);
        // Free ones, three of them warming: one at the start, one half way, one about to be done.
        dedicated(7, &[0, 15, 29]);
        for host in [25, 26] {
            ips.push(AccountIp {
                ip: Ip::as_sent(&format!("192.0.2.{host}")),
                is_dedicated: false,
                rdns: format!("shared{host}.example"),
                warm_up_started_at: None,
            });
        }
        let pool = |index, name: &str, description: &str, ips| AccountPool {
            id: id24(seed, IdKind::DedicatedPool, index),
            name: name.to_owned(),
            description: description.to_owned(),
            ips,
        };
        let dedicated_pools = vec![
            pool(0, "Transactional", "Receipts and password mails", transactional),
            pool(
                1,
                "Marketing",
                "Campaigns that stay out of the dynamic pools",
                marketing,
            ),
        ];
        Self {
            accounts,
            ips,
            dedicated_pools,
            pools,
        }
    }
}

/// Names of the accounts that a table's accounts become, and which becomes which. One account is the parent; several are
/// subaccounts of a parent named after the table, except one without a name, which is the parent.
fn table_accounts(table_accounts: &[String], name: &str) -> (Vec<String>, Vec<AccountIx>) {
    if let [only] = table_accounts {
        let only = if only.is_empty() { name } else { only };
        return (vec![only.to_owned()], vec![AccountIx::PARENT]);
    }
    let mut names = vec![name.to_owned()];
    let account_of = table_accounts
        .iter()
        .map(|account| {
            if account.is_empty() {
                return AccountIx::PARENT;
            }
            names.push(account.clone());
            AccountIx(u32::try_from(names.len() - 1).unwrap_or(0))
        })
        .collect();
    (names, account_of)
}

/// The accounts a saved table account gets back on loading, for its directory.
pub(in crate::sim) fn accounts_of_table(table: &Table, name: &str) -> Vec<AccountIx> {
    table_accounts(&table.accounts, name).1
}

fn accounts(seed: u64, names: Vec<String>, first_day: Day) -> Vec<SimAccount> {
    let account = |(ix, name): (u32, String)| {
        let bits = hash(seed ^ 0xc4ea, u64::from(ix));
        let ago = |days: u64, bits: u64| -> Timestamp {
            first_day
                .start()
                .plus_seconds(-i64::try_from(bits % (days * 86_400)).unwrap_or(0))
        };
        let created_at = ago(900, bits).plus_seconds(-60 * 86_400);
        SimAccount {
            id: AccountId(id24(seed, IdKind::Account, u64::from(ix))),
            name,
            status: AccountStatus::Open,
            created_at,
            updated_at: ago(60, bits >> 20),
        }
    };
    (0..).zip(names).map(account).collect()
}
