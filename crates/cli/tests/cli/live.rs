//! Commands of a live account, against `poolkeeper serve` and against services that fail.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test may stop where it stands"
)]

use crate::command_line::Ran;
use crate::console::program::{Folder, KEY, Simulated};
use crate::console::service::Service;
use poolkeeper_account::record::{RecordContents, RecordEntry};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// A person at a terminal: a folder for the record, and an account.
struct Terminal {
    folder: Folder,
    live: String,
}

impl Terminal {
    fn new(test: &str, live: &str) -> Self {
        Self {
            folder: Folder::new(&format!("live_{test}")),
            live: live.to_owned(),
        }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let live = ["--live", &self.live];
        self.command(&[args, &live].concat(), input)
    }

    /// The program with these arguments, about to run.
    fn start(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poolkeeper"));
        command
            .args(args)
            .env_clear()
            .env("MAILGUN_API_KEY", KEY)
            .env("USER", "ann")
            .env("XDG_STATE_HOME", self.folder.path("state"))
            .env("XDG_CONFIG_HOME", self.folder.path("config"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn command(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self.start(args).spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input");
        // It may not read it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let ran = Ran::of(child.wait_with_output().expect("it ends"));
        assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY), "the key is shown");
        ran
    }

    fn domain(&self, name: &str) -> Value {
        let ran = self.run(&["domains", "--json", "--name", name]);
        ran.json()[0].clone()
    }

    fn record(&self) -> String {
        self.folder.path("state/poolkeeper/record")
    }

    fn has_record(&self) -> bool {
        std::path::Path::new(&self.record()).exists()
    }

    /// How many answers are in the record so far.
    fn answered_in_record(&self) -> usize {
        let bytes = std::fs::read(self.record()).unwrap_or_default();
        let entries = RecordContents::read(&bytes).map_or_else(|_| Vec::new(), |read| read.entries);
        let is_answer = |entry: &&RecordEntry| matches!(entry, RecordEntry::Answered { .. });
        entries.iter().filter(is_answer).count()
    }
}

/// The domains of listed rows.
fn names(rows: &Value) -> Vec<&str> {
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| row["domain"].as_str().expect("a name")).collect()
}

#[test]
fn lists_are_tables_csv_and_json_of_the_same_rows() {
    let service = Simulated::start();
    let terminal = Terminal::new("lists", &service.base);
    let json = terminal.run(&["domains", "--json"]).json();
    let names = names(&json);
    assert!(names.len() > 2 && names.is_sorted(), "{names:?}");
    let csv = terminal.run(&["domains", "--csv"]);
    assert_eq!(csv.out.lines().count(), names.len() + 1);
    assert!(
        csv.out.starts_with("domain,pool,overridden,bounce_rate,"),
        "{}",
        csv.out
    );
    let table = terminal.run(&["domains"]);
    for name in &names {
        assert!(csv.out.contains(name) && table.out.contains(name), "{name}");
    }
    let poor = terminal.run(&["domains", "--json", "--pool", "poor"]).json();
    let is_poor = |row: &Value| row["pool"] == "dynamic_poor";
    assert!(poor.as_array().expect("a list").iter().all(is_poor));
    let all_poor = json
        .as_array()
        .expect("a list")
        .iter()
        .filter(|row| is_poor(row))
        .count();
    assert_eq!(poor.as_array().expect("a list").len(), all_poor);

    let pools = terminal.run(&["pools", "--json"]).json();
    assert_eq!(
        pools
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| row["pool"].clone())
            .collect::<Vec<_>>(),
        ["dynamic_good", "dynamic_poor", "dynamic_new"]
    );
    let ips = terminal.run(&["ips", "list", "--json"]).json();
    let in_good = ips
        .as_array()
        .expect("a list")
        .iter()
        .filter(|row| row["pool"] == "dynamic_good");
    let good: Vec<&str> = in_good.map(|row| row["ip"].as_str().expect("an IP")).collect();
    let mut listed: Vec<&str> = pools[0]["ips"].as_str().expect("IPs").split(' ').collect();
    listed.sort_unstable();
    let mut good = good;
    good.sort_unstable();
    assert_eq!(good, listed);
    let history = terminal.run(&["history", "--json", "--limit", "2"]);
    assert_eq!(history.json().as_array().expect("a list").len(), 2);
    assert!(history.err.contains("--limit shows more"), "{}", history.err);
    let preview = terminal.run(&["preview", names[0], "--json"]).json();
    assert_eq!(preview[0]["domain"], names[0]);
    assert!(!terminal.has_record(), "reading leaves no record");
}

