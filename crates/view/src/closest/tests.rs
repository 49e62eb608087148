use super::*;
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec};
use std::sync::Arc;

const fn day(delivered: u64, bounced: u64) -> Counts {
    Counts {
        processed: delivered + bounced,
        delivered,
        bounced,
        complained: 0,
    }
}

#[test]
fn the_list_is_by_days_and_says_how_far_from_usual() {
    let names = ["soon.example", "later.example", "small.example", "steady.example"];
    let domains = names.map(|name| TableDomain {
        name: DomainName::as_sent(name),
        account: 0,
    });
    let mut table = Table::empty(Day(20_000), 40, vec!["main".to_owned()], domains.to_vec());
    for at in 0..40 {
        let on = |bad_from: i32| if at >= bad_from { day(800, 200) } else { day(980, 20) };
        // 20 % on three days and on two of the last: falls at the next check and the one after.
        for (domain, counts) in [(0, on(37)), (1, on(38)), (2, day(150, 0)), (3, day(980, 20))] {
            table.add(domain, Day(20_000 + at), &counts).unwrap();
        }
    }
    let sim = Sim::from_table(Arc::new(table), "forty days");
    let listed = closest(&sim);
    let found: Vec<_> = listed.iter().map(|near| (near.domain.as_str(), near.when())).collect();
    assert_eq!(
        found,
        [
            ("soon.example", "at the next check".to_owned()),
            ("later.example", "in 2 days".to_owned()),
        ]
    );
    // 680 of 7,000 are 9.71 %, 4.9 times the usual 2 %. 700 of 7,020 would be just above 9.97 %; 23 more are 703 of 7,023:
    // 10.01 %.
    assert_eq!(listed[0].deviation_words().unwrap(), "4.9 × its usual 2.00 %");
    assert_eq!(listed[0].headroom().unwrap(), "23 more bounces");
}

#[test]
fn a_score_is_a_sentence() {
    let score = ListScore {
        fell: 4,
        fell_listed: 3,
        rose: 2,
        rose_listed: 2,
    };
    assert_eq!(
        score.sentence().unwrap(),
        "7 days ago this list named 3 of 4 that fell and 2 of 2 that rose since."
    );
    assert_eq!(ListScore::default().sentence(), None);
}

/// Of the domains that fell within a week, how many are in a list of twenty: ranked by events, as before, and by days.
#[test]
fn ranked_by_days_more_of_those_that_fall_are_listed_than_by_events() {
    const TOP: usize = 20;
    let (mut fell, mut by_events, mut by_days, mut foreseen) = (0, 0, 0, 0);
    for kind in ScenarioKind::ALL {
        for seed in 1..=4 {
            let sim = Sim::scenario(&ScenarioSpec::new(kind, 400, seed).unwrap());
            let past = Past::of(&sim).unwrap();
            let mut near: Vec<_> = past
                .domains(&sim)
                .filter_map(|(domain, band, window)| {
                    let explained = explain(sim.policy(), &window, band);
                    let down = explained.more_to_poor.map(|more| more.events);
                    let up = explained.fewer_to_good.map(|fewer| fewer.bounced + fewer.complained);
                    let events = down.into_iter().chain(up).min()?;
                    Some((events, Reverse(window.processed), domain.ix))
                })
                .collect();
            near.sort();
            let old: Vec<_> = near.into_iter().take(TOP).map(|(.., ix)| ix).collect();
            fell += past.fell.len();
            by_events += past.score(&old).fell_listed;
            by_days += past.score(&past.list(&sim, TOP)).fell_listed;
            foreseen += past.score(&past.list(&sim, usize::MAX)).fell_listed;
        }
    }
    let said =
        format!("of {fell} falls: {by_events} listed by events, {by_days} by days, {foreseen} in a list without end");
    println!("{said}");
    assert!(2 * by_days > 3 * by_events, "{said}");
}
