//! What has to change for an account to be as a file says.

use crate::Failure;
use crate::account_state::WantedState;
use crate::live::domains::refuse_unknown;
use mailgun_pools::api::Write;
use poolkeeper_account::change::{ChangeStep, Proposal, enroll, pin, remove, unpin};
use poolkeeper_account::pool_change::set_pools;
use poolkeeper_core::model::{AccountId, Band, Domain, DomainName, PoolIps, PoolName, Pools};
use poolkeeper_core::text::counted;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the account is.
pub(super) struct CurrentState {
    pub(super) pools: Pools,
    /// The enrolled domains, by name.
    pub(super) enrolled: Vec<Arc<Domain>>,
    /// Domains that are not enrolled, where they are needed, each with its account.
    pub(super) outside: BTreeMap<DomainName, AccountId>,
}

impl CurrentState {
    fn names(&self) -> BTreeSet<&DomainName> {
        self.enrolled.iter().map(|domain| &domain.name).collect()
    }

    /// Whether a domain that is wanted is not enrolled.
    pub(super) fn has_outside(&self, wanted: &WantedState) -> bool {
        let names = self.names();
        wanted.enrolled.iter().any(|name| !names.contains(name))
    }

    fn holds(&self, wanted: &PoolIps) -> bool {
        let is_same = |band: Band| {
            let held: BTreeSet<_> = self.pools.of(band).into_iter().flat_map(|pool| &pool.ips).collect();
            held == wanted.of(band).iter().collect()
        };
        Band::ALL.into_iter().all(is_same)
    }
}

/// The requests, in order: pools, enrollments, overrides, removals.
///
/// # Errors
/// [`Failure`] where a domain of the file is not in the account, or is to be pinned and is not enrolled.
pub(super) fn difference(wanted: &WantedState, current: &CurrentState) -> Result<Proposal, Failure> {
    let mut steps = Vec::new();
    let mut summary = Vec::new();
    if let Some(pools) = wanted.pools.as_ref().filter(|pools| !current.holds(pools)) {
        summary.push("The pools' IPs change".to_owned());
        steps.extend(
            set_pools(pools.clone(), &current.pools)
                .into_iter()
                .flat_map(|change| change.steps),
        );
    }
    let names = current.names();
    let joining: Vec<DomainName> = wanted
        .enrolled
        .iter()
        .filter(|name| !names.contains(name))
        .cloned()
        .collect();
    refuse_unknown(
        joining.iter().filter(|name| !current.outside.contains_key(*name)),
        "not in the account",
    )?;
    if !joining.is_empty() {
        summary.push(format!("{} to enroll", counted(joining.len() as u64, "domain")));
        let named: Vec<_> = joining
            .iter()
            .map(|name| (name.clone(), current.outside.get(name).cloned()))
            .collect();
        steps.extend(enroll(&named, None).steps);
    }
    let set = set_overrides(wanted, current, &joining)?;
    let clear = unpin(&cleared(wanted, current)).steps;
    let leaving: Vec<Arc<Domain>> = match &wanted.others_go_to {
        None => Vec::new(),
        Some(_) => {
            let others = current.enrolled.iter();
            others
                .filter(|domain| !wanted.enrolled.contains(&domain.name))
                .cloned()
                .collect()
        }
    };
    refuse_unknown(
        leaving
            .iter()
            .map(|domain| &domain.name)
            .filter(|name| wanted.overrides.contains_key(*name)),
        "to be removed and has an override in the file",
    )?;
    for (number, what) in [(set.len(), "to set"), (clear.len(), "to remove")] {
        if number > 0 {
            summary.push(format!("{} {what}", counted(number as u64, "override")));
        }
    }
    steps.extend(set);
    steps.extend(clear);
    if let Some(to) = wanted.others_go_to.as_ref().filter(|_| !leaving.is_empty()) {
        summary.push(format!("{} to remove", counted(leaving.len() as u64, "domain")));
        steps.extend(remove(&leaving, to).steps);
    }
    Ok(Proposal {
        steps,
        confirm: "Apply the file".to_owned(),
        done: "the account is as the file says".to_owned(),
        summary,
        ..Proposal::default()
    })
}

fn set_overrides(
    wanted: &WantedState,
    current: &CurrentState,
    joining: &[DomainName],
) -> Result<Vec<ChangeStep>, Failure> {
    let by_name: BTreeMap<&DomainName, &Arc<Domain>> =
        current.enrolled.iter().map(|domain| (&domain.name, domain)).collect();
    refuse_unknown(
        wanted
            .overrides
            .keys()
            .filter(|name| !by_name.contains_key(name) && !joining.contains(name)),
        "not enrolled, and the file does not enroll it",
    )?;
    let mut steps = Vec::new();
    for (name, band) in &wanted.overrides {
        let pool = PoolName::from(*band);
        match by_name.get(name) {
            Some(domain) if domain.is_overridden == Some(true) && domain.pool == pool => {}
            Some(domain) => steps.extend(pin(&[Arc::clone(domain)], *band).steps),
            None => {
                let undo = Write::RemoveOverride { domain: name.clone() };
                let write = Write::SetOverride {
                    domain: name.clone(),
                    pool,
                };
                steps.push(ChangeStep::from(write).undone_by(undo));
            }
        }
    }
    Ok(steps)
}

/// The domains whose override goes: it has expired, or the file does not have it where it has them all.
fn cleared(wanted: &WantedState, current: &CurrentState) -> Vec<Arc<Domain>> {
    let goes = |domain: &&Arc<Domain>| {
        domain.is_overridden == Some(true)
            && !wanted.overrides.contains_key(&domain.name)
            && (wanted.clears_others || wanted.expired.contains(&domain.name))
    };
    current.enrolled.iter().filter(goes).cloned().collect()
}
