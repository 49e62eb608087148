//! What a comparison comes to, in sentences: first as values, then in words.

use super::capacity::{IpCapacity, pool_loads};
use super::compare::{Comparison, DomainsAndMail};
use super::number_format::{count, counted, share};
use super::{Coverage, PerBand};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::Band;
use serde::{Deserialize, Serialize};

/// Verdicts on fewer complaints than this are named: a handful of people decided them.
pub const FEW_COMPLAINTS: u64 = 5;

/// Something a comparison found, worth a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// A and B never differ.
    Same {
        /// Domains looked at.
        domains: u64,
    },
    /// Other domains end in a band.
    EndIn {
        /// The band.
        band: Band,
        /// Those that do under B and not under A.
        gained: DomainsAndMail,
        /// Those that do under A and not under B.
        lost: DomainsAndMail,
        /// All mail.
        messages: u64,
        /// How many of those gained were decided by fewer than [`FEW_COMPLAINTS`] complaints.
        on_few_complaints: u64,
    },
    /// Other mail leaves from the poor pool.
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
    /// Many differences hang on one event.
    OneEvent {
        /// Affected domains whose parting one bounce or complaint more or fewer would have changed.
        domains: u64,
        /// Affected domains.
        of: u64,
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
    /// Part of the traffic is not there.
    Gaps {
        /// Domain-days without a row.
        missing: u64,
        /// Domain-days in all.
        of: u64,
    },
}

/// What is worth saying about a comparison, most important first.
#[must_use]
pub fn findings(comparison: &Comparison, coverage: &Coverage, ips: Option<&IpCapacity>) -> Vec<Finding> {
    let mut found = Vec::new();
    if comparison.affected.is_empty() {
        found.push(Finding::Same {
            domains: coverage.domains,
        });
    }
    let order = [Band::Poor, Band::Good, Band::New];
    found.extend(order.into_iter().filter_map(|band| end_in(comparison, band)));
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
    let on_one = comparison
        .affected
        .iter()
        .filter(|domain| domain.is_one_event_from_flipping)
        .count() as u64;
    if on_one > 0 {
        found.push(Finding::OneEvent {
            domains: on_one,
            of: comparison.affected.len() as u64,
        });
    }
    if let Some(ips) = ips {
        found.extend(ips_needed(comparison, ips));
    }
    if coverage.missing_domain_days > 0 {
        let of = coverage.domain_days + coverage.missing_domain_days;
        found.push(Finding::Gaps {
            missing: coverage.missing_domain_days,
            of,
        });
    }
    found
}

fn end_in(comparison: &Comparison, band: Band) -> Option<Finding> {
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

fn ips_needed(comparison: &Comparison, ips: &IpCapacity) -> impl Iterator<Item = Finding> {
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
            } => {
                let few = few_complaints(on_few_complaints);
                format!("Under B {}{few}.", end_in_words(band, gained, lost, messages))
            }
            Self::MailWhilePoor { a, b, messages } => format!(
                "{} of the mail would leave from the poor pool under B, {} under A.",
                capitalised(share(b, messages)),
                share(a, messages)
            ),
            Self::DaysInPoor { a, b } => {
                let (more, by) = if b > a { ("more", b - a) } else { ("fewer", a - b) };
                let days = if by == 1 { "domain-day" } else { "domain-days" };
                format!(
                    "Domains spend {} {more} {days} in poor under B ({} instead of {}).",
                    count(by),
                    count(b),
                    count(a)
                )
            }
            Self::Moves { a, b, flaps_a, flaps_b } => format!(
                "Checks move domains {} under B, {} under A; {} of B's moves lead back within 14 days, {} of A's.",
                times(b),
                times(a),
                count(flaps_b),
                count(flaps_a)
            ),
            Self::OneEvent { domains, of } => format!(
                "{} of the {} on which A and B differ part over a verdict that one bounce or complaint more or fewer \
                 would have changed.",
                count(domains),
                counted(of, "domain")
            ),
            Self::IpsNeeded {
                band,
                a,
                b,
                has,
                limit_per_day,
            } => format!(
                "On its busiest day the {band} pool needs {} under B, {} under A, at {} messages an IP; it has {} that {} \
                 not warming.",
                counted(b, "IP"),
                count(a),
                count(limit_per_day),
                count(u64::from(has)),
                if has == 1 { "is" } else { "are" }
            ),
            Self::Gaps { missing, of } => format!(
                "{} of the domain-days have no row. They are not days with zero: they add nothing to a window.",
                capitalised(share(missing, of))
            ),
        }
    }
}

fn end_in_words(band: Band, gained: DomainsAndMail, lost: DomainsAndMail, messages: u64) -> String {
    let of_mail = |part: DomainsAndMail| share(part.messages, messages);
    match (gained.domains, lost.domains) {
        (more, 0) => {
            let (domains, end) = if more == 1 {
                ("domain", "ends")
            } else {
                ("domains", "end")
            };
            format!(
                "{} more {domains}, {} of the mail, {end} in {band}",
                count(more),
                of_mail(gained)
            )
        }
        (0, fewer) => {
            let (domains, end) = if fewer == 1 {
                ("domain", "ends")
            } else {
                ("domains", "end")
            };
            format!(
                "{} fewer {domains}, {} of the mail, {end} in {band}",
                count(fewer),
                of_mail(lost)
            )
        }
        (more, fewer) => {
            let (end, does) = if more == 1 { ("ends", "does") } else { ("end", "do") };
            let no_longer = if fewer == 1 { "does" } else { "do" };
            format!(
                "{}, {} of the mail, {end} in {band} that {does} not under A, and {}, {}, no longer {no_longer}",
                counted(more, "domain"),
                of_mail(gained),
                counted(fewer, "domain"),
                of_mail(lost)
            )
        }
    }
}

fn few_complaints(domains: u64) -> String {
    if domains == 0 {
        String::new()
    } else {
        format!("; {} of them on fewer than five complaints", count(domains))
    }
}

fn times(n: u64) -> String {
    if n == 1 {
        "once".to_owned()
    } else {
        format!("{} times", count(n))
    }
}

fn capitalised(text: String) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
