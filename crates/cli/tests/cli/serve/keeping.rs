//! What outlives the process, and what it begins from.

use super::http::Http;
use super::process::Server;
use mailgun_pools::transport::{Body, Method, Request};
use serde_json::Value;
use std::path::PathBuf;

/// A folder of this test's own, gone afterwards.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("poolkeeper-serve-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn asked(server: &Server, request: &Request) -> Value {
    let answered = Http::new(&server.base).now(request).unwrap();
    assert!((200..300).contains(&answered.status), "{answered:?}");
    match answered.body {
        Body::Json(json) => json,
        other => panic!("no JSON but {other:?}"),
    }
}

/// Everything a restart has to keep.
fn account(server: &Server) -> Vec<Value> {
    let read = |path: &str| {
        let request = Request::new(Method::Get, path)
            .query("limit", "100")
            .query("include_subaccounts", "true");
        let mut answer = asked(server, &request);
        // Links carry the server's own port.
        if let Some(answer) = answer.as_object_mut() {
            answer.remove("paging");
        }
        answer
    };
    let mut read: Vec<Value> = [
        "/v3/dynamic_pools",
        "/v1/dynamic_pools/domains",
        "/v1/dynamic_pools/history",
    ]
    .map(read)
    .into();
    read.push(asked(server, &Request::new(Method::Get, "/_poolkeeper/clock")));
    read
}

fn pin(server: &Server, domain: &str, pool: &str) {
    let form = Body::Form(vec![("pool".to_owned(), pool.to_owned())]);
    let path = format!("/v1/dynamic_pools/domains/{domain}/override");
    asked(server, &Request::new(Method::Put, path).body(form));
}

fn first_domain(server: &Server) -> String {
    let listed = asked(server, &Request::new(Method::Get, "/v1/dynamic_pools/domains"));
    listed["items"][0]["name"].as_str().expect("a domain").to_owned()
}

#[test]
fn what_was_answered_survives_kill_9() {
    let folder = Folder::new("kill");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "30", "--seed", "3", "--still"];
    let server = Server::start(&args);
    let domain = first_domain(&server);
    let fresh = account(&server);
    pin(&server, &domain, "dynamic_poor");
    asked(
        &server,
        &Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", "200000"),
    );
    let before = account(&server);
    assert_ne!(before, fresh);
    server.kill();

    // What the file holds wins over the scenario asked for.
    let other = ["--state", &state, "--size", "9", "--still"];
    let server = Server::start(&other);
    assert_eq!(account(&server), before);
    pin(&server, &domain, "dynamic_new");
    let later = account(&server);
    server.kill();
    assert_eq!(account(&Server::start(&args)), later);
}

#[test]
fn a_journal_line_that_was_cut_off_was_never_answered_and_is_dropped() {
    let folder = Folder::new("cut");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "30", "--still"];
    let server = Server::start(&args);
    let domain = first_domain(&server);
    pin(&server, &domain, "dynamic_poor");
    let before = account(&server);
    pin(&server, &domain, "dynamic_new");
    assert_ne!(account(&server), before);
    server.kill();
    let journal = format!("{state}.journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, &text[..text.len() - 5]).unwrap();
    assert_eq!(account(&Server::start(&args)), before);
}

#[test]
fn a_file_that_is_no_account_is_left_as_it_is() {
    let folder = Folder::new("other");
    let state = folder.file("letter.txt");
    std::fs::write(&state, "Dear reader").unwrap();
    let (code, said) = super::process::run(&["serve", "--listen", "127.0.0.1:0", "--state", &state]);
    assert!(code == Some(1) && said.contains("letter.txt"), "{said}");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "Dear reader");
}

