//! Who is told, by which way, and what becomes of it when a receiver fails.

use super::receivers::{Hook, MailStore, NEVER};
use super::{Watched, notice_ids};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

fn rule(receivers: &str) -> String {
    format!("[watch]\npolicy = 'preset:default'\n\n[[rule]]\nname = 'all'\nto = [{receivers}]\n")
}

#[test]
fn every_kind_of_receiver_gets_every_notice_once() {
    let (hook, slack, store) = (Hook::start(), Hook::start(), MailStore::start());
    let watched = Watched::new("receivers", "");
    let script = watched
        .folder
        .write("take.sh", "#!/bin/sh\ncat >> \"$1\"\necho >> \"$1\"\n");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    let taken = watched.folder.path("taken");
    watched.folder.private("url", &format!("{}\n", slack.url));
    watched.folder.write(
        "watch.toml",
        &format!(
            "{}\n[[receiver]]\nname = 'hook'\nkind = 'webhook'\nurl = '{}'\n\n[[receiver]]\nname = 'slack'\nkind = 'slack'\n\
             url_file = 'url'\n\n[[receiver]]\nname = 'mail'\nkind = 'mail'\nserver = '127.0.0.1'\nport = {}\nsecurity = 'none'\n\
             from = 'poolkeeper@example.com'\nto = ['ops@example.com', 'Ann <ann@example.com>']\n\n\
             [[receiver]]\nname = 'script'\nkind = 'command'\ncommand = ['{script}', '{taken}']\n",
            rule("'hook', 'slack', 'mail', 'script'"),
            hook.url,
            store.port
        ),
    );
    let first = watched.once();
    assert_eq!(first.code, Some(0), "{}", first.err);
    watched.days(6);
    let noted = watched.noted();
    assert!(noted.len() > 5, "{noted:?}");
    let once = |messages: &[Value]| {
        let ids: Vec<String> = messages.iter().flat_map(notice_ids).collect();
        assert_eq!(ids.len(), noted.len());
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), noted);
    };
    once(&hook.messages());
    for (message, key) in hook.messages().iter().zip(hook.keys()) {
        assert_eq!(message["id"], key.as_str());
        let notice = &message["notices"][0];
        assert!(
            notice["title"].is_string() && notice["kind"].is_string() && notice["at"].is_string(),
            "{notice}"
        );
    }
    let script: Vec<Value> = std::fs::read_to_string(&taken)
        .expect("what the program took")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    once(&script);
    // Slack and e-mail are for people: as many messages, the same titles.
    assert_eq!(slack.messages().len(), hook.messages().len());
    assert_eq!(store.mails().len(), hook.messages().len());
    for ((shown, mail), message) in slack.messages().iter().zip(store.mails()).zip(hook.messages()) {
        assert_eq!(shown["text"], message["subject"]);
        assert_eq!(shown["blocks"][0]["type"], "section");
        assert!(
            mail.contains(".poolkeeper@example.com>") && mail.contains("To: ops@example.com"),
            "{mail}"
        );
    }
    let ids: BTreeSet<String> = store
        .mails()
        .iter()
        .filter_map(|mail| {
            mail.lines()
                .find(|line| line.starts_with("Message-ID:"))
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(ids.len(), store.mails().len(), "each message has its own");
    assert!(!watched.state().contains("T0SECRET"));
}

#[test]
fn a_receiver_that_refuses_or_hangs_gets_the_same_message_later() {
    let hook = Hook::start();
    let receiver = format!(
        "[[receiver]]\nname = 'hook'\nkind = 'webhook'\ntimeout_seconds = 1\nurl = '{}'\n",
        hook.url
    );
    let watched = Watched::new("refuses", &format!("{}\n{receiver}", rule("'hook'")));
    let mut refused = 0;
    for status in [500, NEVER, 302, 200] {
        hook.set(status);
        watched.advance(7_200);
        let ran = watched.once();
        let expected = if status == 200 { 0 } else { 1 };
        assert_eq!(ran.code, Some(expected), "{status}: {}", ran.err);
        refused += u32::from(ran.err.contains("has not taken a message"));
    }
    assert_eq!(refused, 3);
    let (messages, keys) = (hook.messages(), hook.keys());
    assert!(
        keys.len() >= 4 && keys[..4].iter().all(|key| *key == keys[0]),
        "{keys:?}"
    );
    assert!(messages[..4].iter().all(|message| *message == messages[0]));
    // Nothing is sent again.
    assert_eq!(watched.once().code, Some(0));
    assert_eq!(hook.keys(), keys);
}

#[test]
fn a_dry_run_prints_and_neither_stores_nor_sends() {
    let hook = Hook::start();
    let receiver = format!("[[receiver]]\nname = 'hook'\nkind = 'webhook'\nurl = '{}'\n", hook.url);
    let watched = Watched::new("dry", &format!("{}\n{receiver}", rule("'hook'")));
    let rules = watched.folder.path("watch.toml");
    let ran = watched.run(&[
        "--dry-run",
        "--at",
        &watched.now(),
        "--live",
        &watched.server.base,
        "--rules",
        &rules,
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.starts_with("To hook: "), "{}", ran.out);
    assert!(hook.received().is_empty() && watched.state().is_empty());
    assert!(!std::path::Path::new(&watched.folder.path("state/poolkeeper")).exists());
}

#[test]
fn one_process_uses_a_state_and_a_damaged_one_is_left_alone() {
    let watched = Watched::new("state", "");
    assert_eq!(watched.once().code, Some(0));
    let path = watched.folder.path("state/poolkeeper/watch");
    let mut bytes = std::fs::read(&path).expect("the state");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    let ran = watched.once();
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("damaged") && ran.err.contains("line"), "{}", ran.err);
    assert_eq!(std::fs::read(&path).expect("the state"), bytes);
}

#[test]
fn figures_are_served_while_it_watches() {
    let watched = Watched::new("figures", "");
    let args = ["--live", &watched.server.base, "--metrics", "127.0.0.1:0"];
    let mut child = watched.command(&args).spawn().expect("the program starts");
    let stderr = BufReader::new(child.stderr.take().expect("its log"));
    let mut lines = stderr.lines().map_while(Result::ok);
    let address = lines.find_map(|line| {
        let (_, rest) = line.split_once("http://")?;
        rest.strip_suffix("/metrics").map(str::to_owned)
    });
    let address = address.expect("where figures are");
    // Asked until the first look is over.
    let text = loop {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .expect("asked");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        if text.contains("poolkeeper_messages_waiting{") {
            break text;
        }
    };
    for series in [
        "poolkeeper_watch_up{account=\"",
        "poolkeeper_domains{account=\"",
        "poolkeeper_pool_ips{account=\"",
    ] {
        assert!(text.contains(series), "{series}: {text}");
    }
    child.kill().expect("ended");
    child.wait().expect("its end");
}
