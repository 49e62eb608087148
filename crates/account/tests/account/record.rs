//! The record as bytes and as what it adds up to.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use chrono::{DateTime, Utc};
use mailgun_pools::api::Write;
use mailgun_pools::transport::Method;
use poolkeeper_account::former_senders::{FormerSender, FormerSenders, SenderNote};
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeKind, ChangeOutcome, ChangeRecord, ItemAnswer, ItemRequest, NotARecord,
    RECORD_HEADER, RecordAccount, RecordContents, RecordEntry, RecordFilter, RecordedItem, SentRequest,
};
use poolkeeper_core::model::{Band, DomainName, Ip, PoolName, Replacement};
use proptest::prelude::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn set(name: &str, band: Band) -> Write {
    Write::SetOverride {
        domain: DomainName::as_sent(name),
        pool: PoolName::Known(band),
    }
}

fn account(name: &str) -> RecordAccount {
    RecordAccount {
        name: name.to_owned(),
        address: format!("https://{name}.example"),
        on_behalf_of: None,
    }
}

/// Pins of so many domains to poor, which were in good.
fn intent(id: &str, items: usize, is_bulk: bool) -> ChangeIntent {
    let item = |number| RecordedItem {
        request: ItemRequest::Write(set(&format!("d{number}.example"), Band::Poor)),
        undo: Some(set(&format!("d{number}.example"), Band::Good)),
        account: None,
        on_behalf_of: None,
    };
    ChangeIntent {
        id: ChangeId::from(id),
        at: at(0),
        who: Some("ann".to_owned()),
        account: account("eu"),
        title: "Pin to poor".to_owned(),
        forecast: vec!["3 domains move from good to poor".to_owned()],
        is_bulk,
        undoes: None,
        former_senders: Box::default(),
        items: (0..items).map(item).collect(),
    }
}

fn sent(id: &str, item: usize) -> RecordEntry {
    RecordEntry::Sent {
        change: ChangeId::from(id),
        item,
        at: at(1),
    }
}

fn answered(id: &str, item: usize, answer: ItemAnswer) -> RecordEntry {
    RecordEntry::Answered {
        change: ChangeId::from(id),
        item,
        at: at(2),
        answer,
    }
}

fn ended(id: &str) -> RecordEntry {
    RecordEntry::Ended {
        change: ChangeId::from(id),
        at: at(3),
    }
}

fn file(entries: &[RecordEntry]) -> Vec<u8> {
    let lines = (1..).zip(entries).map(|(number, entry)| entry.line(number).unwrap());
    format!("{RECORD_HEADER}\n{}", lines.collect::<String>()).into_bytes()
}

fn some_entries() -> Vec<RecordEntry> {
    vec![
        RecordEntry::Intended(intent("a", 2, true)),
        sent("a", 0),
        answered("a", 0, ItemAnswer::Failed("404: no “d0.example”\nhere".to_owned())),
        ended("a"),
    ]
}

#[test]
fn any_other_byte_anywhere_is_noticed_and_the_entries_before_it_are_read() {
    let entries = some_entries();
    let bytes = file(&entries);
    for place in 0..bytes.len() {
        for flipped in [1_u8, 0x20, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[place] ^= flipped;
            let line = bytes[..place].iter().filter(|byte| **byte == b'\n').count();
            match RecordContents::read(&damaged) {
                Ok(read) => {
                    assert_eq!(
                        read.entries,
                        entries[..line.saturating_sub(1)],
                        "byte {place} ^ {flipped}"
                    );
                    assert_eq!(
                        read.damage.map(|damage| damage.line),
                        Some(line + 1),
                        "byte {place} ^ {flipped}"
                    );
                }
                // In the first line it may be another program's file, or a newer version's.
                Err(_) => assert_eq!(line, 0, "byte {place} ^ {flipped}"),
            }
        }
    }
}

