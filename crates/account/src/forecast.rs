//! What changes would do, tried on a copy of the account.

use crate::change::Proposal;
use crate::load::{load_lines, pin_warnings, replacement_warnings};
use mailgun_pools::api::Write;
use poolkeeper_core::health::{Latch, check};
use poolkeeper_core::model::{Band, DomainName, Ip};
use poolkeeper_core::text;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{DomainChange, DomainPlacement, Effects, IpChange, Rule, Sim};
use std::collections::BTreeMap;

/// What is known of a change before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// The simulator tried it on a copy: this is what changes.
    Changes(Vec<String>),
    /// A rule refuses it.
    Refused {
        /// What is wrong, naming the IP, pool or domain.
        reason: String,
        /// The rule, as the app words it.
        rule: Option<String>,
    },
    /// Each step of a bulk was tried for itself.
    Bulk(BulkForecast),
    /// What it concerns is being read from the live account.
    Trying,
    /// It could not be tried, and why.
    Untried(String),
}

/// What many changes come to, each standing for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkForecast {
    /// What those that are not refused change.
    pub changes: Vec<String>,
    /// The domains of those that are refused, and why.
    pub refused: Vec<(Option<DomainName>, String)>,
    /// How many were tried, from the first on.
    pub tried: usize,
    /// How many there are.
    pub total: usize,
}

impl Forecast {
    /// Whether the change may be sent: nothing is that was not tried, and something has to be left to send.
    #[must_use]
    pub const fn may_send(&self) -> bool {
        match self {
            Self::Changes(_) => true,
            Self::Bulk(bulk) => bulk.refused.len() < bulk.total,
            Self::Refused { .. } | Self::Trying | Self::Untried(_) => false,
        }
    }

    /// Whether only the dry run is against it, or none could be made: a live account may decide otherwise.
    #[must_use]
    pub const fn may_send_anyway(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Untried(_))
    }

    /// The same, with what the dry run could not check.
    #[must_use]
    pub fn with_gaps(mut self, gaps: &[String]) -> Self {
        if let Self::Changes(lines) | Self::Bulk(BulkForecast { changes: lines, .. }) = &mut self {
            lines.extend(gaps.iter().map(|gap| format!("Not checked: {gap}")));
        }
        self
    }
}

/// Whose health check picks the pool of a domain that is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PoolChoice {
    /// The simulator's: the dry run tells the pool.
    Simulator,
    /// The service's, by thresholds that it does not publish: its preview tells the pool, the dry run does not.
    Service,
}

/// Tries a change; of a bulk, the first `most_tried` steps.
#[must_use]
pub fn forecast(simulator: &Simulator, proposal: &Proposal, most_tried: usize) -> Forecast {
    tried(simulator, proposal, most_tried, PoolChoice::Simulator)
}

/// Tries a change of a live account on a copy of it. The pool of a domain that is enrolled is not forecast.
#[must_use]
pub fn forecast_live(copy: &Simulator, proposal: &Proposal, most_tried: usize) -> Forecast {
    tried(copy, proposal, most_tried, PoolChoice::Service)
}

fn tried(simulator: &Simulator, proposal: &Proposal, most_tried: usize, choice: PoolChoice) -> Forecast {
    let mut writes = proposal.writes();
    match writes.as_slice() {
        _ if proposal.is_bulk => {
            let total = writes.len();
            writes.truncate(most_tried);
            Forecast::Bulk(each(simulator, &writes, total, choice))
        }
        [only] => one(simulator, only, choice),
        several => in_a_row(simulator, several, choice),
    }
}

fn one(simulator: &Simulator, write: &Write, choice: PoolChoice) -> Forecast {
    let refused = |reason: String, rule: Option<Rule>| Forecast::Refused {
        reason,
        rule: rule.map(rule_words),
    };
    match write.request() {
        Err(error) => refused(error.advice().happened, None),
        Ok(request) => match simulator.dry_run(&request) {
            Ok(effects) => {
                let sim = simulator.sim();
                let mut lines = words(&sim, &effects, choice);
                lines.extend(replacement_warnings(&sim, std::slice::from_ref(write)));
                Forecast::Changes(lines)
            }
            Err(poolkeeper_simulator::server::Rejection::Refused(refusal)) => refused(refusal.message, refusal.rule),
            Err(rejection) => refused(rejection.message(), None),
        },
    }
}

