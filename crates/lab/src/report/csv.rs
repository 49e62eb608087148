//! The domains on which A and B differ, as CSV.

use super::{LabReport, NamedDomain, ReportResult};
use crate::backtest::Deciding;
use crate::compare::{AffectedDomain, DecisionMargin, Side, SideAtDivergence};
use poolkeeper_core::health::{Check, Vote};
use poolkeeper_core::model::Band;
use poolkeeper_core::text::{csv_row, events_noun};

const COLUMNS: [&str; 35] = [
    "domain",
    "account",
    "parted_on",
    "parted_by",
    "decided_on",
    "decided_under",
    "decided_by",
    "events",
    "margin",
    "margin_of",
    "rate_low",
    "rate_high",
    "one_event_would_flip",
    "days_apart",
    "messages",
    "a_band",
    "a_ends_in",
    "a_vote",
    "a_checked_on",
    "a_processed",
    "a_delivered",
    "a_bounced",
    "a_complained",
    "a_moves",
    "a_days_in_poor",
    "b_band",
    "b_ends_in",
    "b_vote",
    "b_checked_on",
    "b_processed",
    "b_delivered",
    "b_bounced",
    "b_complained",
    "b_moves",
    "b_days_in_poor",
];

/// The deciding metrics, as the column writes them.
pub(super) const fn deciding_word(deciding: Deciding) -> &'static str {
    match deciding {
        Deciding::BounceRate => "bounce_rate",
        Deciding::ComplaintRate => "complaint_rate",
        Deciding::BothRates => "both",
        Deciding::BelowMinimum => "processed_count",
    }
}

const fn margin_of(margin: DecisionMargin) -> &'static str {
    match margin.metric {
        Some(metric) => events_noun(metric),
        None => "processed",
    }
}

fn band(band: Option<Band>) -> String {
    band.map_or("not enrolled", Band::word).to_owned()
}

fn vote(check: &Check) -> String {
    match check.vote {
        Vote::Hold => "hold".to_owned(),
        Vote::For(band) => band.word().to_owned(),
    }
}

fn side_cells(side: &SideAtDivergence) -> [String; 10] {
    let checked = side.checked.as_ref();
    let count = |of: fn(&poolkeeper_core::model::Counts) -> u64| {
        checked.map(|latest| of(&latest.counts).to_string()).unwrap_or_default()
    };
    [
        band(side.band),
        band(side.ends_in),
        checked.map(|latest| vote(&latest.check)).unwrap_or_default(),
        checked.map(|latest| latest.on.to_string()).unwrap_or_default(),
        count(|counts| counts.processed),
        count(|counts| counts.delivered),
        count(|counts| counts.bounced),
        count(|counts| counts.complained),
        side.moves.to_string(),
        side.days_in_poor.to_string(),
    ]
}

const fn side_word(side: Side) -> &'static str {
    match side {
        Side::A => "A",
        Side::B => "B",
    }
}

fn row(domain: &AffectedDomain, named: &NamedDomain) -> Vec<String> {
    let rate = |rate: Option<f64>| rate.map(|rate| format!("{rate:.6}")).unwrap_or_default();
    let mut row = vec![
        named.name.as_str().to_owned(),
        named.account.clone(),
        domain.diverged_on.to_string(),
        side_word(domain.diverged_by).to_owned(),
        domain.decided.map(|(_, day)| day.to_string()).unwrap_or_default(),
        domain
            .decided
            .map(|(side, _)| side_word(side))
            .unwrap_or_default()
            .to_owned(),
        domain.deciding.map(deciding_word).unwrap_or_default().to_owned(),
        domain.events.map(|events| events.to_string()).unwrap_or_default(),
        domain
            .margin
            .map(|margin| margin.events.to_string())
            .unwrap_or_default(),
        domain.margin.map(margin_of).unwrap_or_default().to_owned(),
        rate(domain.interval.map(|interval| interval.low)),
        rate(domain.interval.map(|interval| interval.high)),
        if domain.is_one_event_from_flipping { "yes" } else { "no" }.to_owned(),
        domain.days_apart.to_string(),
        domain.messages.to_string(),
    ];
    row.extend(side_cells(&domain.a));
    row.extend(side_cells(&domain.b));
    row
}

/// The domains on which A and B differ, one per row, with both decisions. Other reports give only the heading. Lines
/// end with CR LF.
#[must_use]
pub fn affected_csv(report: &LabReport) -> String {
    let mut text = csv_row(COLUMNS);
    if let ReportResult::Compare { compared, affected, .. } = &report.result {
        for (domain, named) in compared.comparison.affected.iter().zip(affected) {
            text.push_str(&csv_row(row(domain, named)));
        }
    }
    text
}
