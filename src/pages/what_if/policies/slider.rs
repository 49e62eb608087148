//! A slider for B with A's place marked on it; with two thumbs where there are two thresholds. The result follows while it
//! moves.

use super::editor::PolicyEditor;
use leptos::html;
use leptos::prelude::*;
use poolkeeper_core::health::{Policy, PolicyParam};
use poolkeeper_view::url_state::scale::SliderScale;

/// Steps of the browser's own slider over the whole track.
const STEPS: f64 = 1_000.0;
/// Steps that Page up and down go.
const PAGE: i32 = 10;

/// A parameter's value on a slider; `None` where its metric is off.
fn value_of(param: PolicyParam, policy: &Policy) -> Option<u32> {
    param.get(policy).and_then(|value| u32::try_from(value).ok())
}

#[component]
pub(crate) fn Slider(
    /// What it is of: `Bounce rate`.
    label: &'static str,
    /// How values are spread over it.
    scale: SliderScale,
    /// The parameters of its thumbs, the lower first.
    params: Vec<PolicyParam>,
    /// The policy whose place is marked.
    a: PolicyEditor,
    /// The policy that the slider changes.
    b: PolicyEditor,
) -> impl IntoView {
    let percent = |position: f64| format!("{:.2}%", position * 100.0);
    let place = move |edited: PolicyEditor, param: Option<PolicyParam>, absent: f64| {
        let value = param.and_then(|param| edited.policy.with(|policy| value_of(param, policy)));
        percent(value.map_or(absent, |value| scale.position(value)))
    };
    let (first, second) = (params.first().copied(), params.get(1).copied());
    let is_off = Memo::new(move |_| first.is_none_or(|param| b.policy.with(|policy| param.get(policy).is_none())));
    let marks = params
        .iter()
        .map(|param| {
            let param = *param;
            let at = move || a.policy.with(|policy| param.get(policy));
            view! {
                <span
                    class="slider-mark"
                    class:hidden-box=move || at().is_none()
                    style:left=move || place(a, Some(param), 0.0)
                ></span>
            }
        })
        .collect_view();
    let thumbs = params.iter().map(|param| thumb(label, scale, *param, b)).collect_view();
    view! {
        <div
            class="slider"
            class:slider-zones=second.is_some()
            class:slider-off=move || is_off.get()
            style=("--from", move || place(b, first, 0.0))
            style=("--to", move || place(b, second, 1.0))
        >
            <span class="slider-track" aria-hidden="true">
                {marks}
            </span>
            {thumbs}
        </div>
    }
}

fn thumb(label: &'static str, scale: SliderScale, param: PolicyParam, b: PolicyEditor) -> AnyView {
    let value = Memo::new(move |_| b.policy.with(|policy| value_of(param, policy)));
    let input = NodeRef::<html::Input>::new();
    let position = move || value.get().map_or(0.0, |value| scale.position(value));
    let step = move || format!("{}", libm::round(position() * STEPS));
    let set = move |value: u32| {
        let policy = b
            .policy
            .with_untracked(|policy| param.with_clamped(policy, value.into()));
        if b.policy.with_untracked(|known| *known != policy) {
            b.set(policy);
        }
    };
    let on_input = move |event: web_sys::Event| {
        if let Ok(step) = event_target_value(&event).parse::<f64>() {
            set(scale.value_at(step / STEPS));
        }
        // Move the thumb to the policy's value: a round one, and no further than the other thumb.
        if let Some(input) = input.get_untracked() {
            input.set_value(&untrack(step));
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let Some(now) = value.get_untracked() else { return };
        let to = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => scale.moved(now, 1),
            "ArrowLeft" | "ArrowDown" => scale.moved(now, -1),
            "PageUp" => scale.moved(now, PAGE),
            "PageDown" => scale.moved(now, -PAGE),
            "Home" => scale.least,
            "End" => scale.most,
            _ => return,
        };
        event.prevent_default();
        set(to);
    };
    let name = match param {
        PolicyParam::Window => format!("B: {label}, slider"),
        param => format!("B: {label}, {}, slider", param.short_label()),
    };
    let is_on_top = move || matches!(param, PolicyParam::GoodAtMost(_)) && position() > 0.5;
    view! {
        <input
            node_ref=input
            type="range"
            min="0"
            max=STEPS.to_string()
            aria-label=name
            aria-valuetext=move || value.get().map(|value| param.value_with_unit(value.into())).unwrap_or_default()
            // Thumbs on one spot: the one with room to go lies on top.
            style:z-index=move || if is_on_top() { "1" } else { "0" }
            disabled=move || value.get().is_none()
            prop:value=step
            on:input=on_input
            on:keydown=keys
        />
    }
    .into_any()
}
