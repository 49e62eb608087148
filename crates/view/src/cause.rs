//! The day and the rate behind a move, in a sentence.

use poolkeeper_core::health::{Metric, MetricPolicy, Vote, check};
use poolkeeper_core::model::{Band, Counts, Day, Rate};
use poolkeeper_core::text;
use poolkeeper_core::text::rates::thresholds;
use poolkeeper_simulator::sim::{DomainIx, Sim};

/// Why a check found a domain poor: the rate that did it, and the day with the most of its events.
#[derive(Clone, Debug, PartialEq)]
pub struct PoorCause {
    /// The rate.
    pub metric: Metric,
    /// The day with the most bounces or complaints of the window.
    pub worst_day: Day,
    /// That day's counts.
    pub worst: Counts,
    /// The window's counts.
    pub window: Counts,
    window_days: u32,
    limits: MetricPolicy,
}

impl PoorCause {
    /// The cause of a poor verdict on a day; `None` where the present policy gives no such verdict.
    #[must_use]
    pub fn of(sim: &Sim, domain: DomainIx, on: Day) -> Option<Self> {
        let policy = sim.policy();
        let window = sim.window_counts(domain, on, policy.window_days);
        let verdict = check(policy, &window);
        let metric = [Metric::BounceRate, Metric::ComplaintRate].into_iter().find(|metric| {
            verdict.vote == Vote::For(Band::Poor) && verdict.metric(*metric) == Some(Vote::For(Band::Poor))
        })?;
        let first = on.plus(1 - i32::try_from(policy.window_days).unwrap_or(1));
        let days = sim.daily_counts(domain, first, on);
        let (worst_day, worst) = days
            .filter_map(|(day, counts)| Some((day, counts?)))
            .max_by_key(|(_, counts)| metric.of(counts).0)?;
        Some(Self {
            metric,
            worst_day,
            worst,
            window,
            window_days: policy.window_days,
            limits: metric.policy(policy)?,
        })
    }

    /// Bounces or complaints of the worst day.
    #[must_use]
    pub fn worst_events(&self) -> u64 {
        self.metric.of(&self.worst).0
    }

    /// `2,205 of 5,125 messages bounced on 22 Jul 2026: 15.3 % over 7 days, limit 10 %`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (events, base) = self.metric.of(&self.worst);
        let rate = match self.metric {
            Metric::BounceRate => self.window.bounce_rate(),
            Metric::ComplaintRate => self.window.complaint_rate(),
        };
        let rate = rate.map_or_else(String::new, |rate| Rate(rate).percent_beside(&thresholds(&self.limits)));
        let verb = match self.metric {
            Metric::BounceRate => "messages bounced",
            Metric::ComplaintRate => "delivered messages brought complaints",
        };
        format!(
            "{} of {} {verb} on {}: {rate} over {}, limit {}",
            text::count(events),
            text::count(base),
            text::day(self.worst_day),
            text::counted(u64::from(self.window_days), "day"),
            text::limit(u64::from(self.limits.poor_at_least_ppm))
        )
    }
}
