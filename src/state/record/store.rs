//! Where the record is: the file of the program that serves this page, or this browser.

use crate::persistence::RecordLines;
use crate::state::console_program;
use futures::future::LocalBoxFuture;
use mailgun_pools::transport::browser::BrowserSender;
use mailgun_pools::transport::{ApiKey, BaseUrl, Body, Method, Request, Transport};
use poolkeeper_account::record::{ChangeId, RecordContents, RecordEntry};
use poolkeeper_account::sending::StopReason;

const PATH: &str = "/_console/record";

/// A record takes a moment to write where a change has many items.
const TIMEOUT_MS: u32 = 60_000;

/// Something that keeps entries.
pub(super) trait EntryStore {
    /// Stores entries. None of them is stored where this fails; the error is for people.
    fn append<'a>(&'a self, entries: &'a [RecordEntry]) -> LocalBoxFuture<'a, Result<(), String>>;

    /// The latest entries.
    fn read(&self) -> LocalBoxFuture<'_, Result<RecordContents, String>>;

    /// Lets this page go on with a change; an error where another page sends it, or nobody can say.
    fn take_turn<'a>(&'a self, change: &'a ChangeId) -> LocalBoxFuture<'a, Result<(), StopReason>>;

    /// Whether it notes by itself what passes through it, and the answers.
    fn sees_requests(&self) -> bool;
}

impl EntryStore for RecordLines {
    fn append<'a>(&'a self, entries: &'a [RecordEntry]) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move { self.append(entries).await.map_err(|problem| problem.to_string()) })
    }

    fn read(&self) -> LocalBoxFuture<'_, Result<RecordContents, String>> {
        Box::pin(async { self.read().await.map_err(|problem| problem.to_string()) })
    }

    fn take_turn<'a>(&'a self, _: &'a ChangeId) -> LocalBoxFuture<'a, Result<(), StopReason>> {
        // Every page that writes here is of this browser, which has locks for it.
        Box::pin(async { Ok(()) })
    }

    fn sees_requests(&self) -> bool {
        false
    }
}

/// The record of the program that serves this page.
pub(super) struct ProgramRecord {
    sender: BrowserSender,
    /// The account's name there.
    account: String,
    /// This page's name there.
    page: String,
}

impl ProgramRecord {
    /// `root` is the address of the page's origin.
    pub(super) fn new(root: BaseUrl, token: ApiKey, account: String) -> Self {
        let sender = BrowserSender::new(root, ApiKey::new(""), TIMEOUT_MS);
        Self {
            sender: sender.with_page_token(console_program::TOKEN_HEADER, token),
            account,
            page: format!("{:016x}", js_sys::Math::random().to_bits()),
        }
    }

    fn request(&self, method: Method) -> Request {
        let request = Request::new(method, PATH);
        request.query("account", &*self.account).query("sender", &*self.page)
    }

    /// Sends a request; the status and the words of what is no success.
    async fn ask(&self, request: Request) -> Result<Body, (u16, String)> {
        let answer = self.sender.send(request).await;
        let answer = answer.map_err(|_| (0, "the program that serves this page does not answer".to_owned()))?;
        match (answer.status, answer.body) {
            (200, body) => Ok(body),
            (status, Body::Json(body)) => {
                let message = body.get("message").and_then(|message| message.as_str());
                Err((
                    status,
                    message.map_or_else(|| format!("status {status}"), str::to_owned),
                ))
            }
            (status, _) => Err((status, format!("status {status}"))),
        }
    }
}

impl EntryStore for ProgramRecord {
    fn append<'a>(&'a self, entries: &'a [RecordEntry]) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let entries = serde_json::to_value(entries).map_err(|error| error.to_string())?;
            let answer = self.ask(self.request(Method::Post).body(Body::Json(entries))).await;
            answer.map(|_| ()).map_err(|(_, why)| why)
        })
    }

    fn read(&self) -> LocalBoxFuture<'_, Result<RecordContents, String>> {
        Box::pin(async {
            let answer = self.ask(Request::new(Method::Get, PATH)).await;
            let lines = match answer.map_err(|(_, why)| why)? {
                Body::Text(lines) => lines,
                _ => String::new(),
            };
            let first = lines.split(' ').next().and_then(|number| number.parse().ok());
            Ok(RecordContents::read_lines(lines.as_bytes(), first.unwrap_or(1)))
        })
    }

    fn take_turn<'a>(&'a self, change: &'a ChangeId) -> LocalBoxFuture<'a, Result<(), StopReason>> {
        Box::pin(async move {
            let request = self.request(Method::Put).query("change", change.as_str());
            match self.ask(request).await {
                Ok(_) => Ok(()),
                Err((409, _)) => Err(StopReason::SentElsewhere),
                Err((_, why)) => Err(StopReason::NotRecorded(why)),
            }
        })
    }

    fn sees_requests(&self) -> bool {
        true
    }
}
