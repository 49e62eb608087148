//! Overrides of a thousand domains through the program, over a service that fails, with the program killed in the middle.

use super::program::{Console, Folder, Session};
use super::raw::exchange;
use super::service::{header, next_request};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, DomainsQuery, Paginator};
use mailgun_pools::transport::{Body, Method, Request, Response, Transport, TransportError};
use poolkeeper_account::change::{ChangeStep, Proposal, pin};
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeOutcome, ChangeRecord, ItemAnswer, ItemState, RecordAccount, RecordContents,
    RecordEntry,
};
use poolkeeper_account::sending::{ChangeSender, NextStep, SendRecorder, is_made};
use poolkeeper_core::model::{Band, Domain};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

const DOMAINS: usize = 1_000;

/// The change during which the program is killed, counted from 1.
const KILLED_AT: usize = 500;

const RECORD: &str = "/_console/record";

/// What the service has answered a path to, newest last.
type Answers = Arc<Mutex<HashMap<String, Vec<u16>>>>;

/// A service of whose answers to changes 5 % are 500s and 1 % of whose connections break; half of those changes are made all the
/// same. It takes one connection after the other. Change [`KILLED_AT`] is made, and never answered.
fn start_service() -> (String, Answers, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let answers = Answers::default();
    let (noted, (sender, reached)) = (Arc::clone(&answers), channel());
    thread::spawn(move || {
        let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 1_500, 5).expect("a scenario");
        let account = Simulator::new(Sim::scenario(&spec.with_past_days(10).expect("days")));
        let (mut changes, mut held) = (0, Vec::new());
        for mut stream in listener.incoming().flatten() {
            let Some(received) = next_request(&mut stream, &mut Vec::new()) else {
                continue;
            };
            let request = decoded(&received.head, &received.body);
            let mut status = None;
            if request.method != Method::Get {
                changes += 1;
                let mut answers = noted.lock().expect("no test failed in it");
                let answered = answers.entry(request.path.clone()).or_default();
                let lot = lot(&request.path, answered.len());
                if changes == KILLED_AT {
                    assert_eq!(account.handle(&request).status, 200);
                    held.push(stream);
                    sender.send(()).expect("the test waits");
                    continue;
                }
                if lot < 12 {
                    if lot.is_multiple_of(2) {
                        let _ = account.handle(&request);
                    }
                    status = Some(if lot < 10 { 500 } else { 0 });
                }
                answered.push(status.unwrap_or(200));
            }
            let answer = match status {
                Some(0) => continue,
                Some(_) => (500, "{\"message\": \"made to fail\"}".to_owned()),
                None => {
                    let answer = account.handle(&request);
                    (answer.status, text(&answer.body))
                }
            };
            let head = format!(
                "HTTP/1.1 {} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                answer.0,
                answer.1.len()
            );
            // The program may be gone.
            let _ = stream.write_all(format!("{head}{}", answer.1).as_bytes());
        }
    });
    (base, answers, reached)
}

/// A number below 200 that only depends on the path and the attempt.
fn lot(path: &str, attempt: usize) -> u64 {
    let bytes = path.bytes().chain(attempt.to_le_bytes());
    let hash = bytes.fold(0_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(9)
    });
    (hash >> 7) % 200
}

