//! What would make one domain of a simulated account good. The lab computes it from this domain's days alone.

use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_lab::{Counterfactuals, ReplayData, ReplayOptions, Timeline};
use poolkeeper_simulator::sim::{DomainIx, Sim};

/// What would have changed the domain's latest verdict.
///
/// `None` before the first check and when the domain is not enrolled. Also `None` when replaying the current policy
/// gives another band than the domain has: then an earlier policy moved it, and a forecast would be a guess.
#[must_use]
pub fn domain_counterfactuals(sim: &Sim, domain: DomainIx) -> Option<Counterfactuals> {
    let (first, last) = (sim.first_day(), sim.last_complete_day());
    let days = u32::try_from(last.since(first).saturating_add(1)).ok()?;
    let name = sim.domain(domain)?.name.clone();
    let mut table = Table::empty(first, days, vec![String::new()], vec![TableDomain { name, account: 0 }]);
    for (day, counts) in sim.daily_counts(domain, first, last) {
        if let Some(counts) = counts {
            // `add` can't fail: a day's counts are far below the limit of a cell.
            let _ = table.add(0, day, &counts);
        }
    }
    let mut timeline = Timeline::new(false);
    for event in sim.domain_events(domain) {
        timeline.push(0, event.into());
    }
    let data = ReplayData {
        table: &table,
        timeline: Some(&timeline),
    };
    let found = poolkeeper_lab::counterfactuals(data, 0, sim.policy(), &ReplayOptions::default()).ok()??;
    (found.explanation.band == sim.standing(domain)?.band).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Band, Counts, Day, DomainName};
    use poolkeeper_lab::{CleanDays, ThresholdChange};
    use std::sync::Arc;

    /// Ten days of one domain under the default policy.
    fn after_ten_days(counts: Counts) -> Option<Counterfactuals> {
        let first = Day::from_ymd(2026, 3, 1).unwrap();
        let name = DomainName::parse("one.example").unwrap();
        let listed = vec![TableDomain {
            name: name.clone(),
            account: 0,
        }];
        let mut table = Table::empty(first, 10, vec!["North".to_owned()], listed);
        for day in 0..10 {
            table.add(0, first.plus(day), &counts).unwrap();
        }
        let sim = Sim::from_table(Arc::new(table), "one");
        domain_counterfactuals(&sim, sim.find_domain(&name).unwrap())
    }

    #[test]
    fn a_poor_domain_is_good_after_clean_days_or_under_its_own_rate() {
        let found = after_ten_days(Counts {
            processed: 1_000,
            delivered: 800,
            bounced: 200,
            complained: 0,
        })
        .unwrap();
        assert_eq!(found.explanation.band, Band::Poor);
        // Of 7,000 sent at most 350 may bounce: one day with 200 may be left in the window, not two.
        assert_eq!(found.clean_days, CleanDays::After(6));
        let own_rate = ThresholdChange {
            bounce_good_at_most_ppm: Some(200_000),
            complaint_good_at_most_ppm: None,
            minimum_processed: None,
        };
        assert_eq!(found.threshold_change, Some(own_rate));
    }

    #[test]
    fn a_domain_below_the_minimum_has_no_clean_days() {
        let found = after_ten_days(Counts {
            processed: 100,
            delivered: 100,
            ..Counts::ZERO
        })
        .unwrap();
        assert_eq!(found.clean_days, CleanDays::TooLittleMail);
        assert_eq!(
            found.threshold_change.and_then(|change| change.minimum_processed),
            Some(700)
        );
    }
}
