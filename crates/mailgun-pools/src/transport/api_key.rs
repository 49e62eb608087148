//! The API key, which is never shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Shorter keys are not redacted: they are not real keys, and occur inside ordinary words.
const MIN_REDACTED_BYTES: usize = 12;

/// An API key. It is not shown in `Debug`, in logs or in errors.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes a key without the space around it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// Whether there is no key. A proxy that adds its own needs none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(feature = "browser")]
    pub(super) fn secret(&self) -> &str {
        &self.0
    }

    /// The `Authorization` header. `None` without a key, and for a key outside Latin-1, which the header cannot carry.
    #[must_use]
    pub fn basic_auth(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        Some(format!("Basic {}", self.basic_credentials()?))
    }

    fn basic_credentials(&self) -> Option<String> {
        let bytes: Option<Vec<u8>> = "api:"
            .chars()
            .chain(self.0.chars())
            .map(|char| u8::try_from(char).ok())
            .collect();
        Some(STANDARD.encode(bytes?))
    }

    /// Replaces the key in a text, because a server may repeat it, and responses are shown, logged and exported.
    #[must_use]
    pub fn redact(&self, text: String) -> String {
        if self.0.len() < MIN_REDACTED_BYTES {
            return text;
        }
        let encoded = self.basic_credentials().unwrap_or_default();
        [encoded.as_str(), &self.0]
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn basic_auth_encodes_the_user_api_and_the_key_as_latin_1() {
        // "api:key" and "api:\xe9" in Base64, from RFC 4648.
        assert_eq!(ApiKey::new(" key ").basic_auth().unwrap(), "Basic YXBpOmtleQ==");
        assert_eq!(ApiKey::new("é").basic_auth().unwrap(), "Basic YXBpOuk=");
        assert_eq!(ApiKey::new("").basic_auth(), None);
        assert_eq!(ApiKey::new("✓").basic_auth(), None);
    }

    #[test]
    fn both_forms_of_the_key_are_redacted() {
        let key = ApiKey::new("key-0123456789");
        let basic = key.basic_auth().unwrap();
        assert_eq!(
            key.redact(format!("you sent {basic} with key-0123456789")),
            "you sent Basic [the key] with [the key]"
        );
        assert_eq!(ApiKey::new("key").redact("the key".into()), "the key");
        assert_eq!(format!("{key:?}"), "ApiKey(redacted)");
    }
}
