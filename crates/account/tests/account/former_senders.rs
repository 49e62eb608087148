//! What domains sent from before they were enrolled: read once an IP and pool, noted, found again.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use chrono::DateTime;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, Write};
use mailgun_pools::transport::{Body, Request, Response, Transport, TransportError};
use poolkeeper_account::change::{ChangeStep, Proposal, enroll, enroll_all, remove};
use poolkeeper_account::former_senders::{FormerSender, FormerSenders, MOST_READS, SenderNote};
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeRecord, ItemAnswer, RecordAccount, RecordContents, RecordEntry,
};
use poolkeeper_core::model::{AccountId, Domain, DomainName, Ip, Replacement};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, SendsFrom, Sim};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// An account by hand: 192.0.2.1 is in a dynamic pool, 192.0.2.2 in the dedicated pool `p1`, 192.0.2.3 and .4 in none,
/// 192.0.2.9 is shared.
struct HandMade {
    /// Domains by IP or pool, with `@` and the subaccount before it where it is not the account's own.
    domains: BTreeMap<String, Vec<String>>,
    /// Paths that are refused.
    forbidden: &'static [&'static str],
    /// The lists never end.
    is_endless: bool,
    asked: RefCell<Vec<Request>>,
}

impl HandMade {
    fn new(domains: &[(&str, Vec<String>)]) -> Self {
        Self {
            domains: domains
                .iter()
                .map(|(of, names)| ((*of).to_owned(), names.clone()))
                .collect(),
            forbidden: &[],
            is_endless: false,
            asked: RefCell::default(),
        }
    }

    fn answer(&self, request: &Request) -> (u16, Value) {
        if self.forbidden.contains(&request.path.as_str()) {
            return (403, json!({"message": "role missing"}));
        }
        let number = |key: &str| {
            let pair = request.query.iter().find(|(name, _)| name == key);
            pair.map_or(0_usize, |(_, value)| value.parse().unwrap())
        };
        let of = request.path.split('/').nth(3).unwrap_or_default();
        let own = request.on_behalf_of.as_ref().map(|account| format!("{account}@"));
        let names = self.domains.get(&format!("{}{of}", own.unwrap_or_default()));
        let names = names.cloned().unwrap_or_default();
        let (limit, skipped) = (number("limit"), number("skip") + number("page"));
        let page: Vec<String> = if self.is_endless {
            vec![format!("x{}.{of}.example", self.asked.borrow().len())]
        } else {
            names.iter().skip(skipped).take(limit).cloned().collect()
        };
        let answer = match request.path.as_str() {
            "/v3/dynamic_pools" => {
                json!({"pools": [{"account_id": "own", "name": "dynamic_good", "ips": ["192.0.2.1"]}]})
            }
            "/v3/ip_pools" => json!({"ip_pools": [{"pool_id": "p1", "name": "Receipts", "ips": ["192.0.2.2"]}]}),
            "/v3/ips" => {
                let ips = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.9"];
                let detail = |ip: &&str| json!({"ip": ip, "dedicated": *ip != "192.0.2.9"});
                json!({"items": ips, "details": ips.iter().map(detail).collect::<Vec<_>>()})
            }
            path if path.starts_with("/v3/ip_pools/") => {
                let next = skipped + page.len();
                let paging = if self.is_endless || next < names.len() {
                    json!({"next": format!("https://example.com{path}?limit={limit}&page={next}")})
                } else {
                    json!({})
                };
                let page: Vec<Value> = page.iter().map(|name| json!({"id": name, "name": name})).collect();
                json!({"domains": page, "paging": paging})
            }
            _ => {
                let page: Vec<Value> = page.iter().map(|name| json!({"domain": name, "ips": [of]})).collect();
                let total = if self.is_endless { 1_000_000 } else { names.len() };
                json!({"items": page, "total_count": total})
            }
        };
        (200, answer)
    }
}

impl Transport for HandMade {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let (status, body) = self.answer(&request);
        self.asked.borrow_mut().push(request);
        let response = Response {
            status,
            headers: Vec::new(),
            body: Body::Json(body),
        };
        Box::pin(async move { Ok(response) })
    }
}

fn names(of: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("d{at:05}.{of}.example")).collect()
}

fn steps(names: &[String], account: Option<&str>) -> Vec<ChangeStep> {
    let account = account.map(|id| AccountId(id.to_owned()));
    let domains: Vec<_> = names
        .iter()
        .map(|name| (DomainName::as_sent(name), account.clone()))
        .collect();
    enroll(&domains, None).steps
}

