//! What an address of the console holds: any text is read, and what is read is written so that it reads the same.

use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Day;
use poolkeeper_view::Sort;
use poolkeeper_view::charts::threshold_map::{HoldoutSplit, MapViewState};
use poolkeeper_view::domain_columns::ListFacts;
use poolkeeper_view::filters::{DomainFilters, RateRange};
use poolkeeper_view::labels::Labels;
use poolkeeper_view::last_moves::KnownMoves;
use poolkeeper_view::routes::PageRoute;
use poolkeeper_view::url_state::list::{parse_cell, parse_deciding};
use poolkeeper_view::url_state::{Defaults, KEYS, StudyTraffic, UrlState};
use std::collections::BTreeMap;

/// Domain-days that a link may have generated: more would not fit a page's memory.
const MOST_DOMAIN_DAYS: u64 = 100_000 * 366;

/// A path and a query.
pub fn links(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (path, query) = text.split_once('?').unwrap_or(("/", &text));
    let _ = PageRoute::at(path);
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let value = |key: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.clone())
    };
    what_if(&value);

    let map = |key: &str| value(key).unwrap_or_default();
    let settings = MapViewState::decode(&map("x"), &map("y"), &map("outcome"), &map("split"));
    assert_ne!(settings.x.param, settings.y.param, "{text}");
    let split = settings.split;
    assert_eq!(HoldoutSplit::decode(&split.encode()), split);
    for (_, value) in &pairs {
        let _ = (parse_cell(value), parse_deciding(value));
        let sort = Sort::parse(value);
        assert_eq!(Sort::parse(&sort.to_query()), sort, "{value}");
        if let Ok(range) = RateRange::parse(value) {
            assert_eq!(RateRange::parse(&range.to_query()), Ok(range), "{value}");
        }
    }
    let filters = poolkeeper_view::filters::KEYS.map(map);
    let facts = ListFacts {
        account_names: &BTreeMap::new(),
        moves: &KnownMoves::default(),
        policy: &Policy::default(),
        last_day: Day(0),
        labels: &Labels::default(),
    };
    let _ = DomainFilters::parse(&filters).positions(&[], &facts);
}

fn what_if(value: &impl Fn(&str) -> Option<String>) {
    let defaults = Defaults::default();
    let (settings, _) = UrlState::read(value, &defaults);
    if let StudyTraffic::Scenario(spec) = &settings.source {
        let domain_days = u64::from(spec.size()) * u64::from(spec.past_days());
        assert!(domain_days <= MOST_DOMAIN_DAYS, "{domain_days} domain-days");
    }
    let pairs = settings.pairs(&defaults);
    let written = |key: &str| {
        pairs
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, text)| text.clone())
    };
    let (again, problems) = UrlState::read(written, &defaults);
    assert_eq!(problems, Vec::<String>::new());
    // A link never has the domain of a file or of a live account, and none of the defaults.
    assert_eq!(again.pairs(&defaults), pairs);
    assert_eq!((again.a, again.b), (settings.a, settings.b));
    assert_eq!(pairs.len(), KEYS.len());
}
