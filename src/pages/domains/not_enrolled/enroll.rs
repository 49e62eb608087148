//! Enrolling: one domain with its preview in words, several, or all in the background.

use super::previews::{PreviewState, Previews};
use crate::components::{BandChip, SkeletonLines, WriteFlow};
use crate::pages::domains::actions::ReturnSelect;
use crate::pages::domains::job::EnrollAllProgress;
use crate::pages::domains::simulated::use_published_policy;
use leptos::prelude::*;
use mailgun_pools::api::Write;
use poolkeeper_account::change;
use poolkeeper_core::model::{AccountId, DomainName};
use poolkeeper_core::text::{counted, listed};
use poolkeeper_view::verdict;

/// Enrolls the domains a person asked for; `None` closes the dialog.
#[component]
pub(crate) fn EnrollDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The domains.
    names: RwSignal<Vec<DomainName>>,
    previews: Previews,
    /// The account of a domain, where it is known.
    #[prop(into, optional)]
    account_of: Option<Callback<DomainName, Option<AccountId>>>,
    /// Called with the changes that were made.
    #[prop(into)]
    on_done: Callback<Vec<Write>>,
) -> impl IntoView {
    move || {
        let names = names.get();
        let has_many = names.len() > 1;
        let (title, first) = match names.as_slice() {
            [] => return None,
            [one] => (format!("Enroll {one}"), one.clone()),
            [first, ..] => (
                format!("Enroll {}", counted(names.len() as u64, "domain")),
                first.clone(),
            ),
        };
        let replacement = RwSignal::new(None);
        let texts = names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let meant = StoredValue::new(listed(&texts, 4));
        let first = StoredValue::new(first);
        let account_of = |name: &DomainName| untrack(|| account_of.and_then(|account_of| account_of.run(name.clone())));
        let meant_domains = names
            .iter()
            .map(|name| (name.clone(), account_of(name)))
            .collect::<Vec<_>>();
        let change = Memo::new(move |_| Some(change::enroll(&meant_domains, replacement.get().as_ref())));
        Some(view! {
            <WriteFlow open=open title=title wide=has_many proposal=change on_done=on_done>
                {if has_many {
                    view! { <p class="named-domains">{meant.get_value()}</p> }.into_any()
                } else {
                    view! { <Verdict name=first.get_value() previews=previews /> }.into_any()
                }}
                <ReturnSelect chosen=replacement />
            </WriteFlow>
        })
    }
}

/// A preview in words; asked for when it is not known.
#[component]
pub(crate) fn Verdict(
    /// The domain.
    name: DomainName,
    previews: Previews,
) -> impl IntoView {
    let policy = use_published_policy();
    if untrack(|| previews.of(&name)).is_none() {
        previews.ask(vec![name.clone()]);
    }
    let again = name.clone();
    let said = move || match previews.of(&name) {
        None | Some(PreviewState::Waiting) => view! { <SkeletonLines lines=4 /> }.into_any(),
        Some(PreviewState::Failed(problem)) => {
            let again = again.clone();
            view! {
                <div class="refusal">
                    <p>{format!("The preview failed: {problem}")}</p>
                    <button type="button" on:click=move |_| previews.ask(vec![again.clone()])>
                        "Try again"
                    </button>
                </div>
            }
            .into_any()
        }
        Some(PreviewState::Said(preview)) => {
            let lines = policy.with(|policy| verdict::lines(&preview, policy.as_ref()));
            let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! {
                <p class="preview-headline">
                    {preview.pool.clone().map(|pool| view! { <BandChip pool=pool /> })}
                    <span>{verdict::headline(&preview)}</span>
                </p>
                <ul>{lines}</ul>
            }
            .into_any()
        }
    };
    view! {
        <section class="preview-verdict" aria-label="Preview" aria-live="polite">
            {said}
        </section>
    }
}

/// Starts the job that enrolls every domain.
#[component]
pub(crate) fn EnrollAllDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The job, followed once it has started.
    job: EnrollAllProgress,
) -> impl IntoView {
    let include_subaccounts = RwSignal::new(false);
    let proposal = Memo::new(move |_| Some(change::enroll_all(include_subaccounts.get())));
    view! {
        <WriteFlow open=open title="Enroll all domains" proposal=proposal on_done=move |_| job.follow()>
            <p class="muted">
                "A background job enrolls every domain; a health check picks each domain's pool. It cannot be stopped once started."
            </p>
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || include_subaccounts.get()
                    on:change=move |event| include_subaccounts.set(event_target_checked(&event))
                />
                "Include subaccount domains"
            </label>
        </WriteFlow>
    }
}
