//! What the client makes of failures: the cause, the service's words, and advice.

use crate::canned::{Canned, now, ok, status, text};
use mailgun_pools::api::{ApiError, ApiErrorKind, DomainsQuery, RetryAfter};
use mailgun_pools::transport::{Body, Response, TransportError};
use serde_json::{Value, json};

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
        (403, ApiErrorKind::Forbidden, false),
        (404, ApiErrorKind::NotFound, false),
        (409, ApiErrorKind::Conflict, false),
        (413, ApiErrorKind::TooLarge, false),
        (429, ApiErrorKind::RateLimited(None), false),
        (500, ApiErrorKind::Server, true),
        (503, ApiErrorKind::Server, true),
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
        (ApiErrorKind::Server, Some("upstream timed out"))
    );
    let error = failure(text(401, "Forbidden"));
    assert_eq!(
        (error.kind, error.message.as_deref()),
        (ApiErrorKind::Unauthorized, Some("Forbidden"))
    );
    let error = failure(text(502, "<html><head><title>502 Bad Gateway</title></head></html>"));
    assert!(error.is_web_page && error.kind == ApiErrorKind::Server);
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
