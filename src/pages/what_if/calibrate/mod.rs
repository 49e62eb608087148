//! What the account shows about the service's unpublished thresholds: gathered from the account looked at, or opened from a
//! file, and worked out in the lab.

mod collect;
mod files;
mod interval;
mod result;

use super::state::use_what_if;
use crate::browser;
use crate::components::{Card, Field, ProgressBar};
use crate::state::long_task::LongTask;
use crate::state::{QuerySlot, use_account, use_background, use_domains, use_lab, use_simulated};
use collect::{ObservationSet, collect_observations};
pub(crate) use files::file_button;
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_core::health::Policy;
use poolkeeper_core::text;
use poolkeeper_lab::LabJob;
use poolkeeper_lab::calibrate::{Assumptions, Observations};
use result::Found;
use std::sync::Arc;
use web_sys::File;

/// Previews run without being asked for another number.
const USUAL_PREVIEWS: usize = 60;

/// The most previews run in a row.
const MOST_PREVIEWS: usize = 2_000;

/// The observations at hand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShownCalibration {
    /// What they are.
    pub(crate) observations: Observations,
    /// Where they came from.
    pub(crate) from: String,
    /// The policy behind them, where it is known: the simulator's.
    pub(crate) truth: Option<Policy>,
    /// What could not be read, and why.
    pub(crate) missing: Vec<String>,
    /// Whether a person stopped before all was read.
    pub(crate) is_stopped: bool,
}

#[component]
pub(crate) fn Calibrate() -> impl IntoView {
    let (lab, study) = (use_lab(), use_what_if());
    let seen = RwSignal::new(None::<Arc<ShownCalibration>>);
    let may_wait = RwSignal::new(false);
    let background = use_background();
    let work = background.calibration.work;
    on_cleanup(move || lab.stop(QuerySlot::Calibrate));
    // What was collected stays when the page is left, also if it came in meanwhile.
    Effect::new(move |_| {
        background.collected.track();
        if let Some(collected) = background.calibration.halted.get::<Arc<ShownCalibration>>() {
            seen.set(Some(collected));
        }
    });
    let assumptions = Memo::new(move |_| {
        let truth = seen.with(|seen| seen.as_ref().and_then(|seen| seen.truth.clone()));
        Assumptions::of(&truth.unwrap_or_else(|| study.a.get()), may_wait.get())
    });
    Effect::new(move |_| {
        let assumptions = assumptions.get();
        if let Some(seen) = seen.get().filter(|seen| !seen.observations.is_empty()) {
            let observations = Arc::new(seen.observations.clone());
            lab.ask(
                QuerySlot::Calibrate,
                LabJob::Calibrate {
                    observations,
                    assumptions,
                },
            );
        }
    });
    let from = move || seen.with(|seen| seen.as_ref().map(|seen| seen.from.clone()).unwrap_or_default());
    let progress = Signal::derive(move || work.current().unwrap_or_default());
    view! {
        <Card title="Estimate Mailgun's thresholds" note=from>
            <p class="lead calibrate-lead">
                "Mailgun does not publish its thresholds. Previews, bands and history records narrow each one down to an interval."
            </p>
            <Ask seen=seen work=work may_wait=may_wait />
            <div aria-live="polite">
                {move || {
                    work.current().map(|_| view! { <ProgressBar work=progress on_cancel=move |()| work.cancel() /> })
                }}
            </div>
            {move || seen.get().map(|seen| view! { <Found seen=seen assumptions=assumptions /> })}
        </Card>
    }
}

/// What to gather, and from where.
#[component]
fn Ask(seen: RwSignal<Option<Arc<ShownCalibration>>>, work: LongTask, may_wait: RwSignal<bool>) -> impl IntoView {
    let (account, simulated, domains) = (use_account(), use_simulated(), use_domains());
    let background = use_background();
    let previews = RwSignal::new(USUAL_PREVIEWS);
    let problem = RwSignal::new(None::<String>);
    let gather_all = move |_| {
        let (client, most) = (account.client(), previews.get_untracked());
        let source = account.source();
        let truth = source
            .is_simulator()
            .then(|| simulated.sim_untracked().policy().clone());
        problem.set(None);
        spawn_local(async move {
            let task = work.begin();
            let ObservationSet {
                observations,
                missing,
                is_stopped,
            } = collect_observations(&client, domains.complete(), most, task).await;
            let now = Arc::new(ShownCalibration {
                observations,
                from: source.label(),
                truth,
                missing,
                is_stopped,
            });
            background.calibration.halted.put(now);
            background.collected.update(|collected| *collected += 1);
        });
    };
    let open = move |file: File| {
        problem.set(None);
        spawn_local(async move {
            let name = file.name();
            match opened(&file).await {
                Ok(observations) => {
                    let now = ShownCalibration {
                        observations,
                        from: name,
                        truth: None,
                        missing: Vec::new(),
                        is_stopped: false,
                    };
                    seen.try_set(Some(Arc::new(now)));
                }
                Err(reason) => {
                    problem.try_set(Some(format!("{name} can't be opened: {reason}")));
                }
            }
        });
    };
    let set_previews = move |event: web_sys::Event| {
        if let Ok(most) = event_target_value(&event).trim().parse::<usize>() {
            previews.set(most.min(MOST_PREVIEWS));
        }
    };
    view! {
        <div class="lab-ask">
            <Field id="lab-previews" label="Previews to run, at most" hint="A preview changes nothing; 0 runs none.">
                <input
                    id="lab-previews"
                    type="number"
                    min="0"
                    max=MOST_PREVIEWS.to_string()
                    aria-describedby="lab-previews-note"
                    prop:value=move || previews.get().to_string()
                    on:change=set_previews
                />
            </Field>
            <label class="check">
                <input type="checkbox" prop:checked=move || may_wait.get() on:change=move |event| may_wait.set(event_target_checked(&event)) />
                "Moves may need several checks in a row"
            </label>
            <div class="actions">
                <button type="button" class="primary" disabled=move || work.current().is_some() on:click=gather_all>
                    {move || format!("Collect from {}", account.source().label())}
                </button>
                {file_button("Open observations", ".json,application/json", open)}
            </div>
        </div>
        {move || problem.get().map(|problem| view! { <p class="field-problem" role="alert">{problem}</p> })}
    }
}

/// Observations in the format that “Save observations” writes and the command line reads.
async fn opened(file: &File) -> Result<Observations, String> {
    let bytes = browser::read_bytes(file).await?;
    let seen: Observations =
        serde_json::from_slice(&bytes).map_err(|error| format!("not a file of observations: {error}"))?;
    if seen.is_empty() {
        return Err("the file has no observations".to_owned());
    }
    Ok(seen)
}

/// How many of each kind.
fn kinds(seen: &Observations) -> String {
    let [previews, domains, history] = [seen.previews.len(), seen.domains.len(), seen.history.len()].map(|n| n as u64);
    format!(
        "{}, {} and {}",
        text::counted(previews, "preview"),
        text::counted(domains, "enrolled domain"),
        text::counted(history, "history record")
    )
}
