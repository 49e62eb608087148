//! The map in words.

use super::axis::Turn;
use super::layout::PolicyMark;
use super::readout::{BestCells, Neighbourhood, wants_most};
use poolkeeper_core::model::Day;
use poolkeeper_core::text::{self, count};
use poolkeeper_lab::sweep::{Axis, GoodThreshold, Grid, Knob, SlowReason, Sweep, SweepOutcome};

/// A value of an axis, as short as it is exact: `3.25 %`, `1,000`.
#[must_use]
pub fn value(turn: Turn, value: u64) -> String {
    if turn == Turn::Minimum {
        return count(value);
    }
    text::limit(value)
}

/// The same with its unit where that is not a percent sign: `1,000 messages`.
#[must_use]
pub fn value_of(turn: Turn, number: u64) -> String {
    match turn {
        Turn::Minimum => text::counted(number, "message"),
        Turn::Poor(_) | Turn::Good(_) => value(turn, number),
    }
}

/// An axis's name, with what good-at-most does meanwhile: `Bounce rate, poor at least (good at most 50 % of it)`.
#[must_use]
pub fn axis_name(axis: &Axis) -> String {
    let name = Turn::of(axis.knob).name();
    match axis.knob {
        Knob::PoorAtLeast {
            good: GoodThreshold::Tied { share_ppm },
            ..
        } => {
            // A share is a ratio of two numbers: whole percents say enough.
            format!("{name} (good at most {} % of it)", (share_ppm + 5_000) / 10_000)
        }
        _ => name.to_owned(),
    }
}

/// A name inside a sentence: `bounce rate, poor at least`.
fn inside(turn: Turn) -> String {
    let name = turn.name();
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_lowercase(), letters.as_str())
    })
}

/// What an outcome is: `Domains that end in poor`.
#[must_use]
pub fn outcome_name(outcome: SweepOutcome) -> String {
    match outcome {
        SweepOutcome::Ending(band) => format!("Domains that end in {}", band.word()),
        SweepOutcome::Days(band) => format!("Domain-days in {}", band.word()),
        SweepOutcome::Moves => "Moves".to_owned(),
        SweepOutcome::Flaps => "Moves back within 14 days".to_owned(),
        SweepOutcome::PoorMessages => "Messages sent while poor".to_owned(),
        SweepOutcome::EndingDiffers => "Domains that end elsewhere than under A".to_owned(),
    }
}

/// What is counted, as short as a legend wants it: `domains`.
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
            format!("{} {ends} elsewhere than under A", text::counted(n, "domain"))
        }
    }
}

/// A cell's thresholds and counts, the chosen outcome first: `Bounce rate, poor at least 3.25 %; …: 47 domains end in poor,
/// 12 moves`. With a holdout, `parts` names what each grid counts. `None` outside the grid.
#[must_use]
pub fn readout(grids: &[&Grid], parts: &[String], (x, y): (usize, usize), chosen: SweepOutcome) -> Option<String> {
    let first = grids.first()?;
    let threshold = |axis: &Axis, at: usize| {
        let turn = Turn::of(axis.knob);
        Some(format!("{} {}", inside(turn), value_of(turn, *axis.values.get(at)?)))
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

/// Where nothing changes around B: `Between 3.2 % and 5.1 % (bounce rate, poor at least) nothing changes around B: 47
/// domains end in poor.`
#[must_use]
pub fn around_b(grid: &Grid, outcome: SweepOutcome, found: &Neighbourhood) -> String {
    let all = grid.totals.width() * grid.totals.height();
    let counted = counted(outcome, found.count);
    if found.cells == all {
        let all = count(all as u64);
        return format!("Nothing changes anywhere on this map: {counted} under each of its {all} policies.");
    }
    let stretches = [stretch(&grid.x, found.columns), stretch(&grid.y, found.rows)];
    let mut stretches = stretches.into_iter().flatten();
    let Some(first) = stretches.next() else {
        return format!("At B, {counted}; one step of either threshold changes that.");
    };
    let second = stretches
        .next()
        .map(|second| format!(" The same holds {}.", lower(&second)))
        .unwrap_or_default();
    let cells = format!(
        " With both moved, {} of the {} policies on this map come to the same, side by side.",
        count(found.cells as u64),
        count(all as u64)
    );
    format!("{first} nothing changes around B: {counted}.{second}{cells}")
}

/// A stretch of an axis's values in words; `None` when it is one value only.
fn stretch(axis: &Axis, (first, last): (usize, usize)) -> Option<String> {
    let turn = Turn::of(axis.knob);
    let ends = [axis.values.get(first)?, axis.values.get(last)?];
    let is_one = first == last;
    let [from, to] = ends.map(|number| value(turn, *number));
    let name = inside(turn);
    let words = match (first == 0, last + 1 == axis.values.len()) {
        (true, true) => format!("Whatever the {name}, on this map,"),
        (true, false) => format!("Up to {to} ({name})"),
        (false, true) => format!("From {from} on ({name})"),
        (false, false) => format!("Between {from} and {to} ({name})"),
    };
    (!is_one).then_some(words)
}

/// Words inside a sentence: without the capital and the comma of one of their own.
#[must_use]
pub fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| {
            format!("{}{}", first.to_lowercase(), letters.as_str())
        })
        .trim_end_matches(',')
        .to_owned()
}