fn read(service: &Rc<HandMade>, steps: &[ChangeStep]) -> FormerSenders {
    let client = Client::new(Rc::clone(service) as _);
    FormerSenders::read(&client, steps)
        .now_or_never()
        .expect("an answer at once")
}

fn ips(ips: &[&str]) -> FormerSender {
    FormerSender::Ips(ips.iter().map(|ip| Ip::as_sent(ip)).collect())
}

fn receipts() -> FormerSender {
    FormerSender::DedicatedPool {
        id: "p1".to_owned(),
        name: "Receipts".to_owned(),
    }
}

fn note(sender: FormerSender, names: &[String]) -> SenderNote {
    SenderNote {
        sender,
        domains: names.iter().map(|name| DomainName::as_sent(name)).collect(),
    }
}

#[test]
fn each_domain_is_noted_with_its_ip_or_dedicated_pool() {
    let service = HandMade::new(&[
        ("p1", names("pool", 2)),
        ("192.0.2.2", names("pool", 2)),
        ("192.0.2.3", names("three", 2)),
        ("192.0.2.9", names("shared", 1)),
    ]);
    let service = Rc::new(service);
    let enrolled = [
        "d00000.pool.example",
        "d00001.three.example",
        "d00000.shared.example",
        "unknown.example",
    ];
    let found = read(&service, &steps(&enrolled.map(str::to_owned), None));
    let expected = FormerSenders {
        notes: vec![
            note(ips(&["192.0.2.3"]), &["d00001.three.example".to_owned()]),
            note(receipts(), &["d00000.pool.example".to_owned()]),
        ],
        gaps: Vec::new(),
    };
    assert_eq!(found, expected);
    assert_eq!((found.count(), found.problem()), (2, None));
    // Neither the shared IP, nor those of a pool.
    let asked: BTreeSet<String> = service.asked.borrow().iter().map(|one| one.path.clone()).collect();
    let expected = [
        "/v3/dynamic_pools",
        "/v3/ip_pools",
        "/v3/ip_pools/p1/domains",
        "/v3/ips",
        "/v3/ips/192.0.2.3/domains",
        "/v3/ips/192.0.2.4/domains",
    ];
    assert_eq!(asked, expected.map(str::to_owned).into());
}

#[test]
fn a_bulk_of_thousands_asks_once_an_ip_and_pool() {
    let (pool, three) = (names("pool", 1_200), names("three", 2_001));
    let service = Rc::new(HandMade::new(&[("p1", pool.clone()), ("192.0.2.3", three.clone())]));
    let all: Vec<String> = pool.iter().chain(&three).cloned().collect();
    let found = read(&service, &steps(&all, None));
    assert_eq!((found.count(), found.gaps.len()), (3_201, 0));
    // Pages of 500: 3 of the pool, 5 of the one IP, at most 1 of the other. Three lists before.
    let asked = service.asked.borrow().len();
    assert!((3 + 3 + 5..=3 + 3 + 5 + 1).contains(&asked), "{asked} requests");
}

#[test]
fn nothing_is_asked_once_every_domain_is_found_and_nothing_for_other_changes() {
    let service = Rc::new(HandMade::new(&[("p1", names("pool", 1))]));
    assert_eq!(read(&service, &steps(&names("pool", 1), None)).count(), 1);
    let asked: Vec<String> = service.asked.borrow().iter().map(|one| one.path.clone()).collect();
    assert!(!asked.iter().any(|path| path.starts_with("/v3/ips/")), "{asked:?}");

    let service = Rc::new(HandMade::new(&[]));
    let other = Write::RemoveOverride {
        domain: DomainName::as_sent("a.example"),
    };
    assert!(read(&service, &[other.into()]).is_empty());
    assert!(service.asked.borrow().is_empty());
}

#[test]
fn all_domains_are_noted_where_all_are_enrolled() {
    let service = Rc::new(HandMade::new(&[
        ("p1", names("pool", 3)),
        ("192.0.2.1", names("enrolled", 2)),
        ("192.0.2.4", names("four", 1)),
    ]));
    let found = read(&service, &enroll_all(false).steps);
    let notes = [
        note(ips(&["192.0.2.4"]), &names("four", 1)),
        note(receipts(), &names("pool", 3)),
    ];
    assert_eq!((&found.notes, found.problem()), (&notes.to_vec(), None));
    // A subaccount's own are asked for on its behalf only, and nobody said which.
    let with_subaccounts = read(&service, &enroll_all(true).steps);
    assert_eq!(with_subaccounts.notes, notes);
    assert_eq!(with_subaccounts.gaps, ["Domains of subaccounts: not looked for"]);
}

