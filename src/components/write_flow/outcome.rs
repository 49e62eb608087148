//! What came of a bulk that was not made whole: what worked, what was not sent or failed and why, and the rest again.

use super::sending::ProposalSender;
use crate::components::ExportMenu;
use leptos::prelude::*;
use poolkeeper_account::sending::{StepOutcome, StepResult};
use poolkeeper_core::text::{count, counted};
use poolkeeper_view::change_sheet::result_sheet;

#[component]
pub(super) fn Outcome(sender: ProposalSender, on_close: Callback<()>) -> impl IntoView {
    let over = sender.state.with_untracked(|state| state.over.clone());
    let over = over.map(|(result, _)| result).unwrap_or_default();
    let made = over.done().count() as u64;
    let sentence = format!("{} of {} done.", count(made), counted(over.total() as u64, "domain"));
    let exported = over.clone();
    let export = Callback::new(move |()| result_sheet(&exported));
    let left = (!over.left.is_empty()).then(|| {
        let why = over.stopped_by.as_ref().map_or_else(
            || "Cancelled.".to_owned(),
            |why| format!("Stopped. {}.", why.advice().happened),
        );
        format!("{why} {} not sent.", counted(over.left.len() as u64, "request"))
    });
    view! {
        <section class="sending-outcome" role="status" aria-label="Result">
            <p class="state-title">{sentence}</p>
            {left.map(|left| view! { <p>{left}</p> })}
        </section>
        {problems_view("Not sent", "refused in the dry run, not sent", over.refused())}
        {problems_view("Failures", "failed", over.failed())}
        <div class="actions actions-end">
            <ExportMenu name="change" sheet=export />
            <button type="button" on:click=move |_| sender.send_rest()>
                "Retry the rest"
            </button>
            <button type="button" class="primary" on:click=move |_| on_close.run(())>
                "Done"
            </button>
        </div>
    }
}

/// The domains something stood against, and what.
fn problems_view<'a>(
    label: &'static str,
    what: &str,
    results: impl Iterator<Item = &'a StepResult>,
) -> Option<AnyView> {
    let lines = results.filter_map(|result| {
        let mut why = result.outcome.problem()?.happened;
        if matches!(result.outcome, StepOutcome::Unknown(_)) {
            why += ". It may have been made: check the domain.";
        }
        // Refusals name their subject; other problems don't.
        let name = result.step.write.domain().map(ToString::to_string);
        let name = name.filter(|name| !why.contains(name));
        Some(view! { <li>{name.map(|name| view! { <b>{name}</b> " " })} <span>{why}</span></li> })
    });
    let lines = lines.collect::<Vec<_>>();
    let heading = format!("{} {what}", count(lines.len() as u64));
    (!lines.is_empty()).then(|| {
        view! {
            <section aria-label=label>
                <h3>{heading}</h3>
                <ul class="sending-failures" tabindex="0">{lines}</ul>
            </section>
        }
        .into_any()
    })
}
