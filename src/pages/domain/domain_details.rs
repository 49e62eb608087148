//! Everything the page says of a domain, gathered once.

use poolkeeper_core::health::{Explanation, Policy, explain};
use poolkeeper_core::model::{Band, Counts, Day, DomainName, Timestamp};
use poolkeeper_lab::Counterfactuals;
use poolkeeper_simulator::sim::{DomainPlacement, Sim};
use poolkeeper_view::counterfactual::domain_counterfactuals;
use poolkeeper_view::record_time::RecordTime;

/// Days of past the page looks at.
const PAST_DAYS: i32 = 90;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DayRow {
    pub(crate) day: Day,
    /// Its counts; `None` for a day without data.
    pub(crate) counts: Option<Counts>,
    /// Counts over the policy's window that ends with it.
    pub(crate) window: Counts,
}

/// One record of its history.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DomainPast {
    /// When.
    pub(crate) time: RecordTime,
    pub(crate) from: Option<Band>,
    pub(crate) to: Band,
    /// Why.
    pub(crate) reason: String,
    /// The window's counts then.
    pub(crate) counts: Counts,
    /// Who.
    pub(crate) by: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DomainDetails {
    pub(crate) name: DomainName,
    /// Its account's name.
    pub(crate) account: String,
    /// Where it stands; `None` when not enrolled.
    pub(crate) standing: Option<DomainPlacement>,
    /// The latest check since it was enrolled: when, and the window's counts then.
    pub(crate) checked_at: Option<Timestamp>,
    /// The verdict on the window that ends with the last complete day.
    pub(crate) explanation: Explanation,
    /// What would make it good; `None` where the policy in force did not bring it to where it is.
    pub(crate) counterfactuals: Option<Counterfactuals>,
    /// The policy in force.
    pub(crate) policy: Policy,
    /// The latest days, oldest first.
    pub(crate) days: Vec<DayRow>,
    /// Its history, newest first.
    pub(crate) history: Vec<DomainPast>,
    /// The last complete day.
    pub(crate) last_day: Day,
}

impl DomainDetails {
    /// Gathers it; `None` when the account has no such domain.
    #[must_use]
    pub(crate) fn of(sim: &Sim, name: &DomainName) -> Option<Self> {
        let ix = sim.find_domain(name)?;
        let domain = sim.domain(ix)?;
        let policy = sim.policy().clone();
        let last_day = sim.last_complete_day();
        let window = i32::try_from(policy.window_days).unwrap_or(90);
        let first = last_day.plus(1 - PAST_DAYS).max(sim.first_day());
        // The first windows reach back past the first day shown.
        let reach = first.plus(1 - window).max(sim.first_day());
        let all: Vec<(Day, Option<Counts>)> = sim.daily_counts(ix, reach, last_day).collect();
        let days = all
            .iter()
            .enumerate()
            .filter(|(_, (day, _))| *day >= first)
            .map(|(at, (day, counts))| {
                let from = (at + 1).saturating_sub(usize::try_from(window).unwrap_or(1));
                let within = all.get(from..=at).unwrap_or_default();
                DayRow {
                    day: *day,
                    counts: *counts,
                    window: within.iter().filter_map(|(_, counts)| *counts).sum(),
                }
            })
            .collect();
        let mut history: Vec<DomainPast> = sim
            .records_of(ix)
            .map(|view| DomainPast {
                time: RecordTime::of_simulated(&view.record),
                from: view.record.prev_band,
                to: view.record.new_band,
                reason: view.record.reason.text(view.record.new_band),
                counts: view.record.counts,
                by: sim.person(view.record.by).to_owned(),
            })
            .collect();
        history.sort_by_key(|past| std::cmp::Reverse(past.time.at));
        Some(Self {
            name: name.clone(),
            account: sim
                .account(domain.account)
                .map(|account| account.name.clone())
                .unwrap_or_default(),
            standing: sim.standing(ix),
            checked_at: domain.last_check.map(|check| check.at),
            explanation: explain(&policy, &domain.window, domain.band().unwrap_or(Band::New)),
            counterfactuals: domain_counterfactuals(sim, ix),
            policy,
            days,
            history,
            last_day,
        })
    }

    /// Whether any day's counts are known. Without them its rates are unknown, not zero.
    #[must_use]
    pub(crate) fn has_counts(&self) -> bool {
        self.days.iter().any(|day| day.counts.is_some())
    }

    /// Messages processed on an average day of the window; `None` where no day's counts are known.
    #[must_use]
    pub(crate) fn daily_volume(&self) -> Option<u64> {
        let average = self.explanation.counts.processed / u64::from(self.policy.window_days.max(1));
        self.has_counts().then_some(average)
    }
}