/// What to know about a policy's mark, if anything. `name`: A or B; `mark`: `None` where it has no place.
#[must_use]
pub fn mark_note(name: &str, mark: Option<&PolicyMark>) -> Option<String> {
    let Some(mark) = mark else {
        return Some(format!(
            "{name} has no place on this map: it does not look at one of these rates."
        ));
    };
    if !mark.off.is_empty() {
        let beyond = mark
            .off
            .iter()
            .map(|(turn, number)| format!("{} {}", inside(*turn), value_of(*turn, *number)));
        let beyond = beyond.collect::<Vec<_>>().join("; ");
        return Some(format!("{name} is off this map and marked at its edge: {beyond}."));
    }
    (!mark.is_cells).then(|| {
        format!("{name} is marked at its thresholds, but differs in other choices: the map's policies have B's there.")
    })
}

/// How the best plateau of the first days does on those held out. `first_day`: the traffic's; `b`: B's count there, where
/// it is on the map.
#[must_use]
pub fn holdout(outcome: SweepOutcome, found: &BestCells, first_day: Day, split_day: u32, b: Option<u64>) -> String {
    let name = inside_outcome(outcome);
    let (extreme, beyond) = if wants_most(outcome) {
        ("most", "more")
    } else {
        ("fewest", "fewer")
    };
    let last = first_day.plus(i32::try_from(split_day).unwrap_or(i32::MAX)).plus(-1);
    let policies = text::counted(found.cells as u64, "policy").replace("policys", "policies");
    let side_by_side = if found.cells == 1 { "" } else { " side by side" };
    let after = match found.after {
        (least, most) if least == most => format!("to {}", count(least)),
        (least, most) => format!("to between {} and {}", count(least), count(most)),
    };
    let b = b.map(|b| format!("; B comes to {}", count(b))).unwrap_or_default();
    format!(
        "On the days to {}, the {extreme} {name} are {}, under {policies}{side_by_side}. On the days after, the same come \
         {after}{b}. No policy on this map comes to {beyond} than {} there.",
        text::day(last),
        count(found.count),
        count(found.best_after),
    )
}

fn inside_outcome(outcome: SweepOutcome) -> String {
    lower(&outcome_name(outcome))
}

