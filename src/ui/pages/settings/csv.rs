//! A person's own daily counts: dropped in, read as they stream, replayed day by day.

use super::long_work::{LongWork, SLICE_MS, Turn, simulate};
use super::scenario::span;
use crate::ingest::{Imported, Ingest, Limits, Report};
use crate::sim::Build;
use crate::ui::components::{Card, DropZone, Icon, ProgressBar};
use crate::ui::routes::Page;
use crate::ui::state::simulator::use_simulated;
use crate::ui::state::use_toasts;
use crate::ui::{browser, format};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::File;

/// The card.
#[component]
pub fn CsvCard() -> impl IntoView {
    let simulated = use_simulated();
    let toasts = use_toasts();
    let work = LongWork::new();
    on_cleanup(move || work.cancel());
    let problem = RwSignal::new(None::<(String, String)>);
    let report = RwSignal::new(None::<(String, Report)>);
    let take = UnsyncCallback::new(move |file: File| {
        problem.set(None);
        report.set(None);
        spawn_local(async move {
            let turn = work.begin();
            let name = file.name();
            let imported = match read(&file, turn).await {
                Ok(Some(imported)) => imported,
                Ok(None) => return toasts.note(format!("{name} was not taken: cancelled")),
                Err(reason) => {
                    turn.end();
                    problem.try_set(Some((name, reason)));
                    return;
                }
            };
            let Imported { table, report: read } = imported;
            let build = Build::table(Arc::new(table), &name);
            let Some(sim) = simulate(build, turn).await else {
                return toasts.note(format!("{name} was not taken: cancelled"));
            };
            let before = simulated.sim_untracked();
            simulated.replace(sim);
            turn.end();
            let domains = format::counted(read.domains, "domain");
            report.try_set(Some((name.clone(), read)));
            let undo = Rc::new(move || simulated.replace((*before).clone()));
            toasts.done_with_undo(format!("{name}: {domains} are in"), undo);
        });
    });
    let progress = Signal::derive(move || work.current().unwrap_or_default());
    view! {
        <Card title="Your own daily counts" note=|| "a CSV; it stays in this browser">
            <DropZone
                label="Drop a CSV of daily counts here"
                hint="Columns date, domain, processed, delivered, bounced, complained, and account if you have it. Comma, semicolon or tab."
                accept=".csv,.tsv,.txt,text/csv"
                on_file=take
            />
            <div aria-live="polite">
                {move || {
                    work.current().map(|_| view! { <ProgressBar work=progress on_cancel=move |()| work.cancel() /> })
                }}
                {move || problem.get().map(|(name, reason)| problem_view(&name, &reason))}
                {move || report.get().map(|(name, report)| report_view(&name, &report))}
            </div>
        </Card>
    }
    .into_any()
}

/// Streams a file through the reader; `None` when cancelled.
async fn read(file: &File, turn: Turn) -> Result<Option<Imported>, String> {
    let total = file.size();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a file's size is a whole number"
    )]
    let total = Some(total as u64);
    let reader: web_sys::ReadableStreamDefaultReader = file.stream().get_reader().unchecked_into();
    let mut ingest = Ingest::new(Limits::default());
    let mut slice_ms = browser::now_ms();
    loop {
        let chunk = wasm_bindgen_futures::JsFuture::from(reader.read())
            .await
            .map_err(browser::worded)?;
        let is_done = js_sys::Reflect::get(&chunk, &"done".into())
            .map_err(browser::worded)?
            .is_truthy();
        if is_done {
            break;
        }
        let bytes: js_sys::Uint8Array = js_sys::Reflect::get(&chunk, &"value".into())
            .map_err(browser::worded)?
            .unchecked_into();
        // Pieces small enough that none takes longer than a slice.
        for piece in bytes.to_vec().chunks(256 * 1024) {
            ingest.feed(piece).map_err(|problem| problem.to_string())?;
            if browser::now_ms() - slice_ms > SLICE_MS {
                if !turn.breathe("Reading bytes", ingest.progress().bytes, total).await {
                    // The file's own stream ends with its reader.
                    let _ = reader.cancel();
                    return Ok(None);
                }
                slice_ms = browser::now_ms();
            }
        }
    }
    let mut building = ingest.close().map_err(|problem| problem.to_string())?;
    loop {
        let is_built = building.step(200_000);
        if !turn.breathe("Sorting rows by domain and day", 0, None).await {
            return Ok(None);
        }
        if is_built {
            return Ok(Some(building.imported()));
        }
    }
}

fn problem_view(name: &str, reason: &str) -> AnyView {
    view! {
        <div class="state failed" role="alert">
            {Icon::Warn.view()}
            <div>
                <p class="state-title">{format!("{name} can't be read")}</p>
                <p>{reason.to_owned()}</p>
                <p class="muted">"The simulator is as it was."</p>
            </div>
        </div>
    }
    .into_any()
}

fn report_view(name: &str, report: &Report) -> AnyView {
    let numbers = [
        ("Rows in", format::count(report.rows)),
        ("Domains", format::count(report.domains)),
        ("Days", span(report.first_day, report.last_day)),
        ("Domain-days without a row", format::count(report.gaps)),
        ("Rows that added to another", format::count(report.added_up)),
        ("Rows rejected", format::count(report.rejected.count)),
        ("Warnings", format::count(report.warnings.count)),
    ];
    let numbers = numbers
        .map(|(label, value)| view! { <dt>{label}</dt> <dd>{value}</dd> })
        .collect_view();
    let rejected = lines(
        "Rejected rows",
        report.rejected.count,
        report.rejected.shown.iter().map(ToString::to_string),
    );
    let warned = lines(
        "Warnings",
        report.warnings.count,
        report.warnings.shown.iter().map(ToString::to_string),
    );
    let ignored = (!report.ignored_columns.is_empty())
        .then(|| view! { <p class="muted">{format!("Columns not read: {}", report.ignored_columns.join(", "))}</p> });
    view! {
        <section class="import-report" aria-label="Import report">
            <h3>{format!("{name} is in")}</h3>
            <dl class="numbers">{numbers}</dl>
            {ignored}
            {rejected}
            {warned}
            <div class="actions">
                <a class="button primary" href=Page::Overview.href(&[])>
                    "See where each domain sits"
                </a>
                <a class="button" href=Page::History.href(&[])>
                    "Every move"
                </a>
            </div>
        </section>
    }
    .into_any()
}

fn lines(title: &'static str, count: u64, shown: impl Iterator<Item = String>) -> Option<AnyView> {
    if count == 0 {
        return None;
    }
    let shown: Vec<String> = shown.collect();
    let rest = count.saturating_sub(shown.len() as u64);
    let more = (rest > 0).then(|| view! { <li class="muted">{format!("and {} more", format::count(rest))}</li> });
    let items = shown.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let is_open = count <= 20;
    Some(
        view! {
            <details class="lines" open=is_open>
                <summary>{format!("{title} ({})", format::count(count))}</summary>
                <ul>{items} {more}</ul>
            </details>
        }
        .into_any(),
    )
}
