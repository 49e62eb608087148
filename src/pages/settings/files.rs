//! The simulator as a file: save, open, reset.

use crate::browser;
use crate::components::{Card, DropZone, Icon};
use crate::state::long_task::{LongTask, simulate};
use crate::state::simulator::use_simulated;
use crate::state::use_toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_simulator::sim::{AccountBuilder, AccountOrigin, ScenarioSpec, Sim};
use std::rc::Rc;
use web_sys::File;

#[component]
pub(crate) fn FilesCard() -> impl IntoView {
    let simulated = use_simulated();
    let toasts = use_toasts();
    let work = LongTask::new();
    on_cleanup(move || work.cancel());
    let problem = RwSignal::new(None::<String>);
    let swap = move |sim: Sim, said: String| {
        let before = simulated.sim_untracked();
        simulated.replace(sim);
        toasts.done_with_undo(said, Rc::new(move || simulated.replace((*before).clone())));
    };
    let save = move |_| {
        let sim = simulated.sim_untracked();
        match browser::download_bytes(&file_name(&sim), &sim.to_bytes()) {
            Ok(()) => toasts.done("Simulator saved as a file"),
            Err(reason) => toasts.failed(format!("The file could not be saved: {reason}")),
        }
    };
    let open = UnsyncCallback::new(move |file: File| {
        problem.set(None);
        spawn_local(async move {
            let name = file.name();
            let opened = match browser::read_bytes(&file).await {
                Ok(bytes) => Sim::from_bytes(&bytes).map_err(|error| error.to_string()),
                Err(reason) => Err(reason),
            };
            match opened {
                Ok(sim) => swap(sim, format!("{name} opened")),
                Err(reason) => {
                    problem.try_set(Some(format!("{name} can't be opened: {reason}")));
                }
            }
        });
    });
    let reset = move |_| {
        spawn_local(async move {
            let task = work.begin();
            let spec = match simulated.sim_untracked().origin() {
                AccountOrigin::Scenario(spec) => *spec,
                AccountOrigin::Table { .. } => ScenarioSpec::default(),
            };
            if let Some(sim) = simulate(AccountBuilder::scenario(&spec), task).await {
                task.end();
                swap(sim, format!("{} reset to its start", spec.kind().name()));
            }
        });
    };
    view! {
        <Card title="Keep and restore" note=|| "saved in this browser after every change">
            <div class="actions settings-actions">
                <button type="button" on:click=save>
                    {Icon::Save.view()}
                    "Save as a file"
                </button>
                <button type="button" disabled=move || work.current().is_some() on:click=reset>
                    {Icon::Again.view()}
                    "Reset to the scenario's start"
                </button>
            </div>
            <DropZone
                label="Open a saved simulator"
                hint="A .poolkeeper file. It replaces the simulator's data; you can undo this."
                accept=".poolkeeper"
                on_file=open
            />
            {move || problem.get().map(|problem| view! { <p class="field-problem" role="alert">{problem}</p> })}
        </Card>
    }
}

/// `poolkeeper-bought-list-2026-07-23.poolkeeper`
fn file_name(sim: &Sim) -> String {
    let story = match sim.origin() {
        AccountOrigin::Scenario(spec) => spec.kind().id().to_owned(),
        AccountOrigin::Table { name } => {
            let plain = |c: char| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            };
            name.trim_end_matches(".csv").chars().map(plain).collect()
        }
    };
    format!("poolkeeper-{story}-{}.poolkeeper", sim.now().day())
}
