//! What health checks go by.

use crate::state::simulator::use_simulated;
use crate::state::use_account;
use leptos::prelude::*;
use poolkeeper_core::health::Policy;

/// The policy behind the health checks, where it is known: the simulator's. A live account does not publish its own.
#[must_use]
pub(crate) fn use_published_policy() -> Signal<Option<Policy>> {
    let account = use_account();
    let simulated = use_simulated();
    Memo::new(move |_| {
        let is_simulator = account.source().is_simulator();
        is_simulator.then(|| simulated.sim().policy().clone())
    })
    .into()
}

/// The same, with the default where it is not known: what rates are drawn against.
#[must_use]
pub(crate) fn use_policy() -> Signal<Policy> {
    let published = use_published_policy();
    Memo::new(move |_| published.get().unwrap_or_default()).into()
}
