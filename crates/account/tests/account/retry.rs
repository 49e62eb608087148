//! A bulk over a network that fails: what may pass is sent again, what lasts is listed, and what was made is said to be.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use crate::sending::{account, counts, enrolled, leaves, now, pin};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, Write, is_read};
use mailgun_pools::transport::{Body, Request, Response, Transport, TransportError};
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::sending::{ChangeResult, ChangeSender, NextStep, StepOutcome};
use poolkeeper_core::model::{AccountId, Band, DomainName, ReplacementIp};
use poolkeeper_simulator::server::Simulator;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What happens to a request on its way.
#[derive(Clone)]
enum Fault {
    /// It is answered with this status and header, and changes nothing.
    Status(u16, Option<(&'static str, String)>),
    /// The service makes the change, and its answer is this status instead.
    MadeBut(u16),
    /// No answer; the request did not arrive.
    Lost,
}

/// The way to an account on which changes fail: `fault` says how, by path and attempt from 1.
struct BadNetwork<F> {
    account: Simulator,
    fault: F,
    attempts: RefCell<HashMap<String, u32>>,
}

impl<F: Fn(&str, u32) -> Option<Fault>> Transport for BadNetwork<F> {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let fault = if is_read(&request) {
            None
        } else {
            let mut attempts = self.attempts.borrow_mut();
            let attempt = attempts.entry(request.path.clone()).or_default();
            *attempt += 1;
            (self.fault)(&request.path, *attempt)
        };
        let answer = |status, header: Option<(&'static str, String)>| Response {
            status,
            headers: header.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            body: Body::Json(serde_json::json!({ "message": "made to fail" })),
        };
        let answer = match fault {
            None => Ok(self.account.handle(&request)),
            Some(Fault::Status(status, header)) => Ok(answer(status, header)),
            Some(Fault::MadeBut(status)) => {
                assert_eq!(self.account.handle(&request).status, 200);
                Ok(answer(status, None))
            }
            Some(Fault::Lost) => Err(TransportError::Unreachable(String::new())),
        };
        Box::pin(async move { answer })
    }
}

/// How a bulk went: its result, the waits, and how often each path was sent.
struct Course {
    result: ChangeResult,
    waits_ms: Vec<u64>,
    attempts: HashMap<String, u32>,
}

fn sent_over(
    account: &Simulator,
    steps: Vec<ChangeStep>,
    is_bulk: bool,
    fault: impl Fn(&str, u32) -> Option<Fault> + 'static,
) -> Course {
    let network = Rc::new(BadNetwork {
        account: account.clone(),
        fault,
        attempts: RefCell::default(),
    });
    let client = Client::new(Rc::clone(&network) as Rc<dyn Transport>);
    let mut sender = ChangeSender::simulated(client, steps, is_bulk);
    let mut waits_ms = Vec::new();
    loop {
        let next = sender.step(now(account), |_| true);
        match next.now_or_never().expect("nothing here really waits") {
            NextStep::Now => {}
            NextStep::AfterMs(wait_ms) => waits_ms.push(wait_ms),
            NextStep::Over => break,
        }
    }
    let attempts = network.attempts.borrow().clone();
    Course {
        result: sender.finish(),
        waits_ms,
        attempts,
    }
}

fn path(step: &ChangeStep) -> String {
    step.write.request().unwrap().path
}

/// Pins of so many domains, and the path of one of them.
fn pins(account: &Simulator, most: usize, at: usize) -> (Vec<ChangeStep>, String) {
    let domains = enrolled(account, |domain| !domain.is_overridden());
    let steps: Vec<ChangeStep> = domains.iter().take(most).map(pin).collect();
    let picked = path(steps.get(at).unwrap());
    (steps, picked)
}

#[test]
fn an_error_that_passes_does_not_end_a_bulk() {
    let account = account(200);
    let (steps, third) = pins(&account, 10, 2);
    let meant = third.clone();
    let course = sent_over(&account, steps, true, move |path, attempt| match attempt {
        1 if path == meant => Some(Fault::Status(503, None)),
        2 if path == meant => Some(Fault::Status(500, None)),
        3 if path == meant => Some(Fault::Lost),
        _ => None,
    });
    assert_eq!(counts(&course.result), [10, 0, 0, 0]);
    // At least a quarter of 500 ms, doubled each time.
    let bounds = [125..=500, 250..=1_000, 500..=2_000];
    assert_eq!(course.waits_ms.len(), bounds.len());
    for (wait_ms, bounds) in course.waits_ms.iter().zip(bounds) {
        assert!(bounds.contains(wait_ms), "{:?}", course.waits_ms);
    }
    for (path, attempts) in course.attempts {
        assert_eq!(attempts, if path == third { 4 } else { 1 }, "{path}");
    }
}

#[test]
fn the_service_says_how_long_to_wait() {
    let account = account(200);
    // The account's clock is ten seconds before it.
    let at = now(&account) + chrono::Duration::seconds(10);
    let date = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (given, wait_ms) in [("7".to_owned(), 7_000), (date, 10_000)] {
        let (steps, third) = pins(&account, 4, 2);
        let course = sent_over(&account, steps, true, move |path, attempt| {
            (path == third && attempt == 1).then(|| Fault::Status(503, Some(("retry-after", given.clone()))))
        });
        assert_eq!((counts(&course.result), course.waits_ms), ([4, 0, 0, 0], vec![wait_ms]));
    }
}

#[test]
fn what_lasts_is_listed_and_the_others_are_made() {
    let account = account(200);
    let (steps, third) = pins(&account, 10, 2);
    let meant = third.clone();
    let course = sent_over(&account, steps.clone(), true, move |path, _| {
        (path == meant).then_some(Fault::Status(500, None))
    });
    assert_eq!(counts(&course.result), [9, 0, 1, 0]);
    let failed = course.result.failed().next().unwrap();
    assert_eq!(failed.step, steps[2]);
    // The domain is not pinned, so it was not made.
    assert!(matches!(failed.outcome, StepOutcome::Failed(_)), "{:?}", failed.outcome);
    assert_eq!((course.attempts[&third], course.waits_ms.len()), (5, 4));
    assert_eq!(course.result.unfinished(), [steps[2].clone()]);
}

#[test]
fn a_service_that_is_down_ends_a_bulk_after_three_of_its_steps() {
    let account = account(200);
    let (steps, _) = pins(&account, 10, 2);
    let course = sent_over(&account, steps, true, |_, _| Some(Fault::Status(503, None)));
    assert_eq!(counts(&course.result), [0, 0, 3, 7]);
    assert_eq!(course.attempts.values().copied().collect::<Vec<_>>(), [5, 5, 5]);
    let why = course.result.stopped_by.unwrap().advice().happened;
    assert!(why.contains("The service failed (503)"), "{why}");
}

#[test]
fn what_was_made_although_its_answer_was_lost_is_not_said_to_have_failed() {
    let account = account(200);
    let pinned = enrolled(&account, |domain| domain.is_overridden());
    let unpin = |domain: &DomainName| ChangeStep::from(Write::RemoveOverride { domain: domain.clone() });
    let steps = vec![unpin(&pinned[0].0), unpin(&pinned[1].0)];
    let first = path(&steps[0]);
    // R10: the second attempt finds no override to clear, and is refused.
    let course = sent_over(&account, steps, true, move |path, attempt| {
        (path == first && attempt == 1).then_some(Fault::MadeBut(500))
    });
    assert_eq!(counts(&course.result), [2, 0, 0, 0], "{:?}", course.result);
    assert_eq!(course.attempts.values().max(), Some(&2));
}

#[test]
fn what_a_later_attempt_is_refused_for_is_a_failure_where_the_domain_is_not_as_meant() {
    let account = account(200);
    let (steps, third) = pins(&account, 4, 2);
    let gone = steps[2].write.domain().unwrap().clone();
    let other = account.clone();
    // Somebody else takes it out of the pools between the two attempts.
    let course = sent_over(&account, steps, true, move |path, attempt| {
        (path == third && attempt == 1).then(|| {
            leaves(&other, &gone);
            Fault::Status(502, None)
        })
    });
    assert_eq!(counts(&course.result), [3, 0, 1, 0]);
    let outcome = &course.result.failed().next().unwrap().outcome;
    assert!(
        matches!(outcome, StepOutcome::Failed(error) if error.is_refusal()),
        "{outcome:?}"
    );
}

#[test]
fn a_wrong_key_is_asked_once_and_ends_a_bulk() {
    let account = account(200);
    let (steps, _) = pins(&account, 4, 0);
    let course = sent_over(&account, steps, true, |_, _| Some(Fault::Status(401, None)));
    assert_eq!(counts(&course.result), [0, 0, 1, 3]);
    assert_eq!((course.attempts.len(), course.waits_ms), (1, vec![]));
}

#[test]
fn a_single_change_whose_answer_is_lost_is_looked_for_in_the_account_and_not_sent_again() {
    for (fault, expected) in [(Fault::MadeBut(500), [1, 0, 0, 0]), (Fault::Lost, [0, 0, 1, 0])] {
        let account = account(200);
        let (steps, _) = pins(&account, 1, 0);
        let course = sent_over(&account, steps, false, move |_, _| Some(fault.clone()));
        assert_eq!(counts(&course.result), expected, "{:?}", course.result);
        assert!(!matches!(course.result.steps[0].outcome, StepOutcome::Unknown(_)));
        assert_eq!(course.attempts.values().copied().collect::<Vec<_>>(), [1]);
    }
}

#[test]
fn a_job_whose_answer_is_lost_is_not_said_to_have_failed() {
    let account = account(200);
    let steps = vec![ChangeStep::from(Write::EnrollAll {
        include_subaccounts: false,
    })];
    let course = sent_over(&account, steps, false, |_, _| Some(Fault::Lost));
    let outcome = &course.result.steps[0].outcome;
    assert!(matches!(outcome, StepOutcome::Unknown(_)), "{outcome:?}");
}

#[test]
fn stopped_before_it_is_sent_again_a_change_may_have_been_made() {
    for (fault, expected) in [
        (Fault::Status(500, None), [0, 0, 1, 3]),
        // Turned away, it was not made: it is left like the others.
        (Fault::Status(429, None), [0, 0, 0, 4]),
    ] {
        let account = account(200);
        let (steps, _) = pins(&account, 4, 0);
        let network = BadNetwork {
            account: account.clone(),
            fault: move |_: &str, _| Some(fault.clone()),
            attempts: RefCell::default(),
        };
        let mut sender = ChangeSender::simulated(Client::new(Rc::new(network)), steps, true);
        let next = sender.step(now(&account), |_| true).now_or_never().unwrap();
        assert!(matches!(next, NextStep::AfterMs(_)), "{next:?}");
        assert_eq!(counts(&sender.finish()), expected);
    }
}

/// Where a domain is, and whether it is pinned there.
fn place(account: &Simulator, name: &DomainName) -> (Band, bool) {
    let sim = account.sim();
    let standing = sim.standing(sim.find_domain(name).unwrap()).unwrap();
    (standing.band, standing.is_overridden)
}

#[test]
fn undo_brings_each_domain_back_to_its_pool_and_says_which_it_could_not() {
    let account = account(200);
    let client = Client::new(account.transport());
    let listed = client
        .domains(&Default::default())
        .now_or_never()
        .unwrap()
        .unwrap()
        .items;
    let meant: Vec<_> = listed.into_iter().take(8).map(std::sync::Arc::new).collect();
    let before: Vec<_> = meant.iter().map(|domain| place(&account, &domain.name)).collect();
    assert!(
        before.iter().any(|(band, is_pinned)| *band != Band::Poor && !is_pinned),
        "{before:?}"
    );
    let change = poolkeeper_account::change::pin(&meant, Band::Poor);
    let made = sent_over(&account, change.steps, true, |_, _| None).result;
    assert!(made.is_complete());

    // Somebody else takes one out before the change is taken back.
    let undo = made.undo().unwrap();
    let gone = undo[1].write.domain().unwrap().clone();
    leaves(&account, &gone);
    let back = sent_over(&account, undo.clone(), true, |_, _| None).result;
    assert_eq!(counts(&back), [undo.len() - 1, 0, 1, 0]);
    assert_eq!(back.unfinished()[0].write.domain(), Some(&gone));
    for (domain, (band, is_pinned)) in meant.iter().zip(before) {
        if domain.name != gone {
            // R10: a domain that was not pinned elsewhere is held by an override; one that stayed in its pool is free again.
            let stays_free = band == Band::Poor && !is_pinned;
            assert_eq!(place(&account, &domain.name), (band, !stays_free), "{}", domain.name);
        }
    }
}

/// A service that finds a subaccount's domain only for a change on the subaccount's behalf. `all` are its domains.
struct StrictAccounts {
    account: Simulator,
    all: Vec<(DomainName, AccountId)>,
    own: AccountId,
    sent: RefCell<Vec<(String, Option<String>)>>,
}

impl Transport for StrictAccounts {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let of_path = self.all.iter().find(|(name, _)| request.path.contains(name.as_str()));
        let is_other = |account: &AccountId| *account != self.own && request.on_behalf_of.as_ref() != Some(&account.0);
        let is_hidden = !is_read(&request) && of_path.is_some_and(|(_, account)| is_other(account));
        if !is_read(&request) {
            self.sent
                .borrow_mut()
                .push((request.path.clone(), request.on_behalf_of.clone()));
        }
        let answer = if is_hidden {
            Response {
                status: 404,
                headers: vec![],
                body: Body::Json(serde_json::json!({ "message": "Domain not found" })),
            }
        } else {
            self.account.handle(&request)
        };
        Box::pin(async move { Ok(answer) })
    }
}

