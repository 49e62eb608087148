//! Sentences about a domain's latest verdict under a policy, and what would have changed it.

use poolkeeper_core::health::{Explanation, Interval, Metric, MetricExplanation, PPM, Policy, Vote};
use poolkeeper_core::model::{Band, Rate};
use poolkeeper_core::text::{base_word, count, counted, day, event_noun, good_on, limit, metric_name};
use poolkeeper_lab::{CleanDays, Counterfactuals, FewerEventsNeeded, ThresholdChange};

/// The latest check's result, in one sentence.
#[must_use]
pub fn verdict(counterfactuals: &Counterfactuals, policy: &Policy) -> String {
    let explanation = &counterfactuals.explanation;
    let check = format!("Check of {}", day(counterfactuals.checked_on));
    let days = counted(u64::from(policy.window_days), "day");
    if explanation.check.is_below_minimum {
        let then = match explanation.check.vote {
            Vote::For(_) => "moves to new",
            Vote::Hold => "no change",
        };
        return format!(
            "{check}: too little mail to judge, {then}. {} of {} messages over {days}.",
            count(explanation.counts.processed),
            count(policy.minimum_processed)
        );
    }
    match explanation.check.vote {
        Vote::For(band) => format!("{check}: {band}. {}", reasons(explanation, &days)),
        Vote::Hold => format!("{check}: in between, no change. No rate counts as poor, but not all are good."),
    }
}

/// The rates that decided a vote, with their limits: `15.28 % bounced over 7 days; the limit is 10 %.`
#[must_use]
pub fn reasons(explanation: &Explanation, days: &str) -> String {
    let deciding = |metric: &Metric| {
        let part = explanation.metric(*metric)?;
        (part.vote == explanation.check.vote).then_some(part)
    };
    let (mut rates, mut limits) = (Vec::new(), Vec::new());
    for part in Metric::ALL.iter().filter_map(deciding) {
        let [good, poor] = [part.thresholds.good_at_most_ppm, part.thresholds.poor_at_least_ppm];
        let beside = [good, poor].map(|limit| f64::from(limit) / f64::from(PPM));
        let rate = part
            .rate
            .map_or_else(|| "0 %".to_owned(), |rate| Rate(rate).percent_beside(&beside));
        let verb = match part.metric {
            Metric::BounceRate => "bounced",
            Metric::ComplaintRate => "complained",
        };
        rates.push(format!("{rate} {verb}"));
        let ppm = if part.vote == Vote::For(Band::Poor) { poor } else { good };
        limits.push(limit(u64::from(ppm)));
    }
    let limits = match limits.as_slice() {
        [one] => format!("the limit is {one}"),
        several => format!("the limits are {}", several.join(" and ")),
    };
    format!("{} over {days}; {limits}.", rates.join(" and "))
}

/// How many events a rate is from another vote. In poor a rate between the limits has nothing to fall to: what matters is
/// the way to good. Without a band the domain is not enrolled.
#[must_use]
pub fn edge(part: &MetricExplanation, band: Option<Band>) -> Option<String> {
    let noun = event_noun(part.metric);
    let good = limit(part.thresholds.good_at_most_ppm.into());
    let poor = limit(part.thresholds.poor_at_least_ppm.into());
    let events = |events: u64, direction: &str| counted(events, &format!("{direction} {noun}"));
    match (part.vote, band) {
        (Vote::For(Band::Good), _) => {
            let more = events(part.more_to_worse?, "more");
            Some(format!("{more} would bring it above {good}"))
        }
        (Vote::Hold, Some(Band::Poor)) => {
            let fewer = events(part.fewer_to_good, "fewer");
            Some(format!("{fewer} would bring it to {good} or less"))
        }
        (Vote::Hold, _) => {
            let more = events(part.more_to_worse?, "more");
            Some(format!("{more} would make it poor ({poor} or more)"))
        }
        (Vote::For(_), _) => {
            let fewer = events(part.fewer_to_better?, "fewer");
            Some(format!("{fewer} would bring it below {poor}"))
        }
    }
}

/// A rate's confidence interval: `95 % confidence: 14.76–15.82 %`.
#[must_use]
pub fn confidence(interval: Interval) -> String {
    let [low, high] = [interval.low, interval.high].map(|end| Rate(end).percent());
    format!("95 % confidence: {}–{high}", low.trim_end_matches(" %"))
}

