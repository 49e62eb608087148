//! Domain names: which can send mail, and which spellings are one name.

use super::report::RejectReason;
use poolkeeper_core::model::DomainName;
use std::net::IpAddr;

/// What tables write where a value is missing.
const PLACEHOLDERS: [&str; 12] = [
    "null",
    "none",
    "nil",
    "nan",
    "na",
    "n/a",
    "unknown",
    "undefined",
    "other",
    "others",
    "all",
    "localhost",
];

/// What the row of a total has in place of a domain, in the languages of common spreadsheets.
const TOTALS: [&str; 13] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub total",
    "sum",
    "all domains",
    "overall",
    "gesamt",
    "summe",
    "gesamtergebnis",
    "totale",
    "suma",
];

/// A domain name as it is shown, and the form in which its spellings are equal.
pub(super) struct ParsedName {
    pub(super) name: DomainName,
    /// Its ASCII form, with `xn--` where needed.
    pub(super) ascii: String,
    /// Whether it has, or could have, another spelling with `xn--`.
    pub(super) is_international: bool,
}

/// Parses the name of a domain that can send mail.
pub(super) fn parse_domain(text: &str) -> Result<ParsedName, RejectReason> {
    let is_listed = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_total(text) {
        return Err(RejectReason::Total);
    }
    let name = DomainName::parse(text).map_err(|_| RejectReason::Domain)?;
    if is_listed(&PLACEHOLDERS) || name.as_str().parse::<IpAddr>().is_ok() {
        return Err(RejectReason::Domain);
    }
    let is_international = !name.as_str().is_ascii() || name.as_str().contains("xn--");
    let (name, ascii) = if is_international {
        let ascii = match idna::domain_to_ascii(name.as_str()) {
            Ok(ascii) => ascii,
            // A label that only looks like an encoded one is a name of its own.
            Err(_) if name.as_str().is_ascii() => name.as_str().to_owned(),
            Err(_) => return Err(RejectReason::Domain),
        };
        // Composed characters, so that a name looks the same in every file.
        let shown = if name.as_str().is_ascii() {
            name
        } else {
            DomainName::parse(&idna::domain_to_unicode(name.as_str()).0).map_err(|_| RejectReason::Domain)?
        };
        (shown, ascii)
    } else {
        let ascii = name.as_str().to_owned();
        (name, ascii)
    };
    if ascii.len() > 253 || !ascii.split('.').all(is_label) {
        return Err(RejectReason::Domain);
    }
    Ok(ParsedName {
        name,
        ascii,
        is_international,
    })
}

/// Whether a cell says that its row sums up others.
pub(super) fn is_total(text: &str) -> bool {
    TOTALS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a cell is what a program writes for a missing value.
pub(super) fn is_null(cell: &[u8]) -> bool {
    let is = |word: &&[u8]| cell.eq_ignore_ascii_case(word);
    let words: [&[u8]; 7] = [b"null", b"none", b"nil", b"nan", br"\n", b"<null>", b"(null)"];
    words.iter().any(is)
}

/// Whether this is a label of a host name. Underscores are allowed, as DNS has them.
fn is_label(label: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=63).contains(&label.len()) && label.bytes().all(is_allowed) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(String, String)> {
        let parsed = parse_domain(text).ok()?;
        Some((parsed.name.as_str().to_owned(), parsed.ascii))
    }

    #[test]
    fn names_that_cannot_send_are_refused() {
        for bad in [
            "null",
            "NULL",
            "None",
            "-",
            "*",
            "*.example",
            "a..b",
            ".a.example",
            "192.0.2.1",
            "2001:db8::1",
            "a b",
            "-a.example",
            "a-.example",
            "a:25",
            "n/a",
            "unknown",
            "(not set)",
            "a@b.example",
            "ab%.example",
        ] {
            assert_eq!(parse_domain(bad).err(), Some(RejectReason::Domain), "{bad}");
        }
        assert_eq!(parse_domain("x".repeat(64).as_str()).err(), Some(RejectReason::Domain));
        for total in ["Total", "TOTAL", "Grand Total", "Summe"] {
            assert_eq!(parse_domain(total).err(), Some(RejectReason::Total), "{total}");
        }
        for good in [
            "a.example",
            "A.Example.",
            "_x.example",
            "d",
            "null.example",
            "total.example",
            "3.example",
            "xn--a.example",
        ] {
            assert!(parse_domain(good).is_ok(), "{good}");
        }
    }

    /// RFC 3492 and the registries' tables: münchen is xn--mnchen-3ya, bücher is xn--bcher-kva.
    #[test]
    fn spellings_of_one_name_are_equal() {
        let ascii = |text| parsed(text).map(|(_, ascii)| ascii);
        let munich = Some("xn--mnchen-3ya.example".to_owned());
        for spelling in [
            "münchen.example",
            "MÜNCHEN.example.",
            "mu\u{308}nchen.example",
            "XN--mnchen-3ya.example",
        ] {
            assert_eq!(ascii(spelling), munich, "{spelling}");
        }
        assert_eq!(
            parsed("bu\u{308}cher.example"),
            Some(("bücher.example".to_owned(), "xn--bcher-kva.example".to_owned()))
        );
    }
}
