//! What the client makes of failures: the cause, the service's words, and advice.

use crate::canned::{Canned, now, ok, status, text};
use mailgun_pools::api::{ApiError, ApiErrorKind, Client, DomainsQuery, RetryAfter};
use mailgun_pools::transport::{Body, Response, Retry, RetryEnv, RetryPolicy, TransportError};
use poolkeeper_core::model::{Band, DomainName};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

type Answer = Result<Response, TransportError>;

fn failure(answer: Answer) -> ApiError {
    let (client, _) = Canned::client([answer]);
    now(client.domains(&DomainsQuery::default())).unwrap_err()
}

#[test]
fn each_status_has_its_cause_and_keeps_the_services_words() {
    let input = ApiErrorKind::BadRequest {
        field: None,
        value: None,
    };
    let cases = [
        (400, input, false),
        (401, ApiErrorKind::Unauthorized, false),
        (402, ApiErrorKind::PaymentRequired, false),
        (403, ApiErrorKind::Forbidden, false),
        (404, ApiErrorKind::NotFound, false),
        (409, ApiErrorKind::Conflict, false),
        (413, ApiErrorKind::TooLarge, false),
        (420, ApiErrorKind::RateLimited(None), false),
        (429, ApiErrorKind::RateLimited(None), false),
        (500, ApiErrorKind::Server(None), true),
        (503, ApiErrorKind::Server(None), true),
        (302, ApiErrorKind::OtherStatus, false),
        (418, ApiErrorKind::OtherStatus, false),
    ];
    for (code, kind, may_have_arrived) in cases {
        let error = failure(status(code, json!({"message": "192.0.2.1 is warming"})));
        assert_eq!((error.kind.clone(), error.status), (kind, Some(code)));
        assert_eq!(error.message.as_deref(), Some("192.0.2.1 is warming"));
        assert_eq!(error.may_have_arrived(), may_have_arrived, "{code}");
        let advice = error.advice();
        assert!(advice.happened.contains("192.0.2.1 is warming") && advice.happened.contains(&code.to_string()));
        assert!(!advice.to_do.is_empty());
    }
}

#[test]
fn the_overrides_400_names_field_and_value() {
    let error = failure(status(400, json!({"Field": "pool", "Value": "invalid_name"})));
    let kind = ApiErrorKind::BadRequest {
        field: Some("pool".to_owned()),
        value: Some("invalid_name".to_owned()),
    };
    assert_eq!(error.kind, kind);
    let advice = error.advice();
    assert!(
        advice.happened.contains("“invalid_name”") && advice.happened.contains("“pool”"),
        "{advice:?}"
    );
}

#[test]
fn gateways_speak_otherwise() {
    let error = failure(status(502, json!({"error": "upstream timed out"})));
    assert_eq!(
        (error.kind, error.message.as_deref()),
        (ApiErrorKind::Server(None), Some("upstream timed out"))
    );
    let error = failure(text(401, "Forbidden"));
    assert_eq!(
        (error.kind, error.message.as_deref()),
        (ApiErrorKind::Unauthorized, Some("Forbidden"))
    );
    let error = failure(text(502, "<html><head><title>502 Bad Gateway</title></head></html>"));
    assert!(error.is_web_page && error.kind == ApiErrorKind::Server(None));
    assert!(error.advice().happened.contains("502 Bad Gateway"));
    let error = failure(text(404, "<!doctype html><title>Poolkeeper</title>"));
    assert!(
        error.is_web_page && error.advice().to_do.contains("proxy"),
        "{:?}",
        error.advice()
    );
}

#[test]
fn a_success_that_is_not_the_api_is_an_error() {
    let page = failure(text(
        200,
        "<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
    ));
    assert_eq!((page.kind.clone(), page.is_web_page), (ApiErrorKind::NotJson, true));
    assert!(page.advice().happened.contains("Sign in") && page.may_have_arrived());
    for broken in ["{\"items\": [", "plain words"] {
        assert_eq!(failure(text(200, broken)).kind, ApiErrorKind::NotJson);
    }
    let nothing = Ok(Response {
        status: 200,
        headers: vec![],
        body: Body::Empty,
    });
    assert_eq!(failure(nothing).kind, ApiErrorKind::NotJson);
}

