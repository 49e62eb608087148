//! The pages' addresses, and the readable targets of requests.

use mailgun_pools::transport::Request;
use std::sync::OnceLock;

/// A page of the app. Each is a directory below the base, so that a static host can serve it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageRoute {
    /// `/`
    Overview,
    /// `/pools`
    Pools,
    /// `/domains`
    Domains,
    /// `/domain?name=…`
    Domain,
    /// `/history`
    History,
    /// `/changes`
    Changes,
    /// `/record`
    Record,
    /// `/what-if`
    WhatIf,
    /// `/settings`
    Settings,
}

impl PageRoute {
    /// The pages of the navigation, in its order.
    pub const NAVIGATION: [Self; 7] = [
        Self::Overview,
        Self::Pools,
        Self::Domains,
        Self::History,
        Self::Record,
        Self::WhatIf,
        Self::Settings,
    ];

    /// The page's name, for its heading and the navigation.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Pools => "Pools",
            Self::Domains => "Domains",
            Self::Domain => "Domain",
            Self::History => "History",
            Self::Changes => "What changed",
            Self::Record => "Record",
            Self::WhatIf => "What-if",
            Self::Settings => "Settings",
        }
    }

    /// The path below the base: `/pools`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Pools => "/pools",
            Self::Domains => "/domains",
            Self::Domain => "/domain",
            Self::History => "/history",
            Self::Changes => "/changes",
            Self::Record => "/record",
            Self::WhatIf => "/what-if",
            Self::Settings => "/settings",
        }
    }

    /// The address for a link: base, path and encoded query. Pairs with an empty value are left out.
    #[must_use]
    pub fn href(self, query: &[(&str, &str)]) -> String {
        format!("{}{}{}", base(), self.path(), query_string(query))
    }

    /// The page that the navigation marks as current for a path. A domain's page counts as Domains, what changed as History.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        let path = path.strip_prefix(base()).unwrap_or(path).trim_end_matches('/');
        let path = if path.is_empty() { "/" } else { path };
        if path == Self::Domain.path() {
            return Some(Self::Domains);
        }
        if path == Self::Changes.path() {
            return Some(Self::History);
        }
        Self::NAVIGATION.into_iter().find(|page| page.path() == path)
    }
}

/// The address of a domain's page.
#[must_use]
pub fn domain_href(name: &str) -> String {
    PageRoute::Domain.href(&[("name", name)])
}

/// `?a=b&c=d` with values percent-encoded, or nothing. Pairs with an empty value are left out.
#[must_use]
pub fn query_string(query: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(key);
        text.push('=');
        encode_into(&mut text, value);
    }
    text
}

/// A request's path and query, as they are sent: `/v1/dynamic_pools/domains?limit=100`.
#[must_use]
pub fn target(request: &Request) -> String {
    let pairs = request
        .query
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect::<Vec<_>>();
    format!("{}{}", request.path, query_string(&pairs))
}

fn encode_into(text: &mut String, value: &str) {
    use std::fmt::Write as _;
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/@!$'()*,".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

static BASE: OnceLock<String> = OnceLock::new();

/// The path that the app is served under, without the last slash: empty at a host's root, otherwise `/demo/poolkeeper`.
#[must_use]
pub fn base() -> &'static str {
    BASE.get().map_or("", String::as_str)
}

/// Sets [`base`] from the path of the document's base address. Only the first call has an effect.
pub fn set_base(path: &str) {
    BASE.get_or_init(|| path.trim_end_matches('/').to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded_and_empty_values_left_out() {
        assert_eq!(query_string(&[]), "");
        assert_eq!(
            query_string(&[("name", "a&b=ü.example"), ("pool", ""), ("q", "x y")]),
            "?name=a%26b%3D%C3%BC.example&q=x%20y"
        );
    }

    #[test]
    fn paths_find_their_page_with_and_without_the_closing_slash() {
        assert_eq!(PageRoute::at("/"), Some(PageRoute::Overview));
        assert_eq!(PageRoute::at("/pools/"), Some(PageRoute::Pools));
        assert_eq!(PageRoute::at("/domain"), Some(PageRoute::Domains));
        assert_eq!(PageRoute::at("/nowhere"), None);
    }
}
