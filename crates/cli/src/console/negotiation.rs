//! Which form of a file a browser takes, and whether it already has it.

use axum::http::{HeaderMap, header};

/// A form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// As it is.
    Identity,
}

impl Encoding {
    /// The word on the wire; `None` for a file as it is.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// The end of an ETag: each form is another content.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }
}

/// The smallest form that a client takes.
pub(super) fn chosen_encoding(headers: &HeaderMap) -> Encoding {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |name: &str| {
        accepted.split(',').any(|entry| {
            let mut words = entry.split(';').map(str::trim);
            let is_named = words.next().is_some_and(|word| word.eq_ignore_ascii_case(name));
            let is_refused = words
                .filter_map(|word| word.strip_prefix("q="))
                .any(|weight| weight.parse() == Ok(0.0_f32));
            is_named && !is_refused
        })
    };
    if takes("br") {
        Encoding::Brotli
    } else if takes("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Whether the client has the file with this ETag.
pub(super) fn is_unchanged(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    known
        .flat_map(|known| known.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_smallest_accepted_form_is_sent() {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("brotli", Encoding::Identity),
            ("gzip; q=0.000", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            assert_eq!(
                chosen_encoding(&with(header::ACCEPT_ENCODING, accepted)),
                encoding,
                "{accepted}"
            );
        }
        assert_eq!(chosen_encoding(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn an_etag_may_be_one_of_several_and_weak() {
        for (known, is_known) in [
            ("\"a\"", true),
            ("\"x\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
        ] {
            assert_eq!(
                is_unchanged(&with(header::IF_NONE_MATCH, known), "\"a\""),
                is_known,
                "{known}"
            );
        }
    }
}
