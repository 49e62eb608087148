//! Where a request comes from: the host name it was sent to, and the page that sent it. Both servers ask.

use axum::http::{HeaderMap, HeaderName};

/// The header in which a browser says how the page's site and this one are related. No page can set it.
pub(crate) const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `HOST:PORT` for each host. Browsers leave port 80 out.
pub(crate) fn authorities(hosts: &[&str], port: u16) -> Vec<String> {
    let with_port = hosts.iter().map(|host| format!("{host}:{port}"));
    let without = hosts.iter().filter(|_| port == 80).map(|host| (*host).to_owned());
    with_port.chain(without).collect()
}

/// A header's text, empty if it is not one.
pub(crate) fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}
