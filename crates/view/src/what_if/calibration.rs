//! The estimate of the unpublished thresholds, as sentences and as rows to draw.

use poolkeeper_core::health::Policy;
use poolkeeper_core::text::{count, counted, day, limit};
use poolkeeper_lab::calibrate::{
    Calibration, Contradiction, Evidence, HiddenThreshold, Observation, ObservationKind, ProcessedBase,
    ThresholdInterval, Uninformative,
};

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

/// The range of a threshold's possible values, in a sentence.
#[must_use]
pub fn sentence(interval: &ThresholdInterval) -> String {
    let value = |of| value(interval.threshold, of);
    let least = || value(interval.at_least);
    match (&interval.lower, upper_bound(interval)) {
        (Some(_), Some(most)) if most == interval.at_least => format!("Exactly {}.", value(most)),
        (Some(_), Some(most)) => format!("Between {} and {}.", least(), value(most)),
        (Some(_), None) => format!("At least {}; no upper bound.", least()),
        (None, Some(most)) => format!("At most {}; no lower bound.", value(most)),
        (None, None) => "No bounds.".to_owned(),
    }
}

/// The upper bound, if an observation sets it. The limit of 100 % for rates is not an observation.
fn upper_bound(interval: &ThresholdInterval) -> Option<u64> {
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

/// Both ends of an interval: the value of each, and the observation that sets it.
#[must_use]
pub fn ends(interval: &ThresholdInterval) -> [(String, String); 2] {
    let end = |words: &str, open: &str, found: Option<&Evidence>| {
        found.map_or_else(
            || (open.to_owned(), "no observations".to_owned()),
            |found| {
                let value = value(interval.threshold, found.bound);
                (format!("{words} {value}"), evidence(found))
            },
        )
    };
    [
        end("At least", "No lower bound", interval.lower.as_ref()),
        end("At most", "No upper bound", interval.upper.as_ref()),
    ]
}

fn evidence(found: &Evidence) -> String {
    let others = if found.needs_others {
        ", together with other observations"
    } else {
        ""
    };
    format!("{}{others}", source(&found.source))
}

/// Why this many observations were uninformative.
#[must_use]
pub fn uninformative_text(why: Uninformative, observations: u64) -> String {
    let (one, many) = match why {
        Uninformative::Pinned => ("was pinned or moved by a person", "were pinned or moved by a person"),
        Uninformative::NoMetrics => ("carries no rates or bands", "carry no rates or bands"),
        Uninformative::UnknownReason => ("has an unknown reason", "have unknown reasons"),
        Uninformative::NoHistory => ("is a band without a known history", "are bands without a known history"),
        Uninformative::MayBeWaiting => (
            "is a band that may be waiting for more votes",
            "are bands that may be waiting for more votes",
        ),
        Uninformative::TooWeak => ("does not narrow any interval", "do not narrow any interval"),
    };
    let words = if observations == 1 { one } else { many };
    format!("{} {words}", count(observations))
}

/// A contradiction: the observation left out, and the one it contradicts.
#[must_use]
pub fn contradiction(found: &Contradiction) -> String {
    let left_out = source(&found.left_out);
    let against = found
        .against
        .as_ref()
        .map(|other| format!(", against {}", source(&other.source)))
        .unwrap_or_default();
    match found.threshold {
        Some(threshold) => format!("{}: {left_out} is left out{against}.", threshold.name()),
        None => format!("{left_out} is left out: it contradicts the others together."),
    }
}

/// How many observations the estimate is based on.
#[must_use]
pub fn basis(found: &Calibration) -> String {
    let uninformative: u64 = found.silent.iter().map(|(_, observations)| observations).sum();
    let contradicting = match found.contradictions.len() as u64 {
        0 => "no contradictions".to_owned(),
        1 => "1 contradiction left out".to_owned(),
        n => format!("{} contradictions left out", count(n)),
    };
    let rest = if uninformative == 0 {
        String::new()
    } else {
        let were = if uninformative == 1 { "was" } else { "were" };
        format!(" {} more {were} uninformative.", count(uninformative))
    };
    format!(
        "Based on {}; {contradicting}.{rest}",
        counted(found.observations, "observation")
    )
}

/// What the observations tell of the messages that the rates are shares of, a sentence for each metric.
#[must_use]
pub fn bases(found: &Calibration) -> Vec<String> {
    found.bases.iter().map(ProcessedBase::sentence).collect()
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
    /// The position of each mark.
    pub marks: Vec<f64>,
    /// The value at the right end.
    pub end: u64,
}

/// Lays out an interval and some marks (a policy's values) on a line that has room for all of them.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub fn line(interval: &ThresholdInterval, marks: &[u64]) -> IntervalRow {
    let above = upper_bound(interval);
    let known = [interval.at_least, above.unwrap_or(0)];
    let most = known.into_iter().chain(marks.iter().copied()).max().unwrap_or(0);
    let end = rounded_up(most.saturating_add(most / 3))
        .clamp(1, interval.threshold.max().max(1))
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

    fn evidence_of(bound: u64) -> Option<Evidence> {
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
            lower: at_least.and_then(evidence_of),
            upper: at_most.and_then(evidence_of),
        }
    }

    #[test]
    fn an_interval_is_written_with_its_evidence() {
        let found = interval(Some(48_000), Some(52_500));
        assert_eq!(sentence(&found), "Between 4.8 % and 5.25 %.");
        let ends_text = |interval: &ThresholdInterval| ends(interval).map(|(end, by)| format!("{end}: {by}"));
        assert_eq!(
            ends_text(&found),
            [
                "At least 4.8 %: news.example, history of 23 Jul 2026",
                "At most 5.25 %: news.example, history of 23 Jul 2026"
            ]
        );
        assert_eq!(sentence(&interval(Some(50_000), Some(50_000))), "Exactly 5 %.");
        assert_eq!(sentence(&interval(Some(50_000), None)), "At least 5 %; no upper bound.");
        assert_eq!(sentence(&interval(None, Some(50_000))), "At most 5 %; no lower bound.");
        assert_eq!(sentence(&interval(None, None)), "No bounds.");
        assert_eq!(
            ends_text(&interval(None, None)),
            ["No lower bound: no observations", "No upper bound: no observations"]
        );
        // No rate is above 100 %, but no observation says so.
        let unbounded = ThresholdInterval {
            at_most: Some(1_000_000),
            upper: None,
            ..interval(Some(50_000), Some(1_000_000))
        };
        assert_eq!(sentence(&unbounded), "At least 5 %; no upper bound.");
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
    fn uninformative_observations_are_counted() {
        let found = Calibration {
            observations: 12,
            silent: vec![(Uninformative::Pinned, 2), (Uninformative::NoHistory, 1)],
            ..Calibration::default()
        };
        assert_eq!(
            basis(&found),
            "Based on 12 observations; no contradictions. 3 more were uninformative."
        );
        let words: Vec<_> = found
            .silent
            .iter()
            .map(|(why, n)| uninformative_text(*why, *n))
            .collect();
        assert_eq!(
            words,
            [
                "2 were pinned or moved by a person",
                "1 is a band without a known history"
            ]
        );
    }
}
