//! Bringing a simulated account into being: from a scenario, or from a table of daily counts.

mod initial_accounts;

pub(super) use initial_accounts::accounts_of_table;

use super::clock::PlannedEnrolment;
use super::directory::{DirectoryEntry, DomainDirectory};
use super::generator::{TrafficGenerator, domain_name};
use super::log::SharedLog;
use super::noise::{hash, unit};
use super::state::{DomainState, TrafficData};
use super::{
    AccountIx, AccountOrigin, Actor, Command, DomainEvent, DomainEventKind, DomainIx, Enrolment, LastCheck, MoveReason,
    MoveRecord, PerBand, PersonIx, PolicyChange, ScenarioSpec, SendsFrom, Sim,
};
use initial_accounts::InitialAccounts;
use poolkeeper_core::health::{Latch, Policy};
use poolkeeper_core::model::{Band, Counts, Day, Timestamp};
use poolkeeper_core::traffic::Table;
use std::collections::VecDeque;
use std::sync::Arc;

/// An account that is being brought to its present, some days at a time, so that a page can show how far it is.
#[derive(Clone, Debug)]
pub struct AccountBuilder {
    sim: Sim,
    end: Day,
    plan: Vec<PlannedEnrolment>,
    script: VecDeque<(Timestamp, Command)>,
}

/// The person who set a generated account up.
pub(super) const OPERATOR: &str = "ops@juniper.example";
const SECOND_OPERATOR: &str = "dana@juniper.example";

impl AccountBuilder {
    /// A generated account at the start of its past.
    #[must_use]
    pub fn scenario(spec: &ScenarioSpec) -> Self {
        Self::scenario_with_policy(spec, &Policy::default())
    }

    /// The same, checked by another policy from the beginning.
    #[must_use]
    pub fn scenario_with_policy(spec: &ScenarioSpec, policy: &Policy) -> Self {
        let senders = Arc::new(TrafficGenerator::new(spec));
        let cast = InitialAccounts::scenario(spec);
        let directory = Arc::new(scenario_directory(spec, &senders, cast.open_accounts()));
        let traffic = TrafficData::Generated(Arc::clone(&senders));
        let mut sim = start(
            spec.seed,
            AccountOrigin::Scenario(*spec),
            traffic,
            spec.first_day(),
            policy,
            cast,
            directory,
        );
        let mut plan = Vec::new();
        let mut script = VecDeque::new();
        if spec.is_configured() {
            let operator = sim.person_ix(OPERATOR);
            for ix in 0..spec.size() {
                let luck = unit(hash(spec.seed() ^ 0xe4, u64::from(ix)));
                let Some(start_day) = senders.start_day(ix).filter(|_| luck < 0.91) else {
                    continue;
                };
                if start_day <= spec.first_day() {
                    sim.enroll_as_new(DomainIx(ix), operator);
                } else {
                    // Within two days, some time in working hours.
                    let after = hash(spec.seed() ^ 0xe5, u64::from(ix));
                    let seconds = (after % 3) * 86_400 + 28_800 + (after >> 8) % 32_400;
                    let at = start_day.start().plus_seconds(i64::try_from(seconds).unwrap_or(0));
                    plan.push(PlannedEnrolment {
                        domain: DomainIx(ix),
                        at,
                        by: operator,
                    });
                }
            }
            script = overrides(spec, &sim);
        }
        Self {
            sim,
            end: spec.today,
            plan,
            script,
        }
    }

    /// An account made of a table: every domain starts as new on the table's first day. The table's accounts become
    /// subaccounts, or the parent when there is only one.
    #[must_use]
    pub fn table(table: Arc<Table>, name: &str) -> Self {
        Self::table_with_policy(table, name, &Policy::default())
    }

