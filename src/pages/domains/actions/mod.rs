//! Changes of enrolled domains, one or many: pin, unpin, remove. Also for the page of a single domain.

pub mod bulk;
mod pin;
mod remove;
mod replacement_fields;
mod sending;

pub use bulk::BulkFlow;
pub use poolkeeper_account::change::{ChangeStep, DomainsChange};

use crate::components::{Proposal, WriteFlow};
use leptos::prelude::*;
use mailgun_pools::api::Write;
use pin::{PinDialog, UnpinDialog};
use poolkeeper_core::model::{Band, Domain};
use remove::RemoveDialog;
use std::sync::Arc;

pub use replacement_fields::{ReplacementDraft, ReplacementFields};

/// What a person asked to do with some domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainAction {
    /// Set an override; the pool is known when a button names it.
    Pin(Option<Band>),
    /// Clear the override.
    Unpin,
    /// Take out of the dynamic pools.
    Remove,
}

/// The question on screen. `Copy`: hand it to whatever asks, and [`ActionDialogs`] to the page.
#[derive(Clone, Copy)]
pub struct ActionRequest {
    deed: RwSignal<Option<DomainAction>>,
    domains: RwSignal<Vec<Arc<Domain>>>,
    open: RwSignal<bool>,
}

impl ActionRequest {
    /// Nothing asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            deed: RwSignal::new(None),
            domains: RwSignal::new(Vec::new()),
            open: RwSignal::new(false),
        }
    }

    /// Opens the dialog of a deed for these domains, as they are now.
    pub fn ask(&self, deed: DomainAction, domains: Vec<Arc<Domain>>) {
        self.open.set(false);
        self.domains.set(domains);
        self.deed.set(Some(deed));
        self.open.set(true);
    }
}

impl Default for ActionRequest {
    fn default() -> Self {
        Self::new()
    }
}

/// The dialogs behind [`Asked`].
#[component]
pub fn ActionDialogs(
    /// The question.
    asked: ActionRequest,
    /// Called with the changes that were made.
    #[prop(into)]
    on_done: Callback<Vec<Write>>,
) -> impl IntoView {
    let open = asked.open;
    move || {
        let deed = asked.deed.get()?;
        let domains = StoredValue::new(asked.domains.get_untracked());
        Some(match deed {
            DomainAction::Pin(band) => {
                view! { <PinDialog open=open domains=domains band=band on_done=on_done /> }.into_any()
            }
            DomainAction::Unpin => view! { <UnpinDialog open=open domains=domains on_done=on_done /> }.into_any(),
            DomainAction::Remove => view! { <RemoveDialog open=open domains=domains on_done=on_done /> }.into_any(),
        })
    }
}

/// The dialog of a change: the write flow for one domain, the one with a result list for several.
#[component]
pub fn ChangeFlow(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Whether several domains are meant.
    has_many: bool,
    /// The change as the form has it now.
    #[prop(into)]
    change: Signal<Option<DomainsChange>>,
    /// Called with the changes that were made.
    on_done: Callback<Vec<Write>>,
    /// The form.
    children: ChildrenFn,
) -> impl IntoView {
    if has_many {
        return view! {
            <BulkFlow open=open title=title change=change on_done=on_done>
                {children()}
            </BulkFlow>
        }
        .into_any();
    }
    let proposal = Signal::derive(move || {
        change.get().map(|change| Proposal {
            writes: change.steps.iter().map(|step| step.write.clone()).collect(),
            undo: change.steps.into_iter().filter_map(|step| step.undo).collect(),
            confirm: change.confirm,
            type_to_confirm: change.type_to_confirm,
            done: change.done,
        })
    });
    let done = Callback::new(move |()| {
        let change = change.get_untracked();
        on_done.run(
            change
                .into_iter()
                .flat_map(|change| change.steps)
                .map(|step| step.write)
                .collect(),
        );
    });
    view! {
        <WriteFlow open=open title=title proposal=proposal on_done=done>
            {children()}
        </WriteFlow>
    }
    .into_any()
}
