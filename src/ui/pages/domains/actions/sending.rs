//! Sending many changes, request after request, and how it went.

use super::bulk::domain_of;
use crate::api::{ApiError, ApiErrorKind, Write};
use crate::ui::browser;
use crate::ui::components::{ProgressBar, Work};
use crate::ui::format::{count, counted};
use crate::ui::plain::change::{Change, Step};
use crate::ui::state::toasts::Toasts;
use crate::ui::state::{Account, use_account, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// Without a pause for the browser, milliseconds.
const SLICE_MS: f64 = 8.0;

/// How the sending went, or goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Course {
    pub(super) is_on: bool,
    pub(super) is_cancelled: bool,
    tried: usize,
    made: Vec<Step>,
    failed: Vec<(Step, String)>,
    left: Vec<Step>,
    stopped_by: Option<String>,
    began_ms: f64,
    total: usize,
}

impl Course {
    pub(super) fn is_over(&self) -> bool {
        !self.is_on && self.total > 0
    }

    fn unfinished(&self) -> Vec<Step> {
        self.failed
            .iter()
            .map(|(step, _)| step.clone())
            .chain(self.left.clone())
            .collect()
    }
}

#[component]
pub(super) fn Sending(course: RwSignal<Course>) -> impl IntoView {
    let work = Signal::derive(move || {
        course.with(|course| Work {
            what: "Sending".to_owned(),
            done: course.tried as u64,
            total: Some(course.total as u64),
            elapsed_ms: browser::now_ms() - course.began_ms,
        })
    });
    let failures = move || {
        let failed = course.with(|course| course.failed.len() as u64);
        (failed > 0).then(|| format!("{} failed so far", count(failed)))
    };
    let cancel = Callback::new(move |()| course.update(|course| course.is_cancelled = true));
    view! {
        <ProgressBar work=work on_cancel=cancel />
        <p class="muted">{failures}</p>
    }
    .into_any()
}

/// What worked, what failed and why, and the rest again.
#[component]
pub(super) fn Outcome(
    open: RwSignal<bool>,
    course: RwSignal<Course>,
    change: Signal<Option<Change>>,
    on_done: Callback<Vec<Write>>,
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let account = use_account();
    let toasts = use_toasts();
    let over = course.get_untracked();
    let made = over.made.len() as u64;
    let sentence = format!("{} of {} done.", count(made), counted(over.total as u64, "domain"));
    let left = (!over.left.is_empty()).then(|| {
        let why = match &over.stopped_by {
            Some(why) => format!("Stopped, because the rest would fare no better: {why}"),
            None => "Cancelled.".to_owned(),
        };
        format!("{why} {} not sent.", counted(over.left.len() as u64, "request"))
    });
    let failures = over
        .failed
        .iter()
        .map(|(step, why)| {
            let name = domain_of(&step.write).map(ToString::to_string).unwrap_or_default();
            view! { <li><b>{name}</b> <span>{why.clone()}</span></li> }
        })
        .collect_view();
    let failure_count = over.failed.len() as u64;
    let again = move |_| {
        let steps = course.with_untracked(Course::unfinished);
        let done = change.get_untracked().map(|change| change.done).unwrap_or_default();
        let sender = Sender {
            account,
            toasts,
            course,
            open,
            on_done,
        };
        sender.send(steps, done);
    };
    let has_rest = !over.unfinished().is_empty();
    view! {
        <section class="outcome" role="status" aria-label="Result">
            <p class="state-title">{sentence}</p>
            {left.map(|left| view! { <p>{left}</p> })}
        </section>
        {(failure_count > 0)
            .then(|| {
                view! {
                    <section aria-label="Failures">
                        <h3>{format!("{} failed", count(failure_count))}</h3>
                        <ul class="failures" tabindex="0">{failures}</ul>
                    </section>
                }
            })}
        <div class="actions end">
            {has_rest
                .then(|| {
                    view! {
                        <button type="button" on:click=again>
                            "Try the rest again"
                        </button>
                    }
                })}
            <button type="button" class="primary" on:click=move |_| on_close.run(())>
                "Done"
            </button>
        </div>
    }
    .into_any()
}

