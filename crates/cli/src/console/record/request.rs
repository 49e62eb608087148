//! A request as the record has it: read from what came, so that the record says what was sent.

use crate::form::{form_fields, pairs};
use axum::http::{HeaderMap, header};
use mailgun_pools::transport::Method;
use poolkeeper_account::record::SentRequest;

/// The request; `None` where its body can't be read, which no page of this program sends.
pub(in crate::console) async fn sent_request(
    method: Method,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<SentRequest> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Some(SentRequest {
        method,
        path: path.to_owned(),
        query: query.map_or_else(Vec::new, |query| pairs(query.as_bytes())),
        fields: form_fields(content_type.unwrap_or_default(), body).await?,
    })
}
