//! One account: what is read of it, how often, and what that gives reason to say.

use super::counts_files::CountsFiles;
use super::rules_file::{PolicyChoice, override_ends};
use crate::Failure;
use crate::account_client::failure;
use chrono::{DateTime, TimeDelta, Utc};
use mailgun_pools::api::{AccountDomainsQuery, ApiError, ApiErrorKind, Client};
use poolkeeper_account::cache::{DomainReader, HistoryReader, apply_history, merge, newest_record};
use poolkeeper_account::fork::LiveTrafficReader;
use poolkeeper_account::ip_inventory::IpInventory;
use poolkeeper_core::model::{
    AccountDomain, Band, Day, Domain, DomainName, HistoryRecord, Ip, SendingStatus, Timestamp,
};
use poolkeeper_lab::PerBand;
use poolkeeper_lab::calibrate::{Assumptions, Observations, calibrate};
use poolkeeper_watch::{AccountSight, IpsSeen, RecentTraffic, WatchMemory, WatchNotice, WatchSettings};
use std::path::PathBuf;
use std::sync::Arc;

/// Days that are read again: complaints come late.
const LATE_DAYS: i32 = 3;

/// How often they are read again, in hours.
const READ_AGAIN_HOURS: i64 = 6;

/// Days of one reading. Several are read side by side, and a page of a thousand rows takes megabytes while it is decoded.
const DAYS_AT_ONCE: i32 = 1;

/// The service keeps daily counts for this many days.
const SERVICE_DAYS: i32 = 365;

/// History that a calibration is made of: this many days, and no more records than that.
const CALIBRATED_DAYS: i64 = 30;
const MOST_CALIBRATED: usize = 5_000;

/// Domains of a page, the most the contract allows.
const DOMAINS_PAGE: u32 = 1_000;

/// One account that is watched.
pub(super) struct WatchedAccount {
    pub(super) name: String,
    pub(super) client: Client,
    pub(super) settings: WatchSettings,
    pub(super) choice: PolicyChoice,
    pub(super) state_file: Option<PathBuf>,
    pub(super) domains: Vec<Arc<Domain>>,
    pub(super) pools: Option<PerBand<IpsSeen>>,
    traffic: RecentTraffic,
    files: CountsFiles,
    /// Whether counts are stored: not in a dry run.
    stores: bool,
    domains_read_on: Option<Day>,
    counts_read_at: Option<DateTime<Utc>>,
    /// Whether counts have changed since the last look that was stored. So they have, as far as a new process knows.
    has_new_counts: bool,
    /// Recent history, for the calibration.
    history: Vec<HistoryRecord>,
    has_history: bool,
}

/// A look at an account.
pub(super) struct AccountLook {
    pub(super) memory: WatchMemory,
    pub(super) notices: Vec<WatchNotice>,
}

impl WatchedAccount {
    pub(super) fn new(
        name: &str,
        client: Client,
        settings: WatchSettings,
        choice: PolicyChoice,
        counts_folder: PathBuf,
        stores: bool,
    ) -> Self {
        let mut settings = settings;
        if let PolicyChoice::Chosen(policy, name) = &choice {
            settings.policy = (**policy).clone();
            settings.policy_name.clone_from(name);
        }
        Self {
            name: name.to_owned(),
            client,
            traffic: RecentTraffic::new(settings.days_needed()),
            settings,
            choice,
            state_file: None,
            domains: Vec::new(),
            pools: None,
            files: CountsFiles::new(counts_folder),
            stores,
            domains_read_on: None,
            counts_read_at: None,
            has_new_counts: true,
            history: Vec::new(),
            has_history: false,
        }
    }

