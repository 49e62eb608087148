//! Mailgun over the network: the only place that fetches, and the only one that holds a key.

use super::{Body, Method, Request, Response, Transport, TransportError};
use futures::future::{Either, LocalBoxFuture, select};
use gloo_net::http::RequestBuilder;
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use thiserror::Error;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, FormData, ReadableStreamDefaultReader};

/// Answers larger than this are cut off: a tab must survive whatever a server sends. The largest honest one lists a
/// hundred thousand domains that are not enrolled, in some 12 MB.
const LARGEST_ANSWER_BYTES: usize = 16_000_000;

/// Where a connection lies in the tab's session storage, where a person asked for that.
const SESSION_SLOT: &str = "poolkeeper-connection";

/// An API key. It never prints: not in Debug, not in a log, not in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes what a person typed, without the space around it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// Whether there is none: a proxy that adds the key itself needs none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ApiKey {
    /// An answer's text without the key, should the server repeat what it was sent: what answers say is shown, logged and
    /// exported. Keys too short to be anybody's are left, since they stand in other words.
    fn struck_out(&self, text: String) -> String {
        const SHORTEST: usize = 12;
        if self.0.len() < SHORTEST {
            return text;
        }
        let basic = basic_auth(self).unwrap_or_default();
        let encoded = basic.strip_prefix("Basic ").unwrap_or_default();
        [encoded, &self.0]
            .into_iter()
            .filter(|secret| !secret.is_empty())
            .fold(text, |text, secret| {
                if text.contains(secret) {
                    text.replace(secret, "[the key]")
                } else {
                    text
                }
            })
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Why a base URL will not do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("“{given}” can't be used: {problem}")]
pub struct InvalidBaseUrl {
    /// What was given.
    pub given: String,
    /// What is wrong, and what would do.
    pub problem: &'static str,
}

impl BaseUrl {
    /// Reads an absolute URL, or a path on the page's own origin such as `/mailgun/us/`. Plain `http` is taken for
    /// loopback only, since a key would travel in the open.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`] in words.
    pub fn parse(text: &str, page_url: &str) -> Result<Self, InvalidBaseUrl> {
        let invalid = |problem| InvalidBaseUrl {
            given: text.to_owned(),
            problem,
        };
        let url = web_sys::Url::new_with_base(text.trim(), page_url)
            .map_err(|_| invalid("it is not a URL; give one such as https://api.mailgun.net or /mailgun/us/"))?;
        if !url.username().is_empty() || !url.password().is_empty() {
            return Err(invalid(
                "leave user name and password out of the URL; the key has its own field",
            ));
        }
        if !url.search().is_empty() || !url.hash().is_empty() {
            return Err(invalid("leave out everything from “?” or “#” on"));
        }
        let host = url.hostname();
        let is_loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        match url.protocol().as_str() {
            "https:" => {}
            "http:" if is_loopback => {}
            "http:" => return Err(invalid("http would send the key in the open; use https")),
            _ => return Err(invalid("only https, or http on this machine, will do")),
        }
        Ok(Self(format!(
            "{}{}",
            url.origin(),
            url.pathname().trim_end_matches('/')
        )))
    }

    /// The host and port: `api.mailgun.net`, `127.0.0.1:8025`.
    #[must_use]
    pub fn host(&self) -> &str {
        let after = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        after.split('/').next().unwrap_or(after)
    }

    /// The URL without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A connection as the tab's session storage keeps it: until the tab is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedConnection {
    /// Which choice the address came from, in the app's words.
    pub region: String,
    /// Where requests go.
    pub base: BaseUrl,
    /// The key.
    pub key: ApiKey,
    /// The subaccount acted for.
    pub acts_for: Option<String>,
}

impl SavedConnection {
    /// Keeps it; `false` where the browser has no session storage.
    #[must_use]
    pub fn keep(&self) -> bool {
        let text = serde_json::json!({
            "region": self.region, "base": self.base.0, "key": self.key.0, "acts_for": self.acts_for,
        });
        session().is_some_and(|session| session.set_item(SESSION_SLOT, &text.to_string()).is_ok())
    }

