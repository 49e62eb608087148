//! The record of changes: an entry before each change, its answer behind it, and nothing sent that has none.

use super::program::{Console, Folder, KEY, Session, failing};
use super::raw::{Ask, exchange};
use super::service::Service;
use mailgun_pools::api::Write;
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeOutcome, ChangeRecord, ItemAnswer, ItemRequest, ItemState, RecordAccount,
    RecordContents, RecordEntry, RecordedItem,
};
use poolkeeper_core::model::{Band, DomainName, PoolName};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

const OVERRIDE: &str = "/v1/dynamic_pools/domains/steady.example.com/override";
const RECORD: &str = "/_console/record";

/// A console that lets changes pass, with the record in this folder.
pub struct Recorded {
    folder: Folder,
    pub service: Service,
}

impl Recorded {
    pub fn new(test: &str, service: Service) -> Self {
        Self {
            folder: Folder::new(test),
            service,
        }
    }

    fn file(&self) -> String {
        self.folder.path("state/poolkeeper/record")
    }

    pub fn start(&self) -> (Console, Session) {
        let console = Console::of(&self.folder, &self.service.base, &["--allow-changes"]);
        let session = console.open();
        (console, session)
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.file()).expect("a record")
    }

    pub fn entries(&self) -> Vec<RecordEntry> {
        let read = RecordContents::read(&self.bytes()).expect("a record");
        assert_eq!(read.damage, None);
        read.entries
    }

    fn record(&self) -> ChangeRecord {
        self.entries().into_iter().collect()
    }

    fn refused_start(&self) -> String {
        let args = ["--port", "0", "--live", &self.service.base, "--allow-changes"];
        let (code, said) = failing(&self.folder, &args, &[("MAILGUN_API_KEY", KEY)]);
        assert_eq!(code, Some(1), "{said}");
        said
    }
}

pub fn change(console: &Console, session: &Session, pool: &str) -> Ask {
    console
        .own(session, "PUT", &session.live(OVERRIDE))
        .body("application/x-www-form-urlencoded", format!("pool={pool}"))
}

/// Entries as the page sends them.
fn page_entries(console: &Console, session: &Session, entries: &[RecordEntry]) -> Ask {
    let name = session.json["accounts"][0]["name"].as_str().expect("a name");
    console
        .own(session, "POST", &format!("{RECORD}?account={name}"))
        .body("application/json", serde_json::to_vec(entries).expect("JSON"))
}

/// Tells the program of a change that the page is about to send.
fn announce(console: &Console, session: &Session) {
    let told = console.send(&page_entries(console, session, &[announced("one")]));
    assert_eq!(told.status, 200);
}

/// What the page is about to send: the override of one domain.
fn announced(id: &str) -> RecordEntry {
    RecordEntry::Intended(ChangeIntent {
        id: ChangeId::from(id),
        at: chrono::DateTime::UNIX_EPOCH,
        who: Some("somebody else".to_owned()),
        account: RecordAccount::default(),
        title: "Pin to poor".to_owned(),
        forecast: vec!["1 domain moves from good to poor".to_owned()],
        is_bulk: false,
        undoes: None,
        former_senders: Box::default(),
        items: vec![RecordedItem {
            request: ItemRequest::Write(Write::SetOverride {
                domain: DomainName::as_sent("steady.example.com"),
                pool: PoolName::Known(Band::Poor),
            }),
            undo: None,
            account: None,
            on_behalf_of: None,
        }],
    })
}

fn mode(path: &str) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn a_change_has_an_entry_and_its_answer_and_the_page_reads_them() {
    let recorded = Recorded::new("record_entry", Service::plain());
    let (console, session) = recorded.start();
    let got = console.send(&change(&console, &session, "dynamic_poor"));
    assert_eq!(got.status, 200, "{got:?}");
    let entries = recorded.entries();
    let [
        RecordEntry::Intended(intent),
        RecordEntry::Sent { .. },
        RecordEntry::Answered { answer, .. },
    ] = &entries[..]
    else {
        panic!("{entries:?}");
    };
    assert_eq!(*answer, ItemAnswer::Made);
    assert_eq!(intent.account.address, recorded.service.base);
    let ItemRequest::Other(request) = &intent.items[0].request else {
        panic!("{intent:?}");
    };
    assert_eq!(request.line(), format!("PUT {OVERRIDE} pool=dynamic_poor"));
    assert_eq!(
        (mode(&recorded.file()), mode(&recorded.folder.path("state/poolkeeper"))),
        (0o600, 0o700)
    );
    // A read leaves none.
    assert_eq!(
        console
            .send(&console.own(&session, "GET", &session.live("/v3/dynamic_pools")))
            .status,
        200
    );
    assert_eq!(recorded.entries().len(), 3);
    let read = console.send(&console.own(&session, "GET", RECORD));
    assert_eq!(read.status, 200);
    assert_eq!(RecordContents::read_lines(&read.body, 1).entries, entries);
}

