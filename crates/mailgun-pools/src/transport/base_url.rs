//! The address that requests go to.

use std::net::Ipv4Addr;
use thiserror::Error;

/// The URL that requests are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Why a base URL is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("“{given}” can't be used: {problem}")]
pub struct InvalidBaseUrl {
    /// The text that was given.
    pub given: String,
    /// What is wrong, and what to enter instead.
    pub problem: &'static str,
}

impl InvalidBaseUrl {
    pub(super) fn new(given: &str, problem: &'static str) -> Self {
        Self {
            given: given.to_owned(),
            problem,
        }
    }
}

/// A parsed URL. In a browser its own parser is used, elsewhere a small one.
pub(super) struct UrlParts<'a> {
    pub(super) scheme: &'a str,
    pub(super) has_user_info: bool,
    pub(super) host: &'a str,
    pub(super) origin: &'a str,
    pub(super) path: &'a str,
    pub(super) has_query_or_fragment: bool,
}

impl BaseUrl {
    /// Plain `http` is allowed for loopback addresses only, because the key would be readable on the network.
    pub(super) fn from_parts(given: &str, parts: &UrlParts<'_>) -> Result<Self, InvalidBaseUrl> {
        let invalid = |problem| Err(InvalidBaseUrl::new(given, problem));
        if parts.has_user_info {
            // The text has a password, so it is not repeated.
            return Err(InvalidBaseUrl::new(
                parts.origin,
                "leave user name and password out of the URL; the key has its own field",
            ));
        }
        if parts.has_query_or_fragment {
            return invalid("leave out everything from “?” or “#” on");
        }
        match parts.scheme {
            "https" => {}
            "http" if is_loopback(parts.host) => {}
            "http" => return invalid("http would send the key in the open; use https"),
            _ => return invalid("only https, or http on this machine, will do"),
        }
        Ok(Self(format!("{}{}", parts.origin, parts.path.trim_end_matches('/'))))
    }

    /// Parses an absolute URL such as `https://api.mailgun.net`.
    ///
    /// # Errors
    /// [`InvalidBaseUrl`] says what is wrong and what to give instead.
    #[cfg(feature = "native")]
    pub fn parse_absolute(text: &str) -> Result<Self, InvalidBaseUrl> {
        let not_a_url = || InvalidBaseUrl::new(text, "it is not a URL; give one such as https://api.mailgun.net");
        let (address, _) = text
            .trim()
            .split_at(text.trim().find(['?', '#']).unwrap_or(text.trim().len()));
        let uri: http::Uri = address.parse().map_err(|_| not_a_url())?;
        let scheme = uri.scheme_str().ok_or_else(not_a_url)?.to_ascii_lowercase();
        let authority = uri.authority().ok_or_else(not_a_url)?;
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().map_or_else(String::new, |port| format!(":{port}"));
        let has_user_info = authority.as_str().contains('@');
        // What is behind the host is a port or nothing; a colon alone may stay behind.
        let rest = authority.as_str().get(host.len()..).unwrap_or_default();
        if host.is_empty() || !(has_user_info || rest.trim_end_matches(':') == port) {
            return Err(not_a_url());
        }
        let parts = UrlParts {
            scheme: &scheme,
            has_user_info,
            host: &host,
            origin: &format!("{scheme}://{host}{port}"),
            path: uri.path(),
            has_query_or_fragment: address.len() < text.trim().len(),
        };
        Self::from_parts(text, &parts)
    }

    /// The host and port: `api.mailgun.net`, `127.0.0.1:8025`.
    #[must_use]
    pub fn host(&self) -> &str {
        let after = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        after.split('/').next().unwrap_or(after)
    }

    /// The URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "native")]
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host();
        let end = host
            .rfind(':')
            .filter(|&colon| !host.get(colon..).is_some_and(|rest| rest.contains(']')));
        is_loopback(end.and_then(|end| host.get(..end)).unwrap_or(host))
    }
}

/// The host must parse as an address, because `127.example.com` is a name.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(all(test, feature = "native"))]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn absolute_urls_lose_their_last_slash() {
        let base = |text| BaseUrl::parse_absolute(text).unwrap();
        assert_eq!(base(" HTTPS://API.mailgun.net/ ").as_str(), "https://api.mailgun.net");
        assert_eq!(
            base("https://proxy.example:8443/mailgun/us/").as_str(),
            "https://proxy.example:8443/mailgun/us"
        );
        assert_eq!(base("http://127.0.0.1:8025").host(), "127.0.0.1:8025");
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for text in [
            "http://localhost:1",
            "http://127.0.0.1",
            "http://[::1]:8025",
            "http://127.9.9.9/x",
        ] {
            assert!(BaseUrl::parse_absolute(text).unwrap().is_loopback(), "{text}");
        }
        for text in [
            "http://api.mailgun.net",
            "http://127.example.com",
            "http://localhost.example",
            "ftp://localhost",
        ] {
            BaseUrl::parse_absolute(text).unwrap_err();
        }
        assert!(
            !BaseUrl::parse_absolute("https://api.mailgun.net")
                .unwrap()
                .is_loopback()
        );
    }

    #[test]
    fn invalid_base_urls_are_refused_with_a_reason() {
        for (text, named) in [
            ("api.mailgun.net", "not a URL"),
            ("/mailgun/us/", "not a URL"),
            ("", "not a URL"),
            ("https://:.example/v1", "not a URL"),
            ("https://:8080", "not a URL"),
            ("https://a.example:port", "not a URL"),
            ("https://api.mailgun.net/?a=b", "“?”"),
            ("https://api.mailgun.net/#a", "“#”"),
            ("https://api:secret@api.mailgun.net", "the key has its own field"),
        ] {
            let error = BaseUrl::parse_absolute(text).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
