//! Bodies: what is read of them, and answers that are a message.

use crate::form::{multipart, pairs};
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response as HttpResponse};
use futures::StreamExt;
use mailgun_pools::transport::Body;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Larger bodies are answered 413.
const LARGEST_BODY_BYTES: usize = 1_000_000;

/// How much of a larger body is read before its connection is closed.
const PATIENCE_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of all bodies that are held at once. Decoded, a body takes up to 90 times its bytes.
const HELD_BYTES: usize = 16_000_000;

/// A body arrives within this time.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads bodies, within bounds for each and for all.
#[derive(Clone)]
pub(super) struct RequestBodies {
    room: Arc<Semaphore>,
    timeout: Duration,
}

impl Default for RequestBodies {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(HELD_BYTES)),
            timeout: TIMEOUT,
        }
    }
}

impl RequestBodies {
    /// The body, and the room it takes.
    pub(super) async fn read(
        &self,
        request: axum::extract::Request,
        content_type: &str,
    ) -> Result<(Body, OwnedSemaphorePermit), HttpResponse> {
        let (parts, body) = request.into_parts();
        let Ok(read) = tokio::time::timeout(self.timeout, self.whole(body)).await else {
            let text = format!(
                "the body did not arrive within {} seconds; send it again",
                self.timeout.as_secs()
            );
            return Err(message(StatusCode::REQUEST_TIMEOUT, &text));
        };
        let (bytes, held) = read?;
        let body = if content_type.starts_with("multipart/form-data") {
            let request = axum::extract::Request::from_parts(parts, bytes.into());
            let fields = multipart(request).await;
            Body::Form(fields.map_err(|problem| message(StatusCode::BAD_REQUEST, &problem))?)
        } else {
            plain(content_type, &bytes)?
        };
        Ok((body, held))
    }

    /// A body's bytes. One that is too large is read on for a while: a client that is still writing would not see the answer.
    async fn whole(&self, body: axum::body::Body) -> Result<(Vec<u8>, OwnedSemaphorePermit), HttpResponse> {
        let busy = || {
            let text = "too many large bodies are being sent at once; send it again";
            message(StatusCode::SERVICE_UNAVAILABLE, text)
        };
        let take = |bytes: usize| {
            let bytes = u32::try_from(bytes).ok()?;
            Arc::clone(&self.room).try_acquire_many_owned(bytes).ok()
        };
        let mut held = take(0).ok_or_else(busy)?;
        let mut chunks = body.into_data_stream();
        let (mut bytes, mut read) = (Vec::new(), 0_usize);
        while let Some(chunk) = chunks.next().await {
            let cut_off =
                |error: axum::Error| message(StatusCode::BAD_REQUEST, &format!("the body can't be read: {error}"));
            let chunk: Bytes = chunk.map_err(cut_off)?;
            read = read.saturating_add(chunk.len());
            if read > PATIENCE_BYTES {
                break;
            }
            if read <= LARGEST_BODY_BYTES {
                held.merge(take(chunk.len()).ok_or_else(busy)?);
                bytes.extend_from_slice(&chunk);
            } else {
                bytes = Vec::new();
            }
        }
        if read <= LARGEST_BODY_BYTES {
            return Ok((bytes, held));
        }
        let text = format!("the body is larger than {LARGEST_BODY_BYTES} bytes; send less at once");
        Err(message(StatusCode::PAYLOAD_TOO_LARGE, &text))
    }
}

#[expect(clippy::result_large_err, reason = "an answer, made once a request and handed on")]
fn plain(content_type: &str, bytes: &[u8]) -> Result<Body, HttpResponse> {
    if bytes.is_empty() {
        return Ok(Body::Empty);
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Ok(Body::Form(pairs(bytes)));
    }
    if content_type.contains("json") {
        return serde_json::from_slice(bytes)
            .map(Body::Json)
            .map_err(|error| message(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}")));
    }
    Ok(Body::Text(String::from_utf8_lossy(bytes).into_owned()))
}

pub(super) fn message(status: StatusCode, text: &str) -> HttpResponse {
    json(status, &serde_json::json!({ "message": text }))
}

pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> HttpResponse {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    fn status(reader: &RequestBodies, body: axum::body::Body) -> u16 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let request = axum::extract::Request::new(body);
        match runtime.block_on(reader.read(request, "text/plain")) {
            Ok(_) => 200,
            Err(refused) => refused.status().as_u16(),
        }
    }

    #[test]
    fn a_body_that_does_not_end_is_answered_408() {
        let reader = RequestBodies {
            timeout: Duration::from_millis(20),
            ..RequestBodies::default()
        };
        let endless = axum::body::Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(status(&reader, endless), 408);
    }

    #[test]
    fn bodies_have_a_bound_each_and_all_together() {
        let reader = RequestBodies::default();
        let body = |bytes: usize| axum::body::Body::from(vec![b'a'; bytes]);
        assert_eq!(status(&reader, body(LARGEST_BODY_BYTES)), 200);
        assert_eq!(status(&reader, body(LARGEST_BODY_BYTES + 1)), 413);
        let others = Arc::clone(&reader.room).try_acquire_many_owned(15_500_000).unwrap();
        assert_eq!(status(&reader, body(500_000)), 200, "there is room for it");
        assert_eq!(status(&reader, body(500_001)), 503);
        drop(others);
        assert_eq!(status(&reader, body(500_001)), 200);
    }
}
