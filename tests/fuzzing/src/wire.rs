//! Answers of the service, and the texts in them: what decodes has one encoding, and that decodes again.

use mailgun_pools::transport::{BaseUrl, Body, Response, RetryAfter};
use mailgun_pools::wire::{ErrorBody, PageLinks, PageRef, ShapeError, domains, history, metrics, pools, support, time};
use serde_json::Value;

/// Decodes, encodes, and does both again: the second encoding is the first.
fn settles<T>(value: &Value, decode: impl Fn(&Value) -> Result<T, ShapeError>, encode: impl Fn(&T) -> Value) {
    let Ok(decoded) = decode(value) else { return };
    let encoded = encode(&decoded);
    let again = decode(&encoded).unwrap_or_else(|error| panic!("{encoded} does not decode: {error}"));
    assert_eq!(encode(&again), encoded);
}

/// The first byte chooses the answer's kind; the others are its JSON.
pub fn answers(bytes: &[u8]) {
    let Some((kind, json)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(json).into_owned();
    let body = serde_json::from_slice(json).map_or_else(|_| Body::Text(text), Body::Json);
    let _ = ErrorBody::decode(&body);
    let Body::Json(value) = body else { return };
    let page = PageLinks::default;
    match kind % 15 {
        0 => settles(&value, pools::decode, pools::encode),
        1 => settles(&value, domains::decode_page, |page| {
            domains::encode_list(&page.items, page.total.unwrap_or_default(), &self::page())
        }),
        2 => settles(&value, domains::decode_assignable, |items| {
            domains::encode_assignable(items)
        }),
        3 => settles(&value, domains::decode_account_domains, |page| {
            domains::encode_account_domains(&page.items, page.total.unwrap_or_default())
        }),
        4 => settles(&value, domains::decode_preview, domains::encode_preview),
        5 => settles(&value, history::decode_page, |page| {
            history::encode_list(&page.items, page.total.unwrap_or_default(), &self::page())
        }),
        6 => settles(&value, metrics::decode, metrics::encode),
        7 => settles(&value, support::decode_ips, |ips| support::encode_ips(ips)),
        8 => settles(&value, support::decode_ip, support::encode_ip),
        9 => settles(&value, support::decode_warm_ups, |found| {
            support::encode_warm_ups(&found.items, &page())
        }),
        10 => settles(&value, support::decode_ip_pools, |pools| {
            support::encode_ip_pools(pools)
        }),
        11 => settles(&value, support::decode_ip_domains, |page| {
            support::encode_ip_domains(&page.items, page.total.unwrap_or_default())
        }),
        12 => settles(&value, support::decode_pool_domains, |found| {
            support::encode_pool_domains(&found.items, &page())
        }),
        13 => settles(&value, support::decode_overflow_pool, |pool| {
            support::encode_overflow_pool(pool.as_deref())
        }),
        _ => settles(&value, support::decode_subaccounts, |page| {
            support::encode_subaccounts(&page.items, page.total.unwrap_or_default())
        }),
    }
}

fn page() -> PageLinks {
    PageLinks::default()
}

/// Lines: each is read as a date, as a link between pages, as an address and as a time to wait.
pub fn dates_and_pages(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        if let Some(at) = time::parse(line) {
            let written = time::to_rfc3339(at);
            let again = time::parse(&written).unwrap_or_else(|| panic!("{line}: {written} is no date"));
            assert_eq!(time::to_rfc3339(again), written);
            let _ = (time::to_rfc1123(at), time::to_rfc2822(at));
        }
        if let Some(PageRef::Link { path, query }) = PageRef::parse(line) {
            assert!(path.starts_with('/') && !path.starts_with("//"), "{line}: {path}");
            let dots = |segment: &str| [".", "..", "%2e", "%2E"].contains(&segment);
            assert!(!path.split('/').any(dots), "{line}: {path}");
            let whole = mailgun_pools::wire::path_and_query(&path, &query);
            assert_eq!(PageRef::parse(&whole), Some(PageRef::Link { path, query }), "{line}");
        }
        if let Ok(base) = BaseUrl::parse_absolute(line) {
            assert_eq!(BaseUrl::parse_absolute(base.as_str()).as_ref(), Ok(&base), "{line}");
        }
        let response = Response {
            status: 429,
            headers: vec![("retry-after".to_owned(), line.to_owned())],
            body: Body::Empty,
        };
        if let Some(wait) = RetryAfter::of(&response) {
            let _ = wait.wait_ms(chrono::DateTime::UNIX_EPOCH);
        }
    }
}
