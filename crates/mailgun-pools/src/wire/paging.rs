//! Pages and the links between them.

use super::read::{JsonObject, ShapeResult, text};
use form_urlencoded::Serializer;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A reference to another page: path and query, or the number of items to skip. It has no host, so that no key is sent
/// to a host the user did not choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PageRef {
    /// A link of the service, without its host.
    Link {
        /// The path, with escaped segments. None is empty or a dot segment.
        path: String,
        /// The query, decoded.
        query: Vec<(String, String)>,
    },
    /// The operation's own query with this many items skipped.
    Skip(u64),
    /// The operation's own query with this `page`: some lists give a bare token in place of a link.
    Token(String),
}

impl PageRef {
    /// Takes path and query of a URL as the service gave it, absolute or not; a text that is no path is a token. `None`
    /// for an empty text and for a path that a browser would fold into another one (dot segments).
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let url = url.trim().split('#').next().unwrap_or_default();
        let (before, query) = url.split_once('?').unwrap_or((url, ""));
        let after_scheme = before.split_once("://").map(|(_, rest)| rest);
        let path = match after_scheme.or_else(|| before.strip_prefix("//")) {
            Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
            None => match before.strip_prefix('/') {
                Some(path) => path,
                None => return is_token(url).then(|| Self::Token(url.to_owned())),
            },
        };
        let mut normalized = String::new();
        for segment in path.split(['/', '\\']).filter(|segment| !segment.is_empty()) {
            let segment = percent_decode_str(segment).decode_utf8_lossy();
            if segment == "." || segment == ".." {
                return None;
            }
            normalized.push('/');
            normalized.extend(utf8_percent_encode(&segment, SEGMENT));
        }
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        (!normalized.is_empty()).then_some(Self::Link {
            path: normalized,
            query,
        })
    }
}

/// Whether a text in place of a link can be a page's token: letters, digits and what encodings of bytes use.
fn is_token(text: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+.~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_token)
}

const SEGMENT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The links of a response as received: absolute URLs with the whole query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLinks {
    /// The page after this one.
    pub next: Option<String>,
    /// The page before this one.
    pub previous: Option<String>,
    /// The first page.
    pub first: Option<String>,
    /// The last page.
    pub last: Option<String>,
}

impl PageLinks {
    /// Decodes a paging object with names in any case. `{}`, `null`, an empty string and missing links mean no link.
    ///
    /// # Errors
    /// [`ShapeError`](super::ShapeError) when it is neither an object nor one of those.
    pub fn decode(value: &Value) -> ShapeResult<Self> {
        if value.as_str().is_some_and(str::is_empty) {
            return Ok(Self::default());
        }
        let Some(links) = JsonObject::maybe(value)? else {
            return Ok(Self::default());
        };
        // A link is a string, but the service was seen to send `{}` for none.
        let link = |key| {
            links.with(key, |value| match value {
                Value::Object(empty) if empty.is_empty() => Ok(None),
                other => Ok(text(other)?.filter(|url| !url.is_empty())),
            })
        };
        Ok(Self {
            next: link("Next")?,
            previous: link("Previous")?,
            first: link("First")?,
            last: link("Last")?,
        })
    }

    /// The object with capitalized names; missing links are omitted.
    #[must_use]
    pub fn encode(&self) -> Value {
        let links = [
            ("Next", &self.next),
            ("Previous", &self.previous),
            ("First", &self.first),
            ("Last", &self.last),
        ];
        let present = links.into_iter().filter_map(|(name, url)| Some((name, url.clone()?)));
        Value::Object(
            present
                .map(|(name, url)| (name.to_owned(), Value::String(url)))
                .collect::<Map<_, _>>(),
        )
    }

    /// The next page, if any.
    #[must_use]
    pub fn next_ref(&self) -> Option<PageRef> {
        self.next.as_deref().and_then(PageRef::parse)
    }
}

