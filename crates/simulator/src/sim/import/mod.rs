//! A simulated account made of what was read of a live one.
//!
//! What the simulator has no place for, or the service does not say, is noted in words ([`Notes`]): the copy never pretends
//! to be more than it is. Names, accounts, pools, bands, overrides, records and daily counts are the live account's own;
//! identifiers of domains and records, and registration times, are the simulator's.

mod accounts;
mod history;
mod notes;

use super::directory::DomainDirectory;
use super::log::SharedLog;
use super::noise::hash;
use super::state::{DomainState, TrafficData};
use super::{
    AccountIp, AccountIx, AccountOrigin, AccountPool, DomainIx, Enrolment, LastCheck, PerBand, PolicyChange, SendsFrom,
    Sim, SimAccount,
};
use accounts::ImportedAccounts;
use poolkeeper_core::health::{Latch, Policy};
use poolkeeper_core::model::{
    AssignableDomain, Band, Counts, Day, DedicatedPool, Domain, DomainName, HistoryRecord, Ip, IpDetail, MetricRow,
    Pools, Rate, Subaccount, Timestamp, WarmUp,
};
use poolkeeper_core::traffic::{Table, TableDomain};
use std::sync::Arc;

pub use notes::ImportNotes;

/// What was read of an account, before its daily counts.
#[derive(Clone, Debug, Default)]
pub struct AccountInventory {
    /// What the copy is called.
    pub name: String,
    /// The dynamic pools.
    pub pools: Pools,
    /// Every IP.
    pub ips: Vec<IpDetail>,
    /// The IPs that are warming up.
    pub warm_ups: Vec<WarmUp>,
    /// The standard dedicated pools.
    pub dedicated_pools: Vec<DedicatedPool>,
    /// The subaccounts.
    pub subaccounts: Vec<Subaccount>,
    /// The domains that are enrolled.
    pub domains: Vec<Domain>,
    /// The domains that are not.
    pub assignable: Vec<AssignableDomain>,
}

/// A copy that is being made: the inventory is in, daily counts and history follow.
#[derive(Clone, Debug)]
pub struct AccountImport {
    inventory: AccountInventory,
    roster: ImportedAccounts,
    table: Table,
    directory: DomainDirectory,
    now: Timestamp,
    unknown_rows: u64,
    too_large_rows: u64,
    notes: ImportNotes,
}

impl AccountImport {
    /// Begins a copy whose past starts with `first_day` and whose clock shows `now`.
    #[must_use]
    pub fn new(inventory: AccountInventory, first_day: Day, now: Timestamp) -> Self {
        let mut notes = ImportNotes::of(&inventory, first_day);
        let roster = ImportedAccounts::of(&inventory, first_day, &mut notes);
        let domains: Vec<TableDomain> = roster
            .domains
            .iter()
            .map(|(name, account)| TableDomain {
                name: name.clone(),
                account: account.0,
            })
            .collect();
        let day_count = u32::try_from(now.day().since(first_day)).unwrap_or(0);
        let table = Table::empty(first_day, day_count, roster.table_accounts(), domains);
        let account_of = super::build::accounts_of_table(&table, &inventory.name);
        let directory = super::build::table_directory(&table, &account_of);
        Self {
            inventory,
            roster,
            table,
            directory,
            now,
            unknown_rows: 0,
            too_large_rows: 0,
            notes,
        }
    }

    /// Adds one domain's counts of one day.
    pub fn add(&mut self, row: &MetricRow) {
        match self.directory.find(&row.domain) {
            None => self.unknown_rows += 1,
            Some(ix) => {
                let added = self.table.add(ix.0 as usize, row.day, &row.counts);
                self.too_large_rows += u64::from(added.is_err());
            }
        }
    }

    /// The account, and what tells it from the live one.
    #[must_use]
    pub fn finish(mut self, history: Vec<HistoryRecord>) -> (Sim, ImportNotes) {
        let policy = Policy::default();
        let mut sim = self.start(&policy);
        sim.sum_windows();
        let pools_are_set = sim.is_configured();
        let enrolled = std::mem::take(&mut self.inventory.domains);
        for domain in &enrolled {
            let Some(ix) = sim.directory.find(&domain.name) else {
                continue;
            };
            if pools_are_set {
                sim.adopt_enrolment(ix, domain, domain.pool.band().unwrap_or(Band::New));
            }
        }
        if !pools_are_set {
            self.notes.miss(
                "Domains listed as enrolled although not all three pools hold IPs",
                enrolled.len() as u64,
                "The copy has them outside",
            );
        }
        sim.adopt_past(history, &mut self.notes);
        let so = "They are left out";
        self.notes.miss(
            "Daily counts of domains the account does not list",
            self.unknown_rows,
            so,
        );
        self.notes
            .miss("Daily counts too large for the copy", self.too_large_rows, so);
        (sim, self.notes)
    }

