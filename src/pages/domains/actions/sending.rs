//! Many changes under way, and how it went.

use crate::browser;
use crate::components::ProgressBar;
use crate::state::toasts::Toasts;
use crate::state::{Account, WorkProgress, use_account, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::Write;
use poolkeeper_account::bulk::BulkResult;
use poolkeeper_account::change::{ChangeStep, DomainsChange};
use poolkeeper_account::fork::dry_run_copy::CopyProgress;
use poolkeeper_core::model::DomainName;
use poolkeeper_core::text::{count, counted};
use std::rc::Rc;

/// Without a pause for the browser, milliseconds.
const SLICE_MS: f64 = 8.0;

/// The domain that a write changes; `None` for writes to pools.
pub(super) const fn domain_of(write: &Write) -> Option<&DomainName> {
    match write {
        Write::Enroll { domain, .. }
        | Write::RemoveDomain { domain, .. }
        | Write::SetOverride { domain, .. }
        | Write::RemoveOverride { domain } => Some(domain),
        Write::SetPools(_)
        | Write::RemovePools
        | Write::AddIp { .. }
        | Write::ChangePool { .. }
        | Write::EnrollAll { .. } => None,
    }
}

/// What is seen of a sending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct BulkView {
    pub(super) is_on: bool,
    pub(super) is_cancelled: bool,
    /// How it went, once it is over.
    pub(super) over: Option<BulkResult>,
    reading: Option<CopyProgress>,
    through: usize,
    not_made: usize,
    total: usize,
    began_ms: f64,
}

#[component]
pub(super) fn Sending(show: RwSignal<BulkView>) -> impl IntoView {
    let work = Signal::derive(move || {
        show.with(|show| {
            let (what, done, total) = match show.reading {
                Some(found) => ("Reading the affected domains", found.domains, found.of),
                None => ("Sending", show.through, show.total),
            };
            WorkProgress {
                what: what.to_owned(),
                done: done as u64,
                total: Some(total as u64),
                elapsed_ms: browser::now_ms() - show.began_ms,
            }
        })
    });
    let problems = move || {
        let not_made = show.with(|show| show.not_made as u64);
        (not_made > 0).then(|| format!("{} failed so far", count(not_made)))
    };
    let cancel = Callback::new(move |()| show.update(|show| show.is_cancelled = true));
    view! {
        <ProgressBar work=work on_cancel=cancel />
        <p class="muted">{problems}</p>
    }
    .into_any()
}

