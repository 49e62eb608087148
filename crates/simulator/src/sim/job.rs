//! The enrol-all job (R8): works through its domains in order, a fixed time each.

use super::clock::PlannedEnrolment;
use super::{Actor, CommandResult, DomainIx, EnrollAllJob, Refusal, RefusalKind, RefusalSubject, Rule, Sim};
use poolkeeper_core::model::Timestamp;
use std::sync::Arc;

impl Sim {
    /// Checks and starts the job.
    pub(super) fn enroll_all(&mut self, actor: &Actor, include_subaccounts: bool) -> Result<CommandResult, Refusal> {
        if !actor.account.is_parent() {
            let message = format!(
                "Enrolling all domains is for users of the parent account; “{}” is a subaccount. Act for the parent \
                 account, or enroll its domains one by one.",
                self.account_label(actor.account)
            );
            let subject = RefusalSubject::Account(self.account_label(actor.account).to_owned());
            return Err(Refusal::new(RefusalKind::Forbidden, Some(Rule::R8), subject, message));
        }
        self.need_configured()?;
        if let Some(job) = self.job.as_ref().filter(|job| job.is_running()) {
            let message = format!(
                "Enrolling all domains is already under way: {} of {} are done. Wait until it has finished.",
                job.done,
                job.total()
            );
            return Err(Refusal::new(
                RefusalKind::Conflict,
                Some(Rule::R8),
                RefusalSubject::Job,
                message,
            ));
        }
        let queue: Vec<DomainIx> = self
            .domains()
            .filter(|domain| domain.enrolment.is_none() && (include_subaccounts || domain.account.is_parent()))
            .map(|domain| domain.ix)
            .collect();
        let finished_at = queue.is_empty().then_some(self.now);
        let by = self.person_ix(&actor.by);
        let job = EnrollAllJob {
            started_at: self.now,
            finished_at,
            by,
            include_subaccounts,
            done: 0,
            queue: Arc::new(queue),
        };
        let total = job.total();
        self.job = Some(job);
        Ok(CommandResult {
            job_total: Some(total),
            ..self.nothing_written()
        })
    }

    /// What the running job has still to do up to an instant.
    pub(super) fn job_plan(&self, to: Timestamp) -> Vec<PlannedEnrolment> {
        let Some(job) = self.job.as_ref().filter(|job| job.is_running()) else {
            return Vec::new();
        };
        (job.done..job.total())
            .map(|position| (position, job.slot(position)))
            .take_while(|(_, at)| *at <= to)
            .filter_map(|(position, at)| {
                Some(PlannedEnrolment {
                    domain: *job.queue.get(position as usize)?,
                    at,
                    by: job.by,
                })
            })
            .collect()
    }

    /// Counts the slots that the clock has passed.
    pub(super) fn finish_job_slots(&mut self) {
        let now = self.now;
        let Some(job) = self.job.as_mut().filter(|job| job.is_running()) else {
            return;
        };
        while job.done < job.total() && job.slot(job.done) <= now {
            job.done += 1;
        }
        if job.done == job.total() {
            job.finished_at = Some(job.slot(job.done.saturating_sub(1)).min(now));
        }
    }

    /// Does all the running job has left at once, on a copy that shows what it will come to.
    pub(super) fn finish_job_at_once(&mut self) {
        let Some(job) = self.job.as_mut().filter(|job| job.is_running()) else {
            return;
        };
        let (queue, by, at) = (Arc::clone(&job.queue), job.by, self.now);
        job.done = job.total();
        job.finished_at = Some(at);
        for domain in queue.iter() {
            self.enroll_now(PlannedEnrolment {
                domain: *domain,
                at,
                by,
            });
        }
    }
}