fn decoded(head: &str, body: &[u8]) -> Request {
    let mut words = head.split(' ');
    let method = Method::parse(words.next().expect("a method")).expect("a method of the API");
    let (path, query) = words.next().expect("a target").split_once('?').unwrap_or_default();
    let path = if path.is_empty() {
        head.split(' ').nth(1).expect("a target")
    } else {
        path
    };
    let mut request = Request::new(method, path);
    request.query = pairs(query.as_bytes());
    if !body.is_empty() {
        assert_eq!(
            header(head, "content-type").as_deref(),
            Some("application/x-www-form-urlencoded")
        );
        request.body = Body::Form(pairs(body));
    }
    request
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

fn text(body: &Body) -> String {
    match body {
        Body::Json(json) => json.to_string(),
        Body::Text(text) => text.clone(),
        _ => String::new(),
    }
}

/// A page of the program: its way to the account and to the record.
struct Page {
    address: String,
    session: Session,
    console: RefCell<Option<Console>>,
    name: &'static str,
}

impl Page {
    fn open(console: Console, name: &'static str) -> Rc<Self> {
        Rc::new(Self {
            address: console.address.clone(),
            session: console.open(),
            console: RefCell::new(Some(console)),
            name,
        })
    }

    /// Sends a request; nothing where the program is gone.
    fn ask(&self, method: &str, target: &str, body: Option<(&str, Vec<u8>)>) -> Option<(u16, Vec<u8>)> {
        let console = self.console.borrow();
        let ask = console.as_ref()?.own(&self.session, method, target);
        let ask = match body {
            Some((content_type, bytes)) => ask.body(content_type, bytes),
            None => ask,
        };
        drop(console);
        let answer = exchange(&self.address, &ask.bytes());
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
        let status = String::from_utf8_lossy(answer.get(9..12)?).parse().ok()?;
        Some((status, answer.get(end + 4..)?.to_vec()))
    }

    fn account(&self) -> String {
        self.session.json["accounts"][0]["name"]
            .as_str()
            .expect("a name")
            .to_owned()
    }

    fn append(&self, entries: &[RecordEntry]) -> u16 {
        let target = format!("{RECORD}?account={}&sender={}", self.account(), self.name);
        let body = serde_json::to_vec(entries).expect("JSON");
        let answer = self.ask("POST", &target, Some(("application/json", body)));
        answer.map_or(0, |(status, _)| status)
    }

    fn take_turn(&self, change: &str) -> u16 {
        let target = format!(
            "{RECORD}?account={}&sender={}&change={change}",
            self.account(),
            self.name
        );
        let answer = self.ask("PUT", &target, Some(("application/json", Vec::new())));
        answer.map_or(0, |(status, _)| status)
    }

    fn record(&self) -> ChangeRecord {
        let (status, body) = self.ask("GET", RECORD, None).expect("an answer");
        assert_eq!(status, 200);
        let read = RecordContents::read_lines(&body, 1);
        assert_eq!(read.damage, None);
        read.entries.into_iter().collect()
    }
}

impl Transport for Page {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let form = |pairs: &[(String, String)]| {
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish()
        };
        let mut target = self.session.live(&request.path);
        if !request.query.is_empty() {
            target = format!("{target}?{}", form(&request.query));
        }
        let body = match &request.body {
            Body::Form(fields) => Some(("application/x-www-form-urlencoded", form(fields).into_bytes())),
            _ => None,
        };
        let answer = self.ask(request.method.as_str(), &target, body);
        Box::pin(async move {
            let (status, body) = answer.ok_or_else(|| TransportError::Broken("the program is gone".to_owned()))?;
            let body = serde_json::from_slice(&body).map_or(Body::Empty, Body::Json);
            Ok(Response {
                status,
                headers: Vec::new(),
                body,
            })
        })
    }
}

/// Tells the program what it does not see: the outcomes that took more than one attempt.
struct PageRecorder {
    page: Rc<Page>,
    change: ChangeId,
    items: Vec<usize>,
    attempts: Cell<u32>,
}

impl SendRecorder for PageRecorder {
    fn sending(&self, _: usize) -> LocalBoxFuture<'_, Result<(), String>> {
        self.attempts.set(self.attempts.get() + 1);
        Box::pin(async { Ok(()) })
    }

    fn answered(&self, place: usize, answer: ItemAnswer) -> LocalBoxFuture<'_, ()> {
        if self.attempts.replace(0) != 1 || answer != ItemAnswer::Made {
            let entry = RecordEntry::Answered {
                change: self.change.clone(),
                item: self.items[place],
                at: chrono::DateTime::UNIX_EPOCH,
                answer,
            };
            self.page.append(&[entry]);
        }
        Box::pin(async {})
    }
}

/// Sends steps until they are over; `false` when the program was killed in the middle.
fn send(page: &Rc<Page>, steps: Vec<(usize, ChangeStep)>, change: &str, killed: &Receiver<()>) -> bool {
    let (items, steps): (Vec<usize>, Vec<ChangeStep>) = steps.into_iter().unzip();
    let client = Client::new(Rc::clone(page) as Rc<dyn Transport>);
    let recorder = PageRecorder {
        page: Rc::clone(page),
        change: ChangeId::from(change),
        items,
        attempts: Cell::new(0),
    };
    let mut sender = ChangeSender::untried(client, steps, true).recorded_by(Rc::new(recorder));
    loop {
        // The clock only makes waits differ, and no wait is kept.
        match sender.step(chrono::DateTime::UNIX_EPOCH, |_| true).now_or_never() {
            None => panic!("every answer is there at once"),
            Some(NextStep::Over) => return true,
            Some(NextStep::Now | NextStep::AfterMs(_)) => {}
        }
        if killed.try_recv().is_ok() {
            return false;
        }
    }
}

fn enrolled(page: &Rc<Page>) -> Vec<Arc<Domain>> {
    let client = Client::new(Rc::clone(page) as Rc<dyn Transport>);
    let mut walk = Paginator::new(client, DomainsQuery::default());
    let mut domains = Vec::new();
    while let Some(read) = walk.next_page().now_or_never().expect("at once").expect("a page") {
        domains.extend(read.into_iter().map(Arc::new));
    }
    domains
}

/// Where each of some domains is, and whether it is pinned there.
fn places(page: &Rc<Page>, domains: &[Arc<Domain>]) -> Vec<(String, bool)> {
    let now = enrolled(page).into_iter();
    let now: BTreeMap<_, _> = now.map(|domain| (domain.name.clone(), domain)).collect();
    let place = |domain: &Arc<Domain>| {
        let found = &now[&domain.name];
        (found.pool.to_string(), found.is_overridden == Some(true))
    };
    domains.iter().map(place).collect()
}

