//! What health checks go by.

use crate::browser;
use crate::state::simulator::use_simulated;
use crate::state::use_account;
use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Day, Timestamp};

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

/// The last UTC day that is over: the simulator's, or the wall clock's.
#[must_use]
pub(crate) fn use_last_day() -> Signal<Day> {
    let account = use_account();
    let simulated = use_simulated();
    Memo::new(move |_| {
        if account.source().is_simulator() {
            simulated.sim().last_complete_day()
        } else {
            Timestamp::from(browser::now_utc()).day().plus(-1)
        }
    })
    .into()
}
