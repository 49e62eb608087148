//! A bulk over a service that fails, hangs and resets, ended in the middle as a crash ends it, and gone on with from its record.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use crate::sending::{account, now};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, pending};
use mailgun_pools::api::{Client, DomainsQuery, Paginator, is_read};
use mailgun_pools::transport::{Body, Request, Response, Transport, TransportError};
use poolkeeper_account::change::{ChangeStep, pin};
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeOutcome, ChangeRecord, ItemAnswer, ItemState, RECORD_HEADER, RecordAccount,
    RecordContents, RecordEntry,
};
use poolkeeper_account::sending::{ChangeSender, NextStep, SendRecorder, StopReason, is_made};
use poolkeeper_core::model::{Band, Domain, DomainName};
use poolkeeper_simulator::server::Simulator;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

const DOMAINS: usize = 1_000;

/// A service of whose answers to changes 5 % are 500s, 2 % never come, and 1 % of whose connections are reset. Half of those
/// changes are made all the same. Time is virtual: what never comes is a timeout at once.
struct HardService {
    account: Simulator,
    /// The change that is not answered while the page lives, counted from 1.
    dies_at: usize,
    changes: Cell<usize>,
    attempts: RefCell<HashMap<String, u32>>,
    /// The status of the last answer that the client got for a path.
    answered: RefCell<HashMap<String, u16>>,
    faults: Cell<[usize; 3]>,
}

impl HardService {
    fn new(account: &Simulator, dies_at: usize) -> Rc<Self> {
        Rc::new(Self {
            account: account.clone(),
            dies_at,
            changes: Cell::new(0),
            attempts: RefCell::default(),
            answered: RefCell::default(),
            faults: Cell::default(),
        })
    }

    /// A number below 200 that only depends on the path and the attempt.
    fn lot(path: &str, attempt: u32) -> u64 {
        let bytes = path.bytes().chain(attempt.to_le_bytes());
        let hash = bytes.fold(0_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(9)
        });
        (hash >> 7) % 200
    }

    fn count(&self, kind: usize) {
        let mut faults = self.faults.get();
        *faults.get_mut(kind).unwrap() += 1;
        self.faults.set(faults);
    }

    fn change(&self, request: &Request) -> Option<Result<Response, TransportError>> {
        self.changes.set(self.changes.get() + 1);
        let path = request.path.clone();
        let before = self.answered.borrow().get(&path).copied();
        assert!(
            before.is_none_or(|status| status >= 500),
            "{path} was answered {before:?} and is sent again"
        );
        let attempt = {
            let mut attempts = self.attempts.borrow_mut();
            let attempt = attempts.entry(path.clone()).or_default();
            *attempt += 1;
            *attempt
        };
        let lot = Self::lot(&path, attempt);
        let is_made = lot % 2 == 0;
        if self.changes.get() == self.dies_at {
            // It arrives and is made, and the page is gone before its answer.
            assert_eq!(self.account.handle(request).status, 200);
            return None;
        }
        if lot >= 16 {
            let answer = self.account.handle(request);
            self.answered.borrow_mut().insert(path, answer.status);
            return Some(Ok(answer));
        }
        if is_made {
            let _ = self.account.handle(request);
        }
        Some(match lot {
            0..10 => {
                self.count(0);
                self.answered.borrow_mut().insert(path, 500);
                Ok(Response {
                    status: 500,
                    headers: Vec::new(),
                    body: Body::Json(serde_json::json!({ "message": "made to fail" })),
                })
            }
            10..14 => {
                self.count(1);
                Err(TransportError::TimedOut(30_000))
            }
            _ => {
                self.count(2);
                Err(TransportError::Broken("connection reset".to_owned()))
            }
        })
    }
}

impl Transport for HardService {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        if is_read(&request) {
            let answer = self.account.handle(&request);
            return Box::pin(async move { Ok(answer) });
        }
        match self.change(&request) {
            Some(answer) => Box::pin(async move { answer }),
            None => Box::pin(pending()),
        }
    }
}

/// A record in memory, as bytes. It takes so many entries, then its disk is full.
struct StoredBytes {
    bytes: RefCell<Vec<u8>>,
    entries: Cell<u64>,
    room: Cell<u64>,
}

