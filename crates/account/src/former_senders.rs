//! What domains send from before they are enrolled. The service does not say it afterwards, and it is the way back.

use crate::cache::walk_set::WalkSet;
use crate::change::ChangeStep;
use mailgun_pools::api::{ApiError, Client, IpDomainsQuery, PoolDomainsQuery, Write};
use poolkeeper_core::model::{
    AccountId, DedicatedPool, DomainName, Ip, IpDetail, IpDomain, PoolDomain, Pools, Replacement,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Items of a page: the most that the service documents for dedicated pools.
const PAGE_ITEMS: u32 = 500;

/// Answers read before one change at most, besides the account's own lists: at 8 a time and 150 ms each, 4 seconds.
pub const MOST_READS: u32 = 200;

/// What a domain sends from outside the dynamic pools. The shared IPs are not told apart from nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormerSender {
    /// IPs, at least one of them dedicated.
    Ips(Vec<Ip>),
    /// A standard dedicated pool.
    DedicatedPool {
        /// Its identifier.
        id: String,
        /// Its name.
        name: String,
    },
}

impl FormerSender {
    /// The same, as what a domain goes to when it leaves the pools.
    #[must_use]
    pub fn replacement(&self) -> Replacement {
        match self {
            Self::Ips(ips) => Replacement::Ips(ips.clone()),
            Self::DedicatedPool { id, .. } => Replacement::DedicatedPool(id.clone()),
        }
    }
}

/// Domains that send from the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderNote {
    /// What they send from.
    pub sender: FormerSender,
    /// The domains.
    pub domains: Vec<DomainName>,
}

/// What the domains of a change sent from before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSenders {
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<SenderNote>,
    /// What could not be read, each with the reason: `IPs: …`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
}

impl FormerSenders {
    /// Whether there is nothing to say.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.gaps.is_empty()
    }

    /// What each domain sent from, where that was noted.
    #[must_use]
    pub fn by_domain(&self) -> HashMap<&DomainName, &FormerSender> {
        let mut senders = HashMap::new();
        for note in &self.notes {
            senders.extend(note.domains.iter().map(|domain| (domain, &note.sender)));
        }
        senders
    }

    /// Domains with a note.
    #[must_use]
    pub fn count(&self) -> usize {
        self.notes.iter().map(|note| note.domains.len()).sum()
    }

    /// Why it may be incomplete, for people; `None` where all was read.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let before = "What domains sent from before enrollment was not noted, or not for all";
        (!self.gaps.is_empty()).then(|| format!("{before}. {}.", self.gaps.join(". ")))
    }

    /// Reads what the domains that some changes enroll send from. Each dedicated IP and pool is asked for its domains, so the
    /// number of domains does not matter. No read holds up the change: what fails is a gap.
    pub async fn read(client: &Client, steps: &[ChangeStep]) -> Self {
        let (mut everybody, mut with_subaccounts) = (false, false);
        let mut named = BTreeMap::<Option<AccountId>, BTreeSet<DomainName>>::new();
        for step in steps {
            match &step.write {
                Write::Enroll { domain, .. } => {
                    named.entry(step.account.clone()).or_default().insert(domain.clone());
                }
                Write::EnrollAll { include_subaccounts } => {
                    everybody = true;
                    with_subaccounts |= include_subaccounts;
                }
                _ => {}
            }
        }
        if named.is_empty() && !everybody {
            return Self::default();
        }
        let pools = client.pools().await;
        let mut reader = SenderReader::default();
        let own = match (client.acts_for(), &pools) {
            (Some(account), _) => Some(account.clone()),
            (None, Ok(pools)) => pools.0.iter().find_map(|pool| pool.account_id.clone()),
            (None, Err(_)) => None,
        };
        // A subaccount lists its own domains. Without the account's own name, none is known to be another's.
        let is_own = |account: &Option<AccountId>| account.is_none() || own.is_none() || *account == own;
        let (of_own, of_others): (Vec<_>, Vec<_>) = named.into_iter().partition(|(account, _)| is_own(account));
        reader.wanted = (!everybody).then(|| of_own.into_iter().flat_map(|(_, names)| names).collect());
        reader.read_account(client, pools).await;
        if with_subaccounts {
            // Nothing names their domains, nor the subaccounts that have some.
            reader.gaps.insert("Domains of subaccounts: not looked for".to_owned());
        }
        for (account, names) in of_others {
            if !reader.may_read("Domains of subaccounts") {
                break;
            }
            // Its lists of IPs and of pools.
            reader.reads += 2;
            let client = client.clone().on_behalf_of(account);
            reader.wanted = Some(names);
            let pools = client.pools().await;
            reader.read_account(&client, pools).await;
        }
        reader.finish()
    }
}

