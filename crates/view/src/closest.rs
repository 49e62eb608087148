//! The domains closest to moving: by days, if each goes on as in its latest days, as the lab says.

use poolkeeper_core::health::{Explanation, Metric, explain};
use poolkeeper_core::model::{Band, Counts, Day, DomainName, Rate};
use poolkeeper_core::text;
use poolkeeper_lab::approach;
pub use poolkeeper_lab::{Approach, PRESENT_DAYS};
use poolkeeper_simulator::sim::{DomainIx, DomainView, Sim};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many domains are listed.
pub const LISTED: usize = 10;
/// Candidates whose days are read: those with the least headroom for the events of their window.
const CANDIDATES: usize = 400;
/// A domain's usual rate is that of this many days before its window.
const BASELINE_DAYS: u32 = 28;
/// The days that a list of the past is scored over.
pub const SCORED_DAYS: i32 = 7;
/// Scoring reads two windows of every domain; larger accounts are not scored.
const MAX_SCORED: u32 = 2_000;

/// How a rate compares with the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateTrend {
    /// More than 1.25 times the usual rate: bad news, for every rate here.
    Above,
    /// Near the usual rate, or no usual rate is known.
    Usual,
    /// Less than 0.8 times the usual rate.
    Below,
}

/// A domain close to a move.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosestDomain {
    /// The domain.
    pub domain: DomainName,
    /// The band it is in.
    pub band: Band,
    /// When and where it moves.
    pub approach: Approach,
    /// The deciding rate over the window.
    pub rate: Option<Rate>,
    /// Its usual rate: that of the four weeks before the window.
    pub usual: Option<Rate>,
    /// For a fall: how many more events in this window would move it; 0 when the next check moves it anyway.
    pub more_events: Option<u64>,
}

impl ClosestDomain {
    /// When it moves: `at the next check`, `in 3 days`.
    #[must_use]
    pub fn when(&self) -> String {
        match self.approach.days {
            1 => "at the next check".to_owned(),
            days => format!("in {} days", text::count(u64::from(days))),
        }
    }

    /// The headroom of a fall in events: `41 more bounces`.
    #[must_use]
    pub fn headroom(&self) -> Option<String> {
        let events = self.more_events.filter(|events| *events > 0)?;
        let noun = text::event_noun(self.approach.metric);
        Some(text::counted(events, &format!("more {noun}")))
    }

    /// How many times its usual rate it has: 3.2 for three times and a bit.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        let (now, usual) = (self.rate?.0, self.usual?.0);
        (usual > 0.0).then(|| now / usual)
    }

    /// How the rate compares with the usual one.
    #[must_use]
    pub fn trend(&self) -> RateTrend {
        match self.deviation() {
            Some(times) if times > 1.25 => RateTrend::Above,
            Some(times) if times < 0.8 => RateTrend::Below,
            _ => RateTrend::Usual,
        }
    }

    /// The deviation in words: `3.2 × its usual 1.4 %`.
    #[must_use]
    pub fn deviation_words(&self) -> Option<String> {
        let usual = self.usual?;
        Some(match self.deviation() {
            Some(times) => format!("{times:.1} × its usual {}", usual.percent()),
            None => format!("usually {}", usual.percent()),
        })
    }
}

/// How a list of the past did: of the domains that moved since, those that it named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListScore {
    /// Domains that checks moved down.
    pub fell: u32,
    /// Those of them that were listed.
    pub fell_listed: u32,
    /// Domains that checks moved up.
    pub rose: u32,
    /// Those of them that were listed.
    pub rose_listed: u32,
}

impl ListScore {
    /// The score in a sentence; `None` if nothing moved.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        if self.fell + self.rose == 0 {
            return None;
        }
        let part = |listed: u32, all: u32, verb: &str| {
            (all > 0).then(|| {
                format!(
                    "{} of {} that {verb}",
                    text::count(listed.into()),
                    text::count(all.into())
                )
            })
        };
        let parts = [
            part(self.fell_listed, self.fell, "fell"),
            part(self.rose_listed, self.rose, "rose"),
        ];
        let parts = parts.into_iter().flatten().collect::<Vec<_>>();
        Some(format!(
            "{SCORED_DAYS} days ago this list named {} since.",
            parts.join(" and ")
        ))
    }
}

/// A domain of the list, before what it shows is worked out.
struct Candidate {
    ix: DomainIx,
    band: Band,
    /// Events to a move for the events of the window, in parts per million: the smaller, the closer.
    headroom_ppm: u64,
    processed: u64,
}

impl Candidate {
    fn new(ix: DomainIx, window: &Counts, explained: &Explanation) -> Option<Self> {
        let share = |events: u64, metric: Metric| {
            let (has, _) = metric.of(window);
            events.saturating_mul(1_000_000) / (has + 1)
        };
        let down = explained.more_to_poor.map(|more| share(more.events, more.metric));
        let up = explained.fewer_to_good.map(|fewer| {
            let bounces = share(fewer.bounced, Metric::BounceRate);
            bounces.max(share(fewer.complained, Metric::ComplaintRate))
        });
        Some(Self {
            ix,
            band: explained.band,
            headroom_ppm: down.into_iter().chain(up).min()?,
            processed: window.processed,
        })
    }
}

