//! Setting, changing and removing the dynamic pools (R2–R6).

use super::{Actor, CommandResult, IpProblem, PerBand, Refusal, RefusalKind, RefusalSubject, Rule, Sim};
use poolkeeper_core::model::{Band, Ip};

impl Sim {
    /// Sets all three pools (R5).
    pub(super) fn set_pools(&mut self, actor: &Actor, wanted: &PerBand<&Vec<Ip>>) -> Result<CommandResult, Refusal> {
        self.need_parent_for_pools(actor)?;
        for (band, ips) in wanted.iter() {
            if ips.is_empty() {
                return Err(Refusal::new(
                    RefusalKind::BadInput,
                    Some(Rule::R1),
                    RefusalSubject::Pool(band),
                    format!(
                        "No IP given for {}. Name at least one for each of the three pools.",
                        band.pool_name()
                    ),
                ));
            }
        }
        let pools = PerBand::from_fn(|band| unique(wanted.get(band)));
        let mut offences = IpProblems::default();
        for (_, ips) in pools.iter() {
            for ip in ips {
                // What the pools hold now is replaced, so only what the request says counts.
                if let Err(problem @ (IpProblem::Unknown | IpProblem::Shared)) = self.ip_eligibility(ip, Band::Good) {
                    offences.add(ip, problem);
                }
            }
        }
        for ip in &pools.good {
            if pools.poor.contains(ip) || pools.new.contains(ip) {
                offences.add_twice(ip);
            }
        }
        for ip in pools
            .poor
            .iter()
            .filter(|ip| pools.new.contains(ip) && !pools.good.contains(ip))
        {
            offences.add_twice(ip);
        }
        offences.refuse()?;
        self.need_warm(&pools)?;
        self.pools = pools;
        Ok(self.nothing_written())
    }

    /// Adds to and removes from one pool, all or nothing.
    pub(super) fn change_pool(
        &mut self,
        actor: &Actor,
        band: Band,
        add: &[Ip],
        remove: &[Ip],
    ) -> Result<CommandResult, Refusal> {
        self.need_parent_for_pools(actor)?;
        if add.is_empty() && remove.is_empty() {
            let message = "Nothing to change: name at least one IP to add or to remove.";
            return Err(Refusal::field("add_ip, remove_ip", message));
        }
        if !self.is_configured() {
            let message = format!(
                "There is no {} yet: the dynamic pools are not set up. Set all three at once first.",
                band.pool_name()
            );
            return Err(Refusal::new(
                RefusalKind::NotFound,
                Some(Rule::R1),
                RefusalSubject::Pool(band),
                message,
            ));
        }
        let (add, remove) = (unique(add), unique(remove));
        let mut offences = IpProblems::default();
        for ip in &add {
            if remove.contains(ip) {
                offences.add_text(
                    ip,
                    "is both to be added and to be removed".to_owned(),
                    RefusalKind::BadInput,
                    None,
                );
            } else if let Err(problem) = self.ip_eligibility(ip, band) {
                offences.add(ip, problem);
            }
        }
        let held = self.pools.get(band);
        for ip in remove.iter().filter(|ip| !held.contains(ip) && !add.contains(ip)) {
            let text = format!("is not in {}", band.pool_name());
            offences.add_text(ip, text, RefusalKind::NotFound, None);
        }
        offences.refuse()?;
        let mut ips: Vec<Ip> = held.iter().filter(|ip| !remove.contains(ip)).cloned().collect();
        let joining: Vec<Ip> = add.into_iter().filter(|ip| !ips.contains(ip)).collect();
        ips.extend(joining);
        let mut pools = self.pools.clone();
        *pools.get_mut(band) = ips;
        self.need_warm(&pools)?;
        self.pools = pools;
        Ok(self.nothing_written())
    }

    /// Removes all three pools (R6).
    pub(super) fn remove_pools(&mut self, actor: &Actor) -> Result<CommandResult, Refusal> {
        self.need_parent_for_pools(actor)?;
        if !self.is_configured() {
            let message = "There are no dynamic pools to remove: they are not set up.";
            let subject = RefusalSubject::Pool(Band::Good);
            return Err(Refusal::new(RefusalKind::NotFound, Some(Rule::R1), subject, message));
        }
        if self.job.as_ref().is_some_and(super::EnrollAllJob::is_running) {
            let message = "All domains are being enrolled; wait until that has finished, then take them out first.";
            return Err(Refusal::new(
                RefusalKind::Conflict,
                Some(Rule::R6),
                RefusalSubject::Job,
                message,
            ));
        }
        let enrolled: Vec<_> = self
            .domains_by_name()
            .filter(|domain| domain.enrolment.is_some())
            .collect();
        if !enrolled.is_empty() {
            let some: Vec<&str> = enrolled.iter().take(3).map(|domain| domain.name.as_str()).collect();
            let message = match enrolled.len() {
                1 => format!(
                    "{} is still enrolled. Take it out of the dynamic pools first.",
                    some.join("")
                ),
                2 | 3 => format!(
                    "{} are still enrolled. Take them out of the dynamic pools first.",
                    list(&some)
                ),
                count => format!(
                    "{count} domains are still enrolled, among them {}. Take them out of the dynamic pools first.",
                    list(&some)
                ),
            };
            let subjects = enrolled
                .iter()
                .map(|domain| RefusalSubject::Domain(domain.name.clone()))
                .collect();
            return Err(Refusal {
                kind: RefusalKind::Conflict,
                rule: Some(Rule::R6),
                subjects,
                message,
            });
        }
        self.pools = PerBand::default();
        Ok(self.nothing_written())
    }

