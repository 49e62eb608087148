//! Many changes of a live account: none is sent that was not tried on a copy right before. The account is a simulated one
//! that changes by itself meanwhile, as a live one may.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, Write};
use mailgun_pools::transport::{Body, Method, Request, Response, Transport, TransportError};
use poolkeeper_account::bulk::{BulkResult, BulkSender, TRIED_AT_ONCE};
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::fork::dry_run_copy::CopyProgress;
use poolkeeper_core::model::{AccountId, Band, DomainName, Replacement};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Command, DomainView, ScenarioKind, ScenarioSpec, Sim};
use std::cell::RefCell;
use std::rc::Rc;

fn account(domains: u32) -> Simulator {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, domains, 5).unwrap();
    Simulator::new(Sim::scenario(&spec.with_past_days(10).unwrap()))
}

/// The way to an account, with what went over it, and what it answers to some paths.
struct Watched {
    account: Simulator,
    seen: RefCell<Vec<(Method, String)>>,
    refuses: RefCell<Option<(String, u16)>>,
}

impl Watched {
    fn new(account: &Simulator) -> Rc<Self> {
        Rc::new(Self {
            account: account.clone(),
            seen: RefCell::default(),
            refuses: RefCell::default(),
        })
    }

    fn refuse(&self, path: &str, status: u16) {
        *self.refuses.borrow_mut() = Some((path.to_owned(), status));
    }

    fn client(self: &Rc<Self>) -> Client {
        Client::new(Rc::<Self>::clone(self))
    }

    /// The paths of what changes something, and how many reads there were.
    fn seen(&self) -> (Vec<String>, usize) {
        let seen = self.seen.borrow();
        let is_read = |(method, path): &&(Method, String)| *method == Method::Get || path.ends_with("/metrics");
        let writes = seen.iter().filter(|exchange| !is_read(exchange));
        (
            writes.map(|(_, path)| path.clone()).collect(),
            seen.iter().filter(is_read).count(),
        )
    }
}

impl Transport for Watched {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let path = request.path.clone();
        self.seen.borrow_mut().push((request.method, path.clone()));
        let refused = self.refuses.borrow().clone().filter(|(part, _)| path.contains(part));
        let answer = match refused {
            None => self.account.handle(&request),
            Some((_, status)) => Response {
                status,
                headers: Vec::new(),
                body: Body::Json(serde_json::json!({ "message": "made to fail" })),
            },
        };
        Box::pin(async move { Ok(answer) })
    }
}

fn now(account: &Simulator) -> DateTime<Utc> {
    account.sim().now().to_utc()
}

