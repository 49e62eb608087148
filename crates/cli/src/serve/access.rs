//! Who may ask: by which host name, and from which page. A browser adds saved credentials to the requests of any page, and
//! a page's own host name can be made to lead to this machine.

use super::body::message;
use crate::request_source::{FETCH_SITE, authorities, header_text};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response as HttpResponse;
use std::net::{IpAddr, SocketAddr};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

/// The header that controls need. A form can't send it, and a page of another origin must ask first.
const CONTROL_HEADER: HeaderName = HeaderName::from_static("x-poolkeeper-control");

pub(super) const ON_BEHALF_OF: HeaderName = HeaderName::from_static("x-mailgun-on-behalf-of");

/// Headers that pages of other origins may read.
const EXPOSED: [&str; 5] = [
    "allow",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// The pages that `--cors` lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CorsOrigin {
    /// Pages of any origin, to the API only.
    Any,
    /// Pages of this origin, to the controls too.
    Named(HeaderValue),
}

/// Parses `*` or an origin.
pub(super) fn cors_origin(text: &str) -> Result<CorsOrigin, String> {
    if text == "*" {
        return Ok(CorsOrigin::Any);
    }
    let is_origin = text.split_once("://").is_some_and(|(scheme, host)| {
        let is_host_char = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        !scheme.is_empty() && !host.is_empty() && scheme.chars().all(is_host_char) && host.chars().all(is_host_char)
    });
    let value = HeaderValue::from_str(&text.to_ascii_lowercase()).ok();
    value
        .filter(|_| is_origin)
        .map(CorsOrigin::Named)
        .ok_or_else(|| "enter an origin without a path, such as https://app.example".to_owned())
}

/// Parses a host name, in lower case.
pub(super) fn host_name(text: &str) -> Result<String, String> {
    let is_name_char = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let is_name = text.chars().all(is_name_char)
        || text.strip_prefix('[').is_some_and(|rest| {
            rest.strip_suffix(']')
                .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
        });
    if is_name && (1..=253).contains(&text.len()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err("enter a host name without a port, such as simulator.example".to_owned())
}

/// Checks of every request.
pub(super) struct AccessRules {
    /// Hosts with ports that are answered. Empty when every host is.
    authorities: Vec<String>,
    /// Hosts that are answered at any port.
    hosts: Vec<String>,
    cors: Option<CorsOrigin>,
}

impl AccessRules {
    /// The rules of a server at an address. One that other machines reach answers to every host unless hosts are named:
    /// it can't know its names.
    pub(super) fn new(address: SocketAddr, hosts: &[String], cors: Option<CorsOrigin>) -> Self {
        let own = match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let mut names = vec!["localhost", "127.0.0.1", "[::1]"];
        if !names.contains(&own.as_str()) {
            names.push(&own);
        }
        let is_limited = address.ip().is_loopback() || !hosts.is_empty();
        Self {
            authorities: if is_limited {
                authorities(&names, address.port())
            } else {
                Vec::new()
            },
            hosts: hosts.to_vec(),
            cors,
        }
    }

    /// Checks the host that a request was sent to.
    #[expect(clippy::result_large_err, reason = "an answer, made once a request and handed on")]
    pub(super) fn admit_host(&self, request: &axum::extract::Request) -> Result<(), HttpResponse> {
        let sent = request.headers().get_all(header::HOST).iter();
        let sent = sent.map(|host| host.to_str().unwrap_or_default());
        // An address with a host in it, as for a proxy.
        let address = request.uri().authority().map(|authority| authority.as_str());
        let hosts: Vec<String> = address.into_iter().chain(sent).map(str::to_ascii_lowercase).collect();
        let is_answered =
            |host: &String| self.authorities.contains(host) || self.hosts.iter().any(|name| name == without_port(host));
        if self.authorities.is_empty() || (!hosts.is_empty() && hosts.iter().all(is_answered)) {
            return Ok(());
        }
        let foreign = hosts.iter().find(|host| !is_answered(host));
        let to_add = foreign.and_then(|host| host_name(without_port(host)).ok());
        let known = self.authorities.iter().chain(&self.hosts);
        let text = format!(
            "This simulator answers as {} only. To add a name, start it with --host {}.",
            known.map(String::as_str).collect::<Vec<_>>().join(", "),
            to_add.as_deref().unwrap_or("NAME")
        );
        Err(message(StatusCode::MISDIRECTED_REQUEST, &text))
    }

    /// Checks that a control that changes something was not sent by a page of another site.
    #[expect(clippy::result_large_err, reason = "an answer, made once a request and handed on")]
    pub(super) fn admit_control(&self, headers: &HeaderMap) -> Result<(), HttpResponse> {
        if !headers.contains_key(CONTROL_HEADER) {
            let text =
                "This control needs the header “X-Poolkeeper-Control: 1”, which a web page's form can't send. Add it.";
            return Err(message(StatusCode::FORBIDDEN, text));
        }
        let is_own_site = header_text(headers, &FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
        let host = header_text(headers, &header::HOST).unwrap_or_default();
        let is_own = |origin: &HeaderValue| {
            let origin = origin.to_str().unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, of)| of == host)
        };
        let origins: Vec<&HeaderValue> = headers.get_all(header::ORIGIN).iter().collect();
        let is_admitted = match (origins.as_slice(), &self.cors) {
            ([], _) => is_own_site,
            ([origin], Some(CorsOrigin::Named(named))) if *origin == named => true,
            ([origin], _) => is_own_site && is_own(origin),
            _ => false,
        };
        if is_admitted {
            return Ok(());
        }
        let text = "Pages of other sites may not use this control. To let one in, start the simulator with --cors ORIGIN, \
                    such as --cors https://app.example.";
        Err(message(StatusCode::FORBIDDEN, text))
    }

    /// What lets pages of other origins read the API's answers.
    pub(super) fn api_layer(&self) -> Option<CorsLayer> {
        match &self.cors {
            Some(CorsOrigin::Any) => Some(layer(AllowOrigin::any())),
            Some(CorsOrigin::Named(_)) => self.control_layer(),
            None => None,
        }
    }

    /// What lets pages of a named origin use the controls.
    pub(super) fn control_layer(&self) -> Option<CorsLayer> {
        match &self.cors {
            Some(CorsOrigin::Named(origin)) => Some(layer(AllowOrigin::list([origin.clone()]))),
            Some(CorsOrigin::Any) | None => None,
        }
    }
}

