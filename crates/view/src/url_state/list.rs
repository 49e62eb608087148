//! The domains on which A and B differ: filter, order, and texts of a row.

use crate::export::Sheet;
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{AffectedDomain, Deciding, DecisionMargin, FEW_COMPLAINTS, Side};
use std::cmp::{Ordering, Reverse};

/// Which domains are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only domains that end in these bands under A and under B.
    pub cell: Option<(Band, Band)>,
    /// Only domains whose name contains this text, in lower case.
    pub name_part: String,
    /// Only domains decided by this.
    pub deciding: Option<Deciding>,
    /// Only domains whose decision rests on weak evidence.
    pub is_weak_only: bool,
}

impl ListFilter {
    /// Whether all domains are listed.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    fn matches(&self, domain: &AffectedDomain, name: &str) -> bool {
        let ends = domain.a.ends_in.zip(domain.b.ends_in);
        self.cell.is_none_or(|cell| ends == Some(cell))
            && self.deciding.is_none_or(|deciding| domain.deciding == Some(deciding))
            && (!self.is_weak_only || domain.is_one_event_from_flipping || few_complaints(domain).is_some())
            && (self.name_part.is_empty() || name.contains(&self.name_part))
    }
}

/// `good-poor`: a cell of the 3×3 table in the address.
#[must_use]
pub fn cell_text((a, b): (Band, Band)) -> String {
    format!("{}-{}", a.word(), b.word())
}

/// Reads [`cell_text`].
#[must_use]
pub fn parse_cell(text: &str) -> Option<(Band, Band)> {
    let (a, b) = text.split_once('-')?;
    let band = |word: &str| Band::ALL.into_iter().find(|band| band.word() == word);
    Some((band(a)?, band(b)?))
}

/// The number of complaints that decided, if it is below [`FEW_COMPLAINTS`].
#[must_use]
pub fn few_complaints(domain: &AffectedDomain) -> Option<u64> {
    let deciding = domain.deciding?;
    let is_on_complaints = deciding.involves(Metric::ComplaintRate);
    domain
        .events
        .filter(|events| is_on_complaints && *events < FEW_COMPLAINTS)
}

/// The name of a domain of the table; empty if the table does not have it.
#[must_use]
pub fn domain_name(table: &Table, domain: u32) -> &str {
    table
        .domains()
        .get(domain as usize)
        .map_or("", |domain| domain.name.as_str())
}

/// The positions in `affected` of the domains wanted, sorted by the column `sort`. The default is by what matters: falls
/// under B first, good both times last, and in each the most messages first.
#[must_use]
pub fn order(
    affected: &[AffectedDomain],
    table: &Table,
    wanted: &ListFilter,
    sort: &str,
    is_descending: bool,
) -> Vec<u32> {
    let matches = |(at, domain): (usize, &AffectedDomain)| {
        wanted
            .matches(domain, domain_name(table, domain.domain))
            .then(|| u32::try_from(at).unwrap_or(u32::MAX))
    };
    let mut listed: Vec<u32> = affected.iter().enumerate().filter_map(matches).collect();
    let by = |key: &dyn Fn(&AffectedDomain) -> i64, at: &u32| affected.get(*at as usize).map_or(0, key);
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let mut sort_by = |key: &dyn Fn(&AffectedDomain) -> i64| {
        if is_descending {
            listed.sort_by_key(|at| Reverse(by(key, at)));
        } else {
            listed.sort_by_key(|at| by(key, at));
        }
    };
    match sort {
        "domain" => {
            let name = |at: &u32| {
                affected
                    .get(*at as usize)
                    .map_or("", |domain| domain_name(table, domain.domain))
            };
            listed.sort_by(|one, other| directed(name(one).cmp(name(other)), is_descending));
        }
        "a" => sort_by(&|domain| band_rank(domain.a.ends_in)),
        "b" => sort_by(&|domain| band_rank(domain.b.ends_in)),
        "parted" => sort_by(&|domain| i64::from(domain.diverged_on.0)),
        "deciding" => sort_by(&|domain| domain.deciding.map_or(i64::MAX, |deciding| deciding as i64)),
        "margin" => sort_by(&|domain| domain.margin.map_or(i64::MAX, |margin| number(margin.events))),
        "apart" => sort_by(&|domain| i64::from(domain.days_apart)),
        "messages" => sort_by(&|domain| number(domain.messages)),
        _ => listed.sort_by_key(|at| {
            let rank = by(&|domain| i64::from(domain.rank()), at);
            (rank, Reverse(by(&|domain| number(domain.messages), at)))
        }),
    }
    listed
}

