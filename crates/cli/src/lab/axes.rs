//! A sweep's axes and outcomes, as words.

use poolkeeper_core::health::{Metric, PPM};
use poolkeeper_lab::sweep::{Axis, GoodThreshold, Knob, SweepOutcome, SweepOutcomes};

/// `2%`, `0.05%` or `500ppm`, in parts per million.
fn ppm(text: &str) -> Result<u64, String> {
    let problem = || format!("“{text}” is not a threshold such as 2%, 0.05% or 500ppm");
    if let Some(ppm) = text.strip_suffix("ppm") {
        return ppm.trim().parse().map_err(|_| problem());
    }
    let percent = text.strip_suffix('%').ok_or_else(problem)?.trim();
    let (whole, decimals) = percent.split_once('.').unwrap_or((percent, ""));
    if decimals.len() > 4 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(problem());
    }
    let whole: u64 = whole.parse().map_err(|_| problem())?;
    let decimals: u64 = format!("{decimals:0<4}").parse().map_err(|_| problem())?;
    whole
        .checked_mul(10_000)
        .and_then(|whole| whole.checked_add(decimals))
        .ok_or_else(problem)
}

fn knob(text: &str) -> Result<Knob, String> {
    let (name, share) = match text.split_once('=') {
        Some((name, share)) => (name, Some(share)),
        None => (text, None),
    };
    let good = match share {
        None => GoodThreshold::Fixed,
        Some(share) => {
            let share_ppm = u32::try_from(ppm(share)?).ok().filter(|share| *share <= PPM);
            GoodThreshold::Tied {
                share_ppm: share_ppm.ok_or_else(|| format!("“{share}” is more than 100%"))?,
            }
        }
    };
    let knob = match name {
        "bounce-poor" => Knob::PoorAtLeast {
            metric: Metric::BounceRate,
            good,
        },
        "complaint-poor" => Knob::PoorAtLeast {
            metric: Metric::ComplaintRate,
            good,
        },
        "bounce-good" => Knob::GoodAtMost {
            metric: Metric::BounceRate,
        },
        "complaint-good" => Knob::GoodAtMost {
            metric: Metric::ComplaintRate,
        },
        "minimum" => Knob::MinimumProcessed,
        _ => {
            let known = "bounce-poor, bounce-good, complaint-poor, complaint-good and minimum";
            return Err(format!("there is no knob “{name}”; there are {known}"));
        }
    };
    if share.is_some() && !matches!(knob, Knob::PoorAtLeast { .. }) {
        return Err(format!(
            "good-at-most can be tied to bounce-poor and complaint-poor, not to {name}"
        ));
    }
    Ok(knob)
}

/// An axis: `KNOB:FROM..TO:STEPS`, with `:linear` or `:log` behind it, or `KNOB:V,V,V`.
pub(super) fn axis(text: &str) -> Result<Axis, String> {
    let mut parts = text.split(':');
    let knob = knob(parts.next().unwrap_or_default())?;
    let values = parts
        .next()
        .ok_or("it needs values: KNOB:FROM..TO:STEPS or KNOB:V,V,V")?;
    let value = |text: &str| match knob {
        Knob::MinimumProcessed => text
            .trim()
            .parse()
            .map_err(|_| format!("“{text}” is not a number of messages")),
        Knob::PoorAtLeast { .. } | Knob::GoodAtMost { .. } => ppm(text.trim()),
    };
    let Some((from, to)) = values.split_once("..") else {
        let values = values.split(',').map(value).collect::<Result<_, _>>()?;
        return match parts.next() {
            None => Ok(Axis { knob, values }),
            Some(more) => Err(format!("“{more}” does not belong behind a list of values")),
        };
    };
    let (from, to) = (value(from)?, value(to)?);
    let steps = parts.next().and_then(|steps| steps.parse().ok());
    let steps = steps.ok_or("it needs a number of steps: KNOB:FROM..TO:STEPS")?;
    match (parts.next(), parts.next()) {
        (None | Some("linear"), None) => Ok(Axis::linear(knob, from, to, steps)),
        (Some("log"), None) => Ok(Axis::logarithmic(knob, from, to, steps)),
        (Some(more), _) => Err(format!("“{more}” is neither linear nor log")),
        (None, Some(_)) => Err("too many parts".to_owned()),
    }
}

/// Outcomes by their words, with commas between them.
pub(super) fn outcomes(text: &str) -> Result<SweepOutcomes, String> {
    let by_word = |name: &str| {
        SweepOutcome::by_word(name.trim()).ok_or_else(|| {
            let known: Vec<_> = SweepOutcome::ALL.into_iter().map(SweepOutcome::word).collect();
            format!("there is no outcome “{name}”; there are {}", known.join(", "))
        })
    };
    text.split(',').map(by_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_read_as_they_are_written() {
        let bounce_poor = |good| Knob::PoorAtLeast {
            metric: Metric::BounceRate,
            good,
        };
        let read = axis("bounce-poor=50%:2%..10%:5").unwrap();
        assert_eq!(read.knob, bounce_poor(GoodThreshold::Tied { share_ppm: 500_000 }));
        assert_eq!(read.values, [20_000, 40_000, 60_000, 80_000, 100_000]);
        let read = axis("complaint-good:500ppm,0.1%,0.0001%").unwrap();
        assert_eq!(read.values, [500, 1_000, 1]);
        let read = axis("minimum:10..1000:3:log").unwrap();
        assert_eq!((read.knob, read.values), (Knob::MinimumProcessed, vec![10, 100, 1_000]));
        for wrong in [
            "bounce-poor",
            "bounce-poor:2..3:4",
            "bounce-poor:2%..3%",
            "bounce-poor:2%..3%:4:cubic",
            "bounce-poor:2%:4",
            "bounce-poor:0.00001%",
            "bounce-good=50%:1%",
            "bounce-poor=101%:1%",
            "volume:1..2:3",
            "minimum:1%",
        ] {
            assert!(axis(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn outcomes_have_words() {
        let all: Vec<_> = SweepOutcome::ALL.into_iter().map(SweepOutcome::word).collect();
        assert_eq!(
            outcomes(&all.join(",")).unwrap().iter().count(),
            SweepOutcome::ALL.len()
        );
        assert!(outcomes("days-poor,nothing").is_err());
    }
}
