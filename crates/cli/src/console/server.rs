//! HTTP of the console: what a request is for, and one line for each that is refused.

use super::answer::{Answer, json, message, secured, with_body};
use super::gate::{ConsoleUser, RequestGate, RequestRefusal, UserRole};
use super::page::PageSource;
use super::proxy::AccountProxy;
use super::record::RecordApi;
use super::request_parts::query_value;
use crate::terminal::say;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Time to send a request's head, and to keep a connection without any.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections at once. A browser has six to a host.
const MOST_CONNECTIONS: usize = 128;

const LARGEST_HEAD_BYTES: usize = 64 * 1024;

/// How much of a refused request's body is read, and for how long.
const LARGEST_DRAIN_BYTES: usize = 8_000_000;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// A path is shown in the log up to this length.
const SHOWN_PATH_CHARS: usize = 200;

/// What the page knows this program by.
const PROGRAM: &str = "poolkeeper-console";

/// Everything that answers a request.
pub(super) struct ConsoleServer {
    pub(super) gate: RequestGate,
    pub(super) page: PageSource,
    pub(super) proxy: AccountProxy,
    pub(super) record: RecordApi,
}

/// Accepts connections until it is dropped.
pub(super) async fn accept(listener: TcpListener, server: Arc<ConsoleServer>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let server = Arc::clone(&server);
                tokio::spawn(async move {
                    serve(stream, server).await;
                    drop(place);
                });
            }
            // No file descriptor is free, or the client is gone. Others may end soon.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(stream: TcpStream, server: Arc<ConsoleServer>) {
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.answer(request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served
        && error.is_parse()
    {
        say(&format!("refused: not HTTP ({error})"));
    }
}

impl ConsoleServer {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let mut body = Body::new(body);
        let answer = match self.find(&parts, &mut body).await {
            Ok(answer) => answer,
            Err(refusal) => {
                note(&parts, &refusal);
                drain(&parts.headers, body).await;
                let mut answer = refusal.answer();
                // What may still come of its body is not read as a request.
                answer
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
                answer
            }
        };
        secured(answer)
    }

    async fn find(&self, parts: &Parts, body: &mut Body) -> Result<Answer, RequestRefusal> {
        let user = self.gate.admit(parts)?;
        let path = parts.uri.path();
        if let Some(rest) = path.strip_prefix("/live/") {
            self.gate.admit_page(parts)?;
            return self.proxy.answer(rest, &user, parts, body).await;
        }
        if path == "/_console/record" {
            self.gate.admit_page(parts)?;
            return self.record(&user, parts, body).await;
        }
        if parts.method != Method::GET && parts.method != Method::HEAD {
            let text = "This address is only read.";
            return Err(RequestRefusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "write to a page",
                text,
            ));
        }
        match path {
            "/_console/session" => match self.gate.admit_page(parts) {
                Ok(()) => Ok(json(StatusCode::OK, &self.session(&user))),
                // There is nothing that a browser without the link may not see.
                Err(_) if self.proxy.accounts().next().is_none() => Ok(json(StatusCode::OK, &no_accounts())),
                Err(refused) => Err(refused),
            },
            "/" => match query_value(parts.uri.query().unwrap_or_default(), "ticket") {
                Some(ticket) if parts.method == Method::GET => self.open(&ticket),
                _ => Ok(self.visit(parts)),
            },
            _ => Ok(self.visit(parts)),
        }
    }

    /// The record of changes: read, or added to for the account that the query names. `PUT` asks to go on with a change.
    async fn record(&self, user: &ConsoleUser, parts: &Parts, body: &mut Body) -> Result<Answer, RequestRefusal> {
        let account = || {
            let name = query_value(parts.uri.query().unwrap_or_default(), "account").unwrap_or_default();
            self.proxy.account(&name)
        };
        match parts.method {
            Method::GET => Ok(self.record.read().await),
            Method::POST => self.record.append(account()?, user, parts, body).await,
            Method::PUT => self.record.take_turn(account()?.config(), user, parts),
            _ => Err(RequestRefusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method of the record",
                "The record of changes is read and added to, nothing else.",
            )),
        }
    }

    /// A file of the page. A visit sets the cookie where a proxy in front has signed the person in.
    fn visit(&self, parts: &Parts) -> Answer {
        let (mut answer, is_page) = self
            .page
            .answer(parts.uri.path(), &parts.headers, parts.method == Method::HEAD);
        if is_page
            && self.gate.trusts_every_visit()
            && let Some(cookie) = self.gate.set_cookie()
        {
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
            answer
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        }
        answer
    }

    /// Lets the browser in that was given the link, and takes the ticket out of its address.
    fn open(&self, ticket: &str) -> Result<Answer, RequestRefusal> {
        if !self.gate.secrets.take_ticket(ticket) {
            let text = "This link was already used, or is of an earlier run. Open the link that poolkeeper printed when it started.";
            return Err(RequestRefusal::new(StatusCode::FORBIDDEN, "wrong ticket", text));
        }
        let mut answer = with_body(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "");
        answer
            .headers_mut()
            .insert(header::LOCATION, HeaderValue::from_static("/"));
        match self.gate.set_cookie() {
            Some(cookie) => {
                answer.headers_mut().insert(header::SET_COOKIE, cookie);
                Ok(answer)
            }
            None => Ok(message(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The session can't be opened.",
            )),
        }
    }

    /// What the page needs to know: the accounts, and the token it sends with its requests.
    fn session(&self, user: &ConsoleUser) -> serde_json::Value {
        let may_operate = user.role == UserRole::Operator;
        let accounts = self.proxy.accounts().map(|account| {
            serde_json::json!({
                "name": account.name,
                "path": format!("/live/{}/", account.name),
                "place": account.place,
                "address": account.base.as_str(),
                "on_behalf_of": account.on_behalf_of,
                "may_act_for_others": account.on_behalf_of.is_none() && account.may_act_for_others,
                "may_change": account.may_change && may_operate,
            })
        });
        serde_json::json!({
            "program": PROGRAM,
            "version": env!("CARGO_PKG_VERSION"),
            "user": user.name,
            "token": self.gate.secrets.token,
            "accounts": accounts.collect::<Vec<_>>(),
        })
    }
}

/// Reads a refused request's body to its end, unless it is huge or slow: a client that still writes may not see the answer.
async fn drain(headers: &HeaderMap, body: Body) {
    let is_moderate = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .is_some_and(|length| length <= LARGEST_DRAIN_BYTES);
    if is_moderate {
        // What it says is of no interest, nor whether it ends.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, axum::body::to_bytes(body, LARGEST_DRAIN_BYTES)).await;
    }
}

/// The session where only the simulator is there.
fn no_accounts() -> serde_json::Value {
    serde_json::json!({ "program": PROGRAM, "accounts": [] })
}

/// One line, without query, body, or any header.
fn note(parts: &Parts, refusal: &RequestRefusal) {
    let path: String = parts.uri.path().chars().take(SHOWN_PATH_CHARS).collect();
    say(&format!(
        "refused: {} {} {path} ({})",
        refusal.status.as_u16(),
        parts.method,
        refusal.reason
    ));
}