/// The `count` domains closest to moving after a day, with their bands and windows of that day.
fn ranked<'a>(
    sim: &'a Sim,
    last_day: Day,
    count: usize,
    domains: impl Iterator<Item = (DomainView<'a>, Band, Counts)>,
) -> Vec<(DomainIx, Band, Approach)> {
    let policy = sim.policy();
    let candidates = domains
        .filter_map(|(domain, band, window)| Candidate::new(domain.ix, &window, &explain(policy, &window, band)));
    let mut candidates: Vec<Candidate> = candidates.collect();
    if candidates.len() > CANDIDATES {
        candidates.select_nth_unstable_by_key(CANDIDATES, |candidate| (candidate.headroom_ppm, candidate.ix.0));
        candidates.truncate(CANDIDATES);
    }
    let every = i32::try_from(policy.check_every_days).unwrap_or(1).max(1);
    let days_before = last_day.since(sim.first_day()) + 1;
    let is_check = |ahead: u32| (days_before + i32::try_from(ahead).unwrap_or(0)) % every == 0;
    let first = last_day.plus(1 - i32::try_from(policy.window_days).unwrap_or(1));
    let mut found: Vec<_> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let days = sim.daily_counts(candidate.ix, first, last_day);
            let recent: Vec<Counts> = days.map(|(_, counts)| counts.unwrap_or_default()).collect();
            let approach = approach(policy, &recent, candidate.band, is_check)?;
            Some((candidate, approach))
        })
        .collect();
    // Falls before rises of the same day, then those with more mail.
    found.sort_unstable_by_key(|(candidate, approach)| {
        let is_rise = approach.towards > candidate.band;
        (approach.days, is_rise, Reverse(candidate.processed), candidate.ix.0)
    });
    found.truncate(count);
    found
        .into_iter()
        .map(|(candidate, approach)| (candidate.ix, candidate.band, approach))
        .collect()
}

/// The domains closest to moving now, the closest first.
#[must_use]
pub fn closest(sim: &Sim) -> Vec<ClosestDomain> {
    let policy = sim.policy();
    let domains = sim.domains().filter(|domain| !domain.is_overridden());
    let domains = domains.filter_map(|domain| {
        let (band, window) = (domain.band()?, domain.window);
        Some((domain, band, window))
    });
    let before_window = sim
        .last_complete_day()
        .plus(-i32::try_from(policy.window_days).unwrap_or(1));
    ranked(sim, sim.last_complete_day(), LISTED, domains)
        .into_iter()
        .filter_map(|(ix, band, approach)| {
            let domain = sim.domain(ix)?;
            let usual = sim.window_counts(ix, before_window, BASELINE_DAYS);
            let explained = explain(policy, &domain.window, band);
            let more = explained.metric(approach.metric).and_then(|part| part.more_to_poor);
            Some(ClosestDomain {
                domain: domain.name.clone(),
                band,
                approach,
                rate: rate(approach.metric, &domain.window),
                usual: rate(approach.metric, &usual),
                more_events: more.filter(|_| approach.towards < band),
            })
        })
        .collect()
}

/// How the list of [`SCORED_DAYS`] days ago did. `None` for a younger or a larger account.
#[must_use]
pub fn score(sim: &Sim) -> Option<ListScore> {
    if sim.domain_count() > MAX_SCORED {
        return None;
    }
    let past = Past::of(sim)?;
    Some(past.score(&past.list(sim, LISTED)))
}

/// The account [`SCORED_DAYS`] days ago, and what moved since.
struct Past {
    last_day: Day,
    /// The bands of domains with a record since; `None` for those not enrolled.
    bands: BTreeMap<DomainIx, Option<Band>>,
    fell: BTreeSet<DomainIx>,
    rose: BTreeSet<DomainIx>,
}

impl Past {
    /// `None` if no whole window of that time is known.
    fn of(sim: &Sim) -> Option<Self> {
        let last_day = sim.last_complete_day().plus(-SCORED_DAYS);
        let first = last_day.plus(1 - i32::try_from(sim.policy().window_days).unwrap_or(1));
        if first < sim.first_day() {
            return None;
        }
        let mut past = Self {
            last_day,
            bands: BTreeMap::new(),
            fell: BTreeSet::new(),
            rose: BTreeSet::new(),
        };
        let records = (0..sim.history_len()).rev().filter_map(|ix| sim.record(ix));
        for view in records.take_while(|view| view.record.day() > last_day) {
            let record = &view.record;
            // Read backwards, so that the last value is the band before the first record since.
            past.bands.insert(record.domain, record.prev_band);
            if let Some(from) = record.prev_band.filter(|_| record.is_by_check()) {
                let moved = if record.new_band < from {
                    &mut past.fell
                } else {
                    &mut past.rose
                };
                moved.insert(record.domain);
            }
        }
        Some(past)
    }

    fn domains<'a>(&'a self, sim: &'a Sim) -> impl Iterator<Item = (DomainView<'a>, Band, Counts)> {
        let domains = sim.domains().filter(|domain| !domain.is_overridden());
        domains.filter_map(move |domain| {
            let band = self.bands.get(&domain.ix).copied().unwrap_or_else(|| domain.band())?;
            let window = sim.window_counts(domain.ix, self.last_day, sim.policy().window_days);
            Some((domain, band, window))
        })
    }

    fn list(&self, sim: &Sim, count: usize) -> Vec<DomainIx> {
        let listed = ranked(sim, self.last_day, count, self.domains(sim));
        listed.into_iter().map(|(ix, ..)| ix).collect()
    }

    fn score(&self, listed: &[DomainIx]) -> ListScore {
        let named = |moved: &BTreeSet<DomainIx>| listed.iter().filter(|ix| moved.contains(ix)).count();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        ListScore {
            fell: count(self.fell.len()),
            fell_listed: count(named(&self.fell)),
            rose: count(self.rose.len()),
            rose_listed: count(named(&self.rose)),
        }
    }
}

fn rate(metric: Metric, counts: &Counts) -> Option<Rate> {
    metric.rate(counts).map(Rate)
}

#[cfg(test)]
mod tests;
