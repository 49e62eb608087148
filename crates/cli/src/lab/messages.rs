//! A report in a few lines.

use poolkeeper_core::model::Band;
use poolkeeper_lab::calibrate::{Calibration, HiddenThreshold, ProcessedBase};
use poolkeeper_lab::report::{LabReport, ReportResult};
use poolkeeper_lab::sweep::{Axis, Grid};

/// What the report says, in short.
pub(super) fn lines(report: &LabReport) -> Vec<String> {
    match &report.result {
        ReportResult::Backtest { summary, .. } => {
            let totals = &summary.totals;
            let ends = Band::ALL.map(|band| format!("{} in {band}", totals.ends_in.get(band)));
            vec![
                format!("Domains end {}.", ends.join(", ")),
                format!(
                    "Moves by health checks: {}. Moves back within 14 days: {}.",
                    totals.moves, totals.flaps
                ),
                summary.start_sentence(),
                format!(
                    "Domain-days in poor: {}, with {} messages.",
                    totals.domain_days.poor, totals.messages.poor
                ),
            ]
        }
        ReportResult::Compare { sentences, .. } => sentences.clone(),
        ReportResult::Calibrate(found) => calibration(found),
        ReportResult::Sweep { grid, .. } => counts("", grid),
        ReportResult::Holdout { halves, .. } => {
            let mut lines = counts("before: ", &halves.chosen_on);
            lines.extend(counts("after: ", &halves.scored_on));
            lines
        }
    }
}

fn calibration(found: &Calibration) -> Vec<String> {
    let name = |threshold| match threshold {
        HiddenThreshold::BounceGoodAtMost => "bounce good_at_most_ppm",
        HiddenThreshold::BouncePoorAtLeast => "bounce poor_at_least_ppm",
        HiddenThreshold::ComplaintGoodAtMost => "complaint good_at_most_ppm",
        HiddenThreshold::ComplaintPoorAtLeast => "complaint poor_at_least_ppm",
        HiddenThreshold::MinimumProcessed => "minimum_processed",
    };
    let mut lines: Vec<_> = found
        .intervals
        .iter()
        .map(|interval| {
            let most = interval
                .at_most
                .map_or_else(|| "any".to_owned(), |most| most.to_string());
            format!("{}: {} to {most}", name(interval.threshold), interval.at_least)
        })
        .collect();
    lines.push(format!(
        "From {} observations; {} contradict them.",
        found.observations,
        found.contradictions.len()
    ));
    lines.extend(found.bases.iter().map(ProcessedBase::sentence));
    lines
}

/// The cells with the fewest and the most of each outcome.
fn counts(part: &str, grid: &Grid) -> Vec<String> {
    let unit = |axis: &Axis| if axis.knob.param().is_threshold() { " ppm" } else { "" };
    let width = grid.totals.width().max(1);
    let at = |cell: usize| {
        let value = |axis: &Axis, at: usize| {
            let value = axis.values.get(at).copied().unwrap_or(0);
            format!("{value}{}", unit(axis))
        };
        format!("x {}, y {}", value(&grid.x, cell % width), value(&grid.y, cell / width))
    };
    let outcomes = grid.totals.outcomes().iter();
    outcomes
        .filter_map(|outcome| {
            let plane = grid.plane(outcome)?;
            let (least_at, least) = plane.iter().enumerate().min_by_key(|(_, count)| **count)?;
            let (most_at, most) = plane.iter().enumerate().rev().max_by_key(|(_, count)| **count)?;
            let name = outcome.slug();
            Some(format!(
                "{part}{name}: {least} at {} to {most} at {}",
                at(least_at),
                at(most_at)
            ))
        })
        .collect()
}
