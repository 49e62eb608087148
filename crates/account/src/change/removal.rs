//! Taking domains out of the pools. It cannot be taken back: enrolling again starts with a new health check.

use super::{ChangeStep, Proposal, all_or_name};
use mailgun_pools::api::Write;
use poolkeeper_core::model::{Domain, Replacement};
use poolkeeper_core::text::counted;
use std::sync::Arc;

/// Takes domains out of the pools, to one replacement for all.
#[must_use]
pub fn remove(domains: &[Arc<Domain>], replacement: &Replacement) -> Proposal {
    let afterwards = match replacement {
        Replacement::Shared => "the shared IPs".to_owned(),
        Replacement::Ips(ips) => match ips.as_slice() {
            [one] => one.to_string(),
            several => counted(several.len() as u64, "dedicated IP"),
        },
        Replacement::DedicatedPool(_) => "the dedicated pool".to_owned(),
    };
    removal(domains, |_| replacement, &afterwards)
}

/// Takes domains out of the pools, each to a replacement of its own.
#[must_use]
pub fn remove_each(domains: &[(Arc<Domain>, Replacement)]) -> Proposal {
    let (names, replacements): (Vec<Arc<Domain>>, Vec<&Replacement>) =
        domains.iter().map(|(domain, to)| (Arc::clone(domain), to)).unzip();
    match replacements.first() {
        Some(first) if replacements.iter().all(|other| other == first) => remove(&names, first),
        _ => {
            let own = |at: usize| replacements.get(at).copied().unwrap_or(&Replacement::Shared);
            removal(&names, own, "what they used before enrollment")
        }
    }
}

fn removal<'a>(domains: &[Arc<Domain>], to: impl Fn(usize) -> &'a Replacement, afterwards: &str) -> Proposal {
    let (who, is_plural) = all_or_name(domains);
    let domain_count = domains.len() as u64;
    let (leave, send) = if domain_count == 1 {
        ("leaves", "sends")
    } else {
        ("leave", "send")
    };
    let steps = domains.iter().enumerate().map(|(at, domain)| {
        let write = Write::RemoveDomain {
            domain: domain.name.clone(),
            replacement: to(at).clone(),
        };
        ChangeStep::of(domain, write, None)
    });
    Proposal {
        is_bulk: domains.len() > 1,
        undone: None,
        confirm: if is_plural {
            format!("Remove {who}")
        } else {
            "Remove domain".to_owned()
        },
        done: format!("{who} left the dynamic pools"),
        summary: vec![format!(
            "{} {leave} the dynamic pools and {send} from {afterwards}",
            counted(domain_count, "domain")
        )],
        steps: steps.collect(),
        type_to_confirm: Some(who),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Band, DomainName, Ip};
    use poolkeeper_test_support::domains::enrolled as domain;

    #[test]
    fn removing_asks_for_the_name_or_the_number() {
        let replacement = Replacement::Ips(vec![Ip::as_sent("203.0.113.7")]);
        let a = domain("a.example", Band::Good, false);
        let one = remove(&[Arc::clone(&a)], &replacement);
        assert_eq!(one.type_to_confirm.as_deref(), Some("a.example"));
        let two = remove(&[a, domain("b.example", Band::Good, false)], &Replacement::Shared);
        assert_eq!(two.type_to_confirm.as_deref(), Some("2 domains"));
        assert_eq!(
            two.summary,
            ["2 domains leave the dynamic pools and send from the shared IPs"]
        );
    }

    #[test]
    fn each_domain_goes_to_its_own_replacement() {
        let a = || domain("a.example", Band::Good, false);
        let b = || domain("b.example", Band::Poor, false);
        let own = || Replacement::Ips(vec![Ip::as_sent("203.0.113.7")]);
        let pool = || Replacement::DedicatedPool("p1".to_owned());
        let both = remove_each(&[(a(), own()), (b(), pool())]);
        let leaves = |name: &str, replacement| Write::RemoveDomain {
            domain: DomainName::as_sent(name),
            replacement,
        };
        assert_eq!(both.writes(), [leaves("a.example", own()), leaves("b.example", pool())]);
        assert_eq!(both.type_to_confirm.as_deref(), Some("2 domains"));
        assert_eq!(
            both.summary,
            ["2 domains leave the dynamic pools and send from what they used before enrollment"]
        );
        // The same for all is one replacement for all.
        assert_eq!(remove_each(&[(a(), own()), (b(), own())]), remove(&[a(), b()], &own()));
        assert_eq!(remove_each(&[(a(), pool())]), remove(&[a()], &pool()));
    }
}
