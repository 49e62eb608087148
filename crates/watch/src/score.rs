//! How warnings did on a past that is known: of the warnings, how many came before a fall; of the falls, how many were warned
//! of.

use crate::conditions::fall_to_come;
use crate::observe::is_fall;
use crate::settings::WatchSettings;
use poolkeeper_core::health::explain;
use poolkeeper_core::model::{Band, Counts, Day};
use std::ops::RangeInclusive;

/// A warning is right if a fall follows within this many days.
const WITHIN_DAYS: i32 = 7;

/// A warning that was given is given again when its reason was gone for this many days.
const OVER_AFTER_DAYS: u8 = 2;

/// A move of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastMove {
    /// The day that the check closed, or on which a person moved it.
    pub day: Day,
    /// Where it was.
    pub from: Option<Band>,
    /// Where it went.
    pub to: Option<Band>,
    /// Whether a check moved it.
    pub is_by_check: bool,
}

/// A domain's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastDomain {
    /// Its counts, day by day.
    pub counts: Vec<Counts>,
    /// Its moves, oldest first.
    pub moves: Vec<PastMove>,
    /// Where it is after all of them.
    pub last_band: Option<Band>,
}

/// What gives the warnings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Predictor {
    /// The rule of [`WatchSettings`].
    Approach,
    /// A rate that has this share of the events that a poor vote needs.
    NearThreshold(f64),
    /// None.
    Silence,
}

/// How the warnings did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WarningScore {
    /// Warnings.
    pub warnings: u64,
    /// Those that a fall followed.
    pub warnings_before_fall: u64,
    /// Falls by checks.
    pub falls: u64,
    /// Those that a warning preceded.
    pub falls_warned: u64,
    /// Days between warning and fall, of those, in sum.
    pub days_ahead: u64,
}

impl std::ops::AddAssign for WarningScore {
    fn add_assign(&mut self, other: Self) {
        self.warnings += other.warnings;
        self.warnings_before_fall += other.warnings_before_fall;
        self.falls += other.falls;
        self.falls_warned += other.falls_warned;
        self.days_ahead += other.days_ahead;
    }
}

/// Gives the warnings of each day as they would have been given, and compares them with what happened. `first` is the day of
/// the first counts. Warnings of the last week of `days` are not judged: their falls may be still to come. Falls of the first
/// week are not either.
#[must_use]
pub fn score_warnings(
    domains: &[PastDomain],
    first: Day,
    days: &RangeInclusive<Day>,
    settings: &WatchSettings,
    predictor: Predictor,
) -> WarningScore {
    let mut score = WarningScore::default();
    for domain in domains {
        score += domain_score(domain, first, days, settings, predictor);
    }
    score
}

fn domain_score(
    domain: &PastDomain,
    first: Day,
    days: &RangeInclusive<Day>,
    settings: &WatchSettings,
    predictor: Predictor,
) -> WarningScore {
    let falls: Vec<Day> = domain
        .moves
        .iter()
        .filter(|past| is_past_fall(past))
        .map(|past| past.day)
        .collect();
    let warnings = warning_days(domain, first, days, settings, predictor);
    let mut score = WarningScore::default();
    let judged = *days.start()..=days.end().plus(-WITHIN_DAYS);
    for warning in warnings.iter().filter(|day| judged.contains(day)) {
        score.warnings += 1;
        let is_right = falls
            .iter()
            .any(|fall| (1..=WITHIN_DAYS).contains(&fall.since(*warning)));
        score.warnings_before_fall += u64::from(is_right);
    }
    let expected = days.start().plus(WITHIN_DAYS)..=*days.end();
    for fall in falls.iter().filter(|day| expected.contains(day)) {
        score.falls += 1;
        let ahead = warnings.iter().map(|warning| fall.since(*warning));
        if let Some(ahead) = ahead.filter(|ahead| (1..=WITHIN_DAYS).contains(ahead)).max() {
            score.falls_warned += 1;
            score.days_ahead += u64::try_from(ahead).unwrap_or(0);
        }
    }
    score
}

fn is_past_fall(past: &PastMove) -> bool {
    past.is_by_check && past.from.zip(past.to).is_some_and(|(from, to)| is_fall(from, to))
}

/// The days on which a warning begins.
fn warning_days(
    domain: &PastDomain,
    first: Day,
    days: &RangeInclusive<Day>,
    settings: &WatchSettings,
    predictor: Predictor,
) -> Vec<Day> {
    let mut begun = Vec::new();
    let mut missed: Option<u8> = None;
    for day in days.start().0..=days.end().0 {
        let day = Day(day);
        if domain.moves.iter().any(|past| past.day == day) {
            missed = None;
        }
        let holds = band_after(domain, day).is_some_and(|band| {
            let recent = recent(domain, first, day, settings.policy.window_days);
            warns(&recent, band, settings, predictor)
        });
        missed = match (holds, missed) {
            (true, open) => {
                if open.is_none() {
                    begun.push(day);
                }
                Some(0)
            }
            (false, Some(missed)) if missed + 1 < OVER_AFTER_DAYS => Some(missed + 1),
            (false, _) => None,
        };
    }
    begun
}

fn warns(recent: &[Counts], band: Band, settings: &WatchSettings, predictor: Predictor) -> bool {
    match predictor {
        Predictor::Approach => fall_to_come(settings, recent, band).is_some(),
        Predictor::NearThreshold(share) => {
            let window: Counts = recent.iter().copied().sum();
            let explained = explain(&settings.policy, &window, band);
            window.processed >= settings.minimum_messages
                && explained
                    .more_to_poor
                    .is_some_and(|more| is_near(more.events, more.metric.of(&window).0, share))
        }
        Predictor::Silence => false,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a baseline for comparison, no verdict")]
fn is_near(more: u64, has: u64, share: f64) -> bool {
    has as f64 >= share * (has + more) as f64
}

/// The band after a day's check; `None` when it was not enrolled.
fn band_after(domain: &PastDomain, day: Day) -> Option<Band> {
    match domain.moves.iter().find(|past| past.day > day) {
        Some(next) => next.from,
        None => domain.last_band,
    }
}

fn recent(domain: &PastDomain, first: Day, last: Day, days: u32) -> Vec<Counts> {
    let end = usize::try_from(last.since(first) + 1)
        .unwrap_or(0)
        .min(domain.counts.len());
    let start = end.saturating_sub(usize::try_from(days).unwrap_or(usize::MAX));
    domain.counts.get(start..end).unwrap_or_default().to_vec()
}