#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) account: Account,
    pub(super) toasts: Toasts,
    pub(super) course: RwSignal<Course>,
    pub(super) open: RwSignal<bool>,
    pub(super) on_done: Callback<Vec<Write>>,
}

impl Sender {
    /// Sends the requests in order. What one domain is refused for is its own; what stands against all of them stops it.
    pub(super) fn send(self, steps: Vec<Step>, done: String) {
        self.course.set(Course {
            is_on: true,
            began_ms: browser::now_ms(),
            total: steps.len(),
            ..Course::default()
        });
        // The list is read once, at the end.
        self.account.hold();
        spawn_local(async move {
            let client = self.account.client();
            let mut slice_ms = browser::now_ms();
            let mut waiting = steps.into_iter();
            let mut over = Course::default();
            while let Some(step) = waiting.next() {
                // Gone with its page: the rest is not sent.
                if self
                    .course
                    .try_with_untracked(|course| course.is_cancelled)
                    .unwrap_or(true)
                {
                    over.left.push(step);
                    break;
                }
                match client.write(&step.write).await {
                    Ok(_) => over.made.push(step),
                    Err(error) => {
                        let words = error.advice().happened;
                        let is_common = stands_against_all(&error);
                        over.failed.push((step, words.clone()));
                        if is_common {
                            over.stopped_by = Some(words);
                            break;
                        }
                    }
                }
                let now_ms = browser::now_ms();
                if now_ms - slice_ms >= SLICE_MS {
                    let (tried, failed) = (over.made.len() + over.failed.len(), over.failed.clone());
                    self.course.try_update(|course| {
                        course.tried = tried;
                        course.failed = failed;
                    });
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    slice_ms = browser::now_ms();
                }
            }
            over.left.extend(waiting);
            self.finish(over, &done);
        });
    }

    fn finish(self, over: Course, done: &str) {
        let total = over.made.len() + over.failed.len() + over.left.len();
        let writes = over.made.iter().map(|step| step.write.clone()).collect::<Vec<_>>();
        if !writes.is_empty() {
            self.account.changed();
        }
        self.account.release();
        if over.made.len() == total {
            self.say_done(&over.made, done);
            if self.course.try_set(Course::default()).is_none() {
                self.open.try_set(false);
            }
        } else {
            self.course.try_set(Course { total, ..over });
        }
        if !writes.is_empty() && !self.course.is_disposed() {
            self.on_done.run(writes);
        }
    }

    fn say_done(self, made: &[Step], done: &str) {
        let undo = made.iter().map(|step| step.undo.clone()).collect::<Option<Vec<_>>>();
        let Some(undo) = undo.filter(|undo| !undo.is_empty()) else {
            self.toasts.done(done);
            return;
        };
        let (account, toasts, undo) = (self.account, self.toasts, Rc::new(undo));
        let take_back = Rc::new(move || {
            let undo = Rc::clone(&undo);
            spawn_local(async move {
                let client = account.client();
                let mut failed = 0_u64;
                account.hold();
                for write in undo.iter() {
                    failed += u64::from(client.write(write).await.is_err());
                }
                account.changed();
                account.release();
                if failed == 0 {
                    toasts.done("Taken back");
                } else {
                    toasts.failed(format!("{} could not be taken back", counted(failed, "change")));
                }
            });
        });
        self.toasts.done_with_undo(done, take_back);
    }
}

/// Whether an error is not the one domain's: without a connection, key or role, the others fare no better.
const fn stands_against_all(error: &ApiError) -> bool {
    !matches!(
        error.kind,
        ApiErrorKind::BadRequest { .. } | ApiErrorKind::NotFound | ApiErrorKind::Conflict | ApiErrorKind::TimedOut(_)
    )
}