/// Why a sweep takes longer than others, if it does.
#[must_use]
pub fn slow(sweep: &Sweep) -> Option<&'static str> {
    SlowReason::of(sweep).map(|slow| match slow {
        SlowReason::FlapsThroughNew => {
            "Moves back are counted policy by policy where domains can go back to new: this takes longer."
        }
        SlowReason::InARow => "Checks that have to agree in a row take longer to sweep.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::{BelowMinimum, Metric, Policy};
    use poolkeeper_core::model::Band;
    use poolkeeper_lab::sweep::PartialGrid;

    const BOUNCE: Turn = Turn::Poor(Metric::BounceRate);

    fn grid(bounce: Vec<u64>, minimum: Vec<u64>) -> Grid {
        let (width, height) = (bounce.len(), minimum.len());
        Grid {
            x: Axis {
                knob: Knob::PoorAtLeast {
                    metric: Metric::BounceRate,
                    good: GoodThreshold::Tied { share_ppm: 333_334 },
                },
                values: bounce,
            },
            y: Axis {
                knob: Knob::MinimumProcessed,
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
        assert_eq!(value(BOUNCE, 32_500), "3.25 %");
        assert_eq!(value(BOUNCE, 1), "0.0001 %");
        assert_eq!(value(BOUNCE, 1_000_000), "100 %");
        assert_eq!(value(BOUNCE, 0), "0 %");
        assert_eq!(value(Turn::Minimum, 1_000), "1,000");
        assert_eq!(value_of(Turn::Minimum, 1), "1 message");
        let axis = grid(vec![1], vec![1]).x;
        assert_eq!(axis_name(&axis), "Bounce rate, poor at least (good at most 33 % of it)");
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
    fn the_stretch_around_b_is_said_first() {
        let grid = grid(vec![20_000, 32_000, 40_000, 51_000, 60_000], vec![500, 1_000, 2_000]);
        let found = |columns, rows, cells| Neighbourhood {
            count: 47,
            columns,
            rows,
            cells,
        };
        let say = |found: Neighbourhood| around_b(&grid, SweepOutcome::Ending(Band::Poor), &found);
        assert_eq!(
            say(found((1, 3), (1, 1), 5)),
            "Between 3.2 % and 5.1 % (bounce rate, poor at least) nothing changes around B: 47 domains end in poor. With both \
             moved, 5 of the 15 policies on this map come to the same, side by side."
        );
        assert!(say(found((1, 3), (0, 2), 9)).contains("The same holds whatever the minimum processed, on this map."));
        assert!(say(found((0, 1), (1, 1), 2)).starts_with("Up to 3.2 % (bounce"));
        assert!(say(found((2, 2), (1, 2), 2)).starts_with("From 1,000 on (minimum processed) nothing"));
        assert_eq!(
            say(found((2, 2), (1, 1), 1)),
            "At B, 47 domains end in poor; one step of either threshold changes that."
        );
        assert_eq!(
            say(found((0, 4), (0, 2), 15)),
            "Nothing changes anywhere on this map: 47 domains end in poor under each of its 15 policies."
        );
    }

    #[test]
    fn marks_off_the_map_say_so() {
        let on = PolicyMark {
            at: (0.5, 0.5),
            cell: (0, 0),
            off: vec![],
            is_cells: true,
        };
        assert_eq!(mark_note("A", Some(&on)), None);
        let off = PolicyMark {
            off: vec![(BOUNCE, 600_000)],
            ..on.clone()
        };
        assert_eq!(
            mark_note("A", Some(&off)).unwrap(),
            "A is off this map and marked at its edge: bounce rate, poor at least 60 %."
        );
        let other = PolicyMark { is_cells: false, ..on };
        assert!(mark_note("A", Some(&other)).unwrap().contains("other choices"));
        assert!(mark_note("B", None).unwrap().starts_with("B has no place"));
    }

    #[test]
    fn the_best_of_the_first_days_is_held_against_the_rest() {
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
            "On the days to 21 Jun 2026, the fewest domains that end in poor are 12, under 340 policies side by side. On the \
             days after, the same come to between 14 and 19; B comes to 16. No policy on this map comes to fewer than 11 there."
        );
        let alone = BestCells {
            cells: 1,
            after: (14, 14),
            ..found
        };
        let said = holdout(SweepOutcome::Days(Band::Good), &alone, first, 60, None);
        assert!(
            said.contains(
                "the most domain-days in good are 12, under 1 policy. On the days after, the same come to 14."
            )
        );
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
        assert!(slow(&sweep(SweepOutcome::Flaps, back_to_new)).is_some_and(|why| why.contains("policy by policy")));
        let calm = Policy {
            promotion_after_checks: 7,
            ..Policy::default()
        };
        assert!(slow(&sweep(SweepOutcome::Moves, calm)).is_some_and(|why| why.contains("in a row")));
    }
}