#[test]
fn a_change_is_sent_on_behalf_of_a_domains_account_once_it_was_not_found() {
    let account = account(200);
    let own = account.sim().accounts()[0].id.clone();
    let all = enrolled(&account, |domain| !domain.is_overridden());
    let (mine, others): (Vec<_>, Vec<_>) = all.iter().partition(|(_, id)| *id == own);
    let steps: Vec<ChangeStep> = mine
        .into_iter()
        .take(2)
        .chain(others.into_iter().take(3))
        .map(pin)
        .collect();
    let gone = ChangeStep {
        account: Some(own.clone()),
        ..ChangeStep::from(Write::RemoveOverride {
            domain: DomainName::as_sent("gone.example"),
        })
    };
    let strict = Rc::new(StrictAccounts {
        account: account.clone(),
        all: all.clone(),
        own,
        sent: RefCell::default(),
    });
    let send = |steps: Vec<ChangeStep>| {
        let client = Client::new(Rc::clone(&strict) as Rc<dyn Transport>);
        let mut sender = ChangeSender::simulated(client, steps, true);
        while sender.step(now(&account), |_| true).now_or_never().unwrap() != NextStep::Over {}
        sender.finish()
    };
    let first = send(steps.iter().cloned().chain([gone]).collect());
    // Two of the account itself; three of others and one that nobody has are not found.
    assert_eq!(counts(&first), [2, 0, 4, 0]);
    assert!(strict.sent.borrow().iter().all(|(_, acted_for)| acted_for.is_none()));
    let again = first.on_behalf_of_others();
    let acted_for: Vec<_> = again
        .iter()
        .map(|step| (step.on_behalf_of.clone(), step.account.clone()))
        .collect();
    assert_eq!(
        acted_for.len(),
        3,
        "what is missing in the account itself is just missing"
    );
    assert!(
        acted_for
            .iter()
            .all(|(acted, account)| acted.is_some() && acted == account)
    );
    strict.sent.borrow_mut().clear();
    let second = send(again);
    assert_eq!(counts(&second), [3, 0, 0, 0]);
    for (step, (path, acted_for)) in steps[2..].iter().zip(strict.sent.borrow().iter()) {
        assert_eq!(
            (path, acted_for.as_deref()),
            (&self::path(step), step.account.as_ref().map(|id| id.0.as_str()))
        );
    }
    assert!(second.on_behalf_of_others().is_empty());
}

