//! Warnings before falls, over seeded accounts.

use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use poolkeeper_watch::{Predictor, WarningScore, WatchSettings, score_warnings, simulated_past};

/// Days at the start that are not judged: the baseline's four weeks and a window.
const FIRST_JUDGED: i32 = 35;

fn scores(predictors: &[Predictor]) -> Vec<WarningScore> {
    let mut sums = vec![WarningScore::default(); predictors.len()];
    for kind in ScenarioKind::ALL {
        for seed in 1..=4 {
            let sim = Sim::scenario(&ScenarioSpec::new(kind, 80, seed).unwrap());
            let (days, domains) = simulated_past(&sim);
            let judged = days.start().plus(FIRST_JUDGED)..=*days.end();
            for (sum, predictor) in sums.iter_mut().zip(predictors) {
                *sum += score_warnings(&domains, *days.start(), &judged, &WatchSettings::default(), *predictor);
            }
        }
    }
    sums
}

#[test]
fn more_falls_are_foreseen_and_more_warnings_are_right_than_by_the_nearest_threshold() {
    let found = scores(&[Predictor::Approach, Predictor::NearThreshold(0.7), Predictor::Silence]);
    let [rule, near, silence] = found.as_slice() else {
        unreachable!()
    };
    let said = format!("{rule:?}\n{near:?}");
    assert!(
        rule.falls > 50 && rule.falls == near.falls && rule.falls == silence.falls,
        "{said}"
    );
    // More than half of the falls, and at least 1.3 times those of the nearest threshold.
    assert!(2 * rule.falls_warned > rule.falls, "{said}");
    assert!(10 * rule.falls_warned > 13 * near.falls_warned, "{said}");
    // right ÷ warnings is larger: cross-multiplied.
    assert!(
        rule.warnings_before_fall * near.warnings > near.warnings_before_fall * rule.warnings,
        "{said}"
    );
    assert_eq!((silence.warnings, silence.falls_warned), (0, 0));
}
