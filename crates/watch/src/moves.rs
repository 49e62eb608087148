//! Moves: why, which day did it, and the way back.

use crate::memory::{WatchMemory, condition_key};
use crate::notice::{NoticeFacts, NoticeKind, WatchNotice, notice_id, short_rate};
use crate::observe::{AccountSight, is_fall};
use crate::settings::WatchSettings;
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Band, HistoryRecord, Timestamp};
use poolkeeper_core::text;
use poolkeeper_lab::calibrate::{Assumptions, HiddenThreshold, Observations, calibrate};
use poolkeeper_lab::{PoorCause, clean_days_to_good};
use std::fmt::Write;

impl WatchMemory {
    pub(crate) fn moves(&mut self, sight: &AccountSight<'_>, settings: &WatchSettings, notices: &mut Vec<WatchNotice>) {
        for record in sight.records {
            let bands =
                |record: &HistoryRecord| Some((record.prev_band.as_ref()?.band()?, record.new_band.as_ref()?.band()?));
            let Some((from, to)) = bands(record).filter(|(from, to)| from != to) else {
                continue;
            };
            notices.push(move_notice(sight, settings, record, from, to));
            notices.extend(contradiction(sight, settings, record));
            // Wherever it is now, what was foreseen of it is over.
            let domain = record.domain_name.as_str();
            for kind in [NoticeKind::AboutToFall, NoticeKind::Unusual] {
                self.conditions.remove(&condition_key(kind, domain));
            }
        }
    }
}

fn move_notice(
    sight: &AccountSight<'_>,
    settings: &WatchSettings,
    record: &HistoryRecord,
    from: Band,
    to: Band,
) -> WatchNotice {
    let is_down = is_fall(from, to);
    let (kind, verb) = if is_down {
        (NoticeKind::Fell, "fell")
    } else {
        (NoticeKind::Rose, "rose")
    };
    let policy = &settings.policy;
    let at = record.timestamp.unwrap_or(sight.now);
    // The check at midnight closes the day before.
    let day = Timestamp(at.timestamp() - 1).day();
    let window = sight.traffic.days(&record.domain_name, day, policy.window_days);
    let metric = deciding(record);
    let cause = is_down.then(|| PoorCause::of(policy, metric, &window, day)).flatten();
    let is_by_check = record.initiated_by.as_deref().is_none_or(|by| by == "system");
    let clean_days = (is_down && is_by_check)
        .then(|| clean_days_to_good(policy, &window, to))
        .flatten();
    let mut lines = vec![reason_line(record)];
    lines.extend(cause.as_ref().map(PoorCause::sentence));
    if let Some(days) = clean_days {
        let good_on = day.plus(i32::try_from(days).unwrap_or(i32::MAX));
        lines.push(format!(
            "By {}: {}",
            settings.policy_name,
            text::in_sentence(&text::good_on(good_on))
        ));
    }
    WatchNotice {
        id: notice_id(&[
            sight.account,
            "moved",
            &record.id,
            record.domain_name.as_str(),
            &at.to_rfc3339(),
        ]),
        kind,
        account: sight.account.to_owned(),
        at,
        subject: record.domain_name.to_string(),
        subaccount: record
            .account_name
            .clone()
            .or_else(|| Some(record.account_id.0.clone()).filter(|id| !id.is_empty())),
        title: format!("{} {verb} from {} to {}", record.domain_name, from.word(), to.word()),
        lines,
        facts: NoticeFacts {
            from: Some(from),
            to: Some(to),
            reason: Some(record.reason.clone()),
            bounce_rate: record.bounce_rate.map(short_rate),
            complaint_rate: record.complaint_rate.map(short_rate),
            processed_count: record.processed_count,
            days: None,
            clean_days,
            day: cause.map(|cause| cause.worst_day.to_string()),
        },
    }
}

/// `bounce_rate in poor threshold: bounces 15.3 %, complaints 0.010 %, 25,000 processed`.
fn reason_line(record: &HistoryRecord) -> String {
    let mut line = match record.initiated_by.as_deref() {
        Some(by) if by != "system" => format!("{}, by {by}", record.reason),
        _ => record.reason.clone(),
    };
    let rate =
        |name: &str, rate: Option<poolkeeper_core::model::Rate>| rate.map(|rate| format!("{name} {}", rate.percent()));
    let figures = [
        rate("bounces", record.bounce_rate),
        rate("complaints", record.complaint_rate),
        record
            .processed_count
            .map(|count| format!("{} processed", text::count(count))),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    if !figures.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(line, ": {}", figures.join(", "));
    }
    line
}

/// The metric that a record names; without one, bounces.
fn deciding(record: &HistoryRecord) -> Metric {
    let is_named = |metric: &Metric| record.reason.contains(metric.wire_name());
    Metric::ALL.into_iter().find(is_named).unwrap_or(Metric::BounceRate)
}

/// A check's move that the policy rules out, by what the record itself says.
fn contradiction(sight: &AccountSight<'_>, settings: &WatchSettings, record: &HistoryRecord) -> Option<WatchNotice> {
    record.initiated_by.as_deref().filter(|by| *by == "system")?;
    let policy = &settings.policy;
    let observations = Observations {
        history: vec![record.clone()],
        ..Observations::default()
    };
    let found = calibrate(&observations, &Assumptions::of(policy, false));
    let limit = |threshold: HiddenThreshold| match threshold {
        HiddenThreshold::BounceGoodAtMost => policy.bounce.map(|on| u64::from(on.good_at_most_ppm)),
        HiddenThreshold::BouncePoorAtLeast => policy.bounce.map(|on| u64::from(on.poor_at_least_ppm)),
        HiddenThreshold::ComplaintGoodAtMost => policy.complaint.map(|on| u64::from(on.good_at_most_ppm)),
        HiddenThreshold::ComplaintPoorAtLeast => policy.complaint.map(|on| u64::from(on.poor_at_least_ppm)),
        HiddenThreshold::MinimumProcessed => Some(policy.minimum_processed),
    };
    let wrong = found.intervals.iter().find_map(|interval| {
        let value = limit(interval.threshold).filter(|value| !interval.contains(*value))?;
        Some((interval.threshold, value, interval.at_least, interval.at_most))
    })?;
    let (threshold, value, at_least, at_most) = wrong;
    let words = |value: u64| match threshold {
        HiddenThreshold::MinimumProcessed => text::count(value),
        _ => text::limit(value),
    };
    let range = match at_most {
        Some(at_most) if at_most < value => format!("at most {}", words(at_most)),
        _ => format!("at least {}", words(at_least)),
    };
    let domain = &record.domain_name;
    let at = record.timestamp.unwrap_or(sight.now);
    Some(WatchNotice {
        id: notice_id(&[
            sight.account,
            NoticeKind::Contradiction.word(),
            &record.id,
            domain.as_str(),
            &at.to_rfc3339(),
        ]),
        kind: NoticeKind::Contradiction,
        account: sight.account.to_owned(),
        at,
        subject: domain.to_string(),
        subaccount: record.account_name.clone(),
        title: format!("{domain} moved against {}", settings.policy_name),
        lines: vec![
            reason_line(record),
            format!(
                "By this record, “{}” is {range}; the policy has {}",
                text::in_sentence(threshold.name()),
                words(value)
            ),
        ],
        facts: NoticeFacts {
            reason: Some(record.reason.clone()),
            bounce_rate: record.bounce_rate.map(short_rate),
            complaint_rate: record.complaint_rate.map(short_rate),
            processed_count: record.processed_count,
            ..NoticeFacts::default()
        },
    })
}
