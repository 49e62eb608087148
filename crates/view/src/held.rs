//! Domains whose pool is not the one that their present rates call for, and what keeps them there.

use poolkeeper_core::health::{Check, Metric, Vote, check};
use poolkeeper_core::model::{Band, DomainName};
use poolkeeper_core::text;
use poolkeeper_simulator::sim::{DomainView, Sim};

/// How many domains of a group are listed.
pub const LISTED: usize = 50;

/// What keeps a domain in its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptBy {
    /// An override.
    Pin,
    /// Too little mail to judge.
    BelowMinimum,
    /// A rate between the good and the poor limit.
    BetweenLimits,
    /// Nothing: a coming check moves it.
    UntilChecked,
}

impl KeptBy {
    /// In words, as an attribute of a domain.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pin => "pinned",
            Self::BelowMinimum => "too little mail to judge",
            Self::BetweenLimits => "between the limits",
            Self::UntilChecked => "waiting for a check",
        }
    }

    const ALL: [Self; 4] = [Self::Pin, Self::BelowMinimum, Self::BetweenLimits, Self::UntilChecked];

    fn of(domain: &DomainView<'_>, check: &Check) -> Self {
        if domain.is_overridden() {
            Self::Pin
        } else if check.is_below_minimum {
            Self::BelowMinimum
        } else if check.vote == Vote::Hold {
            Self::BetweenLimits
        } else {
            Self::UntilChecked
        }
    }
}

/// One group of such domains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldGroup {
    /// Domains in the band.
    pub of: u64,
    /// The group's domains, those with the most mail first, as many as are listed.
    pub domains: Vec<(DomainName, KeptBy)>,
    /// How many each reason keeps, in the order of [`KeptBy`].
    counts: [u64; 4],
}

impl HeldGroup {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// `5 pinned, 4 between the limits`.
    fn reasons(&self) -> String {
        let parts = KeptBy::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0);
        let parts = parts.map(|(kept_by, count)| format!("{} {}", text::count(count), kept_by.words()));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Both groups of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldDomains {
    /// Poor domains that break no poor limit.
    pub poor: HeldGroup,
    /// Good domains above a good limit.
    pub good: HeldGroup,
}

impl HeldDomains {
    /// Those of a simulated account, by the windows that end with the last complete day.
    #[must_use]
    pub fn of(sim: &Sim) -> Self {
        let mut held = Self::default();
        let mut found: [Vec<(u64, DomainName, KeptBy)>; 2] = [Vec::new(), Vec::new()];
        for domain in sim.domains() {
            let check = check(sim.policy(), &domain.window);
            let votes = |band| {
                Metric::ALL
                    .iter()
                    .any(|metric| check.metric(*metric) == Some(Vote::For(band)))
            };
            let is_all_good = Metric::ALL.iter().all(|metric| {
                let vote = check.metric(*metric);
                vote.is_none_or(|vote| vote == Vote::For(Band::Good))
            });
            let [poor, good] = &mut found;
            let (group, list, is_held) = match domain.band() {
                Some(Band::Poor) => (&mut held.poor, poor, !votes(Band::Poor)),
                Some(Band::Good) => (&mut held.good, good, !is_all_good),
                Some(Band::New) | None => continue,
            };
            group.of += 1;
            if is_held {
                let kept_by = KeptBy::of(&domain, &check);
                if let Some(count) = group.counts.get_mut(kept_by as usize) {
                    *count += 1;
                }
                list.push((domain.window.processed, domain.name.clone(), kept_by));
            }
        }
        let [poor, good] = found.map(|mut list| {
            list.sort_unstable_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.as_str().cmp(other.1.as_str())));
            list.truncate(LISTED);
            list.into_iter().map(|(_, name, kept_by)| (name, kept_by)).collect()
        });
        (held.poor.domains, held.good.domains) = (poor, good);
        held
    }

    /// The groups that have domains, each with its sentence.
    pub fn groups(&self) -> impl Iterator<Item = (String, &HeldGroup)> {
        let sentence = |group: &HeldGroup, band: &str, one: &str, several: &str| {
            let verb = if group.count() == 1 { one } else { several };
            format!(
                "{} of {} {verb}: {}.",
                text::count(group.count()),
                text::counted(group.of, &format!("{band} domain")),
                group.reasons()
            )
        };
        let poor = sentence(&self.poor, "poor", "breaks no limit today", "break no limit today");
        let good = sentence(&self.good, "good", "is above a good limit", "are above a good limit");
        [(poor, &self.poor), (good, &self.good)]
            .into_iter()
            .filter(|(_, group)| group.count() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Counts, Day};
    use poolkeeper_core::traffic::{Table, TableDomain};
    use std::sync::Arc;

    #[test]
    fn domains_that_their_rates_do_not_explain_are_counted_by_what_keeps_them() {
        // Poor at first for all (20 % of 7,000), then eight days as follows.
        let later = [
            ("between.example", 930, 70), // 7 %: between 5 and 10 %.
            ("quiet.example", 10, 0),     // 80 messages a window: too few.
            ("still.example", 800, 200),  // Still poor by its rates.
            ("recovered.example", 1_000, 0),
        ];
        let domains = later.map(|(name, ..)| TableDomain {
            name: DomainName::as_sent(name),
            account: 0,
        });
        let mut table = Table::empty(Day(20_000), 15, vec!["main".to_owned()], domains.to_vec());
        for (at, (_, delivered, bounced)) in later.into_iter().enumerate() {
            for day in 0..15 {
                let (delivered, bounced) = if day < 7 { (800, 200) } else { (delivered, bounced) };
                let counts = Counts {
                    processed: delivered + bounced,
                    delivered,
                    bounced,
                    complained: 0,
                };
                table.add(at, Day(20_000 + day), &counts).unwrap();
            }
        }
        let held = HeldDomains::of(&Sim::from_table(Arc::new(table), "fifteen days"));
        let said: Vec<String> = held.groups().map(|(sentence, _)| sentence).collect();
        assert_eq!(
            said,
            ["2 of 3 poor domains break no limit today: 1 too little mail to judge, 1 between the limits."]
        );
        let listed: Vec<_> = held
            .poor
            .domains
            .iter()
            .map(|(name, why)| (name.as_str(), *why))
            .collect();
        assert_eq!(
            listed,
            [
                ("between.example", KeptBy::BetweenLimits),
                ("quiet.example", KeptBy::BelowMinimum)
            ]
        );
        assert_eq!((held.good.of, held.good.count()), (1, 0));
    }
}
