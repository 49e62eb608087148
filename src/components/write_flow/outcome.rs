//! What came of a bulk that was not made whole: what worked, what was not sent or failed and why, and the rest again.

use super::sending::ProposalSender;
use crate::components::ExportMenu;
use leptos::prelude::*;
use poolkeeper_account::sending::{StepOutcome, StepResult};
use poolkeeper_core::text::{count, counted};
use poolkeeper_view::change_sheet::result_sheet;
use std::collections::BTreeSet;

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
        <OnBehalf sender=sender />
        <div class="actions actions-end">
            <ExportMenu name="change" sheet=export />
            {over
                .wants_replacement()
                .then(|| {
                    view! {
                        <button type="button" on:click=move |_| sender.back_to_form()>
                            "Choose a replacement"
                        </button>
                    }
                })}
            <button type="button" on:click=move |_| sender.send_rest()>
                "Retry the rest"
            </button>
            <button type="button" class="primary" on:click=move |_| on_close.run(())>
                "Done"
            </button>
        </div>
    }
}

/// Offers to send again, on behalf of the domains' accounts, what the service did not find.
#[component]
pub(super) fn OnBehalf(sender: ProposalSender) -> impl IntoView {
    let words = move || {
        let steps = sender.state.with(|state| {
            let over = state.over.as_ref().map(|(result, _)| result.on_behalf_of_others());
            over.unwrap_or_default()
        });
        let accounts: BTreeSet<_> = steps.iter().filter_map(|step| step.on_behalf_of.as_ref()).collect();
        match (steps.len() as u64, accounts.first()) {
            (_, None) => None,
            (1, Some(account)) => Some(format!("Send on behalf of {account}")),
            (many, Some(_)) => Some(format!("Send {} on behalf of their accounts", count(many))),
        }
    };
    move || {
        words().map(|words| {
            view! {
                <div role="note">
                    <p>
                        "The service did not find a domain of another account. It may want the change to be sent on behalf of that account."
                    </p>
                    <button type="button" on:click=move |_| sender.send_on_behalf()>
                        {words}
                    </button>
                </div>
            }
        })
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