#[test]
fn a_record_cut_off_anywhere_keeps_every_whole_entry_and_drops_the_last_one_only() {
    let entries = some_entries();
    let bytes = file(&entries);
    for length in RECORD_HEADER.len()..=bytes.len() {
        let read = RecordContents::read(&bytes[..length]).unwrap();
        // A line is whole without its line end too.
        let ends = (0..bytes.len()).filter(|at| bytes[*at] == b'\n' && *at <= length);
        assert_eq!(read.entries, entries[..ends.count() - 1], "{length} bytes");
        assert_eq!(read.damage, None, "{length} bytes");
        assert!(read.whole_bytes <= length && bytes.len() - read.whole_bytes < bytes.len());
    }
    assert_eq!(RecordContents::read(b"name,date\n"), Err(NotARecord::Foreign));
    assert_eq!(RecordContents::read(b"poolkeeper-record 2\n"), Err(NotARecord::Newer));
}

fn any_answer() -> impl Strategy<Value = ItemAnswer> {
    prop_oneof![
        Just(ItemAnswer::Made),
        Just(ItemAnswer::NotMade),
        ".{0,40}".prop_map(ItemAnswer::Failed),
        ".{0,40}".prop_map(ItemAnswer::Refused),
        ".{0,40}".prop_map(ItemAnswer::Unknown),
    ]
}

fn any_entry() -> impl Strategy<Value = RecordEntry> {
    let id = prop_oneof![Just("a"), Just("b")];
    prop_oneof![
        (id.clone(), 1_usize..5, any::<bool>(), ".{0,30}").prop_map(|(id, items, is_bulk, title)| {
            RecordEntry::Intended(ChangeIntent {
                title,
                ..intent(id, items, is_bulk)
            })
        }),
        (id.clone(), 0_usize..6).prop_map(|(id, item)| sent(id, item)),
        (id.clone(), 0_usize..6, any_answer()).prop_map(|(id, item, answer)| answered(id, item, answer)),
        id.prop_map(ended),
    ]
}

proptest! {
    #[test]
    fn entries_read_back_as_they_were_written(entries in prop::collection::vec(any_entry(), 0..20)) {
        let read = RecordContents::read(&file(&entries)).unwrap();
        prop_assert_eq!(read.damage, None);
        prop_assert_eq!(read.entries, entries);
    }

    #[test]
    fn nothing_answered_or_in_doubt_is_left_to_send(entries in prop::collection::vec(any_entry(), 0..40)) {
        let record: ChangeRecord = entries.iter().cloned().collect();
        for change in record.newest_first() {
            let id = &change.intent.id;
            // A naive reading of the same entries: the latest word on each item, and made is final.
            let begun = entries.iter().position(|entry| matches!(entry, RecordEntry::Intended(intent) if intent.id == *id)).unwrap();
            let since = || entries.iter().skip(begun).filter(|entry| entry.change() == id);
            for (number, _) in change.rest() {
                let latest = since().rev().find(|entry| match entry {
                    RecordEntry::Sent { item, .. } | RecordEntry::Answered { item, .. } => *item == number,
                    _ => false,
                });
                let was_made = since().any(|entry| *entry == answered(id.as_str(), number, ItemAnswer::Made));
                prop_assert!(!was_made, "{} was made", number);
                let may_go = match latest {
                    None => true,
                    Some(RecordEntry::Answered { answer, .. }) => *answer == ItemAnswer::NotMade,
                    Some(_) => false,
                };
                prop_assert!(may_go, "{:?} is sent although {:?}", number, latest);
            }
            let counts = change.counts();
            prop_assert_eq!(counts.total, counts.made + counts.unknown + counts.open + counts.failed);
        }
    }
}

fn outcome(entries: impl IntoIterator<Item = RecordEntry>) -> ChangeOutcome {
    let record: ChangeRecord = entries.into_iter().collect();
    record.get(&ChangeId::from("a")).unwrap().outcome()
}

#[test]
fn a_change_left_in_the_middle_is_unfinished_until_it_is_over_or_left_as_it_is() {
    let begun = RecordEntry::Intended(intent("a", 2, true));
    let made = |item| answered("a", item, ItemAnswer::Made);
    assert_eq!(outcome([begun.clone()]), ChangeOutcome::Unfinished);
    let half = vec![begun.clone(), sent("a", 0), made(0), sent("a", 1)];
    assert_eq!(outcome(half.clone()), ChangeOutcome::Unfinished);
    // Nobody knows of the second item, even when the change is left as it is.
    assert_eq!(
        outcome([half.clone(), vec![ended("a")]].concat()),
        ChangeOutcome::Unknown
    );
    assert_eq!(outcome([half.clone(), vec![made(1)]].concat()), ChangeOutcome::Made);
    let found = answered("a", 1, ItemAnswer::NotMade);
    assert_eq!(
        outcome([half.clone(), vec![found.clone()]].concat()),
        ChangeOutcome::Unfinished
    );
    assert_eq!(outcome([half, vec![found, ended("a")]].concat()), ChangeOutcome::Partly);
    assert_eq!(outcome([begun, ended("a")]), ChangeOutcome::NotMade);
}