fn directed(order: Ordering, is_descending: bool) -> Ordering {
    if is_descending { order.reverse() } else { order }
}

fn band_rank(band: Option<Band>) -> i64 {
    band.map_or(3, |band| i64::try_from(band.index()).unwrap_or(3))
}

/// What decided, in words.
#[must_use]
pub const fn deciding_words(deciding: Option<Deciding>) -> &'static str {
    match deciding {
        Some(Deciding::BounceRate) => "bounce rate",
        Some(Deciding::ComplaintRate) => "complaint rate",
        Some(Deciding::BothRates) => "both rates",
        Some(Deciding::BelowMinimum) => "below minimum",
        None => "held",
    }
}

/// Reads what decided from the address: `bounces`, `complaints`, `both` or `minimum`.
#[must_use]
pub fn parse_deciding(word: &str) -> Option<Deciding> {
    Some(match word {
        "bounces" => Deciding::BounceRate,
        "complaints" => Deciding::ComplaintRate,
        "both" => Deciding::BothRates,
        "minimum" => Deciding::BelowMinimum,
        _ => return None,
    })
}

/// The margin of the decision: `41 bounces`.
#[must_use]
pub fn margin_words(margin: Option<DecisionMargin>) -> String {
    let Some(DecisionMargin { metric, events }) = margin else {
        return "–".to_owned();
    };
    let noun = match metric {
        Some(metric) => text::event_noun(metric),
        None => "message",
    };
    text::counted(events, noun)
}

/// Why the evidence for a decision is weak: `on 2 complaints`, `close call`; empty if it is not.
#[must_use]
pub fn weak_evidence_words(domain: &AffectedDomain) -> String {
    let few = few_complaints(domain).map(|events| format!("on {}", text::counted(events, "complaint")));
    let flip = domain.is_one_event_from_flipping.then(|| "close call".to_owned());
    few.into_iter().chain(flip).collect::<Vec<_>>().join(" · ")
}

/// A band's word, or `not enrolled`.
#[must_use]
pub fn band_word(band: Option<Band>) -> &'static str {
    band.map_or("not enrolled", Band::word)
}

/// The rows at these positions as a file.
#[must_use]
pub fn sheet(affected: &[AffectedDomain], table: &Table, listed: &[u32]) -> Sheet {
    let mut sheet = Sheet::new(&[
        "domain",
        "account",
        "ends_in_a",
        "ends_in_b",
        "parted_on",
        "parted_by",
        "decided_on",
        "decided_under",
        "deciding",
        "events",
        "margin_events",
        "margin_of",
        "one_event_flips_it",
        "days_apart",
        "messages",
    ]);
    let row = |at: &u32| {
        let domain = affected.get(*at as usize)?;
        let account = table.domains().get(domain.domain as usize)?.account;
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        Some(vec![
            domain_name(table, domain.domain).to_owned(),
            table.accounts.get(account as usize).cloned().unwrap_or_default(),
            band_word(domain.a.ends_in).to_owned(),
            band_word(domain.b.ends_in).to_owned(),
            domain.diverged_on.to_string(),
            match domain.diverged_by {
                Side::A => "A".to_owned(),
                Side::B => "B".to_owned(),
            },
            domain.decided.map(|(_, day)| day.to_string()).unwrap_or_default(),
            match domain.decided.map(|(side, _)| side) {
                Some(Side::A) => "A".to_owned(),
                Some(Side::B) => "B".to_owned(),
                None => String::new(),
            },
            deciding_words(domain.deciding).to_owned(),
            count(domain.events),
            count(domain.margin.map(|margin| margin.events)),
            match domain.margin.map(|margin| margin.metric) {
                Some(Some(metric)) => text::events_noun(metric),
                Some(None) => "messages",
                None => "",
            }
            .to_owned(),
            domain.is_one_event_from_flipping.to_string(),
            domain.days_apart.to_string(),
            domain.messages.to_string(),
        ])
    };
    sheet.rows = listed.iter().filter_map(row).collect();
    sheet
}
