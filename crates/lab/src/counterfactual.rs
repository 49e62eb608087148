//! Counterfactuals: the changes that would have changed a domain's latest verdict. They are fewer events, clean days or
//! other thresholds, and all are exact.

use crate::backtest::{Overrides, ReplayData, ReplayOptions, backtest_domain};
use crate::timeline::{Timeline, TimelineEventKind};
use crate::window::window_before;
use poolkeeper_core::health::{
    Explanation, InvalidPolicy, Metric, MetricPolicy, PPM, Policy, Vote, explain, metric_vote,
};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};

/// A domain's usual volume is the average of this many of its latest days with a row.
const AVERAGED_DAYS: usize = 28;

/// The smallest decrease in events for a better verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FewerEventsNeeded {
    /// That verdict: [`Vote::Hold`] instead of Poor, or Good.
    pub vote: Vote,
    /// Fewer bounces.
    pub bounced: u64,
    /// Fewer complaints.
    pub complained: u64,
}

/// Days without bounces and complaints, at its usual volume, until a domain is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CleanDays {
    /// The domain is good already.
    Good,
    /// After this many days.
    After(u32),
    /// Never: its usual volume stays below the policy's minimum.
    TooLittleMail,
    /// Never while it is pinned.
    Pinned,
    /// It is not enrolled.
    NotEnrolled,
}

/// The smallest change of thresholds that makes the latest verdict Good. One part per million less does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdChange {
    /// The bounce rate's good-at-most; `None` where it may stay.
    pub bounce_good_at_most_ppm: Option<u32>,
    /// The complaint rate's good-at-most; `None` where it may stay.
    pub complaint_good_at_most_ppm: Option<u32>,
    /// The minimum of processed messages; `None` where it may stay.
    pub minimum_processed: Option<u64>,
}

impl ThresholdChange {
    /// A policy with the change. Poor-at-least is raised where good-at-most would exceed it.
    #[must_use]
    pub fn apply(&self, policy: &Policy) -> Policy {
        let raise = |metric: Option<MetricPolicy>, ppm: Option<u32>| {
            let Some(ppm) = ppm else { return metric };
            metric.map(|metric| MetricPolicy {
                good_at_most_ppm: ppm,
                poor_at_least_ppm: metric.poor_at_least_ppm.max(ppm),
                ..metric
            })
        };
        Policy {
            bounce: raise(policy.bounce, self.bounce_good_at_most_ppm),
            complaint: raise(policy.complaint, self.complaint_good_at_most_ppm),
            minimum_processed: self.minimum_processed.unwrap_or(policy.minimum_processed),
            ..policy.clone()
        }
    }
}

/// The changes that would have changed a domain's latest verdict under a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counterfactuals {
    /// The last day of the latest check's window.
    pub checked_on: Day,
    /// That check, explained, for the band the domain ends in.
    pub explanation: Explanation,
    /// The smallest decrease in events for each better verdict. Empty when the verdict is Good or the window is below
    /// the minimum.
    pub fewer: Vec<FewerEventsNeeded>,
    /// Days of clean traffic until the domain is good.
    pub clean_days: CleanDays,
    /// The thresholds that would make it Good; `None` when it is Good or no thresholds would.
    pub threshold_change: Option<ThresholdChange>,
    /// The band the domain ends in if those thresholds apply from the first day.
    pub ends_in_with_change: Option<Band>,
}

/// The changes that would have changed a domain's latest verdict; `None` before the policy's first check.
///
/// # Errors
/// [`InvalidPolicy`] for a policy out of range.
pub fn counterfactuals(
    data: ReplayData<'_>,
    domain: u32,
    policy: &Policy,
    options: &ReplayOptions,
) -> Result<Option<Counterfactuals>, InvalidPolicy> {
    let result = backtest_domain(data, domain, policy, options)?;
    let ends_in = result.domains.first().and_then(|domain| domain.ends_in);
    let every = policy.check_every_days.max(1);
    let checked_days = data.table.day_count() / every * every;
    let Some((columns, last)) = data.table.columns(domain as usize).zip(checked_days.checked_sub(1)) else {
        return Ok(None);
    };
    let counts = window_before(&columns, checked_days as usize, policy.window_days);
    let explanation = explain(policy, &counts, ends_in.unwrap_or(Band::New));
    let threshold_change = threshold_change(policy, &explanation);
    let ends_in_with_change = match &threshold_change {
        Some(change) => backtest_domain(data, domain, &change.apply(policy), options)?
            .domains
            .first()
            .and_then(|d| d.ends_in),
        None => None,
    };
    Ok(Some(Counterfactuals {
        checked_on: data.table.first_day().plus(i32::try_from(last).unwrap_or(i32::MAX)),
        fewer: fewer_events(&explanation),
        clean_days: clean_days(data, domain, policy, options, ends_in)?,
        threshold_change,
        ends_in_with_change,
        explanation,
    }))
}

/// The metrics do not share counts, so each has its own smallest decrease.
fn fewer_events(explanation: &Explanation) -> Vec<FewerEventsNeeded> {
    if explanation.check.is_below_minimum {
        return Vec::new();
    }
    let fewer_needed = |metric: Metric, vote: Vote| {
        explanation.metric(metric).map_or(0, |part| match vote {
            Vote::For(_) => part.fewer_to_good,
            Vote::Hold if part.vote == Vote::For(Band::Poor) => part.fewer_to_better.unwrap_or(0),
            Vote::Hold => 0,
        })
    };
    let fewest = |vote: Vote| FewerEventsNeeded {
        vote,
        bounced: fewer_needed(Metric::BounceRate, vote),
        complained: fewer_needed(Metric::ComplaintRate, vote),
    };
    let (out_of_poor, good) = (fewest(Vote::Hold), fewest(Vote::For(Band::Good)));
    match explanation.check.vote {
        // With one threshold for both, leaving Poor takes as much as Good does: list only Good.
        Vote::For(Band::Poor) if (out_of_poor.bounced, out_of_poor.complained) != (good.bounced, good.complained) => {
            vec![out_of_poor, good]
        }
        Vote::For(Band::Poor) | Vote::Hold => vec![good],
        Vote::For(_) => Vec::new(),
    }
}

