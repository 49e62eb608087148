//! A copy says what it does not hold of an account, and what it holds instead: each case once, by hand.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use chrono::{DateTime, TimeDelta, Utc};
use poolkeeper_core::model::{
    AccountId, AssignableDomain, Band, Counts, Day, DedicatedPool, Domain, DomainId, DomainName, HistoryRecord, Ip,
    IpDetail, MetricRow, Pool, PoolName, Pools, Subaccount, SubaccountStatus, Timestamp, WarmUp,
};
use poolkeeper_simulator::sim::{AccountImport, AccountInventory, ImportNotes};

/// The copy's first day, and ten days later, when it is made.
const FIRST: &str = "2026-03-01";
const NOW: &str = "2026-03-11T12:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn first_day() -> Day {
    let first = Timestamp::from(now()).day().plus(-10);
    assert_eq!(first.to_string(), FIRST);
    first
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn ips(texts: &[&str]) -> Vec<Ip> {
    texts.iter().map(|text| Ip::as_sent(text)).collect()
}

fn pool(band: Band, texts: &[&str]) -> Pool {
    Pool {
        account_id: None,
        id: None,
        name: band.into(),
        enabled: None,
        ips: ips(texts),
    }
}

fn domain(text: &str, account: &str, pool: PoolName, is_overridden: Option<bool>) -> Domain {
    Domain {
        id: DomainId::default(),
        account_id: AccountId(account.to_owned()),
        account_name: None,
        name: name(text),
        registered_at: Some(now()),
        pool,
        is_overridden,
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
    }
}

fn subaccount(id: &str, name: &str, status: SubaccountStatus, created_at: Option<DateTime<Utc>>) -> Subaccount {
    Subaccount {
        id: AccountId(id.to_owned()),
        name: name.to_owned(),
        status,
        created_at,
        updated_at: None,
    }
}

fn record(text: &str, reason: &str) -> HistoryRecord {
    HistoryRecord {
        id: String::new(),
        owning_account_id: AccountId::default(),
        account_id: AccountId::default(),
        account_name: None,
        domain_id: DomainId::default(),
        domain_name: name(text),
        new_band: Some(Band::Good.into()),
        prev_band: Some(Band::New.into()),
        reason: reason.to_owned(),
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
        initiated_by: Some("system".to_owned()),
        timestamp: Some(now() - TimeDelta::days(2)),
    }
}

fn detail(text: &str, is_warming: bool) -> IpDetail {
    IpDetail {
        ip: Ip::as_sent(text),
        is_dedicated: None,
        is_warming: Some(is_warming),
        is_enabled: None,
        is_assignable: false,
        rdns: None,
    }
}

const REASON: &str = "Multiple metrics in good threshold";

fn notes() -> ImportNotes {
    let odd_pool = PoolName::parse("dynamic_odd");
    let inventory = AccountInventory {
        name: "The copy".to_owned(),
        // 203.0.113.1 is in two pools; only it and 203.0.113.9 are listed.
        pools: Pools(vec![
            pool(Band::Good, &["203.0.113.1"]),
            pool(Band::Poor, &["203.0.113.1", "203.0.113.2"]),
            pool(Band::New, &["203.0.113.3"]),
        ]),
        ips: vec![detail("203.0.113.1", true), detail("203.0.113.9", false)],
        warm_ups: vec![WarmUp {
            ip: Ip::as_sent("203.0.113.2"),
            stage_number: 16,
            sent_within_stage: "25%".to_owned(),
            throttle: None,
            stage_start_volume: None,
            stage_start_time: None,
            stage_volume_limit: None,
        }],
        dedicated_pools: vec![DedicatedPool {
            id: "p".to_owned(),
            name: "Transactional".to_owned(),
            description: String::new(),
            ips: ips(&["203.0.113.4"]),
            is_linked: true,
            is_inherited: false,
        }],
        subaccounts: vec![
            subaccount("a1", "", SubaccountStatus::Unknown("paused".to_owned()), None),
            subaccount("a2", "South", SubaccountStatus::Open, Some(now())),
        ],
        domains: vec![
            domain("odd.example", "a1", odd_pool, None),
            domain("pinned.example", "a2", Band::Good.into(), Some(true)),
            domain("known.example", "a2", Band::Good.into(), Some(false)),
            domain("elsewhere.example", "a3", Band::New.into(), Some(false)),
        ],
        assignable: vec![AssignableDomain {
            account_id: AccountId("a2".to_owned()),
            id: DomainId::default(),
            name: name("known.example"),
        }],
    };
    let mut adoption = AccountImport::new(inventory, first_day(), Timestamp::from(now()));
    let row = |domain: &str, processed| MetricRow {
        domain: name(domain),
        day: first_day(),
        counts: Counts {
            processed,
            ..Counts::ZERO
        },
    };
    for row in [
        row("known.example", 7),
        row("nobody.example", 7),
        row("known.example", u64::MAX),
    ] {
        adoption.add(&row);
    }
    let history = vec![
        HistoryRecord {
            prev_band: None,
            ..record("known.example", "Enrolled")
        },
        HistoryRecord {
            initiated_by: None,
            ..record("known.example", REASON)
        },
        record("known.example", "it did well"),
        record("nobody.example", REASON),
        HistoryRecord {
            new_band: Some(PoolName::parse("dynamic_odd")),
            ..record("known.example", REASON)
        },
        HistoryRecord {
            timestamp: None,
            ..record("known.example", REASON)
        },
        HistoryRecord {
            timestamp: Some(now() - TimeDelta::days(20)),
            ..record("known.example", REASON)
        },
    ];
    adoption.finish(history).1
}

