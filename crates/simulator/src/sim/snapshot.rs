//! A simulated account as bytes, and back.
//!
//! Eight bytes of magic, the format's version, the length and checksum of what follows, then the account in postcard.
//! What follows from the rest (names and traffic of a scenario, window sums, chains through the logs) is not saved but
//! worked out again. Bytes that were not written by [`Sim::to_bytes`] are refused with a reason, never trusted: nothing
//! is allocated beyond what the bytes themselves hold, and every position is checked.

use super::build::{accounts_of_table, scenario_directory, table_directory};
use super::generator::{GENERATOR_VERSION, TrafficGenerator};
use super::log::SharedLog;
use super::noise::mix;
use super::state::{DomainState, RecordLink, TrafficData};
use super::{
    AccountIp, AccountOrigin, AccountPool, AccountStatus, DayMoves, DayTotals, DomainEvent, DomainIx, EnrollAllJob,
    MoveRecord, PerBand, PolicyChange, SendsFrom, Sim, SimAccount,
};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Day, Ip, Timestamp};
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;
use thiserror::Error;

/// The clock does not go past 9999-12-31T00:00:00Z.
pub(super) const LATEST: Timestamp = Timestamp(253_402_214_400);
/// No account begins before 1900-01-01.
const EARLIEST: Day = Day(-25_567);

const MAGIC: &[u8; 8] = b"PKSIM\r\n\x1a";
/// The format this version writes, and the newest it reads.
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 28;

/// Why bytes are not a saved account, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// They begin with something else.
    #[error("This is not a saved simulator. Choose a file that was saved with “Save” in Settings.")]
    Foreign,
    /// A newer version wrote them.
    #[error(
        "This simulator was saved by a newer version: its format is {found}, and this version reads up to {known}. \
         Reload the page to update, or open the file where it was saved."
    )]
    Newer {
        /// The format of the bytes.
        found: u32,
        /// The newest format this version reads.
        known: u32,
    },
    /// They end too early.
    #[error("The saved simulator is cut off: {have} of {want} bytes are there. Copy or save the file again.")]
    Truncated {
        /// Bytes there are.
        have: u64,
        /// Bytes there should be.
        want: u64,
    },
    /// They were changed, or never made sense.
    #[error("The saved simulator is damaged ({0}). Open an earlier copy, or reset the simulator.")]
    Damaged(&'static str),
    /// The generator that this version has makes other traffic than the one the account was saved with.
    #[error(
        "This simulator was saved with version {found} of the traffic generator, and this version has {known}: its \
         past would no longer fit its history. Start the scenario again with the same seed."
    )]
    OtherGenerator {
        /// The generator the account was saved with.
        found: u32,
        /// The generator of this version.
        known: u32,
    },
}

/// What is saved of an account. Fields only ever get added together with a new version.
#[derive(Serialize, Deserialize)]
struct SavedAccount {
    generator: u32,
    origin: AccountOrigin,
    table: Option<Arc<Table>>,
    seed: u64,
    first_day: Day,
    now: Timestamp,
    policy: Policy,
    policy_changes: Vec<PolicyChange>,
    accounts: Arc<Vec<SimAccount>>,
    ips: Arc<Vec<AccountIp>>,
    dedicated_pools: Arc<Vec<AccountPool>>,
    pools: PerBand<Vec<Ip>>,
    domains: Arc<Vec<DomainState>>,
    history: SharedLog<RecordLink<MoveRecord>>,
    events: SharedLog<RecordLink<(DomainIx, DomainEvent)>>,
    people: Vec<String>,
    totals: Vec<DayTotals>,
    moves: Vec<DayMoves>,
    job: Option<EnrollAllJob>,
}

impl Sim {
    /// The account as bytes. Equal accounts give equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing to memory what was made of plain values does not fail.
        let payload = postcard::to_allocvec(self).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&checksum(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        bytes
    }

    /// An account from bytes.
    ///
    /// # Errors
    /// [`SnapshotError`] says what is wrong with them and what to do.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let Some((magic, rest)) = bytes.split_first_chunk::<8>() else {
            return Err(if MAGIC.starts_with(bytes) && !bytes.is_empty() {
                truncated(bytes, HEADER_BYTES as u64)
            } else {
                SnapshotError::Foreign
            });
        };
        if magic != MAGIC {
            return Err(SnapshotError::Foreign);
        }
        let cut_off = || truncated(bytes, HEADER_BYTES as u64);
        let (version, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
        match u32::from_le_bytes(*version) {
            VERSION => {}
            found if found > VERSION => return Err(SnapshotError::Newer { found, known: VERSION }),
            _ => return Err(SnapshotError::Damaged("its format has no such version")),
        }
        let (length, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
        let (sum, payload) = rest.split_first_chunk().ok_or_else(cut_off)?;
        let length = u64::from_le_bytes(*length);
        match (payload.len() as u64).cmp(&length) {
            std::cmp::Ordering::Less => return Err(truncated(bytes, length.saturating_add(HEADER_BYTES as u64))),
            std::cmp::Ordering::Greater => return Err(SnapshotError::Damaged("there are bytes after its end")),
            std::cmp::Ordering::Equal => {}
        }
        if checksum(payload) != u64::from_le_bytes(*sum) {
            return Err(SnapshotError::Damaged("its checksum does not fit"));
        }
        let (saved, rest) = postcard::take_from_bytes::<SavedAccount>(payload)
            .map_err(|_| SnapshotError::Damaged("it does not hold an account"))?;
        if !rest.is_empty() {
            return Err(SnapshotError::Damaged("there is more in it than an account"));
        }
        saved.into_sim()
    }
}