    /// What was kept, if it still makes sense.
    #[must_use]
    pub fn recall(page_url: &str) -> Option<Self> {
        let text = session()?.get_item(SESSION_SLOT).ok().flatten()?;
        let kept: serde_json::Value = serde_json::from_str(&text).ok()?;
        let text = |name: &str| kept.get(name).and_then(|value| value.as_str());
        Some(Self {
            region: text("region")?.to_owned(),
            base: BaseUrl::parse(text("base")?, page_url).ok()?,
            key: ApiKey::new(text("key")?),
            acts_for: text("acts_for").map(str::to_owned),
        })
    }

    /// Forgets it.
    pub fn forget() {
        if let Some(session) = session() {
            // Nothing is there to remove where nothing can be kept.
            let _ = session.remove_item(SESSION_SLOT);
        }
    }
}

fn session() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

/// What a page can find out of an address that gave it no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// This page's Content-Security-Policy does not let it ask there.
    Forbidden,
    /// Something answers, but does not let this page read it (CORS).
    Withheld,
    /// Nothing answers: an unknown name, a refused connection, a certificate the browser does not trust.
    Silent,
}

/// Asks an address, without a key and without reading the answer, why it gave none.
pub async fn probe(base: &BaseUrl, timeout_ms: u32) -> Reachability {
    let Some(window) = web_sys::window() else {
        return Reachability::Silent;
    };
    let is_forbidden = Rc::new(Cell::new(false));
    let noted = Rc::clone(&is_forbidden);
    let listener = Closure::<dyn Fn()>::new(move || noted.set(true));
    let event = "securitypolicyviolation";
    // The browser says so by an event of the document and in the console only.
    let document: Option<web_sys::EventTarget> = window.document().map(Into::into);
    if let Some(document) = &document {
        let _ = document.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    }
    let asked = RequestBuilder::new(&format!("{}/", base.as_str()))
        .mode(web_sys::RequestMode::NoCors)
        .credentials(web_sys::RequestCredentials::Omit)
        .referrer_policy(web_sys::ReferrerPolicy::NoReferrer)
        .cache(web_sys::RequestCache::NoStore)
        .build();
    let is_answered = match asked {
        Ok(asked) => {
            let answered = pin!(asked.send());
            let timeout = pin!(TimeoutFuture::new(timeout_ms));
            matches!(select(answered, timeout).await, Either::Left((Ok(_), _)))
        }
        Err(_) => false,
    };
    // The event comes in a task of its own.
    TimeoutFuture::new(0).await;
    if let Some(document) = &document {
        let _ = document.remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    }
    match (is_forbidden.get(), is_answered) {
        (true, _) => Reachability::Forbidden,
        (false, true) => Reachability::Withheld,
        (false, false) => Reachability::Silent,
    }
}

/// A connection to Mailgun, or to a proxy in front of it.
pub struct BrowserSender {
    base: BaseUrl,
    key: ApiKey,
    timeout_ms: u32,
}

impl fmt::Debug for BrowserSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("base", &self.base)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

impl BrowserSender {
    /// A connection; `timeout_ms` bounds each request from the first byte sent to the last received.
    #[must_use]
    pub const fn new(base: BaseUrl, key: ApiKey, timeout_ms: u32) -> Self {
        Self { base, key, timeout_ms }
    }

