//! Forecasts say what really moves.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use poolkeeper_account::change::{pin, remove, unpin};
use poolkeeper_account::forecast::{Forecast, forecast};
use poolkeeper_account::pool_change::PoolChange;
use poolkeeper_core::model::{Band, Counts, Day, DomainName, Ip, Replacement};
use poolkeeper_core::text;
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use poolkeeper_test_support::domains::enrolled as domain;
use std::sync::Arc;

const NAMES: [&str; 6] = [
    "a.example",
    "b.example",
    "c.example",
    "d.example",
    "e.example",
    "f.example",
];

/// Six domains, all of them good by their rates but the first, of whose mail a fifth bounces.
fn account() -> Simulator {
    let domains = NAMES.map(|name| TableDomain {
        name: DomainName::as_sent(name),
        account: 0,
    });
    let mut table = Table::empty(Day(20_000), 7, vec!["main".to_owned()], domains.to_vec());
    for (at, day) in (0..NAMES.len()).flat_map(|at| (0..7).map(move |day| (at, day))) {
        let bounced = if at == 0 { 200 } else { 0 };
        let counts = Counts {
            processed: 1_000,
            delivered: 1_000 - bounced,
            bounced,
            complained: 0,
        };
        table.add(at, Day(20_000 + day), &counts).unwrap();
    }
    Simulator::new(Sim::from_table(Arc::new(table), "seven days"))
}

