//! Parts of a request that more than one answer needs: its body, and the subaccount it acts for.

use super::gate::RequestRefusal;
use crate::accounts::{AccountConfig, is_identifier};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use std::time::Duration;

/// Time to receive a body, or to wait for a turn.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The subaccount that a request of this account acts for, if it may.
pub(super) fn acts_for(config: &AccountConfig, asked: Option<&str>) -> Result<Option<String>, RequestRefusal> {
    let Some(asked) = asked else {
        return Ok(config.on_behalf_of.clone());
    };
    let is_allowed = match &config.on_behalf_of {
        Some(only) => only == asked,
        None => config.may_act_for_others && is_identifier(asked),
    };
    if !is_allowed {
        return Err(RequestRefusal::new(
            StatusCode::FORBIDDEN,
            "another subaccount",
            "This console does not act for that subaccount.",
        ));
    }
    Ok(Some(asked.to_owned()))
}

pub(super) fn query_value(query: &str, wanted: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// A body as a whole.
///
/// # Errors
/// [`RequestRefusal`] where it is larger than `largest_bytes` or does not arrive.
pub(super) async fn whole_body(
    headers: &HeaderMap,
    body: &mut Body,
    largest_bytes: usize,
) -> Result<Bytes, RequestRefusal> {
    let too_large = || {
        RequestRefusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "oversized body",
            format!("A request has at most {largest_bytes} bytes."),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > largest_bytes) {
        return Err(too_large());
    }
    match tokio::time::timeout(PATIENCE, axum::body::to_bytes(std::mem::take(body), largest_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(RequestRefusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "slow body",
            "The request took too long.",
        )),
    }
}
