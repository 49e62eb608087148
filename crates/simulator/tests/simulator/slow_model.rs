//! The simulator against a second, slow reading of the rules that shares no code with it: every window is summed from
//! scratch, every vote is worked out here, days come one after the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::health::{BelowMinimum, MetricPolicy, Policy};
use poolkeeper_core::model::{Band, Counts, Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_simulator::sim::{AccountBuilder, AccountIx, DomainEventKind, DomainIx, MoveReason, Sim};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// processed, delivered, bounced, complained
type Row = [i128; 4];
type Rows = BTreeMap<(String, i32), Row>;

/// One line of history as the slow model writes it: second, domain, from, to, reason, window.
#[derive(Clone, Debug, PartialEq)]
struct SlowRecord {
    second: i64,
    domain: String,
    from: Option<&'static str>,
    to: &'static str,
    reason: String,
    window: Row,
}

#[derive(Debug, Default, PartialEq)]
struct SlowResult {
    records: Vec<SlowRecord>,
    /// Domains in good, poor, new at the end of each day.
    by_day: Vec<[u32; 3]>,
}

fn metric(thresholds: Option<MetricPolicy>, events: i128, base: i128) -> Option<&'static str> {
    let MetricPolicy {
        good_at_most_ppm,
        poor_at_least_ppm,
        poor_min_events,
    } = thresholds?;
    let scaled = events * 1_000_000;
    Some(if scaled <= i128::from(good_at_most_ppm) * base {
        "good"
    } else if scaled >= i128::from(poor_at_least_ppm) * base && events >= i128::from(poor_min_events) {
        "poor"
    } else {
        "hold"
    })
}

/// The vote of a window, and the reason history gives for it.
fn vote(policy: &Policy, [processed, delivered, bounced, complained]: Row) -> (&'static str, String) {
    if processed < i128::from(policy.minimum_processed) {
        let vote = if policy.below_minimum == BelowMinimum::New {
            "new"
        } else {
            "hold"
        };
        return (vote, "processed_count below minimum".to_owned());
    }
    let bounce = metric(policy.bounce, bounced, delivered + bounced);
    let complaint = metric(policy.complaint, complained, delivered);
    let votes: Vec<_> = [bounce, complaint].into_iter().flatten().collect();
    let vote = if votes.contains(&"poor") {
        "poor"
    } else if votes.iter().all(|vote| *vote == "good") {
        "good"
    } else {
        "hold"
    };
    let reason = match (bounce == Some(vote), complaint == Some(vote)) {
        (true, true) => format!("Multiple metrics in {vote} threshold"),
        (true, false) => format!("bounce_rate in {vote} threshold"),
        _ => format!("complaint_rate in {vote} threshold"),
    };
    (vote, reason)
}

fn better(a: &str, b: &str) -> bool {
    let rank = |band| ["poor", "new", "good"].iter().position(|known| *known == band);
    rank(a) > rank(b)
}