#[test]
fn a_change_is_tried_then_sent_then_put_back_from_the_record() {
    let service = Simulated::start();
    let terminal = Terminal::new("override", &service.base);
    let rows = terminal.run(&["domains", "--json", "--pool", "good"]).json();
    let name = rows[0]["domain"].as_str().expect("a good domain").to_owned();
    let before = terminal.domain(&name);
    let args = ["override", &name, "--pool", "poor"];

    let neither = terminal.run(&args);
    assert_eq!(neither.code, Some(2), "{}", neither.err);
    let tried = terminal.run(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(tried.code, Some(0), "{}", tried.err);
    assert!(
        tried.out.contains("good → poor, pinned") && tried.out.ends_with("Nothing was sent.\n"),
        "{}",
        tried.out
    );
    assert_eq!(terminal.domain(&name), before);
    assert!(!terminal.has_record());

    let sent = terminal.run(&[&args[..], &["--yes", "--json"]].concat());
    assert_eq!(sent.code, Some(0), "{}", sent.err);
    assert_eq!(sent.json()["sent"]["made"], 1);
    let after = terminal.domain(&name);
    assert_eq!(
        (&after["pool"], &after["overridden"]),
        (&"dynamic_poor".into(), &true.into())
    );

    let listed = terminal.run(&["record", "list", "--json"]).json();
    let change = listed[0]["change"].as_str().expect("a change").to_owned();
    assert_eq!(sent.json()["sent"]["change"], *change);
    assert_eq!(
        (&listed[0]["outcome"], &listed[0]["by"]),
        (&"made".into(), &"ann".into())
    );
    let back = terminal.run(&["record", "put-back", &change, "--yes"]);
    assert_eq!(back.code, Some(0), "{} {}", back.out, back.err);
    let restored = terminal.domain(&name);
    // Only an override brings it back to its pool (R10).
    assert_eq!(
        (&restored["pool"], &restored["overridden"]),
        (&"dynamic_good".into(), &true.into())
    );
    let listed = terminal.run(&["record", "list", "--json"]).json();
    assert_eq!(listed[1]["undone_by"], listed[0]["change"]);
}

/// The program is killed in the middle of a change, and another run goes on with it.
#[test]
fn a_change_that_was_killed_is_gone_on_with_and_what_was_made_is_not_sent_again() {
    let service = Simulated::start_with(&["--size", "120", "--latency", "40"]);
    let terminal = Terminal::new("go_on", &service.base);
    let rows = terminal.run(&["domains", "--json"]).json();
    let all = names(&rows);
    let many = all.len();
    let mut child = terminal
        .start(
            &[
                &["override", "--pool", "new", "--yes", "--live", &service.base][..],
                &all,
            ]
            .concat(),
        )
        .spawn()
        .expect("the program starts");
    // Killed once three of some hundred are made.
    while terminal.answered_in_record() < 3 {
        assert!(child.try_wait().expect("its state").is_none(), "it ended before");
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    let listed = terminal.run(&["record", "list", "--json"]).json();
    let id = listed[0]["change"].as_str().expect("a change");
    assert_eq!(listed[0]["outcome"], "unfinished");
    let made_before = listed[0]["made"].as_u64();
    let tried = terminal.run(&["record", "go-on", id, "--dry-run", "--json"]).json();
    let left = tried["requests"].as_u64().expect("a number");
    assert!(
        left > 0 && left <= many as u64 - made_before.expect("a number"),
        "{tried}"
    );
    let over = terminal.run(&["record", "go-on", id, "--yes", "--json"]);
    assert_eq!(over.code, Some(0), "{} {}", over.out, over.err);
    assert_eq!(over.json()["sent"]["made"], left);
    let listed = terminal.run(&["record", "list", "--json"]).json();
    assert_eq!(listed.as_array().expect("a list").len(), 1, "it is one change");
    assert_eq!(
        (&listed[0]["outcome"], &listed[0]["made"]),
        (&"made".into(), &listed[0]["total"])
    );
    let now = terminal.run(&["domains", "--json"]).json();
    assert!(
        now.as_array()
            .expect("a list")
            .iter()
            .all(|row| row["pool"] == "dynamic_new")
    );
    let again = terminal.run(&["record", "go-on", id, "--yes"]);
    assert_eq!(again.out, "Nothing to change.\n");
}

#[test]
fn what_a_rule_refuses_is_not_sent_and_names_the_rule() {
    let service = Simulated::start();
    let terminal = Terminal::new("refused", &service.base);
    let pools = terminal.run(&["pools", "--json"]).json();
    let ips: Vec<&str> = pools[0]["ips"].as_str().expect("IPs").split(' ').collect();
    let args = [&["ips", "remove", "good"], &ips[..]].concat();
    for wish in ["--yes", "--dry-run"] {
        let ran = terminal.run(&[&args[..], &[wish]].concat());
        assert_eq!(ran.code, Some(3), "{} {}", ran.out, ran.err);
        assert!(
            ran.out.contains("R3: ") && ran.out.contains("Nothing was sent"),
            "{}",
            ran.out
        );
    }
    assert_eq!(terminal.run(&["pools", "--json"]).json(), pools);
    // The service decides where a person wants that, and refuses it too.
    let anyway = terminal.run(&[&args[..], &["--yes", "--send-anyway", "--json"]].concat());
    assert_eq!(anyway.code, Some(4), "{} {}", anyway.out, anyway.err);
    assert_eq!(anyway.json()["sent"]["not_made"].as_array().expect("a list").len(), 1);
    assert_eq!(terminal.run(&["pools", "--json"]).json(), pools);
}

#[test]
fn names_come_from_standard_input_and_a_wrong_one_changes_nothing() {
    let service = Simulated::start();
    let terminal = Terminal::new("names", &service.base);
    let rows = terminal.run(&["domains", "--json"]).json();
    let names = names(&rows);
    let lines = |more: &str| format!("{}\r\n\n {}\n{}\n{more}", names[0], names[1], names[0]);
    let wrong = terminal.run_with(
        &["override", "-", "--pool", "new", "--yes"],
        &lines("unknown.example\n"),
    );
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong
            .err
            .contains("unknown.example is not enrolled. Nothing was changed"),
        "{}",
        wrong.err
    );
    assert!(!terminal.has_record());
    let sent = terminal.run_with(&["override", "-", "--pool", "new", "--yes", "--json"], &lines(""));
    assert_eq!(sent.code, Some(0), "{}", sent.err);
    assert_eq!(sent.json()["sent"]["made"], 2, "each once");
    for name in &names[..2] {
        assert_eq!(terminal.domain(name)["pool"], "dynamic_new");
    }
    assert_eq!(terminal.domain(names[2]), rows[2]);
    let none = terminal.run_with(&["override", "-", "--clear", "--yes"], "\n");
    assert!(none.err.contains("no domain is named"), "{}", none.err);
}

#[test]
fn an_ip_moves_and_comes_back_in_two_steps_each() {
    let service = Simulated::start();
    let terminal = Terminal::new("move", &service.base);
    let ips = terminal.run(&["ips", "list", "--json"]).json();
    let rows = ips.as_array().expect("a list");
    let warm_in = |pool: &str| {
        let found = rows
            .iter()
            .filter(move |row| row["pool"] == pool && row["warming"] == false);
        found.map(|row| row["ip"].as_str().expect("an IP")).collect::<Vec<_>>()
    };
    let good = warm_in("dynamic_good");
    assert!(good.len() > 1, "one of two warm IPs can go: {ips}");
    let moved = terminal.run(&["ips", "move", good[0], "poor", "--yes"]);
    assert_eq!(moved.code, Some(0), "{} {}", moved.out, moved.err);
    let pool_of = |ip: &str| {
        let now = terminal.run(&["ips", "list", "--json"]).json();
        let found = now
            .as_array()
            .expect("a list")
            .iter()
            .find(|row| row["ip"] == ip)
            .cloned();
        found.expect("the IP")["pool"].clone()
    };
    assert_eq!(pool_of(good[0]), "dynamic_poor");
    let change = terminal.run(&["record", "list", "--json"]).json()[0]["change"].clone();
    let back = terminal.run(&["record", "put-back", change.as_str().expect("a change"), "--yes"]);
    assert_eq!(back.code, Some(0), "{} {}", back.out, back.err);
    assert_eq!(pool_of(good[0]), "dynamic_good");
    let nowhere = terminal.run(&["ips", "move", "198.51.100.250", "poor", "--yes"]);
    assert!(nowhere.err.contains("is in no dynamic pool"), "{}", nowhere.err);
}

#[test]
fn a_domain_leaves_and_joins() {
    let service = Simulated::start();
    let terminal = Terminal::new("leave", &service.base);
    let rows = terminal.run(&["domains", "--json"]).json();
    let name = rows[0]["domain"].as_str().expect("a name");
    let left = terminal.run(&["remove", name, "--to", "shared", "--yes"]);
    assert_eq!(left.code, Some(0), "{} {}", left.out, left.err);
    assert_eq!(terminal.domain(name), Value::Null);
    let again = terminal.run(&["remove", name, "--to", "shared", "--yes"]);
    assert!(again.err.contains("is not enrolled"), "{}", again.err);
    let joined = terminal.run(&["enroll", name, "--yes"]);
    assert_eq!(joined.code, Some(0), "{} {}", joined.out, joined.err);
    assert_eq!(terminal.domain(name)["domain"], name);
    let twice = terminal.run(&["enroll", name, "--yes"]);
    assert!(twice.err.contains("enrolled already"), "{}", twice.err);
}

#[test]
fn the_account_of_a_file_is_read_only_unless_the_file_says_otherwise() {
    let service = Service::plain();
    let terminal = Terminal::new("file", &service.base);
    let file = |more: &str| {
        let text = format!("[[account]]\nname = 'main'\nurl = '{}'\n{more}", service.base);
        terminal.folder.private("accounts.toml", &text)
    };
    let path = file("");
    let args = ["override", "a.example", "--pool", "poor", "--yes", "--accounts", &path];
    let refused = terminal.command(&args, "");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("“main” is read-only"), "{}", refused.err);
    assert!(service.received().is_empty(), "nothing was asked");
    let path = file("[[account]]\nname = 'other'\nregion = 'us'\n");
    let which = terminal.command(&["pools", "--accounts", &path], "");
    assert!(
        which.err.contains("choose one with --account (main and other)"),
        "{}",
        which.err
    );
    let none = terminal.command(&["pools"], "");
    assert!(none.err.contains("no account: name one with --live"), "{}", none.err);
}

