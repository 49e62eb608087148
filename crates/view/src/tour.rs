//! A tour of the pages, told on what happened in the simulated account: a campaign with many bounces, the fall that followed,
//! the way back, and what another policy would have done.

use crate::changes::poor_cause;
use crate::record_time::RecordTime;
use crate::routes::{PageRoute, domain_href};
use crate::url_state;
use poolkeeper_core::health::{Metric, MetricPolicy, Policy, Vote, check};
use poolkeeper_core::model::{Band, Day};
use poolkeeper_core::text;
use poolkeeper_lab::PoorCause;
use poolkeeper_simulator::sim::{DomainIx, Sim};

/// Days before the latest one in which a fall is looked for.
const DAYS_BACK: i32 = 14;
/// Days before a fall in which another policy may have seen it.
const DAYS_AHEAD: i32 = 14;

/// A step of the tour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TourStep {
    /// What it is about.
    pub title: String,
    /// Two or three sentences.
    pub text: String,
    /// The page that it is told on.
    pub address: String,
}

/// The fall that the tour is about.
struct Fall {
    domain: DomainIx,
    /// The day that the check closed.
    on: Day,
    /// Why.
    cause: PoorCause,
    /// Domains that fell on the same day.
    fallen: u64,
}

/// The steps; `None` where no domain fell by its bounces of late.
#[must_use]
pub fn tour(sim: &Sim) -> Option<Vec<TourStep>> {
    let fall = latest_fall(sim)?;
    let name = sim.domain(fall.domain)?.name.clone();
    let policy = sim.policy();
    let on = text::day(fall.on);
    let day = fall.on.to_string();
    let domains = sim.domains().filter(|domain| domain.band().is_some()).count() as u64;
    let (days_earlier, other, change) = earlier(sim, &fall);
    let other_text = url_state::policy_text(&other);
    let seen = if days_earlier > 0 {
        format!(
            "{change}, it is poor {} earlier. The tables show who else would fall, and whom that hits without need.",
            text::counted(days_earlier, "day")
        )
    } else {
        format!(
            "{change}, it falls on the same day: a sudden campaign is seen by no threshold. The tables show who else would fall."
        )
    };
    let step = |title: String, text: String, address: String| TourStep { title, text, address };
    Some(vec![
        step(
            "Three pools".to_owned(),
            format!(
                "This is an invented account of {}. Mailgun moves each between three pools of dedicated IPs, so that bad mail \
                 does not leave from the IPs of good mail.",
                text::counted(domains, "enrolled domain")
            ),
            PageRoute::Overview.href(&[]),
        ),
        step(
            format!("{} fell on {on}", text::counted(fall.fallen, "domain")),
            "The check at the end of that day moved them to poor. Each row says why, and who moved it.".to_owned(),
            PageRoute::History.href(&[("to", Band::Poor.pool_name()), ("after", &day), ("before", &day)]),
        ),
        step(
            format!("What happened to {name}"),
            format!(
                "{}. This page shows the days, the limit, and what would bring it back.",
                fall.cause.sentence()
            ),
            domain_href(name.as_str()),
        ),
        step(
            "Would another policy have seen it earlier?".to_owned(),
            seen,
            PageRoute::WhatIf.href(&[("a", &url_state::policy_text(policy)), ("b", &other_text), ("domain", name.as_str())]),
        ),
        step(
            "What you can do".to_owned(),
            "Mailgun’s thresholds can’t be set. You can pin a domain to a pool, take it out of the pools, and show its owner \
             the day that did it. The poor domains are listed here; select some to see the actions."
                .to_owned(),
            PageRoute::Domains.href(&[("pool", Band::Poor.pool_name())]),
        ),
    ])
}

/// The fall by bounces, of the latest days, that tells the most: another policy saw it earlier, and then the one with the most
/// bounces in a day.
fn latest_fall(sim: &Sim) -> Option<Fall> {
    let since = sim.last_complete_day().plus(-DAYS_BACK);
    let newest_first = (0..sim.history_len()).rev().filter_map(|ix| sim.record(ix));
    let falls: Vec<(DomainIx, Day)> = newest_first
        .map(|view| view.record)
        .take_while(|record| RecordTime::of_simulated(record).day >= since)
        .filter(|record| record.is_by_check() && record.new_band == Band::Poor && record.prev_band == Some(Band::Good))
        .map(|record| (record.domain, RecordTime::of_simulated(&record).day))
        .collect();
    let told = falls.iter().filter_map(|&(domain, on)| {
        let cause = poor_cause(sim, domain, on).filter(|cause| cause.metric == Metric::BounceRate)?;
        let fallen = falls.iter().filter(|(_, day)| *day == on).count() as u64;
        Some(Fall {
            domain,
            on,
            cause,
            fallen,
        })
    });
    told.max_by_key(|fall| (earlier(sim, fall).0.min(3), fall.cause.worst_events()))
}

