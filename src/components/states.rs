//! Empty, failed and waiting, designed.

use super::icon::Icon;
use crate::state::ReadState;
use leptos::prelude::*;
use mailgun_pools::api::ApiError;

/// Nothing to show: why, and what to do about it.
#[component]
pub(crate) fn Empty(
    /// What there is none of, one short sentence.
    #[prop(into)]
    title: String,
    /// What a person could do.
    #[prop(into, optional)]
    hint: String,
    /// Buttons or links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <p class="state-title">{title}</p>
            {(!hint.is_empty()).then(|| view! { <p>{hint}</p> })}
            {children.map(|children| view! { <div class="actions state-actions">{children()}</div> })}
        </div>
    }
}

/// Something failed: what happened, what to do, and a button to try again.
#[component]
pub(crate) fn Failed(
    error: ApiError,
    /// Tries again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let advice = error.advice();
    view! {
        <div class="state state-failed" role="alert">
            {Icon::Warn.view()}
            <div>
                <p class="state-title">{advice.happened}</p>
                <p>{advice.to_do}</p>
            </div>
            <button type="button" on:click=move |_| on_retry.run(())>
                {Icon::Again.view()}
                "Try again"
            </button>
        </div>
    }
}

/// Grey lines where text will be.
#[component]
pub(crate) fn SkeletonLines(
    /// How many.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    let widths = ["92%", "78%", "85%", "64%", "88%"];
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            {widths
                .iter()
                .cycle()
                .take(lines)
                .map(|width| view! { <span class="skeleton-bar" style:width=*width></span> })
                .collect_view()}
        </div>
    }
}

/// Grey rows where a table will be.
#[component]
pub(crate) fn SkeletonRows(
    /// How many.
    #[prop(default = 8)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton skeleton-rows" role="status" aria-label="Loading">
            {(0..rows).map(|_| view! { <span class="skeleton-row"><span class="skeleton-bar"></span><span class="skeleton-bar"></span><span class="skeleton-bar"></span></span> }).collect_view()}
        </div>
    }
}

/// Shows a reading: the skeleton until it is there, the error when there is nothing else, and the view, built once and
/// fed with every newer value. An error while an older value is shown stands above it.
#[component]
pub(crate) fn Loaded<T, F>(
    /// What is read.
    reading: ReadState<T>,
    /// What stands there until the first value.
    #[prop(into)]
    skeleton: ViewFn,
    /// Builds the view on a signal of the value.
    children: F,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn(Signal<T>) -> AnyView + Send + Sync + 'static,
{
    let has_value = Memo::new(move |_| reading.with(|value| value.is_some()));
    let body = move || {
        if !has_value.get() {
            return reading.error().is_none().then(|| skeleton.run());
        }
        // There is a value from here on; the first one stands in while the page closes.
        let first = reading.value_untracked()?;
        Some(children(Signal::derive(move || {
            reading.value().unwrap_or_else(|| first.clone())
        })))
    };
    view! {
        {move || reading.error().map(|error| view! { <Failed error=error on_retry=move |()| reading.retry() /> })}
        {body}
    }
    .into_any()
}