const fn truncated(bytes: &[u8], want: u64) -> SnapshotError {
    SnapshotError::Truncated {
        have: bytes.len() as u64,
        want,
    }
}

/// Tells accidents from whole files; no protection against purpose, which the checks after it are for.
fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words
        .iter()
        .fold(bytes.len() as u64, |sum, word| mix(sum ^ u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| mix(sum ^ u64::from(*byte)))
}

impl Serialize for Sim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let table = match &self.traffic {
            TrafficData::Generated(_) => None,
            TrafficData::Table(table) => Some(Arc::clone(table)),
        };
        let saved = SavedAccount {
            generator: GENERATOR_VERSION,
            origin: self.origin.clone(),
            table,
            seed: self.seed,
            first_day: self.first_day,
            now: self.now,
            policy: self.policy.clone(),
            policy_changes: self.policy_changes.clone(),
            accounts: Arc::clone(&self.accounts),
            ips: Arc::clone(&self.ips),
            dedicated_pools: Arc::clone(&self.dedicated_pools),
            pools: self.pools.clone(),
            domains: Arc::clone(&self.domains),
            history: self.history.clone(),
            events: self.events.clone(),
            people: self.people.clone(),
            totals: self.totals.clone(),
            moves: self.moves.clone(),
            job: self.job.clone(),
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SavedAccount::deserialize(deserializer)?
            .into_sim()
            .map_err(serde::de::Error::custom)
    }
}

impl SavedAccount {
    /// The account, with what follows from the rest worked out again.
    fn into_sim(mut self) -> Result<Sim, SnapshotError> {
        self.check_clock()?;
        self.check_cast()?;
        self.check_domains()?;
        self.check_logs()?;
        let (traffic, directory) = match (&self.origin, self.table.take()) {
            (AccountOrigin::Scenario(spec), None) => {
                if self.generator != GENERATOR_VERSION {
                    return Err(SnapshotError::OtherGenerator {
                        found: self.generator,
                        known: GENERATOR_VERSION,
                    });
                }
                let fits = spec.is_within_bounds()
                    && spec.size() as usize == self.domains.len()
                    && spec.first_day() == self.first_day;
                fits.then_some(())
                    .ok_or(SnapshotError::Damaged("its scenario does not fit its domains"))?;
                let senders = Arc::new(TrafficGenerator::new(spec));
                let open = self
                    .accounts
                    .iter()
                    .take_while(|account| account.status == AccountStatus::Open)
                    .count();
                let directory = scenario_directory(spec, &senders, u32::try_from(open).unwrap_or(1));
                (TrafficData::Generated(senders), directory)
            }
            (AccountOrigin::Table { name }, Some(table)) => {
                let last = table.domains().len().checked_sub(1);
                let fits = table.domains().len() == self.domains.len()
                    && table.first_day() == self.first_day
                    && table.has_rows_on_its_days_only()
                    && last.is_none_or(|last| table.columns(last).is_some());
                fits.then_some(())
                    .ok_or(SnapshotError::Damaged("its table does not fit its domains"))?;
                let account_of = accounts_of_table(&table, name);
                if account_of
                    .iter()
                    .any(|account| account.0 as usize >= self.accounts.len())
                {
                    return Err(SnapshotError::Damaged("its table does not fit its accounts"));
                }
                let directory = table_directory(&table, &account_of);
                (TrafficData::Table(table), directory)
            }
            _ => return Err(SnapshotError::Damaged("its traffic is missing")),
        };
        let mut sim = Sim {
            seed: self.seed,
            origin: self.origin,
            traffic,
            first_day: self.first_day,
            now: self.now,
            policy: self.policy,
            policy_changes: self.policy_changes,
            accounts: self.accounts,
            ips: self.ips,
            dedicated_pools: self.dedicated_pools,
            pools: self.pools,
            directory: Arc::new(directory),
            domains: self.domains,
            history: SharedLog::default(),
            events: SharedLog::default(),
            people: self.people,
            totals: self.totals,
            moves: self.moves,
            job: self.job,
        };
        sim.chain(&self.history, &self.events);
        sim.sum_windows();
        Ok(sim)
    }