    /// Looks at the account. Nothing is remembered where this fails: the next look sees it all.
    ///
    /// # Errors
    /// [`Failure`] when the service does not answer, or counts can't be stored.
    pub(super) async fn look(&mut self, memory: &WatchMemory, now: DateTime<Utc>) -> Result<AccountLook, Failure> {
        let mut memory = memory.clone();
        let today = Timestamp::from(now).day();
        if !memory.is_begun && memory.newest_record.is_none() {
            let newest = newest_record(&self.client)
                .await
                .map_err(|error| failure("reading history", &error))?;
            memory.newest_record = newest.and_then(|record| record.timestamp).or(Some(now));
        }
        self.has_new_counts |= self.read_counts(now).await?;
        let read = self.read_history(memory.read_history_after()).await?;
        let records = memory.take_new(read);
        self.note_history(&records, now).await?;
        if self.domains_read_on == Some(today) {
            let newest_first: Vec<HistoryRecord> = records.iter().rev().cloned().collect();
            apply_history(&mut self.domains, &newest_first);
        } else {
            // The list before is as long as the new one.
            self.domains = Vec::new();
            let read = self.read_domains().await?;
            let read = self.calibrate(read);
            merge(&mut self.domains, read);
            self.domains_read_on = Some(today);
        }
        let (pools, warming) = self.read_pools().await?;
        self.pools = pools;
        let disabled = self.read_disabled().await?;
        let overrides = match &self.state_file {
            Some(path) => override_ends(path, now.date_naive())?,
            None => Vec::new(),
        };
        memory.service_answered(&self.name, now);
        let sight = AccountSight {
            account: &self.name,
            now,
            records: &records,
            domains: &self.domains,
            pools: self.pools.as_ref(),
            warming: warming.as_deref(),
            disabled: disabled.as_deref(),
            overrides: &overrides,
            traffic: &self.traffic,
            has_new_counts: self.has_new_counts,
        };
        let notices = memory.observe(&sight, &self.settings);
        Ok(AccountLook { memory, notices })
    }

    /// To be called when a look is stored.
    pub(super) const fn stored(&mut self) {
        self.has_new_counts = false;
    }

    async fn read_history(&self, after: Option<DateTime<Utc>>) -> Result<Vec<HistoryRecord>, Failure> {
        let mut reader = HistoryReader::new(self.client.clone(), after);
        let mut records = Vec::new();
        loop {
            match reader.next_records().await {
                Ok(Some(read)) => records.extend(read),
                Ok(None) => return Ok(records),
                Err(error) => return Err(failure("reading history", &error)),
            }
        }
    }

    async fn note_history(&mut self, records: &[HistoryRecord], now: DateTime<Utc>) -> Result<(), Failure> {
        if self.choice != PolicyChoice::Calibrated {
            return Ok(());
        }
        if !std::mem::replace(&mut self.has_history, true) {
            self.history = self.read_history(Some(now - TimeDelta::days(CALIBRATED_DAYS))).await?;
        } else {
            self.history.extend(records.iter().cloned());
        }
        let surplus = self.history.len().saturating_sub(MOST_CALIBRATED);
        self.history.sort_by_key(|record| record.timestamp);
        self.history.drain(..surplus);
        Ok(())
    }

    /// Finds the policy that agrees with what the account shows. Gives the domains back: a copy of them would be large.
    fn calibrate(&mut self, domains: Vec<Domain>) -> Vec<Domain> {
        if self.choice != PolicyChoice::Calibrated {
            return domains;
        }
        let base = WatchSettings::default().policy;
        let observations = Observations {
            previews: Vec::new(),
            domains,
            history: std::mem::take(&mut self.history),
        };
        let found = calibrate(&observations, &Assumptions::of(&base, false));
        self.settings.policy = found.policy(&base);
        "the calibrated policy".clone_into(&mut self.settings.policy_name);
        self.history = observations.history;
        observations.domains
    }

    async fn read_domains(&self) -> Result<Vec<Domain>, Failure> {
        let mut reader = DomainReader::new(self.client.clone());
        let mut rows = Vec::new();
        loop {
            match reader.next_domains().await {
                Ok(Some(fresh)) => rows.extend(fresh),
                Ok(None) => return Ok(rows),
                Err(error) => return Err(failure("reading the enrolled domains", &error)),
            }
        }
    }

    async fn read_pools(&self) -> Result<(Option<PerBand<IpsSeen>>, Option<Vec<Ip>>), Failure> {
        let Some(inventory) = optional(IpInventory::read(self.client.clone()).await, "reading the pools")? else {
            return Ok((None, None));
        };
        let mut pools = PerBand::<IpsSeen>::default();
        let mut is_known = true;
        for band in Band::ALL {
            for row in inventory.of(band) {
                let seen = pools.get_mut(band);
                match row.is_warming {
                    Some(true) => seen.warming.push(row.ip.clone()),
                    Some(false) => seen.warm.push(row.ip.clone()),
                    None => is_known = false,
                }
            }
        }
        let has_warm_ups = !inventory.missing.iter().any(|missing| missing.starts_with("Warm-ups"));
        let warming = inventory.ips.iter().filter(|row| row.warm_up.is_some());
        let warming: Vec<Ip> = warming.map(|row| row.ip.clone()).collect();
        Ok((is_known.then_some(pools), has_warm_ups.then_some(warming)))
    }

