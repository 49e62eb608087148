//! The findings of a comparison: first as values, then as sentences.

use super::capacity::{IpCapacity, pool_loads};
use super::comparison::{Comparison, Summary};
use super::transition_matrix::DomainsAndMail;
use crate::coverage::Coverage;
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::Band;
use poolkeeper_core::text::{capitalized, count, counted, share};
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};

/// Verdicts based on fewer complaints than this are reported, because a handful of people decided them.
pub const FEW_COMPLAINTS: u64 = 5;

/// One finding of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// A and B never differ.
    Same {
        /// Domains compared.
        domains: u64,
    },
    /// A and B end with other domains in a band.
    EndIn {
        /// The band.
        band: Band,
        /// Domains that end there under B only.
        gained: DomainsAndMail,
        /// Domains that end there under A only.
        lost: DomainsAndMail,
        /// All mail.
        messages: u64,
        /// How many of those gained were decided by fewer than [`FEW_COMPLAINTS`] complaints.
        on_few_complaints: u64,
    },
    /// The poor pool sends more or less mail.
    MailWhilePoor {
        /// Messages under A.
        a: u64,
        /// Messages under B.
        b: u64,
        /// All mail.
        messages: u64,
    },
    /// Domains spend more or less time in poor.
    DaysInPoor {
        /// Domain-days under A.
        a: u64,
        /// Domain-days under B.
        b: u64,
    },
    /// Checks move domains more or less often.
    Moves {
        /// Moves under A.
        a: u64,
        /// Moves under B.
        b: u64,
        /// Of A's, moves back within 14 days.
        flaps_a: u64,
        /// Of B's.
        flaps_b: u64,
    },
    /// One event more or fewer would have changed some differences.
    OneEvent {
        /// Affected domains whose divergence depends on one bounce or complaint.
        domains: u64,
        /// Affected domains.
        of: u64,
    },
    /// The replay's start is left out of moves back, loads and IPs needed.
    Start {
        /// Its days under A.
        days_a: u32,
        /// Its days under B.
        days_b: u32,
        /// Moves by checks during it, under A.
        moves_a: u64,
        /// Under B.
        moves_b: u64,
        /// All days of the traffic.
        of: u32,
    },
    /// A pool needs another number of IPs on its busiest day, or has too few.
    IpsNeeded {
        /// The pool.
        band: Band,
        /// IPs needed under A.
        a: u64,
        /// IPs needed under B.
        b: u64,
        /// IPs it has that are not warming.
        has: u32,
        /// Messages an IP may send a day.
        limit_per_day: u64,
    },
    /// Some domain-days have no row.
    Gaps {
        /// Domain-days without a row.
        missing: u64,
        /// Domain-days in all.
        of: u64,
    },
}

/// The findings of a comparison, most important first.
#[must_use]
pub fn findings(comparison: &Comparison, coverage: &Coverage, ips: Option<&IpCapacity>) -> Vec<Finding> {
    let mut found = Vec::new();
    if comparison.affected.is_empty() {
        found.push(Finding::Same {
            domains: coverage.domains,
        });
    }
    let order = [Band::Poor, Band::Good, Band::New];
    found.extend(order.into_iter().filter_map(|band| find_end_in(comparison, band)));
    let (a, b) = (&comparison.a.totals, &comparison.b.totals);
    if a.messages.poor != b.messages.poor {
        let messages = comparison.messages;
        found.push(Finding::MailWhilePoor {
            a: a.messages.poor,
            b: b.messages.poor,
            messages,
        });
    }
    if a.domain_days.poor != b.domain_days.poor {
        found.push(Finding::DaysInPoor {
            a: a.domain_days.poor,
            b: b.domain_days.poor,
        });
    }
    if (a.moves, a.flaps) != (b.moves, b.flaps) {
        found.push(Finding::Moves {
            a: a.moves,
            b: b.moves,
            flaps_a: a.flaps,
            flaps_b: b.flaps,
        });
    }
    let close_calls = comparison
        .affected
        .iter()
        .filter(|domain| domain.is_one_event_from_flipping)
        .count() as u64;
    if close_calls > 0 {
        found.push(Finding::OneEvent {
            domains: close_calls,
            of: comparison.affected.len() as u64,
        });
    }
    if let Some(ips) = ips {
        found.extend(find_ips_needed(comparison, ips));
    }
    found.push(Finding::Start {
        days_a: comparison.a.startup_days,
        days_b: comparison.b.startup_days,
        moves_a: a.startup_moves,
        moves_b: b.startup_moves,
        of: comparison.day_count,
    });
    if coverage.missing_domain_days > 0 {
        let of = coverage.domain_days + coverage.missing_domain_days;
        found.push(Finding::Gaps {
            missing: coverage.missing_domain_days,
            of,
        });
    }
    found
}

fn find_end_in(comparison: &Comparison, band: Band) -> Option<Finding> {
    let (mut gained, mut lost) = (DomainsAndMail::default(), DomainsAndMail::default());
    for (from, to, share) in comparison.ends.moved() {
        if to == band {
            gained.add(share.domains, share.messages);
        }
        if from == band {
            lost.add(share.domains, share.messages);
        }
    }
    let ends_here = comparison
        .affected
        .iter()
        .filter(|domain| domain.b.ends_in == Some(band) && domain.a.ends_in.is_some_and(|other| other != band));
    let on_few = ends_here.filter(|domain| {
        domain.b.ended_by.is_some_and(|(deciding, counts)| {
            deciding.involves(Metric::ComplaintRate)
                && !deciding.involves(Metric::BounceRate)
                && counts.complained < FEW_COMPLAINTS
        })
    });
    let on_few_complaints = if band == Band::Poor { on_few.count() as u64 } else { 0 };
    (gained.domains + lost.domains > 0).then_some(Finding::EndIn {
        band,
        gained,
        lost,
        messages: comparison.messages,
        on_few_complaints,
    })
}