#[test]
fn putting_back_takes_what_was_made_and_notes_by_what_it_was_undone() {
    let mut record: ChangeRecord = [
        RecordEntry::Intended(intent("a", 3, false)),
        sent("a", 0),
        answered("a", 0, ItemAnswer::Made),
        sent("a", 1),
        answered("a", 1, ItemAnswer::Made),
        sent("a", 2),
        answered("a", 2, ItemAnswer::Failed("409".to_owned())),
    ]
    .into_iter()
    .collect();
    assert_eq!(
        record.get(&ChangeId::from("a")).unwrap().label(),
        "Pin to poor: 3 domains"
    );
    let back = record.get(&ChangeId::from("a")).unwrap().put_back().unwrap();
    // Steps that depend on each other are taken back in reverse.
    assert_eq!(
        back.writes(),
        [set("d1.example", Band::Good), set("d0.example", Band::Good)]
    );
    record.add(RecordEntry::Intended(ChangeIntent {
        undoes: Some(ChangeId::from("a")),
        ..intent("b", 1, true)
    }));
    assert_eq!(
        record.get(&ChangeId::from("a")).unwrap().undone_by,
        [ChangeId::from("b")]
    );
    assert_eq!(record.newest_first().next().unwrap().intent.id, ChangeId::from("b"));
}

#[test]
fn putting_back_an_enrollment_leads_to_what_the_domain_sent_from_before() {
    let enroll = |name: &str| RecordedItem {
        request: ItemRequest::Write(Write::Enroll {
            domain: DomainName::as_sent(name),
            replacement: None,
        }),
        undo: None,
        account: None,
        on_behalf_of: None,
    };
    let note = |sender, name: &str| SenderNote {
        sender,
        domains: vec![DomainName::as_sent(name)],
    };
    let own_ip = Ip::as_sent("203.0.113.7");
    let pool = FormerSender::DedicatedPool {
        id: "p1".to_owned(),
        name: "Gold".to_owned(),
    };
    let enrolled = ChangeIntent {
        items: ["a.example", "b.example", "c.example", "d.example"].map(enroll).into(),
        former_senders: Box::new(FormerSenders {
            notes: vec![
                note(FormerSender::Ips(vec![own_ip.clone()]), "a.example"),
                note(pool, "b.example"),
                note(FormerSender::Ips(vec![own_ip.clone()]), "d.example"),
            ],
            gaps: Vec::new(),
        }),
        ..intent("a", 0, true)
    };
    // The fourth was refused, so it stays where it is.
    let answers = (0..4).map(|item| {
        let refused = ItemAnswer::Refused("409".to_owned());
        answered("a", item, if item == 3 { refused } else { ItemAnswer::Made })
    });
    let record: ChangeRecord = [RecordEntry::Intended(enrolled)].into_iter().chain(answers).collect();
    let mut enrolled = record.get(&ChangeId::from("a")).unwrap().clone();
    enrolled.intent.title = "Enroll 4 domains".to_owned();
    assert_eq!(enrolled.label(), "Enroll 4 domains", "it says so already");
    let back = enrolled.put_back().unwrap();
    let leaves = |name: &str, replacement| Write::RemoveDomain {
        domain: DomainName::as_sent(name),
        replacement,
    };
    assert_eq!(
        back.writes(),
        [
            leaves("a.example", Replacement::Ips(vec![own_ip])),
            leaves("b.example", Replacement::DedicatedPool("p1".to_owned()))
        ]
    );
    assert_eq!(back.type_to_confirm.as_deref(), Some("2 domains"));
    assert_eq!(
        back.summary,
        [
            "2 domains: out of the dynamic pools, back to what was used before enrollment",
            "1 change stays as it is: what was used before enrollment was not noted. Remove such a domain on its page",
        ]
    );
}

