//! Names and identifiers.

use super::invisible::{escape_unprintable, is_invisible};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use thiserror::Error;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_id! {
    /// An account's or subaccount's identifier: 24 hexadecimal digits from the service, kept as they came.
    AccountId
}
opaque_id! {
    /// A domain's identifier: 24 hexadecimal digits from the service, kept as they came.
    DomainId
}

/// A sending domain's name, lower case: names compare without case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DomainName(String);

/// Why a text is not a domain name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("“{shown}” is not a domain name: it needs 1 to 253 characters without spaces, slashes, control characters or invisible ones", shown = escape_unprintable(_0))]
pub struct InvalidDomainName(pub String);

impl DomainName {
    /// Parses a name from a person or a file. The result is trimmed and lower case. It has 1–253 characters, none of
    /// them a space, a slash, a comma, a quote, a control character or an [invisible](is_invisible) one.
    ///
    /// # Errors
    /// [`InvalidDomainName`] with the text as it came.
    pub fn parse(text: &str) -> Result<Self, InvalidDomainName> {
        let name = text.trim().trim_end_matches('.').to_lowercase();
        let is_allowed = |c: char| {
            !(c.is_whitespace()
                || c.is_control()
                || is_invisible(c)
                || matches!(c, '/' | '\\' | ',' | ';' | '"' | '\'' | '@'))
        };
        if name.is_empty() || name.len() > 253 || !name.chars().all(is_allowed) {
            return Err(InvalidDomainName(text.to_owned()));
        }
        Ok(Self(name))
    }

    /// Takes a name from the service without a check; only its case is folded.
    #[must_use]
    pub fn as_sent(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::as_sent(&name))
    }
}

/// An IP address: as received from the service, or in canonical form when a person entered it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ip(String);

/// Why a text is not an IP address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("“{0}” is not an IP address, such as 203.0.113.7")]
pub struct InvalidIp(pub String);

impl Ip {
    /// Parses an address from a person or a request.
    ///
    /// # Errors
    /// [`InvalidIp`] with the text as it came.
    pub fn parse(text: &str) -> Result<Self, InvalidIp> {
        text.trim()
            .parse::<IpAddr>()
            .map(|ip| Self(ip.to_string()))
            .map_err(|_| InvalidIp(text.to_owned()))
    }

    /// Takes an address from the service without a check.
    #[must_use]
    pub fn as_sent(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_names_compare_without_case() {
        assert_eq!(
            DomainName::parse(" News.Example.COM. "),
            DomainName::parse("news.example.com")
        );
        for bad in [
            "",
            "  ",
            "a b",
            "a/b",
            "a,b",
            "\u{7}",
            "pay\u{200b}pal.example",
            "\u{202e}elpmaxe.a",
        ] {
            assert_eq!(DomainName::parse(bad), Err(InvalidDomainName(bad.to_owned())));
        }
        let message = InvalidDomainName("pay\u{200b}pal.example".to_owned()).to_string();
        assert!(
            message.starts_with("“pay\\u{200b}pal.example” is not a domain name"),
            "{message}"
        );
    }

    #[test]
    fn ips_are_checked_when_given_and_kept_when_sent() {
        assert_eq!(
            Ip::parse(" 203.0.113.7 ").map(|ip| ip.to_string()),
            Ok("203.0.113.7".to_owned())
        );
        assert_eq!(
            Ip::parse("2001:DB8::1").map(|ip| ip.to_string()),
            Ok("2001:db8::1".to_owned())
        );
        assert!(Ip::parse("203.0.113.256").is_err());
        assert_eq!(Ip::as_sent("weird").as_str(), "weird");
    }
}