#[test]
fn what_the_page_announced_is_recorded_as_that_and_the_program_says_who_and_when() {
    let recorded = Recorded::new("record_announced", Service::plain());
    let (console, session) = recorded.start();
    announce(&console, &session);
    assert_eq!(console.send(&change(&console, &session, "dynamic_poor")).status, 200);
    // Another request than the announced one is a change of its own.
    assert_eq!(console.send(&change(&console, &session, "dynamic_new")).status, 200);
    let record = recorded.record();
    let one = record.get(&ChangeId::from("one")).expect("announced");
    assert_eq!((one.outcome(), one.intent.who.clone()), (ChangeOutcome::Made, None));
    assert_eq!(one.intent.account.address, recorded.service.base);
    assert!(one.intent.at > chrono::DateTime::UNIX_EPOCH);
    assert_eq!(record.newest_first().count(), 2);
    // Sent once more, it is no longer the announced one: that was made.
    assert_eq!(console.send(&change(&console, &session, "dynamic_poor")).status, 200);
    assert_eq!(recorded.record().newest_first().count(), 3);
}

#[test]
fn killed_between_entry_and_answer_the_change_is_unknown_and_goes_on_under_its_name() {
    let recorded = Recorded::new("record_killed", Service::silent());
    let (console, session) = recorded.start();
    announce(&console, &session);
    let ask = change(&console, &session, "dynamic_poor");
    let address = console.address.clone();
    let asking = std::thread::spawn(move || exchange(&address, &ask.bytes()));
    recorded.service.wait_for_one();
    console.end();
    assert_eq!(asking.join().expect("it ends"), b"", "nobody answered");
    let record = recorded.record();
    let one = record.get(&ChangeId::from("one")).expect("announced");
    assert_eq!(
        (one.outcome(), &one.states[..]),
        (ChangeOutcome::Unfinished, &[ItemState::Sent][..])
    );
    assert!(one.rest().is_empty(), "what is in doubt is not sent again");
    let before = recorded.bytes();

    // The next run goes on with the same file, and with the same change.
    recorded.service.speak();
    let (console, session) = recorded.start();
    assert!(recorded.bytes() == before, "opening it writes nothing");
    assert_eq!(console.send(&change(&console, &session, "dynamic_poor")).status, 200);
    let record = recorded.record();
    assert_eq!(
        record.get(&ChangeId::from("one")).expect("it").outcome(),
        ChangeOutcome::Made
    );
    assert!(recorded.bytes().starts_with(&before), "nothing is overwritten");
}

#[test]
fn without_room_for_its_entry_a_change_is_refused_and_not_sent() {
    let recorded = Recorded::new("record_full", Service::plain());
    let console = Console::with_file_limit(&recorded.folder, &recorded.service.base, 16);
    let session = console.open();
    let mut passed = 0;
    let refused = loop {
        let got = console.send(&change(&console, &session, "dynamic_poor"));
        if got.status != 200 {
            break got;
        }
        passed += 1;
        assert!(passed < 1_000, "the limit is reached before");
    };
    assert_eq!(refused.status, 507, "{refused:?}");
    assert!(
        refused.text().contains("could not be written") && refused.text().contains("Nothing was sent"),
        "{refused:?}"
    );
    assert!(passed > 3);
    assert_eq!(
        recorded.service.received().len(),
        passed,
        "what was refused did not arrive"
    );
    let announced = console.send(&page_entries(&console, &session, &vec![announced("one"); 20]));
    assert_eq!(announced.status, 507);
    // Reads pass, and what is there is whole.
    assert_eq!(
        console
            .send(&console.own(&session, "GET", &session.live("/v3/dynamic_pools")))
            .status,
        200
    );
    assert!(recorded.record().newest_first().count() >= passed);
}

