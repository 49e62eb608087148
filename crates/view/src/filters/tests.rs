use super::*;
use crate::labels::Labels;
use crate::last_moves::{HistoryPass, KnownMoves};
use chrono::{TimeZone, Utc};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Day, DomainId, DomainName, HistoryRecord};
use poolkeeper_test_support::records::moved;
use std::collections::BTreeMap;

static LABELS: std::sync::OnceLock<Labels> = std::sync::OnceLock::new();
static NO_NAMES: BTreeMap<AccountId, String> = BTreeMap::new();

/// The facts on 20 July 2026.
fn facts<'a>(moves: &'a KnownMoves, policy: &'a Policy) -> ListFacts<'a> {
    ListFacts {
        account_names: &NO_NAMES,
        moves,
        policy,
        last_day: july(20),
        labels: LABELS.get_or_init(|| {
            Labels::parse_csv("applies_to,customer,tags\n*.acme.example,Acme,\nb.acme.example,,trial\n").unwrap()
        }),
    }
}

fn july(day: u32) -> Day {
    Day::from_date(chrono::NaiveDate::from_ymd_opt(2026, 7, day).unwrap())
}

fn domain(name: &str, bounce: Option<f64>, pinned: Option<bool>) -> Domain {
    Domain {
        id: DomainId("1".to_owned()),
        account_id: AccountId("a".to_owned()),
        account_name: None,
        name: DomainName::as_sent(name),
        registered_at: None,
        pool: PoolName::Known(Band::Good),
        is_overridden: pinned,
        bounce_rate: bounce.map(Rate),
        complaint_rate: None,
        processed_count: None,
    }
}

fn of(values: [&str; 12]) -> DomainFilters {
    DomainFilters::parse(&values.map(str::to_owned))
}

/// The address's values for a test: name, pools, accounts, override, bounce, complaint, sort.
fn first(values: [&str; 7]) -> [&str; 12] {
    let [name, pools, accounts, pinned, bounce, complaint, sort] = values;
    [
        name, pools, accounts, pinned, bounce, complaint, "", "", "", "", "", sort,
    ]
}

fn shown(values: [&str; 7], by_name: &[Arc<Domain>]) -> Vec<String> {
    shown_with(first(values), by_name, &KnownMoves::default())
}

fn shown_with(values: [&str; 12], by_name: &[Arc<Domain>], moves: &KnownMoves) -> Vec<String> {
    let positions = of(values).positions(by_name, &facts(moves, &Policy::default()));
    let positions = positions.unwrap_or_else(|| (0..by_name.len() as u32).collect());
    positions
        .iter()
        .map(|at| by_name[*at as usize].name.to_string())
        .collect()
}

#[test]
fn rows_are_sorted_and_filtered_without_the_service() {
    let in_pool = |name: &str, bounce, band| {
        let mut domain = domain(name, bounce, None);
        domain.pool = PoolName::Known(band);
        Arc::new(domain)
    };
    let mut other = domain("e", None, None);
    other.account_id = AccountId("b".to_owned());
    other.pool = PoolName::parse("dynamic_great");
    let by_name = [
        in_pool("a", Some(0.2), Band::Good),
        in_pool("b", None, Band::Poor),
        in_pool("c", Some(0.1), Band::New),
        in_pool("d", Some(0.2), Band::Poor),
        Arc::new(other),
    ];
    let sorted = |sort| shown(["", "", "", "", "", "", sort], &by_name);
    assert_eq!(sorted(""), ["a", "b", "c", "d", "e"]);
    assert_eq!(sorted("-name"), ["e", "d", "c", "b", "a"]);
    // Without a rate last, whichever end is first; equal rates by name.
    assert_eq!(sorted("bounce_rate"), ["c", "a", "d", "b", "e"]);
    assert_eq!(sorted("-bounce_rate"), ["a", "d", "c", "b", "e"]);
    assert_eq!(
        shown(["", "poor,new", "", "", "", "", "-name"], &by_name),
        ["d", "c", "b"]
    );
    assert_eq!(shown(["", "dynamic_great", "", "", "", "", ""], &by_name), ["e"]);
    assert_eq!(shown(["", "", "b,c", "", "", "", ""], &by_name), ["e"]);
    assert_eq!(
        of([""; 12]).positions(&by_name, &facts(&KnownMoves::default(), &Policy::default())),
        None,
        "as they are"
    );
}