#[test]
fn json_of_another_shape_says_where() {
    let unexpected = |answer: Value| match failure(ok(answer)).kind {
        ApiErrorKind::Unexpected { problem } => problem,
        other => panic!("{other:?}"),
    };
    assert_eq!(unexpected(json!([1, 2])), "the answer: expected an object, got a list");
    assert_eq!(
        unexpected(json!({"items": 7})),
        "items: expected a list, got the number 7"
    );
    assert_eq!(
        unexpected(json!({"items": [{}, 7]})),
        "items[1]: expected an object, got the number 7"
    );
    assert_eq!(
        unexpected(json!({"items": [{"bounce_rate": [0.1]}]})),
        "items[0].bounce_rate: expected a number, got a list"
    );
    assert_eq!(
        unexpected(json!({"items": [{"registered_at": "yesterday"}]})),
        "items[0].registered_at: expected a time, got the text “yesterday”"
    );
    assert_eq!(
        unexpected(json!({"paging": {"Next": 7.5e1, "next": []}, "total_items": -1})),
        "total_items: expected a count, got the number -1"
    );
}

#[test]
fn no_answer_is_told_by_cause() {
    let cases = [
        (TransportError::Offline, ApiErrorKind::Offline, false, "offline"),
        (
            TransportError::Unreachable("refused".to_owned()),
            ApiErrorKind::Unreachable,
            true,
            "No answer",
        ),
        (
            TransportError::TimedOut(30_000),
            ApiErrorKind::TimedOut(30_000),
            true,
            "30 s",
        ),
        (TransportError::Cancelled, ApiErrorKind::Cancelled, true, "Cancelled"),
        (
            TransportError::Broken("reset".to_owned()),
            ApiErrorKind::Broken,
            true,
            "broke off",
        ),
    ];
    for (given, kind, may_have_arrived, words) in cases {
        let error = failure(Err(given));
        assert_eq!(
            (error.kind.clone(), error.status, error.may_have_arrived()),
            (kind, None, may_have_arrived)
        );
        assert!(error.advice().happened.contains(words), "{:?}", error.advice());
    }
}

#[test]
fn when_to_come_back_in_each_form() {
    let limited = |headers: &[(&str, &str)]| {
        let headers = headers
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let body = Body::Json(json!({"message": "Too many requests"}));
        let error = failure(Ok(Response {
            status: 429,
            headers,
            body,
        }));
        (error.kind.clone(), error.advice().to_do)
    };
    let (kind, to_do) = limited(&[("retry-after", "30")]);
    assert_eq!(kind, ApiErrorKind::RateLimited(Some(RetryAfter::Seconds(30))));
    assert!(to_do.contains("30 s"));
    let when = "2026-07-23T12:00:00Z".parse().unwrap();
    for headers in [
        ("retry-after", "Thu, 23 Jul 2026 12:00:00 GMT"),
        // Milliseconds, as recorded; seconds, as one official client reads them.
        ("x-ratelimit-reset", "1784808000000"),
        ("x-ratelimit-reset", "1784808000"),
    ] {
        assert_eq!(
            limited(&[headers]).0,
            ApiErrorKind::RateLimited(Some(RetryAfter::At(when))),
            "{headers:?}"
        );
    }
    assert_eq!(limited(&[("retry-after", "soon")]).0, ApiErrorKind::RateLimited(None));
}

#[test]
fn endless_messages_are_cut() {
    let error = failure(status(400, json!({"message": "x".repeat(1_000_000)})));
    assert!(error.advice().happened.len() < 1_000);
}

/// A client over canned answers that asks again as a live connection does, and a note of what it waited for. It waits no time.
fn persistent(answers: impl IntoIterator<Item = Answer>) -> (Client, Rc<Canned>, Rc<RefCell<Vec<String>>>) {
    let (_, canned) = Canned::client(answers);
    let waits = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&waits);
    let surroundings = RetryEnv {
        now: Box::new(|| "2026-07-23T12:00:00Z".parse().unwrap()),
        sleep: Box::new(|_| Box::pin(async {})),
        on_wait: Box::new(move |waiting| noted.borrow_mut().extend(waiting.map(|waiting| waiting.why))),
        is_read: mailgun_pools::api::is_read,
    };
    let retry = Retry::new(Rc::clone(&canned) as _, RetryPolicy::default(), surroundings, 7);
    (Client::new(Rc::new(retry)), canned, waits)
}

fn limited(headers: &[(&str, &str)]) -> Answer {
    Ok(Response {
        status: 429,
        headers: headers
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        body: Body::Json(json!({"message": "made to fail"})),
    })
}

