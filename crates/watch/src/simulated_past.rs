//! The past of a simulated account.

use crate::score::{PastDomain, PastMove};
use poolkeeper_core::model::{Counts, Day};
use poolkeeper_simulator::sim::{DomainIx, Sim};
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The domains that are not pinned, and the days of their counts.
#[must_use]
pub fn simulated_past(sim: &Sim) -> (RangeInclusive<Day>, Vec<PastDomain>) {
    let days = sim.first_day()..=sim.last_complete_day();
    let mut moves: HashMap<DomainIx, Vec<PastMove>> = HashMap::new();
    for view in (0..sim.history_len()).filter_map(|ix| sim.record(ix)) {
        let record = &view.record;
        moves.entry(record.domain).or_default().push(PastMove {
            day: record.day(),
            from: record.prev_band,
            to: Some(record.new_band),
            is_by_check: record.is_by_check(),
        });
    }
    let domains = sim.domains().filter(|domain| !domain.is_overridden()).map(|domain| {
        let counts = sim.daily_counts(domain.ix, *days.start(), *days.end());
        PastDomain {
            counts: counts.map(|(_, counts)| counts.unwrap_or(Counts::ZERO)).collect(),
            moves: moves.remove(&domain.ix).unwrap_or_default(),
            last_band: domain.band(),
        }
    });
    (days.clone(), domains.collect())
}
