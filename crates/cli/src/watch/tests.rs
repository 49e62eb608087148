//! Watching over simulated days, in this process: the account is the simulator's, the clock is its clock.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

use super::account::WatchedAccount;
use super::log_file::WatchLog;
use super::outbox::Outbox;
use super::receiver::recorder::{Recorder, RecorderAnswer};
use super::receiver::{MessageBody, Receiver, ReceiverKind};
use super::rules_file::{self, PolicyChoice, WatchRules};
use super::watcher::{CountedAccount, Watcher};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use mailgun_pools::api::Client;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use poolkeeper_watch::{DigestPeriod, NoticeKind, QuietHours, WatchNotice, WatchRule, WatchSettings};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// Seconds between two looks.
const INTERVAL: u64 = 4 * 3_600;

/// Looks of a day.
const DAY: u64 = 6;

/// Hours that a look may be late.
const LATE_HOURS: i64 = 4;

/// A service that can go away.
struct Leaving {
    inner: Rc<dyn Transport>,
    is_away: Rc<Cell<bool>>,
}

impl Transport for Leaving {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        if self.is_away.get() {
            return Box::pin(async { Err(TransportError::Unreachable("away".to_owned())) });
        }
        self.inner.send(request)
    }
}

/// A simulated account that is watched.
struct Month {
    simulator: Simulator,
    folder: PathBuf,
    recorder: Arc<Recorder>,
    is_away: Rc<Cell<bool>>,
    rule: WatchRule,
    quiet: Option<QuietHours>,
}

/// A move: of which domain, when, and whether down.
type MoveSeen = (String, DateTime<Utc>, NoticeKind);

impl Month {
    fn new(test: &str, kind: ScenarioKind, size: u32) -> Self {
        let folder = std::env::temp_dir().join(format!("poolkeeper-watch-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let spec = ScenarioSpec::new(kind, size, 5).unwrap();
        Self {
            simulator: Simulator::new(Sim::scenario(&spec)),
            folder,
            recorder: Arc::default(),
            is_away: Rc::default(),
            rule: WatchRule {
                name: "all".to_owned(),
                tell: NoticeKind::ALL.to_vec(),
                to: vec!["team".to_owned()],
                ..WatchRule::default()
            },
            quiet: None,
        }
    }

    fn rules(&self) -> WatchRules {
        let mut rules = rules_file::read(Some(Path::new("/dev/null"))).unwrap();
        rules.receivers = vec![Receiver {
            name: "team".to_owned(),
            kind: ReceiverKind::Recording(Arc::clone(&self.recorder)),
            quiet: self.quiet,
            timeout: std::time::Duration::from_secs(15),
        }];
        rules.rules = vec![self.rule.clone()];
        rules
    }

    /// A process that has just begun.
    fn watcher(&self) -> Watcher {
        let transport = Leaving {
            inner: self.simulator.transport(),
            is_away: Rc::clone(&self.is_away),
        };
        let client = Client::new(Rc::new(transport));
        let policy = Box::new(WatchSettings::default().policy);
        let choice = PolicyChoice::Chosen(policy, "the policy".to_owned());
        let counts = self.folder.join("counts");
        let account = WatchedAccount::new("main", client, WatchSettings::default(), choice, counts, true);
        Watcher {
            rules: self.rules(),
            accounts: vec![CountedAccount {
                account,
                requests: Rc::default(),
            }],
            log: RefCell::new(WatchLog::open(&self.folder.join("watch")).unwrap()),
            outbox: Outbox::default(),
            figures: Arc::new(Mutex::default()),
            is_dry_run: false,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.simulator.sim().now().to_utc()
    }

    /// Looks every four hours; `before` is called before each look with its number, and says whether the process begins again.
    fn watch(&self, looks: u64, mut before: impl FnMut(u64) -> bool) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut watcher = self.watcher();
            for look in 0..looks {
                if before(look) {
                    drop(watcher);
                    watcher = self.watcher();
                }
                watcher.step(self.now()).await.unwrap();
                self.simulator.advance(INTERVAL).unwrap();
            }
        });
    }

