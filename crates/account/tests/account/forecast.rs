//! Forecasts say what really moves.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use poolkeeper_account::change::{pin, unpin};
use poolkeeper_account::forecast::{Forecast, forecast};
use poolkeeper_core::model::{Band, Counts, Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::Sim;
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
