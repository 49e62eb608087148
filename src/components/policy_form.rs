//! Every choice of a policy as a control.

use super::choice::Segmented;
use crate::state::Draft;
use leptos::prelude::*;
use poolkeeper_core::health::{BelowMinimum, Metric, MetricPolicy, PRESETS, Policy, Preset};
use poolkeeper_core::text;
use poolkeeper_core::text::rates::{percent_text, ppm_of};

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
                {number("Window", "days", 1, 90, policy, beside, |p| u64::from(p.window_days), |p, n| p.window_days = small(n))}
                {number(
                    "Check every",
                    "days",
                    1,
                    30,
                    policy,
                    beside,
                    |p| u64::from(p.check_every_days),
                    |p, n| p.check_every_days = small(n),
                )}
                {number(
                    "Minimum processed",
                    "messages",
                    0,
                    100_000_000,
                    policy,
                    beside,
                    |p| p.minimum_processed,
                    |p, n| p.minimum_processed = n,
                )}
                <BelowMinimumControl policy=policy />
            </fieldset>
            <fieldset class="policy-group">
                <legend>"Consecutive checks"</legend>
                {number(
                    "Promotion after",
                    "checks",
                    1,
                    90,
                    policy,
                    beside,
                    |p| u64::from(p.promotion_after_checks),
                    |p, n| p.promotion_after_checks = small(n),
                )}
                {number(
                    "Demotion after",
                    "checks",
                    1,
                    90,
                    policy,
                    beside,
                    |p| u64::from(p.demotion_after_checks),
                    |p, n| p.demotion_after_checks = small(n),
                )}
            </fieldset>
        </div>
    }
}

fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
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
fn MetricControls(metric: Metric, policy: Draft<Policy>, #[prop(into)] beside: Signal<Policy>) -> impl IntoView {
    let (title, events) = (text::metric_name(metric), text::events_noun(metric));
    let step = match metric {
        Metric::BounceRate => "0.1",
        Metric::ComplaintRate => "0.01",
    };
    let thresholds = Memo::new(move |_| policy.shown().with(|policy| metric.policy(policy)));
    let other = Memo::new(move |_| beside.with(|policy| metric.policy(policy)));
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
    let set = move |change: fn(&mut MetricPolicy, u64), value: u64| {
        policy.update(|policy| {
            if let Some(thresholds) = thresholds_of(policy, metric) {
                change(thresholds, value);
            }
        });
    };
    let percent = move |label: &'static str, read: fn(&MetricPolicy) -> u32, write: fn(&mut MetricPolicy, u64)| {
        let id = format!("{}-{}", metric.wire_name(), label.replace(' ', "-"));
        let shown = move || {
            thresholds
                .get()
                .map(|thresholds| percent_text(read(&thresholds)))
                .unwrap_or_default()
        };
        let was = move || match (thresholds.get(), other.get()) {
            (Some(own), Some(other)) if read(&own) != read(&other) => format!("was {} %", percent_text(read(&other))),
            _ => String::new(),
        };
        view! {
            <div class="policy-number">
                <label for=id.clone()>
                    {label}
                </label>
                <input
                    id=id
                    type="number"
                    min="0"
                    max="100"
                    step=step
                    prop:value=shown
                    disabled=move || thresholds.with(Option::is_none)
                    on:change=move |event| {
                        if let Some(ppm) = ppm_of(&event_target_value(&event)) {
                            set(write, ppm);
                        }
                    }
                />
                <span class="policy-unit">"%"</span>
                <span class="policy-before">{was}</span>
            </div>
        }
        .into_any()
    };
    let events_id = format!("{}-events", metric.wire_name());
    view! {
        <fieldset class="policy-group">
            <legend>{title}</legend>
            <label class="check">
                <input type="checkbox" prop:checked=move || thresholds.with(Option::is_some) on:change=toggle />
                "Counts in the check"
            </label>
            {percent("good at most", |t| t.good_at_most_ppm, |t, ppm| t.good_at_most_ppm = small(ppm))}
            {percent("poor at least", |t| t.poor_at_least_ppm, |t, ppm| t.poor_at_least_ppm = small(ppm))}
            <div class="policy-number">
                <label for=events_id.clone()>
                    "poor needs at least"
                </label>
                <input
                    id=events_id
                    type="number"
                    min="0"
                    prop:value=move || thresholds.get().map(|t| t.poor_min_events.to_string()).unwrap_or_default()
                    disabled=move || thresholds.with(Option::is_none)
                    on:change=move |event| {
                        if let Ok(events) = event_target_value(&event).parse() {
                            set(|t, events| t.poor_min_events = events, events);
                        }
                    }
                />
                <span class="policy-unit">{events}</span>
            </div>
        </fieldset>
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one private row of the form; a struct would only name them twice"
)]
fn number(
    label: &'static str,
    unit: &'static str,
    least: u64,
    most: u64,
    policy: Draft<Policy>,
    beside: Signal<Policy>,
    read: fn(&Policy) -> u64,
    write: fn(&mut Policy, u64),
) -> AnyView {
    let id = format!("policy-{}", label.to_lowercase().replace(' ', "-"));
    let shown = move || policy.shown().with(read).to_string();
    let was = move || {
        let (own, other) = (policy.shown().with(read), beside.with(read));
        if own == other {
            String::new()
        } else {
            format!("was {}", text::count(other))
        }
    };
    let change = move |event: web_sys::Event| {
        if let Ok(value) = event_target_value(&event).trim().parse::<u64>() {
            policy.update(|policy| write(policy, value));
        }
    };
    view! {
        <div class="policy-number">
            <label for=id.clone()>
                {label}
            </label>
            <input id=id type="number" min=least.to_string() max=most.to_string() prop:value=shown on:change=change />
            <span class="policy-unit">{unit}</span>
            <span class="policy-before">{was}</span>
        </div>
    }
    .into_any()
}
