//! A person's own daily counts: dropped in, read as they stream, replayed day by day.

use crate::components::import_report::{NotRead, import_lines, import_numbers};
use crate::components::{Card, DropZone, ProgressBar};
use crate::state::long_task::{LongTask, simulate};
use crate::state::simulator::use_simulated;
use crate::state::{csv_file, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_core::text;
use poolkeeper_core::traffic::Table;
use poolkeeper_ingest::{ImportReport, Imported};
use poolkeeper_simulator::sim::{AccountBuilder, Sim};
use poolkeeper_view::routes::PageRoute;
use std::rc::Rc;
use std::sync::Arc;
use web_sys::File;

#[component]
pub(crate) fn CsvCard() -> impl IntoView {
    let simulated = use_simulated();
    let toasts = use_toasts();
    let work = LongTask::new();
    on_cleanup(move || work.cancel());
    let problem = RwSignal::new(None::<(String, String)>);
    let report = RwSignal::new(None::<(String, ImportReport)>);
    let asked = RwSignal::new(None::<ReadFile>);
    let take = UnsyncCallback::new(move |file: File| {
        problem.set(None);
        report.set(None);
        asked.set(None);
        spawn_local(async move {
            let task = work.begin();
            let name = file.name();
            let imported = match csv_file::read(&file, task).await {
                Ok(Some(imported)) => imported,
                Ok(None) => return toasts.note(format!("{name} import cancelled")),
                Err(reason) => {
                    task.end();
                    problem.try_set(Some((name, reason)));
                    return;
                }
            };
            task.end();
            let Imported { table, report } = imported;
            asked.try_set(Some(ReadFile {
                name,
                table: Arc::new(table),
                report,
            }));
        });
    });
    let replace = move |file: ReadFile| {
        asked.set(None);
        spawn_local(async move {
            let task = work.begin();
            let ReadFile {
                name,
                table,
                report: read,
            } = file;
            let build = AccountBuilder::table(table, &name);
            let Some(sim) = simulate(build, task).await else {
                return toasts.note(format!("{name} import cancelled"));
            };
            let before = simulated.sim_untracked();
            simulated.replace(sim);
            task.end();
            let domains = text::counted(read.domains, "domain");
            report.try_set(Some((name.clone(), read)));
            let undo = Rc::new(move || simulated.replace((*before).clone()));
            toasts.done_with_undo(format!("{name} imported: {domains}"), undo);
        });
    };
    let progress = Signal::derive(move || work.current().unwrap_or_default());
    view! {
        <Card title="Your own daily counts" note=|| "a CSV; it stays in this browser">
            <DropZone
                label="Drop a CSV of daily counts here"
                hint="Columns date, domain, processed, delivered, bounced, complained, and account if you have it. Comma, semicolon or tab."
                accept=".csv,.tsv,.txt,.json,.jsonl,.gz,text/csv"
                on_file=take
            />
            <div aria-live="polite">
                {move || {
                    work.current().map(|_| view! { <ProgressBar work=progress on_cancel=move |()| work.cancel() /> })
                }}
                {move || {
                    problem.get().map(|(name, reason)| view! { <NotRead name=name reason=reason stays="The simulator is unchanged." /> })
                }}
                {move || asked.get().map(|file| question(file, &simulated.sim(), replace, move || asked.set(None)))}
                {move || report.get().map(|(name, report)| report_view(&name, &report))}
            </div>
        </Card>
    }
}

/// A file that was read and waits for a person's word.
#[derive(Clone)]
struct ReadFile {
    name: String,
    table: Arc<Table>,
    report: ImportReport,
}

/// What the file would replace, before it does.
fn question(
    file: ReadFile,
    sim: &Sim,
    replace: impl Fn(ReadFile) + Copy + 'static,
    keep: impl Fn() + Copy + 'static,
) -> AnyView {
    let title = format!("Replace the simulated account with {}?", file.name);
    let goes = format!(
        "The simulated account in this browser goes: {}, with all changes made to it. Save it to a file below to keep it.",
        text::counted(u64::from(sim.domain_count()), "domain")
    );
    let numbers = import_numbers(&file.report);
    let lines = import_lines(&file.report);
    let file = StoredValue::new_local(file);
    view! {
        <section class="import-report" aria-label="Import question">
            <h3>{title}</h3>
            <p>{goes}</p>
            <p>"The file has no IPs. The simulator adds placeholders, so that the pools work; no figure per IP is shown."</p>
            {numbers}
            {lines}
            <div class="actions settings-actions">
                <button type="button" class="primary" on:click=move |_| replace(file.get_value())>
                    "Replace the simulated account"
                </button>
                <button type="button" on:click=move |_| keep()>
                    "Keep it"
                </button>
            </div>
        </section>
    }
    .into_any()
}

fn report_view(name: &str, report: &ImportReport) -> AnyView {
    let title = format!("{name} imported");
    view! {
        <section class="import-report" aria-label="Import report">
            <h3>{title}</h3>
            {import_numbers(report)}
            {import_lines(report)}
            <div class="actions settings-actions">
                <a class="button primary" href=PageRoute::Overview.href(&[])>
                    "Open overview"
                </a>
                <a class="button" href=PageRoute::History.href(&[])>
                    "Open history"
                </a>
            </div>
        </section>
    }
    .into_any()
}
