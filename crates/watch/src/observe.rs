//! What one look at an account gives reason to say.

use crate::memory::{WatchMemory, condition_key};
use crate::notice::{NoticeFacts, NoticeKind, WatchNotice, notice_id};
use crate::settings::WatchSettings;
use crate::traffic::RecentTraffic;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{AccountDomain, Band, Day, Domain, DomainName, HistoryRecord, Ip};
use poolkeeper_lab::PerBand;
use std::sync::Arc;

/// The IPs of one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpsSeen {
    /// Those that are warm.
    pub warm: Vec<Ip>,
    /// Those that warm up.
    pub warming: Vec<Ip>,
}

/// An override with a last day, as a file under review says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideEnd {
    /// The domain.
    pub domain: DomainName,
    /// Its last day.
    pub last_day: Day,
    /// Why there is an override.
    pub reason: Option<String>,
}

/// What was seen of an account. What could not be read is `None`, and nothing is said of it.
#[derive(Clone, Copy)]
pub struct AccountSight<'a> {
    /// The account's name.
    pub account: &'a str,
    /// When it was looked at.
    pub now: DateTime<Utc>,
    /// Records that are new, oldest first.
    pub records: &'a [HistoryRecord],
    /// The enrolled domains.
    pub domains: &'a [Arc<Domain>],
    /// The IPs of each pool.
    pub pools: Option<&'a PerBand<IpsSeen>>,
    /// The IPs that warm up.
    pub warming: Option<&'a [Ip]>,
    /// The domains that the service disabled.
    pub disabled: Option<&'a [AccountDomain]>,
    /// Overrides with a last day.
    pub overrides: &'a [OverrideEnd],
    /// The latest days.
    pub traffic: &'a RecentTraffic,
    /// Whether any of those days has changed since the last look.
    pub has_new_counts: bool,
}

impl WatchMemory {
    /// Compares what was seen with what is remembered: the notices that are new.
    pub fn observe(&mut self, sight: &AccountSight<'_>, settings: &WatchSettings) -> Vec<WatchNotice> {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let mut notices = Vec::new();
        // What happened before the first look is not news.
        if !is_first {
            self.moves(sight, settings, &mut notices);
        }
        let has_new_day = sight.traffic.newest() > self.counts_until;
        if sight.has_new_counts || has_new_day {
            self.foreseen(sight, settings, has_new_day, &mut notices);
            self.pool_loads(sight, settings, &mut notices);
            self.counts_until = sight.traffic.newest();
        }
        self.ips(sight, &mut notices);
        self.disabled(sight, is_first, &mut notices);
        self.overrides(sight, settings, &mut notices);
        notices
    }

    /// Notes that the service does not answer; a notice when that has lasted long enough, once.
    pub fn service_failed(
        &mut self,
        account: &str,
        now: DateTime<Utc>,
        tell_after_seconds: i64,
        problem: &str,
    ) -> Option<WatchNotice> {
        let since = *self.failing_since.get_or_insert(now);
        if (now - since).num_seconds() < tell_after_seconds {
            return None;
        }
        let key = condition_key(NoticeKind::ServiceAway, account);
        self.note(key, true, since).then(|| WatchNotice {
            id: notice_id(&[account, NoticeKind::ServiceAway.word(), &since.to_rfc3339()]),
            kind: NoticeKind::ServiceAway,
            account: account.to_owned(),
            at: since,
            subject: account.to_owned(),
            subaccount: None,
            title: format!("Account {account} can't be read"),
            lines: vec![
                problem.to_owned(),
                "Watching goes on by itself. Nothing that happens meanwhile is lost, as far as Mailgun's history has it.".to_owned(),
            ],
            facts: NoticeFacts::default(),
        })
    }

    /// Notes that the service answers. `Some` with since when it did not.
    pub fn service_answered(&mut self, account: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.note(condition_key(NoticeKind::ServiceAway, account), false, now);
        self.failing_since.take()
    }
}

/// A notice of a condition that holds since a look.
pub(crate) fn condition_notice(
    sight: &AccountSight<'_>,
    kind: NoticeKind,
    subject: &str,
    title: String,
) -> WatchNotice {
    WatchNotice {
        id: notice_id(&[sight.account, kind.word(), subject, &sight.now.to_rfc3339()]),
        kind,
        account: sight.account.to_owned(),
        at: sight.now,
        subject: subject.to_owned(),
        subaccount: None,
        title,
        lines: Vec::new(),
        facts: NoticeFacts::default(),
    }
}

/// A subaccount as people know it.
pub(crate) fn subaccount_of(domain: &Domain) -> Option<String> {
    let id = Some(domain.account_id.0.clone()).filter(|id| !id.is_empty());
    domain.account_name.clone().or(id)
}

/// Bands from the worst: a move to a lower one is a fall.
pub(crate) fn is_fall(from: Band, to: Band) -> bool {
    to < from
}
