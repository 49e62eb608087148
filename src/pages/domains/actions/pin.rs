//! Override on and off.

use crate::components::{Segmented, WriteFlow};
use leptos::prelude::*;
use poolkeeper_account::change;
use poolkeeper_core::model::{Band, Domain};
use poolkeeper_core::text::{counted, listed};
use std::sync::Arc;

/// The domains meant, as a dialog's heading and first line name them.
pub(super) fn who(domains: StoredValue<Vec<Arc<Domain>>>) -> (String, String, bool) {
    domains.with_value(|domains| {
        let names = domains.iter().map(|domain| domain.name.to_string()).collect::<Vec<_>>();
        let short = match names.as_slice() {
            [one] => one.clone(),
            several => counted(several.len() as u64, "domain"),
        };
        (short, listed(&names, 4), names.len() > 1)
    })
}

/// Sets an override.
#[component]
pub(super) fn PinDialog(
    open: RwSignal<bool>,
    domains: StoredValue<Vec<Arc<Domain>>>,
    band: Option<Band>,
) -> impl IntoView {
    let chosen = RwSignal::new(band);
    let (short, names, has_many) = who(domains);
    let change = Memo::new(move |_| {
        let band = chosen.get()?;
        Some(domains.with_value(|domains| change::pin(domains, band)))
    });
    let options = Band::ALL
        .map(|band| (band.word().to_owned(), band.word().to_owned()))
        .to_vec();
    let value = Signal::derive(move || chosen.get().map(|band| band.word().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |word: String| {
        chosen.set(Band::ALL.into_iter().find(|band| band.word() == word));
    });
    let title = format!("Override {short}");
    let options = StoredValue::new(options);
    let names = StoredValue::new(names);
    view! {
        <WriteFlow open=open title=title wide=has_many proposal=change>
            {has_many.then(|| view! { <p class="named-domains">{names.get_value()}</p> })}
            <p class="muted">"An override pins the pool until it is cleared. Health checks do not change it."</p>
            <div class="field">
                <span aria-hidden="true">"Pin to"</span>
                <Segmented label="Pin to" options=options.get_value() value=value on_choose=choose />
            </div>
        </WriteFlow>
    }
}

/// Clears an override.
#[component]
pub(super) fn UnpinDialog(open: RwSignal<bool>, domains: StoredValue<Vec<Arc<Domain>>>) -> impl IntoView {
    let (short, names, has_many) = who(domains);
    let change = Signal::derive(move || Some(domains.with_value(|domains| change::unpin(domains))));
    let title = format!("Clear the override of {short}");
    let names = StoredValue::new(names);
    view! {
        <WriteFlow open=open title=title wide=has_many proposal=change>
            {has_many.then(|| view! { <p class="named-domains">{names.get_value()}</p> })}
            <p class="muted">
                "Health checks set the pool again, from the next check on."
            </p>
        </WriteFlow>
    }
}