/// A metric's counts, rate and interval in one sentence.
#[must_use]
pub fn metric(part: &MetricExplanation) -> String {
    let (name, noun, base) = (
        metric_name(part.metric),
        event_noun(part.metric),
        base_word(part.metric),
    );
    let counts = format!("{} in {} {base}", counted(part.events, noun), count(part.base));
    let Some(rate) = part.rate else {
        return format!("{name}: none, {counts}.");
    };
    let limits = [part.thresholds.good_at_most_ppm, part.thresholds.poor_at_least_ppm];
    let beside = limits.map(|limit| f64::from(limit) / f64::from(PPM));
    let interval = part.interval.map(|interval| format!("; {}", confidence(interval)));
    format!(
        "{name} {}: {counts}{}.",
        Rate(rate).percent_beside(&beside),
        interval.unwrap_or_default()
    )
}

/// What would have changed the verdict: fewer events, clean days, other thresholds.
#[must_use]
pub fn changes(counterfactuals: &Counterfactuals, policy: &Policy) -> Vec<String> {
    let fewer = counterfactuals.fewer.iter().map(fewer);
    fewer.chain(changes_to_good(counterfactuals, policy)).collect()
}

/// What would make the domain good from now on: clean days, other thresholds.
#[must_use]
pub fn changes_to_good(counterfactuals: &Counterfactuals, policy: &Policy) -> Vec<String> {
    let mut lines = vec![way_back(counterfactuals, policy)];
    let votes_good = counterfactuals.explanation.check.vote == Vote::For(Band::Good);
    match &counterfactuals.threshold_change {
        Some(change) => lines.push(threshold_change(change, policy, counterfactuals.ends_in_with_change)),
        None if votes_good => {}
        None => lines.push("No threshold would make it good.".to_owned()),
    }
    lines
}

fn fewer(fewer: &FewerEventsNeeded) -> String {
    let parts = [
        (fewer.bounced, event_noun(Metric::BounceRate)),
        (fewer.complained, event_noun(Metric::ComplaintRate)),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(events, _)| *events > 0)
        .map(|(events, noun)| counted(events, &format!("fewer {noun}")))
        .collect();
    let vote = match fewer.vote {
        Vote::Hold => "not be poor".to_owned(),
        Vote::For(band) => format!("be {band}"),
    };
    format!("With {} within the window it would {vote}.", parts.join(" and "))
}

/// How a domain comes back to good, with the day.
pub fn way_back(counterfactuals: &Counterfactuals, policy: &Policy) -> String {
    match counterfactuals.clean_days {
        CleanDays::Good => "Already good.".to_owned(),
        CleanDays::After(days) => {
            let on = counterfactuals.checked_on.plus(i32::try_from(days).unwrap_or(i32::MAX));
            format!("{}.", good_on(on))
        }
        CleanDays::TooLittleMail => format!(
            "It sends too little to be judged: {} messages within {} are needed.",
            count(policy.minimum_processed),
            counted(u64::from(policy.window_days), "day")
        ),
        CleanDays::Pinned => "Pinned by an override: health checks do not move it.".to_owned(),
        CleanDays::NotEnrolled => "Not enrolled: health checks do not move it.".to_owned(),
    }
}

