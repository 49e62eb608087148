//! The traffic at hand: where it comes from, and what it covers and lacks.

mod coverage;
mod load;

use super::state::{WhatIfState, use_what_if};
use crate::components::import_report::{NotRead, import_lines, import_numbers};
use crate::components::{Card, DropZone, Failed, Field, ProgressBar, Segmented};
use crate::state::{Account, use_account, use_lab, use_loaded_traffic};
use coverage::Covers;
use leptos::prelude::*;
use load::{TrafficLoader, TrafficProblem};
use poolkeeper_account::fork::MOST_DAYS;
use poolkeeper_core::text;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec};
use poolkeeper_view::routes::PageRoute;
use poolkeeper_view::url_state::StudyTraffic;

/// Days of a live account that are read if no others are asked for.
const USUAL_DAYS: u32 = 30;

/// Domains a sample may have.
const SIZES: [u32; 5] = [60, 400, 2_000, 10_000, 100_000];

/// The four kinds of [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TrafficKind {
    Simulator,
    Sample,
    Live,
    File,
}

impl TrafficKind {
    const ALL: [Self; 4] = [Self::Simulator, Self::Sample, Self::Live, Self::File];

    const fn of(source: &StudyTraffic) -> Self {
        match source {
            StudyTraffic::Simulator => Self::Simulator,
            StudyTraffic::Scenario(_) => Self::Sample,
            StudyTraffic::Live(_) => Self::Live,
            StudyTraffic::File => Self::File,
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Sample => "sample",
            Self::Live => "live",
            Self::File => "file",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Simulator => "Simulator",
            Self::Sample => "Sample",
            Self::Live => "Live account",
            Self::File => "CSV file",
        }
    }
}

#[component]
pub(crate) fn Traffic() -> impl IntoView {
    let study = use_what_if();
    let loader = TrafficLoader::new(study);
    // Of a live account's page, the simulator's traffic is shown only if it is asked for.
    let is_invented_wanted = RwSignal::new(false);
    follow(study, loader, is_invented_wanted);
    let account = use_account();
    // What a person looks at; the source itself changes once there is traffic of it.
    let chosen = RwSignal::new(None::<(TrafficKind, StudyTraffic)>);
    let kind = Memo::new(move |_| {
        let source = study.source.get();
        match chosen.get() {
            Some((kind, over)) if over == source => kind,
            _ if opens_on_live(study, account, is_invented_wanted) => TrafficKind::Live,
            _ => TrafficKind::of(&source),
        }
    });
    let value = Signal::derive(move || kind.get().id().to_owned());
    let choose = move |id: String| {
        let Some(kind) = TrafficKind::ALL.into_iter().find(|kind| kind.id() == id) else {
            return;
        };
        match kind {
            TrafficKind::Simulator => {
                is_invented_wanted.set(true);
                study.edit(|settings| settings.source = StudyTraffic::Simulator);
            }
            TrafficKind::Sample if !matches!(study.source.get_untracked(), StudyTraffic::Scenario(_)) => {
                study.edit(|settings| settings.source = StudyTraffic::Scenario(ScenarioSpec::default()));
            }
            _ => {}
        }
        chosen.set(Some((kind, study.source.get_untracked())));
    };
    let options = TrafficKind::ALL
        .map(|kind| (kind.id().to_owned(), kind.words().to_owned()))
        .to_vec();
    let panel = move || match kind.get() {
        TrafficKind::Simulator => simulator_words(),
        TrafficKind::Sample => view! { <Sample study=study /> }.into_any(),
        TrafficKind::Live => view! { <Live study=study loader=loader /> }.into_any(),
        TrafficKind::File => view! { <FromFile study=study /> }.into_any(),
    };
    let progress = Signal::derive(move || loader.current().unwrap_or_default());
    let is_working = Memo::new(move |_| loader.current().is_some());
    let take = UnsyncCallback::new(move |file| {
        chosen.set(None);
        loader.take_file(file);
    });
    view! {
        <Card title="Traffic" class="study-traffic">
            <div class="traffic-two">
                <div class="traffic-from">
                    <Segmented label="Source" options=options value=value on_choose=choose />
                    <div class="traffic-panel">{panel}</div>
                    <DropZone
                        label="Drop a CSV of daily counts here"
                        hint="Columns: date, domain, processed, delivered, bounced, complained. The file stays in this browser."
                        accept=".csv,.tsv,.txt,.json,.jsonl,.gz,text/csv,text/plain"
                        is_row=true
                        on_file=take
                    />
                    {move || {
                        is_working
                            .get()
                            .then(|| view! { <ProgressBar work=progress on_cancel=move |()| loader.cancel() /> })
                    }}
                    {move || loader.problem().map(|problem| problem_view(problem, loader))}
                    <ImportReport />
                </div>
                <Covers is_working=is_working />
            </div>
        </Card>
    }
}

