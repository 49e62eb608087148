//! The sender for browsers, over `fetch`.

use super::base_url::UrlParts;
use super::response::{MAX_RESPONSE_BYTES, response};
use super::{ApiKey, BaseUrl, Body, InvalidBaseUrl, Method, Request, Response, Transport, TransportError};
use futures::future::{Either, LocalBoxFuture, select};
use gloo_events::EventListener;
use gloo_net::http::RequestBuilder;
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, FormData, ReadableStreamDefaultReader};

impl BaseUrl {
    /// Parses an absolute URL, or a path on the page's own origin such as `/mailgun/us/`.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`] says what is wrong and what to enter instead.
    pub fn parse(text: &str, page_url: &str) -> Result<Self, InvalidBaseUrl> {
        let url = web_sys::Url::new_with_base(text.trim(), page_url).map_err(|_| {
            InvalidBaseUrl::new(
                text,
                "it is not a URL; give one such as https://api.mailgun.net or /mailgun/us/",
            )
        })?;
        let scheme = url.protocol();
        let parts = UrlParts {
            scheme: scheme.trim_end_matches(':'),
            has_user_info: !url.username().is_empty() || !url.password().is_empty(),
            host: &url.hostname(),
            origin: &url.origin(),
            path: &url.pathname(),
            has_query_or_fragment: !url.search().is_empty() || !url.hash().is_empty(),
        };
        Self::from_parts(text, &parts)
    }
}

/// What a page can find out about an address that did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// This page's Content-Security-Policy forbids the address.
    Forbidden,
    /// A server answers, but does not let this page read the response (CORS).
    Withheld,
    /// No server answers: an unknown name, a refused connection, or an untrusted certificate.
    Silent,
}

/// Finds out why an address did not answer, by a request without a key.
pub async fn probe(base: &BaseUrl, timeout_ms: u32) -> Reachability {
    let Some(window) = web_sys::window() else {
        return Reachability::Silent;
    };
    let is_forbidden = Rc::new(Cell::new(false));
    let flag = Rc::clone(&is_forbidden);
    // The browser reports a violation only by an event of the document and in its console.
    let _listener = window
        .document()
        .map(|document| EventListener::new(&document, "securitypolicyviolation", move |_| flag.set(true)));
    let request = RequestBuilder::new(&format!("{}/", base.as_str()))
        .mode(web_sys::RequestMode::NoCors)
        .credentials(web_sys::RequestCredentials::Omit)
        .referrer_policy(web_sys::ReferrerPolicy::NoReferrer)
        .cache(web_sys::RequestCache::NoStore)
        .build();
    let is_answered = match request {
        Ok(request) => {
            let answered = pin!(request.send());
            let timeout = pin!(TimeoutFuture::new(timeout_ms));
            matches!(select(answered, timeout).await, Either::Left((Ok(_), _)))
        }
        Err(_) => false,
    };
    // The event is dispatched in a task of its own.
    TimeoutFuture::new(0).await;
    match (is_forbidden.get(), is_answered) {
        (true, _) => Reachability::Forbidden,
        (false, true) => Reachability::Withheld,
        (false, false) => Reachability::Silent,
    }
}

/// A connection to Mailgun, or to a proxy in front of it.
#[derive(Debug)]
pub struct BrowserSender {
    base: BaseUrl,
    key: ApiKey,
    timeout_ms: u32,
    page_token: Option<(&'static str, ApiKey)>,
}

impl BrowserSender {
    /// A connection; `timeout_ms` bounds each request from the first byte sent to the last received.
    #[must_use]
    pub const fn new(base: BaseUrl, key: ApiKey, timeout_ms: u32) -> Self {
        Self {
            base,
            key,
            timeout_ms,
            page_token: None,
        }
    }

    /// For a proxy that serves this page and knows it by a cookie: sends that cookie, and a token in this header.
    #[must_use]
    pub fn with_page_token(mut self, header: &'static str, token: ApiKey) -> Self {
        self.page_token = Some((header, token));
        self
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
            .build(request, abort)
            .map_err(|error| TransportError::Broken(error_message(&error)))?
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let headers = answer.headers().entries().collect();
        let bytes = match answer.body() {
            Some(stream) => read_all(&stream).await?,
            None => Vec::new(),
        };
        Ok(response(status, headers, bytes, &self.key))
    }

    fn build(&self, request: &Request, abort: &AbortController) -> Result<gloo_net::http::Request, gloo_net::Error> {
        let url = format!("{}{}", self.base.as_str(), request.path);
        let mut builder = RequestBuilder::new(&url)
            .method(method(request.method))
            .query(request.query.iter().map(|(key, value)| (key.as_str(), value.as_str())))
            .header("Accept", "application/json")
            // No cookies, no password prompt of the browser, and no redirect, which would send the key elsewhere.
            .credentials(web_sys::RequestCredentials::Omit)
            .redirect(web_sys::RequestRedirect::Error)
            .referrer_policy(web_sys::ReferrerPolicy::NoReferrer)
            .cache(web_sys::RequestCache::NoStore)
            .abort_signal(Some(&abort.signal()));
        if let Some((header, token)) = &self.page_token {
            builder = builder
                .credentials(web_sys::RequestCredentials::SameOrigin)
                .header(header, token.secret());
        }
        if let Some(basic) = self.key.basic_auth() {
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
        TransportError::Unreachable(error_message(error))
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

fn form_data(fields: &[(String, String)]) -> JsValue {
    let Ok(form) = FormData::new() else {
        return JsValue::UNDEFINED;
    };
    for (key, value) in fields {
        // Appending text can't fail.
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
        if bytes.len() + value.length() as usize > MAX_RESPONSE_BYTES {
            // The browser can drop the rest.
            let _ = reader.cancel();
            return Err(TransportError::TooLarge(MAX_RESPONSE_BYTES as u64));
        }
        bytes.extend_from_slice(&value.to_vec());
    }
}

/// The error's message. gloo-net's messages never include headers, so they can't contain the key.
fn error_message(error: &gloo_net::Error) -> String {
    error.to_string()
}
