//! When the page asks the lab: what is looked at first.

use crate::state::{QuerySlot, use_lab};
use leptos::prelude::*;
use poolkeeper_lab::LabJob;
use std::time::Duration;

/// What is not on the screen is asked once its question has not changed for so long, so that a slider's every step is not
/// worked out for sections that nobody looks at, at the cost of the one that somebody does.
const REST: Duration = Duration::from_millis(200);

/// Asks for a seat whenever its question or the traffic changes; without a question the seat's last one is stopped.
pub(super) fn keep_asking(
    seat: QuerySlot,
    job: impl Fn() -> Option<LabJob> + Send + Sync + 'static,
    is_seen: Signal<bool>,
) {
    let lab = use_lab();
    let question = Memo::new(move |_| job());
    let is_waiting = StoredValue::new(false);
    let ask = move || {
        is_waiting.set_value(false);
        match question.get_untracked() {
            Some(job) => lab.ask(seat, job),
            None => lab.stop(seat),
        }
    };
    let mut ask_at_rest = debounce(REST, move |()| {
        if is_waiting.get_value() {
            ask();
        }
    });
    Effect::new(move |_| {
        // Other traffic makes the same question a new one.
        let has_traffic = lab.traffic().is_some();
        let has_question = question.with(Option::is_some);
        if !has_traffic {
            return;
        }
        let has_answer = untrack(|| lab.asked(seat).answered()).is_some();
        if has_question && has_answer && !is_seen.get_untracked() {
            is_waiting.set_value(true);
            ask_at_rest(());
        } else {
            ask();
        }
    });
    Effect::new(move |_| {
        if is_seen.get() && is_waiting.get_value() {
            ask();
        }
    });
    on_cleanup(move || lab.stop(seat));
}