/// Whether the page shows a live account's traffic, as no other was chosen. Reactive.
fn opens_on_live(study: WhatIfState, account: Account, is_invented_wanted: RwSignal<bool>) -> bool {
    let is_default = study.source.with(|source| *source == StudyTraffic::Simulator);
    is_default && !is_invented_wanted.get() && !account.source().is_simulator()
}

/// Takes the simulator's past and samples by themselves, and a live account's latest days where one is connected and no other
/// traffic was chosen. A file, and other days of a live account, are asked for by a person.
fn follow(study: WhatIfState, loader: TrafficLoader, is_invented_wanted: RwSignal<bool>) {
    let (account, held) = (use_account(), use_loaded_traffic());
    let opens_on_live =
        Memo::new(move |_| opens_on_live(study, account, is_invented_wanted).then(|| account.connection()));
    Effect::new(move |_| {
        let Some(connection) = opens_on_live.get() else { return };
        let there = held.get().filter(|held| held.revision == connection);
        match there.map(|held| held.source) {
            Some(source @ StudyTraffic::Live(_)) => study.edit(|settings| settings.source = source),
            _ if untrack(|| loader.is_reading_live()) => {}
            _ => loader.take_live(USUAL_DAYS),
        }
    });
    let wanted = Memo::new(move |_| match study.source.get() {
        StudyTraffic::Simulator if opens_on_live.get().is_some() => None,
        StudyTraffic::Simulator => Some((StudyTraffic::Simulator, account.revision())),
        source @ StudyTraffic::Scenario(_) => Some((source, 0)),
        StudyTraffic::File | StudyTraffic::Live(_) => None,
    });
    Effect::new(move |_| {
        let Some((source, revision)) = wanted.get() else { return };
        let is_there = untrack(|| held.get()).is_some_and(|held| held.source == source && held.revision == revision);
        if is_there {
            return;
        }
        match source {
            StudyTraffic::Scenario(spec) => loader.take_scenario(spec),
            _ => loader.take_simulator(revision),
        }
    });
}

fn simulator_words() -> AnyView {
    view! {
        <p class="hint">
            "The simulator's history in this browser, with enrollments and overrides. "
            <a href=PageRoute::Settings.href(&[])>"Change the scenario"</a> " in Settings."
        </p>
    }
    .into_any()
}

#[component]
fn Sample(study: WhatIfState) -> impl IntoView {
    let spec = Memo::new(move |_| match study.source.get() {
        StudyTraffic::Scenario(spec) => spec,
        _ => ScenarioSpec::default(),
    });
    let set = move |kind: ScenarioKind, size: u32| {
        let now = spec.get_untracked();
        let made = ScenarioSpec::new(kind, size, now.seed()).and_then(|made| made.with_past_days(now.past_days()));
        if let Ok(made) = made {
            study.edit(|settings| settings.source = StudyTraffic::Scenario(made));
        }
    };
    let kinds = ScenarioKind::ALL
        .map(|kind| {
            let is_chosen = move || spec.get().kind() == kind;
            view! {
                <option value=kind.id() prop:selected=is_chosen>
                    {kind.name()}
                </option>
            }
        })
        .collect_view();
    let sizes = move || {
        let own = spec.get().size();
        let mut sizes = SIZES.to_vec();
        if !sizes.contains(&own) {
            sizes.push(own);
            sizes.sort_unstable();
        }
        let option = |size: u32| view! { <option value=size.to_string() selected=size == own>{text::count(size.into())}</option> };
        sizes.into_iter().map(option).collect_view()
    };
    let choose_kind = move |event| {
        if let Some(kind) = ScenarioKind::by_id(&event_target_value(&event)) {
            set(kind, spec.get_untracked().size());
        }
    };
    let choose_size = move |event| {
        if let Ok(size) = event_target_value(&event).parse() {
            set(spec.get_untracked().kind(), size);
        }
    };
    view! {
        <div class="fields-row">
            <Field id="sample-kind" label="Scenario">
                <select id="sample-kind" on:change=choose_kind>
                    {kinds}
                </select>
            </Field>
            <Field id="sample-size" label="Domains">
                <select id="sample-size" on:change=choose_size>
                    {sizes}
                </select>
            </Field>
        </div>
        <p class="hint">
            {move || {
                let spec = spec.get();
                format!("{} {} days, seed {}.", spec.kind().description(), spec.past_days(), spec.seed())
            }}
        </p>
    }
}