    /// The same, checked by another policy from the beginning.
    #[must_use]
    pub fn table_with_policy(table: Arc<Table>, name: &str, policy: &Policy) -> Self {
        let seed = name.bytes().fold(0x7ab1e, |seed, byte| hash(seed, u64::from(byte)));
        let first_day = table.first_day();
        let end = first_day.plus(i32::try_from(table.day_count()).unwrap_or(i32::MAX));
        let (cast, account_of) = InitialAccounts::table(seed, &table, name, end);
        let directory = Arc::new(table_directory(&table, &account_of));
        let origin = AccountOrigin::Table { name: name.to_owned() };
        let mut sim = start(
            seed,
            origin,
            TrafficData::Table(table),
            first_day,
            policy,
            cast,
            directory,
        );
        for ix in 0..sim.domain_count() {
            sim.enroll_as_new(DomainIx(ix), PersonIx::SYSTEM);
        }
        Self {
            sim,
            end,
            plan: Vec::new(),
            script: VecDeque::new(),
        }
    }

    /// Days worked through.
    #[must_use]
    pub fn days_done(&self) -> u32 {
        u32::try_from(self.sim.now.day().since(self.sim.first_day)).unwrap_or(0)
    }

    /// Days in all.
    #[must_use]
    pub fn days_total(&self) -> u32 {
        u32::try_from(self.end.since(self.sim.first_day)).unwrap_or(0)
    }

    /// Whether the present is reached.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.sim.now >= self.end.start()
    }

    /// Works through the next `days` days, or what is left of them. Steps of any size come to the same account; a few
    /// large ones are quickest.
    pub fn step(&mut self, days: u32) {
        let target = self
            .sim
            .now
            .day()
            .plus(i32::try_from(days).unwrap_or(i32::MAX))
            .min(self.end)
            .start();
        while self.script.front().is_some_and(|(at, _)| *at < target)
            && let Some((at, command)) = self.script.pop_front()
        {
            if at > self.sim.now {
                self.sim.run_to(at, &self.plan);
            }
            // What the story has no use for, such as pinning a domain that is not enrolled, is left out.
            let _ = self.sim.apply(&Actor::parent(SECOND_OPERATOR), &command);
        }
        if target > self.sim.now {
            self.sim.run_to(target, &self.plan);
        }
    }

    /// Works through what is left and gives the account at its present.
    #[must_use]
    pub fn finish(mut self) -> Sim {
        self.step(self.days_total());
        self.sim
    }
}

impl Sim {
    /// A generated account at its present.
    #[must_use]
    pub fn scenario(spec: &ScenarioSpec) -> Self {
        AccountBuilder::scenario(spec).finish()
    }

    /// An account made of a table, at the end of the table's last day.
    #[must_use]
    pub fn from_table(table: Arc<Table>, name: &str) -> Self {
        AccountBuilder::table(table, name).finish()
    }

    /// Enrolls a domain as new, without a check, at the start of everything.
    fn enroll_as_new(&mut self, domain: DomainIx, by: PersonIx) {
        let at = self.now;
        let Some(state) = Arc::make_mut(&mut self.domains).get_mut(domain.0 as usize) else {
            return;
        };
        state.enrolment = Some(Enrolment {
            latch: Latch::new(Band::New),
            is_overridden: false,
            since: at,
        });
        state.last_check = Some(LastCheck {
            at,
            counts: Counts::ZERO,
        });
        let (prev_band, new_band, reason, counts) = (None, Band::New, MoveReason::Enrolled, Counts::ZERO);
        self.write(MoveRecord {
            at,
            domain,
            prev_band,
            new_band,
            reason,
            counts,
            by,
        });
        self.note(
            domain,
            DomainEvent {
                at,
                kind: DomainEventKind::Enrolled { band: Band::New },
            },
        );
    }
}