/// How many days earlier a stricter policy would have moved the domain, which one, and what it changes in words.
fn earlier(sim: &Sim, fall: &Fall) -> (u64, Policy, String) {
    let policy = sim.policy();
    let strict = policy.bounce.map(|limits| MetricPolicy {
        poor_at_least_ppm: limits.good_at_most_ppm,
        ..limits
    });
    let limit = policy
        .bounce
        .map_or_else(String::new, |limits| text::limit(u64::from(limits.good_at_most_ppm)));
    let at_good = (
        Policy {
            bounce: strict,
            ..policy.clone()
        },
        format!("If {limit} bounces were already poor"),
    );
    let short = (
        Policy {
            window_days: 3.min(policy.window_days),
            ..policy.clone()
        },
        "With a window of 3 days".to_owned(),
    );
    let best = [at_good, short]
        .into_iter()
        .map(|(policy, change)| (days_earlier(sim, fall, &policy), policy, change))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.unwrap_or_else(|| (0, policy.clone(), String::new()))
}

fn days_earlier(sim: &Sim, fall: &Fall, policy: &Policy) -> u64 {
    let vote = |day: Day| {
        let window = sim.window_counts(fall.domain, day, policy.window_days);
        check(policy, &window).vote
    };
    // It is poor from the first poor vote that no good vote follows.
    let days = (1..=DAYS_AHEAD).take_while(|back| vote(fall.on.plus(-back)) != Vote::For(Band::Good));
    let poor = days.filter(|back| vote(fall.on.plus(-back)) == Vote::For(Band::Poor));
    poor.last().and_then(|back| u64::try_from(back).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Counts, DomainName};
    use poolkeeper_core::traffic::{Table, TableDomain};
    use std::sync::Arc;

    /// Twenty days of 1,000 messages; on the last two the second domain bounces 300 and 500 of them.
    fn account() -> Sim {
        let domains = ["calm.example", "bought.example"].map(|name| TableDomain {
            name: DomainName::as_sent(name),
            account: 0,
        });
        let mut table = Table::empty(Day(20_000), 20, vec!["main".to_owned()], domains.to_vec());
        for day in 0..20 {
            let bounced = match day {
                18 => 400,
                19 => 500,
                _ => 10,
            };
            let mut add = |domain, bounced| {
                let counts = Counts {
                    processed: 1_000,
                    delivered: 1_000 - bounced,
                    bounced,
                    complained: 0,
                };
                table.add(domain, Day(20_000 + day), &counts).unwrap();
            };
            add(0, 10);
            add(1, bounced);
        }
        Sim::from_table(Arc::new(table), "a bought list")
    }

    #[test]
    fn the_tour_tells_the_fall_with_its_numbers() {
        // Six days of 10 and one of 400 are 460 of 7,000, 6.6 %: held. Five of 10, 400 and 500 are 950 of 7,000: 13.57 %.
        let steps = tour(&account()).unwrap();
        assert_eq!(steps.len(), 5);
        let [pools, history, domain, other, _] = &steps[..] else {
            unreachable!()
        };
        assert!(pools.text.contains("2 enrolled domains"), "{}", pools.text);
        assert_eq!(history.title, "1 domain fell on 23 Oct 2024");
        assert!(
            history
                .address
                .ends_with("/history?to=dynamic_poor&after=2024-10-23&before=2024-10-23")
        );
        assert!(
            domain
                .text
                .starts_with("500 of 1,000 messages bounced on 23 Oct 2024: 13.57 % over 7 days, limit 10 %."),
            "{}",
            domain.text
        );
        // 6.6 % are above 5 % a day earlier, and 430 of 3,000 in three days are 14.3 %, above 10 %: a day earlier as well.
        assert!(
            other
                .text
                .starts_with("If 5 % bounces were already poor, it is poor 1 day earlier."),
            "{}",
            other.text
        );
        assert!(other.address.contains("b=bounce-5-5"), "{}", other.address);
    }

    #[test]
    fn without_a_fall_there_is_no_tour() {
        let domains = vec![TableDomain {
            name: DomainName::as_sent("calm.example"),
            account: 0,
        }];
        let table = Table::empty(Day(20_000), 20, vec!["main".to_owned()], domains);
        assert!(tour(&Sim::from_table(Arc::new(table), "calm")).is_none());
    }
}
