//! Taking domains out of the pools, with what they send from afterwards.

use super::ReplacementDraft;
use super::ReplacementFields;
use super::pin::who;
use crate::components::WriteFlow;
use leptos::prelude::*;
use poolkeeper_core::model::Domain;
use std::sync::Arc;

/// Removes domains.
#[component]
pub(super) fn RemoveDialog(open: RwSignal<bool>, domains: StoredValue<Vec<Arc<Domain>>>) -> impl IntoView {
    let draft = ReplacementDraft::new(domains, open);
    let (short, names, has_many) = who(domains);
    let change = Memo::new(move |_| domains.with_value(|domains| draft.removal(domains)));
    let title = format!("Remove {short} from the dynamic pools");
    let names = StoredValue::new(names);
    view! {
        <WriteFlow open=open title=title wide=has_many proposal=change>
            {has_many.then(|| view! { <p class="named-domains">{names.get_value()}</p> })}
            <ReplacementFields draft=draft />
        </WriteFlow>
    }
}
