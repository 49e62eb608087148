//! What domains sent from before they were enrolled, as the first choice for what they send from afterwards.

use crate::replacement::IpChoice;
use poolkeeper_account::former_senders::FormerSender;
use poolkeeper_core::model::{DedicatedPool, DomainName, Ip, Replacement};
use poolkeeper_core::text::{count, counted};
use std::collections::BTreeMap;

/// Whether domains may go back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FormerChoice {
    /// Nothing was noted.
    #[default]
    Unknown,
    /// They may.
    Offered {
        /// `203.0.113.7, used before enrollment`.
        label: String,
        /// Each domain's, in the order of the domains.
        replacements: Vec<Replacement>,
    },
    /// They may not, or not all; why, as a sentence.
    Impossible(String),
}

/// What a domain may go to; `None` for a list that could not be read, so that the service decides.
#[derive(Clone, Copy, Debug)]
pub struct FormerTargets<'a> {
    /// The account's IPs.
    pub ips: Option<&'a [IpChoice]>,
    /// Its standard dedicated pools.
    pub pools: Option<&'a [DedicatedPool]>,
}

/// The first choice for domains that leave.
#[must_use]
pub fn former_choice(
    domains: &[DomainName],
    noted: &BTreeMap<DomainName, FormerSender>,
    targets: FormerTargets<'_>,
) -> FormerChoice {
    let senders: Vec<&FormerSender> = domains.iter().filter_map(|domain| noted.get(domain)).collect();
    let Some(first) = senders.first() else {
        return FormerChoice::Unknown;
    };
    let problems: Vec<String> = senders.iter().filter_map(|sender| problem(sender, targets)).collect();
    let total = domains.len() as u64;
    let possible = (senders.len() - problems.len()) as u64;
    match problems.first() {
        Some(why) if total == 1 => {
            return FormerChoice::Impossible(format!("{}, can't be chosen: {why}.", label(first)));
        }
        _ if possible < total => {
            let noted = senders.len() as u64;
            return FormerChoice::Impossible(format!(
                "What they used before enrollment is noted for {} of {}, and still possible for {}. Remove those by themselves \
                 to choose it.",
                count(noted),
                counted(total, "domain"),
                count(possible)
            ));
        }
        _ => {}
    }
    let is_same = senders.iter().all(|sender| sender == first);
    FormerChoice::Offered {
        label: if is_same {
            label(first)
        } else {
            format!("{}: each what it used before enrollment", counted(total, "domain"))
        },
        replacements: senders.into_iter().map(FormerSender::replacement).collect(),
    }
}

fn label(sender: &FormerSender) -> String {
    let what = match sender {
        FormerSender::Ips(ips) => ips.iter().map(Ip::as_str).collect::<Vec<_>>().join(", "),
        FormerSender::DedicatedPool { name, .. } => format!("Dedicated pool “{name}”"),
    };
    format!("{what}, used before enrollment")
}

