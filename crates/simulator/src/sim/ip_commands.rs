//! What is done to single IPs: ending a warm-up, linking to subaccounts (R13).

use super::pools::{IpProblems, kind_of, unique};
use super::{Actor, CommandResult, Refusal, RefusalKind, RefusalSubject, Rule, Sim};
use poolkeeper_core::model::{AccountId, Ip};
use std::sync::Arc;

impl Sim {
    /// Ends an IP's warm-up.
    pub(super) fn cancel_warm_up(&mut self, actor: &Actor, ip: &Ip) -> Result<CommandResult, Refusal> {
        self.need_parent_for_ips(actor)?;
        if !self.is_warming(ip) {
            let problem = match self.ip(ip) {
                None => "is not an IP of this account",
                Some(_) => "is not warming up",
            };
            let subject = RefusalSubject::Ip(ip.clone());
            let message = format!("{ip} {problem}. Choose one of the account's IPs that warm up.");
            return Err(Refusal::new(RefusalKind::NotFound, None, subject, message));
        }
        for known in Arc::make_mut(&mut self.ips).iter_mut().filter(|known| known.ip == *ip) {
            known.warm_up_started_at = None;
        }
        Ok(self.nothing_written())
    }

    /// Checks a link of IPs to subaccounts; all or nothing.
    pub(super) fn link_ips(
        &self,
        actor: &Actor,
        subaccounts: Option<&[AccountId]>,
        link: &[Ip],
        unlink: &[Ip],
    ) -> Result<CommandResult, Refusal> {
        self.need_parent_for_ips(actor)?;
        if link.is_empty() && unlink.is_empty() {
            let message = "Nothing to change: name at least one IP in link_ip or unlink_ip.";
            return Err(Refusal::field("link_ip, unlink_ip", message));
        }
        for id in subaccounts.unwrap_or_default() {
            if self.account_by_id(&id.0).is_none_or(|account| account.is_parent()) {
                let subject = RefusalSubject::Account(id.0.clone());
                let message = format!("There is no subaccount {id} to link IPs to.");
                return Err(Refusal::new(RefusalKind::NotFound, None, subject, message));
            }
        }
        let mut offences = IpProblems::default();
        for ip in unique(link) {
            if let Err(problem) = self.link_eligibility(&ip) {
                offences.add_text(&ip, problem.text(), kind_of(&problem), Some(Rule::R13));
            }
        }
        for ip in unique(unlink).iter().filter(|ip| self.ip(ip).is_none()) {
            let text = "is not an IP of this account".to_owned();
            offences.add_text(ip, text, RefusalKind::NotFound, Some(Rule::R13));
        }
        offences.refuse()?;
        Ok(self.nothing_written())
    }

    fn need_parent_for_ips(&self, actor: &Actor) -> Result<(), Refusal> {
        if actor.account.is_parent() {
            return Ok(());
        }
        let name = self.account_label(actor.account);
        let subject = RefusalSubject::Account(name.to_owned());
        let message =
            format!("Dedicated IPs belong to the parent account, not to “{name}”. Act for the parent account.");
        Err(Refusal::new(RefusalKind::Forbidden, None, subject, message))
    }
}
