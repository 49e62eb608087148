//! One look after another at each account, and what follows from it.

use super::account::{AccountLook, WatchedAccount};
use super::exposition::{WatchFigures, figure, pool_label};
use super::log_file::WatchLog;
use super::outbox::Outbox;
use super::rules_file::WatchRules;
use crate::Failure;
use crate::terminal::say;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{Band, escape_unprintable};
use poolkeeper_watch::{NoticeKind, ToldNotice, WatchEntry, WatchMemory, WatchNotice};
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// An account, and how many requests its client has sent.
pub(super) struct CountedAccount {
    pub(super) account: WatchedAccount,
    pub(super) requests: Rc<Cell<u64>>,
}

/// What one look at all accounts came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LookResult {
    /// Accounts that could not be read.
    pub(super) failed: usize,
}

/// Watches accounts.
pub(super) struct Watcher {
    pub(super) rules: WatchRules,
    pub(super) accounts: Vec<CountedAccount>,
    pub(super) log: RefCell<WatchLog>,
    pub(super) outbox: Outbox,
    pub(super) figures: Arc<Mutex<WatchFigures>>,
    /// Nothing is stored or sent; what would be is printed.
    pub(super) is_dry_run: bool,
}

impl Watcher {
    /// Looks at every account once, and sends what waits.
    ///
    /// # Errors
    /// [`Failure`] when something can't be stored. An account that can't be read is counted, and told by the rules.
    pub(super) async fn step(&mut self, now: DateTime<Utc>) -> Result<LookResult, Failure> {
        let mut result = LookResult::default();
        let mut accounts = std::mem::take(&mut self.accounts);
        for counted in &mut accounts {
            let is_read = self.look(&mut counted.account, now).await;
            self.note_requests(counted);
            match is_read {
                Ok(is_read) => result.failed += usize::from(!is_read),
                Err(problem) => {
                    self.accounts = accounts;
                    return Err(problem);
                }
            }
        }
        self.accounts = accounts;
        if !self.is_dry_run {
            Outbox::make_digests(&mut self.log.borrow_mut(), &self.rules, now)?;
            self.deliver(now).await?;
            if let Err(error) = self.log.borrow_mut().compact(now) {
                say(&format!("the state file stays long: {error}"));
            }
        }
        Ok(result)
    }

    /// Sends what waits and may be sent now.
    ///
    /// # Errors
    /// [`Failure`] when it can't be stored what was sent.
    pub(super) async fn deliver(&self, now: DateTime<Utc>) -> Result<(), Failure> {
        let sent = self.outbox.send(&self.log, &self.rules, now).await;
        let log = self.log.borrow();
        self.with_figures(|figures| {
            for receiver in &self.rules.receivers {
                let counts = self.outbox.counts(&receiver.name);
                for (outcome, count) in [("sent", counts.sent), ("failed", counts.failed)] {
                    let labels = [("receiver", receiver.name.as_str()), ("outcome", outcome)];
                    figures.set("poolkeeper_messages_total", &labels, figure(count));
                }
                let waiting = log.state.waiting(&receiver.name) as u64;
                figures.set(
                    "poolkeeper_messages_waiting",
                    &[("receiver", &receiver.name)],
                    figure(waiting),
                );
            }
            figures.set("poolkeeper_watch_state_bytes", &[], figure(log.length()));
        });
        sent
    }

    /// Whether the account could be read.
    async fn look(&self, account: &mut WatchedAccount, now: DateTime<Utc>) -> Result<bool, Failure> {
        let name = account.name.clone();
        let before = self.log.borrow().state.accounts.get(&name).cloned().unwrap_or_default();
        let labels = |outcome| [("account", name.as_str()), ("outcome", outcome)];
        match account.look(&before, now).await {
            Ok(look) => {
                if before.failing_since.is_some() {
                    say(&format!("account “{name}” can be read again"));
                }
                self.count(account, &look, now);
                self.with_figures(|figures| figures.add("poolkeeper_watch_looks_total", &labels("read"), 1.0));
                self.take(&name, &before, look.memory, look.notices)?;
                account.stored();
                Ok(true)
            }
            Err(problem) => {
                let mut memory = before.clone();
                let wait = self.rules.tell_outage_after_minutes * 60;
                let notice = memory.service_failed(&name, now, wait, &problem.0);
                if before.failing_since.is_none() {
                    say(&format!("account “{name}”: {problem}"));
                }
                self.with_figures(|figures| {
                    figures.set("poolkeeper_watch_up", &[("account", &name)], 0.0);
                    figures.add("poolkeeper_watch_looks_total", &labels("failed"), 1.0);
                });
                self.take(&name, &before, memory, notice.into_iter().collect())?;
                Ok(false)
            }
        }
    }

