//! A domain's latest verdict under a policy, and what would have changed it, in sentences.

use poolkeeper_core::health::{Metric, MetricExplanation, PPM, Policy, Vote};
use poolkeeper_core::model::{Band, Rate};
use poolkeeper_core::text::{count, counted, day, limit};
use poolkeeper_lab::{CleanDays, Counterfactuals, FewerEventsNeeded, ThresholdChange};

/// What the latest check said, in one sentence.
#[must_use]
pub fn verdict(ways: &Counterfactuals, policy: &Policy) -> String {
    let explanation = &ways.explanation;
    let processed = counted(explanation.counts.processed, "processed message");
    let check = format!("The check of {}", day(ways.checked_on));
    if explanation.check.is_below_minimum {
        let minimum = count(policy.minimum_processed);
        let then = match explanation.check.vote {
            Vote::For(_) => "so it votes new",
            Vote::Hold => "so it says nothing",
        };
        return format!("{check} saw {processed}, fewer than the {minimum} that rates need, {then}.");
    }
    match explanation.check.vote {
        Vote::For(band) => format!("{check} votes {band} on {processed}: {}.", explanation.check.reason()),
        Vote::Hold => format!("{check} holds on {processed}: the metrics neither agree on good nor reach poor."),
    }
}

/// A metric's counts, rate and interval in one sentence.
#[must_use]
pub fn metric(part: &MetricExplanation) -> String {
    let (name, noun, base) = match part.metric {
        Metric::BounceRate => ("Bounce rate", "bounce", "sent"),
        Metric::ComplaintRate => ("Complaint rate", "complaint", "delivered"),
    };
    let counts = format!("{} in {} {base}", counted(part.events, noun), count(part.base));
    let Some(rate) = part.rate else {
        return format!("{name}: none, {counts}.");
    };
    let limits = [part.thresholds.good_at_most_ppm, part.thresholds.poor_at_least_ppm];
    let beside = limits.map(|limit| f64::from(limit) / f64::from(PPM));
    let interval = part.interval.map(|interval| {
        let [low, high] = [interval.low, interval.high].map(|end| Rate(end).percent());
        format!("; on so many messages the true rate lies between {low} and {high} (95 %)")
    });
    format!(
        "{name} {}: {counts}{}.",
        Rate(rate).percent_beside(&beside),
        interval.unwrap_or_default()
    )
}

/// What would have changed it, each exact: fewer events, clean days, other thresholds.
#[must_use]
pub fn changes(ways: &Counterfactuals, policy: &Policy) -> Vec<String> {
    let fewer = ways.fewer.iter().map(fewer);
    fewer.chain(ahead(ways, policy)).collect()
}

/// What would make it good from here on: clean days, other thresholds.
#[must_use]
pub fn ahead(ways: &Counterfactuals, policy: &Policy) -> Vec<String> {
    let mut lines = vec![clean_days(ways.clean_days, policy)];
    let votes_good = ways.explanation.check.vote == Vote::For(Band::Good);
    match &ways.let_in {
        Some(change) => lines.push(let_in(change, policy, ways.let_in_ends_in)),
        None if votes_good => {}
        None => lines.push("No threshold would have let it in.".to_owned()),
    }
    lines
}

fn fewer(fewer: &FewerEventsNeeded) -> String {
    let parts = [(fewer.bounced, "bounce"), (fewer.complained, "complaint")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(events, _)| *events > 0)
        .map(|(events, noun)| counted(events, &format!("fewer {noun}")))
        .collect();
    let vote = match fewer.vote {
        Vote::Hold => "not have voted poor".to_owned(),
        Vote::For(band) => format!("have voted {band}"),
    };
    format!("With {} in the window it would {vote}.", parts.join(" and "))
}

fn clean_days(days: CleanDays, policy: &Policy) -> String {
    match days {
        CleanDays::Good => "It is good, so it needs no clean days.".to_owned(),
        CleanDays::After(days) => format!(
            "It is good after {} at its usual volume.",
            counted(u64::from(days), "clean day")
        ),
        CleanDays::TooLittleMail => format!(
            "Clean days alone never make it good: its usual volume stays below the {} messages a verdict needs.",
            count(policy.minimum_processed)
        ),
        CleanDays::Pinned => "Clean days do nothing while it is pinned.".to_owned(),
        CleanDays::NotEnrolled => "It is not enrolled, so nothing moves it.".to_owned(),
    }
}

