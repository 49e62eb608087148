//! Small pieces: page heads, cards, times, hints, fields.

use super::dialog::unique;
use super::icon::Icon;
use crate::browser;
use chrono::{DateTime, FixedOffset, Utc};
use leptos::html;
use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_view::record_time::RecordTime;

/// A page's head: its one `h1`, a sentence under it, and what can be done. Sets the document's title and takes focus
/// when a person came here by a link.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: Signal<String>,
    /// A sentence that says where things stand.
    #[prop(into, optional)]
    lead: Option<ViewFn>,
    /// Buttons and links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    let arrived = use_context::<RevealOnScroll>();
    Effect::new(move |was_there: Option<bool>| {
        document().set_title(&format!("{} · Poolkeeper", title.get()));
        if was_there.is_none()
            && let (Some(heading), Some(RevealOnScroll(count))) = (heading.get_untracked(), arrived)
            && count.try_update_value(|count| {
                *count += 1;
                *count > 1
            }) == Some(true)
        {
            browser::focus(&heading);
        }
        true
    });
    view! {
        <div class="page-head">
            <div>
                <h1 node_ref=heading tabindex="-1">
                    {move || title.get()}
                </h1>
                {lead.map(|lead| view! { <p class="lead">{move || lead.run()}</p> })}
            </div>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// How many pages were opened, so that the first one leaves focus where the browser put it.
#[derive(Clone, Copy)]
pub(crate) struct RevealOnScroll(pub(crate) StoredValue<u32>);

/// A card with a heading.
#[component]
pub(crate) fn Card(
    #[prop(into)] title: String,
    /// A quiet note beside it.
    #[prop(into, optional)]
    note: Option<ViewFn>,
    /// Links or buttons at the end of the heading's line.
    #[prop(into, optional)]
    end: Option<ViewFn>,
    /// A class of its own.
    #[prop(optional)]
    class: &'static str,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let id = format!("card-{}", unique());
    let labelled = id.clone();
    view! {
        <section class=format!("card {class}") aria-labelledby=labelled>
            <header class="card-head">
                <h2 id=id>{title}</h2>
                {note.map(|note| view! { <span class="hint">{move || note.run()}</span> })}
                {end.map(|end| view! { <span class="card-end">{move || end.run()}</span> })}
            </header>
            {children()}
        </section>
    }
}

/// An instant in the viewer's zone, with UTC on hover.
#[component]
pub(crate) fn Time(
    /// The instant; `None` is shown as a dash.
    at: Option<DateTime<Utc>>,
) -> impl IntoView {
    let Some(at) = at else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    let zone = FixedOffset::east_opt(browser::zone_seconds_east(at.timestamp())).unwrap_or_else(utc);
    view! {
        <time datetime=at.to_rfc3339() title=text::instant_utc(at)>
            {text::instant(at, zone)}
        </time>
    }
    .into_any()
}

/// When a record was made: a check's UTC day, or a person's instant in UTC.
#[component]
pub(crate) fn RecordedAt(
    /// The record's time; `None` is shown as a dash.
    time: Option<RecordTime>,
) -> impl IntoView {
    let Some(time) = time else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    view! {
        <time datetime=time.at.to_rfc3339() title=time.hint()>
            {time.words()}
        </time>
    }
    .into_any()
}

fn utc() -> FixedOffset {
    use chrono::Offset as _;
    Utc.fix()
}

/// Why something can't be done, shown beside the disabled control it explains. Give the control
/// `aria-describedby` with the same id.
#[component]
pub(crate) fn WhyNot(
    /// The id the control refers to.
    #[prop(into)]
    id: String,
    /// The reason; nothing is shown while it is empty.
    #[prop(into)]
    reason: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="why-not" id=id class:hidden-box=move || reason.with(String::is_empty)>
            {Icon::Warn.view()}
            {move || reason.get()}
        </span>
    }
}

/// A labelled field. The control inside takes `id` and, for its messages, `aria-describedby="<id>-note"`.
#[component]
pub(crate) fn Field(
    /// The control's id.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    /// A word of help.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong with what is entered; nothing while it is empty.
    #[prop(into, optional)]
    problem: Signal<String>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let note = format!("{id}-note");
    view! {
        <div class="field" class:field-wrong=move || !problem.with(String::is_empty)>
            <label for=id>{label}</label>
            {children()}
            <p class="field-note" id=note>
                <span class="field-problem" role="alert">
                    {move || problem.get()}
                </span>
                {hint}
            </p>
        </div>
    }
}

/// A text field for a list's search; `/` anywhere on the page focuses it.
#[component]
pub(crate) fn SearchField(
    /// What is searched: `Search domains`.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    value: Signal<String>,
    /// Called with every change.
    #[prop(into)]
    on_input: Callback<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "/"
            && !event.ctrl_key()
            && !event.meta_key()
            && !types_text(&event)
            && let Some(node) = node.get_untracked()
        {
            event.prevent_default();
            browser::focus(&node);
            node.select();
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <label class="search-field">
            {Icon::Search.view()} <span class="hidden">{label.clone()}</span>
            <input
                type="search"
                node_ref=node
                placeholder=label
                aria-keyshortcuts="/"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| on_input.run(event_target_value(&event))
            />
            <kbd aria-hidden="true">"/"</kbd>
        </label>
    }
}

/// Whether a key was pressed where a person types text, so that it is no shortcut.
#[must_use]
pub(crate) fn types_text(event: &web_sys::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast as _;
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                || element
                    .closest("[contenteditable], dialog[open]")
                    .ok()
                    .flatten()
                    .is_some()
        })
}