/// The enrolled domains that are wanted, by name, each with its account's id.
fn enrolled(account: &Simulator, wanted: impl Fn(&DomainView<'_>) -> bool) -> Vec<(DomainName, AccountId)> {
    let sim = account.sim();
    let found = sim.domains().filter(|domain| domain.band().is_some() && wanted(domain));
    let mut named: Vec<_> = found
        .map(|domain| (domain.name.clone(), sim.account(domain.account).unwrap().id.clone()))
        .collect();
    named.sort();
    named
}

fn pin((domain, account): &(DomainName, AccountId)) -> ChangeStep {
    let write = Write::SetOverride {
        domain: domain.clone(),
        pool: Band::Poor.into(),
    };
    ChangeStep {
        account: Some(account.clone()),
        ..ChangeStep::from(write)
    }
}

fn step(sending: &mut BulkSender, account: &Simulator) -> bool {
    let step = sending.step(now(account), |_| true);
    step.now_or_never().expect("the simulator answers at once")
}

fn finished(mut sending: BulkSender, account: &Simulator) -> BulkResult {
    while step(&mut sending, account) {}
    sending.finish()
}

fn leaves(account: &Simulator, domain: &DomainName) {
    let replacement = poolkeeper_simulator::sim::RemovalReplacement::Shared;
    let domain = domain.clone();
    account.apply(&Command::Unenroll { domain, replacement }).unwrap();
}

fn is_pinned(account: &Simulator, domain: &DomainName) -> bool {
    let sim = account.sim();
    sim.standing(sim.find_domain(domain).unwrap())
        .is_some_and(|standing| standing.is_overridden && standing.band == Band::Poor)
}

#[test]
fn what_the_trial_refuses_is_not_sent_and_the_others_are() {
    let account = account(200);
    let domains: Vec<_> = enrolled(&account, |domain| !domain.is_overridden());
    let steps: Vec<ChangeStep> = domains.iter().map(pin).collect();
    // Somebody else takes two of them out after the list was read.
    let gone = [&domains[3].0, &domains[70].0];
    for domain in gone {
        leaves(&account, domain);
    }
    let watched = Watched::new(&account);
    let course = finished(BulkSender::live(watched.client(), steps.clone(), None), &account);
    let refused: Vec<_> = course.refused.iter().map(|(step, why)| (step, why.as_str())).collect();
    let why = |domain: &DomainName| format!("{domain} is not enrolled in the dynamic pools. Enroll it first.");
    assert_eq!(
        refused,
        [(&steps[3], &*why(gone[0])), (&steps[70], &*why(gone[1]))],
        "{:?}",
        course.stopped_by
    );
    assert_eq!(course.made.len(), steps.len() - 2);
    assert!(course.failed.is_empty() && course.left.is_empty() && course.stopped_by.is_none());
    let (sent, _) = watched.seen();
    let paths = course.made.iter().map(|step| step.write.request().unwrap().path);
    assert!(
        sent.iter().eq(&paths.collect::<Vec<_>>()),
        "exactly those are sent, in order"
    );
    assert!(
        domains
            .iter()
            .all(|(domain, _)| is_pinned(&account, domain) != gone.contains(&domain))
    );
}

#[test]
fn every_kind_of_change_of_domains_is_tried() {
    let account = account(200);
    let domains = enrolled(&account, |domain| !domain.is_overridden());
    let sim = account.sim();
    let outside: Vec<_> = sim.domains().filter(|domain| domain.band().is_none()).collect();
    let held = sim.pool_ips(Band::Good)[0].clone();
    let nobody = DomainName::parse("nobody.example.com").unwrap();
    let enroll = |domain: &DomainName| Write::Enroll {
        domain: domain.clone(),
        replacement: None,
    };
    let writes = [
        // R10: there is no override to clear.
        Write::RemoveOverride {
            domain: domains[0].0.clone(),
        },
        // R7: the replacement sits in a dynamic pool.
        Write::RemoveDomain {
            domain: domains[1].0.clone(),
            replacement: Replacement::Ips(vec![held]),
        },
        enroll(&domains[2].0),
        enroll(&nobody),
        enroll(outside[0].name),
    ];
    let watched = Watched::new(&account);
    let steps = writes.iter().cloned().map(ChangeStep::from).collect();
    let course = finished(BulkSender::live(watched.client(), steps, None), &account);
    let whys: Vec<&str> = course.refused.iter().map(|(_, why)| why.as_str()).collect();
    for (why, part) in whys
        .iter()
        .zip(["no override", "dynamic_good", "already enrolled", "There is no domain"])
    {
        assert!(why.contains(part), "{why}");
    }
    assert_eq!((whys.len(), course.made.len(), course.failed.len()), (4, 1, 0));
    assert_eq!(watched.seen().0.len(), 1);
}

#[test]
fn a_change_beneath_a_long_row_is_seen_by_the_next_copy() {
    let account = account(2_500);
    let domains = enrolled(&account, |_| true);
    assert!(domains.len() > TRIED_AT_ONCE + 100, "{}", domains.len());
    let steps: Vec<ChangeStep> = domains.iter().map(pin).collect();
    let watched = Watched::new(&account);
    let mut sending = BulkSender::live(watched.client(), steps, None);
    while sending.course().through() < 10 {
        assert!(step(&mut sending, &account));
    }
    let (_, first_reads) = watched.seen();
    // The pools and the list of domains, nothing more.
    assert!(first_reads <= 1 + domains.len().div_ceil(100), "{first_reads}");
    leaves(&account, &domains[TRIED_AT_ONCE].0);
    let course = finished(sending, &account);
    let refused: Vec<_> = course.refused.iter().map(|(step, _)| step.clone()).collect();
    assert_eq!(refused, [pin(&domains[TRIED_AT_ONCE])]);
    assert_eq!((course.failed.len(), course.made.len()), (0, domains.len() - 1));
}

#[test]
fn domains_are_looked_for_in_their_accounts_only() {
    let account = account(2_500);
    let domains = enrolled(&account, |domain| !domain.account.is_parent());
    let of_one: Vec<_> = domains.iter().filter(|(_, id)| *id == domains[0].1).collect();
    assert!(of_one.len() > 1 && of_one.len() < 600, "{}", of_one.len());
    let watched = Watched::new(&account);
    let steps = of_one.iter().map(|domain| pin(domain)).collect();
    let course = finished(BulkSender::live(watched.client(), steps, None), &account);
    assert_eq!(course.made.len(), of_one.len());
    let (_, reads) = watched.seen();
    assert!(reads <= 1 + of_one.len().div_ceil(100), "{reads}");
}

#[test]
fn without_a_copy_nothing_is_sent() {
    let account = account(200);
    let steps: Vec<ChangeStep> = enrolled(&account, |_| true).iter().map(pin).collect();
    let watched = Watched::new(&account);
    watched.refuse("/v1/dynamic_pools/domains", 503);
    let course = finished(BulkSender::live(watched.client(), steps.clone(), None), &account);
    assert_eq!((course.through(), &course.left), (0, &steps));
    let why = course.stopped_by.as_deref().unwrap();
    assert!(
        why.starts_with("What they concern could not be read to try them on: The service failed (503)"),
        "{why}"
    );
    assert_eq!(watched.seen().0, Vec::<String>::new());
}

#[test]
fn a_reading_that_is_stopped_sends_nothing_and_says_how_far_it_came() {
    let account = account(2_500);
    let steps: Vec<ChangeStep> = enrolled(&account, |_| true).iter().take(900).map(pin).collect();
    let watched = Watched::new(&account);
    let mut sending = BulkSender::live(watched.client(), steps.clone(), None);
    let heard = RefCell::new(Vec::new());
    let stop_at_three = |found: CopyProgress| {
        heard.borrow_mut().push(found.domains);
        heard.borrow().len() < 3
    };
    let goes_on = sending.step(now(&account), stop_at_three).now_or_never().unwrap();
    assert!(!goes_on);
    assert!(heard.borrow().is_sorted() && heard.borrow()[2] <= 300, "{heard:?}");
    let course = sending.finish();
    assert_eq!((course.left, course.stopped_by), (steps, None));
    assert_eq!(watched.seen().0, Vec::<String>::new());
}

#[test]
fn what_one_domain_fails_for_is_its_own_and_what_all_would_fail_for_ends_the_row() {
    let sent = |status: u16| {
        let account = account(200);
        let steps: Vec<ChangeStep> = enrolled(&account, |_| true).iter().map(pin).collect();
        let watched = Watched::new(&account);
        let third = steps[2].write.request().unwrap().path;
        watched.refuse(&third, status);
        let course = finished(BulkSender::live(watched.client(), steps.clone(), None), &account);
        assert_eq!(course.failed[0].0, steps[2]);
        assert_eq!((course.failed.len(), course.refused.len()), (1, 0));
        (course.made.len(), course.left.len(), course.stopped_by, steps.len())
    };
    let (made, left, stopped_by, all) = sent(409);
    assert_eq!((made, left, stopped_by), (all - 1, 0, None));
    let (made, left, stopped_by, all) = sent(403);
    assert_eq!((made, left), (2, all - 3));
    assert!(
        stopped_by
            .unwrap()
            .starts_with("The rest would fare no better: Not allowed")
    );
}

#[test]
fn where_each_rests_on_the_one_before_a_refusal_ends_the_row() {
    let account = account(200);
    let domains = enrolled(&account, |_| true);
    let steps: Vec<ChangeStep> = domains.iter().take(5).map(pin).collect();
    leaves(&account, &domains[2].0);
    let watched = Watched::new(&account);
    let course = finished(BulkSender::live(watched.client(), steps, None).in_a_row(), &account);
    assert_eq!((course.made.len(), course.refused.len(), course.left.len()), (2, 1, 2));
    assert_eq!(course.first_problem(), Some(course.refused[0].1.as_str()));
    assert_eq!(watched.seen().0.len(), 2);
}

#[test]
fn a_copy_that_was_just_read_is_not_read_again_and_a_simulated_account_needs_none() {
    let account = account(200);
    let domains = enrolled(&account, |_| true);
    let steps: Vec<ChangeStep> = domains.iter().take(5).map(pin).collect();
    let copy = Simulator::new((*account.sim()).clone());
    let watched = Watched::new(&account);
    let course = finished(BulkSender::live(watched.client(), steps.clone(), Some(copy)), &account);
    assert_eq!((course.made.len(), watched.seen().1), (5, 0));
    let watched = Watched::new(&account);
    let course = finished(BulkSender::simulated(watched.client(), steps), &account);
    assert_eq!((course.made.len(), watched.seen().1), (5, 0));
}
