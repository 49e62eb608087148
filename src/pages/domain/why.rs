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
pub fn WhyCard(
    /// The domain.
    dossier: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let window = move || {
        dossier.with(|dossier| {
            dossier
                .as_ref()
                .map(|d| format!("{} days to {}", d.policy.window_days, text::day_short(d.last_day)))
        })
    };
    view! {
        <Card title="Why it is where it is" note=move || window().unwrap_or_default() class="why">
            {move || dossier.get().map(|dossier| why_view(&dossier))}
        </Card>
    }
    .into_any()
}

fn why_view(dossier: &DomainDetails) -> AnyView {
    let explanation = &dossier.explanation;
    let metrics = Metric::ALL
        .into_iter()
        .map(|metric| match explanation.metric(metric) {
            Some(part) => metric_view(part, explanation.check.is_below_minimum),
            None => view! { <p class="muted">{format!("The {} does not count.", metric_words(metric))}</p> }.into_any(),
        })
        .collect_view();
    view! {
        <p class="say">{verdict(dossier)}</p>
        <div class="metrics">{metrics}</div>
    }
    .into_any()
}

/// One sentence: where it is, and what the latest window says to that.
fn verdict(dossier: &DomainDetails) -> String {
    let explanation = &dossier.explanation;
    let Some(standing) = dossier.standing else {
        return "It is not enrolled.".to_owned();
    };
    let band = standing.band.word();
    if standing.is_overridden {
        return format!("A person pinned it to {band}; health checks leave it alone until the override is removed.");
    }
    let processed = text::counted(explanation.counts.processed, "message");
    if explanation.check.is_below_minimum {
        let minimum = text::count(dossier.policy.minimum_processed);
        return format!(
            "It stays in {band}: it processed {processed}, {} short of the {minimum} a verdict needs.",
            text::count(explanation.missing_processed)
        );
    }
    match explanation.check.vote {
        Vote::For(vote) if vote == standing.band => format!(
            "It is in {band}, and its {processed} say so: {}.",
            explanation.check.reason()
        ),
        Vote::For(vote) => format!(
            "It is in {band}, but its {processed} vote for {}: {}.",
            vote.word(),
            explanation.check.reason()
        ),
        Vote::Hold => format!("It stays in {band}: on {processed} the metrics neither agree on good nor reach poor."),
    }
}

const fn metric_words(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "bounce rate",
        Metric::ComplaintRate => "complaint rate",
    }
}

const fn event_noun(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "bounce",
        Metric::ComplaintRate => "complaint",
    }
}

fn metric_view(part: &MetricExplanation, is_below_minimum: bool) -> AnyView {
    let limits = thresholds(&part.thresholds);
    let rate = part
        .rate
        .map_or_else(|| "no rate".to_owned(), |rate| Rate(rate).percent_beside(&limits));
    let vote = match part.vote {
        _ if is_below_minimum => view! { <span class="muted">"no say yet"</span> }.into_any(),
        Vote::For(band) => view! { <span>"votes " <BandChip pool=band /></span> }.into_any(),
        Vote::Hold => view! { <span class="hold-vote">"holds"</span> }.into_any(),
    };
    view! {
        <section class="metric" aria-label=metric_words(part.metric)>
            <header>
                <h3>{capital(metric_words(part.metric))}</h3>
                <span class="metric-rate">{rate}</span>
                {vote}
            </header>
            {picture(part, limits)}
            <p class="muted">{sentence(part, limits)}</p>
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
        view! { <span class="interval" style:left=format!("{low:.2}%") style:width=format!("{:.2}%", high - low)></span> }
    });
    let mark = part
        .rate
        .map(|rate| view! { <span class="value-mark" style:left=format!("{:.2}%", at(rate))></span> });
    view! {
        <div class="scale-picture" aria-hidden="true" style=("--good-to", format!("{:.2}%", at(good))) style=("--poor-from", format!("{:.2}%", at(poor)))>
            <span class="track"></span>
            {interval}
            {mark}
            <span class="tick-label" style:left=format!("{:.2}%", at(good))>{plain_percent(good)}</span>
            <span class="tick-label" style:left=format!("{:.2}%", at(poor))>{plain_percent(poor)}</span>
        </div>
    }
    .into_any()
}