fn find_ips_needed(comparison: &Comparison, ips: &IpCapacity) -> impl Iterator<Item = Finding> {
    let loads = |summary| pool_loads(comparison.first_day, summary, ips);
    let (a, b) = (loads(&comparison.a), loads(&comparison.b));
    let (has, limit_per_day) = (ips.not_warming, ips.limit_per_day);
    let needed: PerBand<Option<(u64, u64)>> =
        PerBand::from_fn(|band| a.get(band).ips_needed.zip(b.get(band).ips_needed));
    Band::ALL.into_iter().filter_map(move |band| {
        let ((a, b), has) = ((*needed.get(band))?, *has.get(band));
        (a != b || b > u64::from(has)).then_some(Finding::IpsNeeded {
            band,
            a,
            b,
            has,
            limit_per_day,
        })
    })
}

impl Summary {
    /// The start of the replay, in a sentence.
    #[must_use]
    pub fn start_sentence(&self) -> String {
        let (days, moves) = (self.startup_days, self.totals.startup_moves);
        let of = u32::try_from(self.domains_by_day.good.len()).unwrap_or(u32::MAX);
        start_sentence((days, days), (moves, moves), of)
    }
}

impl Finding {
    /// The finding as a sentence or two.
    #[must_use]
    pub fn sentence(&self) -> String {
        match *self {
            Self::Same { domains } => {
                format!(
                    "A and B treat all {} the same on every day.",
                    counted(domains, "domain")
                )
            }
            Self::EndIn {
                band,
                gained,
                lost,
                messages,
                on_few_complaints,
            } => end_in_sentence(band, gained, lost, messages) + &few_complaints(on_few_complaints, gained.domains),
            Self::MailWhilePoor { a, b, messages } => format!(
                "Mail from the poor pool: {} under B, {} under A.",
                share(b, messages),
                share(a, messages)
            ),
            Self::DaysInPoor { a, b } => {
                format!("Domain-days in poor: {} under B, {} under A.", count(b), count(a))
            }
            Self::Moves { a, b, flaps_a, flaps_b } => format!(
                "Moves by health checks: {} under B, {} under A. Moves back within 14 days: {} under B, {} under A.",
                count(b),
                count(a),
                count(flaps_b),
                count(flaps_a)
            ),
            Self::OneEvent { domains, of } => format!(
                "{} of the {} {} close {}: one event would have decided otherwise.",
                count(domains),
                counted(of, "difference"),
                if domains == 1 { "is a" } else { "are" },
                if domains == 1 { "call" } else { "calls" }
            ),
            Self::Start {
                days_a,
                days_b,
                moves_a,
                moves_b,
                of,
            } => start_sentence((days_a, days_b), (moves_a, moves_b), of),
            Self::IpsNeeded {
                band,
                a,
                b,
                has,
                limit_per_day,
            } => format!(
                "IPs the {band} pool needs on its busiest day, at {} messages per IP: {} under B, {} under A. It has {}.",
                count(limit_per_day),
                count(b),
                count(a),
                counted(u64::from(has), "warm IP")
            ),
            Self::Gaps { missing, of } => format!(
                "Domain-days without data: {}. They add nothing to a window.",
                share(missing, of)
            ),
        }
    }
}

/// The start of a replay, named once where it is the same under A and B.
fn start_sentence((days_a, days_b): (u32, u32), (moves_a, moves_b): (u64, u64), of: u32) -> String {
    let each = |a: String, b: String| {
        if a == b { a } else { format!("{b} under B, {a} under A") }
    };
    let moves = each(counted(moves_a, "move"), counted(moves_b, "move"));
    if days_a.min(days_b) >= of {
        return format!(
            "All days of this traffic are the start of the replay, with {moves}: every domain begins as new, and its \
             windows are incomplete. Moves back, loads and IPs needed are not counted."
        );
    }
    let days = each(start_words(days_a), start_words(days_b));
    format!(
        "The start of the replay is left out of moves back, loads and IPs needed: {days}, with {moves}. Every domain \
         begins as new there."
    )
}

/// `the first 7 days`.
fn start_words(days: u32) -> String {
    if days == 1 {
        "the first day".to_owned()
    } else {
        format!("the first {} days", count(u64::from(days)))
    }
}

/// Domains that end in a band under one policy only: `Poor: +5, −3 domains at the end (0.36 %, 0.03 % of the mail).`
fn end_in_sentence(band: Band, gained: DomainsAndMail, lost: DomainsAndMail, messages: u64) -> String {
    let changes = [('+', gained), ('−', lost)]
        .into_iter()
        .filter(|(_, part)| part.domains > 0 || (gained.domains == 0 && lost.domains == 0));
    let (counts, shares): (Vec<_>, Vec<_>) = changes
        .map(|(sign, part)| (format!("{sign}{}", count(part.domains)), share(part.messages, messages)))
        .unzip();
    let noun = if gained.domains.max(lost.domains) == 1 {
        "domain"
    } else {
        "domains"
    };
    format!(
        "{}: {} {noun} at the end ({} of the mail).",
        capitalized(band.word()),
        counts.join(", "),
        shares.join(", ")
    )
}

fn few_complaints(domains: u64, of: u64) -> String {
    match domains {
        0 => String::new(),
        1 => format!(" 1 of the {} new ones rests on fewer than 5 complaints.", count(of)),
        more => format!(
            " {} of the {} new ones rest on fewer than 5 complaints.",
            count(more),
            count(of)
        ),
    }
}
