//! What domains sent from before they were enrolled, by the record.

use super::{ChangeRecord, RecordAccount, RecordedChange};
use crate::former_senders::FormerSender;
use mailgun_pools::api::Write;
use poolkeeper_core::model::DomainName;
use std::collections::{BTreeMap, BTreeSet};

impl ChangeRecord {
    /// What each of some domains sent from before its latest enrollment; a domain is left out where that was not noted.
    #[must_use]
    pub fn former_senders(
        &self,
        account: &RecordAccount,
        domains: &BTreeSet<DomainName>,
    ) -> BTreeMap<DomainName, FormerSender> {
        let mut left = domains.clone();
        let mut found = BTreeMap::new();
        let of_account = self
            .newest_first()
            .filter(|change| change.intent.account.is_same(account));
        for change in of_account {
            if left.is_empty() {
                break;
            }
            // What was enrolled or taken out before the latest time does not matter any more.
            let settled = settled(change, &left);
            for note in &change.intent.former_senders.notes {
                let noted = note.domains.iter().filter(|domain| settled.contains(*domain));
                found.extend(noted.map(|domain| (domain.clone(), note.sender.clone())));
            }
            left.retain(|domain| !settled.contains(domain));
        }
        found
    }
}

/// The domains that a change enrolled or took out, or may have.
fn settled(change: &RecordedChange, of: &BTreeSet<DomainName>) -> BTreeSet<DomainName> {
    let made = change
        .items()
        .filter(|(_, state)| state.is_made() || state.is_unknown());
    let mut settled = BTreeSet::new();
    for write in made.filter_map(|(item, _)| item.write()) {
        match write {
            Write::Enroll { domain, .. } | Write::RemoveDomain { domain, .. } if of.contains(domain) => {
                settled.insert(domain.clone());
            }
            Write::EnrollAll { .. } => {
                let noted = change.intent.former_senders.notes.iter().flat_map(|note| &note.domains);
                settled.extend(noted.filter(|domain| of.contains(*domain)).cloned());
            }
            _ => {}
        }
    }
    settled
}
