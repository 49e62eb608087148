//! The job that enrolls all domains: how far it is. The simulator says; a live account is asked what is left to enroll.

use crate::browser;
use crate::components::ProgressBar;
use crate::state::simulator::{SimulatedAccount, use_simulated};
use crate::state::toasts::Toasts;
use crate::state::{Account, WorkProgress, use_account, use_toasts};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::AssignableQuery;
use poolkeeper_core::text::counted;
use poolkeeper_simulator::sim;

/// Between two questions to a live account, milliseconds.
const ASK_EVERY_MS: u32 = 5_000;
/// Answers in a row without progress after which the job counts as over.
const MOST_IDLE: u32 = 6;

/// How far the job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct JobStatus {
    done: u64,
    total: u64,
    is_running: bool,
}

/// A handle on the job. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct EnrollAllProgress {
    account: Account,
    simulated: SimulatedAccount,
    toasts: Toasts,
    /// What a live account's answers came to.
    watched: RwSignal<JobStatus>,
    began_ms: RwSignal<f64>,
}

impl EnrollAllProgress {
    /// The job of the account that is looked at. Says in a message when it has ended.
    #[must_use]
    pub(crate) fn new() -> Self {
        let job = Self {
            account: use_account(),
            simulated: use_simulated(),
            toasts: use_toasts(),
            watched: RwSignal::new(JobStatus::default()),
            began_ms: RwSignal::new(browser::now_ms()),
        };
        let status = Memo::new(move |_| job.status());
        Effect::new(move |before: Option<JobStatus>| {
            let now = status.get();
            let was_running = before.is_some_and(|before| before.is_running);
            if now.is_running && !was_running {
                job.began_ms.set(browser::now_ms());
            }
            if was_running && !now.is_running && now.total > 0 {
                job.toasts
                    .done(format!("Enrollment finished: {}", counted(now.done, "domain")));
            }
            now
        });
        job
    }

    /// Whether it is at work. Reactive.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        self.status().is_running
    }

    fn status(&self) -> JobStatus {
        if !self.account.source().is_simulator() {
            return self.watched.get();
        }
        let sim = self.simulated.sim();
        sim.job()
            .map_or_else(JobStatus::default, |job: &sim::EnrollAllJob| JobStatus {
                done: u64::from(job.done),
                total: u64::from(job.total()),
                is_running: job.is_running(),
            })
    }

    /// Follows a job that was just started. The simulator's shows by itself.
    pub(crate) fn follow(self) {
        if untrack(|| self.account.source().is_simulator()) {
            return;
        }
        self.watched.set(JobStatus {
            is_running: true,
            ..JobStatus::default()
        });
        spawn_local(async move {
            let (mut most, mut last, mut idle) = (None, None, 0);
            while self.watched.try_with_untracked(|status| status.is_running) == Some(true) && idle < MOST_IDLE {
                let answer = self.account.client().assignable(&AssignableQuery::default()).await;
                // A question that failed is a question without news.
                let left = answer.map_or(last, |left| Some(left.len() as u64));
                idle = if left == last { idle + 1 } else { 0 };
                last = left;
                if let Some(left) = left {
                    let total = *most.get_or_insert(left);
                    self.watched.try_set(JobStatus {
                        done: total.saturating_sub(left),
                        total,
                        is_running: left > 0,
                    });
                }
                TimeoutFuture::new(ASK_EVERY_MS).await;
            }
            self.stop_watching();
        });
    }

    fn stop_watching(self) {
        self.watched.try_update(|status| status.is_running = false);
        self.account.changed();
    }
}

/// The job's progress, while it runs.
#[component]
pub(crate) fn JobProgress(job: EnrollAllProgress) -> impl IntoView {
    let is_running = Memo::new(move |_| job.is_running());
    let work = Signal::derive(move || {
        let status = job.status();
        WorkProgress {
            what: "Enrolling all domains".to_owned(),
            done: status.done,
            total: (status.total > 0).then_some(status.total),
            elapsed_ms: browser::now_ms() - job.began_ms.get(),
        }
    });
    let is_simulator = move || job.account.source().is_simulator();
    let note = move || {
        if is_simulator() {
            "The simulated clock runs until the job is finished."
        } else {
            "Mailgun runs this job. This page only shows its progress."
        }
    };
    let stop = Callback::new(move |()| job.stop_watching());
    view! {
        <Show when=move || is_running.get()>
            <section class="enroll-job" aria-label="Job">
                {move || {
                    if is_simulator() {
                        view! { <ProgressBar work=work /> }.into_any()
                    } else {
                        view! { <ProgressBar work=work on_cancel=stop /> }.into_any()
                    }
                }} <p class="hint">{note}</p>
            </section>
        </Show>
    }
}
