//! What-if: other thresholds on the traffic at hand.

mod calibrate;
mod domain;
mod policies;
mod result;
mod share;
mod study;
mod sweep;
mod traffic;

use crate::ui::components::PageHead;
use leptos::prelude::*;

/// Where one domain is looked at, for links that lead there.
const ONE_DOMAIN: &str = "one-domain";

/// The page.
#[component]
pub fn WhatIf() -> impl IntoView {
    let study = study::provide();
    view! {
        <PageHead title="What-if">
            <share::Share />
        </PageHead>
        <traffic::Traffic />
        <div class="study">
            <policies::Policies />
            <result::Compared study=study />
        </div>
        <div id=ONE_DOMAIN tabindex="-1">
            <domain::DomainUnderBoth />
        </div>
        <sweep::SweepMap />
        <calibrate::Calibrate />
    }
    .into_any()
}
