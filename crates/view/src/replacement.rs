//! The IPs that a domain may send from after it leaves the pools, and why not the others (R7).

use poolkeeper_core::model::{DedicatedPool, Ip, IpDetail, PoolName, Pools};
use poolkeeper_simulator::sim::may_replace;

/// An IP in the list of replacements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpChoice {
    /// The address.
    pub ip: Ip,
    /// Whether only this account uses it. A shared IP must be the only replacement.
    pub is_dedicated: bool,
    /// Whether it is warming up.
    pub is_warming: bool,
    /// Why it may not be chosen; `None` if it may.
    pub blocked: Option<String>,
}

/// The account's IPs as replacements. Those that may be chosen come first.
#[must_use]
pub fn ip_choices(ips: &[IpDetail], pools: &Pools, dedicated: &[DedicatedPool]) -> Vec<IpChoice> {
    let blocked = |ip: &Ip| {
        let holder = pools.holding(ip).map(|pool| &pool.name);
        if let Some(unknown) = holder.filter(|pool| pool.band().is_none()) {
            return Some(format!("is in {unknown}"));
        }
        let dedicated_pool = dedicated.iter().find(|pool| pool.ips.contains(ip));
        let dedicated_pool = dedicated_pool.map(|pool| pool.name.as_str());
        let problem = may_replace(holder.and_then(PoolName::band), dedicated_pool).err()?;
        Some(problem.text())
    };
    let mut choices = ips
        .iter()
        .map(|detail| IpChoice {
            ip: detail.ip.clone(),
            is_dedicated: detail.is_dedicated != Some(false),
            is_warming: detail.is_warming == Some(true),
            blocked: blocked(&detail.ip),
        })
        .collect::<Vec<_>>();
    choices.sort_by_key(|choice| (choice.blocked.is_some(), !choice.is_dedicated));
    choices
}

/// Why these IPs can't be the replacement; `None` when they can, and when none is chosen.
#[must_use]
pub fn selection_problem(chosen: &[&IpChoice]) -> Option<String> {
    if let Some((choice, reason)) = chosen
        .iter()
        .find_map(|choice| Some((choice, choice.blocked.as_ref()?)))
    {
        return Some(format!(
            "{} {reason}. A replacement IP must not be in a pool.",
            choice.ip
        ));
    }
    let shared = chosen.iter().find(|choice| !choice.is_dedicated)?;
    (chosen.len() > 1).then(|| {
        format!(
            "{} is shared. When you choose several IPs, all must be dedicated.",
            shared.ip
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Band, Pool};

    fn ip(text: &str, is_dedicated: bool) -> IpDetail {
        IpDetail {
            ip: Ip::as_sent(text),
            is_dedicated: Some(is_dedicated),
            is_warming: None,
            is_enabled: None,
            is_assignable: true,
            rdns: None,
        }
    }

    fn choices() -> Vec<IpChoice> {
        let pools = Pools(vec![Pool {
            account_id: None,
            id: None,
            name: PoolName::Known(Band::Good),
            enabled: None,
            ips: vec![Ip::as_sent("203.0.113.1")],
        }]);
        let dedicated = [DedicatedPool {
            id: "1".to_owned(),
            name: "Receipts".to_owned(),
            description: String::new(),
            ips: vec![Ip::as_sent("203.0.113.2")],
            is_linked: false,
            is_inherited: false,
        }];
        let ips = [
            ip("203.0.113.1", true),
            ip("203.0.113.2", true),
            ip("203.0.113.3", true),
            ip("203.0.113.4", true),
            ip("198.51.100.1", false),
        ];
        ip_choices(&ips, &pools, &dedicated)
    }

    #[test]
    fn an_ip_in_a_pool_is_blocked_with_a_reason() {
        let reasons = choices()
            .into_iter()
            .map(|choice| (choice.ip.to_string(), choice.blocked))
            .collect::<Vec<_>>();
        assert_eq!(
            reasons,
            [
                ("203.0.113.3".to_owned(), None),
                ("203.0.113.4".to_owned(), None),
                ("198.51.100.1".to_owned(), None),
                ("203.0.113.1".to_owned(), Some("is in dynamic_good".to_owned())),
                (
                    "203.0.113.2".to_owned(),
                    Some("is in the dedicated pool “Receipts”".to_owned())
                ),
            ]
        );
    }

    #[test]
    fn several_replacements_must_be_dedicated() {
        let choices = choices();
        let pick = |places: &[usize]| places.iter().map(|at| &choices[*at]).collect::<Vec<_>>();
        assert_eq!(selection_problem(&pick(&[0, 1])), None);
        assert_eq!(selection_problem(&pick(&[2])), None);
        assert!(
            selection_problem(&pick(&[0, 2]))
                .unwrap()
                .starts_with("198.51.100.1 is shared")
        );
        assert!(selection_problem(&pick(&[3])).unwrap().contains("dynamic_good"));
        assert_eq!(selection_problem(&[]), None);
    }
}
