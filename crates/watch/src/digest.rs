//! A summary of some days, as text and as HTML.

use crate::notice::{NoticeKind, WatchNotice};
use crate::routing::{DigestPeriod, WatchRule};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use maud::{DOCTYPE, Markup, html};
use poolkeeper_core::text;
use serde::{Deserialize, Serialize};

/// Entries of a part, at most.
const MOST_LISTED: usize = 50;

/// The notices of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPart {
    /// What they are about.
    pub kind: NoticeKind,
    /// How many there are.
    pub total: u64,
    /// The first of them: title, then the first sentence.
    pub listed: Vec<(String, String)>,
}

/// What happened in some days, and what is about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The rule that it is of.
    pub rule: String,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The instant at which it ends and is due.
    pub until: DateTime<Utc>,
    /// The zone of its dates, in seconds east of UTC.
    pub zone_seconds: i32,
    /// What was noticed.
    pub parts: Vec<DigestPart>,
    /// Falls that are still to come, as of its making: titles.
    pub to_come: Vec<String>,
}

impl Digest {
    /// What concerned a rule in the days before an instant. `is_open` says whether what a notice warned of is still to come.
    pub(crate) fn new<'a>(
        all: impl Iterator<Item = &'a WatchNotice>,
        is_open: impl Fn(&WatchNotice) -> bool,
        rule: &WatchRule,
        until: DateTime<Utc>,
        zone: FixedOffset,
    ) -> Self {
        let days = rule.digest.map_or(1, DigestPeriod::days);
        let from = until - TimeDelta::days(days);
        let notices: Vec<&WatchNotice> = all.filter(|notice| rule.concerns(notice)).collect();
        let within = |notice: &&WatchNotice| notice.at >= from && notice.at < until;
        let parts = NoticeKind::ALL.into_iter().filter_map(|kind| {
            let of_kind = notices.iter().copied().filter(|notice| notice.kind == kind);
            let of_kind: Vec<&WatchNotice> = of_kind.filter(within).collect();
            let listed = of_kind.iter().take(MOST_LISTED);
            (!of_kind.is_empty()).then(|| DigestPart {
                kind,
                total: of_kind.len() as u64,
                listed: listed
                    .map(|notice| (notice.title.clone(), notice.lines.first().cloned().unwrap_or_default()))
                    .collect(),
            })
        });
        let to_come = notices.iter().filter(|notice| is_open(notice));
        Self {
            rule: rule.name.clone(),
            from,
            until,
            zone_seconds: zone.local_minus_utc(),
            parts: parts.collect(),
            to_come: to_come.map(|notice| notice.title.clone()).take(MOST_LISTED).collect(),
        }
    }

    /// Its subject: `Domains from 13 Jul 2026 to 19 Jul 2026: 3 fell, 1 rose`.
    #[must_use]
    pub fn subject(&self) -> String {
        let count = |kind: NoticeKind| {
            self.parts
                .iter()
                .find(|part| part.kind == kind)
                .map_or(0, |part| part.total)
        };
        let (fell, rose) = (count(NoticeKind::Fell), count(NoticeKind::Rose));
        format!(
            "{}: {} fell, {} rose",
            self.days(),
            text::count(fell),
            text::count(rose)
        )
    }

    fn days(&self) -> String {
        let zone = FixedOffset::east_opt(self.zone_seconds).unwrap_or(FixedOffset::east_opt(0).unwrap_or_else(utc));
        let day = |at: DateTime<Utc>| {
            let date = at.with_timezone(&zone).date_naive();
            text::day(poolkeeper_core::model::Day::from_date(date))
        };
        let (first, last) = (day(self.from), day(self.until - TimeDelta::seconds(1)));
        if first == last {
            first
        } else {
            format!("{first} to {last}")
        }
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.subject());
        for part in &self.parts {
            text += &format!("\n{} ({})\n", part.kind.heading(), text::count(part.total));
            for (title, line) in &part.listed {
                text += &format!("- {title}\n");
                if !line.is_empty() {
                    text += &format!("  {line}\n");
                }
            }
            text += &more(part).map_or_else(String::new, |more| format!("  {more}\n"));
        }
        if !self.to_come.is_empty() {
            text += "\nStill to come, if they go on like this\n";
            for title in &self.to_come {
                text += &format!("- {title}\n");
            }
        }
        if self.parts.is_empty() && self.to_come.is_empty() {
            text += "\nNo domain moved, and none is about to fall.\n";
        }
        text
    }

    /// As one HTML page, for an e-mail: styles are on the elements, and nothing is loaded.
    #[must_use]
    pub fn html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.subject()) }
                }
                body style="margin:0;background:#f4f5f7;color:#1c2330;font:15px/1.5 system-ui,sans-serif" {
                    div style="max-width:640px;margin:0 auto;padding:24px 16px" {
                        h1 style="font-size:20px;margin:0 0 16px" { (self.subject()) }
                        @for part in &self.parts { (part_html(part)) }
                        @if !self.to_come.is_empty() {
                            (section("Still to come, if they go on like this", html! {
                                ul style="margin:0;padding-left:20px" {
                                    @for title in &self.to_come { li { (title) } }
                                }
                            }))
                        }
                        @if self.parts.is_empty() && self.to_come.is_empty() {
                            p { "No domain moved, and none is about to fall." }
                        }
                        p style="color:#5b6575;font-size:13px" { "Poolkeeper watch, rule “" (self.rule) "”" }
                    }
                }
            }
        };
        page.into_string()
    }
}

fn utc() -> FixedOffset {
    use chrono::Offset;
    Utc.fix()
}

fn more(part: &DigestPart) -> Option<String> {
    let more = part.total.saturating_sub(part.listed.len() as u64);
    (more > 0).then(|| format!("and {} more", text::count(more)))
}

fn part_html(part: &DigestPart) -> Markup {
    let heading = format!("{} ({})", part.kind.heading(), text::count(part.total));
    section(
        &heading,
        html! {
            ul style="margin:0;padding-left:20px" {
                @for (title, line) in &part.listed {
                    li {
                        (title)
                        @if !line.is_empty() { br; span style="color:#5b6575" { (line) } }
                    }
                }
            }
            @if let Some(more) = more(part) { p style="margin:8px 0 0" { (more) } }
        },
    )
}

fn section(heading: &str, content: Markup) -> Markup {
    html! {
        div style="background:#fff;border:1px solid #dfe3e8;border-radius:8px;padding:16px;margin:0 0 16px" {
            h2 style="font-size:16px;margin:0 0 8px" { (heading) }
            (content)
        }
    }
}