    async fn fetch(&self, request: Request) -> Result<Response, TransportError> {
        if web_sys::window().is_some_and(|window| !window.navigator().on_line()) {
            return Err(TransportError::Offline);
        }
        let abort = AbortOnDrop::new()?;
        let exchange = pin!(self.exchange(&request, &abort.0));
        let timeout = pin!(TimeoutFuture::new(self.timeout_ms));
        match select(exchange, timeout).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(TransportError::TimedOut(u64::from(self.timeout_ms))),
        }
    }

    async fn exchange(&self, request: &Request, abort: &AbortController) -> Result<Response, TransportError> {
        let answer = self
            .built(request, abort)
            .map_err(|error| TransportError::Broken(plain(&error)))?
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let headers: Vec<(String, String)> = answer
            .headers()
            .entries()
            .map(|(key, value)| (key.to_lowercase(), self.key.struck_out(value)))
            .collect();
        let bytes = match answer.body() {
            Some(stream) => read_all(&stream).await?,
            None => Vec::new(),
        };
        Ok(Response {
            status,
            body: decoded(&headers, self.key.struck_out(text_of(bytes))),
            headers,
        })
    }

    fn built(&self, request: &Request, abort: &AbortController) -> Result<gloo_net::http::Request, gloo_net::Error> {
        let url = format!("{}{}", self.base.as_str(), request.path);
        let mut builder = RequestBuilder::new(&url)
            .method(method(request.method))
            .query(request.query.iter().map(|(key, value)| (key.as_str(), value.as_str())))
            .header("Accept", "application/json")
            // Neither cookies nor the browser's own password prompt, nor a redirect that would carry the key elsewhere.
            .credentials(web_sys::RequestCredentials::Omit)
            .redirect(web_sys::RequestRedirect::Error)
            .referrer_policy(web_sys::ReferrerPolicy::NoReferrer)
            .cache(web_sys::RequestCache::NoStore)
            .abort_signal(Some(&abort.signal()));
        if let (false, Some(basic)) = (self.key.is_empty(), basic_auth(&self.key)) {
            builder = builder.header("Authorization", &basic);
        }
        if let Some(subaccount) = &request.on_behalf_of {
            builder = builder.header("X-Mailgun-On-Behalf-Of", subaccount);
        }
        match &request.body {
            Body::Empty => builder.build(),
            Body::Form(fields) => builder.body(form_data(fields)),
            Body::Json(value) => builder
                .header("Content-Type", "application/json")
                .body(value.to_string()),
            Body::Text(text) => builder.header("Content-Type", "text/plain").body(text.as_str()),
        }
    }

    fn unreachable(&self, error: &gloo_net::Error) -> TransportError {
        if web_sys::window().is_some_and(|window| !window.navigator().on_line()) {
            return TransportError::Offline;
        }
        TransportError::Unreachable(plain(error))
    }
}

impl Transport for BrowserSender {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.fetch(request))
    }
}

/// Aborts its fetch when the caller stops waiting: a timeout, a cancel, a newer request.
struct AbortOnDrop(AbortController);

impl AbortOnDrop {
    fn new() -> Result<Self, TransportError> {
        AbortController::new()
            .map(Self)
            .map_err(|_| TransportError::Broken("this browser can't cancel requests".into()))
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

/// `None` for a key outside Latin-1, which no header can carry.
fn basic_auth(key: &ApiKey) -> Option<String> {
    let encoded = web_sys::window()?.btoa(&format!("api:{}", key.0)).ok()?;
    Some(format!("Basic {encoded}"))
}

fn form_data(fields: &[(String, String)]) -> JsValue {
    let Ok(form) = FormData::new() else {
        return JsValue::UNDEFINED;
    };
    for (key, value) in fields {
        // Appending text can't fail; a field lost would be seen in the answer.
        let _ = form.append_with_str(key, value);
    }
    form.into()
}

async fn read_all(stream: &web_sys::ReadableStream) -> Result<Vec<u8>, TransportError> {
    let broken = |_: JsValue| TransportError::Broken("the connection broke off in the middle of the answer".into());
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(broken)?;
        let is_done = js_sys::Reflect::get(&chunk, &"done".into())
            .map_err(broken)?
            .is_truthy();
        if is_done {
            return Ok(bytes);
        }
        let value: js_sys::Uint8Array = js_sys::Reflect::get(&chunk, &"value".into())
            .map_err(broken)?
            .unchecked_into();
        if bytes.len() + value.length() as usize > LARGEST_ANSWER_BYTES {
            // Nobody reads on: the browser may let the rest go.
            let _ = reader.cancel();
            return Err(TransportError::TooLarge(LARGEST_ANSWER_BYTES as u64));
        }
        bytes.extend_from_slice(&value.to_vec());
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// JSON where it is JSON, whatever the headers call it; text otherwise, so that an error page can be shown.
fn decoded(headers: &[(String, String)], text: String) -> Body {
    let content_type = headers
        .iter()
        .find(|(key, _)| key == "content-type")
        .map_or("", |(_, value)| value.as_str());
    if text.trim().is_empty() {
        return Body::Empty;
    }
    if content_type.starts_with("text/html") {
        return Body::Text(text);
    }
    serde_json::from_str(&text).map_or(Body::Text(text), Body::Json)
}

/// The error's own words; gloo-net's never include headers, so no key can be in them.
fn plain(error: &gloo_net::Error) -> String {
    error.to_string()
}
