//! The day and the rate behind a fall to poor, in a sentence.

use poolkeeper_core::health::{Metric, MetricPolicy, PPM, Policy};
use poolkeeper_core::model::{Counts, Day, Rate};
use poolkeeper_core::text;
use poolkeeper_core::text::rates::thresholds;

/// Why a domain is poor: the rate that did it, and the day that did the most.
#[derive(Clone, Debug, PartialEq)]
pub struct PoorCause {
    /// The rate.
    pub metric: Metric,
    /// The day of the window with the most events above what a good rate allows.
    pub worst_day: Day,
    /// That day's counts.
    pub worst: Counts,
    /// The window's counts.
    pub window: Counts,
    window_days: u32,
    limits: MetricPolicy,
}

impl PoorCause {
    /// The cause by one rate of a window: its days in order, up to `last`. `None` where no day is above what a good rate allows,
    /// and where the policy does not judge that rate.
    ///
    /// # Examples
    /// ```
    /// use poolkeeper_core::health::{Metric, Policy};
    /// use poolkeeper_core::model::{Counts, Day};
    /// use poolkeeper_lab::PoorCause;
    /// let day = |bounced| Counts { processed: 1_000, delivered: 1_000 - bounced, bounced, complained: 0 };
    /// // Six days of 10 and one of 700 are 760 of 7,000.
    /// let window = [day(10), day(10), day(10), day(700), day(10), day(10), day(10)];
    /// let last = Day::from_ymd(2026, 7, 22).unwrap();
    /// let cause = PoorCause::of(&Policy::default(), Metric::BounceRate, &window, last).unwrap();
    /// assert_eq!(
    ///     cause.sentence(),
    ///     "700 of 1,000 messages bounced on 19 Jul 2026: 10.86 % over 7 days, limit 10 %"
    /// );
    /// ```
    #[must_use]
    pub fn of(policy: &Policy, metric: Metric, window: &[Counts], last: Day) -> Option<Self> {
        let limits = metric.policy(policy)?;
        let excess = |counts: &Counts| {
            let (events, base) = metric.of(counts);
            let good = u128::from(limits.good_at_most_ppm) * u128::from(base);
            (u128::from(events) * u128::from(PPM)).saturating_sub(good)
        };
        let first = last.plus(1 - i32::try_from(window.len()).ok()?);
        let (at, worst) = window.iter().enumerate().max_by_key(|(_, counts)| excess(counts))?;
        (excess(worst) > 0).then_some(Self {
            metric,
            worst_day: first.plus(i32::try_from(at).ok()?),
            worst: *worst,
            window: window.iter().copied().sum(),
            window_days: policy.window_days,
            limits,
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
        let rate = self.metric.rate(&self.window);
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