#[test]
fn a_change_that_a_full_disk_does_not_take_is_refused_and_the_service_goes_on() {
    let folder = Folder::new("full");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "5", "--still"];
    let server = Server::start_with_file_limit(200, &args);
    let client = Http::new(&server.base);
    let domain = first_domain(&server);
    pin(&server, &domain, "dynamic_poor");
    let pools = asked(&server, &Request::new(Method::Get, "/v3/dynamic_pools"));
    let held = pools["good_reputation"][0].as_str().unwrap();
    // Adding what is there already changes nothing, but its journal entry takes more than 10,000 bytes.
    let form = vec![("add_ip".to_owned(), held.to_owned()); 1_000];
    let large = Request::new(Method::Patch, "/v3/dynamic_pools/dynamic_good").body(Body::Form(form));
    let answers: Vec<_> = (0..25).map(|_| client.now(&large).unwrap()).collect();
    let taken = answers.iter().take_while(|answer| answer.status == 200).count();
    assert!((1..25).contains(&taken), "{taken}");
    for refused in &answers[taken..] {
        assert_eq!(refused.status, 507);
        let said = format!("{:?}", refused.body);
        assert!(said.contains(&state) && said.contains("Free some space"), "{said}");
    }
    let journal = std::fs::read_to_string(format!("{state}.journal")).unwrap();
    // The format, the account's name, the pin.
    assert_eq!((journal.lines().count(), journal.ends_with('\n')), (3 + taken, true));
    // A small change still fits.
    let before = account(&server);
    pin(&server, &domain, "dynamic_new");
    let after = account(&server);
    assert_ne!(after, before);
    server.kill();
    assert_eq!(account(&Server::start(&args)), after);
}

#[test]
fn a_second_server_is_told_which_process_uses_the_file() {
    let folder = Folder::new("second");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "5", "--still"];
    let first = Server::start(&args);
    pin(&first, &first_domain(&first), "dynamic_poor");
    let before = account(&first);
    let (code, said) = super::process::run(&["serve", "--listen", "127.0.0.1:0", "--state", &state]);
    let process = format!("process {}", first.id());
    assert!(
        code == Some(1) && said.contains(&process) && said.contains(&state),
        "{said}"
    );
    first.kill();
    assert_eq!(account(&Server::start(&args)), before);
}

#[test]
fn a_damaged_journal_is_kept_and_what_is_before_the_damage_is_loaded() {
    let folder = Folder::new("damage");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "30", "--still"];
    let server = Server::start(&args);
    let domain = first_domain(&server);
    pin(&server, &domain, "dynamic_poor");
    let before = account(&server);
    for pool in ["dynamic_new", "dynamic_good", "dynamic_poor"] {
        pin(&server, &domain, pool);
    }
    server.kill();
    let journal = format!("{state}.journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    let damaged = text.replacen("\"pool\":\"new\"", "\"pool\":\"nev\"", 1);
    assert_ne!(damaged, text);
    std::fs::write(&journal, &damaged).unwrap();
    let (server, mut said) = Server::start_and_listen(&args);
    assert_eq!(account(&server), before);
    let said = said.next().unwrap();
    assert!(
        said.contains("line 4") && said.contains("account.damaged-1.journal"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.file("account.damaged-1.journal")).unwrap(),
        damaged
    );
}

#[test]
fn it_stops_cleanly_when_told_to() {
    let folder = Folder::new("stop");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "30", "--still"];
    let server = Server::start(&args);
    pin(&server, &first_domain(&server), "dynamic_poor");
    let before = account(&server);
    let status = server.terminate();
    assert!(status.success(), "{status}");
    assert_eq!(account(&Server::start(&args)), before);
}

#[test]
fn domains_and_traffic_come_from_a_csv() {
    let server = Server::known();
    let listed = asked(
        &server,
        &Request::new(Method::Get, "/v1/dynamic_pools/domains").query("limit", "100"),
    );
    assert_eq!(listed["total_items"], 7);
    let bought = listed["items"].as_array().unwrap().iter();
    let bought = bought
        .clone()
        .find(|domain| domain["name"] == "bought.example.com")
        .unwrap();
    // On the 20th: 25 % bounces in 25 000 messages.
    assert_eq!(
        (&bought["pool"], &bought["processed_count"]),
        (&"dynamic_poor".into(), &25_000.into())
    );
    assert_eq!(bought["bounce_rate"].as_f64(), Some(0.25));
}

#[test]
fn equal_seeds_make_equal_accounts_and_time_passes_at_the_speed_asked_for() {
    let account_of = |seed: &str| account(&Server::start(&["--size", "40", "--seed", seed, "--still"]));
    assert_eq!(account_of("7"), account_of("7"));
    assert_ne!(account_of("7"), account_of("8"));
    let server = Server::start(&["--size", "5", "--speed", "100"]);
    let clock = || asked(&server, &Request::new(Method::Get, "/_poolkeeper/clock"))["now"].to_string();
    let start = clock();
    // As often as it takes; a clock that stands still would hold the test up for good, and its time limit ends it.
    while clock() == start {
        std::thread::yield_now();
    }
}
