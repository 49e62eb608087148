//! Logs the last exchanges, for the request drawer. Requests have no key, so the log has none.

use super::{Body, Request, Response, Transport, TransportError};
use futures::future::LocalBoxFuture;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Larger bodies are truncated to about this size, as text.
pub const MAX_LOGGED_BODY_BYTES: usize = 64 * 1024;

/// How an exchange ended.
pub type ExchangeResult = Result<Response, TransportError>;

/// One request and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Counts up from 1 over the log's life.
    pub id: u64,
    /// The request, as sent.
    pub request: Request,
    /// Its result; `None` while it is under way.
    pub answer: Option<ExchangeResult>,
    /// When it was sent, in milliseconds of the log's clock.
    pub started_ms: f64,
    /// How long it took, in milliseconds; `None` while it is under way.
    pub took_ms: Option<f64>,
}

#[derive(Default)]
struct ExchangeBuffer {
    exchanges: VecDeque<Rc<Exchange>>,
    last_id: u64,
    listener: Option<Rc<dyn Fn()>>,
}

/// The logged exchanges. Clones share them.
#[derive(Clone)]
pub struct Exchanges {
    buffer: Rc<RefCell<ExchangeBuffer>>,
    max_exchanges: usize,
}

impl Exchanges {
    /// A log of the last `max_exchanges` exchanges (at least one).
    #[must_use]
    pub fn new(max_exchanges: usize) -> Self {
        Self {
            buffer: Rc::default(),
            max_exchanges: max_exchanges.max(1),
        }
    }

    /// All of them, the latest first.
    #[must_use]
    pub fn all(&self) -> Vec<Rc<Exchange>> {
        self.buffer.borrow().exchanges.iter().rev().cloned().collect()
    }

    /// The exchange with an id, if it is still in the log.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Rc<Exchange>> {
        self.buffer
            .borrow()
            .exchanges
            .iter()
            .find(|exchange| exchange.id == id)
            .cloned()
    }

    /// Removes all exchanges. One under way is not logged when it ends.
    pub fn clear(&self) {
        self.buffer.borrow_mut().exchanges.clear();
        self.notify();
    }

    /// Sets the listener that is called after each change; replaces the previous one.
    pub fn on_change(&self, listener: impl Fn() + 'static) {
        self.buffer.borrow_mut().listener = Some(Rc::new(listener));
    }

    fn notify(&self) {
        // The listener may read the log, so no borrow may be held while it runs.
        let listener = self.buffer.borrow().listener.clone();
        if let Some(listener) = listener {
            listener();
        }
    }

    fn begin(&self, request: &Request, started_ms: f64) -> u64 {
        let mut buffer = self.buffer.borrow_mut();
        buffer.last_id += 1;
        let id = buffer.last_id;
        let request = Request {
            body: bounded(&request.body),
            ..request.clone()
        };
        buffer.exchanges.push_back(Rc::new(Exchange {
            id,
            request,
            answer: None,
            started_ms,
            took_ms: None,
        }));
        if buffer.exchanges.len() > self.max_exchanges {
            buffer.exchanges.pop_front();
        }
        drop(buffer);
        self.notify();
        id
    }

    fn end(&self, id: u64, answer: ExchangeResult, now_ms: f64) {
        let mut buffer = self.buffer.borrow_mut();
        if let Some(exchange) = buffer.exchanges.iter_mut().find(|exchange| exchange.id == id) {
            let ended = Rc::make_mut(exchange);
            ended.took_ms = Some((now_ms - ended.started_ms).max(0.0));
            ended.answer = Some(answer);
        }
        drop(buffer);
        self.notify();
    }
}

/// A transport that logs its exchanges.
pub struct LoggingTransport {
    inner: Rc<dyn Transport>,
    exchanges: Exchanges,
    now_ms: Rc<dyn Fn() -> f64>,
}

impl LoggingTransport {
    /// Decorates a transport; `now_ms` is a clock in milliseconds, from any starting point.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, exchanges: Exchanges, now_ms: Rc<dyn Fn() -> f64>) -> Self {
        Self {
            inner,
            exchanges,
            now_ms,
        }
    }
}

impl Transport for LoggingTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, ExchangeResult> {
        Box::pin(async move {
            let mut entry = OpenExchange {
                log: self,
                id: self.exchanges.begin(&request, (self.now_ms)()),
                is_ended: false,
            };
            let answer = self.inner.send(request).await;
            entry.end(bounded_answer(&answer));
            answer
        })
    }
}

/// An exchange under way. If it is dropped before its end, it was cancelled.
struct OpenExchange<'a> {
    log: &'a LoggingTransport,
    id: u64,
    is_ended: bool,
}

impl OpenExchange<'_> {
    fn end(&mut self, answer: ExchangeResult) {
        self.is_ended = true;
        self.log.exchanges.end(self.id, answer, (self.log.now_ms)());
    }
}

impl Drop for OpenExchange<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            self.end(Err(TransportError::Cancelled));
        }
    }
}

