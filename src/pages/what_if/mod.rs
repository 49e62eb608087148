//! What-if: other thresholds on the traffic at hand.

mod calibrate;
mod domain;
mod policies;
mod query;
mod result;
mod share;
mod state;
mod threshold_map;
mod traffic;

use crate::browser::use_on_screen;
use crate::components::PageHead;
use leptos::html::Div;
use leptos::prelude::*;

/// Where one domain is looked at, for links that lead there.
const ONE_DOMAIN: &str = "one-domain";

#[component]
pub(crate) fn WhatIf() -> impl IntoView {
    let study = state::provide();
    let places: [NodeRef<Div>; 3] = std::array::from_fn(|_| NodeRef::new());
    let [compared, domain, map] = places;
    let [sees_compared, sees_domain, sees_map] = places.map(use_on_screen);
    view! {
        <PageHead title="What-if">
            <share::Share />
        </PageHead>
        <traffic::Traffic />
        <div class="study" node_ref=compared>
            <policies::Policies />
            <result::Compared study=study is_seen=sees_compared />
        </div>
        <div id=ONE_DOMAIN tabindex="-1" node_ref=domain>
            <domain::DomainUnderBoth is_seen=sees_domain />
        </div>
        <div node_ref=map>
            <threshold_map::SweepMap is_seen=sees_map />
        </div>
        <calibrate::Calibrate />
    }
}