fn let_in(change: &ThresholdChange, policy: &Policy, ends_in: Option<Band>) -> String {
    let rate = |name: &str, to: Option<u32>, now: Option<u32>| {
        let (to, now) = to.zip(now)?;
        Some(format!(
            "{name} at most {} (now {})",
            limit(u64::from(to)),
            limit(u64::from(now))
        ))
    };
    let minimum = change.minimum_processed.map(|to| {
        format!(
            "a minimum of {} (now {})",
            counted(to, "processed message"),
            count(policy.minimum_processed)
        )
    });
    let parts = [
        rate(
            "bounces good",
            change.bounce_good_at_most_ppm,
            policy.bounce.map(|metric| metric.good_at_most_ppm),
        ),
        rate(
            "complaints good",
            change.complaint_good_at_most_ppm,
            policy.complaint.map(|metric| metric.good_at_most_ppm),
        ),
        minimum,
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts = parts.join(" and ");
    let end = match ends_in {
        Some(Band::Good) | None => String::new(),
        Some(band) => format!(" Had that held from the first day, it would still end in {band}."),
    };
    let (first, rest) = parts.split_at(parts.chars().next().map_or(0, char::len_utf8));
    let first = first.to_uppercase();
    format!("{first}{rest} would let it in; nothing stricter would.{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::explain;
    use poolkeeper_core::model::{Counts, Day};

    fn ways(
        counts: Counts,
        fewer: Vec<FewerEventsNeeded>,
        clean_days: CleanDays,
        let_in: Option<ThresholdChange>,
    ) -> Counterfactuals {
        Counterfactuals {
            checked_on: Day::from_ymd(2026, 3, 14).unwrap(),
            explanation: explain(&Policy::default(), &counts, Band::Poor),
            fewer,
            clean_days,
            let_in,
            let_in_ends_in: let_in.map(|_| Band::Good),
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
        let let_in = ThresholdChange {
            bounce_good_at_most_ppm: Some(150_000),
            complaint_good_at_most_ppm: None,
            minimum_processed: None,
        };
        ways(counts, few, CleanDays::After(5), Some(let_in))
    }

    #[test]
    fn a_poor_verdict_and_its_ways_out() {
        let (ways, policy) = (poor(), Policy::default());
        assert_eq!(
            verdict(&ways, &policy),
            "The check of 14 Mar 2026 votes poor on 1,000 processed messages: bounce_rate in poor threshold."
        );
        // Wilson, 150 of 1 000, z = 1.96: centre (0.15 + 0.0019208) / 1.0038416 = 0.151340, half
        // 1.96 / 1.0038416 × √(0.0001275 + 9.604e-7) = 0.022129, so 12.92 % to 17.35 %.
        assert_eq!(
            metric(ways.explanation.metric(Metric::BounceRate).unwrap()),
            "Bounce rate 15.00 %: 150 bounces in 1,000 sent; on so many messages the true rate lies between 12.92 % and \
             17.35 % (95 %)."
        );
        assert_eq!(
            changes(&ways, &policy),
            [
                "With 56 fewer bounces in the window it would not have voted poor.",
                "With 106 fewer bounces in the window it would have voted good.",
                "It is good after 5 clean days at its usual volume.",
                "Bounces good at most 15 % (now 5 %) would let it in; nothing stricter would.",
            ]
        );
    }

    #[test]
    fn too_little_mail_is_said_with_the_minimum() {
        let counts = Counts {
            processed: 400,
            delivered: 400,
            ..Counts::ZERO
        };
        let let_in = ThresholdChange {
            bounce_good_at_most_ppm: None,
            complaint_good_at_most_ppm: None,
            minimum_processed: Some(400),
        };
        let few = ways(counts, Vec::new(), CleanDays::TooLittleMail, Some(let_in));
        assert_eq!(
            verdict(&few, &Policy::default()),
            "The check of 14 Mar 2026 saw 400 processed messages, fewer than the 1,000 that rates need, so it says nothing."
        );
        assert_eq!(
            changes(&few, &Policy::default()),
            [
                "Clean days alone never make it good: its usual volume stays below the 1,000 messages a verdict needs.",
                "A minimum of 400 processed messages (now 1,000) would let it in; nothing stricter would.",
            ]
        );
    }
}
