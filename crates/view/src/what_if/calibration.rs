//! What an account shows about the unpublished thresholds, in sentences and as lines to draw.

use poolkeeper_core::health::Policy;
use poolkeeper_core::text::{count, counted, day, limit};
use poolkeeper_lab::calibrate::{
    Calibration, Contradiction, Evidence, HiddenThreshold, Observation, ObservationKind, ThresholdInterval,
    Uninformative,
};

/// A threshold as people call it.
#[must_use]
pub const fn name(threshold: HiddenThreshold) -> &'static str {
    match threshold {
        HiddenThreshold::BounceGoodAtMost => "Bounce rate, good at most",
        HiddenThreshold::BouncePoorAtLeast => "Bounce rate, poor at least",
        HiddenThreshold::ComplaintGoodAtMost => "Complaint rate, good at most",
        HiddenThreshold::ComplaintPoorAtLeast => "Complaint rate, poor at least",
        HiddenThreshold::MinimumProcessed => "Minimum processed",
    }
}

/// A threshold's value with its unit.
#[must_use]
pub fn value(threshold: HiddenThreshold, value: u64) -> String {
    match threshold {
        HiddenThreshold::MinimumProcessed => counted(value, "message"),
        _ => limit(value),
    }
}

/// A threshold of a policy; `None` where its metric is off.
#[must_use]
pub fn of(threshold: HiddenThreshold, policy: &Policy) -> Option<u64> {
    let ppm = match threshold {
        HiddenThreshold::BounceGoodAtMost => policy.bounce?.good_at_most_ppm,
        HiddenThreshold::BouncePoorAtLeast => policy.bounce?.poor_at_least_ppm,
        HiddenThreshold::ComplaintGoodAtMost => policy.complaint?.good_at_most_ppm,
        HiddenThreshold::ComplaintPoorAtLeast => policy.complaint?.poor_at_least_ppm,
        HiddenThreshold::MinimumProcessed => return Some(policy.minimum_processed),
    };
    Some(u64::from(ppm))
}

/// Where it must lie, in a sentence.
#[must_use]
pub fn sentence(interval: &ThresholdInterval) -> String {
    let value = |of| value(interval.threshold, of);
    let least = || value(interval.at_least);
    match (&interval.lower, bounded_above(interval)) {
        (Some(_), Some(most)) if most == interval.at_least => format!("It is {}.", value(most)),
        (Some(_), Some(most)) => format!("It lies between {} and {}.", least(), value(most)),
        (Some(_), None) => format!("It is at least {}; nothing says how much more.", least()),
        (None, Some(most)) => format!("It is at most {}; nothing says how much less.", value(most)),
        (None, None) => "Nothing says where it lies.".to_owned(),
    }
}

/// The highest value it may have, where an observation says so; a rate is never above 100 % in any case.
fn bounded_above(interval: &ThresholdInterval) -> Option<u64> {
    interval.upper.as_ref().and(interval.at_most)
}

/// An observation: `news.example, history of 3 Mar 2026`.
#[must_use]
pub fn source(source: &Observation) -> String {
    let kind = match source.kind {
        ObservationKind::Preview => "a preview",
        ObservationKind::Domain => "its band and rates",
        ObservationKind::History => "history",
    };
    let of = source
        .at
        .map(|at| format!(" of {}", day(poolkeeper_core::model::Timestamp::from(at).day())))
        .unwrap_or_default();
    format!("{}, {kind}{of}", source.domain)
}

/// An end of an interval: its value, and what sets it.
#[must_use]
pub fn ends(interval: &ThresholdInterval) -> [(String, String); 2] {
    let end = |words: &str, open: &str, found: Option<&Evidence>| {
        found.map_or_else(
            || (open.to_owned(), "no observation sets one".to_owned()),
            |found| {
                let value = value(interval.threshold, found.bound);
                (format!("{words} {value}"), evidence(found))
            },
        )
    };
    [
        end("At least", "No lower end", interval.lower.as_ref()),
        end("At most", "No upper end", interval.upper.as_ref()),
    ]
}

fn evidence(found: &Evidence) -> String {
    let others = if found.needs_others {
        ", with what others say"
    } else {
        ""
    };
    format!("{}{others}", source(&found.source))
}

/// Why so many observations say nothing.
#[must_use]
pub fn silence(why: Uninformative, observations: u64) -> String {
    let (one, many) = match why {
        Uninformative::Pinned => ("was pinned or moved by a person", "were pinned or moved by a person"),
        Uninformative::NoMetrics => ("carries no rates or bands", "carry no rates or bands"),
        Uninformative::UnknownReason => (
            "has a reason in words not known here",
            "have reasons in words not known here",
        ),
        Uninformative::NoHistory => (
            "is a domain's band whose history is not known",
            "are domains' bands whose history is not known",
        ),
        Uninformative::MayBeWaiting => (
            "is a domain's band, which may be waiting for more votes",
            "are domains' bands, which may be waiting for more votes",
        ),
        Uninformative::TooWeak => ("bounds nothing", "bound nothing"),
    };
    let words = if observations == 1 { one } else { many };
    format!("{} {words}", count(observations))
}

/// A contradiction: what was left out, and what says otherwise.
#[must_use]
pub fn contradiction(found: &Contradiction) -> String {
    let left_out = source(&found.left_out);
    let against = found
        .against
        .as_ref()
        .map(|other| format!(", against {}", source(&other.source)))
        .unwrap_or_default();
    match found.threshold {
        Some(threshold) => format!("{}: {left_out} is left out{against}.", name(threshold)),
        None => format!("{left_out} is left out: it disagrees with all the others together."),
    }
}

