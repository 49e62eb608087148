//! What a copy does not hold of a live account, and what it holds in place of it.

use super::AccountInventory;
use crate::sim::WARM_UP_STAGES;
use poolkeeper_core::model::{Band, Day, Ip, IpDetail, Subaccount, SubaccountStatus, WarmUp};
use std::collections::{BTreeSet, HashMap};

/// What tells a copy from the account it was made of, a sentence or two each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportNotes {
    /// What could not be read, and what the simulator has no place for.
    pub missing: Vec<String>,
    /// What the copy has in place of what the account has or does not say.
    pub stand_ins: Vec<String>,
}

impl ImportNotes {
    /// Notes what is missing, if it is missing at all.
    pub(super) fn miss(&mut self, what: &str, count: u64, so: &str) {
        self.missing.extend(line(what, count, so));
    }

    /// Notes what stands in, if it had to.
    pub(super) fn stand_in(&mut self, what: &str, count: u64, so: &str) {
        self.stand_ins.extend(line(what, count, so));
    }

    /// What holds of every copy, and what follows from the inventory alone.
    pub(super) fn of(inventory: &AccountInventory, first_day: Day) -> Self {
        let mut notes = Self::default();
        notes.missing.extend([
            format!("History and daily counts before {first_day} are not copied"),
            "Where domains outside the dynamic pools send from, and reverse DNS names, are not read".to_owned(),
            "There is no traffic after the last day that was read".to_owned(),
        ]);
        notes.stand_ins.extend([
            "Mailgun's own thresholds are not published: the copy's health checks go by the simulator's default policy"
                .to_owned(),
            "Identifiers of domains and of history records are new".to_owned(),
            format!(
                "Registration times have no place in the copy: every domain counts as registered on {first_day}, its \
                 first day"
            ),
            "Counts behind earlier rates are the daily counts where they agree, and worked out from the rates where not"
                .to_owned(),
            "When overrides were cleared and domains taken out is not recorded: the copy has it as late as its records \
             allow"
                .to_owned(),
        ]);
        notes.about_accounts(inventory);
        notes.about_ips(inventory);
        notes.about_warm_ups(inventory);
        notes.about_domains(inventory);
        notes
    }

    fn about_accounts(&mut self, inventory: &AccountInventory) {
        if inventory.pools.0.iter().all(|pool| pool.account_id.is_none()) {
            self.stand_ins
                .push("The account's own identifier is not told: the copy's is made up".to_owned());
        }
        let count = |is_it: fn(&Subaccount) -> bool| many(inventory.subaccounts.iter(), is_it);
        self.stand_in(
            "Accounts that do not say since when they exist, the account itself among them",
            1 + count(|one| one.created_at.is_none()),
            "The copy has them from its first day",
        );
        self.stand_in(
            "Subaccounts whose status this version does not know",
            count(|one| matches!(one.status, SubaccountStatus::Unknown(_))),
            "The copy has them open",
        );
        self.stand_in(
            "Subaccounts without a name",
            count(|one| one.name.is_empty()),
            "The copy calls them by their identifiers",
        );
    }

    fn about_ips(&mut self, inventory: &AccountInventory) {
        let mut pools_of: HashMap<&Ip, BTreeSet<Band>> = HashMap::new();
        for band in Band::ALL {
            for ip in inventory.pools.of(band).map_or(&[][..], |pool| &pool.ips) {
                pools_of.entry(ip).or_default().insert(band);
            }
        }
        self.stand_in(
            "IPs in more than one dynamic pool",
            many(pools_of.values(), |bands| bands.len() > 1),
            "The copy has each in the first of them",
        );
        let dedicated = inventory.dedicated_pools.iter().flat_map(|pool| &pool.ips);
        let in_pools: BTreeSet<&Ip> = pools_of.into_keys().chain(dedicated).collect();
        let listed: BTreeSet<&Ip> = inventory.ips.iter().map(|detail| &detail.ip).collect();
        self.stand_in(
            "IPs that a pool names and the list of IPs does not",
            in_pools.difference(&listed).count() as u64,
            "The copy takes them for dedicated ones of the account",
        );
        self.stand_in(
            "IPs of which nothing says whether they are dedicated",
            many(inventory.ips.iter(), |ip| ip.is_dedicated.is_none()),
            "The copy takes those in a pool for dedicated and the others for shared",
        );
        self.miss(
            "Dedicated pools",
            inventory.dedicated_pools.len() as u64,
            "Whether they are linked or inherited has no place in the copy",
        );
    }

    fn about_warm_ups(&mut self, inventory: &AccountInventory) {
        let told: BTreeSet<&Ip> = inventory.warm_ups.iter().map(|warm_up| &warm_up.ip).collect();
        let is_untold = |ip: &IpDetail| ip.is_warming == Some(true) && !told.contains(&ip.ip);
        self.stand_in(
            "IPs that are warming up, and nothing says how far",
            many(inventory.ips.iter(), is_untold),
            "The copy has them at the beginning",
        );
        let count = |is_it: fn(&WarmUp) -> bool| many(inventory.warm_ups.iter(), is_it);
        self.stand_in(
            "IPs that warm up",
            count(|_| true),
            "They go on by the simulator's plan of fifteen stages; the limits of their own plan have no place in the copy",
        );
        self.stand_in(
            "IPs in a warm-up stage beyond the simulator's last",
            count(|one| one.stage_number > WARM_UP_STAGES),
            "The copy has them in the last",
        );
        self.stand_in(
            "Warm-ups that do not say when their stage began",
            count(|one| one.stage_start_time.is_none()),
            "In the copy it begins now",
        );
    }

    fn about_domains(&mut self, inventory: &AccountInventory) {
        self.stand_in(
            "Domains in pools this version does not know",
            many(inventory.domains.iter(), |one| one.pool.band().is_none()),
            "The copy has them in dynamic_new",
        );
        self.stand_in(
            "Domains that do not say whether they are pinned",
            many(inventory.domains.iter(), |one| one.is_overridden.is_none()),
            "The copy leaves them to health checks",
        );
        let enrolled: BTreeSet<_> = inventory.domains.iter().map(|one| &one.name).collect();
        self.stand_in(
            "Domains that are listed as enrolled and as not enrolled",
            many(inventory.assignable.iter(), |one| enrolled.contains(&one.name)),
            "The copy has them enrolled",
        );
    }
}

fn many<'a, T: 'a>(all: impl Iterator<Item = &'a T>, is_it: impl Fn(&T) -> bool) -> u64 {
    all.filter(|one| is_it(one)).count() as u64
}

fn line(what: &str, count: u64, so: &str) -> Option<String> {
    (count > 0).then(|| format!("{what}: {count}. {so}"))
}