/// A service that asks for a replacement, as Mailgun's reference does.
struct WantsReplacement(Simulator);

impl Transport for WantsReplacement {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let is_untold = request.path.ends_with("/dynamic_pools") && request.query.is_empty();
        let answer = if is_untold && request.method == mailgun_pools::transport::Method::Post {
            Response {
                status: 400,
                headers: vec![],
                body: Body::Json(serde_json::json!({ "message": "replacement_ip is required" })),
            }
        } else {
            self.0.handle(&request)
        };
        Box::pin(async move { Ok(answer) })
    }
}

#[test]
fn a_service_that_wants_a_replacement_is_told_one_on_the_next_try() {
    let account = account(200);
    let sim = account.sim();
    let names = sim.domains().filter(|domain| domain.band().is_none());
    let names: Vec<_> = names.take(3).map(|domain| (domain.name.clone(), None)).collect();
    assert_eq!(names.len(), 3);
    let send = |replacement: Option<&ReplacementIp>| {
        let steps = poolkeeper_account::change::enroll(&names, replacement).steps;
        let client = Client::new(Rc::new(WantsReplacement(account.clone())) as Rc<dyn Transport>);
        let mut sender = ChangeSender::simulated(client, steps, true);
        while sender.step(now(&account), |_| true).now_or_never().unwrap() != NextStep::Over {}
        sender.finish()
    };
    let refused = send(None);
    assert_eq!((counts(&refused), refused.wants_replacement()), ([0, 0, 3, 0], true));
    let to_do = refused.first_problem().unwrap().to_do;
    assert_eq!(to_do, "Choose a replacement and send it again.");
    let told = send(Some(&ReplacementIp::Shared));
    assert_eq!((counts(&told), told.wants_replacement()), ([3, 0, 0, 0], false));
}