/// The lowest good-at-most of each metric that does not vote Good, and the minimum.
fn threshold_change(policy: &Policy, explanation: &Explanation) -> Option<ThresholdChange> {
    let counts = &explanation.counts;
    if explanation.check.vote == Vote::For(Band::Good) {
        return None;
    }
    // The outer `None`: no threshold is high enough.
    let least = |metric: Metric| -> Option<Option<u32>> {
        let Some(thresholds) = metric.policy(policy) else {
            return Some(None);
        };
        let (events, base) = metric.of(counts);
        if metric_vote(&thresholds, events, base) == Vote::For(Band::Good) {
            return Some(None);
        }
        let ppm = (u128::from(events) * u128::from(PPM))
            .checked_div(u128::from(base))
            .map(|floor| {
                let is_exact = floor * u128::from(base) == u128::from(events) * u128::from(PPM);
                floor + u128::from(!is_exact)
            })?;
        u32::try_from(ppm).ok().filter(|ppm| *ppm <= PPM).map(Some)
    };
    let is_below = explanation.check.is_below_minimum;
    Some(ThresholdChange {
        bounce_good_at_most_ppm: least(Metric::BounceRate)?,
        complaint_good_at_most_ppm: least(Metric::ComplaintRate)?,
        minimum_processed: is_below.then_some(counts.processed),
    })
}

/// Replays the domain with clean days appended.
fn clean_days(
    data: ReplayData<'_>,
    domain: u32,
    policy: &Policy,
    options: &ReplayOptions,
    ends_in: Option<Band>,
) -> Result<CleanDays, InvalidPolicy> {
    let events = data.timeline.map_or(&[][..], |timeline| timeline.events(domain));
    let Some(band) = ends_in else {
        return Ok(CleanDays::NotEnrolled);
    };
    if band == Band::Good {
        return Ok(CleanDays::Good);
    }
    let end = data
        .table
        .first_day()
        .plus(i32::try_from(data.table.day_count()).unwrap_or(i32::MAX))
        .start();
    let past = events.iter().filter(|event| event.at < end);
    let is_enrolled = data
        .timeline
        .is_none_or(|timeline| timeline.is_enrolled_from_start(domain));
    // Only enrolled domains can be pinned, and unenrolling ends a pin.
    let (_, is_pinned) = past
        .clone()
        .fold((is_enrolled, false), |(is_enrolled, is_pinned), event| {
            match event.kind {
                TimelineEventKind::Pinned(_) => (is_enrolled, is_enrolled),
                TimelineEventKind::Unpinned => (is_enrolled, false),
                TimelineEventKind::Unenrolled => (false, false),
                TimelineEventKind::Enrolled => (true, is_pinned),
            }
        });
    if is_pinned && options.overrides == Overrides::Kept {
        return Ok(CleanDays::Pinned);
    }
    let average = average_day(data.table, domain);
    // After these days the window has clean days only, and enough checks in a row have judged it.
    let checks = policy.promotion_after_checks + 2;
    let extra_days = policy.window_days + policy.check_every_days.saturating_mul(checks);
    let extended = with_clean_days(data.table, domain, &average, extra_days);
    let mut timeline = Timeline::new(is_enrolled);
    past.for_each(|event| timeline.push(0, *event));
    let extended_data = ReplayData {
        table: &extended,
        timeline: Some(&timeline),
    };
    let result = backtest_domain(extended_data, 0, policy, options)?;
    let days = data.table.day_count();
    let good = result
        .moves
        .iter()
        .find(|change| change.day >= days && change.to == Some(Band::Good));
    Ok(good.map_or(CleanDays::TooLittleMail, |change| {
        CleanDays::After(change.day - days + 1)
    }))
}

/// An average of the domain's latest days with a row, without bounces or complaints; zero without a row.
fn average_day(table: &Table, domain: u32) -> Counts {
    let columns = table.columns(domain as usize);
    let rows = columns.iter().flat_map(|columns| {
        let days = (0..columns.processed.len()).rev();
        days.filter_map(|day| columns.get(day)).take(AVERAGED_DAYS)
    });
    let (days, sum) = rows.fold((0_u64, Counts::ZERO), |(days, sum), row| (days + 1, sum + row));
    let average = |sum: u64| sum.checked_div(days).unwrap_or(0).min(u64::from(u32::MAX));
    Counts {
        processed: average(sum.processed),
        delivered: average(sum.sent()),
        bounced: 0,
        complained: 0,
    }
}

/// A table of this domain alone, with clean days appended.
fn with_clean_days(table: &Table, domain: u32, average: &Counts, extra_days: u32) -> Table {
    let listed = table.domains().get(domain as usize).cloned().into_iter().collect();
    let days = table.day_count();
    let mut extended = Table::empty(
        table.first_day(),
        days.saturating_add(extra_days),
        table.accounts.clone(),
        listed,
    );
    for at in 0..days.saturating_add(extra_days) {
        let day = table.first_day().plus(i32::try_from(at).unwrap_or(i32::MAX));
        let row = if at < days {
            table.get(domain as usize, day)
        } else {
            Some(*average)
        };
        if let Some(row) = row {
            // Cannot overflow: one row per day, with counts from a table.
            let _ = extended.add(0, day, &row);
        }
    }
    extended
}
