//! Charts of one domain under both policies.

use crate::charts::{ChartData, ChartKind, ChartSeries, ChartUnit, LimitLine, SeriesColor, XAxis};
use poolkeeper_core::health::{Metric, PPM, Policy};
use poolkeeper_core::model::{Counts, Day};
use poolkeeper_core::text::limit;
use poolkeeper_lab::{DomainComparison, PolicyDay};

/// The domain's band at the end of each day, under A and under B.
#[must_use]
pub fn bands(view: &DomainComparison) -> ChartData {
    let row = |side: fn(&poolkeeper_lab::DomainDay) -> &PolicyDay| view.days.iter().map(|day| side(day).band).collect();
    ChartData::bands(first_day(view), [("A", row(|day| &day.a)), ("B", row(|day| &day.b))])
}

/// Delivered and bounced messages day by day.
#[must_use]
pub fn messages(view: &DomainComparison) -> ChartData {
    ChartData::messages(first_day(view), view.days.iter().map(|day| day.counts))
}

/// A metric's rate in the window that ends with each day, and the thresholds of both policies. Policies with equal
/// windows share one line.
#[must_use]
pub fn rate(view: &DomainComparison, metric: Metric, a: &Policy, b: &Policy) -> ChartData {
    let of = |window: &Counts| metric.rate(window);
    let line = |name: &str, tone, side: fn(&poolkeeper_lab::DomainDay) -> &PolicyDay| {
        ChartSeries::with_gaps(name, tone, view.days.iter().map(|day| of(&side(day).window)))
    };
    let series = if a.window_days == b.window_days {
        vec![line("rate", SeriesColor::Ink, |day| &day.a)]
    } else {
        vec![
            line(
                &format!("in A's {}-day window", a.window_days),
                SeriesColor::Ink,
                |day| &day.a,
            ),
            line(
                &format!("in B's {}-day window", b.window_days),
                SeriesColor::Accent,
                |day| &day.b,
            ),
        ]
    };
    ChartData {
        kind: ChartKind::Lines,
        across: XAxis::Days(first_day(view)),
        unit: ChartUnit::Percent,
        series,
        thresholds: thresholds(metric, a, b),
        start: 0,
    }
}

fn first_day(view: &DomainComparison) -> Day {
    view.days.first().map_or(Day(0), |day| day.day)
}

/// The threshold lines of A and B. Equal thresholds share one line.
fn thresholds(metric: Metric, a: &Policy, b: &Policy) -> Vec<LimitLine> {
    let limits = [a, b].map(|policy| metric.policy(policy));
    let line = |who: &str, words: &str, value: u32, tone| LimitLine {
        name: format!("{who}: {words} {}", limit(u64::from(value))),
        value: f64::from(value) / f64::from(PPM),
        tone,
    };
    let kind = |words: &str, tone, of: fn(&poolkeeper_core::health::MetricPolicy) -> u32| {
        let [in_a, in_b] = limits.map(|limit| limit.map(|limit| of(&limit)));
        let lines = match (in_a, in_b) {
            (Some(one), Some(other)) if one == other => vec![("A and B", one)],
            (one, other) => [("A", one), ("B", other)]
                .into_iter()
                .filter_map(|(who, value)| Some((who, value?)))
                .collect(),
        };
        lines
            .into_iter()
            .map(|(who, value)| line(who, words, value, tone))
            .collect::<Vec<_>>()
    };
    let mut all = kind("good at most", SeriesColor::Good, |limit| limit.good_at_most_ppm);
    all.extend(kind("poor from", SeriesColor::Poor, |limit| limit.poor_at_least_ppm));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::MetricPolicy;
    use poolkeeper_core::model::DomainName;
    use poolkeeper_core::traffic::{Table, TableDomain};
    use poolkeeper_lab::{ReplayOptions, domain_view};

    /// Two days, a gap between them: 1 000 messages, 60 of which bounce; then 1 000, none of which do.
    fn view(a: &Policy, b: &Policy) -> DomainComparison {
        let domain = TableDomain {
            name: DomainName::as_sent("d.example"),
            account: 0,
        };
        let mut table = Table::empty(Day(20_000), 3, vec!["main".to_owned()], vec![domain]);
        let counts = |delivered, bounced| Counts {
            processed: 1_000,
            delivered,
            bounced,
            complained: 0,
        };
        table.add(0, Day(20_000), &counts(940, 60)).unwrap();
        table.add(0, Day(20_002), &counts(1_000, 0)).unwrap();
        domain_view(&table, 0, a, b, &ReplayOptions::default())
            .unwrap()
            .unwrap()
    }

    fn stricter() -> Policy {
        let bounce = MetricPolicy {
            good_at_most_ppm: 20_000,
            poor_at_least_ppm: 50_000,
            poor_min_events: 1,
        };
        Policy {
            bounce: Some(bounce),
            ..Policy::default()
        }
    }

    #[test]
    fn both_policies_share_one_axis() {
        let (a, b) = (Policy::default(), stricter());
        let view = view(&a, &b);
        // 6 % holds under A (5 % and 10 %), so the domain stays new; under B (2 % and 5 %) it is poor. Then 60 of 2 000
        // are 3 %: good under A, a Hold under B.
        let bands = bands(&view);
        assert_eq!(
            (0..3).map(|day| bands.spoken(day)).collect::<Vec<_>>(),
            [
                "4 Oct 2024: A new, B poor",
                "5 Oct 2024: A new, B poor",
                "6 Oct 2024: A good, B poor"
            ]
        );
        let rates = rate(&view, Metric::BounceRate, &a, &b);
        assert_eq!(rates.series.len(), 1);
        assert_eq!(rates.spoken(2), "6 Oct 2024: 3.00 % rate");
        let names: Vec<&str> = rates.thresholds.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "A: good at most 5 %",
                "B: good at most 2 %",
                "A: poor from 10 %",
                "B: poor from 5 %"
            ]
        );
        let shared = rate(&view, Metric::ComplaintRate, &a, &b);
        let names: Vec<&str> = shared.thresholds.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["A and B: good at most 0.1 %", "A and B: poor from 0.3 %"]);
        assert_eq!(messages(&view).spoken(1), "5 Oct 2024: – delivered, – bounced");
    }

    #[test]
    fn windows_that_differ_have_a_line_each() {
        let daily = Policy {
            window_days: 1,
            ..Policy::default()
        };
        let (a, view) = (Policy::default(), view(&Policy::default(), &daily));
        let rates = rate(&view, Metric::BounceRate, &a, &daily);
        assert_eq!(
            rates.spoken(2),
            "6 Oct 2024: 3.00 % in A's 7-day window, 0.000 % in B's 1-day window"
        );
    }
}
