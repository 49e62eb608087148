//! Who may ask: which host names, which pages, which browser, which person. Everything else is refused here, and noted.

use super::answer::{Answer, message};
use super::secrets::{RunSecrets, is_same};
use crate::request_source::{FETCH_SITE, authorities, header_text};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

/// The header with the run's token, which a page of another origin can neither know nor send.
pub(super) const TOKEN_HEADER: &str = "x-poolkeeper-token";

/// Headers by which some servers take another method than the request's.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method-override", "x-method-override", "x-http-method"];

/// Headers that say one thing. Two of them are an attempt to be read differently by different programs.
const SINGLE: [HeaderName; 7] = [
    header::HOST,
    header::ORIGIN,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    FETCH_SITE,
    HeaderName::from_static(TOKEN_HEADER),
    HeaderName::from_static("x-mailgun-on-behalf-of"),
];

const OPEN_THE_LINK: &str =
    "Open the link that poolkeeper printed when it started. This browser was not opened with it.";

/// Why a request is refused: a reason for the log, a sentence for the person.
pub(super) struct RequestRefusal {
    pub(super) status: StatusCode,
    pub(super) reason: &'static str,
    pub(super) text: String,
}

impl RequestRefusal {
    pub(super) fn new(status: StatusCode, reason: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { status, reason, text }
    }

    fn forbidden(reason: &'static str, text: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, reason, text)
    }

    pub(super) fn answer(&self) -> Answer {
        message(self.status, &self.text)
    }
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserRole {
    /// Read.
    Viewer,
    /// Change what the account lets be changed.
    Operator,
}

/// The person behind a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConsoleUser {
    /// As the proxy in front names them; `None` without such a proxy.
    pub(super) name: Option<String>,
    pub(super) role: UserRole,
}

/// A proxy in front that adds TLS, and may sign people in.
#[derive(Clone, Debug, Default)]
pub(super) struct FrontProxy {
    /// The public names of this console. Empty without a proxy.
    pub(super) hosts: Vec<String>,
    /// The header that names the person.
    pub(super) user_header: Option<HeaderName>,
    /// Who may change accounts.
    pub(super) operators: Vec<String>,
}

/// Checks of every request.
pub(super) struct RequestGate {
    /// Authorities that are answered, in lower case.
    hosts: Vec<String>,
    front: FrontProxy,
    cookie: String,
    pub(super) secrets: RunSecrets,
}

impl RequestGate {
    /// A gate for a console on a port of this machine.
    pub(super) fn new(port: u16, front: FrontProxy, secrets: RunSecrets) -> Self {
        let hosts = if front.hosts.is_empty() {
            authorities(&["127.0.0.1", "localhost"], port)
        } else {
            front.hosts.iter().map(|host| host.to_ascii_lowercase()).collect()
        };
        Self {
            hosts,
            front,
            // Browsers send a host's cookies to every port of it, so two consoles need two names.
            cookie: format!("poolkeeper-{port}"),
            secrets,
        }
    }

    /// Checks what every request must satisfy, and says who asks.
    pub(super) fn admit(&self, parts: &Parts) -> Result<ConsoleUser, RequestRefusal> {
        let headers = &parts.headers;
        let bad = |reason| RequestRefusal::new(StatusCode::BAD_REQUEST, reason, "This request is not well formed.");
        if SINGLE.iter().any(|name| headers.get_all(name).iter().count() > 1) {
            return Err(bad("a header twice"));
        }
        if parts.uri.authority().is_some() || !parts.uri.path().starts_with('/') {
            return Err(bad("address of a proxy"));
        }
        // Browsers always give a length. Two ways to say where a body ends are how requests are smuggled.
        if headers.contains_key(header::TRANSFER_ENCODING) {
            return Err(bad("transfer encoding"));
        }
        if METHOD_OVERRIDES.iter().any(|name| headers.contains_key(*name)) {
            return Err(bad("method override"));
        }
        let host = header_text(headers, &header::HOST)
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !self.hosts.contains(&host) {
            let names = self.hosts.join(" or ");
            let text = format!("This console answers as {names} only.");
            return Err(RequestRefusal::new(
                StatusCode::MISDIRECTED_REQUEST,
                "foreign host",
                text,
            ));
        }
        if headers.contains_key(header::ORIGIN) && header_text(headers, &header::ORIGIN) != Some(&self.origin(&host)) {
            return Err(RequestRefusal::forbidden(
                "foreign origin",
                "Pages of other origins may not use this console.",
            ));
        }
        self.user(headers)
    }

    fn origin(&self, host: &str) -> String {
        let scheme = if self.front.hosts.is_empty() { "http" } else { "https" };
        format!("{scheme}://{host}")
    }

    fn user(&self, headers: &HeaderMap) -> Result<ConsoleUser, RequestRefusal> {
        let Some(user_header) = &self.front.user_header else {
            return Ok(ConsoleUser {
                name: None,
                role: UserRole::Operator,
            });
        };
        let mut names = headers.get_all(user_header).iter();
        let name = names
            .next()
            .and_then(|name| name.to_str().ok())
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let (Some(name), None) = (name, names.next()) else {
            return Err(RequestRefusal::new(
                StatusCode::UNAUTHORIZED,
                "no user",
                "Sign in first.",
            ));
        };
        let is_operator = self.front.operators.iter().any(|operator| operator == name);
        Ok(ConsoleUser {
            name: Some(name.to_owned()),
            role: if is_operator {
                UserRole::Operator
            } else {
                UserRole::Viewer
            },
        })
    }

    /// Checks that a request comes from the page that this run opened.
    pub(super) fn admit_page(&self, parts: &Parts) -> Result<(), RequestRefusal> {
        let headers = &parts.headers;
        let is_read = parts.method == Method::GET;
        let site = header_text(headers, &FETCH_SITE);
        if site.is_some_and(|site| site != "same-origin") || (site.is_none() && !is_read) {
            return Err(RequestRefusal::forbidden(
                "another site",
                "Only this console's own page may ask this.",
            ));
        }
        if !self.has_session(headers) {
            return Err(RequestRefusal::forbidden("no session", OPEN_THE_LINK));
        }
        let token = header_text(headers, &HeaderName::from_static(TOKEN_HEADER));
        if token.map_or(!is_read, |token| !is_same(&self.secrets.token, token)) {
            return Err(RequestRefusal::forbidden(
                "no token",
                "Reload this page. It is of an earlier run of poolkeeper.",
            ));
        }
        Ok(())
    }

    /// Whether the one cookie of this console is this run's.
    fn has_session(&self, headers: &HeaderMap) -> bool {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok());
        let mut own = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie);
        let session = own.next().map(|(_, value)| value);
        own.next().is_none() && session.is_some_and(|session| is_same(&self.secrets.session, session))
    }

    /// Whether every page sets the cookie: the proxy in front has already signed the person in.
    pub(super) fn trusts_every_visit(&self) -> bool {
        self.front.user_header.is_some()
    }

    /// The header that sets the cookie.
    pub(super) fn set_cookie(&self) -> Option<HeaderValue> {
        let secure = if self.front.hosts.is_empty() { "" } else { "; Secure" };
        let text = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Strict{secure}",
            self.cookie, self.secrets.session
        );
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The address that people use, without a path.
    pub(super) fn public_origin(&self) -> String {
        self.hosts.first().map_or_else(String::new, |host| self.origin(host))
    }
}
