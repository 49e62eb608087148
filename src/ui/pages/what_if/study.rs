//! What a person studies: the two policies, how they are replayed, the IPs asked about, the domain looked at.

use crate::health::Policy;
use crate::ui::state::simulator::use_simulated;
use crate::whatif::{Ips, Options};
use leptos::prelude::*;

/// A handle on the study. `Copy`.
#[derive(Clone, Copy)]
pub struct Study {
    /// The current policy.
    pub a: RwSignal<Policy>,
    /// The draft.
    pub b: RwSignal<Policy>,
    /// How they are replayed.
    pub options: RwSignal<Options>,
    /// The IPs asked about, if any.
    pub ips: RwSignal<Option<Ips>>,
    /// The domain looked at under both policies, by its name.
    pub domain: RwSignal<Option<String>>,
}

/// The study of the page.
#[must_use]
pub fn use_study() -> Study {
    expect_context()
}

/// Provides it to the page.
pub fn provide() {
    let current = use_simulated().sim_untracked().policy().clone();
    provide_context(Study {
        a: RwSignal::new(current.clone()),
        b: RwSignal::new(current),
        options: RwSignal::new(Options::default()),
        ips: RwSignal::new(None),
        domain: RwSignal::new(None),
    });
}
