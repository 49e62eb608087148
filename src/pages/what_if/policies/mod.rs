//! The policies A and B side by side, every choice a control.

mod editor;
mod entry;
mod slider;

use super::state::{WhatIfState, use_what_if};
use crate::components::{Card, Segmented};
use editor::PolicyEditor;
use entry::Entry;
use leptos::prelude::*;
use poolkeeper_core::health::{BelowMinimum, Metric, PRESETS, Policy, PolicyParam, Preset};
use poolkeeper_core::text::metric_name;
use poolkeeper_lab::{Overrides, Side};
use poolkeeper_view::url_state::parameters::{below_minimum, switched};
use poolkeeper_view::url_state::scale::{BOUNCE, COMPLAINT, WINDOW};
use slider::Slider;

#[component]
pub(crate) fn Policies() -> impl IntoView {
    let study = use_what_if();
    let (a, b) = (PolicyEditor::new(study, Side::A), PolicyEditor::new(study, Side::B));
    view! {
        <div class="study-side">
            <Card title="Policies" class="study-policies" note=|| "These policies do not change any account">
                <Unread study=study />
                <Exchange study=study a=a b=b />
                <div class="knobs">
                    <div class="knob knob-heads" aria-hidden="true">
                        <span></span>
                        <span>"A"</span>
                        <span>"B"</span>
                    </div>
                    <Presets a=a b=b />
                    <MetricParams metric=Metric::BounceRate a=a b=b />
                    <MetricParams metric=Metric::ComplaintRate a=a b=b />
                    <fieldset class="knob-group">
                        <legend>"Window and check"</legend>
                        <ParamRow param=PolicyParam::Window a=a b=b />
                        <Slider label="Window" scale=WINDOW params=vec![PolicyParam::Window] a=a b=b />
                        <ParamRow param=PolicyParam::CheckEvery a=a b=b />
                        <ParamRow param=PolicyParam::MinimumProcessed a=a b=b />
                        <BelowRow a=a b=b />
                    </fieldset>
                    <fieldset class="knob-group">
                        <legend>"Consecutive checks"</legend>
                        <ParamRow param=PolicyParam::PromotionAfter a=a b=b />
                        <ParamRow param=PolicyParam::DemotionAfter a=a b=b />
                    </fieldset>
                    <OverridesRow study=study />
                </div>
            </Card>
        </div>
    }
}

/// What the address says and nobody can read.
#[component]
fn Unread(study: WhatIfState) -> impl IntoView {
    move || {
        let unread = study.unread.get();
        (!unread.is_empty()).then(|| {
            let lines = unread.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! {
                <ul class="unread-link" role="note" aria-label="Problems in the link">
                    {lines}
                </ul>
            }
        })
    }
}

#[component]
fn Presets(a: PolicyEditor, b: PolicyEditor) -> impl IntoView {
    let select = move |edited: PolicyEditor| {
        let current = Memo::new(move |_| edited.policy.with(preset_of));
        let choose = move |event| {
            if let Some(preset) = Preset::by_id(&event_target_value(&event)) {
                edited.replace(preset.policy());
            }
        };
        let options = PRESETS
            .iter()
            .map(|preset| {
                let is_chosen = move || current.get() == Some(preset.id);
                view! {
                    <option value=preset.id prop:selected=is_chosen>
                        {preset.name}
                    </option>
                }
            })
            .collect_view();
        view! {
            <select aria-label=format!("{}: preset", edited.name()) on:change=choose>
                <option value="" prop:selected=move || current.get().is_none()>
                    "Custom"
                </option>
                {options}
            </select>
        }
        .into_any()
    };
    let source = move |edited: PolicyEditor| {
        let preset = edited.policy.with(preset_of).and_then(Preset::by_id)?;
        Some(view! {
            <p>
                <b>{format!("{} · {}. ", edited.name(), preset.name)}</b>
                {preset.source}
            </p>
        })
    };
    view! {
        <div class="knob">
            <span class="knob-name">"Preset"</span>
            {select(a)}
            {select(b)}
        </div>
        <details class="preset-sources">
            <summary>"Where the presets come from"</summary>
            {move || source(a)}
            {move || (a.policy.with(preset_of) != b.policy.with(preset_of)).then(|| source(b))}
            <p>
                "Mailgun does not publish its thresholds. Presets are published by others or chosen by this project."
            </p>
        </details>
    }
}

fn preset_of(policy: &Policy) -> Option<&'static str> {
    PRESETS
        .iter()
        .find(|preset| preset.policy() == *policy)
        .map(|preset| preset.id)
}

#[component]
fn MetricParams(metric: Metric, a: PolicyEditor, b: PolicyEditor) -> impl IntoView {
    let scale = match metric {
        Metric::BounceRate => BOUNCE,
        Metric::ComplaintRate => COMPLAINT,
    };
    let params = vec![PolicyParam::GoodAtMost(metric), PolicyParam::PoorAtLeast(metric)];
    view! {
        <fieldset class="knob-group">
            <legend>{metric_name(metric)}</legend>
            <div class="knob">
                <span class="knob-name">"counts"</span>
                <OnOff metric=metric edited=a />
                <OnOff metric=metric edited=b />
            </div>
            <ParamRow param=PolicyParam::GoodAtMost(metric) a=a b=b />
            <ParamRow param=PolicyParam::PoorAtLeast(metric) a=a b=b />
            <Slider label=metric_name(metric) scale=scale params=params a=a b=b />
            <ParamRow param=PolicyParam::PoorMinEvents(metric) a=a b=b />
        </fieldset>
    }
}

