//! Why a domain is where it is, and what would change it: in sentences first, then as a picture.

use super::domain_details::DomainDetails;
use crate::components::rate_bar::{plain_percent, thresholds};
use crate::components::{BandChip, Card};
use leptos::prelude::*;
use poolkeeper_core::health::{Explanation, Metric, MetricExplanation, Vote};
use poolkeeper_core::model::{Band, Rate};
use poolkeeper_core::text;
use poolkeeper_lab::CleanDays;
use poolkeeper_view::what_if::counterfactual;

/// Each metric's value, thresholds, vote, headroom and interval.
#[component]
pub(crate) fn WhyCard(
    /// The domain.
    details: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let window = move || {
        details.with(|details| {
            details
                .as_ref()
                .map(|d| format!("{} days to {}", d.policy.window_days, text::day_short(d.last_day)))
        })
    };
    view! {
        <Card title="Why it is in this pool" note=move || window().unwrap_or_default()>
            {move || details.get().map(|details| why_view(&details))}
        </Card>
    }
}

fn why_view(details: &DomainDetails) -> AnyView {
    let explanation = &details.explanation;
    let band = details.standing.map(|standing| standing.band);
    let metrics = Metric::ALL
        .into_iter()
        .map(|metric| match explanation.metric(metric) {
            Some(part) => metric_view(part, explanation.check.is_below_minimum, band),
            None => view! { <p class="muted">{format!("The {} is not used.", text::in_sentence(text::metric_name(metric)))}</p> }.into_any(),
        })
        .collect_view();
    view! {
        <p class="why-verdict">{verdict(details)}</p>
        <div class="metrics">{metrics}</div>
    }
    .into_any()
}

/// One sentence: where it is, and what the latest window says to that.
fn verdict(details: &DomainDetails) -> String {
    let explanation = &details.explanation;
    let Some(standing) = details.standing else {
        return "Outside the dynamic pools: health checks do not move it.".to_owned();
    };
    let band = standing.band.word();
    if standing.is_overridden {
        return format!("Pinned to {band} by an override. Health checks do not move it until the override is cleared.");
    }
    let days = text::counted(u64::from(details.policy.window_days), "day");
    if explanation.check.is_below_minimum {
        return format!(
            "Stays in {band}: too little mail to judge, {} of {} messages over {days}.",
            text::count(explanation.counts.processed),
            text::count(details.policy.minimum_processed)
        );
    }
    match explanation.check.vote {
        Vote::For(vote) if vote == standing.band => {
            format!(
                "{}: {}",
                text::capitalized(band),
                counterfactual::reasons(explanation, &days)
            )
        }
        Vote::For(vote) => format!(
            "In {band}, but its rates are {vote}: {}",
            counterfactual::reasons(explanation, &days)
        ),
        Vote::Hold => format!("Stays in {band}: no rate counts as poor, but not all are good."),
    }
}

fn metric_view(part: &MetricExplanation, is_below_minimum: bool, band: Option<Band>) -> AnyView {
    let limits = thresholds(&part.thresholds);
    let rate = part
        .rate
        .map_or_else(|| "no rate".to_owned(), |rate| Rate(rate).percent_beside(&limits));
    let vote = match part.vote {
        _ if is_below_minimum => view! { <span class="muted">"too little mail to judge"</span> }.into_any(),
        Vote::For(band) => view! { <BandChip pool=band /> }.into_any(),
        Vote::Hold => view! { <span class="metric-hold">"in between, no change"</span> }.into_any(),
    };
    view! {
        <section aria-label=text::in_sentence(text::metric_name(part.metric))>
            <header>
                <h3>{text::metric_name(part.metric)}</h3>
                <span class="metric-rate">{rate}</span>
                {vote}
            </header>
            {picture(part, limits)}
            <p class="muted">{sentence(part, band)}</p>
        </section>
    }
    .into_any()
}