    async fn read_disabled(&self) -> Result<Option<Vec<AccountDomain>>, Failure> {
        let mut query = AccountDomainsQuery {
            limit: Some(DOMAINS_PAGE),
            state: Some(SendingStatus::Disabled),
            include_subaccounts: true,
            ..AccountDomainsQuery::default()
        };
        let mut disabled = Vec::new();
        loop {
            let page = self.client.account_domains(&query).await;
            let Some(page) = optional(page, "reading disabled domains")? else {
                return Ok(None);
            };
            query.skip += page.items.len() as u64;
            let is_last = page.next.is_none() || page.items.is_empty();
            // A service that does not know the filter lists all.
            disabled.extend(
                page.items
                    .into_iter()
                    .filter(|domain| domain.status == SendingStatus::Disabled),
            );
            if is_last {
                return Ok(Some(disabled));
            }
        }
    }

    /// Reads the days that are missing, and from time to time the latest ones again. Says whether any count is new.
    async fn read_counts(&mut self, now: DateTime<Utc>) -> Result<bool, Failure> {
        let yesterday = Timestamp::from(now).day().plus(-1);
        let needed = i32::try_from(self.settings.days_needed()).unwrap_or(SERVICE_DAYS);
        let first_needed = yesterday.plus(1 - needed);
        if self.traffic.newest().is_none() {
            self.load_counts(first_needed)?;
        }
        let newest = self.traffic.newest();
        let is_late = |at: DateTime<Utc>| now - at >= TimeDelta::hours(READ_AGAIN_HOURS);
        let is_new_day = newest.is_none_or(|newest| newest < yesterday);
        if !is_new_day && !self.counts_read_at.is_none_or(is_late) {
            return Ok(false);
        }
        let first = match newest {
            None => first_needed,
            Some(newest) => newest.plus(1 - LATE_DAYS).max(yesterday.plus(1 - SERVICE_DAYS)),
        };
        let mut is_changed = is_new_day;
        let mut day = first;
        while day <= yesterday {
            let last = day.plus(DAYS_AT_ONCE - 1).min(yesterday);
            match self.read_days(day, last).await? {
                None => return Ok(false),
                Some(changed) => is_changed |= changed,
            }
            day = last.plus(1);
        }
        self.counts_read_at = Some(now);
        Ok(is_changed)
    }

    /// Reads some days; `None` where the key may not.
    async fn read_days(&mut self, first: Day, last: Day) -> Result<Option<bool>, Failure> {
        let days = u32::try_from(last.since(first) + 1).unwrap_or(1);
        let mut reader = LiveTrafficReader::new(self.client.clone(), last.end().to_utc(), days);
        loop {
            match optional(reader.step().await, "reading daily counts")? {
                None => return Ok(None),
                Some(None) => break,
                Some(Some(_)) => {}
            }
        }
        let (table, _) = reader.finish(&self.name);
        let mut is_changed = false;
        for day in (first.0..=last.0).map(Day) {
            if self.traffic.newest().is_none_or(|newest| newest < day) {
                self.traffic.begin_day(day);
            }
            let mut rows: Vec<(DomainName, _)> = Vec::new();
            for (at, domain) in table.domains().iter().enumerate() {
                let counts = table.get(at, day);
                if let Some(counts) = counts.filter(|counts| self.traffic.set(day, &domain.name, counts)) {
                    rows.push((domain.name.clone(), counts));
                }
            }
            is_changed |= !rows.is_empty();
            if self.stores {
                self.files.append(day, &rows)?;
            }
        }
        Ok(Some(is_changed))
    }

    /// What is stored of the days from one on.
    fn load_counts(&mut self, from: Day) -> Result<(), Failure> {
        let traffic = &mut self.traffic;
        self.files.read(from, |day, name, counts| {
            if traffic.newest().is_none_or(|newest| newest < day) {
                traffic.begin_day(day);
            }
            traffic.set(day, name, counts);
        })
    }
}

/// What the key may not read is left out.
fn optional<T>(read: Result<T, ApiError>, doing: &str) -> Result<Option<T>, Failure> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error)
            if matches!(
                error.kind,
                ApiErrorKind::Forbidden | ApiErrorKind::PaymentRequired | ApiErrorKind::NotFound
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failure(doing, &error)),
    }
}