#[component]
fn OnOff(metric: Metric, edited: PolicyEditor) -> impl IntoView {
    let is_on = Memo::new(move |_| edited.policy.with(|policy| metric.policy(policy).is_some()));
    // Why the policy of that time could not be switched.
    let refused = RwSignal::new(None::<(Policy, String)>);
    let problem = move || {
        let (over, why) = refused.get()?;
        edited.policy.with(|policy| *policy == over).then_some(why)
    };
    let toggle = move |event: web_sys::Event| {
        let wanted = event_target_checked(&event);
        let policy = edited.policy.get_untracked();
        match switched(&policy, metric, wanted) {
            Ok(policy) => edited.set(policy),
            Err(why) => {
                // Reset the checkbox to the policy's value.
                use wasm_bindgen::JsCast as _;
                if let Some(input) = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok())
                {
                    input.set_checked(!wanted);
                }
                refused.set(Some((policy, why)));
            }
        }
    };
    view! {
        <span class="knob-value">
            <label class="check">
                <input
                    type="checkbox"
                    aria-label=format!("{}: {} counts", edited.name(), metric_name(metric))
                    prop:checked=move || is_on.get()
                    on:change=toggle
                />
                <span aria-hidden="true">{move || if is_on.get() { "yes" } else { "no" }}</span>
            </label>
            <span class="field-problem knob-problem" role="alert">
                {problem}
            </span>
        </span>
    }
}

#[component]
fn ParamRow(param: PolicyParam, a: PolicyEditor, b: PolicyEditor) -> impl IntoView {
    let unit = match param.unit() {
        "%" => String::new(),
        unit => format!(", {unit}"),
    };
    view! {
        <div class="knob">
            <span class="knob-name">
                {param.short_label()} <span class="muted">{unit}</span>
            </span>
            <Entry param=param edited=a beside=b />
            <Entry param=param edited=b beside=a />
        </div>
    }
}

#[component]
fn BelowRow(a: PolicyEditor, b: PolicyEditor) -> impl IntoView {
    let select = move |edited: PolicyEditor| {
        let is_hold = Memo::new(move |_| edited.policy.with(|policy| policy.below_minimum == BelowMinimum::Hold));
        let choose = move |event| {
            let choice = if event_target_value(&event) == "new" {
                BelowMinimum::New
            } else {
                BelowMinimum::Hold
            };
            edited.set(edited.policy.with_untracked(|policy| below_minimum(policy, choice)));
        };
        view! {
            <select aria-label=format!("{}: below the minimum", edited.name()) on:change=choose>
                <option value="hold" prop:selected=move || is_hold.get()>
                    "stays"
                </option>
                <option value="new" prop:selected=move || !is_hold.get()>
                    "back to new"
                </option>
            </select>
        }
        .into_any()
    };
    view! {
        <div class="knob">
            <span class="knob-name">"Below the minimum"</span>
            {select(a)}
            {select(b)}
        </div>
    }
}

#[component]
fn OverridesRow(study: WhatIfState) -> impl IntoView {
    let value = Signal::derive(move || match study.options.get().overrides {
        Overrides::Kept => "kept".to_owned(),
        Overrides::Ignored => "ignored".to_owned(),
    });
    let choose = move |id: String| {
        let overrides = if id == "ignored" {
            Overrides::Ignored
        } else {
            Overrides::Kept
        };
        study.edit(|settings| settings.options.overrides = overrides);
    };
    let choices = [("kept", "Kept"), ("ignored", "Ignored")].map(|(id, words)| (id.to_owned(), words.to_owned()));
    view! {
        <div class="knob knob-both">
            <span class="knob-name">"Overrides of the past"</span>
            <Segmented label="Overrides of the past" options=choices.to_vec() value=value on_choose=choose />
        </div>
    }
}

/// One policy in the other's place.
#[component]
fn Exchange(study: WhatIfState, a: PolicyEditor, b: PolicyEditor) -> impl IntoView {
    let is_same = Memo::new(move |_| study.a.with(|a| study.b.with(|b| a == b)));
    let is_todays = Memo::new(move |_| study.a.with(|a| study.own.with(|own| own.policy == *a)));
    let swap = move |_| {
        let (was_a, was_b) = (study.a.get_untracked(), study.b.get_untracked());
        a.replace(was_b);
        b.replace(was_a);
    };
    view! {
        <div class="actions policy-actions">
            <button type="button" disabled=move || is_same.get() on:click=move |_| b.replace(study.a.get_untracked())>
                "Copy A to B"
            </button>
            <button type="button" disabled=move || is_same.get() on:click=swap>
                "Swap"
            </button>
            <button
                type="button"
                disabled=move || is_todays.get()
                on:click=move |_| a.replace(study.own.with_untracked(|own| own.policy.clone()))
            >
                "A: today's policy"
            </button>
        </div>
    }
}