#[component]
fn Live(study: WhatIfState, loader: TrafficLoader) -> impl IntoView {
    let account = use_account();
    let place = Memo::new(move |_| {
        let source = account.source();
        (!source.is_simulator()).then(|| source.label())
    });
    let asked = match study.source.get_untracked() {
        StudyTraffic::Live(days) => days,
        _ => USUAL_DAYS,
    };
    let days = RwSignal::new(asked.to_string());
    let parsed = move || {
        days.get()
            .trim()
            .parse()
            .ok()
            .filter(|days| (1..=MOST_DAYS).contains(days))
    };
    let problem = Signal::derive(move || match parsed() {
        Some(_) => String::new(),
        None => format!("Enter a whole number from 1 to {MOST_DAYS}."),
    });
    let read = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Some(days) = untrack(parsed) {
            loader.take_live(days);
        }
    };
    move || {
        let Some(place) = place.get() else {
            return view! {
                <p class="hint">
                    "No live account is connected. " <a href=PageRoute::Settings.href(&[])>"Connect one in Settings"</a>
                    ". Reading metrics changes nothing in the account."
                </p>
            }
            .into_any();
        };
        view! {
            <form class="traffic-live" on:submit=read>
                <Field id="live-days" label="Days, up to yesterday" problem=problem>
                    <input
                        id="live-days"
                        inputmode="numeric"
                        aria-describedby="live-days-note"
                        prop:value=move || days.get()
                        on:input=move |event| days.set(event_target_value(&event))
                    />
                </Field>
                <button type="submit" disabled=move || parsed().is_none()>
                    "Read daily counts"
                </button>
            </form>
            <p class="hint">
                {place}
                ". Metrics have no enrollment dates or overrides, so every domain starts enrolled on the first day."
            </p>
        }
        .into_any()
    }
}

/// Which file, or that a link does not carry one.
#[component]
fn FromFile(study: WhatIfState) -> impl IntoView {
    let held = use_loaded_traffic();
    move || {
        let is_missing = study.source.with(|source| *source == StudyTraffic::File)
            && held.get().is_none_or(|held| held.source != StudyTraffic::File);
        let words = if is_missing {
            "This link was made with a file. Links do not contain files: drop the file here again."
        } else {
            "Every domain in a file starts as new on its first day."
        };
        view! { <p class="hint">{words}</p> }
    }
}

/// What the file's reading found, while the traffic is a file's.
#[component]
fn ImportReport() -> impl IntoView {
    let lab = use_lab();
    let report = Memo::new(move |_| lab.traffic().and_then(|traffic| traffic.import.clone()));
    move || {
        report.get().map(|report| {
            view! {
                <section class="import-report" aria-label="Import report">
                    <details class="import-lines">
                        <summary>{format!("{} of {} in", text::count(report.rows), rows(&report))}</summary>
                        {import_numbers(&report)}
                    </details>
                    {import_lines(&report)}
                </section>
            }
        })
    }
}

fn rows(report: &poolkeeper_ingest::ImportReport) -> String {
    text::counted(report.rows.saturating_add(report.rejected.count), "row")
}

fn problem_view(problem: TrafficProblem, loader: TrafficLoader) -> AnyView {
    match problem {
        TrafficProblem::File { name, reason } => {
            view! { <NotRead name=name reason=reason stays="The traffic is unchanged." /> }.into_any()
        }
        TrafficProblem::Live(error) => view! { <Failed error=error on_retry=move |()| loader.resume() /> }.into_any(),
    }
}