fn threshold_change(change: &ThresholdChange, policy: &Policy, ends_in: Option<Band>) -> String {
    let rate = |name: &str, to: Option<u32>, now: Option<u32>| {
        let (to, now) = to.zip(now)?;
        Some(format!(
            "a {name} limit of {} or more (now {})",
            limit(u64::from(to)),
            limit(u64::from(now))
        ))
    };
    let minimum = change.minimum_processed.map(|to| {
        format!(
            "a minimum of {} or less (now {})",
            counted(to, "message"),
            count(policy.minimum_processed)
        )
    });
    let parts = [
        rate(
            "bounce",
            change.bounce_good_at_most_ppm,
            policy.bounce.map(|metric| metric.good_at_most_ppm),
        ),
        rate(
            "complaint",
            change.complaint_good_at_most_ppm,
            policy.complaint.map(|metric| metric.good_at_most_ppm),
        ),
        minimum,
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts = parts.join(" and ");
    let end = match ends_in {
        Some(Band::Good) | None => String::new(),
        Some(band) => format!(" With it from the first day, it would still end in {band}."),
    };
    format!("It would be judged good only with {parts}.{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::explain;
    use poolkeeper_core::model::{Counts, Day};

    fn counterfactuals(
        counts: Counts,
        fewer: Vec<FewerEventsNeeded>,
        clean_days: CleanDays,
        threshold_change: Option<ThresholdChange>,
    ) -> Counterfactuals {
        Counterfactuals {
            checked_on: Day::from_ymd(2026, 3, 14).unwrap(),
            explanation: explain(&Policy::default(), &counts, Band::Poor),
            fewer,
            clean_days,
            threshold_change,
            ends_in_with_change: threshold_change.map(|_| Band::Good),
        }
    }

    /// 150 of 1 000 bounce: 15 %.
    fn poor() -> Counterfactuals {
        let counts = Counts {
            processed: 1_000,
            delivered: 850,
            bounced: 150,
            complained: 0,
        };
        let events = |vote, bounced| FewerEventsNeeded {
            vote,
            bounced,
            complained: 0,
        };
        let few = vec![events(Vote::Hold, 56), events(Vote::For(Band::Good), 106)];
        let threshold_change = ThresholdChange {
            bounce_good_at_most_ppm: Some(150_000),
            complaint_good_at_most_ppm: None,
            minimum_processed: None,
        };
        counterfactuals(counts, few, CleanDays::After(5), Some(threshold_change))
    }

    #[test]
    fn a_poor_domain_is_told_the_way_to_good_and_not_to_poor() {
        use poolkeeper_core::health::explain;
        use poolkeeper_core::model::Counts;
        // 70 of 1,000 are 7 %, between 5 and 10 %. 34 more are 104 of 1,034 (10.06 %); 22 fewer are 48 of 978 (4.9 %), and
        // 21 fewer 49 of 979 (5.005 %).
        let window = Counts {
            processed: 1_000,
            delivered: 930,
            bounced: 70,
            complained: 0,
        };
        let of = |band| {
            let explained = explain(&Policy::default(), &window, band);
            edge(explained.bounce.as_ref()?, Some(band))
        };
        assert_eq!(
            of(Band::Good).unwrap(),
            "34 more bounces would make it poor (10 % or more)"
        );
        assert_eq!(
            of(Band::Poor).unwrap(),
            "22 fewer bounces would bring it to 5 % or less"
        );
    }

    #[test]
    fn a_poor_verdict_and_what_would_change_it() {
        let (counterfactuals, policy) = (poor(), Policy::default());
        assert_eq!(
            verdict(&counterfactuals, &policy),
            "Check of 14 Mar 2026: poor. 15.00 % bounced over 7 days; the limit is 10 %."
        );
        // Wilson, 150 of 1 000, z = 1.96: centre (0.15 + 0.0019208) / 1.0038416 = 0.151340, half
        // 1.96 / 1.0038416 × √(0.0001275 + 9.604e-7) = 0.022129, so 12.92 % to 17.35 %.
        assert_eq!(
            metric(counterfactuals.explanation.metric(Metric::BounceRate).unwrap()),
            "Bounce rate 15.00 %: 150 bounces in 1,000 sent; 95 % confidence: 12.92–17.35 %."
        );
        assert_eq!(
            changes(&counterfactuals, &policy),
            [
                "With 56 fewer bounces within the window it would not be poor.",
                "With 106 fewer bounces within the window it would be good.",
                "Good on 19 Mar 2026 if there are no more bounces or complaints.",
                "It would be judged good only with a bounce limit of 15 % or more (now 5 %).",
            ]
        );
    }

    #[test]
    fn too_little_mail_is_reported_with_the_minimum() {
        let counts = Counts {
            processed: 400,
            delivered: 400,
            ..Counts::ZERO
        };
        let threshold_change = ThresholdChange {
            bounce_good_at_most_ppm: None,
            complaint_good_at_most_ppm: None,
            minimum_processed: Some(400),
        };
        let few = counterfactuals(counts, Vec::new(), CleanDays::TooLittleMail, Some(threshold_change));
        assert_eq!(
            verdict(&few, &Policy::default()),
            "Check of 14 Mar 2026: too little mail to judge, no change. 400 of 1,000 messages over 7 days."
        );
        assert_eq!(
            changes(&few, &Policy::default()),
            [
                "It sends too little to be judged: 1,000 messages within 7 days are needed.",
                "It would be judged good only with a minimum of 400 messages or less (now 1,000).",
            ]
        );
    }
}
