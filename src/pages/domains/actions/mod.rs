//! Changes of enrolled domains, one or many: pin, unpin, remove. Also for the page of a single domain.

mod pin;
mod remove;
mod replacement_fields;

use leptos::prelude::*;
use pin::{PinDialog, UnpinDialog};
use poolkeeper_core::model::{Band, Domain};
use remove::RemoveDialog;
use replacement_fields::ReplacementFields;
use std::sync::Arc;

pub(crate) use replacement_fields::{ReplacementDraft, ReturnSelect};

/// What a person asked to do with some domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DomainAction {
    /// Set an override; the pool is known when a button names it.
    Pin(Option<Band>),
    /// Clear the override.
    Unpin,
    /// Take out of the dynamic pools.
    Remove,
}

/// The question on screen. `Copy`: hand it to whatever asks, and [`ActionDialogs`] to the page.
#[derive(Clone, Copy)]
pub(crate) struct ActionRequest {
    deed: RwSignal<Option<DomainAction>>,
    domains: RwSignal<Vec<Arc<Domain>>>,
    open: RwSignal<bool>,
}

impl ActionRequest {
    /// Nothing asked yet.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            deed: RwSignal::new(None),
            domains: RwSignal::new(Vec::new()),
            open: RwSignal::new(false),
        }
    }

    /// Opens the dialog of a deed for these domains, as they are now.
    pub(crate) fn ask(&self, deed: DomainAction, domains: Vec<Arc<Domain>>) {
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
pub(crate) fn ActionDialogs(
    /// The question.
    asked: ActionRequest,
) -> impl IntoView {
    let open = asked.open;
    move || {
        let deed = asked.deed.get()?;
        let domains = StoredValue::new(asked.domains.get_untracked());
        Some(match deed {
            DomainAction::Pin(band) => view! { <PinDialog open=open domains=domains band=band /> }.into_any(),
            DomainAction::Unpin => view! { <UnpinDialog open=open domains=domains /> }.into_any(),
            DomainAction::Remove => view! { <RemoveDialog open=open domains=domains /> }.into_any(),
        })
    }
}
