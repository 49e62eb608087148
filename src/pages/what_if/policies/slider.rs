//! A slider for B with A's place marked on it; with two thumbs where there are two thresholds. The result follows while it
//! moves.

use super::PolicyEditor;
use leptos::html;
use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_core::text::rates::percent_text;
use poolkeeper_view::url_state::knobs::{Knob, pulled, stands};
use poolkeeper_view::url_state::scale::SliderScale;

/// Steps of the browser's own slider over the whole track.
const STEPS: f64 = 1_000.0;
/// Steps that Page up and down go.
const PAGE: i32 = 10;

/// One thumb.
#[derive(Clone, Copy)]
pub struct SliderState {
    knob: Knob,
    words: fn(u32) -> String,
}

impl SliderState {
    /// A threshold.
    #[must_use]
    pub fn percent(knob: Knob) -> Self {
        Self {
            knob,
            words: |ppm| format!("{} %", percent_text(ppm)),
        }
    }

    /// Days.
    #[must_use]
    pub fn days(knob: Knob) -> Self {
        Self {
            knob,
            words: |days| text::counted(u64::from(days), "day"),
        }
    }
}

/// The slider.
#[component]
pub fn Slider(
    /// What it is of: `Bounce rate`.
    label: &'static str,
    /// How values are spread over it.
    scale: SliderScale,
    /// Its thumbs, the lower first.
    slides: Vec<SliderState>,
    /// The policy whose place is marked.
    a: PolicyEditor,
    /// The policy that is pulled.
    b: PolicyEditor,
) -> impl IntoView {
    let percent = |position: f64| format!("{:.2}%", position * 100.0);
    let place = move |edited: PolicyEditor, slide: Option<SliderState>, absent: f64| {
        let value = slide.and_then(|slide| edited.policy.with(|policy| stands(slide.knob, policy)));
        percent(value.map_or(absent, |value| scale.position(value)))
    };
    let (first, second) = (slides.first().copied(), slides.get(1).copied());
    let is_off =
        Memo::new(move |_| first.is_none_or(|slide| b.policy.with(|policy| stands(slide.knob, policy).is_none())));
    let marks = slides
        .iter()
        .map(|slide| {
            let slide = *slide;
            let at = move || a.policy.with(|policy| stands(slide.knob, policy));
            view! {
                <span
                    class="slider-mark"
                    class:hidden-box=move || at().is_none()
                    style:left=move || place(a, Some(slide), 0.0)
                ></span>
            }
        })
        .collect_view();
    let thumbs = slides.iter().map(|slide| thumb(label, scale, *slide, b)).collect_view();
    view! {
        <div
            class="slider"
            class:zones=second.is_some()
            class:off=move || is_off.get()
            style=("--from", move || place(b, first, 0.0))
            style=("--to", move || place(b, second, 1.0))
        >
            <span class="slider-track" aria-hidden="true">
                {marks}
            </span>
            {thumbs}
        </div>
    }
    .into_any()
}

fn thumb(label: &'static str, scale: SliderScale, slide: SliderState, b: PolicyEditor) -> AnyView {
    let knob = slide.knob;
    let value = Memo::new(move |_| b.policy.with(|policy| stands(knob, policy)));
    let input = NodeRef::<html::Input>::new();
    let position = move || value.get().map_or(0.0, |value| scale.position(value));
    let step = move || format!("{}", libm::round(position() * STEPS));
    let set = move |value: u32| {
        let policy = b.policy.with_untracked(|policy| pulled(knob, policy, value));
        if b.policy.with_untracked(|known| *known != policy) {
            b.policy.set(policy);
        }
    };
    let pull = move |event: web_sys::Event| {
        if let Ok(step) = event_target_value(&event).parse::<f64>() {
            set(scale.value_at(step / STEPS));
        }
        // It stands where the policy is, not where it was pulled to: on a round value, no further than the other thumb.
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
    let name = match knob {
        Knob::Window => format!("B: {label}, slider"),
        knob => format!("B: {label}, {}, slider", knob.name()),
    };
    let is_on_top = move || matches!(knob, Knob::GoodAtMost(_)) && position() > 0.5;
    view! {
        <input
            node_ref=input
            type="range"
            min="0"
            max=STEPS.to_string()
            aria-label=name
            aria-valuetext=move || value.get().map(slide.words).unwrap_or_default()
            // Thumbs on one spot: the one with room to go lies on top.
            style:z-index=move || if is_on_top() { "1" } else { "0" }
            disabled=move || value.get().is_none()
            prop:value=step
            on:input=pull
            on:keydown=keys
        />
    }
    .into_any()
}