/// An account on the first instant of its first day.
fn start(
    seed: u64,
    origin: AccountOrigin,
    traffic: TrafficData,
    first_day: Day,
    policy: &Policy,
    cast: InitialAccounts,
    directory: Arc<DomainDirectory>,
) -> Sim {
    let now = first_day.start();
    let pool_count = cast.dedicated_pools.len() as u64;
    let outside = |ix: u32| match hash(seed ^ 0x0417, u64::from(ix)) {
        bits if pool_count > 0 && bits % 10 < 4 => {
            SendsFrom::DedicatedPool(u32::try_from((bits >> 8) % pool_count).unwrap_or(0))
        }
        _ => SendsFrom::Shared,
    };
    let idle = |ix| DomainState {
        enrolment: None,
        outside: outside(ix),
        window: Counts::ZERO,
        last_check: None,
        last_record: None,
        last_event: None,
    };
    let is_configured = match &origin {
        AccountOrigin::Scenario(spec) => spec.is_configured(),
        AccountOrigin::Table { .. } => true,
    };
    Sim {
        seed,
        origin,
        traffic,
        first_day,
        now,
        policy: policy.clone(),
        policy_changes: vec![PolicyChange {
            at: now,
            policy: policy.clone(),
        }],
        accounts: Arc::new(cast.accounts),
        ips: Arc::new(cast.ips),
        dedicated_pools: Arc::new(cast.dedicated_pools),
        pools: if is_configured { cast.pools } else { PerBand::default() },
        domains: Arc::new((0..directory.len()).map(idle).collect()),
        directory,
        history: SharedLog::default(),
        events: SharedLog::default(),
        people: vec!["system".to_owned()],
        totals: Vec::new(),
        moves: Vec::new(),
        job: None,
    }
}

/// The domains of a scenario: names, accounts and registration follow from the specification alone.
pub(super) fn scenario_directory(
    spec: &ScenarioSpec,
    senders: &TrafficGenerator,
    open_accounts: u32,
) -> DomainDirectory {
    let listing = |ix: u32| {
        let bits = hash(spec.seed() ^ 0xacc7, u64::from(ix));
        let start_day = senders.start_day(ix).unwrap_or(spec.first_day());
        // A few large accounts and many small ones.
        let share = unit(bits) * unit(bits);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of at most 1 001"
        )]
        let account = (share * f64::from(open_accounts)) as u32;
        let is_late = start_day > spec.first_day();
        let days_before = if is_late {
            1
        } else {
            3 + i32::try_from((bits >> 3) % 900).unwrap_or(0)
        };
        let second = i64::try_from((bits >> 16) % 86_400).unwrap_or(0);
        DirectoryEntry {
            name: domain_name(spec.seed(), spec.size(), ix),
            account: AccountIx(account.min(open_accounts.saturating_sub(1))),
            registered_at: start_day.plus(-days_before).start().plus_seconds(second),
        }
    };
    DomainDirectory::new((0..spec.size()).map(listing).collect())
}

/// The domains of a table, each with the account its account became.
pub(super) fn table_directory(table: &Table, account_of: &[AccountIx]) -> DomainDirectory {
    let registered_at = table.first_day().start();
    let listing = |domain: &poolkeeper_core::traffic::TableDomain| DirectoryEntry {
        name: domain.name.clone(),
        account: account_of
            .get(domain.account as usize)
            .copied()
            .unwrap_or(AccountIx::PARENT),
        registered_at,
    };
    DomainDirectory::new(table.domains().iter().map(listing).collect())
}

/// Overrides that people set, and one they took back, on two days of the past.
fn overrides(spec: &ScenarioSpec, sim: &Sim) -> VecDeque<(Timestamp, Command)> {
    let past_days = i64::from(spec.past_days());
    let early = spec
        .first_day()
        .plus(i32::try_from(past_days * 4 / 10).unwrap_or(0))
        .start()
        .plus_seconds(51_120);
    let late = spec
        .first_day()
        .plus(i32::try_from(past_days * 8 / 10).unwrap_or(0))
        .start()
        .plus_seconds(33_480);
    let name = |pick: u64| {
        let ix = hash(spec.seed() ^ 0x0ee4, pick) % u64::from(spec.size());
        sim.directory
            .get(DomainIx(u32::try_from(ix).unwrap_or(0)))
            .map(|listing| listing.name.clone())
    };
    let count = u64::from(spec.size() / 100 + 4);
    let pin = |pick: u64| {
        let pool = if pick.is_multiple_of(3) { Band::Poor } else { Band::Good };
        let at = if pick.is_multiple_of(2) { early } else { late };
        name(pick).map(|domain| (at, Command::SetOverride { domain, pool }))
    };
    let mut script: Vec<_> = (0..count).filter_map(pin).collect();
    script.extend(name(0).map(|domain| (late, Command::ClearOverride { domain })));
    script.sort_by_key(|(at, _)| *at);
    script.into()
}