/// What worked, what was not sent or failed and why, and the rest again.
#[component]
pub(super) fn Outcome(
    open: RwSignal<bool>,
    show: RwSignal<BulkView>,
    change: Signal<Option<DomainsChange>>,
    on_done: Callback<Vec<Write>>,
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let account = use_account();
    let toasts = use_toasts();
    let over = show.get_untracked().over.unwrap_or_default();
    let made = over.made.len() as u64;
    let sentence = format!("{} of {} done.", count(made), counted(over.total() as u64, "domain"));
    let left = (!over.left.is_empty()).then(|| {
        let why = over
            .stopped_by
            .as_ref()
            .map_or_else(|| "Cancelled.".to_owned(), |why| format!("Stopped. {why}."));
        format!("{why} {} not sent.", counted(over.left.len() as u64, "request"))
    });
    let rest = StoredValue::new(over.unfinished());
    let again = move |_| {
        let done = change.get_untracked().map(|change| change.done).unwrap_or_default();
        let sender = BulkRun {
            account,
            toasts,
            show,
            open,
            on_done,
        };
        sender.send(rest.get_value(), done);
    };
    let has_rest = rest.with_value(|rest| !rest.is_empty());
    view! {
        <section class="sending-outcome" role="status" aria-label="Result">
            <p class="state-title">{sentence}</p>
            {left.map(|left| view! { <p>{left}</p> })}
        </section>
        {problems_view("Not sent", "refused in the dry run, not sent", &over.refused)}
        {problems_view("Failures", "failed", &over.failed)}
        <div class="actions actions-end">
            {has_rest
                .then(|| {
                    view! {
                        <button type="button" on:click=again>
                            "Retry the rest"
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

/// The domains something stood against, and what.
fn problems_view(label: &'static str, what: &str, problems: &[(ChangeStep, String)]) -> Option<AnyView> {
    let heading = format!("{} {what}", count(problems.len() as u64));
    let line = |(step, why): &(ChangeStep, String)| {
        // Refusals name their subject; other problems don't.
        let name = domain_of(&step.write).map(ToString::to_string);
        let name = name.filter(|name| !why.contains(name));
        view! { <li>{name.map(|name| view! { <b>{name}</b> " " })} <span>{why.clone()}</span></li> }
    };
    (!problems.is_empty()).then(|| {
        view! {
            <section aria-label=label>
                <h3>{heading}</h3>
                <ul class="sending-failures" tabindex="0">{problems.iter().map(line).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

#[derive(Clone, Copy)]
pub(super) struct BulkRun {
    pub(super) account: Account,
    pub(super) toasts: Toasts,
    pub(super) show: RwSignal<BulkView>,
    pub(super) open: RwSignal<bool>,
    pub(super) on_done: Callback<Vec<Write>>,
}

impl BulkRun {
    /// Sends the requests in order.
    pub(super) fn send(self, steps: Vec<ChangeStep>, done: String) {
        self.show.set(BulkView {
            is_on: true,
            began_ms: browser::now_ms(),
            total: steps.len(),
            ..BulkView::default()
        });
        let mut sending = self.account.sending(steps);
        // The list is read once, at the end.
        self.account.hold();
        spawn_local(async move {
            let mut slice_ms = browser::now_ms();
            while self.is_wanted()
                && sending
                    .step(browser::now_utc(), |found| self.on_copy_progress(found))
                    .await
            {
                let now_ms = browser::now_ms();
                if now_ms - slice_ms >= SLICE_MS {
                    let course = sending.course();
                    let (through, made) = (course.through(), course.made.len());
                    self.show.try_update(|show| {
                        show.reading = None;
                        show.through = through;
                        show.not_made = through - made;
                    });
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    slice_ms = browser::now_ms();
                }
            }
            self.finish(sending.finish(), &done);
        });
    }

    /// Not cancelled, nor gone with its page: the rest is not sent then.
    fn is_wanted(self) -> bool {
        self.show.try_with_untracked(|show| !show.is_cancelled).unwrap_or(false)
    }

    fn on_copy_progress(self, found: CopyProgress) -> bool {
        self.show.try_update(|show| show.reading = Some(found));
        self.is_wanted()
    }

    fn finish(self, over: BulkResult, done: &str) {
        let writes = over.made.iter().map(|step| step.write.clone()).collect::<Vec<_>>();
        if !writes.is_empty() {
            self.account.changed();
        }
        self.account.release();
        if over.made.len() == over.total() {
            self.say_done(&over.made, done);
            if self.show.try_set(BulkView::default()).is_none() {
                self.open.try_set(false);
            }
        } else {
            let over = Some(over);
            self.show.try_set(BulkView {
                over,
                ..BulkView::default()
            });
        }
        if !writes.is_empty() && !self.show.is_disposed() {
            self.on_done.run(writes);
        }
    }

    fn say_done(self, made: &[ChangeStep], done: &str) {
        let back = |step: &ChangeStep| {
            Some(ChangeStep {
                account: step.account.clone(),
                ..ChangeStep::from(step.undo.clone()?)
            })
        };
        let undo = made.iter().map(back).collect::<Option<Vec<_>>>();
        let Some(undo) = undo.filter(|undo| !undo.is_empty()) else {
            self.toasts.done(done);
            return;
        };
        let (account, toasts) = (self.account, self.toasts);
        let take_back = Rc::new(move || {
            let mut sending = account.sending(undo.clone());
            spawn_local(async move {
                account.hold();
                while sending.step(browser::now_utc(), |_| true).await {}
                account.changed();
                account.release();
                let not_made = sending.finish().unfinished().len() as u64;
                if not_made == 0 {
                    toasts.done("Undone");
                } else {
                    toasts.failed(format!("Undo failed for {}", counted(not_made, "change")));
                }
            });
        });
        self.toasts.done_with_undo(done, take_back);
    }
}
