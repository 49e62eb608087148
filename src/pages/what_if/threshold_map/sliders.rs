//! B's window and minimum, to pull beside the map: the whole map follows.

use super::MapState;
use leptos::prelude::*;
use poolkeeper_core::health::{Policy, PolicyParam};
use poolkeeper_core::text;
use poolkeeper_view::charts::threshold_map::{minimums, nearest};

/// The most days a window may have.
const MOST_WINDOW_DAYS: u32 = 90;

/// Both sliders; the minimum's only while no axis shows it.
#[component]
pub(crate) fn Drags(state: MapState) -> impl IntoView {
    let window = Memo::new(move |_| state.b.with(|b| b.window_days));
    let minimum = Memo::new(move |_| state.b.with(|b| b.minimum_processed));
    let is_axis = Memo::new(move |_| {
        state
            .setup
            .with(|setup| [setup.x.param, setup.y.param].contains(&PolicyParam::MinimumProcessed))
    });
    let minimums = StoredValue::new(minimums());
    let most = minimums.with_value(|all| all.len().saturating_sub(1));
    let set = move |change: &dyn Fn(&mut Policy)| {
        let mut draft = state.b.get_untracked();
        change(&mut draft);
        if state.b.with_untracked(|known| *known != draft) {
            state.study.edit(|settings| settings.b = draft);
        }
    };
    let pull_window = move |event: web_sys::Event| {
        if let Ok(days) = event_target_value(&event).parse() {
            set(&|draft| draft.window_days = days);
        }
    };
    let pull_minimum = move |event: web_sys::Event| {
        let at = event_target_value(&event).parse::<usize>().ok();
        let value = at.and_then(|at| minimums.with_value(|all| all.get(at).copied()));
        if let Some(value) = value {
            set(&|draft| draft.minimum_processed = value);
        }
    };
    let days = move || text::counted(u64::from(window.get()), "day");
    let messages = move || text::counted(minimum.get(), "message");
    view! {
        <label class="sweep-drag">
            <span>"B's window " <b>{days}</b></span>
            <input
                type="range"
                min="1"
                max=MOST_WINDOW_DAYS.to_string()
                aria-label="B's window, on the map"
                aria-valuetext=days
                prop:value=move || window.get().to_string()
                on:input=pull_window
            />
        </label>
        <Show when=move || !is_axis.get()>
            <label class="sweep-drag">
                <span>"B's minimum " <b>{messages}</b></span>
                <input
                    type="range"
                    min="0"
                    max=most.to_string()
                    aria-label="B's minimum processed, on the map"
                    aria-valuetext=messages
                    prop:value=move || minimums.with_value(|all| nearest(all, minimum.get())).to_string()
                    on:input=pull_minimum
                />
            </label>
        </Show>
    }
}
