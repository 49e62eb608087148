//! Pages by cursor: a link says after or before which item its page begins, not at which number, so that items that come
//! and go in between neither repeat others nor hide them.

use mailgun_pools::transport::Request;
use mailgun_pools::wire::query::{InvalidParam, RequestParams};
use mailgun_pools::wire::{PageLinks, path_and_query};
use std::ops::Range;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageCursor {
    /// At the front.
    First,
    /// After the item a mark stands for.
    After(String),
    /// Before it.
    Before(String),
    /// At the last full step of pages from the front.
    Last,
}

impl PageCursor {
    /// From the `page` parameter.
    pub(super) fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        match params.one("page") {
            None | Some("first") => Ok(Self::First),
            Some("last") => Ok(Self::Last),
            Some(text) => match text.split_once('-') {
                Some(("after", mark)) => Ok(Self::After(mark.to_owned())),
                Some(("before", mark)) => Ok(Self::Before(mark.to_owned())),
                _ => Err(bad_page(text)),
            },
        }
    }
}

pub(super) fn bad_page(text: &str) -> InvalidParam {
    InvalidParam::new(
        "page",
        text,
        "this is no page of this list; follow the links of an answer",
    )
}

/// The part of a list of `total` items that is the page. `place` finds a mark: how many items stand before its place, and
/// how many stand before it or at it.
pub(super) fn window(
    total: usize,
    limit: usize,
    cursor: &PageCursor,
    place: impl Fn(&str) -> Result<Range<usize>, InvalidParam>,
) -> Result<Range<usize>, InvalidParam> {
    let limit = limit.max(1);
    let start = match cursor {
        PageCursor::First => 0,
        PageCursor::Last => total.saturating_sub(1) / limit * limit,
        PageCursor::After(mark) => place(mark)?.end.min(total),
        PageCursor::Before(mark) => {
            let end = place(mark)?.start.min(total);
            return Ok(end.saturating_sub(limit)..end);
        }
    };
    Ok(start..total.min(start.saturating_add(limit)))
}

/// The links of a page: absolute, with the whole query. `first` and `last` are the marks of the page's own first and last
/// item, `None` for an empty page.
pub(super) fn links(
    base_url: &str,
    request: &Request,
    page: &Range<usize>,
    total: usize,
    marks: Option<(String, String)>,
) -> PageLinks {
    let link = |page: Option<String>| {
        let mut query: Vec<_> = request.query.iter().filter(|(key, _)| key != "page").cloned().collect();
        query.extend(page.map(|page| ("page".to_owned(), page)));
        format!("{base_url}{}", path_and_query(&request.path, &query))
    };
    let Some((first, last)) = marks else {
        return PageLinks {
            first: (total > 0).then(|| link(None)),
            ..PageLinks::default()
        };
    };
    PageLinks {
        next: (page.end < total).then(|| link(Some(format!("after-{last}")))),
        previous: (page.start > 0).then(|| link(Some(format!("before-{first}")))),
        first: Some(link(None)),
        last: Some(link(Some("last".to_owned()))),
    }
}

/// The part of a list that a window names.
pub(super) fn part<'a, T>(list: &'a [T], window: &Range<usize>) -> impl Iterator<Item = &'a T> + use<'a, T> {
    list.get(window.clone()).unwrap_or_default().iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_step_from_the_front() {
        let place = |mark: &str| mark.parse::<usize>().map(|at| at..at + 1).map_err(|_| bad_page(mark));
        let window = |cursor: PageCursor| window(5, 2, &cursor, place).unwrap();
        assert_eq!(window(PageCursor::First), 0..2);
        assert_eq!(window(PageCursor::After("1".to_owned())), 2..4);
        assert_eq!(window(PageCursor::After("9".to_owned())), 5..5);
        assert_eq!(window(PageCursor::Before("4".to_owned())), 2..4);
        assert_eq!(window(PageCursor::Before("1".to_owned())), 0..1);
        assert_eq!(window(PageCursor::Last), 4..5);
    }
}