    /// Stores what is remembered from now on and who is told, in one entry.
    fn take(
        &self,
        account: &str,
        before: &WatchMemory,
        memory: WatchMemory,
        notices: Vec<WatchNotice>,
    ) -> Result<(), Failure> {
        if memory == *before && notices.is_empty() {
            return Ok(());
        }
        let told: Vec<ToldNotice> = notices
            .into_iter()
            .map(|notice| {
                let rules = self.rules.rules.iter().filter(|rule| rule.tells(&notice));
                let to = rules.flat_map(|rule| rule.to.iter().cloned()).collect();
                ToldNotice { notice, to }
            })
            .collect();
        if self.is_dry_run {
            return print(&told);
        }
        let entry = WatchEntry::Looked {
            account: account.to_owned(),
            memory: Box::new(memory),
            notices: told,
        };
        let mut log = self.log.borrow_mut();
        log.append(entry)
            .map_err(|error| Failure::of("storing what was seen", error))
    }

    fn count(&self, account: &WatchedAccount, look: &AccountLook, now: DateTime<Utc>) {
        let name = account.name.as_str();
        let of = [("account", name)];
        self.with_figures(|figures| {
            figures.set("poolkeeper_watch_up", &of, 1.0);
            let at = u64::try_from(now.timestamp()).unwrap_or(0);
            figures.set("poolkeeper_watch_last_look_timestamp_seconds", &of, figure(at));
            let count = |kind: NoticeKind| {
                let keys = look.memory.conditions.keys();
                keys.filter(|key| key.split(' ').next() == Some(kind.word())).count() as u64
            };
            for (metric, kind) in [
                ("poolkeeper_domains_disabled", NoticeKind::DomainDisabled),
                ("poolkeeper_domains_about_to_fall", NoticeKind::AboutToFall),
                ("poolkeeper_domains_unusual", NoticeKind::Unusual),
                ("poolkeeper_overrides_ending", NoticeKind::OverrideEnds),
            ] {
                figures.set(metric, &of, figure(count(kind)));
            }
            let overridden = account
                .domains
                .iter()
                .filter(|domain| domain.is_overridden == Some(true));
            figures.set("poolkeeper_domains_overridden", &of, figure(overridden.count() as u64));
            for band in Band::ALL {
                let pool = [("account", name), ("pool", pool_label(band))];
                let domains = account.domains.iter().filter(|domain| domain.pool.band() == Some(band));
                figures.set("poolkeeper_domains", &pool, figure(domains.count() as u64));
                let key = format!("{} {}", NoticeKind::PoolOverload.word(), band.pool_name());
                let is_overloaded = u64::from(look.memory.conditions.contains_key(&key));
                figures.set("poolkeeper_pool_overloaded", &pool, figure(is_overloaded));
                if let Some((_, load)) = look.memory.loads.last_key_value() {
                    figures.set("poolkeeper_pool_messages", &pool, figure(*load.get(band)));
                }
                if let Some(pools) = &account.pools {
                    let seen = pools.get(band);
                    for (state, ips) in [("warm", &seen.warm), ("warming", &seen.warming)] {
                        let labels = [("account", name), ("pool", pool_label(band)), ("state", state)];
                        figures.set("poolkeeper_pool_ips", &labels, figure(ips.len() as u64));
                    }
                }
            }
            for notice in &look.notices {
                let labels = [("account", name), ("kind", notice.kind.word())];
                figures.add("poolkeeper_notices_total", &labels, 1.0);
                if matches!(notice.kind, NoticeKind::Fell | NoticeKind::Rose) {
                    let labels = [("account", name), ("direction", notice.kind.word())];
                    figures.add("poolkeeper_moves_total", &labels, 1.0);
                }
            }
        });
    }

    fn note_requests(&self, counted: &CountedAccount) {
        let labels = [("account", counted.account.name.as_str())];
        let requests = figure(counted.requests.get());
        self.with_figures(|figures| figures.set("poolkeeper_watch_requests_total", &labels, requests));
    }

    fn with_figures(&self, change: impl FnOnce(&mut WatchFigures)) {
        change(&mut self.figures.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What would be told, and to whom.
fn print(told: &[ToldNotice]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    for ToldNotice { notice, to } in told {
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let to = if to.is_empty() {
            "no receiver".to_owned()
        } else {
            to.join(", ")
        };
        let text = escape_unprintable(&notice.text());
        writeln!(out, "To {to}: {text}").map_err(|error| Failure::of("writing to standard output", error))?;
    }
    Ok(())
}
