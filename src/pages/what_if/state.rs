//! What a person studies: the two policies, how they are replayed, the IPs asked about, the domain looked at, and where the
//! traffic comes from.
//!
//! All of it is read from the address. A browser lets an address change less often than a slider moves, so changes make a
//! draft over it, which the page shows at once and the address takes when it rests.

use crate::state::simulator::use_simulated;
use crate::state::{Draft, use_query_writer};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Band;
use poolkeeper_lab::{IpCapacity, ReplayOptions};
use poolkeeper_simulator::sim::{self, PerBand, Sim};
use poolkeeper_view::url_state::{Defaults, KEYS, StudyTraffic, UrlState};
use std::time::Duration;

/// How long the settings rest before the address takes them.
const REST: Duration = Duration::from_millis(250);

/// Messages an IP may send a day until a person says otherwise.
const USUAL_LIMIT_PER_DAY: u64 = 200_000;

/// A handle on the study. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct WhatIfState {
    /// The current policy.
    pub(crate) a: Memo<Policy>,
    /// The draft.
    pub(crate) b: Memo<Policy>,
    /// How they are replayed.
    pub(crate) options: Memo<ReplayOptions>,
    /// The IPs asked about, if any.
    pub(crate) ips: Memo<Option<IpCapacity>>,
    /// The domain looked at under both policies, by its name.
    pub(crate) domain: Memo<Option<String>>,
    /// Where the traffic comes from.
    pub(crate) source: Memo<StudyTraffic>,
    /// What could not be read of the address, a sentence each.
    pub(crate) unread: Memo<Vec<String>>,
    /// What the page starts from.
    pub(crate) own: Memo<Defaults>,
    settings: Draft<UrlState>,
    write_at_rest: StoredValue<Box<dyn FnMut(())>, LocalStorage>,
}

impl WhatIfState {
    /// Changes the settings. Does nothing once the page is gone.
    pub(crate) fn edit(&self, change: impl FnOnce(&mut UrlState)) {
        self.settings.update(change);
        self.write_at_rest.try_update_value(|write| write(()));
    }
}

/// The study of the page.
#[must_use]
pub(crate) fn use_what_if() -> WhatIfState {
    expect_context()
}

/// Reads the values of [`KEYS`].
fn read(values: &[String; KEYS.len()], own: &Defaults) -> (UrlState, Vec<String>) {
    let get = |key: &str| values.get(KEYS.iter().position(|known| *known == key)?).cloned();
    UrlState::read(get, own)
}

/// Provides it to the page.
pub(crate) fn provide() -> WhatIfState {
    let simulated = use_simulated();
    let own = Memo::new(move |_| simulator_defaults(&simulated.sim()));
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(|query| KEYS.map(|key| query.get(key).unwrap_or_default())));
    let known = Memo::new(move |_| address.with(|address| own.with(|own| read(address, own))));
    let settings = Draft::over(Memo::new(move |_| known.with(|(settings, _)| settings.clone())));
    let writer = use_query_writer();
    let write_at_rest = debounce(REST, move |()| {
        let Some(edited) = settings.edited() else {
            return settings.discard();
        };
        let pairs = own.with_untracked(|own| edited.pairs(own));
        let values = pairs.clone().map(|(_, value)| value);
        if address.with_untracked(|address| *address != values) {
            // The draft goes on, because the address leaves out a domain of a file.
            settings.carry_over(own.with_untracked(|own| read(&values, own)).0);
            writer.set(&pairs.each_ref().map(|(key, value)| (*key, value.as_str())));
        }
    });
    let shown = settings.shown();
    let study = WhatIfState {
        a: Memo::new(move |_| shown.with(|shown| shown.a.clone())),
        b: Memo::new(move |_| shown.with(|shown| shown.b.clone())),
        options: Memo::new(move |_| shown.with(|shown| shown.options)),
        ips: Memo::new(move |_| shown.with(|shown| shown.ips)),
        domain: Memo::new(move |_| shown.with(|shown| shown.domain.clone())),
        source: Memo::new(move |_| shown.with(|shown| shown.source.clone())),
        unread: Memo::new(move |_| known.with(|(_, unread)| unread.clone())),
        own,
        settings,
        write_at_rest: StoredValue::new_local(Box::new(write_at_rest)),
    };
    provide_context(study);
    study
}

/// What the page starts from: today's policy and IPs of the simulator in this browser.
fn simulator_defaults(sim: &Sim) -> Defaults {
    let has = |band: Band| sim.pool_ips(band).iter().filter(|ip| !sim.is_warming(ip)).count();
    let not_warming = PerBand::from_fn(|band| u32::try_from(has(band)).unwrap_or(u32::MAX));
    let scenario = match sim.origin() {
        // What an address says of a scenario is enough to make it again, if its pools are set up.
        sim::AccountOrigin::Scenario(spec) if spec.is_configured() => Some(*spec),
        _ => None,
    };
    Defaults {
        policy: sim.policy().clone(),
        ips: (sim.is_configured() && !sim.has_placeholder_ips()).then_some(IpCapacity {
            not_warming,
            limit_per_day: USUAL_LIMIT_PER_DAY,
        }),
        scenario,
    }
}