/// Path and query as one escaped text, for links and for display.
#[must_use]
pub fn path_and_query(path: &str, query: &[(String, String)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{query}")
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Items over all pages, where the answer says.
    pub total: Option<u64>,
    /// The next page; `None` on the last one.
    pub next: Option<PageRef>,
}

impl<T> Default for Page<T> {
    /// An empty list.
    fn default() -> Self {
        Self {
            items: Vec::new(),
            total: None,
            next: None,
        }
    }
}

impl<T> Page<T> {
    /// Decodes `{"items", "total_items", "paging"}`; a missing list is empty.
    pub(super) fn decode(value: &Value, item: impl Fn(&Value) -> ShapeResult<T>) -> ShapeResult<Self> {
        let Some(page) = JsonObject::maybe(value)? else {
            return Ok(Self {
                items: Vec::new(),
                total: None,
                next: None,
            });
        };
        Ok(Self {
            items: page.list("items", item)?,
            total: page.count("total_items")?,
            next: page.with("paging", PageLinks::decode)?.next_ref(),
        })
    }

    /// The same page with other items.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(each).collect(),
            total: self.total,
            next: self.next,
        }
    }
}

/// Writes `{"items", "total_items", "paging"}`.
pub(super) fn encode_page<T>(items: &[T], total: u64, paging: &PageLinks, item: impl Fn(&T) -> Value) -> Value {
    serde_json::json!({
        "items": items.iter().map(item).collect::<Vec<_>>(),
        "total_items": total,
        "paging": paging.encode(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(path: &str, query: &[(&str, &str)]) -> Option<PageRef> {
        let query = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Some(PageRef::Link {
            path: path.to_owned(),
            query,
        })
    }

    #[test]
    fn a_link_keeps_path_and_query_and_loses_its_host() {
        for host in [
            "https://api.mailgun.net",
            "http://evil.example:8080",
            "//evil.example",
            "",
        ] {
            assert_eq!(
                PageRef::parse(&format!(
                    "{host}/v1/dynamic_pools/domains?pool=a&pool=b&page=x%20y%2Fz#part"
                )),
                link(
                    "/v1/dynamic_pools/domains",
                    &[("pool", "a"), ("pool", "b"), ("page", "x y/z")]
                )
            );
        }
    }

    #[test]
    fn no_link_leaves_the_host_by_its_path() {
        assert_eq!(
            PageRef::parse("https://x//evil.example/v1"),
            link("/evil.example/v1", &[])
        );
        assert_eq!(PageRef::parse("/\\evil.example/v1"), link("/evil.example/v1", &[]));
        assert_eq!(PageRef::parse("/\t/evil.example/v1"), link("/%09/evil.example/v1", &[]));
        assert_eq!(PageRef::parse("https://user:pw@x/v1"), link("/v1", &[]));
        for folded in [
            "/v1/../../key",
            "/v1/%2e%2E/key",
            "/./v1",
            "javascript:alert(1)",
            "",
            "https://x",
            "?page=2",
        ] {
            assert_eq!(PageRef::parse(folded), None, "{folded}");
        }
    }

    #[test]
    fn a_text_that_is_no_path_is_a_token() {
        for token in ["next", "eyJwIjoyfQ==", "Abc-1_2.3~4+5"] {
            assert_eq!(PageRef::parse(token), Some(PageRef::Token(token.to_owned())));
        }
    }

    #[test]
    fn paging_reads_both_cases_and_every_way_of_none() {
        use serde_json::json;
        let url = "https://api.mailgun.net/v1/dynamic_pools/domains?page=2";
        for name in ["Next", "next"] {
            assert_eq!(
                PageLinks::decode(&json!({name: url})).unwrap().next.as_deref(),
                Some(url)
            );
        }
        for none in [
            json!(null),
            json!({}),
            json!(""),
            json!({"Next": ""}),
            json!({"next": null}),
            json!({"Next": {}}),
        ] {
            assert_eq!(PageLinks::decode(&none), Ok(PageLinks::default()), "{none}");
        }
    }
}