#[test]
fn a_step_behind_one_that_failed_is_not_sent_where_it_depends_on_it() {
    let failed = |is_bulk| {
        let entries = [
            RecordEntry::Intended(intent("a", 3, is_bulk)),
            sent("a", 0),
            answered("a", 0, ItemAnswer::Failed("409".to_owned())),
        ];
        let record: ChangeRecord = entries.into_iter().collect();
        let rest = record.get(&ChangeId::from("a")).unwrap().rest();
        rest.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(failed(true), [1, 2]);
    assert_eq!(failed(false), [0_usize; 0]);
}

#[test]
fn an_account_is_told_by_its_address_and_subaccount() {
    let entries = [RecordEntry::Intended(intent("a", 1, true))];
    let record: ChangeRecord = entries.into_iter().collect();
    let renamed = RecordAccount {
        name: "europe".to_owned(),
        address: "https://eu.example/".to_owned(),
        on_behalf_of: None,
    };
    let nothing_sent = |_: &ChangeId| false;
    assert!(record.unfinished(&renamed, nothing_sent).is_some());
    let of_subaccount = RecordAccount {
        on_behalf_of: Some(poolkeeper_core::model::AccountId("sub".to_owned())),
        ..account("eu")
    };
    assert!(record.unfinished(&of_subaccount, nothing_sent).is_none());
    assert!(record.unfinished(&account("us"), nothing_sent).is_none());
}

#[test]
fn a_change_that_is_being_sent_is_not_unfinished() {
    let entries = ["a", "b"].map(|id| RecordEntry::Intended(intent(id, 1, true)));
    let record: ChangeRecord = entries.into_iter().collect();
    let unfinished = |sent_now: &str| {
        let change = record.unfinished(&account("eu"), |change| change.as_str() == sent_now);
        change.map(|change| change.intent.id.to_string())
    };
    assert_eq!(unfinished("b").as_deref(), Some("a"));
    assert_eq!(unfinished("a").as_deref(), Some("b"));
}

#[test]
fn what_was_made_is_told_of_the_items_that_are_asked_for() {
    let entries = [
        RecordEntry::Intended(intent("a", 3, true)),
        answered("a", 1, ItemAnswer::Made),
        answered("a", 2, ItemAnswer::Failed("409".to_owned())),
    ];
    let record: ChangeRecord = entries.into_iter().collect();
    let has_made = |id: &str, items: &[usize]| record.has_made(&ChangeId::from(id), items);
    assert!(has_made("a", &[0, 1]));
    assert!(!has_made("a", &[0, 2, 3]));
    assert!(!has_made("b", &[1]));
}

#[test]
fn changes_are_found_by_domain_kind_outcome_and_time() {
    let other = RecordEntry::Intended(ChangeIntent {
        at: at(100),
        items: vec![RecordedItem {
            request: ItemRequest::Other(SentRequest {
                method: Method::Delete,
                path: "/v3/dynamic_pools/all".to_owned(),
                query: Vec::new(),
                fields: Vec::new(),
            }),
            undo: None,
            account: None,
            on_behalf_of: None,
        }],
        ..intent("b", 1, false)
    });
    let record: ChangeRecord = [RecordEntry::Intended(intent("a", 2, true)), other, ended("b")]
        .into_iter()
        .collect();
    let found = |filter: RecordFilter| {
        let changes = record.newest_first().filter(|change| filter.fits(change));
        changes
            .map(|change| change.intent.id.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let all = RecordFilter::default();
    assert_eq!(found(all.clone()), ["b", "a"]);
    assert_eq!(
        found(RecordFilter {
            domain: "D1.example".to_owned(),
            ..all.clone()
        }),
        ["a"]
    );
    assert_eq!(
        found(RecordFilter {
            kind: Some(ChangeKind::Other),
            ..all.clone()
        }),
        ["b"]
    );
    assert_eq!(
        found(RecordFilter {
            outcome: Some(ChangeOutcome::Unfinished),
            ..all.clone()
        }),
        ["a"]
    );
    assert_eq!(
        found(RecordFilter {
            from: Some(at(100)),
            ..all.clone()
        }),
        ["b"]
    );
    assert_eq!(
        found(RecordFilter {
            until: Some(at(100)),
            ..all
        }),
        ["a"]
    );
}