/// Counts, thresholds, headroom and interval in one sentence.
fn sentence(part: &MetricExplanation, [good, poor]: [f64; 2]) -> String {
    let noun = event_noun(part.metric);
    let base = match part.metric {
        Metric::BounceRate => "sent",
        Metric::ComplaintRate => "delivered",
    };
    let mut text = format!(
        "{} in {} {base}",
        text::counted(part.events, noun),
        text::count(part.base)
    );
    let edge = match (part.vote, part.more_to_worse, part.fewer_to_better) {
        (Vote::For(Band::Good), Some(more), _) => Some(format!(
            "{} more and it no longer votes good (at most {})",
            text::count(more),
            plain_percent(good)
        )),
        (Vote::Hold, Some(more), _) => Some(format!(
            "{} more and it votes poor (from {} on)",
            text::count(more),
            plain_percent(poor)
        )),
        (Vote::For(Band::Poor), _, Some(fewer)) => Some(format!(
            "{} fewer and it no longer votes poor (from {} on)",
            text::count(fewer),
            plain_percent(poor)
        )),
        _ => None,
    };
    if let Some(edge) = edge {
        text = format!("{text}; {edge}");
    }
    if let Some(interval) = part.interval {
        text = format!(
            "{text}. On so many messages the true rate lies between {} and {} (95 %)",
            Rate(interval.low).percent(),
            Rate(interval.high).percent()
        );
    }
    if part.is_one_event_from_flipping {
        text.push_str(". One event more or fewer would change its vote");
    }
    text.push('.');
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The smallest changes that would move it.
#[component]
pub fn ChangeCard(
    /// The domain.
    dossier: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let lines = move || dossier.with(|dossier| dossier.as_ref().map(changes).unwrap_or_default());
    view! {
        <Card title="What would change it" class="changes">
            <ul class="change-list">{move || lines().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        </Card>
    }
    .into_any()
}

fn changes(dossier: &DomainDetails) -> Vec<String> {
    let Some(standing) = dossier.standing else {
        return Vec::new();
    };
    if standing.is_overridden {
        return vec!["Remove the override, and the next health check decides.".to_owned()];
    }
    let explanation: &Explanation = &dossier.explanation;
    let mut lines = Vec::new();
    if explanation.check.is_below_minimum {
        let missing = text::counted(explanation.missing_processed, "message");
        lines.push(format!("{missing} more in the window, and its rates get a say."));
        lines.extend(ahead(dossier));
        return lines;
    }
    if let Some(more) = explanation.more_to_poor {
        let events = text::counted(more.events, event_noun(more.metric));
        lines.push(if more.events == 0 {
            "The next check moves it to poor as things are.".to_owned()
        } else {
            format!("{events} more in this window, and it votes poor.")
        });
    }
    if let Some(fewer) = explanation.fewer_to_good {
        let parts: Vec<String> = [(fewer.bounced, "bounce"), (fewer.complained, "complaint")]
            .into_iter()
            .filter(|(events, _)| *events > 0)
            .map(|(events, noun)| text::counted(events, noun))
            .collect();
        lines.push(if parts.is_empty() {
            "The next check moves it to good as things are.".to_owned()
        } else {
            format!(
                "{} fewer in this window would have made it vote good.",
                parts.join(" and ")
            )
        });
    }
    lines.extend(ahead(dossier));
    lines
}

/// Clean days and other thresholds, for a domain that is not good yet.
fn ahead(dossier: &DomainDetails) -> Vec<String> {
    let ways = dossier.ways.as_ref().filter(|ways| ways.clean_days != CleanDays::Good);
    ways.map_or_else(Vec::new, |ways| counterfactual::ahead(ways, &dossier.policy))
}
