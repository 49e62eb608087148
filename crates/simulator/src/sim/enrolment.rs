//! Enrolling, leaving and pinning one domain (R1, R7, R10).

use super::clock::PlannedEnrolment;
use super::pools::{IpProblems, kind_of, unique};
use super::{
    AccountIx, Actor, CommandResult, DomainEvent, DomainEventKind, DomainIx, Enrolment, EnrolmentReplacement,
    MoveReason, MoveRecord, PersonIx, Refusal, RefusalKind, RefusalSubject, RemovalReplacement, Rule, SendsFrom, Sim,
};
use poolkeeper_core::health::Latch;
use poolkeeper_core::model::{Band, DomainName, Ip};
use std::sync::Arc;

impl Sim {
    /// Enrolls one domain (R1).
    pub(super) fn enroll(
        &mut self,
        actor: &Actor,
        name: &DomainName,
        replacement_ip: Option<&EnrolmentReplacement>,
    ) -> Result<CommandResult, Refusal> {
        let ix = self.need_domain(actor, name)?;
        self.need_configured()?;
        if self.enrolment(ix).is_some() {
            let message = format!("{name} is already enrolled.");
            return Err(conflict(None, name, message));
        }
        match replacement_ip {
            Some(EnrolmentReplacement::Ip(ip)) => self.need_replacement_ips(std::slice::from_ref(ip))?,
            Some(EnrolmentReplacement::Shared) => self.need_shared()?,
            None => {}
        }
        let before = self.history.len();
        let by = self.person_ix(&actor.by);
        self.enroll_now(PlannedEnrolment {
            domain: ix,
            at: self.now,
            by,
        });
        Ok(self.written_since(before))
    }

    /// Enrolls a domain at once, unless it is enrolled.
    pub(super) fn enroll_now(&mut self, planned: PlannedEnrolment) {
        let state = Arc::make_mut(&mut self.domains).get_mut(planned.domain.0 as usize);
        let Some(state) = state.filter(|state| state.enrolment.is_none()) else {
            return;
        };
        let (record, event) = state.enroll(&self.policy, planned);
        self.write(record);
        self.note(planned.domain, event);
    }

    /// Takes one domain out (R7).
    pub(super) fn unenroll(
        &mut self,
        actor: &Actor,
        name: &DomainName,
        replacement: &RemovalReplacement,
    ) -> Result<CommandResult, Refusal> {
        let ix = self.need_domain(actor, name)?;
        self.need_enrolled(ix, name)?;
        let outside = match replacement {
            RemovalReplacement::Ips(ips) => {
                let ips = unique(ips);
                self.need_replacement_ips(&ips)?;
                SendsFrom::Ips(Arc::new(ips))
            }
            RemovalReplacement::Shared => {
                self.need_shared()?;
                SendsFrom::Shared
            }
            RemovalReplacement::Pool(id) => SendsFrom::DedicatedPool(self.need_dedicated_pool(id)?),
        };
        let at = self.now;
        if let Some(state) = Arc::make_mut(&mut self.domains).get_mut(ix.0 as usize) {
            state.enrolment = None;
            state.last_check = None;
            state.outside = outside;
        }
        self.note(
            ix,
            DomainEvent {
                at,
                kind: DomainEventKind::Unenrolled,
            },
        );
        Ok(self.nothing_written())
    }

    /// Pins a domain's pool (R10); a record where that moves it (R12).
    pub(super) fn set_override(
        &mut self,
        actor: &Actor,
        name: &DomainName,
        pool: Band,
    ) -> Result<CommandResult, Refusal> {
        let ix = self.need_domain(actor, name)?;
        let enrolment = self.need_enrolled(ix, name)?;
        let before = self.history.len();
        let by = self.person_ix(&actor.by);
        let at = self.now;
        let left = enrolment.latch.band;
        let mut counts = None;
        if let Some(state) = Arc::make_mut(&mut self.domains).get_mut(ix.0 as usize) {
            state.enrolment = Some(Enrolment {
                latch: Latch::new(pool),
                is_overridden: true,
                ..enrolment
            });
            counts = Some(state.window);
        }
        if let Some(counts) = counts.filter(|_| left != pool) {
            let prev_band = Some(left);
            self.write(MoveRecord {
                at,
                domain: ix,
                prev_band,
                new_band: pool,
                reason: MoveReason::OverrideSet,
                counts,
                by,
            });
        }
        if !enrolment.is_overridden || left != pool {
            self.note(
                ix,
                DomainEvent {
                    at,
                    kind: DomainEventKind::Pinned { band: pool },
                },
            );
        }
        Ok(self.written_since(before))
    }

    /// Unpins a domain's pool (R10): it stays where it is until the next check.
    pub(super) fn clear_override(&mut self, actor: &Actor, name: &DomainName) -> Result<CommandResult, Refusal> {
        let ix = self.need_domain(actor, name)?;
        let enrolment = self.need_enrolled(ix, name)?;
        if !enrolment.is_overridden {
            let message = format!("{name} has no override to remove: health checks manage it already.");
            return Err(conflict(Some(Rule::R10), name, message));
        }
        let at = self.now;
        if let Some(state) = Arc::make_mut(&mut self.domains).get_mut(ix.0 as usize) {
            state.enrolment = Some(Enrolment {
                is_overridden: false,
                ..enrolment
            });
        }
        self.note(
            ix,
            DomainEvent {
                at,
                kind: DomainEventKind::Unpinned,
            },
        );
        Ok(self.nothing_written())
    }