#[test]
fn a_read_that_fails_is_a_gap_and_the_others_are_made() {
    let domains = [("p1", names("pool", 1)), ("192.0.2.3", names("three", 1))];
    let both: Vec<String> = domains.iter().flat_map(|(_, names)| names.clone()).collect();
    for (forbidden, what, found) in [
        ("/v3/ip_pools", "Dedicated pools: ", 1),
        ("/v3/ip_pools/p1/domains", "Dedicated pools: ", 1),
        ("/v3/ips", "IPs: ", 1),
        ("/v3/ips/192.0.2.3/domains", "IPs: ", 1),
        ("/v3/dynamic_pools", "Dynamic pools: ", 1),
    ] {
        let paths: &'static [&'static str] = Box::leak(Box::new([forbidden]));
        let service = Rc::new(HandMade {
            forbidden: paths,
            ..HandMade::new(&domains)
        });
        let read = read(&service, &steps(&both, None));
        assert_eq!(read.count(), found, "{forbidden}");
        assert!(
            read.gaps.len() == 1 && read.gaps[0].starts_with(what),
            "{:?}",
            read.gaps
        );
        assert!(read.problem().expect("a sentence").contains("role missing"));
    }
}

#[test]
fn lists_that_do_not_end_are_left_after_a_bound() {
    let service = Rc::new(HandMade {
        is_endless: true,
        ..HandMade::new(&[])
    });
    let found = read(&service, &steps(&names("none", 1), None));
    assert_eq!(found.gaps.len(), 2, "{:?}", found.gaps);
    // The pages, the three lists before, and what was asked side by side at the end.
    assert!(service.asked.borrow().len() <= MOST_READS as usize + 3 + 8);
}

#[test]
fn a_subaccounts_domain_is_looked_for_on_its_behalf() {
    let service = Rc::new(HandMade::new(&[
        ("192.0.2.3", names("own", 1)),
        ("sub@192.0.2.4", names("sub", 1)),
    ]));
    let steps = [
        steps(&names("own", 1), Some("own")),
        steps(&names("sub", 1), Some("sub")),
    ]
    .concat();
    let found = read(&service, &steps);
    let notes = [
        note(ips(&["192.0.2.3"]), &names("own", 1)),
        note(ips(&["192.0.2.4"]), &names("sub", 1)),
    ];
    assert_eq!(found.notes, notes);
}

#[test]
fn of_many_subaccounts_some_are_left_out_and_that_is_said() {
    let service = Rc::new(HandMade::new(&[]));
    let steps = (0..300).flat_map(|at| steps(&names(&format!("sub{at}"), 1), Some(&format!("sub{at}"))));
    let found = read(&service, &steps.collect::<Vec<_>>());
    assert!(
        found.gaps.iter().any(|gap| gap.starts_with("Domains of subaccounts: ")),
        "{:?}",
        found.gaps
    );
    // The account's own pools, and what was asked side by side for the last one.
    assert!(service.asked.borrow().len() <= MOST_READS as usize + 1 + 8);
}

#[test]
fn what_a_simulated_account_says_is_where_its_domains_are() {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 300, 7).unwrap();
    let simulator = Simulator::new(Sim::scenario(&spec));
    let sim = simulator.sim();
    let client = Client::new(simulator.transport());
    let outside: Vec<_> = sim.domains().filter(|domain| domain.enrolment.is_none()).collect();
    let account_id = |account| sim.account(account).unwrap().id.clone();
    let domains: Vec<_> = outside
        .iter()
        .map(|domain| (domain.name.clone(), Some(account_id(domain.account))))
        .collect();
    let change = enroll(&domains, None);
    let found = FormerSenders::read(&client, &change.steps);
    let found = found.now_or_never().expect("an answer at once");
    let mut expected = BTreeMap::<String, BTreeSet<DomainName>>::new();
    for domain in &outside {
        if let SendsFrom::DedicatedPool(pool) = domain.outside {
            let pool = sim.dedicated_pools()[*pool as usize].id.clone();
            expected.entry(pool).or_default().insert(domain.name.clone());
        }
    }
    assert!(!expected.is_empty(), "the scenario has domains on dedicated pools");
    let mut noted = BTreeMap::<String, BTreeSet<DomainName>>::new();
    for note in found.notes {
        let FormerSender::DedicatedPool { id, .. } = note.sender else {
            panic!("{note:?}")
        };
        noted.entry(id).or_default().extend(note.domains);
    }
    assert_eq!(noted, expected);
}