fn announce(page: &Page, change: &Proposal, id: &str, undoes: Option<&str>) {
    let intent = ChangeIntent {
        undoes: undoes.map(ChangeId::from),
        ..ChangeIntent::of(
            change,
            ChangeId::from(id),
            chrono::DateTime::UNIX_EPOCH,
            RecordAccount::default(),
            change.summary.clone(),
        )
    };
    assert_eq!(page.append(&[RecordEntry::Intended(intent)]), 200);
}

/// Reads the account for what is in doubt, and notes what it finds.
fn check(page: &Rc<Page>, change: &str) -> usize {
    let client = Client::new(Rc::clone(page) as Rc<dyn Transport>);
    let record = page.record();
    let in_doubt: Vec<_> = record.get(&ChangeId::from(change)).expect("it").in_doubt().collect();
    for (item, of) in &in_doubt {
        let made = is_made(&client, of.write().expect("a change")).now_or_never();
        let is_made = made.expect("at once").expect("an answer") == Some(true);
        let entry = RecordEntry::Answered {
            change: ChangeId::from(change),
            item: *item,
            at: chrono::DateTime::UNIX_EPOCH,
            answer: if is_made { ItemAnswer::Made } else { ItemAnswer::NotMade },
        };
        assert_eq!(page.append(&[entry]), 200);
    }
    in_doubt.len()
}

#[test]
fn a_bulk_goes_on_after_the_program_was_killed_and_is_put_back_and_nothing_answered_is_sent_twice() {
    let folder = Folder::new("bulk");
    let (base, answers, reached) = start_service();
    let start = |name| Page::open(Console::of(&folder, &base, &["--allow-changes"]), name);
    let page = start("first");
    let mut domains = enrolled(&page);
    domains.retain(|domain| domain.is_overridden == Some(false));
    domains.truncate(DOMAINS);
    let before = places(&page, &domains);
    let change = pin(&domains, Band::Poor);
    assert_eq!(change.steps.len(), DOMAINS, "the scenario has enough domains");
    announce(&page, &change, "bulk", None);

    // The program is killed once the change has arrived, while its page waits for the answer.
    let (sender, killed) = channel();
    let console = page.console.borrow().as_ref().map(Console::killer).expect("it runs");
    thread::spawn(move || {
        reached.recv().expect("change 500 arrives");
        // Said first: the test looks once its request has ended.
        sender.send(()).expect("the test goes on");
        console.kill();
    });
    assert!(!send(
        &page,
        change.steps.into_iter().enumerate().collect(),
        "bulk",
        &killed
    ));
    page.console.take();

    // Another page of another run finds it in the record, and goes on.
    let page = start("second");
    let record = page.record();
    let found = record.get(&ChangeId::from("bulk")).expect("it");
    let counts = found.counts();
    assert_eq!(found.outcome(), ChangeOutcome::Unfinished);
    assert!((400..500).contains(&counts.made) && counts.open >= 400, "{counts:?}");
    assert!(counts.unknown >= 1, "the one that was under way: {counts:?}");
    assert_eq!(page.take_turn("bulk"), 200);
    assert_eq!(check(&page, "bulk"), counts.unknown);
    let rest = page.record().get(&ChangeId::from("bulk")).expect("it").rest();
    assert!(send(&page, rest, "bulk", &killed));

    let record = page.record();
    let over = record.get(&ChangeId::from("bulk")).expect("it");
    for ((item, state), place) in over.items().zip(places(&page, &domains)) {
        match state {
            ItemState::Answered(ItemAnswer::Made) => {
                assert_eq!(place, ("dynamic_poor".to_owned(), true), "{:?}", item.domain());
            }
            ItemState::Answered(answer) => assert!(answer.reason().is_some_and(|why| !why.is_empty()), "{answer:?}"),
            state => panic!("{:?} is {state:?}", item.domain()),
        }
    }
    assert!(over.counts().made >= 995, "{:?}", over.counts());
    let sent = std::mem::take(&mut *answers.lock().expect("no test failed in it"));
    let failed = sent.values().flatten().filter(|status| **status != 200).count();
    assert!(failed > 40, "{failed} failed");
    for (path, statuses) in sent {
        let made = statuses.iter().filter(|status| **status == 200).count();
        assert!(made <= 1, "{path} was answered and sent again: {statuses:?}");
    }

    let back = over.put_back().expect("it can be put back");
    assert_eq!(back.steps.len(), over.counts().made);
    announce(&page, &back, "back", Some("bulk"));
    assert!(send(
        &page,
        back.steps.into_iter().enumerate().collect(),
        "back",
        &killed
    ));
    let put_back = page.record().get(&ChangeId::from("back")).expect("it").counts();
    assert_eq!(put_back.made, put_back.total);
    for ((domain, was), is) in domains.iter().zip(before).zip(places(&page, &domains)) {
        // R10: only an override brings a domain back to another pool; where it stayed in its pool, it is free again.
        let is_pinned = was.0 != "dynamic_poor";
        assert_eq!(is, (was.0, is_pinned), "{}", domain.name);
    }
}