/// The rate on a scale with both thresholds, its interval as a line.
fn picture(part: &MetricExplanation, [good, poor]: [f64; 2]) -> AnyView {
    let rate = part.rate.unwrap_or(0.0);
    let full = (poor * 1.5).max(rate * 1.1).max(f64::MIN_POSITIVE);
    let at = |fraction: f64| (fraction / full * 100.0).clamp(0.0, 100.0);
    let interval = part.interval.map(|interval| {
        let (low, high) = (at(interval.low), at(interval.high));
        view! { <span class="scale-interval" style:left=format!("{low:.2}%") style:width=format!("{:.2}%", high - low)></span> }
    });
    let mark = part
        .rate
        .map(|rate| view! { <span class="scale-value" style:left=format!("{:.2}%", at(rate))></span> });
    view! {
        <div class="scale-picture" aria-hidden="true" style=("--good-to", format!("{:.2}%", at(good))) style=("--poor-from", format!("{:.2}%", at(poor)))>
            <span class="scale-track"></span>
            {interval}
            {mark}
            <span class="scale-label" style:left=format!("{:.2}%", at(good))>{plain_percent(good)}</span>
            <span class="scale-label" style:left=format!("{:.2}%", at(poor))>{plain_percent(poor)}</span>
        </div>
    }
    .into_any()
}

/// Counts, thresholds, headroom and interval in one sentence.
fn sentence(part: &MetricExplanation, band: Option<Band>) -> String {
    let (noun, base) = (text::event_noun(part.metric), text::base_word(part.metric));
    let mut text = format!(
        "{} in {} {base}",
        text::counted(part.events, noun),
        text::count(part.base)
    );
    let edge = counterfactual::edge(part, band);
    if let Some(edge) = edge {
        text = format!("{text}; {edge}");
    }
    if let Some(interval) = part.interval {
        text = format!("{text}. {}", counterfactual::confidence(interval));
    }
    if part.is_one_event_from_flipping {
        text.push_str(". Close call: one event would have decided otherwise");
    }
    text.push('.');
    text
}

/// The smallest changes that would move it.
#[component]
pub(crate) fn ChangeCard(
    /// The domain.
    details: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let lines = move || details.with(|details| details.as_ref().map(changes).unwrap_or_default());
    view! {
        <Card title="What would change it">
            <ul class="change-list">{move || lines().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        </Card>
    }
}

fn changes(details: &DomainDetails) -> Vec<String> {
    let Some(standing) = details.standing else {
        return Vec::new();
    };
    if standing.is_overridden {
        return vec!["Clear the override to let health checks decide.".to_owned()];
    }
    let explanation: &Explanation = &details.explanation;
    let mut lines = Vec::new();
    if explanation.check.is_below_minimum {
        let missing = text::counted(explanation.missing_processed, "more message");
        let days = text::counted(u64::from(details.policy.window_days), "day");
        let are = if explanation.missing_processed == 1 {
            "is"
        } else {
            "are"
        };
        lines.push(format!("{missing} within {days} {are} needed before it is judged."));
        lines.extend(changes_to_good(details));
        return lines;
    }
    if let Some(more) = explanation.more_to_poor {
        let events = text::counted(more.events, &format!("more {}", text::event_noun(more.metric)));
        lines.push(if more.events == 0 {
            "The next check moves it to poor if nothing changes.".to_owned()
        } else {
            format!("{events} within the window would make it poor.")
        });
    }
    if let Some(fewer) = explanation.fewer_to_good {
        let parts: Vec<String> = [(fewer.bounced, "bounce"), (fewer.complained, "complaint")]
            .into_iter()
            .filter(|(events, _)| *events > 0)
            .map(|(events, noun)| text::counted(events, &format!("fewer {noun}")))
            .collect();
        lines.push(if parts.is_empty() {
            "The next check moves it to good if nothing changes.".to_owned()
        } else {
            format!("{} within the window would have made it good.", parts.join(" and "))
        });
    }
    lines.extend(changes_to_good(details));
    lines
}

/// Clean days and other thresholds, for a domain that is not good yet.
fn changes_to_good(details: &DomainDetails) -> Vec<String> {
    // Pinned: the override was cleared after the last day that the counterfactuals cover.
    let counterfactuals = details
        .counterfactuals
        .as_ref()
        .filter(|found| !matches!(found.clean_days, CleanDays::Good | CleanDays::Pinned));
    counterfactuals.map_or_else(Vec::new, |found| {
        counterfactual::changes_to_good(found, &details.policy)
    })
}
