//! The map's texts.

use super::layout::PolicyMark;
use super::readout::{BestCells, Neighbourhood, wants_most};
use poolkeeper_core::model::Day;
use poolkeeper_core::text::{self, count, in_sentence};
use poolkeeper_lab::sweep::{Axis, Grid, SlowReason, Sweep, SweepOutcome};
use poolkeeper_lab::{Overrides, ReplayOptions};

/// What the map counts, and under which conditions: those of the comparison.
#[must_use]
pub const fn map_note(options: ReplayOptions) -> &'static str {
    match options.overrides {
        Overrides::Kept => "The result of each pair of thresholds, with enrollments and overrides as they were",
        Overrides::Ignored => "The result of each pair of thresholds, with enrollments as they were and no overrides",
    }
}

/// What an outcome counts, in the short form for a legend: `domains`.
#[must_use]
pub const fn outcome_unit(outcome: SweepOutcome) -> &'static str {
    match outcome {
        SweepOutcome::Ending(_) | SweepOutcome::EndingDiffers => "domains",
        SweepOutcome::Days(_) => "domain-days",
        SweepOutcome::Moves | SweepOutcome::Flaps => "moves",
        SweepOutcome::PoorMessages => "messages",
    }
}

/// A count of an outcome: `47 domains end in poor`.
#[must_use]
pub fn counted(outcome: SweepOutcome, n: u64) -> String {
    let ends = if n == 1 { "ends" } else { "end" };
    match outcome {
        SweepOutcome::Ending(band) => format!("{} {ends} in {}", text::counted(n, "domain"), band.word()),
        SweepOutcome::Days(band) => format!("{} in {}", text::counted(n, "domain-day"), band.word()),
        SweepOutcome::Moves => text::counted(n, "move"),
        SweepOutcome::Flaps => format!("{} back within 14 days", text::counted(n, "move")),
        SweepOutcome::PoorMessages => format!("{} sent while poor", text::counted(n, "message")),
        SweepOutcome::EndingDiffers => {
            format!("{} {ends} in another band than under A", text::counted(n, "domain"))
        }
    }
}

/// A cell's thresholds and counts: `bounce rate, poor at least 3.25 %; …: 47 domains end in poor, 12 moves`.
///
/// The chosen outcome comes first. With a holdout, `parts` names each grid. `None` outside the grid.
#[must_use]
pub fn readout(grids: &[&Grid], parts: &[String], (x, y): (usize, usize), chosen: SweepOutcome) -> Option<String> {
    let first = grids.first()?;
    let threshold = |axis: &Axis, at: usize| {
        let param = axis.knob.param();
        Some(format!(
            "{} {}",
            in_sentence(param.label()),
            param.value_with_unit(*axis.values.get(at)?)
        ))
    };
    let place = format!("{}; {}", threshold(&first.x, x)?, threshold(&first.y, y)?);
    let counts = grids.iter().enumerate().map(|(at, grid)| {
        let asked = grid.totals.outcomes();
        let rest = asked.iter().filter(|outcome| *outcome != chosen);
        let counts = std::iter::once(chosen)
            .chain(rest)
            .filter_map(|outcome| Some(counted(outcome, grid.at(outcome, x, y)?)))
            .collect::<Vec<_>>()
            .join(", ");
        match parts.get(at) {
            Some(part) => format!("{part} {counts}"),
            None => counts,
        }
    });
    Some(format!("{place}: {}", counts.collect::<Vec<_>>().join("; ")))
}

/// The range around B with the same result: `Between 3.2 % and 5.1 % (bounce rate, poor at least) the result stays the
/// same: 47 domains end in poor.`
#[must_use]
pub fn around_b(grid: &Grid, outcome: SweepOutcome, found: &Neighbourhood) -> String {
    let all = grid.totals.width() * grid.totals.height();
    let counted = counted(outcome, found.count);
    if found.cells == all {
        let all = count(all as u64);
        return format!("All {all} policies on this map give the same result: {counted}.");
    }
    let ranges = [range_words(&grid.x, found.columns), range_words(&grid.y, found.rows)];
    let mut ranges = ranges.into_iter().flatten();
    let Some(first) = ranges.next() else {
        return format!("B: {counted}. One step of either threshold changes this.");
    };
    let second = ranges
        .next()
        .map(|second| format!(" Same result {}.", lower(&second)))
        .unwrap_or_default();
    let cells = format!(
        " {} of the {} policies on this map, in one block with B, give this result.",
        count(found.cells as u64),
        count(all as u64)
    );
    format!("{first} the result stays the same: {counted}.{second}{cells}")
}

