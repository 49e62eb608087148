//! What can be done with one domain: the dialogs of the lists, for this domain alone.

use super::domain_details::DomainDetails;
use crate::components::{Dialog, Icon};
use crate::pages::domains::actions::{ActionDialogs, ActionRequest, DomainAction};
use crate::pages::domains::{EnrollDialog, Previews, Verdict};
use crate::state::use_account;
use leptos::prelude::*;
use poolkeeper_core::model::{AccountId, Domain, DomainId};
use std::sync::Arc;

/// Buttons and their dialogs.
#[component]
pub(crate) fn Actions(
    /// The domain.
    details: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let asked = ActionRequest::new();
    let previews = Previews::new(use_account());
    let previewing = RwSignal::new(false);
    let enrolling = RwSignal::new(false);
    let names = RwSignal::new(Vec::new());
    let standing = Memo::new(move |_| details.with(|details| details.as_ref()?.standing));
    let name = Memo::new(move |_| details.with(|details| details.as_ref().map(|details| details.name.clone())));
    let ask = move |deed: DomainAction| {
        let domain = details.with_untracked(|details| details.as_ref().and_then(enrolled));
        asked.ask(deed, domain.into_iter().map(Arc::new).collect());
    };
    let enroll = move |_| {
        names.set(name.get_untracked().into_iter().collect());
        enrolling.set(true);
    };
    let buttons = move || match standing.get() {
        None => view! {
            <button type="button" class="primary" on:click=enroll>
                {Icon::Plus.view()}
                "Enroll"
            </button>
        }
        .into_any(),
        Some(standing) => view! {
            <button type="button" on:click=move |_| ask(DomainAction::Pin(None))>
                {Icon::Pin.view()}
                {if standing.is_overridden { "Change override" } else { "Override" }}
            </button>
            {standing
                .is_overridden
                .then(|| {
                    view! {
                        <button type="button" on:click=move |_| ask(DomainAction::Unpin)>
                            "Clear override"
                        </button>
                    }
                })}
            <button type="button" on:click=move |_| ask(DomainAction::Remove)>
                {Icon::Remove.view()}
                "Remove"
            </button>
        }
        .into_any(),
    };
    let title = Signal::derive(move || {
        name.get()
            .map_or_else(|| "Preview".to_owned(), |name| format!("Preview of {name}"))
    });
    view! {
        <button type="button" on:click=move |_| previewing.set(true)>
            "Preview"
        </button>
        {buttons}
        <Dialog open=previewing on_close=move |()| previewing.set(false) title=title>
            {move || name.get().map(|name| view! { <Verdict name=name previews=previews /> })}
            <p class="muted">"Runs a health check now. Changes nothing."</p>
        </Dialog>
        <EnrollDialog open=enrolling names=names previews=previews on_done=|_| () />
        <ActionDialogs asked=asked />
    }
}

/// The domain as the lists' dialogs take it, with what they look at; `None` when it is not enrolled.
fn enrolled(details: &DomainDetails) -> Option<Domain> {
    let standing = details.standing?;
    let counts = details.explanation.counts;
    Some(Domain {
        id: DomainId::default(),
        account_id: AccountId::default(),
        account_name: Some(details.account.clone()),
        name: details.name.clone(),
        registered_at: None,
        pool: standing.band.into(),
        is_overridden: Some(standing.is_overridden),
        bounce_rate: None,
        complaint_rate: None,
        processed_count: Some(counts.processed),
    })
}