/// Plays a table from its first to its last day; domains in the order given.
fn slow(rows: &Rows, domains: &[String], first: i32, last: i32, policy: &Policy) -> SlowResult {
    let mut result = SlowResult::default();
    let mut bands: BTreeMap<&str, &'static str> = BTreeMap::new();
    let mut runs: BTreeMap<&str, (&'static str, u32)> = BTreeMap::new();
    for domain in domains {
        bands.insert(domain, "new");
        result.records.push(SlowRecord {
            second: i64::from(first) * 86_400,
            domain: domain.clone(),
            from: None,
            to: "new",
            reason: "Enrolled".to_owned(),
            window: [0; 4],
        });
    }
    for day in first..=last {
        let is_check_day = (day - first + 1) % i32::try_from(policy.check_every_days).unwrap() == 0;
        for domain in domains.iter().filter(|_| is_check_day) {
            let mut window = [0; 4];
            for back in 0..i32::try_from(policy.window_days).unwrap() {
                let row = rows.get(&(domain.clone(), day - back)).copied().unwrap_or_default();
                for (sum, count) in window.iter_mut().zip(row) {
                    *sum += count;
                }
            }
            let (vote, reason) = vote(policy, window);
            let band = bands[domain.as_str()];
            if vote == "hold" || vote == band {
                runs.remove(domain.as_str());
                continue;
            }
            let run = match runs.get(domain.as_str()) {
                Some((same, length)) if *same == vote => length + 1,
                _ => 1,
            };
            runs.insert(domain, (vote, run));
            let needed = if better(vote, band) {
                policy.promotion_after_checks
            } else {
                policy.demotion_after_checks
            };
            if run >= needed {
                runs.remove(domain.as_str());
                bands.insert(domain, vote);
                let second = i64::from(day + 1) * 86_400;
                let record = SlowRecord {
                    second,
                    domain: domain.clone(),
                    from: Some(band),
                    to: vote,
                    reason,
                    window,
                };
                result.records.push(record);
            }
        }
        let count = |band| u32::try_from(bands.values().filter(|is| **is == band).count()).unwrap();
        result.by_day.push([count("good"), count("poor"), count("new")]);
    }
    result
}

/// What the simulator says, in the slow model's terms.
fn fast(sim: &Sim) -> SlowResult {
    let records = (0..sim.history_len())
        .map(|ix| {
            let record = sim.record(ix).unwrap().record;
            let Counts {
                processed,
                delivered,
                bounced,
                complained,
            } = record.counts;
            SlowRecord {
                second: record.at.0,
                domain: sim.domain(record.domain).unwrap().name.to_string(),
                from: record.prev_band.map(Band::word),
                to: record.new_band.word(),
                reason: record.reason.text(record.new_band),
                window: [processed, delivered, bounced, complained].map(i128::from),
            }
        })
        .collect();
    let by_day = sim
        .day_totals()
        .iter()
        .map(|day| [day.domains.good, day.domains.poor, day.domains.new])
        .collect();
    SlowResult { records, by_day }
}

fn table_of(rows: &Rows, domains: &[String], first: i32, last: i32) -> Table {
    let listed = domains.iter().map(|name| TableDomain {
        name: DomainName::parse(name).unwrap(),
        account: 0,
    });
    let days = u32::try_from(last - first + 1).unwrap();
    let mut table = Table::empty(Day(first), days, vec!["Acme".to_owned()], listed.collect());
    for ((domain, day), row) in rows {
        let [processed, delivered, bounced, complained] = row.map(|count| u64::try_from(count).unwrap());
        let at = domains.iter().position(|name| name == domain).unwrap();
        table
            .add(
                at,
                Day(*day),
                &Counts {
                    processed,
                    delivered,
                    bounced,
                    complained,
                },
            )
            .unwrap();
    }
    table
}

/// A naive reading of the sample export: rows, domains in order of first mention, accounts, rejected lines.
fn read_sample() -> (Rows, Vec<String>, Vec<(usize, String)>) {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/daily-counts.csv"
    ))
    .unwrap();
    let (mut rows, mut domains, mut rejected) = (Rows::new(), Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let date: Vec<i64> = fields[0].split('-').filter_map(|part| part.parse().ok()).collect();
        let counts: Vec<i128> = fields[3..].iter().filter_map(|field| field.parse().ok()).collect();
        let ([year, month, day], Ok(counts)) = (date[..].try_into().unwrap_or([0; 3]), Row::try_from(counts)) else {
            rejected.push((at + 1, line.to_owned()));
            continue;
        };
        if year == 0 {
            rejected.push((at + 1, line.to_owned()));
            continue;
        }
        let domain = fields[2].to_lowercase();
        if !domains.contains(&domain) {
            domains.push(domain.clone());
        }
        // Days since 1970: civil calendar, March-based years.
        let (y, m) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
        let cell = rows.entry((domain, i32::try_from(days).unwrap())).or_insert([0; 4]);
        for (sum, count) in cell.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    (rows, domains, rejected)
}

#[test]
fn the_sample_export_comes_out_as_an_independent_reading_of_the_rules_says() {
    let (rows, domains, rejected) = read_sample();
    let lines: Vec<_> = rejected.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [155, 1155, 1915, 2547], "{rejected:?}");
    assert_eq!(domains.len(), 50);
    // 2026-04-01 to 2026-07-29.
    let (first, last) = (20_544, 20_663);
    assert_eq!(rows.keys().map(|(_, day)| *day).min(), Some(first));
    assert_eq!(rows.keys().map(|(_, day)| *day).max(), Some(last));

    let policy = Policy::default();
    let told = slow(&rows, &domains, first, last, &policy);
    let sim = Sim::from_table(Arc::new(table_of(&rows, &domains, first, last)), "sample");
    let simulated = fast(&sim);
    assert_eq!(simulated, told);

    assert_eq!(simulated.by_day.last(), Some(&[35, 4, 11]));
    let domain_days = simulated
        .by_day
        .iter()
        .fold([0; 3], |sum, day| [sum[0] + day[0], sum[1] + day[1], sum[2] + day[2]]);
    assert_eq!(domain_days, [3_707, 447, 1_846]);
    let moves = simulated.records.iter().filter(|record| record.from.is_some()).count();
    assert_eq!(moves, 84);
    let counted: u32 = sim.day_moves().iter().map(|day| day.promoted + day.demoted).sum();
    assert_eq!(counted, 84);
    assert_eq!(sim.now(), Day(last).end());
    assert!((0..50).all(|ix| sim.domain_events(DomainIx(ix)).len() == 1));
}

