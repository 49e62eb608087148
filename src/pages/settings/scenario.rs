//! Choosing what the simulator plays.

use crate::components::{Card, Field, ProgressBar};
use crate::state::long_task::{LongTask, simulate};
use crate::state::simulator::use_simulated;
use crate::state::use_toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_core::text;
use poolkeeper_simulator::sim::{AccountBuilder, AccountOrigin, MAX_SIZE, ScenarioKind, ScenarioSpec};
use std::rc::Rc;

const SIZES: [u32; 5] = [60, 400, 2_000, 20_000, 100_000];

#[component]
pub(crate) fn ScenarioCard() -> impl IntoView {
    let simulated = use_simulated();
    let toasts = use_toasts();
    let now_playing = move || match simulated.sim().origin() {
        AccountOrigin::Scenario(spec) => {
            let domains = text::counted(u64::from(spec.size()), "domain");
            format!("now: {} · {domains} · seed {}", spec.kind().name(), spec.seed())
        }
        AccountOrigin::Table { name } => format!("now: {name}"),
    };
    let start = match simulated.sim_untracked().origin() {
        AccountOrigin::Scenario(spec) => *spec,
        AccountOrigin::Table { .. } => ScenarioSpec::default(),
    };
    let kind = RwSignal::new(start.kind());
    let size = RwSignal::new(start.size().to_string());
    let seed = RwSignal::new(start.seed().to_string());
    let is_configured = RwSignal::new(start.is_configured());
    let work = LongTask::new();
    on_cleanup(move || work.cancel());
    let spec = move || {
        let size = parsed(&size.get())?;
        let seed = seed.get().trim().parse().ok()?;
        let spec = ScenarioSpec::new(kind.get(), size, seed).ok()?;
        Some(if is_configured.get() { spec } else { spec.unconfigured() })
    };
    let begin = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(spec) = untrack(spec) else { return };
        spawn_local(async move {
            let task = work.begin();
            if !task.yield_now("Making the account", 0, None).await {
                return;
            }
            let Some(sim) = simulate(AccountBuilder::scenario(&spec), task).await else {
                return;
            };
            let before = simulated.sim_untracked();
            simulated.replace(sim);
            task.end();
            let undo = Rc::new(move || simulated.replace((*before).clone()));
            let domains = text::counted(u64::from(spec.size()), "domain");
            toasts.done_with_undo(format!("Started {} with {domains}", spec.kind().name()), undo);
        });
    };
    let working = move || work.current().is_some();
    let progress = Signal::derive(move || work.current().unwrap_or_default());
    view! {
        <Card title="Scenario" note=now_playing>
            <form on:submit=begin>
                <fieldset class="scenario-kinds">
                    <legend class="hidden">"Scenario"</legend>
                    {ScenarioKind::ALL.map(|option| kind_choice(option, kind)).collect_view()}
                </fieldset>
                {fields(size, seed)}
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || !is_configured.get()
                        on:change=move |event| is_configured.set(!event_target_checked(&event))
                    />
                    "Start without pools and with no domain enrolled"
                </label>
                <div class="actions settings-actions">
                    <button type="submit" class="primary" disabled=move || spec().is_none() || working()>
                        "Start this scenario"
                    </button>
                    <span class="muted">"Replaces the simulator's data. You can undo this."</span>
                </div>
                {move || working().then(|| view! { <ProgressBar work=progress on_cancel=move |()| work.cancel() /> })}
            </form>
        </Card>
    }
}

fn parsed(text: &str) -> Option<u32> {
    text.trim().replace(',', "").parse().ok()
}

/// The scenario's size and its seed.
fn fields(size: RwSignal<String>, seed: RwSignal<String>) -> AnyView {
    let size_problem = Memo::new(move |_| match parsed(&size.get()) {
        Some(1..=MAX_SIZE) => String::new(),
        _ => format!("Enter a whole number from 1 to {}.", text::count(u64::from(MAX_SIZE))),
    });
    let seed_problem = Memo::new(move |_| match seed.get().trim().parse::<u64>() {
        Ok(_) => String::new(),
        Err(_) => "Enter a whole number, 0 or more.".to_owned(),
    });
    view! {
        <div class="fields-row">
            <Field id="scenario-size" label="Domains" problem=size_problem hint="1 to 100,000">
                <input
                    id="scenario-size"
                    inputmode="numeric"
                    list="scenario-sizes"
                    aria-describedby="scenario-size-note"
                    prop:value=move || size.get()
                    on:input=move |event| size.set(event_target_value(&event))
                />
                <datalist id="scenario-sizes">
                    {SIZES.map(|size| view! { <option value=size.to_string()></option> }).collect_view()}
                </datalist>
            </Field>
            <Field id="scenario-seed" label="Seed" problem=seed_problem hint="The same seed gives the same account">
                <input
                    id="scenario-seed"
                    inputmode="numeric"
                    aria-describedby="scenario-seed-note"
                    prop:value=move || seed.get()
                    on:input=move |event| seed.set(event_target_value(&event))
                />
            </Field>
        </div>
    }
    .into_any()
}

fn kind_choice(option: ScenarioKind, kind: RwSignal<ScenarioKind>) -> AnyView {
    view! {
        <label class="scenario-kind">
            <input
                type="radio"
                name="scenario-kind"
                value=option.id()
                prop:checked=move || kind.get() == option
                on:change=move |_| kind.set(option)
            />
            <span>
                <b>{option.name()}</b>
                <span class="hint">{option.description()}</span>
            </span>
        </label>
    }
    .into_any()
}
