//! Who hears of what, and when.

use crate::notice::{NoticeKind, WatchNotice};
use chrono::{DateTime, Datelike, FixedOffset, NaiveTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// How often a digest is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestPeriod {
    /// Every day.
    Daily,
    /// Every Monday.
    Weekly,
}

impl DigestPeriod {
    /// Days that it covers.
    #[must_use]
    pub const fn days(self) -> i64 {
        match self {
            Self::Daily => 1,
            Self::Weekly => 7,
        }
    }

    /// The latest instant at which one is due, at an hour of the zone.
    #[must_use]
    pub fn latest_due(self, now: DateTime<Utc>, zone: FixedOffset, hour: u32) -> DateTime<Utc> {
        let local = now.with_timezone(&zone);
        let is_early = local.hour() < hour;
        let since_monday = match self {
            Self::Daily => 0,
            Self::Weekly => i64::from(local.weekday().num_days_from_monday()),
        };
        let back = match (is_early, since_monday) {
            (true, 0) => self.days(),
            (_, days) => days,
        };
        let day = local.date_naive() - TimeDelta::days(back);
        let at = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        let due = day.and_time(at) - TimeDelta::seconds(i64::from(zone.local_minus_utc()));
        due.and_utc()
    }
}

/// Hours of the day in which a receiver is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

impl QuietHours {
    /// Reads `22:00-07:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let (from, until) = (time(from)?, time(until)?);
        (from != until).then_some(Self { from, until })
    }

    /// Whether an instant is one of them.
    #[must_use]
    pub fn is_quiet(self, now: DateTime<Utc>, zone: FixedOffset) -> bool {
        let time = now.with_timezone(&zone).time();
        if self.from < self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }
}

/// One rule: which notices go to which receivers. Every rule that matches counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchRule {
    /// Its name, for digests.
    pub name: String,
    /// Accounts by name, with `*` for any text; none is any.
    pub accounts: Vec<String>,
    /// Domains by name, with `*`; none is any, and then pools and IPs too.
    pub domains: Vec<String>,
    /// Subaccounts by name or identifier, with `*`; none is any.
    pub subaccounts: Vec<String>,
    /// What is told at once.
    pub tell: Vec<NoticeKind>,
    /// Receivers by name.
    pub to: Vec<String>,
    /// A domain's notice is told only if its window has this many messages, where that is known.
    pub minimum_messages: Option<u64>,
    /// How often a digest of all that concerns the rule is sent.
    pub digest: Option<DigestPeriod>,
    /// The hour at which it is sent.
    pub digest_hour: u32,
}

impl WatchRule {
    /// Whether a notice is about what the rule is about.
    #[must_use]
    pub fn concerns(&self, notice: &WatchNotice) -> bool {
        let any = |patterns: &[String], text: Option<&str>| {
            patterns.is_empty()
                || text.is_some_and(|text| patterns.iter().any(|pattern| matches_pattern(pattern, text)))
        };
        let is_large = match (self.minimum_messages, notice.facts.processed_count) {
            (Some(least), Some(count)) => count >= least,
            _ => true,
        };
        // An account that does not answer concerns every rule about it.
        let is_account = notice.kind == NoticeKind::ServiceAway;
        is_large
            && any(&self.accounts, Some(&notice.account))
            && (is_account
                || (any(&self.domains, Some(&notice.subject)) && any(&self.subaccounts, notice.subaccount.as_deref())))
    }

    /// Whether a notice is told at once.
    #[must_use]
    pub fn tells(&self, notice: &WatchNotice) -> bool {
        self.tell.contains(&notice.kind) && self.concerns(notice)
    }
}

/// Whether a text is as a pattern says, in which `*` is any text. Case does not matter.
#[must_use]
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hours(offset: i32) -> FixedOffset {
        FixedOffset::east_opt(offset * 3_600).unwrap()
    }

    #[test]
    fn stars_are_any_text() {
        for (pattern, text, matches) in [
            ("*.example.com", "a.Example.com", true),
            ("*.example.com", "example.com", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "abcb", false),
            ("*", "", true),
            ("exact", "exactly", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches_pattern(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn quiet_hours_may_pass_midnight_and_are_in_the_zone() {
        let quiet = QuietHours::parse("22:00-07:00").unwrap();
        assert!(quiet.is_quiet(at("2026-07-22T23:59:00Z"), hours(0)));
        assert!(quiet.is_quiet(at("2026-07-22T06:59:00Z"), hours(0)));
        assert!(!quiet.is_quiet(at("2026-07-22T07:00:00Z"), hours(0)));
        assert!(quiet.is_quiet(at("2026-07-22T20:30:00Z"), hours(2)));
        let lunch = QuietHours::parse("12:00-13:00").unwrap();
        assert!(lunch.is_quiet(at("2026-07-22T12:30:00Z"), hours(0)));
        assert!(!lunch.is_quiet(at("2026-07-22T13:00:00Z"), hours(0)));
        assert_eq!(QuietHours::parse("25:00-01:00"), None);
    }

    #[test]
    fn a_digest_is_due_at_its_hour() {
        // 20 July 2026 is a Monday.
        for (now, period, offset, due) in [
            ("2026-07-22T07:59:59Z", DigestPeriod::Daily, 0, "2026-07-21T08:00:00Z"),
            ("2026-07-22T08:00:00Z", DigestPeriod::Daily, 0, "2026-07-22T08:00:00Z"),
            ("2026-07-22T06:00:00Z", DigestPeriod::Daily, 2, "2026-07-22T06:00:00Z"),
            ("2026-07-22T10:00:00Z", DigestPeriod::Weekly, 0, "2026-07-20T08:00:00Z"),
            ("2026-07-20T07:00:00Z", DigestPeriod::Weekly, 0, "2026-07-13T08:00:00Z"),
            ("2026-07-21T07:00:00Z", DigestPeriod::Weekly, 0, "2026-07-20T08:00:00Z"),
        ] {
            assert_eq!(period.latest_due(at(now), hours(offset), 8), at(due), "{now}");
        }
    }
}