fn bounded_answer(answer: &ExchangeResult) -> ExchangeResult {
    let response = answer.as_ref().map_err(Clone::clone)?;
    Ok(Response {
        status: response.status,
        headers: response.headers.clone(),
        body: bounded(&response.body),
    })
}

fn bounded(body: &Body) -> Body {
    match body {
        Body::Json(json) if json_bytes(json) > MAX_LOGGED_BODY_BYTES => truncate(&json.to_string()),
        Body::Text(text) if text.len() > MAX_LOGGED_BODY_BYTES => truncate(text),
        Body::Empty | Body::Form(_) | Body::Json(_) | Body::Text(_) => body.clone(),
    }
}

fn truncate(text: &str) -> Body {
    let kept = prefix(text, MAX_LOGGED_BODY_BYTES);
    Body::Text(format!("{kept}… ({} bytes in all; the rest is not kept)", text.len()))
}

/// At most `bytes` bytes of a text's start, cut between characters.
pub(super) fn prefix(text: &str, bytes: usize) -> &str {
    let fits = (0..=bytes.min(text.len())).rev().find_map(|bytes| text.get(..bytes));
    fits.unwrap_or_default()
}

/// The approximate size of a value as JSON.
fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(entries) => entries.iter().map(|entry| json_bytes(entry) + 1).sum::<usize>() + 2,
        Value::Object(fields) => {
            fields
                .iter()
                .map(|(key, field)| key.len() + json_bytes(field) + 4)
                .sum::<usize>()
                + 2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Method;
    use futures::FutureExt;
    use futures::channel::oneshot;
    use serde_json::json;
    use std::cell::Cell;

    /// Answers each request with its own body, or never if it has none.
    struct Echo;

    impl Transport for Echo {
        fn send(&self, request: Request) -> LocalBoxFuture<'_, ExchangeResult> {
            if request.body == Body::Empty {
                let (_never, answer) = oneshot::channel::<()>();
                return Box::pin(async move {
                    let _held = _never;
                    let _ = answer.await;
                    Err(TransportError::Offline)
                });
            }
            Box::pin(async move {
                Ok(Response {
                    status: 200,
                    headers: Vec::new(),
                    body: request.body,
                })
            })
        }
    }

    fn log(max_exchanges: usize) -> (LoggingTransport, Exchanges, Rc<Cell<f64>>) {
        let (exchanges, time) = (Exchanges::new(max_exchanges), Rc::new(Cell::new(0.0)));
        let clock = Rc::clone(&time);
        let now_ms = Rc::new(move || {
            clock.set(clock.get() + 5.0);
            clock.get()
        });
        (
            LoggingTransport::new(Rc::new(Echo), exchanges.clone(), now_ms),
            exchanges,
            time,
        )
    }

    fn send(log: &LoggingTransport, body: Body) -> Option<ExchangeResult> {
        log.send(Request::new(Method::Post, "/v3/ips").body(body))
            .now_or_never()
    }

    #[test]
    fn the_last_exchanges_are_kept_with_answer_and_duration() {
        let (log, exchanges, _) = log(2);
        for number in 1..=3 {
            send(&log, Body::Json(json!(number))).unwrap().unwrap();
        }
        let kept: Vec<_> = exchanges
            .all()
            .iter()
            .map(|exchange| (exchange.id, exchange.took_ms))
            .collect();
        assert_eq!(kept, [(3, Some(5.0)), (2, Some(5.0))]);
        assert_eq!(
            exchanges
                .get(3)
                .unwrap()
                .answer
                .as_ref()
                .unwrap()
                .as_ref()
                .unwrap()
                .body,
            Body::Json(json!(3))
        );
        assert_eq!(exchanges.get(1), None);
    }

    #[test]
    fn an_exchange_dropped_before_its_end_was_cancelled() {
        let (log, exchanges, _) = log(2);
        assert!(send(&log, Body::Empty).is_none());
        assert_eq!(exchanges.all()[0].answer, Some(Err(TransportError::Cancelled)));
    }

    #[test]
    fn a_listener_is_called_at_begin_and_end_and_may_read_the_log() {
        let (log, exchanges, _) = log(2);
        let events = Rc::new(RefCell::new(Vec::new()));
        let (recorded, log_view) = (Rc::clone(&events), exchanges.clone());
        exchanges.on_change(move || recorded.borrow_mut().push(log_view.all()[0].answer.is_some()));
        send(&log, Body::Json(json!(1))).unwrap().unwrap();
        assert_eq!(*events.borrow(), [false, true]);
    }

    #[test]
    fn huge_bodies_are_cut_in_the_log_and_whole_for_the_caller() {
        let (log, exchanges, _) = log(2);
        for body in [
            Body::Json(json!("ü".repeat(1_000_000))),
            Body::Text("ü".repeat(1_000_000)),
        ] {
            let answer = send(&log, body.clone()).unwrap().unwrap();
            assert!(answer.body == body);
            let kept = exchanges.all()[0].clone();
            let Some(Ok(Response {
                body: Body::Text(text), ..
            })) = &kept.answer
            else {
                panic!("not a cut text");
            };
            assert!(text.len() < MAX_LOGGED_BODY_BYTES + 100 && text.contains("bytes in all"));
        }
    }
}
