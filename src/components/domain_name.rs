//! A domain's name, kept apart from the text around it, with a warning where it may be taken for another.

use leptos::prelude::*;
use poolkeeper_core::text::{is_plain_name, name_warning};

/// Makes the warning about a name; the app downloads what knows them when the first unusual name is shown.
#[derive(Clone, Copy)]
pub(crate) struct NameMark(pub(crate) fn(String) -> AnyView);

/// The warning about a name, in words; nothing for the usual ones.
pub(crate) fn mark(name: &str) -> AnyView {
    let marked = name_warning(name).map(|warning| {
        let class = if warning.is_deceptive() {
            "name-mark name-deceives"
        } else {
            "name-mark"
        };
        let sign = warning.is_deceptive().then_some("⚠ ");
        view! { <bdi class=class>{sign} {warning.to_string()}</bdi> }
    });
    marked.into_any()
}

/// A name as every page shows it.
pub(crate) fn domain_name(name: &str) -> AnyView {
    let mark = name_mark(name);
    view! {
        <bdi>{name.to_owned()}</bdi>
        {mark}
    }
    .into_any()
}

/// The warning alone, where the name is in another place.
pub(crate) fn name_mark(name: &str) -> Option<AnyView> {
    let NameMark(mark) = expect_context();
    (!is_plain_name(name)).then(|| mark(name.to_owned()))
}
