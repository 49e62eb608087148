//! What holds for a while and is told once: falls to come, unusual rates, disabled domains, overrides that end.

use crate::memory::{WatchMemory, condition_key};
use crate::notice::{NoticeFacts, NoticeKind, WatchNotice, short_rate};
use crate::observe::{AccountSight, condition_notice, is_fall, subaccount_of};
use crate::settings::{BASELINE_DAYS, WatchSettings};
use poolkeeper_core::health::{Metric, explain};
use poolkeeper_core::model::{Band, Counts, Day, Domain, Rate, Timestamp};
use poolkeeper_core::text;
use poolkeeper_lab::{Approach, approach};
use std::collections::BTreeSet;

/// A condition of a domain's days is over when it has not held on this many days in a row.
const OVER_AFTER_DAYS: u8 = 2;

/// Fewer events than this are no reason to call a rate unusual.
const LEAST_EVENTS: u64 = 20;

impl WatchMemory {
    /// Falls to come, and rates far above the usual ones.
    pub(crate) fn foreseen(
        &mut self,
        sight: &AccountSight<'_>,
        settings: &WatchSettings,
        has_new_day: bool,
        notices: &mut Vec<WatchNotice>,
    ) {
        let Some(last) = sight.traffic.newest() else { return };
        let mut holding = BTreeSet::new();
        for domain in sight.domains {
            let Some(band) = domain.pool.band().filter(|_| domain.is_overridden != Some(true)) else {
                continue;
            };
            let recent = sight.traffic.days(&domain.name, last, settings.policy.window_days);
            if let Some(found) = fall_to_come(settings, &recent, band) {
                let key = condition_key(NoticeKind::AboutToFall, domain.name.as_str());
                if self.note(key.clone(), true, sight.now) {
                    notices.push(about_to_fall(sight, settings, domain, band, &recent, last, found));
                }
                holding.insert(key);
            } else if band != Band::Poor
                // It cannot fall any further.
                && let Some((metric, now, usual)) = unusual(sight, settings, domain, &recent, last)
            {
                let key = condition_key(NoticeKind::Unusual, domain.name.as_str());
                if self.note(key.clone(), true, sight.now) {
                    notices.push(unusual_notice(sight, settings, domain, metric, now, usual));
                }
                holding.insert(key);
            }
        }
        if has_new_day {
            self.end_missing(&[NoticeKind::AboutToFall, NoticeKind::Unusual], &holding);
        }
    }

    /// Ends the conditions of these kinds that have not held for some days.
    pub(crate) fn end_missing(&mut self, kinds: &[NoticeKind], holding: &BTreeSet<String>) {
        self.conditions.retain(|key, condition| {
            let is_of_kinds = kinds.iter().any(|kind| key.split(' ').next() == Some(kind.word()));
            if !is_of_kinds || holding.contains(key) {
                return true;
            }
            condition.missed_days += 1;
            condition.missed_days < OVER_AFTER_DAYS
        });
    }

    pub(crate) fn disabled(&mut self, sight: &AccountSight<'_>, is_first: bool, notices: &mut Vec<WatchNotice>) {
        let Some(disabled) = sight.disabled else { return };
        let mut holding = BTreeSet::new();
        for domain in disabled {
            let key = condition_key(NoticeKind::DomainDisabled, domain.name.as_str());
            // Those that were disabled before the first look are not news.
            if self.note(key.clone(), true, sight.now) && !is_first {
                let title = format!("Mailgun disabled {}", domain.name);
                let mut notice = condition_notice(sight, NoticeKind::DomainDisabled, domain.name.as_str(), title);
                notice.subaccount = domain.subaccount.as_ref().map(ToString::to_string);
                notice.lines.extend(domain.disabled_reason.clone());
                notice
                    .lines
                    .push("It sends no mail. Mailgun's support or its control panel can enable it".to_owned());
                notices.push(notice);
            }
            holding.insert(key);
        }
        self.conditions
            .retain(|key, _| key.split(' ').next() != Some(NoticeKind::DomainDisabled.word()) || holding.contains(key));
    }

    pub(crate) fn overrides(
        &mut self,
        sight: &AccountSight<'_>,
        settings: &WatchSettings,
        notices: &mut Vec<WatchNotice>,
    ) {
        let today = Timestamp::from(sight.now).day();
        let mut holding = BTreeSet::new();
        for end in sight.overrides {
            let left = end.last_day.since(today);
            if left > settings.override_days {
                continue;
            }
            let (title, what) = match left {
                ..=-1 => (
                    format!("The override of {} ended on {}", end.domain, end.last_day),
                    "ended",
                ),
                _ => (
                    format!("The override of {} ends on {}", end.domain, end.last_day),
                    "ends",
                ),
            };
            // The date is part of it: a new date is news.
            let subject = format!("{} {what} {}", end.domain, end.last_day);
            let key = condition_key(NoticeKind::OverrideEnds, &subject);
            if self.note(key.clone(), true, sight.now) {
                let mut notice = condition_notice(sight, NoticeKind::OverrideEnds, end.domain.as_str(), title);
                notice.id = crate::notice_id(&[sight.account, &key]);
                notice.lines.extend(end.reason.clone());
                notice.lines.push(match left {
                    ..=-1 => "poolkeeper apply removes it".to_owned(),
                    _ => "After that day, poolkeeper apply removes it".to_owned(),
                });
                notices.push(notice);
            }
            holding.insert(key);
        }
        self.conditions
            .retain(|key, _| key.split(' ').next() != Some(NoticeKind::OverrideEnds.word()) || holding.contains(key));
    }
}