#[test]
fn a_record_that_is_damaged_foreign_shared_or_in_use_is_left_as_it_is() {
    let recorded = Recorded::new("record_refused", Service::plain());
    let (console, session) = recorded.start();
    assert_eq!(console.send(&change(&console, &session, "dynamic_poor")).status, 200);
    assert!(recorded.refused_start().contains("is in use by process"));
    console.end();
    let whole = recorded.bytes();
    for at in [21, 40, whole.len() / 2, whole.len() - 3] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x04;
        std::fs::write(recorded.file(), &damaged).expect("written");
        let said = recorded.refused_start();
        assert!(said.contains("line ") && said.contains("Move it away"), "{said}");
        assert_eq!(recorded.bytes(), damaged, "it stays as it is");
    }
    // Only a last entry that is cut off is dropped.
    std::fs::write(recorded.file(), &whole[..whole.len() - 5]).expect("written");
    let (console, session) = recorded.start();
    assert_eq!(console.send(&change(&console, &session, "dynamic_new")).status, 200);
    console.end();
    assert_eq!(recorded.entries().len(), 2 + 3);
    std::fs::write(recorded.file(), "Dear reader\n").expect("written");
    assert!(recorded.refused_start().contains("is not a record of Poolkeeper"));
    assert_eq!(recorded.bytes(), b"Dear reader\n");
    std::fs::write(recorded.file(), &whole).expect("written");
    recorded.folder.allow("state/poolkeeper/record", 0o644);
    assert!(recorded.refused_start().contains("chmod 600"));
}

#[test]
fn nobody_but_the_page_of_an_operator_reads_or_adds_to_the_record() {
    let recorded = Recorded::new("record_attacks", Service::plain());
    let (console, session) = recorded.start();
    let post = page_entries(&console, &session, &[announced("one")]);
    let get = console.own(&session, "GET", RECORD);
    for (ask, status) in [
        (post.clone().without("X-Poolkeeper-Token"), 403),
        (post.clone().without("Cookie"), 403),
        (post.clone().without("Sec-Fetch-Site"), 403),
        (post.clone().instead("Sec-Fetch-Site", "cross-site"), 403),
        (get.clone().without("Cookie"), 403),
        (get.clone().instead("Sec-Fetch-Site", "same-site"), 403),
        (console.own(&session, "DELETE", RECORD), 405),
        (
            console
                .own(&session, "POST", &format!("{RECORD}?account=other"))
                .body("application/json", "[]"),
            404,
        ),
        (
            post.clone()
                .without("Content-Length")
                .without("Content-Type")
                .body("application/json", "{}"),
            400,
        ),
    ] {
        let got = console.send(&ask);
        assert_eq!(
            got.status, status,
            "{} {} {:?}: {got:?}",
            ask.method, ask.target, ask.headers
        );
    }
    // Only the program says that something was sent, and no entry is without bounds.
    let sent = RecordEntry::Sent {
        change: ChangeId::from("one"),
        item: 0,
        at: chrono::DateTime::UNIX_EPOCH,
    };
    let odd = announced("../../one");
    let long = RecordEntry::Answered {
        change: ChangeId::from("one"),
        item: 0,
        at: chrono::DateTime::UNIX_EPOCH,
        answer: ItemAnswer::Failed("x".repeat(301)),
    };
    for entry in [sent, odd, long] {
        assert_eq!(
            console
                .send(&page_entries(&console, &session, &[announced("one"), entry]))
                .status,
            400
        );
    }
    let subaccount = match announced("one") {
        RecordEntry::Intended(intent) => RecordEntry::Intended(ChangeIntent {
            account: RecordAccount {
                on_behalf_of: Some(poolkeeper_core::model::AccountId("../x".to_owned())),
                ..RecordAccount::default()
            },
            ..intent
        }),
        other => other,
    };
    assert_eq!(
        console.send(&page_entries(&console, &session, &[subaccount])).status,
        403
    );
    assert_eq!(recorded.entries(), [], "nothing of it is recorded");
    console.end();

    // A console that only reads has nothing to record.
    let console = Console::of(&recorded.folder, &recorded.service.base, &[]);
    let session = console.open();
    assert_eq!(
        console
            .send(&page_entries(&console, &session, &[announced("one")]))
            .status,
        403
    );
    let read = console.send(&console.own(&session, "GET", RECORD));
    assert_eq!((read.status, read.text()), (200, String::new()));
}