fn lines(forecast: Forecast) -> Vec<String> {
    match forecast {
        Forecast::Changes(lines) => lines,
        Forecast::Bulk(bulk) => bulk.changes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pins_and_cleared_pins_are_no_moves_and_the_next_check_is_told() {
    let account = account();
    let all: Vec<_> = NAMES.iter().map(|name| domain(name, Band::Good, false)).collect();
    let pins = pin(&all, Band::Good);
    let said = lines(forecast(&account, &pins, 100));
    // Only the first was poor; the others are in good already.
    assert_eq!(said[0], "6 domains change: 5 pinned where they are, 1 to good");
    for write in pins.writes() {
        account.change(&write.request().unwrap()).unwrap();
    }
    let pinned: Vec<_> = NAMES.iter().map(|name| domain(name, Band::Good, true)).collect();
    let said = lines(forecast(&account, &unpin(&pinned), 100));
    assert_eq!(said[0], "6 domains change: 6 no longer pinned");
    assert_eq!(
        said[1],
        "With their present rates, the next health check moves 1 domain: 1 to poor"
    );
    assert_eq!(
        said[2],
        "a.example is no longer pinned; with its present rates, the next health check moves it from good to poor"
    );
    assert_eq!(
        said[3],
        "b.example is no longer pinned; it stays in good until a health check moves it"
    );
}

#[test]
fn pinning_a_bad_domain_to_good_is_warned_of_with_its_rate_and_the_limit() {
    let account = account();
    let said = lines(forecast(
        &account,
        &pin(&[domain("a.example", Band::Poor, false)], Band::Good),
        100,
    ));
    // 200 of 1,000 messages bounce each day. The other five domains are in good.
    let warning = "Warning: a.example has 20.00 % bounces, over the limit of 10 % for poor. In good it shares IPs with 5 other domains";
    assert!(said.iter().any(|line| line == warning), "{said:?}");
    let to_poor = lines(forecast(
        &account,
        &pin(&[domain("a.example", Band::Poor, false)], Band::Poor),
        100,
    ));
    assert!(!to_poor.iter().any(|line| line.starts_with("Warning")), "{to_poor:?}");
    // The IPs of an account made of a file are placeholders: nothing is said of their load.
    assert!(!said.iter().any(|line| line.starts_with("Load")), "{said:?}");
}

/// What a pool's domains sent in a day of the last seven, over its IPs that are not warming: counted plainly.
fn daily_per_ip(sim: &Sim, band: Band, without: Option<&str>, with: Option<&str>) -> u64 {
    let is_in = |name: &str, now: Option<Band>| (now == Some(band) && Some(name) != without) || Some(name) == with;
    let sent: u64 = sim
        .domains()
        .filter(|domain| is_in(domain.name.as_str(), domain.band()))
        .map(|domain| domain.window.processed)
        .sum();
    let ips = sim.pool_ips(band).iter().filter(|ip| !sim.is_warming(ip)).count() as u64;
    sent / 7 / ips
}

#[test]
fn a_change_says_what_it_does_to_the_load_of_the_ips() {
    let sim = Sim::scenario(&ScenarioSpec::new(ScenarioKind::SteadySenders, 40, 3).unwrap());
    let largest = sim.domains().filter(|domain| domain.band() == Some(Band::Good));
    let largest = largest.max_by_key(|domain| domain.window.processed).unwrap();
    let name = largest.name.to_string();
    let account = Simulator::new(sim.clone());
    let said = lines(forecast(
        &account,
        &pin(&[domain(&name, Band::Good, false)], Band::Poor),
        100,
    ));
    for (band, without, with) in [(Band::Good, Some(&*name), None), (Band::Poor, None, Some(&*name))] {
        let before = text::count(daily_per_ip(&sim, band, None, None));
        let after = text::count(daily_per_ip(&sim, band, without, with));
        let load = format!("Load of {}: {before} → {after} messages per IP and day", band.word());
        assert!(said.iter().any(|line| line.starts_with(&load)), "{load}: {said:?}");
    }
    let poor = said.iter().find(|line| line.starts_with("Load of poor")).unwrap();
    assert!(poor.contains("Warning: twice as much or more"), "{poor}");
}

/// Each change of IPs is made on a copy, whose loads are counted plainly.
#[test]
fn what_is_said_of_the_load_is_what_the_account_then_has() {
    let sim = Sim::scenario(&ScenarioSpec::new(ScenarioKind::SteadySenders, 40, 3).unwrap());
    let free = |is_warming: bool| {
        let mut dedicated = sim.ips().iter().filter(|known| known.is_dedicated);
        let found = dedicated.find(|known| sim.pool_of(&known.ip).is_none() && sim.is_warming(&known.ip) == is_warming);
        found.unwrap().ip.clone()
    };
    let warm_of = |band| {
        sim.pool_ips(band)
            .iter()
            .find(|ip| !sim.is_warming(ip))
            .unwrap()
            .clone()
    };
    let (warming_pool, warming) = Band::ALL
        .into_iter()
        .find_map(|band| Some((band, sim.pool_ips(band).iter().find(|ip| sim.is_warming(ip))?.clone())))
        .unwrap();
    let edit = |add: Vec<Ip>, remove: Vec<Ip>| PoolChange {
        add,
        remove,
        ..PoolChange::of(Band::Good)
    };
    let changes = [
        edit(vec![free(false)], Vec::new()),
        edit(vec![free(true)], Vec::new()),
        edit(vec![free(false)], vec![warm_of(Band::Good)]),
        PoolChange {
            pool: Band::Poor,
            ..PoolChange::moving(Band::Good, warm_of(Band::Good))
        },
        PoolChange::ending_warm_up(warming),
    ];
    let mut moved_pools = Vec::new();
    for change in changes {
        let proposal = change.proposal().unwrap();
        let said = lines(forecast(&Simulator::new(sim.clone()), &proposal, 100));
        let after = Simulator::new(sim.clone());
        for write in proposal.writes() {
            after.change(&write.request().unwrap()).unwrap();
        }
        for band in Band::ALL {
            let (from, to) = (
                daily_per_ip(&sim, band, None, None),
                daily_per_ip(&after.sim(), band, None, None),
            );
            let start = format!(
                "Load of {}: {} → {} messages",
                band.word(),
                text::count(from),
                text::count(to)
            );
            let is_said = said.iter().any(|line| line.starts_with(&start));
            assert_eq!(is_said, from != to, "{change:?}: {start}: {said:?}");
            moved_pools.extend((from != to).then_some(band));
        }
    }
    assert!(
        moved_pools.contains(&Band::Poor) && moved_pools.contains(&warming_pool),
        "{moved_pools:?}"
    );
}

#[test]
fn leaving_to_a_warming_ip_is_warned_of_with_what_it_may_send() {
    let sim = Sim::scenario(&ScenarioSpec::new(ScenarioKind::SteadySenders, 40, 3).unwrap());
    let is_free = |ip: &Ip| sim.pool_of(ip).is_none() && sim.is_warming(ip);
    let warming = sim.ips().iter().map(|known| &known.ip).find(|ip| is_free(ip)).unwrap();
    let sender = sim.domains().find(|domain| domain.window.processed > 7_000).unwrap();
    let daily = text::count(sender.window.processed / 7);
    let leaving = [domain(sender.name.as_str(), Band::Good, false)];
    let removal = remove(&leaving, &Replacement::Ips(vec![warming.clone()]));
    let said = lines(forecast(&Simulator::new(sim.clone()), &removal, 100));
    let start = format!(
        "Warning: {} sends {daily} messages a day; {warming} is warming up and may send",
        sender.name
    );
    assert!(said.iter().any(|line| line.starts_with(&start)), "{start}: {said:?}");
}