fn layer(origin: AllowOrigin) -> CorsLayer {
    let sent = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::ACCEPT,
        ON_BEHALF_OF,
        CONTROL_HEADER,
    ];
    CorsLayer::new()
        .allow_origin(origin)
        .allow_methods(Any)
        .allow_headers(sent)
        .expose_headers(EXPOSED.map(HeaderName::from_static))
}

/// The host of `HOST:PORT`, `HOST` or `[ADDRESS]:PORT`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && (name.ends_with(']') || !name.contains(':')) =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_origins_are_parsed_or_refused() {
        for name in ["Simulator.example", "10.0.0.1", "[::1]", "a_b-c"] {
            assert_eq!(host_name(name), Ok(name.to_ascii_lowercase()));
        }
        for wrong in ["", "a:80", "http://a", "a/b", "a b", "::1", "[a]", &"a".repeat(254)] {
            assert!(host_name(wrong).is_err(), "{wrong}");
        }
        assert_eq!(cors_origin("*"), Ok(CorsOrigin::Any));
        let named = CorsOrigin::Named(HeaderValue::from_static("https://app.example:8443"));
        assert_eq!(cors_origin("https://App.example:8443"), Ok(named));
        for wrong in [
            "",
            "app.example",
            "https://",
            "https://app.example/",
            "https://a b",
            "null",
            "https://*",
            "a,b://c",
        ] {
            assert!(cors_origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_is_told_from_an_address() {
        for (host, name) in [
            ("a.example:80", "a.example"),
            ("a.example", "a.example"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("a.example:", "a.example"),
            ("a:b:80", "a:b:80"),
        ] {
            assert_eq!(without_port(host), name, "{host}");
        }
    }
}