impl StoredBytes {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            bytes: RefCell::new(format!("{RECORD_HEADER}\n").into_bytes()),
            entries: Cell::new(0),
            room: Cell::new(u64::MAX),
        })
    }

    fn append(&self, entry: &RecordEntry) -> Result<(), String> {
        if self.entries.get() >= self.room.get() {
            return Err("no space left".to_owned());
        }
        self.entries.set(self.entries.get() + 1);
        let line = entry.line(self.entries.get()).unwrap();
        self.bytes.borrow_mut().extend_from_slice(line.as_bytes());
        Ok(())
    }

    /// What a page that is opened afterwards finds.
    fn record(&self) -> ChangeRecord {
        let read = RecordContents::read(&self.bytes.borrow()).unwrap();
        assert_eq!(read.damage, None);
        read.entries.into_iter().collect()
    }
}

struct BytesRecorder {
    stored: Rc<StoredBytes>,
    change: ChangeId,
    /// The item of each step.
    items: Vec<usize>,
    account: Simulator,
}

impl SendRecorder for BytesRecorder {
    fn sending(&self, place: usize) -> LocalBoxFuture<'_, Result<(), String>> {
        let (change, item, at) = (self.change.clone(), *self.items.get(place).unwrap(), now(&self.account));
        let stored = self.stored.append(&RecordEntry::Sent { change, item, at });
        Box::pin(async move { stored })
    }

    fn answered(&self, place: usize, answer: ItemAnswer) -> LocalBoxFuture<'_, ()> {
        let (change, item, at) = (self.change.clone(), *self.items.get(place).unwrap(), now(&self.account));
        let entry = RecordEntry::Answered {
            change,
            item,
            at,
            answer,
        };
        let _ = self.stored.append(&entry);
        Box::pin(async {})
    }
}

/// Sends steps to their end; `false` when the page was gone before.
fn send(
    service: &Rc<HardService>,
    steps: Vec<(usize, ChangeStep)>,
    stored: &Rc<StoredBytes>,
    change: &ChangeId,
) -> bool {
    let (items, steps): (Vec<usize>, Vec<ChangeStep>) = steps.into_iter().unzip();
    let client = Client::new(Rc::clone(service) as Rc<dyn Transport>);
    let mut sender = ChangeSender::simulated(client, steps, true).recorded_by(Rc::new(BytesRecorder {
        stored: Rc::clone(stored),
        change: change.clone(),
        items,
        account: service.account.clone(),
    }));
    loop {
        match sender.step(now(&service.account), |_| true).now_or_never() {
            None => return false,
            // Its wait is over at once: time is virtual.
            Some(NextStep::Now | NextStep::AfterMs(_)) => {}
            Some(NextStep::Over) => return true,
        }
    }
}

/// Looks in the account for what is in doubt, and notes what it finds.
fn check(service: &Rc<HardService>, stored: &StoredBytes, change: &ChangeId) -> usize {
    let record = stored.record();
    let client = Client::new(Rc::clone(service) as Rc<dyn Transport>);
    let in_doubt: Vec<_> = record.get(change).unwrap().in_doubt().collect();
    for (item, of) in &in_doubt {
        let made = is_made(&client, of.write().unwrap()).now_or_never().unwrap().unwrap();
        let answer = if made == Some(true) {
            ItemAnswer::Made
        } else {
            ItemAnswer::NotMade
        };
        let (change, at) = (change.clone(), now(&service.account));
        let entry = RecordEntry::Answered {
            change,
            item: *item,
            at,
            answer,
        };
        stored.append(&entry).unwrap();
    }
    in_doubt.len()
}

/// Where each domain is, and whether it is pinned there.
fn places(account: &Simulator, domains: &[Arc<Domain>]) -> Vec<(Band, bool)> {
    let sim = account.sim();
    let place = |name: &DomainName| {
        let standing = sim.standing(sim.find_domain(name).unwrap()).unwrap();
        (standing.band, standing.is_overridden)
    };
    domains.iter().map(|domain| place(&domain.name)).collect()
}

fn enrolled_domains(account: &Simulator) -> Vec<Arc<Domain>> {
    let client = Client::new(account.transport());
    let mut walk = Paginator::new(client, DomainsQuery::default());
    let mut domains = Vec::new();
    while let Some(page) = walk.next_page().now_or_never().unwrap().unwrap() {
        domains.extend(page.into_iter().map(Arc::new));
    }
    domains
}

fn intent(account: &Simulator, change: &poolkeeper_account::change::Proposal, id: &str) -> ChangeIntent {
    let of = RecordAccount {
        name: "EU".to_owned(),
        address: "https://eu.example".to_owned(),
        on_behalf_of: None,
    };
    ChangeIntent::of(change, ChangeId::from(id), now(account), of, change.summary.clone())
}

fn numbered(steps: Vec<ChangeStep>) -> Vec<(usize, ChangeStep)> {
    steps.into_iter().enumerate().collect()
}