/// A fall within the days of the settings, of a domain with enough mail.
pub(crate) fn fall_to_come(settings: &WatchSettings, recent: &[Counts], band: Band) -> Option<Approach> {
    let window: Counts = recent.iter().copied().sum();
    if window.processed < settings.minimum_messages {
        return None;
    }
    let found = approach(&settings.policy, recent, band, |_| true)?;
    (is_fall(band, found.towards) && found.days <= settings.days_ahead).then_some(found)
}

fn rate(metric: Metric, counts: &Counts) -> Option<Rate> {
    metric.rate(counts).map(Rate)
}

/// A domain's usual counts: those of the weeks before its window.
fn usual_counts(sight: &AccountSight<'_>, settings: &WatchSettings, domain: &Domain, last: Day) -> Counts {
    let before = last.plus(-i32::try_from(settings.policy.window_days).unwrap_or(0));
    sight.traffic.window(&domain.name, before, BASELINE_DAYS)
}

/// The metric whose rate is far above the usual one, with both rates.
fn unusual(
    sight: &AccountSight<'_>,
    settings: &WatchSettings,
    domain: &Domain,
    recent: &[Counts],
    last: Day,
) -> Option<(Metric, Rate, Rate)> {
    let window: Counts = recent.iter().copied().sum();
    let usual = usual_counts(sight, settings, domain, last);
    if window.processed < settings.minimum_messages || usual.processed < settings.minimum_messages {
        return None;
    }
    Metric::ALL.into_iter().find_map(|metric| {
        let (now, before) = (rate(metric, &window)?, rate(metric, &usual)?);
        let (events, _) = metric.of(&window);
        // A rate within the good limit and far above the usual one is unusual too.
        let is_far = before.0 > 0.0 && now.0 >= before.0 * settings.unusual_times;
        (is_far && events >= LEAST_EVENTS).then_some((metric, now, before))
    })
}

fn times_usual(now: Rate, usual: Rate) -> String {
    if usual.0 > 0.0 {
        format!("{:.1} × its usual {}", now.0 / usual.0, usual.percent())
    } else {
        format!("usually {}", usual.percent())
    }
}

fn about_to_fall(
    sight: &AccountSight<'_>,
    settings: &WatchSettings,
    domain: &Domain,
    band: Band,
    recent: &[Counts],
    last: Day,
    found: Approach,
) -> WatchNotice {
    let when = match found.days {
        1 => "at the next check".to_owned(),
        days => format!("in {days} days"),
    };
    let name = &domain.name;
    let title = format!(
        "{name} falls from {} to {} {when} if it goes on like this",
        band.word(),
        found.towards.word()
    );
    let mut notice = condition_notice(sight, NoticeKind::AboutToFall, name.as_str(), title);
    notice.subaccount = subaccount_of(domain);
    let window: Counts = recent.iter().copied().sum();
    let explained = explain(&settings.policy, &window, band);
    let metric = found.metric;
    let now = rate(metric, &window);
    if let (Some(now), Some(limits)) = (now, metric.policy(&settings.policy)) {
        let mut line = format!(
            "{} {} over {}; poor from {} on, by {}",
            text::metric_name(metric),
            now.percent_beside(&text::rates::thresholds(&limits)),
            text::counted(u64::from(settings.policy.window_days), "day"),
            text::limit(u64::from(limits.poor_at_least_ppm)),
            settings.policy_name
        );
        if let Some(usual) = rate(metric, &usual_counts(sight, settings, domain, last)) {
            line += &format!("; {}", times_usual(now, usual));
        }
        notice.lines.push(line);
    }
    let more = explained.metric(metric).and_then(|part| part.more_to_poor);
    if let Some(more) = more.filter(|more| *more > 0) {
        let noun = format!("more {}", text::event_noun(metric));
        notice
            .lines
            .push(format!("{} would do it now", text::counted(more, &noun)));
    }
    notice.facts = NoticeFacts {
        from: Some(band),
        to: Some(found.towards),
        bounce_rate: window.bounce_rate().map(Rate).map(short_rate),
        complaint_rate: window.complaint_rate().map(Rate).map(short_rate),
        processed_count: Some(window.processed),
        days: Some(found.days),
        day: Some(last.to_string()),
        ..NoticeFacts::default()
    };
    notice
}

fn unusual_notice(
    sight: &AccountSight<'_>,
    settings: &WatchSettings,
    domain: &Domain,
    metric: Metric,
    now: Rate,
    usual: Rate,
) -> WatchNotice {
    let name = &domain.name;
    let title = format!(
        "{name} has {} × its usual {}",
        format_args!("{:.1}", now.0 / usual.0),
        text::in_sentence(text::metric_name(metric))
    );
    let mut notice = condition_notice(sight, NoticeKind::Unusual, name.as_str(), title);
    notice.subaccount = subaccount_of(domain);
    notice.lines.push(format!(
        "{} over {}, usually {}",
        now.percent(),
        text::counted(u64::from(settings.policy.window_days), "day"),
        usual.percent()
    ));
    let is_bounces = metric == Metric::BounceRate;
    notice.facts = NoticeFacts {
        from: domain.pool.band(),
        bounce_rate: is_bounces.then_some(short_rate(now)),
        complaint_rate: (!is_bounces).then_some(short_rate(now)),
        ..NoticeFacts::default()
    };
    notice
}
