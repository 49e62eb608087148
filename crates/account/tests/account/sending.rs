//! Many changes of a live account: none is sent that was not tried on a copy right before. The account is a simulated one
//! that changes by itself meanwhile, as a live one may.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, Write};
use mailgun_pools::transport::{Body, Method, Request, Response, Transport, TransportError};
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::fork::dry_run_copy::CopyProgress;
use poolkeeper_account::pool_change::PoolChange;
use poolkeeper_account::sending::{ChangeResult, ChangeSender, NextStep, StepOutcome, StepResult, TRIED_AT_ONCE};
use poolkeeper_core::model::{AccountId, Band, DomainName, Ip, Replacement};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Command, DomainView, ScenarioKind, ScenarioSpec, Sim};
use std::cell::RefCell;
use std::rc::Rc;

pub fn account(domains: u32) -> Simulator {
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

pub fn now(account: &Simulator) -> DateTime<Utc> {
    account.sim().now().to_utc()
}

/// The enrolled domains that are wanted, by name, each with its account's id.
pub fn enrolled(account: &Simulator, wanted: impl Fn(&DomainView<'_>) -> bool) -> Vec<(DomainName, AccountId)> {
    let sim = account.sim();
    let found = sim.domains().filter(|domain| domain.band().is_some() && wanted(domain));
    let mut named: Vec<_> = found
        .map(|domain| (domain.name.clone(), sim.account(domain.account).unwrap().id.clone()))
        .collect();
    named.sort();
    named
}

pub fn pin((domain, account): &(DomainName, AccountId)) -> ChangeStep {
    let write = Write::SetOverride {
        domain: domain.clone(),
        pool: Band::Poor.into(),
    };
    ChangeStep {
        account: Some(account.clone()),
        ..ChangeStep::from(write)
    }
}

fn step(sending: &mut ChangeSender, account: &Simulator) -> bool {
    let step = sending.step(now(account), |_| true);
    step.now_or_never().expect("the simulator answers at once") != NextStep::Over
}

fn finished(mut sending: ChangeSender, account: &Simulator) -> ChangeResult {
    while step(&mut sending, account) {}
    sending.finish()
}

/// Many changes of a live account, each standing for itself.
fn bulk(watched: &Rc<Watched>, steps: Vec<ChangeStep>) -> ChangeSender {
    ChangeSender::live(watched.client(), steps, true, None)
}

/// How many were made, refused, failed and left.
pub fn counts(result: &ChangeResult) -> [usize; 4] {
    [
        result.done().count(),
        result.refused().count(),
        result.failed().count(),
        result.left.len(),
    ]
}

fn refusal_of(result: &StepResult) -> (&ChangeStep, &str) {
    match &result.outcome {
        StepOutcome::Refused(why) => (&result.step, why.as_str()),
        other => unreachable!("{other:?}"),
    }
}

fn refusals(result: &ChangeResult) -> Vec<(&ChangeStep, &str)> {
    result.refused().map(refusal_of).collect()
}

pub fn leaves(account: &Simulator, domain: &DomainName) {
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
    let course = finished(bulk(&watched, steps.clone()), &account);
    let why = |domain: &DomainName| format!("{domain} is not enrolled in the dynamic pools. Enroll it first.");
    assert_eq!(
        refusals(&course),
        [(&steps[3], &*why(gone[0])), (&steps[70], &*why(gone[1]))],
        "{:?}",
        course.stopped_by
    );
    assert_eq!(counts(&course), [steps.len() - 2, 2, 0, 0]);
    assert_eq!(course.stopped_by, None);
    let (sent, _) = watched.seen();
    let paths = course.done().map(|step| step.write.request().unwrap().path);
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
    let course = finished(bulk(&watched, steps), &account);
    for ((_, why), part) in
        refusals(&course)
            .iter()
            .zip(["no override", "dynamic_good", "already enrolled", "There is no domain"])
    {
        assert!(why.contains(part), "{why}");
    }
    assert_eq!(counts(&course), [1, 4, 0, 0]);
    assert_eq!(watched.seen().0.len(), 1);
}

#[test]
fn a_change_beneath_a_long_row_is_seen_by_the_next_copy() {
    let account = account(2_500);
    let domains = enrolled(&account, |_| true);
    assert!(domains.len() > TRIED_AT_ONCE + 100, "{}", domains.len());
    let steps: Vec<ChangeStep> = domains.iter().map(pin).collect();
    let watched = Watched::new(&account);
    let mut sending = bulk(&watched, steps);
    while sending.result().steps.len() < 10 {
        assert!(step(&mut sending, &account));
    }
    let (_, first_reads) = watched.seen();
    // The pools and the list of domains, nothing more.
    assert!(first_reads <= 1 + domains.len().div_ceil(100), "{first_reads}");
    leaves(&account, &domains[TRIED_AT_ONCE].0);
    let course = finished(sending, &account);
    assert_eq!(refusals(&course)[0].0, &pin(&domains[TRIED_AT_ONCE]));
    assert_eq!(counts(&course), [domains.len() - 1, 1, 0, 0]);
}

#[test]
fn domains_are_looked_for_in_their_accounts_only() {
    let account = account(2_500);
    let domains = enrolled(&account, |domain| !domain.account.is_parent());
    let of_one: Vec<_> = domains.iter().filter(|(_, id)| *id == domains[0].1).collect();
    assert!(of_one.len() > 1 && of_one.len() < 600, "{}", of_one.len());
    let watched = Watched::new(&account);
    let steps = of_one.iter().map(|domain| pin(domain)).collect();
    let course = finished(bulk(&watched, steps), &account);
    assert_eq!(counts(&course), [of_one.len(), 0, 0, 0]);
    let (_, reads) = watched.seen();
    assert!(reads <= 1 + of_one.len().div_ceil(100), "{reads}");
}

#[test]
fn without_a_copy_nothing_is_sent() {
    let account = account(200);
    let steps: Vec<ChangeStep> = enrolled(&account, |_| true).iter().map(pin).collect();
    let watched = Watched::new(&account);
    watched.refuse("/v1/dynamic_pools/domains", 503);
    let course = finished(bulk(&watched, steps.clone()), &account);
    assert_eq!((course.steps.len(), &course.left), (0, &steps));
    let why = course.first_problem().unwrap().happened;
    assert!(
        why.starts_with("Could not read the data for the dry run: The service failed (503)"),
        "{why}"
    );
    assert_eq!(watched.seen().0, Vec::<String>::new());
}

#[test]
fn a_reading_that_is_stopped_sends_nothing_and_says_how_far_it_came() {
    let account = account(2_500);
    let steps: Vec<ChangeStep> = enrolled(&account, |_| true).iter().take(900).map(pin).collect();
    let watched = Watched::new(&account);
    let mut sending = bulk(&watched, steps.clone());
    let heard = RefCell::new(Vec::new());
    let stop_at_three = |found: CopyProgress| {
        heard.borrow_mut().push(found.domains);
        heard.borrow().len() < 3
    };
    let next = sending.step(now(&account), stop_at_three).now_or_never().unwrap();
    assert_eq!(next, NextStep::Over);
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
        let course = finished(bulk(&watched, steps.clone()), &account);
        assert_eq!(course.failed().next().unwrap().step, steps[2]);
        (counts(&course), course.stopped_by, steps.len())
    };
    let (counted, stopped_by, all) = sent(409);
    assert_eq!((counted, stopped_by), ([all - 1, 0, 1, 0], None));
    let (counted, stopped_by, all) = sent(403);
    assert_eq!(counted, [2, 0, 1, all - 3]);
    assert!(
        stopped_by
            .unwrap()
            .advice()
            .happened
            .starts_with("The remaining requests would fail too: Not allowed")
    );
}

#[test]
fn where_each_rests_on_the_one_before_a_refusal_ends_the_row() {
    let account = account(200);
    let domains = enrolled(&account, |_| true);
    let steps: Vec<ChangeStep> = domains.iter().take(5).map(pin).collect();
    leaves(&account, &domains[2].0);
    let watched = Watched::new(&account);
    let sending = ChangeSender::live(watched.client(), steps, false, None);
    let course = finished(sending, &account);
    assert_eq!(counts(&course), [2, 1, 0, 2]);
    assert_eq!(course.first_problem().unwrap().happened, refusals(&course)[0].1);
    assert_eq!(watched.seen().0.len(), 2);
}

#[test]
fn a_copy_that_was_just_read_is_not_read_again_and_a_simulated_account_needs_none() {
    let account = account(200);
    let domains = enrolled(&account, |_| true);
    let steps: Vec<ChangeStep> = domains.iter().take(5).map(pin).collect();
    let copy = Simulator::new((*account.sim()).clone());
    let watched = Watched::new(&account);
    let sending = ChangeSender::live(watched.client(), steps.clone(), true, Some(copy));
    let course = finished(sending, &account);
    assert_eq!((counts(&course), watched.seen().1), ([5, 0, 0, 0], 0));
    let watched = Watched::new(&account);
    let course = finished(ChangeSender::simulated(watched.client(), steps, true), &account);
    assert_eq!((counts(&course), watched.seen().1), ([5, 0, 0, 0], 0));
}

#[test]
fn a_move_of_an_ip_is_taken_back_step_by_step_backwards() {
    let account = account(200);
    let ip = account.sim().pool_ips(Band::Good)[0].clone();
    let pool_of = |ip: &Ip| account.sim().pool_of(ip);
    // Joined by another, so that the pool keeps one that is not warming (R3).
    let sim = account.sim();
    let joins = sim.assignable_ips().find(|free| !sim.is_warming(&free.ip)).unwrap();
    let add = PoolChange::adding(joins.ip.clone()).proposal().unwrap();
    finished(
        ChangeSender::simulated(Watched::new(&account).client(), add.steps, false),
        &account,
    );

    let change = PoolChange::moving(Band::Good, ip.clone()).proposal().unwrap();
    let watched = Watched::new(&account);
    let result = finished(
        ChangeSender::simulated(watched.client(), change.steps, change.is_bulk),
        &account,
    );
    assert!(result.is_complete(), "{result:?}");
    assert_ne!(pool_of(&ip), Some(Band::Good));
    // R4: it is in one pool at most, so it leaves each before it joins the other.
    let undo = result.undo().unwrap();
    let back = finished(ChangeSender::simulated(watched.client(), undo, false), &account);
    assert!(back.is_complete(), "{back:?}");
    assert_eq!(pool_of(&ip), Some(Band::Good));
}

#[test]
fn what_the_api_cannot_take_back_is_not_offered_to_be_undone() {
    let account = account(200);
    let domains = enrolled(&account, |_| true);
    let remove = Write::RemoveDomain {
        domain: domains[0].0.clone(),
        replacement: Replacement::Shared,
    };
    let unpin = Write::RemoveOverride {
        domain: domains[1].0.clone(),
    };
    let made = |steps: Vec<ChangeStep>| {
        let client = Watched::new(&account).client();
        let result = finished(ChangeSender::simulated(client, steps, true), &account);
        assert!(result.is_complete(), "{result:?}");
        result.undo()
    };
    let pinned = pin(&domains[1]).undone_by(unpin.clone());
    let undo = made(vec![pinned.clone()]).unwrap();
    assert_eq!(undo.iter().map(|step| &step.write).collect::<Vec<_>>(), [&unpin]);
    assert_eq!(made(vec![pinned, ChangeStep::from(remove)]), None);
}

#[test]
fn an_answer_that_does_not_say_whether_it_was_made_is_told_from_a_failure() {
    for (status, is_unknown) in [(500, true), (409, false)] {
        let account = account(200);
        let steps: Vec<ChangeStep> = enrolled(&account, |_| true).iter().take(1).map(pin).collect();
        let watched = Watched::new(&account);
        // Neither the change nor the reading that could show it is answered.
        watched.refuse("/dynamic_pools", status);
        let result = finished(ChangeSender::simulated(watched.client(), steps, false), &account);
        let outcome = &result.steps[0].outcome;
        assert_eq!(
            matches!(outcome, StepOutcome::Unknown(_)),
            is_unknown,
            "{status}: {outcome:?}"
        );
        assert_eq!(counts(&result), [0, 0, 1, 0]);
    }
}