#[test]
fn the_rest_is_filtered_here() {
    let filters = of(first([" NEWS ", "", "", "off", "..5", "", ""]));
    let (moves, policy) = (KnownMoves::default(), Policy::default());
    let lets = |name, bounce, pinned| filters.lets_through(&domain(name, bounce, pinned), &facts(&moves, &policy));
    assert!(lets("news.example.com", Some(0.05), None));
    assert!(!lets("news.example.com", Some(0.0501), None));
    assert!(!lets("news.example.com", None, None));
    assert!(!lets("news.example.com", Some(0.01), Some(true)));
    assert!(!lets("mail.example.com", Some(0.01), None));
    assert_eq!(filters.set_count(), 2);
}

#[test]
fn moves_and_used_limits_filter_and_sort() {
    let moved = |name: &str, day, to| HistoryRecord {
        id: name.to_owned(),
        timestamp: Utc.with_ymd_and_hms(2026, 7, day, 12, 0, 0).single(),
        ..moved(name, None, to)
    };
    let mut pass = HistoryPass::default();
    pass.take(
        vec![
            moved("a", 20, Band::Good),
            moved("b", 14, Band::Poor),
            moved("c", 13, Band::Poor),
        ],
        None,
    );
    let moves = pass.over(KnownMoves::default(), true);
    // Bounces of 9 %, 8 %, none known, and 2 %: the default limit of poor is 10 %.
    let by_name = [("a", Some(0.09)), ("b", Some(0.08)), ("c", None), ("d", Some(0.02))]
        .map(|(name, bounce)| Arc::new(domain(name, bounce, None)));
    let with =
        |used, days, to, sort| shown_with(["", "", "", "", "", "", used, days, to, "", "", sort], &by_name, &moves);
    assert_eq!(with("80", "", "", ""), ["a", "b"]);
    assert_eq!(with("", "7", "", ""), ["a", "b"], "the 14th is the first of seven days");
    assert_eq!(with("", "", "poor", ""), ["b", "c"]);
    assert_eq!(with("", "7", "poor", ""), ["b"]);
    // The latest first; without a move last.
    assert_eq!(with("", "", "", "-last_move"), ["a", "b", "c", "d"]);
    assert_eq!(with("", "", "", "last_move"), ["c", "b", "a", "d"]);
    assert_eq!(with("", "", "", "limit_used"), ["d", "b", "a", "c"]);
    assert_eq!(
        of(["", "", "", "", "", "", "80", "7", "poor", "", "", ""]).set_count(),
        2
    );
}

#[test]
fn what_a_person_noted_filters_and_sorts() {
    let by_name = ["a.acme.example", "b.acme.example", "c.test"].map(|name| Arc::new(domain(name, None, None)));
    let with = |customer, tag, sort| {
        let values = ["", "", "", "", "", "", "", "", "", customer, tag, sort];
        shown_with(values, &by_name, &KnownMoves::default())
    };
    assert_eq!(with("Acme", "", ""), ["a.acme.example", "b.acme.example"]);
    assert_eq!(with("", "trial", ""), ["b.acme.example"]);
    assert_eq!(with("", "", "-tags"), ["b.acme.example", "a.acme.example", "c.test"]);
    assert_eq!(of(["", "", "", "", "", "", "", "", "", "Acme", "", ""]).set_count(), 1);
}

#[test]
fn typed_percentages_meet_quotients_of_counts() {
    let range = RateRange::from_texts("0,7 %", "0.7").unwrap();
    assert!(range.contains(Some(Rate(7.0 / 1_000.0))));
    assert_eq!(range.to_query(), "0.7..0.7");
    assert_eq!(RateRange::parse("0.7..0.7"), Ok(range));
}

#[test]
fn invalid_rates_are_reported() {
    assert!(RateRange::from_texts("five", "").unwrap_err().contains("five"));
    assert!(RateRange::from_texts("5", "1").unwrap_err().contains("swap"));
    assert!(RateRange::from_texts("101", "").is_err());
    assert_eq!(RateRange::parse(""), Ok(RateRange::default()));
}

#[test]
fn lists_in_the_address_toggle() {
    assert_eq!(toggled("", "good"), "good");
    assert_eq!(toggled("good,new", "poor"), "good,new,poor");
    assert_eq!(toggled("good,new", "good"), "new");
}
