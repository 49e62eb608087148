//! Taking domains out of the pools, with what they send from afterwards.

use super::ReplacementFields;
use super::pin::who;
use crate::components::WriteFlow;
use leptos::prelude::*;
use mailgun_pools::api::Write;
use poolkeeper_account::change;
use poolkeeper_core::model::Domain;
use std::sync::Arc;

/// Removes domains.
#[component]
pub(super) fn RemoveDialog(
    open: RwSignal<bool>,
    domains: StoredValue<Vec<Arc<Domain>>>,
    on_done: Callback<Vec<Write>>,
) -> impl IntoView {
    let replacement = RwSignal::new(None);
    let (short, names, has_many) = who(domains);
    let change = Memo::new(move |_| {
        let replacement = replacement.get()?;
        Some(domains.with_value(|domains| change::remove(domains, &replacement)))
    });
    let title = format!("Remove {short} from the dynamic pools");
    let names = StoredValue::new(names);
    view! {
        <WriteFlow open=open title=title wide=has_many proposal=change on_done=on_done>
            {has_many.then(|| view! { <p class="meant">{names.get_value()}</p> })}
            <ReplacementFields replacement=replacement />
        </WriteFlow>
    }
    .into_any()
}
