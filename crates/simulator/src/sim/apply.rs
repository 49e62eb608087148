//! The one door in: a command, checked first and carried out whole, or tried on a copy.

use super::{
    AccountStatus, Actor, Command, CommandResult, DomainChange, DomainIx, DomainPlacement, Effects, IpChange,
    MAX_ADVANCE_SECONDS, PerBand, PolicyChange, Refusal, RefusalKind, RefusalSubject, Sim,
};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Ip, Timestamp};

impl Sim {
    /// Carries out a command, whole.
    ///
    /// # Errors
    /// A [`Refusal`] when it breaks a rule; the account is then exactly as before.
    ///
    /// # Examples
    /// ```
    /// use poolkeeper_core::model::DomainName;
    /// use poolkeeper_simulator::sim::{AccountIx, Actor, Command, ScenarioKind, ScenarioSpec, Sim};
    ///
    /// let mut sim = Sim::scenario(&ScenarioSpec::new(ScenarioKind::SteadySenders, 20, 1)?);
    /// let actor = Actor { account: AccountIx::PARENT, by: "ann@juniper.example".to_owned() };
    ///
    /// let before = sim.now();
    /// sim.apply(&actor, &Command::Advance { seconds: 86_400 })?;
    /// assert_eq!(sim.now(), before.plus_seconds(86_400));
    ///
    /// let unknown = Command::ClearOverride { domain: DomainName::as_sent("unknown.example") };
    /// let refusal = sim.apply(&actor, &unknown).unwrap_err();
    /// assert!(refusal.message.contains("unknown.example"));
    /// # Ok::<(), poolkeeper_simulator::sim::Refusal>(())
    /// ```
    pub fn apply(&mut self, actor: &Actor, command: &Command) -> Result<CommandResult, Refusal> {
        self.need_open(actor)?;
        match command {
            Command::SetPools { good, poor, new } => self.set_pools(actor, &PerBand { good, poor, new }),
            Command::RemovePools => self.remove_pools(actor),
            Command::ChangePool { pool, add, remove } => self.change_pool(actor, *pool, add, remove),
            Command::Enroll { domain, replacement_ip } => self.enroll(actor, domain, replacement_ip.as_ref()),
            Command::Unenroll { domain, replacement } => self.unenroll(actor, domain, replacement),
            Command::EnrollAll { include_subaccounts } => self.enroll_all(actor, *include_subaccounts),
            Command::SetOverride { domain, pool } => self.set_override(actor, domain, *pool),
            Command::ClearOverride { domain } => self.clear_override(actor, domain),
            Command::CancelWarmUp { ip } => self.cancel_warm_up(actor, ip),
            Command::LinkIps {
                subaccounts,
                link,
                unlink,
            } => self.link_ips(actor, subaccounts.as_deref(), link, unlink),
            Command::SetPolicy(policy) => self.set_policy(policy),
            Command::Advance { seconds } => self.advance(*seconds),
        }
    }

    /// What a command would do; it is tried on a copy and changes nothing.
    ///
    /// # Errors
    /// The [`Refusal`] that [`Sim::apply`] would give.
    pub fn dry_run(&self, actor: &Actor, command: &Command) -> Result<Effects, Refusal> {
        let mut after = self.clone();
        let outcome = after.apply(actor, command)?;
        let job = outcome.job_total.and(after.job.clone());
        if job.is_some() {
            after.finish_job_at_once();
        }
        let domains = (0..self.domain_count())
            .filter_map(|ix| self.domain_change(&after, DomainIx(ix)))
            .collect();
        let ips = self.ips.iter().filter_map(|known| {
            let (from, to) = (self.pool_of(&known.ip), after.pool_of(&known.ip));
            (from != to).then(|| IpChange {
                ip: known.ip.clone(),
                from,
                to,
            })
        });
        Ok(Effects {
            domains,
            ips: ips.collect(),
            warmed: self.warmed(&after),
            records: (self.history_len()..after.history_len())
                .filter_map(|ix| after.record(ix))
                .collect(),
            policy: (self.policy != after.policy).then(|| after.policy.clone()),
            job,
            now: after.now,
        })
    }

