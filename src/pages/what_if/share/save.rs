//! “Save report”: the latest comparison with everything needed to repeat it, or the domains it affects.

use crate::browser;
use crate::components::{Icon, Menu};
use crate::pages::what_if::state::use_what_if;
use crate::state::lab::LabAnswer;
use crate::state::{LabTraffic, QuerySlot, use_lab, use_toasts};
use leptos::prelude::*;
use poolkeeper_lab::report::{LabReport, TrafficDescription, affected_csv, html};
use poolkeeper_lab::{JobError, JobResult, LabJob};
use poolkeeper_view::what_if::report::slug;
use std::sync::Arc;

/// What is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReportFormat {
    Html,
    Json,
    Affected,
}

#[component]
pub(crate) fn SaveReport() -> impl IntoView {
    let (lab, study, toasts) = (use_lab(), use_what_if(), use_toasts());
    // A report is of the traffic it was asked for.
    let wanted = RwSignal::new(None::<(ReportFormat, Arc<LabTraffic>)>);
    let is_ready = Memo::new(move |_| lab.query(QuerySlot::Compare).answered().is_some());
    // A report waits for the comparison under way and for the traffic's digest.
    Effect::new(move |_| {
        let (Some((kind, traffic)), Some(current)) = (wanted.get(), lab.traffic()) else {
            return;
        };
        if !Arc::ptr_eq(&traffic, &current) {
            return;
        }
        let (compare, digest) = (lab.query(QuerySlot::Compare), lab.query(QuerySlot::Digest));
        let problems = [compare.problem(), digest.problem()];
        if let Some(problem) = problems
            .into_iter()
            .flatten()
            .find(|problem| *problem != JobError::Stopped)
        {
            wanted.set(None);
            return toasts.failed(format!("No report to save: {problem}"));
        }
        let (Some(compared), Some(digest)) = (compare.answered(), digest.answered()) else {
            return;
        };
        let asked_now = LabJob::Compare {
            a: study.a.get(),
            b: study.b.get(),
            options: study.options.get(),
            ips: study.ips.get(),
        };
        if compared.job != asked_now {
            return;
        }
        wanted.set(None);
        let saved = report_of(&traffic, &compared, &digest).map(|report| save(kind, report, &traffic));
        match saved.unwrap_or_else(|| Err("the comparison gives no report".to_owned())) {
            Ok(name) => toasts.done(format!("{name} saved")),
            Err(problem) => toasts.failed(format!("The report could not be saved: {problem}")),
        }
    });
    let ask = move |kind: ReportFormat| {
        let Some(traffic) = untrack(|| lab.traffic()) else {
            return toasts.note("No report yet. Choose traffic and compare two policies first.");
        };
        if untrack(|| lab.query(QuerySlot::Digest).answered()).is_none() {
            lab.ask(QuerySlot::Digest, LabJob::Digest);
        }
        wanted.set(Some((kind, traffic)));
    };
    let items = move || {
        let item = |label: &'static str, kind: ReportFormat| {
            view! {
                <button type="button" role="menuitem" disabled=move || !is_ready.get() on:click=move |_| ask(kind)>
                    {label}
                </button>
            }
        };
        view! {
            {item("As a page (HTML)", ReportFormat::Html)}
            {item("As data (JSON)", ReportFormat::Json)}
            {item("Affected domains (CSV)", ReportFormat::Affected)}
            {move || (!is_ready.get()).then(|| view! { <p class="menu-note">"No comparison yet."</p> })}
        }
        .into_any()
    };
    view! { <Menu label="Save report" icon=Icon::Save items=items /> }
}

fn report_of(traffic: &LabTraffic, compared: &LabAnswer, digest: &LabAnswer) -> Option<LabReport> {
    let (JobResult::Compare(found), JobResult::Digest(digest)) = (&compared.outcome, &digest.outcome) else {
        return None;
    };
    let about = TrafficDescription {
        origin: traffic.origin.clone(),
        digest: digest.clone(),
        coverage: found.coverage.clone(),
    };
    let report = LabReport::of(&about, &traffic.table, &compared.job, &compared.outcome)?;
    Some(LabReport {
        import: traffic.import.as_ref().map(|import| import.summary()),
        ..report
    })
}

/// Saves it; the file's name.
fn save(kind: ReportFormat, report: LabReport, traffic: &LabTraffic) -> Result<String, String> {
    let about = slug(&traffic.origin);
    let (name, media_type, text) = match kind {
        // The page says when it was made. The JSON holds no time, so that equal questions make equal files, here and on the
        // command line.
        ReportFormat::Html => {
            let dated = LabReport {
                made_at: Some(browser::now_utc().into()),
                ..report
            };
            (
                format!("poolkeeper-{about}.html"),
                "text/html;charset=utf-8",
                html(&dated),
            )
        }
        ReportFormat::Json => (format!("poolkeeper-{about}.json"), "application/json", report.to_json()),
        ReportFormat::Affected => {
            let name = format!("poolkeeper-{about}-affected.csv");
            (name, "text/csv;charset=utf-8", affected_csv(&report))
        }
    };
    browser::download_text(&name, media_type, &text).map(|()| name)
}