/// A range of an axis's values in words; `None` when it is a single value.
fn range_words(axis: &Axis, (first, last): (usize, usize)) -> Option<String> {
    let param = axis.knob.param();
    let ends = [axis.values.get(first)?, axis.values.get(last)?];
    let is_one = first == last;
    let [from, to] = ends.map(|number| param.value_text(*number));
    let name = in_sentence(param.label());
    let words = match (first == 0, last + 1 == axis.values.len()) {
        (true, true) => format!("At any {name} on this map,"),
        (true, false) => format!("Up to {to} ({name})"),
        (false, true) => format!("From {from} up ({name})"),
        (false, false) => format!("Between {from} and {to} ({name})"),
    };
    (!is_one).then_some(words)
}

/// A text for the middle of a sentence: without its capital letter and its last comma.
#[must_use]
pub fn lower(text: &str) -> String {
    in_sentence(text).trim_end_matches(',').to_owned()
}

/// A note about a policy's mark; `None` when it is in its own cell. `name`: A or B. `mark`: `None` if it has no
/// position.
#[must_use]
pub fn mark_note(name: &str, mark: Option<&PolicyMark>) -> Option<String> {
    let Some(mark) = mark else {
        return Some(format!("{name} is not on this map: one of these rates is off in it."));
    };
    if !mark.outside.is_empty() {
        let beyond = mark
            .outside
            .iter()
            .map(|(param, number)| format!("{} {}", in_sentence(param.label()), param.value_with_unit(*number)));
        let beyond = beyond.collect::<Vec<_>>().join("; ");
        return Some(format!("{name} is outside this map and marked at its edge: {beyond}."));
    }
    (!mark.is_exact).then(|| format!("The map uses B's other settings; {name} is only marked at its thresholds."))
}

/// How the best plateau of the first days does on the days held out. `first_day`: the first day of the traffic. `b`:
/// B's count on the days held out, if B is on the map.
#[must_use]
pub fn holdout(outcome: SweepOutcome, found: &BestCells, first_day: Day, split_day: u32, b: Option<u64>) -> String {
    let name = in_sentence(&outcome.name());
    let (extreme, beyond) = if wants_most(outcome) {
        ("most", "more")
    } else {
        ("fewest", "fewer")
    };
    let last = first_day.plus(i32::try_from(split_day).unwrap_or(i32::MAX)).plus(-1);
    let policies = text::counted(found.cells as u64, "policy").replace("policys", "policies");
    let side_by_side = if found.cells == 1 { "" } else { " in one block" };
    let after = match found.after {
        (least, most) if least == most => count(least),
        (least, most) => format!("{} to {}", count(least), count(most)),
    };
    let b = b.map(|b| format!("; B gives {}", count(b))).unwrap_or_default();
    format!(
        "Up to {}: the {extreme} {name} are {}, with {policies}{side_by_side}. After that, these give \
         {after}{b}. No policy on this map gives {beyond} than {} there.",
        text::day(last),
        count(found.count),
        count(found.best_after),
    )
}