    fn check_clock(&self) -> Result<(), SnapshotError> {
        let days = i64::from(self.now.day().0) - i64::from(self.first_day.0);
        let is_in_time = self.first_day >= EARLIEST && self.first_day.start() <= self.now && self.now <= LATEST;
        if !is_in_time || self.totals.len() as i64 != days || self.moves.len() as i64 > days + 1 {
            return Err(SnapshotError::Damaged("its clock does not fit its days"));
        }
        let policies = self
            .policy_changes
            .iter()
            .map(|change| &change.policy)
            .chain([&self.policy]);
        if policies.into_iter().any(|policy| policy.validate().is_err()) || self.policy_changes.is_empty() {
            return Err(SnapshotError::Damaged("its policy is not valid"));
        }
        Ok(())
    }

    fn check_cast(&self) -> Result<(), SnapshotError> {
        let parent_is_open = self
            .accounts
            .first()
            .is_some_and(|parent| parent.status == AccountStatus::Open);
        if !parent_is_open || self.people.is_empty() {
            return Err(SnapshotError::Damaged("its parent account is missing"));
        }
        let mut pooled = Vec::new();
        for ip in self.pools.iter().flat_map(|(_, ips)| ips) {
            let is_dedicated = self.ips.iter().any(|known| known.ip == *ip && known.is_dedicated);
            if !is_dedicated || pooled.contains(&ip) {
                return Err(SnapshotError::Damaged("its pools hold IPs they may not"));
            }
            pooled.push(ip);
        }
        let filled = self.pools.iter().filter(|(_, ips)| !ips.is_empty()).count();
        let is_enrolled = self.domains.iter().any(|state| state.enrolment.is_some());
        if !(filled == 3 || filled == 0 && !is_enrolled) {
            return Err(SnapshotError::Damaged(
                "domains are enrolled in pools that are not there",
            ));
        }
        Ok(())
    }

    fn check_domains(&self) -> Result<(), SnapshotError> {
        let count = self.domains.len();
        let is_known = |outside: &SendsFrom| match outside {
            SendsFrom::DedicatedPool(ix) => (*ix as usize) < self.dedicated_pools.len(),
            SendsFrom::Shared | SendsFrom::Ips(_) => true,
        };
        if !self.domains.iter().all(|state| is_known(&state.outside)) {
            return Err(SnapshotError::Damaged("a domain sends from a pool that is not there"));
        }
        let Some(job) = &self.job else { return Ok(()) };
        let is_ordered = job.queue.is_sorted_by(|a, b| a < b);
        let is_inside = job.queue.last().is_none_or(|last| (last.0 as usize) < count);
        let is_counted =
            job.done <= job.total() && job.started_at <= self.now && (job.by.0 as usize) < self.people.len();
        let has_ended = job.finished_at.is_some() == (job.done == job.total());
        if is_ordered && is_inside && is_counted && has_ended {
            Ok(())
        } else {
            Err(SnapshotError::Damaged("its enrol-all job is not valid"))
        }
    }

    fn check_logs(&self) -> Result<(), SnapshotError> {
        let count = self.domains.len();
        let mut latest = self.first_day.start();
        for RecordLink { entry, .. } in self.history.iter() {
            let is_known = (entry.domain.0 as usize) < count && (entry.by.0 as usize) < self.people.len();
            if !is_known || entry.at < latest || entry.at > self.now {
                return Err(SnapshotError::Damaged("its history is out of order"));
            }
            latest = entry.at;
        }
        let mut latest = self.first_day.start();
        for RecordLink {
            entry: (domain, event), ..
        } in self.events.iter()
        {
            if domain.0 as usize >= count || event.at < latest || event.at > self.now {
                return Err(SnapshotError::Damaged("its events are out of order"));
            }
            latest = event.at;
        }
        Ok(())
    }
}

impl Sim {
    /// Links each log entry to the one of the same domain before it.
    fn chain(
        &mut self,
        history: &SharedLog<RecordLink<MoveRecord>>,
        events: &SharedLog<RecordLink<(DomainIx, DomainEvent)>>,
    ) {
        let domains = Arc::make_mut(&mut self.domains);
        for RecordLink { entry, .. } in history.iter() {
            let Some(state) = domains.get_mut(entry.domain.0 as usize) else {
                continue;
            };
            state.last_record = Some(self.history.push(RecordLink {
                entry,
                before: state.last_record,
            }));
        }
        for RecordLink { entry, .. } in events.iter() {
            let Some(state) = domains.get_mut(entry.0.0 as usize) else {
                continue;
            };
            state.last_event = Some(self.events.push(RecordLink {
                entry,
                before: state.last_event,
            }));
        }
    }
}

#[cfg(test)]
mod tests;
