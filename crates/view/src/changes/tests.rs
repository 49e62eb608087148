use super::*;
use poolkeeper_core::model::AccountId;
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_simulator::sim::RecordView;
use poolkeeper_test_support::records::moved;

/// Thirty days of 1,000 messages each. `fell` bounces 700 on the 28th day, `back` on the 18th alone.
fn account() -> Sim {
    let domains = ["fell.example", "back.example", "calm.example"].map(|name| TableDomain {
        name: DomainName::as_sent(name),
        account: 0,
    });
    let mut table = Table::empty(Day(20_000), 30, vec!["main".to_owned()], domains.to_vec());
    for day in 0..30 {
        let mut add = |domain, bad_day| {
            let bounced = if day == bad_day { 700 } else { 10 };
            let counts = Counts {
                processed: 1_000,
                delivered: 1_000 - bounced,
                bounced,
                complained: 0,
            };
            table.add(domain, Day(20_000 + day), &counts).unwrap();
        };
        add(0, 27);
        add(1, 17);
        add(2, -1);
    }
    Sim::from_table(Arc::new(table), "three")
}

#[test]
fn a_week_is_told_from_the_week_before() {
    let sim = account();
    // Days 24 to 30 and 17 to 23, counted from 1: `back` falls on the 18th and rises on the 25th, 7 days later.
    let (week, before) = Changes::latest(&sim, 7);
    assert_eq!((week.first, week.last), (Day(20_023), Day(20_029)));
    assert_eq!(week.sentence(), "1 fell, 1 rose");
    assert_eq!(latest_sentence(&sim, 7), week.sentence());
    assert_eq!(before.sentence(), "1 fell, 0 rose");
    let [fell, rose] = &week.domains[..] else {
        panic!("{week:?}")
    };
    assert_eq!(
        (fell.name.as_str(), fell.from, fell.to),
        ("fell.example", Some(Band::Good), Some(Band::Poor))
    );
    assert_eq!((rose.name.as_str(), rose.kind), ("back.example", PeriodChange::Rose));
    // Over the last 20 days it moved, and is where it was.
    let (longer, _) = Changes::latest(&sim, 20);
    assert_eq!(longer.sentence(), "1 fell, 0 rose, 1 returned");
}

#[test]
fn a_fall_names_the_day_that_did_it_and_the_way_back() {
    let sim = account();
    let (week, _) = Changes::latest(&sim, 7);
    let fell = &week.domains[0];
    // Six days of 10 and one of 700 are 760 of 7,000 messages: 10.86 %. Day 20,027 is 31 Oct 2024.
    assert_eq!(
        fell.why(&sim),
        "700 of 1,000 messages bounced on 31 Oct 2024: 10.86 % over 7 days, limit 10 %"
    );
    // The bad day leaves the window of seven days with the check of 7 Nov.
    assert_eq!(
        fell.way_back(&sim),
        "Good on 7 Nov 2024 if there are no more bounces or complaints."
    );
    let labels = Labels::parse_csv("applies_to,customer\nfell*,Acme\n").unwrap();
    let table = sheet(&sim, &week.domains, &labels);
    assert_eq!(table.rows[0][2], "Acme");
    assert_eq!(table.rows.len(), 2);
}

#[test]
fn a_history_alone_tells_the_same_changes_by_the_services_words() {
    let sim = account();
    let newest_first = (0..sim.history_len()).rev().filter_map(|ix| sim.record(ix));
    let record = |view: RecordView| {
        let (record, name) = (view.record, &sim.domain(view.record.domain).unwrap().name);
        Arc::new(HistoryRecord {
            account_id: AccountId("main".to_owned()),
            reason: record.reason.text(record.new_band),
            bounce_rate: Some(Rate(760.0 / 7_000.0)),
            initiated_by: Some("system".to_owned()),
            timestamp: Some(record.at.to_utc()),
            ..moved(name.as_str(), record.prev_band, record.new_band)
        })
    };
    let records: Vec<_> = newest_first.map(record).collect();
    let (week, before) = Changes::latest_recorded(&records, Day(20_029), 7);
    assert_eq!(
        (week.sentence(), before.sentence()),
        ("1 fell, 1 rose".to_owned(), "1 fell, 0 rose".to_owned())
    );
    let fell = &week.domains[0];
    assert_eq!((fell.name.as_str(), fell.account.as_str()), ("fell.example", "main"));
    assert_eq!(fell.why(&sim), "bounce_rate in poor threshold: 10.86 % bounces");
    assert_eq!(fell.way_back(&sim), "");
    assert_eq!(fell.time.unwrap().day, Day(20_027));
}
