//! What one look after another gives reason to say, with values by hand.

use chrono::{DateTime, TimeDelta, Utc};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{
    AccountDomain, AccountId, Band, Counts, Day, Domain, DomainId, DomainName, HistoryRecord, Ip, PoolName, Rate,
    SendingStatus,
};
use poolkeeper_lab::PerBand;
use poolkeeper_watch::{
    AccountSight, IpsSeen, NoticeKind, OverrideEnd, RecentTraffic, WatchMemory, WatchNotice, WatchSettings,
};
use std::sync::Arc;

/// The first look's day.
const TODAY: Day = Day(20_656);

fn now(days: i64) -> DateTime<Utc> {
    TODAY.start().to_utc() + TimeDelta::days(days) + TimeDelta::hours(1)
}

fn domain(name: &str, band: Band, is_overridden: bool) -> Arc<Domain> {
    Arc::new(Domain {
        id: DomainId(name.to_owned()),
        account_id: AccountId("a".to_owned()),
        account_name: Some("Acme".to_owned()),
        name: DomainName::as_sent(name),
        registered_at: None,
        pool: PoolName::from(band),
        is_overridden: Some(is_overridden),
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
    })
}

const fn day(delivered: u64, bounced: u64) -> Counts {
    Counts {
        processed: delivered + bounced,
        delivered,
        bounced,
        complained: 0,
    }
}

/// What is seen; a test changes what it is about.
#[derive(Default)]
struct Seen {
    records: Vec<HistoryRecord>,
    domains: Vec<Arc<Domain>>,
    pools: Option<PerBand<IpsSeen>>,
    warming: Option<Vec<Ip>>,
    disabled: Option<Vec<AccountDomain>>,
    overrides: Vec<OverrideEnd>,
    traffic: RecentTraffic,
}

impl Seen {
    fn look(&self, memory: &mut WatchMemory, days: i64) -> Vec<WatchNotice> {
        let sight = AccountSight {
            account: "main",
            now: now(days),
            records: &self.records,
            domains: &self.domains,
            pools: self.pools.as_ref(),
            warming: self.warming.as_deref(),
            disabled: self.disabled.as_deref(),
            overrides: &self.overrides,
            traffic: &self.traffic,
            has_new_counts: false,
        };
        memory.observe(&sight, &WatchSettings::default())
    }

    fn titles(&self, memory: &mut WatchMemory, days: i64) -> Vec<String> {
        self.look(memory, days).into_iter().map(|notice| notice.title).collect()
    }
}

fn ips(warm: &[&str], warming: &[&str]) -> IpsSeen {
    let list = |texts: &[&str]| texts.iter().map(|text| Ip::as_sent(text)).collect();
    IpsSeen {
        warm: list(warm),
        warming: list(warming),
    }
}

fn poor_pool(seen: IpsSeen) -> Option<PerBand<IpsSeen>> {
    Some(PerBand {
        good: ips(&["192.0.2.1", "192.0.2.2"], &[]),
        poor: seen,
        new: ips(&["192.0.2.9"], &[]),
    })
}

#[test]
fn the_last_warm_ip_is_told_when_it_becomes_that() {
    let mut memory = WatchMemory::default();
    let look = |memory: &mut WatchMemory, pools, days| {
        let seen = Seen {
            pools,
            ..Seen::default()
        };
        seen.titles(memory, days)
    };
    // The new pool always had one IP.
    assert!(look(&mut memory, poor_pool(ips(&["192.0.2.3", "192.0.2.4"], &[])), 0).is_empty());
    let last = "192.0.2.3 is the last warm IP of the poor pool";
    assert_eq!(look(&mut memory, poor_pool(ips(&["192.0.2.3"], &[])), 1), [last]);
    assert!(
        look(&mut memory, poor_pool(ips(&["192.0.2.3"], &[])), 2).is_empty(),
        "once"
    );
    assert!(look(&mut memory, None, 3).is_empty(), "it could not be read");
    assert!(look(&mut memory, poor_pool(ips(&["192.0.2.3", "192.0.2.4"], &[])), 4).is_empty());
    assert_eq!(
        look(&mut memory, poor_pool(ips(&["192.0.2.3"], &["192.0.2.4"])), 5),
        [last],
        "again"
    );
}

#[test]
fn warm_ups_disabled_domains_and_overrides() {
    let mut memory = WatchMemory::default();
    let disabled = |name: &str| AccountDomain {
        name: DomainName::as_sent(name),
        subaccount: None,
        status: SendingStatus::Disabled,
        disabled_reason: Some("too many complaints".to_owned()),
    };
    let end = |days: i32| OverrideEnd {
        domain: DomainName::as_sent("pinned.example"),
        last_day: TODAY.plus(days),
        reason: Some("ramp".to_owned()),
    };
    let mut seen = Seen {
        warming: Some(vec![Ip::as_sent("192.0.2.5"), Ip::as_sent("192.0.2.6")]),
        disabled: Some(vec![disabled("old.example")]),
        overrides: vec![end(8)],
        ..Seen::default()
    };
    assert!(
        seen.titles(&mut memory, 0).is_empty(),
        "what was so before the first look is no news"
    );
    seen.warming = Some(vec![Ip::as_sent("192.0.2.6")]);
    seen.disabled = Some(vec![disabled("old.example"), disabled("new.example")]);
    let told = seen.titles(&mut memory, 1);
    let date = TODAY.plus(8).to_string();
    assert_eq!(
        told,
        [
            "192.0.2.5 has finished its warm-up".to_owned(),
            "Mailgun disabled new.example".to_owned(),
            format!("The override of pinned.example ends on {date}"),
        ]
    );
    assert!(seen.titles(&mut memory, 2).is_empty(), "once");
    // What can't be read is not over.
    (seen.warming, seen.disabled) = (None, None);
    assert!(seen.titles(&mut memory, 3).is_empty());
    seen.disabled = Some(vec![disabled("old.example"), disabled("new.example")]);
    assert!(seen.titles(&mut memory, 8).is_empty(), "the override's last day");
    let told = seen.titles(&mut memory, 9);
    assert_eq!(told, [format!("The override of pinned.example ended on {date}")]);
}