/// Asks dedicated pools and IPs for their domains.
#[derive(Default)]
struct SenderReader {
    /// Domains that are looked for; every one when `None`.
    wanted: Option<BTreeSet<DomainName>>,
    senders: BTreeMap<FormerSender, BTreeSet<DomainName>>,
    found: BTreeSet<DomainName>,
    reads: u32,
    gaps: BTreeSet<String>,
}

impl SenderReader {
    /// Reads an account until each wanted domain is found. IPs in a pool are left out: the pool is asked, or it is a dynamic one.
    async fn read_account(&mut self, client: &Client, dynamic: Result<Pools, ApiError>) {
        if self.is_complete() {
            return;
        }
        let (pools, ips) = futures::join!(client.ip_pools(), client.ips_with_kind());
        let pools = self.given("Dedicated pools", pools);
        self.read_pools(client, &pools).await;
        // Without the dynamic pools, what enrolled domains send from would be noted too.
        let Some(dynamic) = self.page("Dynamic pools", dynamic) else {
            return;
        };
        let in_pool = |ip: &Ip| dynamic.holding(ip).is_some() || pools.iter().any(|pool| pool.ips.contains(ip));
        let ips: Vec<IpDetail> = self.given("IPs", ips);
        let asked = ips
            .into_iter()
            .filter(|ip| ip.is_dedicated != Some(false) && !in_pool(&ip.ip));
        self.read_ips(client, asked.map(|ip| ip.ip).collect()).await;
    }

    async fn read_pools(&mut self, client: &Client, pools: &[DedicatedPool]) {
        let mut walks = WalkSet::<DedicatedPool, PoolDomainsQuery>::new();
        for pool in pools {
            let query = PoolDomainsQuery {
                pool_id: pool.id.clone(),
                limit: Some(PAGE_ITEMS),
            };
            walks.begin(client, pool.clone(), query);
        }
        while !self.is_complete() && self.may_read("Dedicated pools") {
            let Some(turn) = walks.next().await else { return };
            let Some(page) = self.page("Dedicated pools", turn.page) else {
                return;
            };
            for PoolDomain { name, .. } in page {
                let (id, pool) = (turn.key.id.clone(), turn.key.name.clone());
                self.note(name, FormerSender::DedicatedPool { id, name: pool });
            }
            if !turn.walk.is_done() {
                walks.put(turn.key, turn.walk);
            }
        }
    }

    async fn read_ips(&mut self, client: &Client, ips: Vec<Ip>) {
        let mut walks = WalkSet::<Ip, IpDomainsQuery>::new();
        for ip in ips {
            let query = IpDomainsQuery {
                ip: ip.clone(),
                limit: Some(PAGE_ITEMS),
                skip: 0,
            };
            walks.begin(client, ip, query);
        }
        while !self.is_complete() && self.may_read("IPs") {
            let Some(turn) = walks.next().await else { return };
            let Some(page) = self.page("IPs", turn.page) else {
                return;
            };
            for IpDomain { name, mut ips } in page {
                if !ips.contains(&turn.key) {
                    ips.push(turn.key.clone());
                }
                ips.sort();
                self.note(name, FormerSender::Ips(ips));
            }
            if !turn.walk.is_done() {
                walks.put(turn.key, turn.walk);
            }
        }
    }

    fn is_complete(&self) -> bool {
        let is_found = |wanted: &BTreeSet<DomainName>| wanted.is_subset(&self.found);
        self.wanted.as_ref().is_some_and(is_found)
    }

    /// Counts a read; `false`, and a gap, once there were enough.
    fn may_read(&mut self, what: &str) -> bool {
        self.reads += 1;
        if self.reads > MOST_READS {
            self.gaps.insert(format!("{what}: not all asked, to keep it short"));
        }
        self.reads <= MOST_READS
    }

    /// The first sender of a domain counts: a domain that is linked to a pool is listed at the pool's IPs too.
    fn note(&mut self, name: DomainName, sender: FormerSender) {
        let is_wanted = self.wanted.as_ref().is_none_or(|wanted| wanted.contains(&name));
        if is_wanted && self.found.insert(name.clone()) {
            self.senders.entry(sender).or_default().insert(name);
        }
    }

    fn given<T>(&mut self, what: &str, read: Result<Vec<T>, ApiError>) -> Vec<T> {
        self.page(what, read).unwrap_or_default()
    }

    fn page<T>(&mut self, what: &str, read: Result<T, ApiError>) -> Option<T> {
        let gap = |error: &ApiError| format!("{what}: {}", error.advice().happened);
        read.inspect_err(|error| {
            self.gaps.insert(gap(error));
        })
        .ok()
    }

    fn finish(self) -> FormerSenders {
        let note = |(sender, domains): (FormerSender, BTreeSet<DomainName>)| SenderNote {
            sender,
            domains: domains.into_iter().collect(),
        };
        FormerSenders {
            notes: self.senders.into_iter().map(note).collect(),
            gaps: self.gaps.into_iter().collect(),
        }
    }
}
