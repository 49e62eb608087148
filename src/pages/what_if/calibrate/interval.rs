//! One threshold: the interval it must lie in as a sentence and as a picture, with the evidence at both ends.

use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_lab::calibrate::ThresholdInterval;
use poolkeeper_view::what_if::calibration::{ends, line, of, sentence, value};

/// The view. `truth` is the policy behind the observations, where it is known.
pub(crate) fn interval_view(interval: &ThresholdInterval, a: &Policy, truth: Option<&Policy>) -> AnyView {
    let threshold = interval.threshold;
    let true_value = truth.and_then(|policy| of(threshold, policy));
    let in_a = of(threshold, a);
    let is_inside = true_value.map(|value| interval.contains(value));
    let verdict = true_value.zip(is_inside).map(|(known, is_inside)| {
        let (class, mark, word) = if is_inside {
            ("good", "✓", "inside")
        } else {
            ("poor", "✗", "outside")
        };
        view! {
            <span class=class>
                <span aria-hidden="true">{mark}" "</span>
                {format!("The simulator's is {}: {word}.", value(threshold, known))}
            </span>
        }
    });
    let beside = in_a.map(|in_a| {
        let fits = if interval.contains(in_a) {
            "fits"
        } else {
            "does not fit"
        };
        format!("A has {}, which {fits}.", value(threshold, in_a))
    });
    let ends = ends(interval)
        .into_iter()
        .map(|(end, by)| {
            view! {
                <div>
                    <dt>{end}</dt>
                    <dd>{by}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <li>
            <h3>{threshold.name()}</h3>
            <p class="interval-say">{sentence(interval)} " " {verdict} " " <span class="muted">{beside}</span></p>
            {picture(interval, in_a, true_value)}
            <dl class="interval-ends">
                {ends}
            </dl>
        </li>
    }
    .into_any()
}

/// A line from nothing to the largest value at hand, with the interval on it, A's value and the true one.
fn picture(interval: &ThresholdInterval, in_a: Option<u64>, truth: Option<u64>) -> AnyView {
    let marks: Vec<(&'static str, u64)> = [("A", in_a), ("true", truth)]
        .into_iter()
        .filter_map(|(word, value)| Some((word, value?)))
        .collect();
    let values: Vec<u64> = marks.iter().map(|(_, value)| *value).collect();
    let drawn = line(interval, &values);
    let percent = |at: f64| format!("{:.2}%", at * 100.0);
    let marks = marks
        .into_iter()
        .zip(&drawn.marks)
        .map(|((word, _), at)| {
            let class = if word == "true" {
                "interval-mark interval-mark-true"
            } else {
                "interval-mark"
            };
            view! { <span class=class style:left=percent(*at)><span>{word}</span></span> }
        })
        .collect_view();
    view! {
        <div class="interval-line" aria-hidden="true">
            <span class="interval-track"></span>
            <span
                class="interval-bar"
                class:interval-open-below=drawn.is_open_below
                class:interval-open-above=drawn.is_open_above
                style:left=percent(drawn.from)
                style:width=percent(drawn.to - drawn.from)
            ></span>
            {marks}
            <span class="interval-scale interval-scale-from">"0"</span>
            <span class="interval-scale interval-scale-to">{value(interval.threshold, drawn.end)}</span>
        </div>
    }
    .into_any()
}