    /// The moves between two instants, by the simulator's own records.
    fn moves(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<MoveSeen> {
        let sim = self.simulator.sim();
        let records = (0..sim.history_len()).filter_map(|ix| sim.record(ix));
        let mut moves: Vec<MoveSeen> = records
            .filter_map(|view| {
                let (before, after) = (view.record.prev_band?, view.record.new_band);
                let at = view.record.at.to_utc();
                let kind = if after < before {
                    NoticeKind::Fell
                } else {
                    NoticeKind::Rose
                };
                let domain = sim.domain(view.record.domain)?.name.to_string();
                (before != after && at > from && at <= until).then_some((domain, at, kind))
            })
            .collect();
        moves.sort();
        moves
    }

    /// The notices that were taken, with when their message was made.
    fn taken(&self) -> Vec<(DateTime<Utc>, WatchNotice)> {
        let taken = self.recorder.taken.lock().unwrap();
        let notices = taken.iter().filter_map(|content| match &content.body {
            MessageBody::Notices(notices) => Some(notices.iter().map(|notice| (content.at, notice.clone()))),
            MessageBody::Digest(_) => None,
        });
        notices.flatten().collect()
    }

    fn taken_moves(&self) -> Vec<MoveSeen> {
        let is_move = |kind| matches!(kind, NoticeKind::Fell | NoticeKind::Rose);
        let taken = self.taken().into_iter().filter(|(_, notice)| is_move(notice.kind));
        let mut moves: Vec<MoveSeen> = taken
            .map(|(_, notice)| (notice.subject, notice.at, notice.kind))
            .collect();
        moves.sort();
        moves
    }

    fn count(&self, kind: NoticeKind) -> usize {
        self.taken().iter().filter(|(_, notice)| notice.kind == kind).count()
    }
}

impl Drop for Month {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn every_move_is_told_once_within_one_look_also_by_processes_that_end_at_any_look() {
    let month = Month::new("once", ScenarioKind::OnboardingWave, 300);
    let begun = month.now();
    let mut step = 7_u64;
    // 30 days. A process lives for a few looks up to some days.
    month.watch(30 * DAY, |_| {
        step = step.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (step >> 33).is_multiple_of(11)
    });
    let last_look = month.now() - TimeDelta::hours(LATE_HOURS);
    let moves = month.moves(begun, last_look);
    assert!(moves.len() > 15, "{} moves", moves.len());
    assert_eq!(month.taken_moves(), moves);
    for (told, notice) in month.taken() {
        assert!(
            told - notice.at <= TimeDelta::hours(LATE_HOURS),
            "{told}: {}",
            notice.title
        );
    }
    // Nothing else was told twice either.
    let mut ids: Vec<String> = month.taken().into_iter().map(|(_, notice)| notice.id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
    assert!(month.count(NoticeKind::AboutToFall) > 3);
}

#[test]
fn a_receiver_that_is_away_for_a_day_gets_everything_once_and_few_messages() {
    let month = Month::new("away", ScenarioKind::OnboardingWave, 250);
    let begun = month.now();
    let (gone, back) = (2 * DAY, 5 * DAY);
    month.watch(8 * DAY, |look| {
        if look == gone {
            month.recorder.set(RecorderAnswer::Refuses);
        } else if look == back {
            month.recorder.set(RecorderAnswer::Takes);
        }
        // Also by a process that begins while the receiver is away.
        look == 3 * DAY
    });
    let moves = month.moves(begun, month.now() - TimeDelta::hours(LATE_HOURS));
    assert_eq!(month.taken_moves(), moves);
    let away = (begun + TimeDelta::days(2), begun + TimeDelta::days(5));
    let of_that_time = moves.iter().filter(|(_, at, _)| (away.0..=away.1).contains(at)).count();
    assert!(of_that_time > 2, "{moves:?}");
    let taken = month.recorder.taken.lock().unwrap();
    let messages = taken
        .iter()
        .filter(|content| (away.0..=away.1 + TimeDelta::hours(8)).contains(&content.at));
    // The message that was refused first, and one with all the rest.
    assert!(messages.count() <= 2);
}

#[test]
fn a_message_whose_answer_was_lost_is_sent_again_with_its_identifier() {
    let month = Month::new("silence", ScenarioKind::BoughtList, 60);
    month.watch(3, |look| {
        if look == 0 {
            month.recorder.set(RecorderAnswer::TakesInSilence);
        } else {
            month.recorder.set(RecorderAnswer::Takes);
        }
        // A new process: what it was told is in the file.
        true
    });
    let taken = month.recorder.taken.lock().unwrap();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].id, taken[1].id);
    let notices = |at: usize| match &taken[at].body {
        MessageBody::Notices(notices) => notices.clone(),
        MessageBody::Digest(_) => Vec::new(),
    };
    assert!(!notices(0).is_empty());
    assert_eq!(notices(0), notices(1));
}

#[test]
fn an_outage_is_one_notice_and_what_happened_meanwhile_is_told_after_it() {
    let month = Month::new("outage", ScenarioKind::OnboardingWave, 250);
    let begun = month.now();
    let is_away = Rc::clone(&month.is_away);
    month.watch(8 * DAY, move |look| {
        is_away.set((2 * DAY..5 * DAY).contains(&look));
        look == 3 * DAY
    });
    assert_eq!(month.count(NoticeKind::ServiceAway), 1);
    let moves = month.moves(begun, month.now() - TimeDelta::hours(LATE_HOURS));
    let missed = moves
        .iter()
        .filter(|(_, at, _)| (begun + TimeDelta::days(2)..begun + TimeDelta::days(5)).contains(at));
    assert!(missed.count() > 2);
    assert_eq!(month.taken_moves(), moves);
}

#[test]
fn quiet_hours_hold_notices_back_and_digests_come_once_a_week() {
    let mut month = Month::new("quiet", ScenarioKind::OnboardingWave, 250);
    month.quiet = QuietHours::parse("22:00-07:00");
    month.rule.digest = Some(DigestPeriod::Weekly);
    month.rule.digest_hour = 8;
    let begun = month.now();
    month.watch(21 * DAY, |look| look % 50 == 49);
    let moves = month.moves(begun, month.now() - TimeDelta::hours(12));
    let told = month.taken_moves();
    assert!(moves.iter().all(|moved| told.contains(moved)) && !moves.is_empty());
    let taken = month.recorder.taken.lock().unwrap();
    for content in taken.iter() {
        let hour = content.at.format("%H").to_string().parse::<u32>().unwrap();
        assert!((7..22).contains(&hour), "{}", content.at);
    }
    let digests: Vec<_> = taken
        .iter()
        .filter_map(|content| match &content.body {
            MessageBody::Digest(digest) => Some(digest),
            MessageBody::Notices(_) => None,
        })
        .collect();
    // Three weeks have three Mondays.
    assert_eq!(digests.len(), 3);
    let mut by_end: BTreeMap<DateTime<Utc>, u64> = BTreeMap::new();
    for digest in &digests {
        let fell = digest.parts.iter().find(|part| part.kind == NoticeKind::Fell);
        by_end.insert(digest.until, fell.map_or(0, |part| part.total));
        assert!(digest.text().starts_with(&digest.subject()) && digest.html().contains("<h1"));
    }
    for (end, told) in by_end {
        let from = (end - TimeDelta::days(7)).max(begun);
        let fell = month.moves(from - TimeDelta::seconds(1), end - TimeDelta::seconds(1));
        let fell = fell
            .iter()
            .filter(|(_, at, kind)| *kind == NoticeKind::Fell && *at > begun);
        assert_eq!(told, fell.count() as u64, "{end}");
    }
}

#[test]
fn counts_stay_on_disk_and_are_read_from_there() {
    let month = Month::new("counts", ScenarioKind::SteadySenders, 40);
    month.watch(3 * DAY, |_| false);
    let sim = month.simulator.sim();
    // The clock was moved on after the last look.
    let day = sim.last_complete_day().plus(-1);
    let files = super::counts_files::CountsFiles::new(month.folder.join("counts"));
    let mut found = BTreeMap::new();
    files
        .read(day.plus(-34), |day, name, counts| {
            found.insert((day, name.clone()), *counts);
        })
        .unwrap();
    let mut compared = 0;
    for domain in sim.domains() {
        for (day, counts) in sim.daily_counts(domain.ix, day.plus(-30), day) {
            let stored = found.get(&(day, domain.name.clone())).copied().unwrap_or_default();
            assert_eq!(stored, counts.unwrap_or_default(), "{} {day}", domain.name);
            compared += 1;
        }
    }
    assert!(compared > 1_000);
}