    /// The account without enrolments and without a past.
    fn start(&mut self, policy: &Policy) -> Sim {
        let name = self.inventory.name.clone();
        let first_day = self.table.first_day();
        let idle = DomainState {
            enrolment: None,
            outside: SendsFrom::Shared,
            window: Counts::ZERO,
            last_check: None,
            last_record: None,
            last_event: None,
        };
        let table = std::mem::replace(&mut self.table, Table::empty(first_day, 0, Vec::new(), Vec::new()));
        let directory = std::mem::replace(&mut self.directory, DomainDirectory::new(Vec::new()));
        Sim {
            seed: name.bytes().fold(0xf0_4b, |seed, byte| hash(seed, u64::from(byte))),
            origin: AccountOrigin::Table { name },
            traffic: TrafficData::Table(Arc::new(table)),
            first_day,
            now: self.now,
            policy: policy.clone(),
            policy_changes: vec![PolicyChange {
                at: first_day.start(),
                policy: policy.clone(),
            }],
            accounts: Arc::new(std::mem::take(&mut self.roster.accounts)),
            ips: Arc::new(self.adopted_ips()),
            dedicated_pools: Arc::new(self.adopted_dedicated_pools()),
            pools: self.adopted_pools(),
            domains: Arc::new(vec![idle; directory.len() as usize]),
            directory: Arc::new(directory),
            history: SharedLog::default(),
            events: SharedLog::default(),
            people: vec!["system".to_owned()],
            totals: Vec::new(),
            moves: Vec::new(),
            job: None,
        }
    }

    /// The dynamic pools, or none when they are not what the rules allow.
    fn adopted_pools(&mut self) -> PerBand<Vec<Ip>> {
        let mut taken: Vec<&Ip> = Vec::new();
        let mut pools = PerBand::<Vec<Ip>>::default();
        for band in Band::ALL {
            let ips = self.inventory.pools.of(band).map_or(&[][..], |pool| &pool.ips);
            for ip in ips {
                // An IP is in one pool at most (R4); the first one that names it has it.
                if !taken.contains(&ip) {
                    taken.push(ip);
                    pools.get_mut(band).push(ip.clone());
                }
            }
        }
        let filled = pools.iter().filter(|(_, ips)| !ips.is_empty()).count();
        if filled == 1 || filled == 2 {
            self.notes
                .missing
                .push("Only some of the dynamic pools hold IPs; the copy has none set up".to_owned());
            return PerBand::default();
        }
        pools
    }

    fn adopted_dedicated_pools(&self) -> Vec<AccountPool> {
        let pools = self.inventory.dedicated_pools.iter();
        pools
            .map(|pool| AccountPool {
                id: pool.id.clone(),
                name: pool.name.clone(),
                description: pool.description.clone(),
                ips: pool.ips.clone(),
            })
            .collect()
    }

    /// Every IP the list, a pool or a dedicated pool names, in that order.
    fn adopted_ips(&self) -> Vec<AccountIp> {
        let inventory = &self.inventory;
        let mut ips: Vec<AccountIp> = Vec::new();
        let pooled = inventory.pools.0.iter().flat_map(|pool| &pool.ips);
        let pooled = pooled.chain(inventory.dedicated_pools.iter().flat_map(|pool| &pool.ips));
        let listed = inventory.ips.iter().map(|detail| (&detail.ip, Some(detail)));
        for (ip, detail) in listed.chain(pooled.map(|ip| (ip, None))) {
            if let Some(known) = ips.iter_mut().find(|known| known.ip == *ip) {
                // Whatever a pool holds is dedicated (R2), even if nothing said so.
                known.is_dedicated |= detail.is_none();
                continue;
            }
            ips.push(AccountIp {
                ip: ip.clone(),
                is_dedicated: detail.is_none_or(|detail| detail.is_dedicated == Some(true)),
                rdns: detail.and_then(|detail| detail.rdns.clone()).unwrap_or_default(),
                warm_up_started_at: self.warm_up_start(ip, detail),
            });
        }
        ips
    }