/// What the whole rests on.
#[must_use]
pub fn basis(found: &Calibration) -> String {
    let silent: u64 = found.silent.iter().map(|(_, observations)| observations).sum();
    let contradicting = match found.contradictions.len() as u64 {
        0 => "none contradicts the others".to_owned(),
        1 => "1 contradicts the others and is left out".to_owned(),
        n => format!("{} contradict the others and are left out", count(n)),
    };
    let rest = if silent == 0 {
        String::new()
    } else {
        format!(" {} more say nothing.", count(silent))
    };
    format!(
        "These intervals rest on {}; {contradicting}.{rest}",
        counted(found.observations, "observation")
    )
}

/// An interval on a line from 0 at the left to 1 at the right end.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalRow {
    /// Where the interval begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Whether nothing bounds it from below.
    pub is_open_below: bool,
    /// Whether nothing bounds it from above.
    pub is_open_above: bool,
    /// Where each mark stands.
    pub marks: Vec<f64>,
    /// The value at the right end.
    pub end: u64,
}

/// Lays an interval and some marks (a policy's values) out on a line that has room for all of them.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub fn line(interval: &ThresholdInterval, marks: &[u64]) -> IntervalRow {
    let above = bounded_above(interval);
    let known = [interval.at_least, above.unwrap_or(0)];
    let most = known.into_iter().chain(marks.iter().copied()).max().unwrap_or(0);
    let end = rounded_up(most.saturating_add(most / 3))
        .clamp(1, interval.threshold.most().max(1))
        .max(most);
    let at = |value: u64| (value as f64 / end as f64).clamp(0.0, 1.0);
    IntervalRow {
        from: at(interval.at_least),
        to: above.map_or(1.0, at),
        is_open_below: interval.lower.is_none(),
        is_open_above: above.is_none(),
        marks: marks.iter().map(|mark| at(*mark)).collect(),
        end,
    }
}

/// The next number with two digits and zeros.
fn rounded_up(n: u64) -> u64 {
    let mut unit = 1_u64;
    while n / unit >= 100 {
        unit *= 10;
    }
    n.div_ceil(unit).saturating_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::DomainName;

    fn seen(bound: u64) -> Option<Evidence> {
        Some(Evidence {
            source: Observation {
                kind: ObservationKind::History,
                position: 0,
                domain: DomainName::as_sent("news.example"),
                at: chrono::DateTime::from_timestamp(1_784_808_300, 0),
            },
            bound,
            needs_others: false,
        })
    }

    fn interval(at_least: Option<u64>, at_most: Option<u64>) -> ThresholdInterval {
        ThresholdInterval {
            threshold: HiddenThreshold::BounceGoodAtMost,
            at_least: at_least.unwrap_or(0),
            at_most,
            lower: at_least.and_then(seen),
            upper: at_most.and_then(seen),
        }
    }

    #[test]
    fn an_interval_is_said_with_its_evidence() {
        let found = interval(Some(48_000), Some(52_500));
        assert_eq!(sentence(&found), "It lies between 4.8 % and 5.25 %.");
        let said = |interval: &ThresholdInterval| ends(interval).map(|(end, by)| format!("{end}: {by}"));
        assert_eq!(
            said(&found),
            [
                "At least 4.8 %: news.example, history of 23 Jul 2026",
                "At most 5.25 %: news.example, history of 23 Jul 2026"
            ]
        );
        assert_eq!(sentence(&interval(Some(50_000), Some(50_000))), "It is 5 %.");
        assert_eq!(
            sentence(&interval(Some(50_000), None)),
            "It is at least 5 %; nothing says how much more."
        );
        assert_eq!(
            sentence(&interval(None, Some(50_000))),
            "It is at most 5 %; nothing says how much less."
        );
        assert_eq!(sentence(&interval(None, None)), "Nothing says where it lies.");
        assert_eq!(
            said(&interval(None, None)),
            [
                "No lower end: no observation sets one",
                "No upper end: no observation sets one"
            ]
        );
        // No rate is above 100 %, but that is nobody's observation.
        let unbounded = ThresholdInterval {
            at_most: Some(1_000_000),
            upper: None,
            ..interval(Some(50_000), Some(1_000_000))
        };
        assert_eq!(sentence(&unbounded), "It is at least 5 %; nothing says how much more.");
        assert!(line(&unbounded, &[]).is_open_above);
    }

    #[test]
    fn an_interval_has_its_place_on_a_line() {
        // The largest of all is 60 000, a third more is 80 000.
        let drawn = line(&interval(Some(20_000), Some(40_000)), &[60_000]);
        assert_eq!((drawn.from, drawn.to, drawn.end), (0.25, 0.5, 80_000));
        assert_eq!(drawn.marks, [0.75]);
        assert!(!drawn.is_open_below && !drawn.is_open_above);
        let open = line(&interval(None, None), &[]);
        assert_eq!((open.from, open.to, open.end), (0.0, 1.0, 1));
        assert!(open.is_open_below && open.is_open_above);
        // 61 750 and a third are 82 333: the scale ends at two digits.
        assert_eq!(line(&interval(Some(61_750), None), &[]).end, 83_000);
        // Never beyond 100 %.
        assert_eq!(line(&interval(Some(900_000), None), &[]).end, 1_000_000);
    }

    #[test]
    fn what_it_rests_on_is_counted() {
        let found = Calibration {
            observations: 12,
            silent: vec![(Uninformative::Pinned, 2), (Uninformative::NoHistory, 1)],
            ..Calibration::default()
        };
        assert_eq!(
            basis(&found),
            "These intervals rest on 12 observations; none contradicts the others. 3 more say nothing."
        );
        let words: Vec<_> = found.silent.iter().map(|(why, n)| silence(*why, *n)).collect();
        assert_eq!(
            words,
            [
                "2 were pinned or moved by a person",
                "1 is a domain's band whose history is not known"
            ]
        );
    }
}
