//! What a person studies: the two policies, how they are replayed, the IPs asked about, the domain looked at, and where the
//! traffic comes from. All of it is in the address.
//!
//! The signals lead and the address follows them a moment later, because a slider changes a policy more often than a browser
//! lets an address change. An address that this page did not write (a link, back, forward) is read into the signals.

use crate::state::simulator::use_simulated;
use crate::state::use_query_writer;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Band;
use poolkeeper_lab::{IpCapacity, ReplayOptions};
use poolkeeper_simulator::sim::{self, PerBand, Sim};
use poolkeeper_view::url_state::{Defaults, KEYS, StudyTraffic, UrlState};
use std::time::Duration;

/// How long the settings rest before they are written into the address.
const REST: Duration = Duration::from_millis(250);

/// Messages an IP may send a day until a person says otherwise.
const USUAL_LIMIT_PER_DAY: u64 = 200_000;

/// A handle on the study. `Copy`.
#[derive(Clone, Copy)]
pub struct WhatIfState {
    /// The current policy.
    pub a: RwSignal<Policy>,
    /// The draft.
    pub b: RwSignal<Policy>,
    /// How they are replayed.
    pub options: RwSignal<ReplayOptions>,
    /// The IPs asked about, if any.
    pub ips: RwSignal<Option<IpCapacity>>,
    /// The domain looked at under both policies, by its name.
    pub domain: RwSignal<Option<String>>,
    /// Where the traffic comes from.
    pub source: RwSignal<StudyTraffic>,
    /// What could not be read of the address, a sentence each.
    pub unread: RwSignal<Vec<String>>,
    /// What the page starts from.
    pub own: Memo<Defaults>,
}

impl WhatIfState {
    fn settings(&self) -> UrlState {
        UrlState {
            a: self.a.get(),
            b: self.b.get(),
            options: self.options.get(),
            ips: self.ips.get(),
            source: self.source.get(),
            domain: self.domain.get(),
        }
    }

    fn take(&self, settings: UrlState, unread: Vec<String>) {
        set_changed(self.a, settings.a);
        set_changed(self.b, settings.b);
        set_changed(self.options, settings.options);
        set_changed(self.ips, settings.ips);
        set_changed(self.source, settings.source);
        set_changed(self.domain, settings.domain);
        set_changed(self.unread, unread);
    }
}

fn set_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|known| *known != value) {
        signal.set(value);
    }
}

/// The study of the page.
#[must_use]
pub fn use_study() -> WhatIfState {
    expect_context()
}

type UrlParams = [String; KEYS.len()];

fn read(address: &UrlParams, own: &Defaults) -> (UrlState, Vec<String>) {
    let get = |key: &str| {
        let at = KEYS.iter().position(|known| *known == key)?;
        address.get(at).cloned()
    };
    UrlState::read(get, own)
}

/// Provides it to the page.
pub fn provide() -> WhatIfState {
    let simulated = use_simulated();
    let own = Memo::new(move |_| own(&simulated.sim()));
    let query = use_query_map();
    let address =
        Memo::new(move |_| -> UrlParams { query.with(|query| KEYS.map(|key| query.get(key).unwrap_or_default())) });
    let (settings, unread) = read(&address.get_untracked(), &own.get_untracked());
    let study = WhatIfState {
        a: RwSignal::new(settings.a),
        b: RwSignal::new(settings.b),
        options: RwSignal::new(settings.options),
        ips: RwSignal::new(settings.ips),
        domain: RwSignal::new(settings.domain),
        source: RwSignal::new(settings.source),
        unread: RwSignal::new(unread),
        own,
    };
    let known = StoredValue::new((address.get_untracked(), own.get_untracked()));
    Effect::watch(
        move || (address.get(), own.get()),
        move |now, _, _| {
            let is_news = known.with_value(|known| known != now);
            if is_news {
                known.set_value(now.clone());
                let (settings, unread) = read(&now.0, &now.1);
                study.take(settings, unread);
            }
        },
        false,
    );
    let writer = use_query_writer();
    let mut write = debounce(REST, move |settings: UrlState| {
        let pairs = own.with_untracked(|own| settings.pairs(own));
        let values = pairs.clone().map(|(_, value)| value);
        if known.with_value(|(address, _)| *address != values) {
            known.update_value(|(address, _)| *address = values);
            writer.set(&pairs.each_ref().map(|(key, value)| (*key, value.as_str())));
        }
    });
    Effect::watch(
        move || study.settings(),
        move |settings, _, _| write(settings.clone()),
        false,
    );
    provide_context(study);
    study
}

/// What the page starts from: today's policy and IPs of the simulator in this browser.
fn own(sim: &Sim) -> Defaults {
    let has = |band: Band| sim.pool_ips(band).iter().filter(|ip| !sim.is_warming(ip)).count();
    let not_warming = PerBand::from_fn(|band| u32::try_from(has(band)).unwrap_or(u32::MAX));
    let scenario = match sim.origin() {
        // What an address says of a scenario is enough to make it again, if its pools are set up.
        sim::AccountOrigin::Scenario(spec) if spec.is_configured() => Some(*spec),
        _ => None,
    };
    Defaults {
        policy: sim.policy().clone(),
        ips: sim.is_configured().then_some(IpCapacity {
            not_warming,
            limit_per_day: USUAL_LIMIT_PER_DAY,
        }),
        scenario,
    }
}