    /// Each pool holds an IP that is not warming (R3).
    fn need_warm(&self, pools: &PerBand<Vec<Ip>>) -> Result<(), Refusal> {
        let cold: Vec<(Band, &Vec<Ip>)> = pools
            .iter()
            .filter(|(_, ips)| ips.iter().all(|ip| self.is_warming(ip)))
            .collect();
        if cold.is_empty() {
            return Ok(());
        }
        let problems: Vec<String> = cold
            .iter()
            .map(|(band, ips)| {
                let names: Vec<&str> = ips.iter().map(Ip::as_str).collect();
                match names.len() {
                    0 => format!("{} would hold no IP at all", band.pool_name()),
                    1 => format!(
                        "{} would hold only {}, which is warming",
                        band.pool_name(),
                        list(&names)
                    ),
                    _ => format!(
                        "{} would hold only {}, which are warming",
                        band.pool_name(),
                        list(&names)
                    ),
                }
            })
            .collect();
        let message = format!(
            "{}. Each pool needs at least one IP that is not warming: add or keep one.",
            problems.join("; ")
        );
        let mut subjects: Vec<RefusalSubject> = cold.iter().map(|(band, _)| RefusalSubject::Pool(*band)).collect();
        subjects.extend(
            cold.iter()
                .flat_map(|(_, ips)| ips.iter().cloned().map(RefusalSubject::Ip)),
        );
        Err(Refusal {
            kind: RefusalKind::BadInput,
            rule: Some(Rule::R3),
            subjects,
            message,
        })
    }

    fn need_parent_for_pools(&self, actor: &Actor) -> Result<(), Refusal> {
        if actor.account.is_parent() {
            return Ok(());
        }
        let name = self.account_label(actor.account);
        let message = format!(
            "The dynamic pools belong to the parent account; “{name}” is a subaccount and may not change them. Act for \
             the parent account."
        );
        Err(Refusal::new(
            RefusalKind::Forbidden,
            None,
            RefusalSubject::Account(name.to_owned()),
            message,
        ))
    }
}

/// IPs that stand against a request, each with its reason.
#[derive(Default)]
pub(super) struct IpProblems {
    texts: Vec<String>,
    subjects: Vec<RefusalSubject>,
    first: Option<(RefusalKind, Option<Rule>)>,
}

impl IpProblems {
    /// An IP that may not go into a dynamic pool.
    fn add(&mut self, ip: &Ip, problem: IpProblem) {
        let kind = kind_of(&problem);
        self.add_text(ip, problem.text(), kind, Some(problem.rule()));
    }

    fn add_twice(&mut self, ip: &Ip) {
        self.add_text(
            ip,
            "is named for more than one pool".to_owned(),
            RefusalKind::BadInput,
            Some(Rule::R4),
        );
    }

    pub(super) fn add_text(&mut self, ip: &Ip, text: String, kind: RefusalKind, rule: Option<Rule>) {
        self.texts.push(format!("{ip} {text}"));
        self.subjects.push(RefusalSubject::Ip(ip.clone()));
        self.first.get_or_insert((kind, rule));
    }

    /// Refuses when there is any; kind and rule are those of the first.
    pub(super) fn refuse(self) -> Result<(), Refusal> {
        let Some((kind, rule)) = self.first else { return Ok(()) };
        let advice = match rule {
            Some(Rule::R13) => {
                "An IP that is linked to a subaccount is dedicated, the account's own, and in no dynamic pool."
            }
            Some(Rule::R7) => "A replacement IP is one of the account's and in no pool, and several are all dedicated.",
            _ => "A dynamic pool takes dedicated IPs of the account that are in no other dynamic pool.",
        };
        let message = format!("{}. {advice}", self.texts.join("; "));
        Err(Refusal {
            kind,
            rule,
            subjects: self.subjects,
            message,
        })
    }
}

/// The sort of refusal an IP's problem calls for.
pub(super) const fn kind_of(problem: &IpProblem) -> RefusalKind {
    match problem {
        IpProblem::Unknown => RefusalKind::NotFound,
        IpProblem::Shared => RefusalKind::BadInput,
        IpProblem::InDynamicPool(_) | IpProblem::InDedicatedPool(_) => RefusalKind::Conflict,
    }
}

/// The IPs without repetitions, in order.
pub(super) fn unique(ips: &[Ip]) -> Vec<Ip> {
    let mut kept: Vec<Ip> = Vec::with_capacity(ips.len());
    for ip in ips {
        if !kept.contains(ip) {
            kept.push(ip.clone());
        }
    }
    kept
}

/// `a`, `a and b`, `a, b and c`.
fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
