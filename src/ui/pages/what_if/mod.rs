//! What-if: other thresholds on the traffic at hand.

mod calibrate;
mod domain;
mod result;
mod share;
mod study;
mod sweep;
mod traffic;

use crate::ui::components::PageHead;
use leptos::prelude::*;

/// The page.
#[component]
pub fn WhatIf() -> impl IntoView {
    study::provide();
    view! {
        <PageHead title="What-if">
            <share::Share />
        </PageHead>
        <traffic::Traffic />
        <result::Compared />
        <domain::DomainUnderBoth />
        <sweep::SweepMap />
        <calibrate::Calibrate />
    }
    .into_any()
}