#[test]
fn a_viewer_adds_nothing_and_an_operator_is_named() {
    let recorded = Recorded::new("record_people", Service::plain());
    let args = [
        "--live",
        &recorded.service.base,
        "--allow-changes",
        "--behind-proxy",
        "pools.example.org",
        "--user-header",
        "X-User",
        "--operator",
        "ann",
    ];
    let console = Console::behind_proxy(&recorded.folder, &args, &[("MAILGUN_API_KEY", KEY)]);
    let session = console.open_signed_in("pools.example.org", "X-User", "ann");
    let of = |ask: Ask, user: &str| ask.instead("Host", "pools.example.org").header("X-User", user);
    let post = page_entries(&console, &session, &[announced("one")]);
    assert_eq!(console.send(&of(post.clone(), "bob")).status, 403);
    assert_eq!(console.send(&of(post, "ann")).status, 200);
    assert_eq!(
        console
            .send(&of(change(&console, &session, "dynamic_poor"), "ann"))
            .status,
        200
    );
    let record = recorded.record();
    assert_eq!(
        record.get(&ChangeId::from("one")).expect("it").intent.who.as_deref(),
        Some("ann")
    );
}

#[test]
fn the_key_is_in_no_entry() {
    let service = Service::answering(
        "400 Bad Request",
        "Content-Type: application/json\r\n",
        "{\"message\": \"{authorization} is not allowed\"}",
    );
    let recorded = Recorded::new("record_key", service);
    let (console, session) = recorded.start();
    // The service repeats the key, and the page sends it where it does not belong.
    assert_eq!(console.send(&change(&console, &session, KEY)).status, 400);
    let entry = announced("one");
    let mut entry = json!([entry]);
    entry[0]["intended"]["title"] = json!(format!("with {KEY}"));
    let name = session.json["accounts"][0]["name"].as_str().expect("a name");
    let post = console
        .own(&session, "POST", &format!("{RECORD}?account={name}"))
        .body("application/json", entry.to_string());
    assert_eq!(console.send(&post).status, 200);
    let text = String::from_utf8(recorded.bytes()).expect("UTF-8");
    let basic = recorded.service.received()[0].head.clone();
    let basic = super::service::header(&basic, "authorization").expect("a key came");
    assert!(
        !text.contains(KEY) && !text.contains(basic.trim_start_matches("Basic ")),
        "{text}"
    );
    assert_eq!(recorded.entries().len(), 4);
}

#[test]
fn two_pages_do_not_send_one_change_at_the_same_time() {
    let recorded = Recorded::new("record_turns", Service::plain());
    let (console, session) = recorded.start();
    let name = session.json["accounts"][0]["name"].as_str().expect("a name");
    let address = |sender: &str| format!("{RECORD}?account={name}&sender={sender}");
    let add = |sender: &str, entry: RecordEntry| {
        let entries = serde_json::to_vec(&[entry]).expect("JSON");
        let ask = console.own(&session, "POST", &address(sender));
        console.send(&ask.body("application/json", entries)).status
    };
    let go_on = |sender: &str| {
        let ask = console.own(&session, "PUT", &format!("{}&change=one", address(sender)));
        console.send(&ask.body("application/json", "")).status
    };
    assert_eq!(add("a", announced("one")), 200);
    assert_eq!((go_on("b"), go_on("a")), (409, 200));
    let over = RecordEntry::Ended {
        change: ChangeId::from("one"),
        at: chrono::DateTime::UNIX_EPOCH,
    };
    assert_eq!(add("a", over), 200);
    assert_eq!((go_on("b"), go_on("a")), (200, 409));
    assert_eq!(go_on(&"x".repeat(65)), 400);
}

#[test]
fn a_read_only_program_shows_the_record_and_leaves_it_to_the_one_that_writes_it() {
    let recorded = Recorded::new("record_read_only", Service::plain());
    let read = |console: &Console, session: &Session| {
        let got = console.send(&console.own(session, "GET", RECORD));
        assert_eq!(got.status, 200, "{got:?}");
        RecordContents::read_lines(&got.body, 1).entries
    };
    let reader = Console::of(&recorded.folder, &recorded.service.base, &[]);
    let of_reader = reader.open();
    assert_eq!(read(&reader, &of_reader), [], "there is none yet");
    let (console, session) = recorded.start();
    assert_eq!(console.send(&change(&console, &session, "dynamic_poor")).status, 200);
    assert_eq!(read(&reader, &of_reader), recorded.entries());
    let before = recorded.bytes();
    let add = reader.send(&page_entries(&reader, &of_reader, &[announced("one")]));
    assert_eq!(add.status, 403);
    assert_eq!(recorded.bytes(), before);
    // What is no record is not given out.
    console.end();
    std::fs::write(recorded.file(), "poolkeeper-record 12\nsomething else\n").expect("written");
    assert_eq!(read(&reader, &of_reader), []);
}