/// A fall by the check that ends a day.
fn fell(name: &str, day: Day, bounce_rate: f64) -> HistoryRecord {
    HistoryRecord {
        id: format!("{name} {day}"),
        owning_account_id: AccountId("a".to_owned()),
        account_id: AccountId("a".to_owned()),
        account_name: None,
        domain_id: DomainId(String::new()),
        domain_name: DomainName::as_sent(name),
        new_band: Some(PoolName::from(Band::Poor)),
        prev_band: Some(PoolName::from(Band::Good)),
        reason: "bounce_rate in poor threshold".to_owned(),
        bounce_rate: Some(Rate(bounce_rate)),
        complaint_rate: Some(Rate(0.0)),
        processed_count: Some(7_000),
        initiated_by: Some("system".to_owned()),
        timestamp: Some(day.end().to_utc()),
    }
}

#[test]
fn a_fall_to_come_is_told_once_and_the_fall_says_why_and_the_way_back() {
    let mut memory = WatchMemory::default();
    let mut seen = Seen {
        traffic: RecentTraffic::new(35),
        domains: vec![
            domain("news.example", Band::Good, false),
            domain("pinned.example", Band::Good, true),
        ],
        ..Seen::default()
    };
    let add = |seen: &mut Seen, on: Day, counts: Counts| {
        seen.traffic.begin_day(on);
        for domain in ["news.example", "pinned.example"] {
            seen.traffic.set(on, &DomainName::as_sent(domain), &counts);
        }
    };
    for ago in 3..=35 {
        add(&mut seen, TODAY.plus(ago - 38), day(980, 20));
    }
    // Two days at 20 %: 500 of 7,000 now, 680 after one more, 860 (12.3 %) after two.
    add(&mut seen, TODAY.plus(-2), day(800, 200));
    add(&mut seen, TODAY.plus(-1), day(800, 200));
    let notices = seen.look(&mut memory, 0);
    let titles: Vec<&str> = notices.iter().map(|notice| notice.title.as_str()).collect();
    assert_eq!(
        titles,
        ["news.example falls from good to poor in 2 days if it goes on like this"]
    );
    let line = "Bounce rate 7.14 % over 7 days; poor from 10 % on, by the default policy; 3.6 × its usual 2.00 %";
    assert_eq!(notices.first().unwrap().lines.first().unwrap(), line);
    add(&mut seen, TODAY, day(800, 200));
    assert!(seen.look(&mut memory, 1).is_empty(), "once");
    add(&mut seen, TODAY.plus(1), day(600, 400));
    // 980·3 + 800·3 + 600 of 7,000: 60 + 600 + 400 bounced are 15.1 %.
    seen.records = vec![fell("news.example", TODAY.plus(1), 0.151)];
    seen.domains = vec![domain("news.example", Band::Poor, false)];
    let notices = seen.look(&mut memory, 2);
    let [fall] = notices.as_slice() else {
        panic!("{notices:?}")
    };
    assert_eq!(
        (fall.kind, fall.title.as_str()),
        (NoticeKind::Fell, "news.example fell from good to poor")
    );
    let (worst, back) = (fall.lines.get(1).unwrap(), fall.lines.get(2).unwrap());
    assert_eq!(
        worst,
        "400 of 1,000 messages bounced on 23 Jul 2026: 15.14 % over 7 days, limit 10 %"
    );
    // 1,060 bounces. The three days of 2 % leave first, then three of 20 %: after the sixth clean day 400 (5.7 %) are left,
    // after the seventh none.
    assert_eq!(
        back,
        "By the default policy: good on 30 Jul 2026 if there are no more bounces or complaints"
    );
    assert!(
        !memory.conditions.keys().any(|key| key.contains("news.example")),
        "{memory:?}"
    );
}

#[test]
fn a_fall_below_the_poor_limit_contradicts_the_policy() {
    let mut memory = WatchMemory::default();
    let mut seen = Seen::default();
    seen.look(&mut memory, 0);
    // A rate of few digits may be rounded, and then says less. Poor from 10 % on.
    assert_eq!(Policy::default().bounce.unwrap().poor_at_least_ppm, 100_000);
    seen.records = vec![fell("a.example", TODAY, 0.080_123), fell("b.example", TODAY, 0.120_456)];
    let notices = seen.look(&mut memory, 1);
    let against: Vec<&WatchNotice> = notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Contradiction)
        .collect();
    let [only] = against.as_slice() else {
        panic!("{notices:?}")
    };
    assert_eq!(only.title, "a.example moved against the default policy");
    assert!(
        only.lines
            .get(1)
            .unwrap()
            .contains("“bounce rate, poor at least” is at most 8"),
        "{only:?}"
    );
}
