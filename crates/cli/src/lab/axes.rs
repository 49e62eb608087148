//! A sweep's axes and outcomes, read from the command line.

use poolkeeper_core::health::{PPM, PolicyParam};
use poolkeeper_core::text::{self, rates::ppm_of};
use poolkeeper_lab::sweep::{Axis, AxisParam, GoodThreshold, MAX_VALUES, SweepOutcome, SweepOutcomes};

/// `2%`, `0.05%` or `500ppm`, in parts per million.
fn ppm(text: &str) -> Result<u64, String> {
    let problem = || format!("“{text}” is not a threshold such as 2%, 0.05% or 500ppm");
    if let Some(ppm) = text.strip_suffix("ppm") {
        return ppm.trim().parse().map_err(|_| problem());
    }
    let percent = text.strip_suffix('%').ok_or_else(problem)?.trim();
    let has_digits = percent.bytes().any(|byte| byte.is_ascii_digit());
    ppm_of(percent).filter(|_| has_digits).ok_or_else(problem)
}

fn knob(text: &str) -> Result<AxisParam, String> {
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
    let param = PolicyParam::swept_by_slug(name);
    let knob = param
        .and_then(|param| AxisParam::for_param(param, good))
        .ok_or_else(|| {
            let known = PolicyParam::SWEPT.map(PolicyParam::slug).join(", ");
            format!("there is no parameter “{name}”; choose one of {known}")
        })?;
    if share.is_some() && !matches!(knob, AxisParam::PoorAtLeast { .. }) {
        return Err(format!(
            "good-at-most can be tied to bounce-poor and complaint-poor, not to {name}"
        ));
    }
    Ok(knob)
}

/// An axis: `PARAMETER:FROM..TO:STEPS`, with `:linear` or `:log` behind it, or `PARAMETER:VALUE,VALUE`.
pub(super) fn axis(text: &str) -> Result<Axis, String> {
    let mut parts = text.split(':');
    let knob = knob(parts.next().unwrap_or_default())?;
    let values = parts
        .next()
        .ok_or("values are missing: PARAMETER:FROM..TO:STEPS or PARAMETER:VALUE,VALUE")?;
    let value = |text: &str| match knob {
        AxisParam::MinimumProcessed => text
            .trim()
            .parse()
            .map_err(|_| format!("“{text}” is not a number of messages")),
        AxisParam::PoorAtLeast { .. } | AxisParam::GoodAtMost { .. } => ppm(text.trim()),
    };
    let Some((from, to)) = values.split_once("..") else {
        let values: Vec<u64> = values.split(',').map(value).collect::<Result<_, _>>()?;
        if values.len() > MAX_VALUES {
            let most = text::count(MAX_VALUES as u64);
            return Err(format!(
                "{} values are too many; give {most} at most",
                text::count(values.len() as u64)
            ));
        }
        return match parts.next() {
            None => Ok(Axis { knob, values }),
            Some(more) => Err(format!("“{more}” does not belong behind a list of values")),
        };
    };
    let (from, to) = (value(from)?, value(to)?);
    let steps = parts
        .next()
        .ok_or("the number of steps is missing: PARAMETER:FROM..TO:STEPS")?;
    let is_within = |steps: &usize| (1..=MAX_VALUES).contains(steps);
    let steps = steps.parse().ok().filter(is_within).ok_or_else(|| {
        let most = text::count(MAX_VALUES as u64);
        format!("“{steps}” is not a number of steps; enter a whole number from 1 to {most}")
    })?;
    match (parts.next(), parts.next()) {
        (None | Some("linear"), None) => Ok(Axis::linear(knob, from, to, steps)),
        (Some("log"), None) => Ok(Axis::logarithmic(knob, from, to, steps)),
        (Some(more), _) => Err(format!("“{more}” is neither linear nor log")),
        (None, Some(_)) => Err("too many parts".to_owned()),
    }
}

/// Outcomes by their words, with commas between them.
pub(super) fn outcomes(text: &str) -> Result<SweepOutcomes, String> {
    let by_slug = |name: &str| {
        SweepOutcome::by_slug(name.trim()).ok_or_else(|| {
            let known: Vec<_> = SweepOutcome::ALL.into_iter().map(SweepOutcome::slug).collect();
            format!("there is no outcome “{name}”; choose from {}", known.join(", "))
        })
    };
    text.split(',').map(by_slug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::Metric;

    #[test]
    fn axes_read_as_they_are_written() {
        let bounce_poor = |good| AxisParam::PoorAtLeast {
            metric: Metric::BounceRate,
            good,
        };
        let read = axis("bounce-poor=50%:2%..10%:5").unwrap();
        assert_eq!(read.knob, bounce_poor(GoodThreshold::Tied { share_ppm: 500_000 }));
        assert_eq!(read.values, [20_000, 40_000, 60_000, 80_000, 100_000]);
        let read = axis("complaint-good:500ppm,0.1%,0.0001%").unwrap();
        assert_eq!(read.values, [500, 1_000, 1]);
        let read = axis("minimum:10..1000:3:log").unwrap();
        assert_eq!(
            (read.knob, read.values),
            (AxisParam::MinimumProcessed, vec![10, 100, 1_000])
        );
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
        let all: Vec<_> = SweepOutcome::ALL.into_iter().map(SweepOutcome::slug).collect();
        assert_eq!(
            outcomes(&all.join(",")).unwrap().iter().count(),
            SweepOutcome::ALL.len()
        );
        assert!(outcomes("days-poor,nothing").is_err());
    }
}