/// On one copy for all: each change may depend on the one before.
fn in_a_row(simulator: &Simulator, writes: &[Write], choice: PoolChoice) -> Forecast {
    let before = simulator.sim();
    let copy = Simulator::new((*before).clone());
    for (at, write) in writes.iter().enumerate() {
        if let Some(said) = refusal(&copy, write) {
            let reason = format!("change {} of {}: {said}", at + 1, writes.len());
            return Forecast::Refused { reason, rule: None };
        }
    }
    let mut lines = difference(&before, &copy.sim(), choice);
    lines.extend(replacement_warnings(&before, writes));
    Forecast::Changes(lines)
}

/// Past those that are refused.
fn each(simulator: &Simulator, writes: &[Write], total: usize, choice: PoolChoice) -> BulkForecast {
    let before = simulator.sim();
    let copy = Simulator::new((*before).clone());
    let refused = writes
        .iter()
        .filter_map(|write| refusal(&copy, write).map(|why| (write.domain().cloned(), why)))
        .collect();
    let mut changes = difference(&before, &copy.sim(), choice);
    changes.extend(replacement_warnings(&before, writes));
    BulkForecast {
        changes,
        refused,
        tried: writes.len(),
        total,
    }
}

/// Makes a change on a copy; why not, in words, when a rule or the contract refuses it.
#[must_use]
pub fn refusal(copy: &Simulator, write: &Write) -> Option<String> {
    match write.request() {
        Ok(request) => copy.change(&request).err().map(|rejection| rejection.message()),
        Err(error) => Some(error.advice().happened),
    }
}

fn difference(before: &Sim, after: &Sim, choice: PoolChoice) -> Vec<String> {
    let ips = before.ips().iter().filter_map(|ip| {
        let (from, to) = (before.pool_of(&ip.ip), after.pool_of(&ip.ip));
        (from != to).then(|| IpChange {
            ip: ip.ip.clone(),
            from,
            to,
        })
    });
    let domains = before.domains().filter_map(|domain| {
        let (from, to) = (before.standing(domain.ix), after.standing(domain.ix));
        (from != to).then(|| DomainChange {
            ix: domain.ix,
            name: domain.name.clone(),
            from,
            to,
        })
    });
    all_lines(
        before,
        &ips.collect::<Vec<_>>(),
        &before.warmed(after),
        &domains.collect::<Vec<_>>(),
        choice,
    )
}

fn words(sim: &Sim, effects: &Effects, choice: PoolChoice) -> Vec<String> {
    let mut lines = all_lines(sim, &effects.ips, &effects.warmed, &effects.domains, choice);
    if let Some(job) = &effects.job {
        lines.insert(
            0,
            format!(
                "A background job changes {}",
                text::counted(u64::from(job.total()), "domain")
            ),
        );
    }
    lines
}

/// IPs, then domains, then what it means for the load of IPs. A copy of a live account has not all domains, so its load is
/// not told.
fn all_lines(sim: &Sim, ips: &[IpChange], warmed: &[Ip], domains: &[DomainChange], choice: PoolChoice) -> Vec<String> {
    let mut lines: Vec<String> = ips.iter().map(ip_words).collect();
    lines.extend(warmed.iter().map(warmed_words));
    lines.extend(domain_lines(sim, domains, choice));
    if choice == PoolChoice::Simulator {
        lines.extend(pin_warnings(sim, domains));
        lines.extend(load_lines(sim, domains, ips, warmed));
    }
    lines
}

/// A summary first where there are many, then each. A change of pool and one of the pin alone are counted apart.
fn domain_lines(sim: &Sim, changes: &[DomainChange], choice: PoolChoice) -> Vec<String> {
    let next: Vec<Option<Band>> = changes
        .iter()
        .map(|change| next_band(sim, change).filter(|_| choice == PoolChoice::Simulator))
        .collect();
    let mut lines = Vec::new();
    if changes.len() > 4 {
        let effects = changes.iter().map(|change| match (change.from, change.to) {
            (_, None) => "out of the pools".to_owned(),
            (None, Some(_)) if choice == PoolChoice::Service => "enrolled".to_owned(),
            (Some(from), Some(to)) if from.band == to.band && to.is_overridden => "pinned where they are".to_owned(),
            (Some(from), Some(to)) if from.band == to.band => "no longer pinned".to_owned(),
            (_, Some(to)) => format!("to {}", to.band.word()),
        });
        lines.push(format!(
            "{} change: {}",
            text::counted(changes.len() as u64, "domain"),
            counted_by_kind(effects)
        ));
        let moves = next.iter().flatten().count();
        if moves > 0 {
            lines.push(format!(
                "With their present rates, the next health check moves {}: {}",
                text::counted(moves as u64, "domain"),
                counted_by_kind(next.iter().flatten().map(|band| format!("to {}", band.word())))
            ));
        }
    }
    let each = changes.iter().zip(&next);
    lines.extend(each.map(|(change, next)| domain_words(change, *next, choice)));
    lines
}