/// Why a domain may not go back; `None` if it may.
fn problem(sender: &FormerSender, targets: FormerTargets<'_>) -> Option<String> {
    match sender {
        FormerSender::Ips(ips) => {
            let known = targets.ips?;
            ips.iter()
                .find_map(|ip| match known.iter().find(|choice| choice.ip == *ip) {
                    None => Some(format!("{ip} is no longer an IP of the account")),
                    Some(IpChoice { blocked: Some(why), .. }) => Some(format!("{ip} {why}")),
                    Some(choice) if !choice.is_dedicated && ips.len() > 1 => {
                        Some(format!("{ip} is shared, and several IPs must all be dedicated"))
                    }
                    Some(_) => None,
                })
        }
        FormerSender::DedicatedPool { id, .. } => {
            let is_there = targets.pools?.iter().any(|pool| pool.id == *id);
            (!is_there).then(|| "it no longer exists".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(ip: &str, is_dedicated: bool, blocked: Option<&str>) -> IpChoice {
        IpChoice {
            ip: Ip::as_sent(ip),
            is_dedicated,
            is_warming: false,
            blocked: blocked.map(str::to_owned),
        }
    }

    fn ips(ips: &[&str]) -> FormerSender {
        FormerSender::Ips(ips.iter().map(|ip| Ip::as_sent(ip)).collect())
    }

    fn pool(id: &str) -> FormerSender {
        let (id, name) = (id.to_owned(), "Receipts".to_owned());
        FormerSender::DedicatedPool { id, name }
    }

    /// Of domains `a`, `b`, …; `None` for one without a note.
    fn chosen(senders: &[Option<FormerSender>]) -> FormerChoice {
        let names: Vec<DomainName> = ('a'..)
            .zip(senders)
            .map(|(letter, _)| DomainName::as_sent(&format!("{letter}.example")))
            .collect();
        let noted = names.iter().cloned().zip(senders.iter().cloned());
        let noted = noted.filter_map(|(name, sender)| Some((name, sender?))).collect();
        let known = [
            choice("203.0.113.7", true, None),
            choice("203.0.113.8", true, None),
            choice("203.0.113.9", true, Some("is in dynamic_good")),
            choice("198.51.100.1", false, None),
        ];
        let pools = [DedicatedPool {
            id: "p1".to_owned(),
            name: "Receipts".to_owned(),
            description: String::new(),
            ips: Vec::new(),
            is_linked: false,
            is_inherited: false,
        }];
        let targets = FormerTargets {
            ips: Some(&known),
            pools: Some(&pools),
        };
        former_choice(&names, &noted, targets)
    }

    fn offered(label: &str, replacements: &[Replacement]) -> FormerChoice {
        FormerChoice::Offered {
            label: label.to_owned(),
            replacements: replacements.to_vec(),
        }
    }

    #[test]
    fn what_a_domain_used_is_offered_by_name() {
        let to = |ips: &[&str]| Replacement::Ips(ips.iter().map(|ip| Ip::as_sent(ip)).collect());
        let one = offered("203.0.113.7, used before enrollment", &[to(&["203.0.113.7"])]);
        assert_eq!(chosen(&[Some(ips(&["203.0.113.7"]))]), one);
        let two = ["203.0.113.7", "203.0.113.8"];
        let both = offered("203.0.113.7, 203.0.113.8, used before enrollment", &[to(&two)]);
        assert_eq!(chosen(&[Some(ips(&two))]), both);
        let to_pool = Replacement::DedicatedPool("p1".to_owned());
        let receipts = "Dedicated pool “Receipts”, used before enrollment";
        assert_eq!(
            chosen(&[Some(pool("p1"))]),
            offered(receipts, std::slice::from_ref(&to_pool))
        );
        // Of several domains each its own, in their order.
        let each = [Some(pool("p1")), Some(ips(&["203.0.113.7"]))];
        assert_eq!(
            chosen(&each),
            offered(
                "2 domains: each what it used before enrollment",
                &[to_pool, to(&["203.0.113.7"])]
            )
        );
        assert_eq!(chosen(&[None, None]), FormerChoice::Unknown);
    }

    #[test]
    fn what_is_no_longer_possible_says_why() {
        for (sender, why) in [
            (
                ips(&["203.0.113.9"]),
                "203.0.113.9, used before enrollment, can't be chosen: 203.0.113.9 is in dynamic_good.",
            ),
            (
                ips(&["203.0.113.1"]),
                "203.0.113.1, used before enrollment, can't be chosen: 203.0.113.1 is no longer an IP of the account.",
            ),
            (
                ips(&["203.0.113.7", "198.51.100.1"]),
                "203.0.113.7, 198.51.100.1, used before enrollment, can't be chosen: 198.51.100.1 is shared, and several IPs \
                 must all be dedicated.",
            ),
            (
                pool("p2"),
                "Dedicated pool “Receipts”, used before enrollment, can't be chosen: it no longer exists.",
            ),
        ] {
            assert_eq!(chosen(&[Some(sender)]), FormerChoice::Impossible(why.to_owned()));
        }
        let some = [Some(pool("p1")), Some(pool("p2")), None];
        assert_eq!(
            chosen(&some),
            FormerChoice::Impossible(
                "What they used before enrollment is noted for 2 of 3 domains, and still possible for 1. Remove those by \
                 themselves to choose it."
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_list_that_could_not_be_read_stands_in_no_ones_way() {
        let name = DomainName::as_sent("a.example");
        let unread = FormerTargets { ips: None, pools: None };
        for sender in [pool("p2"), ips(&["203.0.113.9"])] {
            let noted = BTreeMap::from([(name.clone(), sender)]);
            let choice = former_choice(std::slice::from_ref(&name), &noted, unread);
            assert!(matches!(choice, FormerChoice::Offered { .. }), "{choice:?}");
        }
    }
}