/// Why a sweep takes longer than others; `None` if it does not.
#[must_use]
pub fn slow(sweep: &Sweep) -> Option<&'static str> {
    SlowReason::of(sweep).map(|slow| match slow {
        SlowReason::FlapsThroughNew => {
            "This map takes longer: moves back are counted for each policy when domains can return to new."
        }
        SlowReason::InARow => "This map takes longer: several checks in a row must agree.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::{BelowMinimum, Metric, Policy, PolicyParam};
    use poolkeeper_core::model::Band;
    use poolkeeper_lab::sweep::{AxisParam, GoodThreshold, PartialGrid};

    const BOUNCE: PolicyParam = PolicyParam::PoorAtLeast(Metric::BounceRate);

    fn grid(bounce: Vec<u64>, minimum: Vec<u64>) -> Grid {
        let (width, height) = (bounce.len(), minimum.len());
        Grid {
            x: Axis {
                knob: AxisParam::PoorAtLeast {
                    metric: Metric::BounceRate,
                    good: GoodThreshold::Tied { share_ppm: 333_334 },
                },
                values: bounce,
            },
            y: Axis {
                knob: AxisParam::MinimumProcessed,
                values: minimum,
            },
            totals: PartialGrid::empty(
                [SweepOutcome::Ending(Band::Poor), SweepOutcome::Moves]
                    .into_iter()
                    .collect(),
                width,
                height,
            ),
        }
    }

    #[test]
    fn values_are_exact() {
        assert_eq!(BOUNCE.value_text(32_500), "3.25 %");
        assert_eq!(BOUNCE.value_text(1), "0.0001 %");
        assert_eq!(BOUNCE.value_text(1_000_000), "100 %");
        assert_eq!(BOUNCE.value_text(0), "0 %");
        assert_eq!(PolicyParam::MinimumProcessed.value_text(1_000), "1,000");
        assert_eq!(PolicyParam::MinimumProcessed.value_with_unit(1), "1 message");
        let axis = grid(vec![1], vec![1]).x;
        assert_eq!(axis.knob.name(), "Bounce rate, poor at least (good at most 33 % of it)");
    }

    #[test]
    fn a_cell_is_read_out_whole_the_chosen_outcome_first() {
        let grid = grid(vec![32_500, 40_000], vec![1_000]);
        assert_eq!(
            readout(&[&grid], &[], (1, 0), SweepOutcome::Moves).unwrap(),
            "bounce rate, poor at least 4 %; minimum processed 1,000 messages: 0 moves, 0 domains end in poor"
        );
        let parts = ["to 21 Jun 2026:".to_owned(), "after:".to_owned()];
        assert_eq!(
            readout(&[&grid, &grid], &parts, (0, 0), SweepOutcome::Ending(Band::Poor)).unwrap(),
            "bounce rate, poor at least 3.25 %; minimum processed 1,000 messages: to 21 Jun 2026: 0 domains end in poor, 0 moves; \
             after: 0 domains end in poor, 0 moves"
        );
        assert_eq!(readout(&[&grid], &[], (2, 0), SweepOutcome::Moves), None);
        assert_eq!(counted(SweepOutcome::Ending(Band::Good), 1), "1 domain ends in good");
    }

    #[test]
    fn the_range_around_b_comes_first() {
        let grid = grid(vec![20_000, 32_000, 40_000, 51_000, 60_000], vec![500, 1_000, 2_000]);
        let found = |columns, rows, cells| Neighbourhood {
            count: 47,
            columns,
            rows,
            cells,
        };
        let words = |found: Neighbourhood| around_b(&grid, SweepOutcome::Ending(Band::Poor), &found);
        assert_eq!(
            words(found((1, 3), (1, 1), 5)),
            "Between 3.2 % and 5.1 % (bounce rate, poor at least) the result stays the same: 47 domains end in poor. 5 of the 15 \
             policies on this map, in one block with B, give this result."
        );
        assert!(words(found((1, 3), (0, 2), 9)).contains("Same result at any minimum processed on this map."));
        assert!(words(found((0, 1), (1, 1), 2)).starts_with("Up to 3.2 % (bounce"));
        assert!(words(found((2, 2), (1, 2), 2)).starts_with("From 1,000 up (minimum processed) the result"));
        assert_eq!(
            words(found((2, 2), (1, 1), 1)),
            "B: 47 domains end in poor. One step of either threshold changes this."
        );
        assert_eq!(
            words(found((0, 4), (0, 2), 15)),
            "All 15 policies on this map give the same result: 47 domains end in poor."
        );
    }

    #[test]
    fn a_mark_outside_the_map_has_a_note() {
        let on = PolicyMark {
            at: (0.5, 0.5),
            cell: (0, 0),
            outside: vec![],
            is_exact: true,
        };
        assert_eq!(mark_note("A", Some(&on)), None);
        let outside = PolicyMark {
            outside: vec![(BOUNCE, 600_000)],
            ..on.clone()
        };
        assert_eq!(
            mark_note("A", Some(&outside)).unwrap(),
            "A is outside this map and marked at its edge: bounce rate, poor at least 60 %."
        );
        let other = PolicyMark { is_exact: false, ..on };
        assert!(mark_note("A", Some(&other)).unwrap().contains("B's other settings"));
        assert!(mark_note("B", None).unwrap().starts_with("B is not on this map"));
    }

    #[test]
    fn the_best_plateau_is_scored_after_the_split() {
        let first = Day::from_ymd(2026, 4, 23).unwrap();
        let found = BestCells {
            count: 12,
            cells: 340,
            after: (14, 19),
            best_after: 11,
        };
        // 60 days from 23 April end with 21 June.
        assert_eq!(
            holdout(SweepOutcome::Ending(Band::Poor), &found, first, 60, Some(16)),
            "Up to 21 Jun 2026: the fewest domains that end in poor are 12, with 340 policies in one block. After \
             that, these give 14 to 19; B gives 16. No policy on this map gives fewer than 11 there."
        );
        let alone = BestCells {
            cells: 1,
            after: (14, 14),
            ..found
        };
        let said = holdout(SweepOutcome::Days(Band::Good), &alone, first, 60, None);
        assert!(said.contains("the most domain-days in good are 12, with 1 policy. After that, these give 14."));
    }

    #[test]
    fn slow_sweeps_say_why() {
        let sweep = |outcome, base| Sweep::along(base, grid(vec![1], vec![1]).x, [outcome].into_iter().collect());
        let back_to_new = Policy {
            below_minimum: BelowMinimum::New,
            ..Policy::default()
        };
        assert_eq!(slow(&sweep(SweepOutcome::Flaps, Policy::default())), None);
        assert_eq!(slow(&sweep(SweepOutcome::Moves, back_to_new.clone())), None);
        assert!(slow(&sweep(SweepOutcome::Flaps, back_to_new)).is_some_and(|why| why.contains("for each policy")));
        let calm = Policy {
            promotion_after_checks: 7,
            ..Policy::default()
        };
        assert!(slow(&sweep(SweepOutcome::Moves, calm)).is_some_and(|why| why.contains("in a row")));
    }
}
