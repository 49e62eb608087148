//! Every choice of a policy as a control.

use super::choice::Segmented;
use crate::state::Draft;
use leptos::prelude::*;
use poolkeeper_core::health::{BelowMinimum, Metric, MetricPolicy, PRESETS, Policy, PolicyParam, Preset};
use poolkeeper_core::text;
use poolkeeper_core::text::rates::ppm_of;

/// The controls; each change is in `policy` at once.
#[component]
pub(crate) fn PolicyForm(
    /// The policy being edited.
    policy: Draft<Policy>,
    /// The policy it is compared with, marked beside each control.
    #[prop(into)]
    beside: Signal<Policy>,
) -> impl IntoView {
    let preset = move || {
        policy.shown().with(|policy| {
            PRESETS
                .iter()
                .find(|preset| preset.policy() == *policy)
                .map_or("", |preset| preset.id)
        })
    };
    let choose = move |event: web_sys::Event| {
        if let Some(preset) = Preset::by_id(&event_target_value(&event)) {
            policy.update(|policy| *policy = preset.policy());
        }
    };
    let options = PRESETS
        .iter()
        .map(|option| {
            view! { <option value=option.id prop:selected=move || preset() == option.id>{option.name}</option> }
        })
        .collect_view();
    let source =
        move || Preset::by_id(preset()).map(|preset| view! { <p class="muted policy-source">{preset.source}</p> });
    let field = move |param| param_field(param, policy, beside);
    view! {
        <div class="policy-form">
            <div class="field">
                <label for="policy-preset">"Preset"</label>
                <select id="policy-preset" on:change=choose>
                    <option value="" prop:selected=move || preset().is_empty()>
                        "Custom"
                    </option>
                    {options}
                </select>
                {source}
            </div>
            <MetricControls metric=Metric::BounceRate policy=policy beside=beside />
            <MetricControls metric=Metric::ComplaintRate policy=policy beside=beside />
            <fieldset class="policy-group">
                <legend>"Window and check"</legend>
                {[PolicyParam::Window, PolicyParam::CheckEvery, PolicyParam::MinimumProcessed].map(field)}
                <BelowMinimumControl policy=policy />
            </fieldset>
            <fieldset class="policy-group">
                <legend>"Consecutive checks"</legend>
                {[PolicyParam::PromotionAfter, PolicyParam::DemotionAfter].map(field)}
            </fieldset>
        </div>
    }
}

#[component]
fn BelowMinimumControl(policy: Draft<Policy>) -> impl IntoView {
    let value = Signal::derive(move || {
        policy.shown().with(|policy| match policy.below_minimum {
            BelowMinimum::Hold => "hold".to_owned(),
            BelowMinimum::New => "new".to_owned(),
        })
    });
    let choose = move |value: String| {
        policy.update(|policy| {
            policy.below_minimum = if value == "new" {
                BelowMinimum::New
            } else {
                BelowMinimum::Hold
            }
        });
    };
    let options = vec![
        ("hold".to_owned(), "stays".to_owned()),
        ("new".to_owned(), "back to new".to_owned()),
    ];
    view! {
        <div class="policy-number">
            <span>"Below the minimum"</span>
            <Segmented label="Below the minimum" options=options value=value on_choose=choose />
        </div>
    }
}

const fn thresholds_of(policy: &mut Policy, metric: Metric) -> &mut Option<MetricPolicy> {
    match metric {
        Metric::BounceRate => &mut policy.bounce,
        Metric::ComplaintRate => &mut policy.complaint,
    }
}

#[component]
fn MetricControls(metric: Metric, policy: Draft<Policy>, beside: Signal<Policy>) -> impl IntoView {
    let params = [
        PolicyParam::GoodAtMost(metric),
        PolicyParam::PoorAtLeast(metric),
        PolicyParam::PoorMinEvents(metric),
    ];
    let is_on = move || policy.shown().with(|policy| metric.policy(policy).is_some());
    // What the metric was before it was switched off, or the default's.
    let kept = StoredValue::new(metric.policy(&Policy::default()));
    let toggle = move |event: web_sys::Event| {
        let is_on = event_target_checked(&event);
        policy.update(|policy| {
            let slot = thresholds_of(policy, metric);
            if is_on {
                *slot = kept.get_value();
            } else {
                kept.set_value(slot.take());
            }
        });
    };
    view! {
        <fieldset class="policy-group">
            <legend>{text::metric_name(metric)}</legend>
            <label class="check">
                <input type="checkbox" prop:checked=is_on on:change=toggle />
                "Counts in the check"
            </label>
            {params.map(|param| param_field(param, policy, beside))}
        </fieldset>
    }
}

/// One parameter: its label, its number, its unit, and the other policy's number where that differs.
fn param_field(param: PolicyParam, policy: Draft<Policy>, beside: Signal<Policy>) -> AnyView {
    let id = format!("policy-{}", param.slug());
    let labelled = id.clone();
    let (least, most, step) = match param {
        PolicyParam::GoodAtMost(metric) | PolicyParam::PoorAtLeast(metric) => match metric {
            Metric::BounceRate => (0, 100, "0.1"),
            Metric::ComplaintRate => (0, 100, "0.01"),
        },
        PolicyParam::PoorMinEvents(_) | PolicyParam::MinimumProcessed => (0, param.max(), "1"),
        _ => (1, param.max(), "1"),
    };
    let shown = move || policy.shown().with(|policy| param.text(policy));
    let before = move || {
        let (own, other) = (
            policy.shown().with(|own| param.get(own)),
            beside.with(|other| param.get(other)),
        );
        let changed = other.filter(|_| own.is_some() && own != other);
        changed.map(|other| format!("was {}", param.value_text(other)))
    };
    let change = move |event: web_sys::Event| {
        let typed = event_target_value(&event);
        let value = if param.is_threshold() {
            ppm_of(&typed)
        } else {
            typed.trim().parse().ok()
        };
        if let Some(value) = value {
            policy.update(|policy| param.set(policy, value));
        }
    };
    view! {
        <div class="policy-number">
            <label for=labelled>{param.short_label()}</label>
            <input
                id=id
                type="number"
                min=least.to_string()
                max=most.to_string()
                step=step
                prop:value=move || shown().unwrap_or_default()
                disabled=move || shown().is_none()
                on:change=change
            />
            <span class="policy-unit">{param.unit()}</span>
            <span class="policy-before">{before}</span>
        </div>
    }
    .into_any()
}
