//! A search field over a parameter of the address.

use crate::components::SearchField;
use crate::state::{Draft, QueryParam};
use leptos::prelude::*;
use std::time::Duration;

/// The field. The address follows when typing pauses; where it changes by other means, so does the field.
#[component]
pub(crate) fn AddressSearch(
    /// What is searched.
    label: &'static str,
    /// The parameter.
    param: QueryParam,
    /// How long a pause is.
    pause_ms: u64,
    /// What of the typed text the address gets.
    address_text: fn(&str) -> &str,
) -> impl IntoView {
    let draft = Draft::over(Memo::new(move |_| param.get()));
    let write = debounce(Duration::from_millis(pause_ms), move |()| {
        let Some(typed) = draft.edited() else {
            return draft.discard();
        };
        let text = address_text(&typed);
        draft.carry_over(text.to_owned());
        param.set(text);
    });
    let write = StoredValue::new_local(write);
    let input = Callback::new(move |text: String| {
        draft.update(|typed| *typed = text);
        write.update_value(|write| write(()));
    });
    view! { <SearchField label=label value=draft.shown() on_input=input /> }
}