    /// When an IP's warm-up began, so that the simulator's plan has it in the stage it is in.
    fn warm_up_start(&self, ip: &Ip, detail: Option<&IpDetail>) -> Option<Timestamp> {
        let Some(warm_up) = self.inventory.warm_ups.iter().find(|warm_up| warm_up.ip == *ip) else {
            // It is warming, and nothing says how far: at the beginning.
            return detail
                .filter(|detail| detail.is_warming == Some(true))
                .map(|_| self.now);
        };
        let stage = super::WARM_UP_STAGE_SECONDS;
        let began = warm_up.stage_start_time.map_or(self.now, Timestamp::from);
        let within = self.now.0.saturating_sub(began.0).clamp(0, stage - 1);
        // A longer plan's last stages count as the simulator's last.
        let before = i64::from(warm_up.stage_number.clamp(1, super::WARM_UP_STAGES)) - 1;
        Some(self.now.plus_seconds(-within - before * stage))
    }
}

/// A bounce rate and a complaint rate.
type RecordedRates = (Option<Rate>, Option<Rate>);

impl Sim {
    fn adopt_enrolment(&mut self, ix: DomainIx, domain: &Domain, band: Band) {
        let first = self.first_day.start();
        let rates = (domain.bounce_rate, domain.complaint_rate);
        // A pinned domain's latest check lies back by as many days as nobody says.
        let back = self.now.day().since(self.first_day).max(1);
        let found = (0..back).find_map(|days| {
            let at = self.now.day().plus(-days).start();
            Some((at, self.window_behind(ix, at, domain.processed_count, rates)?))
        });
        let (at, counts) = found.unwrap_or_else(|| {
            (
                self.now.day().start(),
                nearest(domain.processed_count.unwrap_or(0), rates),
            )
        });
        let Some(state) = Arc::make_mut(&mut self.domains).get_mut(ix.0 as usize) else {
            return;
        };
        state.enrolment = Some(Enrolment {
            latch: Latch::new(band),
            is_overridden: domain.is_overridden == Some(true),
            since: first,
        });
        state.last_check = Some(LastCheck {
            at: at.max(first),
            counts,
        });
    }

    /// The counts that rates came from: the window of daily counts that had ended by then, where it gives these rates,
    /// otherwise the whole numbers nearest to them.
    fn counts_behind(&self, ix: DomainIx, at: Timestamp, processed: Option<u64>, rates: RecordedRates) -> Counts {
        self.window_behind(ix, at, processed, rates)
            .unwrap_or_else(|| nearest(processed.unwrap_or(0), rates))
    }

    /// The window of daily counts that had ended by an instant, if it gives these rates.
    fn window_behind(
        &self,
        ix: DomainIx,
        at: Timestamp,
        processed: Option<u64>,
        (bounce, complaint): RecordedRates,
    ) -> Option<Counts> {
        let window = self.traffic.window(ix.0, at.day().plus(-1), self.policy.window_days);
        let agrees = |rate: Option<Rate>, own: Option<f64>| match (rate, own) {
            (Some(rate), Some(own)) => (rate.0 - own).abs() < 1e-9,
            (rate, own) => rate.is_none_or(|rate| rate.0 == 0.0) && own.is_none_or(|own| own == 0.0),
        };
        let is_it = processed.is_none_or(|processed| processed == window.processed)
            && agrees(bounce, window.bounce_rate())
            && agrees(complaint, window.complaint_rate());
        is_it.then_some(window)
    }
}

/// Whole counts with nearly these rates, as if everything processed had been sent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a count, clamped to 0 and to the count"
)]
fn nearest(processed: u64, (bounce, complaint): RecordedRates) -> Counts {
    let part = |rate: Option<Rate>, of: u64| {
        let share = rate.map_or(0.0, |rate| rate.0.clamp(0.0, 1.0));
        libm::round(share * of as f64) as u64
    };
    let bounced = part(bounce, processed);
    let delivered = processed - bounced;
    Counts {
        processed,
        delivered,
        bounced,
        complained: part(complaint, delivered),
    }
}