/// `3 to good, 2 to poor`.
fn counted_by_kind(kinds: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for kind in kinds {
        *counts.entry(kind).or_default() += 1;
    }
    let parts = counts
        .iter()
        .map(|(kind, count)| format!("{} {kind}", text::count(*count)));
    parts.collect::<Vec<_>>().join(", ")
}

/// Where the next check moves a domain that is no longer pinned, by its present window.
fn next_band(sim: &Sim, change: &DomainChange) -> Option<Band> {
    let to = change.to.filter(|to| !to.is_overridden)?;
    change.from.filter(|from| from.is_overridden)?;
    let vote = check(sim.policy(), &sim.domain(change.ix)?.window).vote;
    Latch::new(to.band).next_band(sim.policy(), vote)
}

fn domain_words(change: &DomainChange, next: Option<Band>, choice: PoolChoice) -> String {
    let name = &change.name;
    let place = |standing: DomainPlacement| {
        format!(
            "{}{}",
            standing.band.word(),
            if standing.is_overridden { ", pinned" } else { "" }
        )
    };
    match (change.from, change.to) {
        (None, Some(_)) if choice == PoolChoice::Service => {
            format!("{name} is enrolled; the service's own health check picks its pool")
        }
        (None, Some(to)) => format!("{name} is enrolled into {}", place(to)),
        (Some(_), None) => format!("{name} leaves the dynamic pools"),
        (Some(from), Some(to)) if from.band == to.band && to.is_overridden => {
            format!("{name} is pinned to {}", to.band.word())
        }
        (Some(_), Some(to)) if !to.is_overridden => match next {
            Some(next) => format!(
                "{name} is no longer pinned; with its present rates, the next health check moves it from {} to {}",
                to.band.word(),
                next.word()
            ),
            None => format!(
                "{name} is no longer pinned; it stays in {} until a health check moves it",
                to.band.word()
            ),
        },
        (Some(from), Some(to)) => format!("{name}: {} → {}", place(from), place(to)),
        (None, None) => format!("{name} is unchanged"),
    }
}

fn warmed_words(ip: &Ip) -> String {
    format!("{ip} ends its warm-up and counts as warm")
}

fn ip_words(change: &IpChange) -> String {
    let ip = &change.ip;
    let pool = |band: Band| band.pool_name();
    match (change.from, change.to) {
        (None, Some(to)) => format!("{ip} joins {}", pool(to)),
        (Some(from), None) => format!("{ip} leaves {}", pool(from)),
        (Some(from), Some(to)) => format!("{ip} moves from {} to {}", pool(from), pool(to)),
        (None, None) => format!("{ip} is unchanged"),
    }
}

fn rule_words(rule: Rule) -> String {
    let words = match rule {
        Rule::R1 => "All three pools must hold IPs before a domain is enrolled.",
        Rule::R2 => "Every IP in a dynamic pool is dedicated and belongs to the account.",
        Rule::R3 => {
            "Each dynamic pool keeps at least one IP that is not warming up. The Pools page can end the warm-up of an IP."
        }
        Rule::R4 => "An IP is in at most one dynamic pool.",
        Rule::R5 => "Setting all pools replaces whatever they held.",
        Rule::R6 => "All domains must be out before the pools are removed.",
        Rule::R7 => {
            "A domain that leaves needs exactly one replacement; its IPs sit in no dedicated and no dynamic pool."
        }
        Rule::R8 => "Enrolling all domains is for users of the parent account, one job at a time.",
        Rule::R9 => "A periodic health check assigns each enrolled domain's pool.",
        Rule::R10 => "An override pins the pool until it is removed.",
        Rule::R11 => "A preview changes nothing.",
        Rule::R12 => "Every change of band leaves a history record.",
        Rule::R13 => "An IP in a dynamic pool can't be linked to a subaccount.",
    };
    format!("{rule}: {words}")
}
