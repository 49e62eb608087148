//! The domains whose pool is not the one that their present rates call for. It comes after the first view.

use crate::components::{Card, domain_name};
use crate::state::{use_account, use_simulated};
use leptos::prelude::*;
use poolkeeper_core::model::DomainName;
use poolkeeper_core::text;
use poolkeeper_view::held::{HeldDomains, HeldGroup, KeptBy};
use poolkeeper_view::routes::domain_href;

/// The card; nothing where every pool is explained.
#[component]
pub(crate) fn HeldPools() -> impl IntoView {
    let (account, simulated) = (use_account(), use_simulated());
    let held = Memo::new(move |_| {
        let is_simulator = account.source().is_simulator();
        is_simulator.then(|| HeldDomains::of(&simulated.sim()))
    });
    move || {
        held.with(|held| {
            let groups: Vec<AnyView> = held
                .iter()
                .flat_map(HeldDomains::groups)
                .map(|(sentence, group)| held_view(sentence, group))
                .collect();
            (!groups.is_empty())
                .then(|| view! { <Card title="Pools that today’s rates do not explain" class="overview-held">{groups}</Card> })
        })
    }
}

fn held_view(sentence: String, group: &HeldGroup) -> AnyView {
    let row = |(name, kept_by): &(DomainName, KeptBy)| {
        view! {
            <li>
                <a class="near-name" href=domain_href(name.as_str())>
                    {domain_name(name.as_str())}
                </a>
                <span class="muted">{kept_by.words()}</span>
            </li>
        }
    };
    let rows = group.domains.iter().map(row).collect_view();
    let rest = group.count().saturating_sub(group.domains.len() as u64);
    let more = (rest > 0).then(|| view! { <li class="muted">{format!("and {} more", text::count(rest))}</li> });
    view! {
        <details>
            <summary>{sentence}</summary>
            <ul class="near-list">{rows} {more}</ul>
        </details>
    }
    .into_any()
}