    /// The IPs that warm up here and no longer in a later state of the same instant.
    #[must_use]
    pub fn warmed(&self, after: &Self) -> Vec<Ip> {
        let ips = self.ips.iter().map(|known| &known.ip);
        let ended = ips.filter(|ip| self.now == after.now && self.is_warming(ip) && !after.is_warming(ip));
        ended.cloned().collect()
    }

    fn domain_change(&self, after: &Self, ix: DomainIx) -> Option<DomainChange> {
        let (from, to) = (self.standing(ix), after.standing(ix));
        (from != to)
            .then(|| self.directory.get(ix))?
            .map(|listing| DomainChange {
                ix,
                name: listing.name.clone(),
                from,
                to,
            })
    }

    /// Where a domain stands; `None` when it is not enrolled.
    #[must_use]
    pub fn standing(&self, ix: DomainIx) -> Option<DomainPlacement> {
        let enrolment = self.domains.get(ix.0 as usize)?.enrolment?;
        Some(DomainPlacement {
            band: enrolment.latch.band,
            is_overridden: enrolment.is_overridden,
        })
    }

    fn set_policy(&mut self, policy: &Policy) -> Result<CommandResult, Refusal> {
        if let Err(invalid) = policy.validate() {
            return Err(Refusal::field(invalid.field, invalid.to_string()));
        }
        if *policy != self.policy {
            let is_other_window = policy.window_days != self.policy.window_days;
            self.policy = policy.clone();
            self.policy_changes.push(PolicyChange {
                at: self.now,
                policy: policy.clone(),
            });
            if is_other_window {
                self.sum_windows();
            }
        }
        Ok(self.nothing_written())
    }

    /// The instant the clock would show after an advance.
    ///
    /// # Errors
    /// The [`Refusal`] that [`Sim::apply`] would give.
    pub fn after_advance(&self, seconds: u64) -> Result<Timestamp, Refusal> {
        let step = i64::try_from(seconds)
            .ok()
            .filter(|_| (1..=MAX_ADVANCE_SECONDS).contains(&seconds));
        let Some(step) = step else {
            let message =
                format!("{seconds} seconds is out of range; step on by 1 to {MAX_ADVANCE_SECONDS} (366 days).");
            return Err(Refusal::field("seconds", message));
        };
        let to = self.now.plus_seconds(step);
        if to > super::snapshot::LATEST {
            let message = format!(
                "The clock stops at {}. Reset the simulator to go on.",
                super::snapshot::LATEST.day()
            );
            return Err(Refusal::new(
                RefusalKind::Conflict,
                None,
                RefusalSubject::Field("seconds".to_owned()),
                message,
            ));
        }
        Ok(to)
    }

    fn advance(&mut self, seconds: u64) -> Result<CommandResult, Refusal> {
        let to = self.after_advance(seconds)?;
        let before = self.history.len();
        self.run_to(to, &[]);
        Ok(self.written_since(before))
    }

    /// The actor's account exists and is open.
    pub(super) fn need_open(&self, actor: &Actor) -> Result<(), Refusal> {
        let Some(account) = self.account(actor.account) else {
            let message = "There is no such account. Act for the parent account or one of its subaccounts.";
            let subject = RefusalSubject::Account(format!("#{}", actor.account.0));
            return Err(Refusal::new(RefusalKind::NotFound, None, subject, message));
        };
        let status = match account.status {
            AccountStatus::Open => return Ok(()),
            AccountStatus::Disabled => "disabled",
            AccountStatus::Closed => "closed",
        };
        let message = format!(
            "“{}” is {status}, so requests for it are refused. Act for the parent account.",
            account.name
        );
        Err(Refusal::new(
            RefusalKind::Forbidden,
            None,
            RefusalSubject::Account(account.name.clone()),
            message,
        ))
    }

    /// An outcome that wrote nothing to history.
    pub(super) const fn nothing_written(&self) -> CommandResult {
        self.written_since(self.history.len())
    }

    /// An outcome that wrote all records from a position on.
    pub(super) const fn written_since(&self, before: u32) -> CommandResult {
        CommandResult {
            records: before..self.history.len(),
            job_total: None,
        }
    }
}
