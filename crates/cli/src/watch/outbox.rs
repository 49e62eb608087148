//! Sends what waits: each receiver for itself, tried again with growing waits, noted before and after.

use super::log_file::WatchLog;
use super::receiver::{MessageBody, MessageContent, Receiver};
use super::rules_file::WatchRules;
use crate::Failure;
use crate::terminal::say;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use poolkeeper_core::text;
use poolkeeper_watch::{Digest, OutMessage, OutgoingContent, WatchEntry, notice_id};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The first wait after a failure, in seconds. Each is twice the one before.
const FIRST_WAIT_SECONDS: i64 = 60;
const LONGEST_WAIT_SECONDS: i64 = 3_600;

/// Messages that a receiver gets in a row.
const MOST_AT_ONCE: usize = 50;

/// How one receiver does.
#[derive(Clone, Debug, Default)]
struct ReceiverHealth {
    failures: u32,
    not_before: Option<DateTime<Utc>>,
    sent: u64,
    failed: u64,
}

/// Who was told how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReceiverCounts {
    pub(super) sent: u64,
    pub(super) failed: u64,
}

/// Sends what waits.
#[derive(Default)]
pub(super) struct Outbox {
    health: RefCell<BTreeMap<String, ReceiverHealth>>,
}

impl Outbox {
    /// Makes the digests that are due.
    ///
    /// # Errors
    /// [`Failure`] when one can't be stored.
    pub(super) fn make_digests(log: &mut WatchLog, rules: &WatchRules, now: DateTime<Utc>) -> Result<(), Failure> {
        for rule in &rules.rules {
            let Some(period) = rule.digest else { continue };
            let due = period.latest_due(now, rules.zone, rule.digest_hour);
            let latest = log.state.digests.get(&rule.name).copied();
            if latest == Some(due) {
                continue;
            }
            let message = |receiver: &String, digest: &Digest| OutMessage {
                id: notice_id(&[receiver, &rule.name, &due.to_rfc3339()]),
                receiver: receiver.clone(),
                at: now,
                content: OutgoingContent::Digest(Box::new(digest.clone())),
            };
            // What was due before the first look is none.
            let messages = latest.map_or_else(Vec::new, |_| {
                let digest = log.state.digest(rule, due, rules.zone);
                rule.to.iter().map(|receiver| message(receiver, &digest)).collect()
            });
            let rule = rule.name.clone();
            store(log, WatchEntry::Digested { rule, due, messages })?;
        }
        Ok(())
    }

    /// Sends all that may be sent now. What fails waits.
    ///
    /// # Errors
    /// [`Failure`] when it can't be noted what was sent.
    pub(super) async fn send(
        &self,
        log: &RefCell<WatchLog>,
        rules: &WatchRules,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let waited_for = log.borrow().state.receivers_waited_for();
        let each = waited_for.iter().map(|name| async move {
            match rules.receivers.iter().find(|receiver| receiver.name == *name) {
                Some(receiver) => self.send_to(log, receiver, rules, now).await,
                None => drop_all(log, name, now),
            }
        });
        join_all(each).await.into_iter().collect()
    }

    async fn send_to(
        &self,
        log: &RefCell<WatchLog>,
        receiver: &Receiver,
        rules: &WatchRules,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let not_before = self
            .health
            .borrow()
            .get(&receiver.name)
            .and_then(|health| health.not_before);
        let is_quiet = receiver.quiet.is_some_and(|quiet| quiet.is_quiet(now, rules.zone));
        if is_quiet || not_before.is_some_and(|not_before| now < not_before) {
            return Ok(());
        }
        for _ in 0..MOST_AT_ONCE {
            let Some(message) = next(log, &receiver.name, now)? else {
                return Ok(());
            };
            let content = content_of(&log.borrow(), &message);
            let (id, sender) = (message.id.clone(), receiver.clone());
            let sent = tokio::task::spawn_blocking(move || sender.send(&content)).await;
            match sent.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(()) => {
                    store(&mut log.borrow_mut(), WatchEntry::Delivered { id })?;
                    let mut health = self.health.borrow_mut();
                    let health = health.entry(receiver.name.clone()).or_default();
                    health.sent += 1;
                    (health.failures, health.not_before) = (0, None);
                }
                Err(problem) => {
                    self.failed(&receiver.name, &problem, now);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn failed(&self, receiver: &str, problem: &str, now: DateTime<Utc>) {
        let mut health = self.health.borrow_mut();
        let health = health.entry(receiver.to_owned()).or_default();
        let doubled = FIRST_WAIT_SECONDS << health.failures.min(6);
        let wait = doubled.min(LONGEST_WAIT_SECONDS);
        health.failures += 1;
        health.failed += 1;
        health.not_before = Some(now + TimeDelta::seconds(wait));
        let wait_ms = u64::try_from(wait).unwrap_or(0) * 1_000;
        say(&format!(
            "receiver “{receiver}” has not taken a message: {problem}. It is tried again in {}",
            text::duration_ms(wait_ms)
        ));
    }

    /// When the next attempt is, where one waits for its time.
    pub(super) fn next_attempt(&self) -> Option<DateTime<Utc>> {
        self.health
            .borrow()
            .values()
            .filter_map(|health| health.not_before)
            .min()
    }

    /// What one receiver got and did not take.
    pub(super) fn counts(&self, receiver: &str) -> ReceiverCounts {
        let health = self.health.borrow();
        let health = health.get(receiver);
        ReceiverCounts {
            sent: health.map_or(0, |health| health.sent),
            failed: health.map_or(0, |health| health.failed),
        }
    }
}

/// The message that was begun first, or a new one, which is noted.
fn next(log: &RefCell<WatchLog>, receiver: &str, now: DateTime<Utc>) -> Result<Option<OutMessage>, Failure> {
    let mut log = log.borrow_mut();
    let begun = log
        .state
        .messages
        .values()
        .filter(|message| message.receiver == receiver);
    if let Some(begun) = begun.min_by_key(|message| message.at) {
        return Ok(Some(begun.clone()));
    }
    let fresh = log.state.next_message(receiver, now);
    if let Some(message) = &fresh {
        store(&mut log, WatchEntry::Sending(message.clone()))?;
    }
    Ok(fresh)
}

fn content_of(log: &WatchLog, message: &OutMessage) -> MessageContent {
    MessageContent {
        id: message.id.clone(),
        at: message.at,
        body: match &message.content {
            OutgoingContent::Notices(ids) => {
                MessageBody::Notices(log.state.notices_of(ids).into_iter().cloned().collect())
            }
            OutgoingContent::Digest(digest) => MessageBody::Digest(digest.clone()),
        },
    }
}

/// What waits for a receiver that the file no longer has.
fn drop_all(log: &RefCell<WatchLog>, receiver: &str, now: DateTime<Utc>) -> Result<(), Failure> {
    say(&format!(
        "receiver “{receiver}” is no longer in the file: what waited for it is not sent"
    ));
    while let Some(message) = next(log, receiver, now)? {
        store(&mut log.borrow_mut(), WatchEntry::Delivered { id: message.id })?;
    }
    Ok(())
}

fn store(log: &mut WatchLog, entry: WatchEntry) -> Result<(), Failure> {
    log.append(entry)
        .map_err(|error| Failure::of("storing messages", error))
}