    /// The domain, if the actor's account may see it: a subaccount sees its own only.
    pub(super) fn need_domain(&self, actor: &Actor, name: &DomainName) -> Result<DomainIx, Refusal> {
        let known = self.find_domain(name).filter(|ix| {
            actor.account.is_parent()
                || self
                    .directory
                    .get(*ix)
                    .is_some_and(|listing| listing.account == actor.account)
        });
        known.ok_or_else(|| {
            let message = if actor.account.is_parent() {
                format!("There is no domain {name} in this account or its subaccounts. Check the spelling.")
            } else {
                let account = self.account_label(actor.account);
                format!("There is no domain {name} in “{account}”. Check the spelling, or act for another account.")
            };
            Refusal::new(
                RefusalKind::NotFound,
                None,
                RefusalSubject::Domain(name.clone()),
                message,
            )
        })
    }

    fn need_enrolled(&self, ix: DomainIx, name: &DomainName) -> Result<Enrolment, Refusal> {
        self.enrolment(ix).ok_or_else(|| {
            conflict(
                None,
                name,
                format!("{name} is not enrolled in the dynamic pools. Enroll it first."),
            )
        })
    }

    /// The feature is configured (R1).
    pub(super) fn need_configured(&self) -> Result<(), Refusal> {
        let Some((band, _)) = self.pools.iter().find(|(_, ips)| ips.is_empty()) else {
            return Ok(());
        };
        let message = "The dynamic pools are not set up yet. Give each of the three pools its IPs first.";
        Err(Refusal::new(
            RefusalKind::Forbidden,
            Some(Rule::R1),
            RefusalSubject::Pool(band),
            message,
        ))
    }

    fn need_shared(&self) -> Result<(), Refusal> {
        if self.has_shared_ips() {
            return Ok(());
        }
        let message = "This account may not use shared IPs. Name dedicated IPs or a dedicated pool instead.";
        Err(Refusal::new(
            RefusalKind::BadInput,
            Some(Rule::R7),
            RefusalSubject::Field("replacement_ip".to_owned()),
            message,
        ))
    }

    fn need_replacement_ips(&self, ips: &[Ip]) -> Result<(), Refusal> {
        if ips.is_empty() {
            let message = "Say where the domain sends from afterwards: an IP, several dedicated IPs, shared, or a \
                           dedicated pool.";
            let subject = RefusalSubject::Field("replacement_ip".to_owned());
            return Err(Refusal::new(RefusalKind::BadInput, Some(Rule::R7), subject, message));
        }
        let mut offences = IpProblems::default();
        for ip in ips {
            if let Err(problem) = self.replacement_eligibility(ip) {
                offences.add_text(ip, problem.text(), kind_of(&problem), Some(Rule::R7));
            } else if ips.len() > 1 && self.ip(ip).is_some_and(|known| !known.is_dedicated) {
                let text = "is a shared IP among several".to_owned();
                offences.add_text(ip, text, RefusalKind::BadInput, Some(Rule::R7));
            }
        }
        offences.refuse()
    }

    fn need_dedicated_pool(&self, id: &str) -> Result<u32, Refusal> {
        let known = (0..).zip(self.dedicated_pools.iter()).find(|(_, pool)| pool.id == id);
        known.map(|(ix, _)| ix).ok_or_else(|| {
            let names: Vec<String> = self
                .dedicated_pools
                .iter()
                .map(|pool| format!("{} ({})", pool.id, pool.name))
                .collect();
            let known = if names.is_empty() {
                "There is none".to_owned()
            } else {
                names.join(", ")
            };
            let message = format!("There is no dedicated pool {id}. Known: {known}.");
            Refusal::new(
                RefusalKind::NotFound,
                Some(Rule::R7),
                RefusalSubject::DedicatedPool(id.to_owned()),
                message,
            )
        })
    }

    fn enrolment(&self, ix: DomainIx) -> Option<Enrolment> {
        self.domains.get(ix.0 as usize)?.enrolment
    }

    /// An account's name, for sentences.
    pub(super) fn account_label(&self, ix: AccountIx) -> &str {
        self.account(ix)
            .map_or("unknown account", |account| account.name.as_str())
    }

    /// A person's position, added when new.
    pub(super) fn person_ix(&mut self, by: &str) -> PersonIx {
        let known = self.people.iter().position(|person| person == by);
        let at = known.unwrap_or_else(|| {
            self.people.push(by.to_owned());
            self.people.len() - 1
        });
        PersonIx(u32::try_from(at).unwrap_or(0))
    }
}

fn conflict(rule: Option<Rule>, name: &DomainName, message: String) -> Refusal {
    Refusal::new(
        RefusalKind::Conflict,
        rule,
        RefusalSubject::Domain(name.clone()),
        message,
    )
}