#[test]
fn a_service_that_refuses_the_key_ends_a_command_with_what_to_do() {
    let service = Service::answering(
        "401 Unauthorized",
        "Content-Type: text/plain\r\n",
        "Forbidden {authorization}",
    );
    let terminal = Terminal::new("key", &service.base);
    let ran = terminal.run(&["domains"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("reading the enrolled domains: "), "{}", ran.err);
    assert!(ran.err.contains("Check the API key and the region."), "{}", ran.err);
    for (args, says) in [
        (&["history", "--limit", "0"][..], "0 is not in 1.."),
        (
            &["history", "--from", "2026-07-02", "--to", "2026-07-01"],
            "--from is after --to",
        ),
        (&["history", "--from", "July"], "enter a day such as"),
        (
            &["remove", "a.example", "--to", "1.2.3", "--yes"],
            "is not an IP address",
        ),
        (
            &["override", "a.example", "--clear", "--pool", "poor", "--yes"],
            "cannot be used with",
        ),
        (
            &["override", "a.example", "--clear", "--yes", "--dry-run"],
            "cannot be used with",
        ),
    ] {
        let ran = terminal.run(args);
        assert!(ran.code != Some(0) && ran.err.contains(says), "{args:?}: {}", ran.err);
    }
}

#[test]
fn an_account_becomes_what_a_file_says_and_stays_so() {
    let service = Simulated::start();
    let terminal = Terminal::new("apply", &service.base);
    let rows = terminal.run(&["domains", "--json"]).json();
    let names = names(&rows);
    // One is pinned now, and not by the file.
    assert_eq!(
        terminal.run(&["override", names[2], "--pool", "new", "--yes"]).code,
        Some(0)
    );
    let before = terminal.run(&["export", "--domains"]).out;
    assert!(before.contains("[pools]") && before.contains(names[0]), "{before}");
    let unchanged = terminal.folder.write("before.toml", &before);
    let same = terminal.run(&["apply", &unchanged, "--yes"]);
    assert_eq!(
        (same.code, same.out.as_str()),
        (Some(0), "Nothing to change.\n"),
        "{}",
        same.err
    );

    let wanted = format!(
        "[overrides]\nothers = 'clear'\n\n[[override]]\ndomain = '{}'\npool = 'poor'\nreason = 'complaints'\n\n\
         [[override]]\ndomain = '{}'\npool = 'good'\nexpires = 2001-01-01\n",
        names[0], names[1]
    );
    let file = terminal.folder.write("wanted.toml", &wanted);
    let planned = terminal.run(&["plan", &file]);
    assert_eq!(planned.code, Some(0), "{} {}", planned.out, planned.err);
    assert!(
        planned
            .err
            .contains(&format!("the override of {} ended on 2001-01-01", names[1])),
        "{}",
        planned.err
    );
    assert!(
        planned.out.contains("1 override to set\n1 override to remove\n"),
        "{}",
        planned.out
    );
    assert_eq!(
        terminal.run(&["export", "--domains"]).out,
        before,
        "a plan changes nothing"
    );
    assert_eq!(
        terminal.run(&["apply", &file]).code,
        Some(2),
        "it needs --dry-run or --yes"
    );

    let applied = terminal.run(&["apply", &file, "--yes", "--json"]);
    assert_eq!(applied.code, Some(0), "{} {}", applied.out, applied.err);
    assert_eq!(applied.json()["sent"]["made"], 2);
    assert_eq!(terminal.domain(names[0])["pool"], "dynamic_poor");
    assert_eq!(terminal.domain(names[2])["overridden"], false);
    let again = terminal.run(&["apply", &file, "--yes"]);
    assert_eq!(again.out, "Nothing to change.\n");

    // What can't be is refused whole.
    let unknown = terminal.folder.write(
        "unknown.toml",
        &format!(
            "[[override]]\ndomain = '{}'\npool = 'good'\n[[override]]\ndomain = 'unknown.example'\npool = 'good'\n",
            names[3]
        ),
    );
    let refused = terminal.run(&["apply", &unknown, "--yes"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("unknown.example is not enrolled"),
        "{}",
        refused.err
    );
    assert_eq!(terminal.domain(names[3]), rows[3]);
}

#[test]
fn a_plan_of_pools_and_removals_is_tried_as_a_whole() {
    let service = Simulated::start();
    let terminal = Terminal::new("plan", &service.base);
    let pools = terminal.run(&["pools", "--json"]).json();
    let ips = |at: usize| -> Vec<&str> { pools[at]["ips"].as_str().expect("IPs").split(' ').collect() };
    let rows = terminal.run(&["domains", "--json"]).json();
    let first = rows[0]["domain"].as_str().expect("a name");
    let list = |ips: &[&str]| ips.iter().map(|ip| format!("'{ip}'")).collect::<Vec<_>>().join(", ");
    // The good pool gives its first IP to the poor one; every domain but one leaves.
    let (good, poor) = (ips(0), ips(1));
    let text = format!(
        "[pools]\ngood = [{}]\npoor = [{}]\nnew = [{}]\n[enrolled]\ndomains = ['{first}']\nothers = 'remove'\nremove_to = 'shared'\n",
        list(&good[1..]),
        list(&[&poor[..], &good[..1]].concat()),
        list(&ips(2)),
    );
    let file = terminal.folder.write("wanted.toml", &text);
    let planned = terminal.run(&["plan", &file, "--json"]).json();
    let others = rows.as_array().expect("a list").len() - 1;
    assert_eq!(planned["requests"], others + 1);
    let applied = terminal.run(&["apply", &file, "--yes"]);
    assert_eq!(applied.code, Some(0), "{} {}", applied.out, applied.err);
    let left = terminal.run(&["domains", "--json"]).json();
    assert_eq!(left.as_array().expect("a list").len(), 1);
    assert_eq!(left[0]["domain"], first);
    let now = terminal.run(&["pools", "--json"]).json();
    assert!(now[1]["ips"].as_str().expect("IPs").contains(good[0]), "{now}");
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let terminal = Terminal::new("manual", "us");
    for shell in ["bash", "zsh", "fish"] {
        let ran = terminal.command(&["completions", shell], "");
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("override") && ran.out.contains("warmups"), "{shell}");
    }
    let man = terminal.command(&["man"], "");
    assert!(
        man.out.starts_with(".ie") || man.out.contains(".TH poolkeeper"),
        "{}",
        man.out
    );
    let folder = terminal.folder.path("man");
    assert_eq!(terminal.command(&["man", &folder], "").code, Some(0));
    for page in ["poolkeeper.1", "poolkeeper-override.1", "poolkeeper-record-put-back.1"] {
        assert!(std::path::Path::new(&folder).join(page).exists(), "{page}");
    }
}
