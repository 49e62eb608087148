//! The accounts that the console may reach.

use super::key::KeySource;
use crate::Failure;
use mailgun_pools::transport::{ApiKey, BaseUrl};

/// Where an account is, and what this program lets pass to it. What prints of it holds no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountConfig {
    /// Its name, which is part of an address.
    pub(crate) name: String,
    /// `US`, `EU`, or the address's host.
    pub(crate) place: String,
    /// Where its requests go.
    pub(crate) base: BaseUrl,
    /// The subaccount that every request acts for.
    pub(crate) on_behalf_of: Option<String>,
    /// Whether a request may name a subaccount to act for.
    pub(crate) may_act_for_others: bool,
    /// Whether changes pass.
    pub(crate) may_change: bool,
    /// Where its key comes from.
    pub(crate) key_source: KeySource,
}

/// An account with its key. Has no `Debug`.
pub(crate) struct KeyedAccount {
    pub(crate) config: AccountConfig,
    pub(crate) key: ApiKey,
}

/// Mailgun's region or an address, as a person writes it.
pub(crate) struct LiveAddress {
    pub(crate) place: String,
    pub(crate) base: BaseUrl,
}

impl LiveAddress {
    /// Reads `us`, `eu`, or a URL.
    ///
    /// # Errors
    /// [`Failure`] says what is wrong with the address.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let (place, address) = match text.trim().to_ascii_lowercase().as_str() {
            "us" => (Some("US"), "https://api.mailgun.net"),
            "eu" => (Some("EU"), "https://api.eu.mailgun.net"),
            _ => (None, text),
        };
        let base = BaseUrl::parse_absolute(address).map_err(|error| Failure(error.to_string()))?;
        let place = place.map_or_else(|| base.host().to_owned(), str::to_owned);
        Ok(Self { place, base })
    }
}

/// Whether a text can be an account's name: it is shown, and is a segment of a path.
pub(crate) fn is_name(text: &str) -> bool {
    let may_be = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(may_be) && !text.starts_with('.')
}

/// Whether a text can be a subaccount's identifier.
pub(crate) fn is_identifier(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A name made of an address's host: `127.0.0.1-8025`.
pub(crate) fn name_of(place: &str) -> String {
    let letters = place
        .to_ascii_lowercase()
        .chars()
        .map(|letter| {
            if is_name(&letter.to_string()) || letter == '.' {
                letter
            } else {
                '-'
            }
        })
        .collect::<String>();
    letters.trim_matches(['-', '.']).chars().take(64).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    #[test]
    fn regions_are_mailguns_hosts_and_anything_else_is_a_url() {
        let at = |text| LiveAddress::parse(text).map(|found| (found.place, found.base.as_str().to_owned()));
        assert_eq!(at("us").unwrap(), ("US".into(), "https://api.mailgun.net".into()));
        assert_eq!(at("EU").unwrap(), ("EU".into(), "https://api.eu.mailgun.net".into()));
        assert_eq!(at("http://127.0.0.1:8025").unwrap().0, "127.0.0.1:8025");
        for refused in ["asia", "", "http://api.mailgun.net", "https://u:p@host"] {
            assert!(at(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn names_are_safe_in_a_path() {
        assert!(is_name("main") && is_name("eu.sub_1-a"));
        for refused in ["", ".", "..", ".x", "a/b", "a b", "ä", "a%2f"] {
            assert!(!is_name(refused), "{refused}");
        }
        for (place, name) in [
            ("US", "us"),
            ("127.0.0.1:8025", "127.0.0.1-8025"),
            ("[::1]:80", "1--80"),
        ] {
            assert_eq!(name_of(place), name);
            assert!(is_name(&name_of(place)));
        }
    }
}
