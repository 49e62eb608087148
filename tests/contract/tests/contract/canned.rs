//! A transport that answers from a list and remembers what it was asked.

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::Client;
use mailgun_pools::transport::{Body, Method, Request, Response, Transport, TransportError};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

type Answer = Result<Response, TransportError>;

#[derive(Default)]
pub struct Canned {
    answers: RefCell<VecDeque<Answer>>,
    asked: RefCell<Vec<Request>>,
}

impl Canned {
    /// A client of the canned answers, and the transport to ask what was sent.
    pub fn client(answers: impl IntoIterator<Item = Answer>) -> (Client, Rc<Self>) {
        let canned = Rc::new(Self {
            answers: RefCell::new(answers.into_iter().collect()),
            asked: RefCell::default(),
        });
        (Client::new(Rc::clone(&canned) as _), canned)
    }

    /// Requests so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.borrow().clone()
    }

    /// The only request.
    pub fn only(&self) -> Request {
        let asked = self.asked.borrow();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

impl Transport for Canned {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        self.asked.borrow_mut().push(request);
        let answer = self
            .answers
            .borrow_mut()
            .pop_front()
            .expect("more requests than canned answers");
        Box::pin(async move { answer })
    }
}

/// 200 with JSON.
pub fn ok(json: Value) -> Answer {
    status(200, json)
}

/// A status with JSON.
pub fn status(status: u16, json: Value) -> Answer {
    Ok(Response {
        status,
        headers: Vec::new(),
        body: Body::Json(json),
    })
}

/// A status with text.
pub fn text(status: u16, text: &str) -> Answer {
    Ok(Response {
        status,
        headers: Vec::new(),
        body: Body::Text(text.to_owned()),
    })
}

/// The value of a future that never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("canned answers don't wait")
}

/// What a client makes of one canned answer.
pub fn read<T>(answer: Value, ask: impl AsyncFnOnce(&Client) -> Result<T, mailgun_pools::api::ApiError>) -> T {
    let (client, _) = Canned::client([ok(answer.clone())]);
    now(ask(&client)).unwrap_or_else(|error| panic!("{error} reading {answer}"))
}

/// A request spelled out.
pub fn request(method: Method, path: &str, query: &[(&str, &str)], body: Body) -> Request {
    Request {
        method,
        path: path.to_owned(),
        query: pairs(query),
        on_behalf_of: None,
        body,
    }
}

/// A form spelled out.
pub fn form(fields: &[(&str, &str)]) -> Body {
    Body::Form(pairs(fields))
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}
