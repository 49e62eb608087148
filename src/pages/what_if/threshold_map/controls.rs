//! What the map shows: outcome, axes, days held out. Every choice is in the address.

use super::MapState;
use super::sliders::Drags;
use crate::components::Segmented;
use crate::state::{QueryParam, use_lab};
use leptos::prelude::*;
use poolkeeper_core::health::PolicyParam;
use poolkeeper_core::text;
use poolkeeper_core::text::rates::ppm_of;
use poolkeeper_lab::sweep::SweepOutcome;
use poolkeeper_view::charts::threshold_map::{AxisChoice, AxisRange, AxisSpacing, HoldoutSplit, MapViewState};

/// The controls; the axes fold away.
#[component]
pub(crate) fn Controls(state: MapState) -> impl IntoView {
    let outcomes = SweepOutcome::ALL
        .into_iter()
        .map(|outcome| {
            let chosen = move || state.setup.with(|setup| setup.outcome == outcome);
            view! {
                <option value=outcome.slug() prop:selected=chosen>
                    {outcome.name()}
                </option>
            }
        })
        .collect_view();
    let axes = Memo::new(move |_| {
        let sweep = state
            .setup
            .with(|setup| state.a.with(|a| state.b.with(|b| setup.sweep(a, b))));
        format!("Across: {} · Up: {}", sweep.x.knob.name(), sweep.y.knob.name())
    });
    view! {
        <div class="sweep-controls">
            <div class="field sweep-outcome">
                <label for="map-outcome">"Colour by"</label>
                <select id="map-outcome" on:change=move |event| state.params.z.set(&event_target_value(&event))>
                    {outcomes}
                </select>
            </div>
            <Drags state=state />
            <Holdout state=state />
        </div>
        <details class="sweep-axes">
            <summary>
                "Axes" <span class="muted">{move || axes.get()}</span>
            </summary>
            <div class="sweep-axes-two">
                <AxisControls state=state is_x=true />
                <AxisControls state=state is_x=false />
            </div>
        </details>
    }
}

#[component]
fn Holdout(state: MapState) -> impl IntoView {
    let lab = use_lab();
    let days = Memo::new(move |_| {
        let traffic = lab.traffic()?;
        Some((traffic.table.first_day(), traffic.table.day_count()))
    });
    let is_on = move || state.setup.with(|setup| setup.split != HoldoutSplit::Whole);
    let can_split = move || days.get().is_some_and(|(_, count)| count > 1);
    let split = Memo::new(move |_| {
        let (first, count) = days.get()?;
        let day = state.setup.with(|setup| setup.split.day(count))?;
        Some((first, count, day))
    });
    let set = move |event: web_sys::Event| {
        let split = event_target_value(&event)
            .parse()
            .map_or(HoldoutSplit::TwoThirds, HoldoutSplit::Day);
        state.params.split.set(&split.encode());
    };
    let slider = move || {
        let (first, count, _) = split.get()?;
        let day = move || split.get().map_or(1, |(_, _, day)| day);
        let when = move || text::day(first.plus(i32::try_from(day()).unwrap_or(i32::MAX)));
        Some(view! {
            <label class="sweep-split">
                <span>"Held out from " {when}</span>
                <input
                    type="range"
                    min="1"
                    max=(count - 1).to_string()
                    aria-label="First day held out"
                    aria-valuetext=when
                    prop:value=move || day().to_string()
                    on:change=set
                />
            </label>
        })
    };
    let toggle = move |event: web_sys::Event| {
        let split = if event_target_checked(&event) {
            HoldoutSplit::TwoThirds
        } else {
            HoldoutSplit::Whole
        };
        state.params.split.set(&split.encode());
    };
    // The slider is built anew for other traffic only, so that it keeps the focus.
    let shape = Memo::new(move |_| split.get().map(|(first, count, _)| (first, count)));
    view! {
        <div class="sweep-holdout">
            <label class="check">
                <input type="checkbox" prop:checked=is_on disabled=move || !can_split() on:change=toggle />
                "Hold out the last days"
            </label>
            {move || shape.get().map(|_| untrack(slider))}
        </div>
    }
}