/// The lines as the case above makes them, each once.
#[test]
fn each_case_is_listed() {
    let notes = notes();
    let missing = [
        "History and daily counts before 2026-03-01 are not copied",
        "Where domains outside the dynamic pools send from, and reverse DNS names, are not read",
        "There is no traffic after the last day that was read",
        "Dedicated pools: 1. Whether they are linked or inherited has no place in the copy",
        "Accounts that own domains and are not among the subaccounts that could be read: 1. The copy has them open, from \
         its first day",
        "History records older than the days that were copied: 1. They are left out",
        "History records of domains the account does not list: 1. They are left out",
        "History records that name no pool this version knows: 1. They are left out",
        "History records that have no time, or one to come: 1. They are left out",
        "Daily counts of domains the account does not list: 1. They are left out",
        "Daily counts too large for the copy: 1. They are left out",
    ];
    assert_eq!(notes.missing, missing);
    let stand_ins = [
        "Mailgun's own thresholds are not published: the copy's health checks go by the simulator's default policy",
        "Identifiers of domains and of history records are new",
        "Registration times have no place in the copy: every domain counts as registered on 2026-03-01, its first day",
        "Counts behind earlier rates are the daily counts where they agree, and worked out from the rates where not",
        "When overrides were cleared and domains taken out is not recorded: the copy has it as late as its records allow",
        "The account's own identifier is not told: the copy's is made up",
        "Accounts that do not say since when they exist, the account itself among them: 2. The copy has them from its \
         first day",
        "Subaccounts whose status this version does not know: 1. The copy has them open",
        "Subaccounts without a name: 1. The copy calls them by their identifiers",
        "IPs in more than one dynamic pool: 1. The copy has each in the first of them",
        "IPs that a pool names and the list of IPs does not: 3. The copy takes them for dedicated ones of the account",
        "IPs of which nothing says whether they are dedicated: 2. The copy takes those in a pool for dedicated and the \
         others for shared",
        "IPs that are warming up, and nothing says how far: 1. The copy has them at the beginning",
        "IPs that warm up: 1. They go on by the simulator's plan of fifteen stages; the limits of their own plan have no \
         place in the copy",
        "IPs in a warm-up stage beyond the simulator's last: 1. The copy has them in the last",
        "Warm-ups that do not say when their stage began: 1. In the copy it begins now",
        "Domains in pools this version does not know: 1. The copy has them in dynamic_new",
        "Domains that do not say whether they are pinned: 1. The copy leaves them to health checks",
        "Domains that are listed as enrolled and as not enrolled: 1. The copy has them enrolled",
        // All but known.example.
        "Domains whose enrolment is in no record that was copied: 3. The copy has them enrolled since its first day",
        "Domains whose override is in no record that was copied: 1. The copy has it set at their latest record, or on \
         its first day",
        "History records that give reasons in other words: 1. The copy words them in its own",
        "History records that do not say who made the change: 1. The copy says “system”",
    ];
    assert_eq!(notes.stand_ins, stand_ins);
}

#[test]
fn an_account_that_says_everything_is_told_from_its_copy_in_few_words() {
    let owner = Pool {
        account_id: Some(AccountId("a0".to_owned())),
        ..pool(Band::Good, &["203.0.113.1"])
    };
    let listed = |text| IpDetail {
        is_dedicated: Some(true),
        ..detail(text, false)
    };
    let inventory = AccountInventory {
        pools: Pools(vec![
            owner,
            pool(Band::Poor, &["203.0.113.2"]),
            pool(Band::New, &["203.0.113.3"]),
        ]),
        ips: ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map(listed).into(),
        domains: vec![domain("known.example", "a0", Band::Good.into(), Some(false))],
        ..AccountInventory::default()
    };
    let adoption = AccountImport::new(inventory, first_day(), Timestamp::from(now()));
    let enrolled = HistoryRecord {
        prev_band: None,
        ..record("known.example", "Enrolled")
    };
    let (_, notes) = adoption.finish(vec![enrolled]);
    assert_eq!((notes.missing.len(), notes.stand_ins.len()), (3, 6), "{notes:?}");
    assert!(
        notes.stand_ins[5]
            .starts_with("Accounts that do not say since when they exist, the account itself among them: 1.")
    );
}