const SECOND: i64 = 1_800_000_000;

fn account(name: &str) -> RecordAccount {
    RecordAccount {
        name: name.to_owned(),
        address: format!("https://{name}.example"),
        on_behalf_of: None,
    }
}

/// A change of the record whose first item has an answer.
fn recorded(id: &str, of: &str, change: &Proposal, senders: Vec<SenderNote>, answer: ItemAnswer) -> Vec<RecordEntry> {
    let at = DateTime::from_timestamp(SECOND, 0).unwrap();
    let intent = ChangeIntent {
        former_senders: Box::new(FormerSenders {
            notes: senders,
            gaps: Vec::new(),
        }),
        ..ChangeIntent::of(change, ChangeId::from(id), at, account(of), Vec::new())
    };
    let answered = RecordEntry::Answered {
        change: ChangeId::from(id),
        item: 0,
        at,
        answer,
    };
    vec![RecordEntry::Intended(intent), answered]
}

#[test]
fn the_latest_enrollment_that_was_made_says_what_a_domain_sent_from() {
    let a = || vec!["a.example".to_owned()];
    let enrolled = || enroll(&[(DomainName::as_sent("a.example"), None)], None);
    let removed = || {
        let a = Domain {
            id: Default::default(),
            account_id: AccountId::default(),
            account_name: None,
            name: DomainName::as_sent("a.example"),
            registered_at: None,
            pool: poolkeeper_core::model::Band::Good.into(),
            is_overridden: None,
            bounce_rate: None,
            complaint_rate: None,
            processed_count: None,
        };
        remove(&[Arc::new(a)], &Replacement::Shared)
    };
    let on = |ip: &str| vec![note(ips(&[ip]), &a())];
    let made = || ItemAnswer::Made;
    let no = || ItemAnswer::Failed("409".to_owned());
    let found = |entries: Vec<Vec<RecordEntry>>| {
        let record: ChangeRecord = entries.into_iter().flatten().collect();
        let wanted = BTreeSet::from([DomainName::as_sent("a.example"), DomainName::as_sent("b.example")]);
        let found = record.former_senders(&account("eu"), &wanted);
        assert!(!found.contains_key(&DomainName::as_sent("b.example")));
        found.into_values().next()
    };
    let first = || recorded("1", "eu", &enrolled(), on("192.0.2.3"), made());
    assert_eq!(found(vec![first()]), Some(ips(&["192.0.2.3"])));
    let later = |answer| recorded("2", "eu", &enrolled(), on("192.0.2.4"), answer);
    assert_eq!(found(vec![first(), later(made())]), Some(ips(&["192.0.2.4"])));
    // One without an answer may have been made; one that was refused was not.
    let unknown = ItemAnswer::Unknown("timeout".to_owned());
    assert_eq!(found(vec![first(), later(unknown)]), Some(ips(&["192.0.2.4"])));
    assert_eq!(found(vec![first(), later(no())]), Some(ips(&["192.0.2.3"])));
    // It left, and came back without a note: what it used before is not what it used then.
    let left = || recorded("3", "eu", &removed(), Vec::new(), made());
    assert_eq!(found(vec![first(), left()]), None);
    let unnoted = recorded("4", "eu", &enrolled(), Vec::new(), made());
    assert_eq!(found(vec![first(), left(), unnoted]), None);
    // Another account's domain of that name.
    assert_eq!(
        found(vec![recorded("1", "us", &enrolled(), on("192.0.2.3"), made())]),
        None
    );
    let all = recorded("5", "eu", &enroll_all(true), vec![note(receipts(), &a())], made());
    assert_eq!(found(vec![first(), left(), all]), Some(receipts()));
}

#[test]
fn notes_are_stored_and_an_entry_without_them_is_read() {
    let change = enroll(&[(DomainName::as_sent("a.example"), None)], None);
    let senders = vec![
        note(receipts(), &["a.example".to_owned()]),
        note(ips(&["192.0.2.3", "2001:db8::1"]), &["b.example".to_owned()]),
    ];
    for senders in [senders, Vec::new()] {
        let entries = recorded("1", "eu", &change, senders.clone(), ItemAnswer::Made);
        let lines: String = (1..)
            .zip(&entries)
            .map(|(number, entry)| entry.line(number).unwrap())
            .collect();
        assert_eq!(lines.contains("former_senders"), !senders.is_empty());
        let read = RecordContents::read_lines(lines.as_bytes(), 1);
        assert_eq!(read.entries, entries);
    }
}