/// Each fault: why it is waited for, or nothing where asking again can't help, and what is said once it lasts.
fn faults() -> Vec<(Answer, Option<&'static str>, &'static [&'static str])> {
    let made = |code| status(code, json!({"message": "made to fail"}));
    let gateway = text(
        502,
        "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    );
    let login = text(
        200,
        "<!doctype html><html><head><title>Sign in</title></head><body></body></html>",
    );
    let other_shape = json!({"items": [{"id": 7, "name": ["not", "a", "name"], "pool": {}}], "total_items": "many"});
    let reset = Err(TransportError::Unreachable("reset".to_owned()));
    let truncated = Err(TransportError::Broken("broken off".to_owned()));
    vec![
        (
            made(401),
            None,
            &["The key was not accepted (401)", "Enter a valid API key"],
        ),
        (
            status(
                402,
                json!({"Description": "upgrade your account to enable this feature"}),
            ),
            None,
            &["The plan does not include this (402): upgrade your account to enable this feature"],
        ),
        (made(403), None, &["Not allowed (403): made to fail"]),
        (made(404), None, &["Not found (404): made to fail"]),
        (made(409), None, &["Refused in the current state (409): made to fail"]),
        (
            limited(&[("retry-after", "86400")]),
            None,
            &["Too many requests (429)", "Try again in 86400 s."],
        ),
        (
            login,
            None,
            &["The answer is not from the API (200): a web page titled “Sign in”"],
        ),
        (
            text(200, "all is well"),
            None,
            &["The answer is not from the API (200): all is well"],
        ),
        (
            text(200, "{\"items\": [{\"id\": \"5f1c"),
            None,
            &["The answer is not from the API (200)"],
        ),
        (ok(other_shape), None, &["The answer is not what the API documents"]),
        (Err(TransportError::Offline), None, &["You are offline"]),
        (
            made(500),
            Some("the service answered 500"),
            &["The service failed (500): made to fail", "Try again in a moment"],
        ),
        (
            made(503),
            Some("the service answered 503"),
            &["The service failed (503): made to fail"],
        ),
        (
            gateway,
            Some("the service answered 502"),
            &["The service failed (502): a web page titled “502 Bad Gateway”"],
        ),
        (
            limited(&[]),
            Some("the service answered 429"),
            &["Too many requests (429): made to fail"],
        ),
        (
            limited(&[("retry-after", "2")]),
            Some("the service asked for a pause (429)"),
            &["Try again in 2 s."],
        ),
        (
            reset,
            Some("no answer"),
            &["No answer from the address of the connection"],
        ),
        (
            truncated,
            Some("a broken answer"),
            &["The answer broke off", "check first whether it was made"],
        ),
        (
            Err(TransportError::TimedOut(30_000)),
            Some("no answer in time"),
            &["No answer within 30 s"],
        ),
    ]
}

#[test]
fn a_fault_that_lasts_is_met_as_often_as_it_may_pass_and_then_named() {
    let attempts = RetryPolicy::default().attempts as usize;
    for (fault, why, words) in faults() {
        let (client, canned, waits) = persistent(std::iter::repeat_n(fault.clone(), attempts));
        let error = now(client.domains(&DomainsQuery::default())).unwrap_err();
        let asked = if why.is_some() { attempts } else { 1 };
        assert_eq!(canned.asked().len(), asked, "{fault:?}");
        assert_eq!(*waits.borrow(), vec![why.unwrap_or_default(); asked - 1], "{fault:?}");
        let advice = error.advice();
        let said = format!("{} {}", advice.happened, advice.to_do);
        for word in words {
            assert!(said.contains(word), "{fault:?}: {said}");
        }
    }
}

#[test]
fn a_fault_that_passes_is_met_once() {
    for (fault, why, _) in faults() {
        let Some(why) = why else { continue };
        let (client, canned, waits) = persistent([fault.clone(), ok(json!({"items": [], "paging": {}}))]);
        now(client.domains(&DomainsQuery::default())).unwrap_or_else(|error| panic!("{error} after {fault:?}"));
        assert_eq!(
            (canned.asked().len(), waits.borrow().as_slice()),
            (2, [why.to_owned()].as_slice()),
            "{fault:?}"
        );
    }
}

#[test]
fn a_change_is_sent_again_only_after_a_429() {
    for (fault, why, words) in faults() {
        let is_turned_away = why.is_some() && matches!(&fault, Ok(response) if response.status == 429);
        let (client, canned, _) = persistent([fault.clone(), ok(json!({"message": "done"}))]);
        let change = now(client.set_override(DomainName::parse("a.example").unwrap(), Band::Poor.into()));
        assert_eq!(canned.asked().len(), if is_turned_away { 2 } else { 1 }, "{fault:?}");
        // JSON of another shape says enough: the change was made.
        if is_turned_away
            || fault
                .as_ref()
                .is_ok_and(|response| matches!(response.body, Body::Json(_)) && response.status == 200)
        {
            assert!(change.is_ok(), "{fault:?}: {change:?}");
            continue;
        }
        let said = change.unwrap_err().advice();
        assert!(said.happened.contains(words[0]), "{fault:?}: {said:?}");
    }
}