#[test]
fn a_bulk_ended_by_a_crash_is_finished_from_its_record_and_put_back_and_nothing_answered_is_sent_twice() {
    let account = account(1_500);
    let mut domains = enrolled_domains(&account);
    domains.retain(|domain| domain.is_overridden == Some(false));
    domains.truncate(DOMAINS);
    let before = places(&account, &domains);
    let change = pin(&domains, Band::Poor);
    assert_eq!(change.steps.len(), DOMAINS, "the scenario has enough domains");
    let stored = StoredBytes::new();
    let id = ChangeId::from("bulk");
    stored
        .append(&RecordEntry::Intended(intent(&account, &change, "bulk")))
        .unwrap();

    // The page is gone in the middle: the account made the change, and its answer reached nobody.
    let service = HardService::new(&account, 500);
    assert!(!send(&service, numbered(change.steps.clone()), &stored, &id));
    let record = stored.record();
    let found = record.get(&id).unwrap();
    assert_eq!(found.outcome(), ChangeOutcome::Unfinished);
    let counts = found.counts();
    assert!((400..500).contains(&counts.made) && counts.open >= 500, "{counts:?}");
    assert_eq!(check(&service, &stored, &id), counts.unknown);
    assert!(counts.unknown >= 1, "the one that was under way");

    // Gone on with, until it is over.
    let rest = stored.record().get(&id).unwrap().rest();
    assert!(send(&service, rest, &stored, &id));
    let record = stored.record();
    let over = record.get(&id).unwrap();
    let [failed, hung, reset] = service.faults.get();
    assert!(failed > 30 && hung > 10 && reset > 4, "faults: {failed} {hung} {reset}");
    let now_at = places(&account, &domains);
    for ((item, state), place) in over.items().zip(&now_at) {
        match state {
            ItemState::Answered(ItemAnswer::Made) => assert_eq!(*place, (Band::Poor, true), "{:?}", item.domain()),
            ItemState::Answered(answer) => assert!(answer.reason().is_some_and(|why| !why.is_empty()), "{answer:?}"),
            state => panic!("{:?} is {state:?}", item.domain()),
        }
    }
    assert!(over.counts().made >= 995, "{:?}", over.counts());

    // Put back, over the same service.
    let back = over.put_back().unwrap();
    assert_eq!(back.steps.len(), over.counts().made);
    stored
        .append(&RecordEntry::Intended(ChangeIntent {
            undoes: Some(id.clone()),
            ..intent(&account, &back, "back")
        }))
        .unwrap();
    let again = HardService::new(&account, 0);
    assert!(send(&again, numbered(back.steps), &stored, &ChangeId::from("back")));
    let record = stored.record();
    assert_eq!(record.get(&id).unwrap().undone_by, [ChangeId::from("back")]);
    let put_back = record.get(&ChangeId::from("back")).unwrap();
    assert_eq!(put_back.counts().made, put_back.counts().total);
    for ((domain, was), is) in domains.iter().zip(before).zip(places(&account, &domains)) {
        // R10: only an override brings a domain back to another pool; where it stayed in its pool, it is free again.
        assert_eq!(is, (was.0, was.0 != Band::Poor), "{}", domain.name);
    }
}

#[test]
fn without_its_entry_no_change_is_sent() {
    let account = account(200);
    let mut domains = enrolled_domains(&account);
    domains.retain(|domain| domain.is_overridden == Some(false));
    domains.truncate(6);
    let change = pin(&domains, Band::New);
    let steps = change.steps.len();
    assert!(steps > 3);
    let service = HardService::new(&account, 0);
    let stored = StoredBytes::new();
    stored
        .append(&RecordEntry::Intended(intent(&account, &change, "a")))
        .unwrap();
    // Room for two steps and their outcomes.
    stored.room.set(5);
    let client = Client::new(Rc::clone(&service) as Rc<dyn Transport>);
    let mut sender = ChangeSender::simulated(client, change.steps, true).recorded_by(Rc::new(BytesRecorder {
        stored: Rc::clone(&stored),
        change: ChangeId::from("a"),
        items: (0..steps).collect(),
        account: account.clone(),
    }));
    while sender.step(now(&account), |_| true).now_or_never().unwrap() != NextStep::Over {}
    let result = sender.finish();
    assert_eq!((result.steps.len(), result.left.len()), (2, steps - 2));
    assert!(
        matches!(result.stopped_by, Some(StopReason::NotRecorded(_))),
        "{result:?}"
    );
    assert_eq!(service.attempts.borrow().len(), 2, "only what has an entry was sent");
    let counts = stored.record().get(&ChangeId::from("a")).unwrap().counts();
    assert_eq!((counts.made + counts.failed, counts.open), (2, steps - 2));
}