fn policy() -> impl Strategy<Value = Policy> {
    let metric = || {
        proptest::option::weighted(
            0.85,
            (0..200_000_u32, 0..200_000_u32, 0..6_u64).prop_map(|(a, b, poor_min_events)| MetricPolicy {
                good_at_most_ppm: a.min(b),
                poor_at_least_ppm: a.max(b),
                poor_min_events,
            }),
        )
    };
    let below = prop_oneof![Just(BelowMinimum::Hold), Just(BelowMinimum::New)];
    (
        1..12_u32,
        1..4_u32,
        metric(),
        metric(),
        0..400_u64,
        below,
        1..4_u32,
        1..4_u32,
    )
        .prop_filter("a policy looks at something", |policy| {
            policy.2.is_some() || policy.3.is_some()
        })
        .prop_map(
            |(window_days, check_every_days, bounce, complaint, minimum_processed, below_minimum, up, down)| Policy {
                window_days,
                check_every_days,
                bounce,
                complaint,
                minimum_processed,
                below_minimum,
                promotion_after_checks: up,
                demotion_after_checks: down,
            },
        )
}

fn day_row() -> impl Strategy<Value = Option<Row>> {
    let row = (0..200_i128, 0..30_i128, 0..30_i128, 0..6_i128).prop_map(|(delivered, bounced, lost, complained)| {
        [delivered + bounced + lost, delivered, bounced, complained]
    });
    proptest::option::weighted(0.75, row)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_tables_under_random_policies_agree_record_by_record(
        policy in policy(),
        cells in (1..5_usize, 1..45_usize).prop_flat_map(|(domains, days)| {
            proptest::collection::vec(proptest::collection::vec(day_row(), days), domains)
        }),
        step in 1..9_u32,
    ) {
        let first = 20_000;
        let last = first + i32::try_from(cells[0].len()).unwrap() - 1;
        let domains: Vec<String> = (0..cells.len()).map(|ix| format!("mail{ix}.example")).collect();
        let mut rows = Rows::new();
        for (domain, days) in domains.iter().zip(&cells) {
            for (day, row) in (first..).zip(days) {
                if let Some(row) = row {
                    rows.insert((domain.clone(), day), *row);
                }
            }
        }
        let told = slow(&rows, &domains, first, last, &policy);
        let table = Arc::new(table_of(&rows, &domains, first, last));
        let mut build = AccountBuilder::table_with_policy(Arc::clone(&table), "t", &policy);
        while !build.is_done() {
            build.step(step);
        }
        let stepped = build.finish();
        prop_assert_eq!(&fast(&stepped), &told);
        prop_assert_eq!(stepped, AccountBuilder::table_with_policy(table, "t", &policy).finish());
    }
}

#[test]
fn a_gap_adds_nothing_and_the_check_runs_all_the_same() {
    // One good week, then nothing: the domain keeps its band under Hold, and goes back to new under the switch on the
    // first day whose window holds fewer than 1 000 messages.
    let rows: Rows = (0..7)
        .map(|day| (("a.example".to_owned(), day), [400, 399, 1, 0]))
        .collect();
    let domains = ["a.example".to_owned()];
    let mut table = table_of(&rows, &domains, 0, 19);
    table.accounts = vec![String::new(), "Acme".to_owned()];
    let table = Arc::new(table);
    let hold = Sim::from_table(Arc::clone(&table), "gaps");
    assert_eq!(hold.domain(DomainIx(0)).unwrap().band(), Some(Band::Good));
    assert_eq!(
        hold.domain(DomainIx(0)).unwrap().last_check.unwrap().counts,
        Counts::ZERO
    );
    assert_eq!(hold.accounts().len(), 2);
    assert_eq!(hold.domain(DomainIx(0)).unwrap().account, AccountIx::PARENT);

    let policy = Policy {
        below_minimum: BelowMinimum::New,
        ..Policy::default()
    };
    let back = AccountBuilder::table_with_policy(table, "gaps", &policy).finish();
    let last = back.records_of(DomainIx(0)).next().unwrap().record;
    // The window that ends with day 10 holds days 4 to 6: 1 200; with day 11 only 800.
    assert_eq!(
        (last.at, last.new_band, last.reason),
        (Day(11).end(), Band::New, MoveReason::BelowMinimum)
    );
    assert_eq!(last.counts.processed, 800);
    assert_eq!(
        back.domain_events(DomainIx(0))[0].kind,
        DomainEventKind::Enrolled { band: Band::New }
    );
}