#[component]
fn AxisControls(state: MapState, is_x: bool) -> impl IntoView {
    let (legend, id) = if is_x { ("Across", "map-x") } else { ("Up", "map-y") };
    let of = move |setup: &MapViewState| if is_x { setup.x } else { setup.y };
    let choice = Memo::new(move |_| state.setup.with(of));
    let range = Memo::new(move |_| state.a.with(|a| choice.get().range(a)));
    let param = if is_x { state.params.x } else { state.params.y };
    let set = move |next: AxisChoice| param.set(&next.encode());
    let choose_param = move |event: web_sys::Event| {
        let Some(param) = PolicyParam::swept_by_slug(&event_target_value(&event)) else {
            return;
        };
        let other = state.setup.with_untracked(|setup| if is_x { setup.y } else { setup.x });
        if other.param == param {
            // The axes change places.
            let own = choice.get_untracked();
            let other_param: QueryParam = if is_x { state.params.y } else { state.params.x };
            set(other);
            other_param.set(&own.encode());
        } else {
            set(AxisChoice::new(param));
        }
    };
    let options = PolicyParam::SWEPT
        .into_iter()
        .map(|param| {
            view! {
                <option value=param.slug() prop:selected=move || choice.get().param == param>
                    {param.label()}
                </option>
            }
        })
        .collect_view();
    let set_range = move |change: fn(&mut AxisRange, u64), number: u64| {
        let own = choice.get_untracked();
        let mut range = range.get_untracked();
        change(&mut range, number);
        if range.is_valid(own.param) {
            set(AxisChoice {
                range: Some(range),
                ..own
            });
        }
    };
    let spacing = Signal::derive(move || match range.get().spacing {
        AxisSpacing::Linear => "linear".to_owned(),
        AxisSpacing::Logarithmic => "log".to_owned(),
    });
    let choose_spacing = move |value: String| set_range(set_spacing, u64::from(value == "linear"));
    let spacings = vec![
        ("log".to_owned(), "logarithmic".to_owned()),
        ("linear".to_owned(), "linear".to_owned()),
    ];
    view! {
        <fieldset class="sweep-axis">
            <legend>{legend}</legend>
            <select
                id=id
                class="sweep-turn"
                aria-label=format!("{legend}: threshold")
                on:change=choose_param
            >
                {options}
            </select>
            {move || matches!(choice.get().param, PolicyParam::PoorAtLeast(_)).then(|| view! { <Tie choice=choice set=Callback::new(set) /> })}
            <div class="sweep-range">
                <End label="from" of=legend choice=choice shown=Signal::derive(move || range.get().from) set=Callback::new(move |n| set_range(|range, n| range.from = n, n)) />
                <End label="to" of=legend choice=choice shown=Signal::derive(move || range.get().to) set=Callback::new(move |n| set_range(|range, n| range.to = n, n)) />
                {steps_field(legend, range, move |steps| set_range(|range, n| range.steps = usize::try_from(n).unwrap_or(usize::MAX), steps))}
            </div>
            <Segmented label=format!("{legend}: spacing") options=spacings value=spacing on_choose=choose_spacing />
            {move || choice.get().range.is_some().then(|| default_range_button(choice, set))}
        </fieldset>
    }
}

/// Chooses linear steps with 1 and logarithmic ones with 0. A logarithmic axis has no zero.
fn set_spacing(range: &mut AxisRange, linear: u64) {
    range.spacing = if linear == 1 {
        AxisSpacing::Linear
    } else {
        AxisSpacing::Logarithmic
    };
    if range.spacing == AxisSpacing::Logarithmic {
        range.from = range.from.max(1);
    }
}

fn steps_field(legend: &'static str, range: Memo<AxisRange>, set: impl Fn(u64) + 'static) -> AnyView {
    view! {
        <label>
            <span>"steps"</span>
            <input
                type="number"
                min="2"
                max="200"
                aria-label=format!("{legend}: steps")
                prop:value=move || range.get().steps.to_string()
                on:change=move |event| {
                    if let Ok(steps) = event_target_value(&event).trim().parse::<u64>() {
                        set(steps);
                    }
                }
            />
        </label>
    }
    .into_any()
}

fn default_range_button(choice: Memo<AxisChoice>, set: impl Fn(AxisChoice) + 'static) -> AnyView {
    let reset = move |_| {
        set(AxisChoice {
            range: None,
            ..choice.get_untracked()
        });
    };
    view! {
        <button type="button" class="quiet" on:click=reset>
            "Around A again"
        </button>
    }
    .into_any()
}

#[component]
fn Tie(choice: Memo<AxisChoice>, set: Callback<AxisChoice>) -> impl IntoView {
    let change = move |event: web_sys::Event| {
        set.run(AxisChoice {
            is_tied: event_target_checked(&event),
            ..choice.get_untracked()
        });
    };
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=move || choice.get().is_tied on:change=change />
            "Keep B's ratio of good to poor"
        </label>
    }
}

/// One end of an axis, in percent or messages.
#[component]
fn End(
    label: &'static str,
    of: &'static str,
    choice: Memo<AxisChoice>,
    shown: Signal<u64>,
    set: Callback<u64>,
) -> impl IntoView {
    let is_count = move || choice.get().param == PolicyParam::MinimumProcessed;
    let text = move || {
        let param = choice.get().param;
        match param {
            PolicyParam::MinimumProcessed => shown.get().to_string(),
            _ => param.value_text(shown.get()).trim_end_matches(" %").to_owned(),
        }
    };
    let change = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        let number = if is_count() {
            text.trim().parse().ok()
        } else {
            ppm_of(&text)
        };
        if let Some(number) = number {
            set.run(number);
        }
    };
    view! {
        <label>
            <span>{label}</span>
            <span class="sweep-end">
                <input
                    type="number"
                    min="0"
                    step="any"
                    aria-label=move || format!("{of}: {label}, {}", if is_count() { "messages" } else { "percent" })
                    prop:value=text
                    on:change=change
                />
                <span aria-hidden="true">
                    {move || if is_count() { "" } else { "%" }}
                </span>
            </span>
        </label>
    }
}
