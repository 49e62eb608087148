//! `poolkeeper watch`, which is killed at any moment of a simulated month.

use super::{Steps, report, tries};
use crate::serve::keeping::asked;
use crate::watch::receivers::Hook;
use crate::watch::{Watched, notice_ids};
use mailgun_pools::transport::{Method, Request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Passes connections on to a server, and says when bytes are sent to it.
fn passing(target: String) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (sent, seen) = channel();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(&target) else {
                continue;
            };
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let sent = sent.clone();
            thread::spawn(move || pass(from, to, Some(&sent)));
            thread::spawn(move || pass(server, client, None));
        }
    });
    (base, seen)
}

fn pass(mut from: TcpStream, mut to: TcpStream, sent: Option<&Sender<()>>) {
    let mut chunk = [0; 16_384];
    while let Ok(count) = from.read(&mut chunk) {
        if count == 0 || to.write_all(&chunk[..count]).is_err() {
            break;
        }
        if let Some(sent) = sent {
            let _ = sent.send(());
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The moves after an instant, by the account's own history: domain and time.
fn moves(watched: &Watched, after: &str) -> BTreeSet<(String, String)> {
    let mut moves = BTreeSet::new();
    let mut query = Request::new(Method::Get, "/v1/dynamic_pools/history")
        .query("limit", "100")
        .query("include_subaccounts", "true");
    loop {
        let page = asked(&watched.server, &query);
        for record in page["items"].as_array().unwrap() {
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            let is_move = !text("prev_band").is_empty() && text("prev_band") != text("new_band");
            let at = instant(&text("timestamp"));
            if is_move && at > instant(after) {
                moves.insert((text("domain_name"), at));
            }
        }
        let next = page["paging"]["Next"]
            .as_str()
            .or(page["paging"]["next"].as_str())
            .unwrap_or_default();
        let Some((path, pairs)) = next
            .split_once('?')
            .filter(|_| !page["items"].as_array().unwrap().is_empty())
        else {
            return moves;
        };
        let path = &path[path.find("/v1/").unwrap()..];
        query = Request::new(Method::Get, path);
        for (key, value) in form_urlencoded::parse(pairs.as_bytes()) {
            query = query.query(&key, value.into_owned());
        }
    }
}

/// An instant in one form, so that texts compare.
fn instant(text: &str) -> String {
    let at: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
    at.to_rfc3339()
}

fn told(messages: &[Value]) -> Vec<(String, String)> {
    let notices = messages
        .iter()
        .flat_map(|message| message["notices"].as_array().unwrap().clone());
    let moves = notices.filter(|notice| notice["kind"] == "fell" || notice["kind"] == "rose");
    moves
        .map(|notice| {
            (
                notice["subject"].as_str().unwrap().to_owned(),
                instant(notice["at"].as_str().unwrap()),
            )
        })
        .collect()
}

#[test]
fn watch_loses_and_doubles_nothing_when_it_is_killed() {
    let times = tries(4, 200);
    let hook = Hook::start();
    let rules = format!(
        "[watch]\npolicy = 'preset:default'\ninterval_minutes = 240\n[[receiver]]\nname = 'hook'\nkind = 'webhook'\nurl = '{}'\n\
         [[rule]]\nname = 'all'\nto = ['hook']\n",
        hook.url
    );
    // It answers to any name: through the passage its port is another.
    let watched = Watched::of("torture", &rules, "0.0.0.0:0");
    let (base, seen) = passing(watched.server.address());
    let rules = watched.folder.path("watch.toml");
    let begun = watched.now();
    let args = |days: &'static str| {
        [
            "--live",
            base.as_str(),
            "--rules",
            rules.as_str(),
            "--simulated-days",
            days,
        ]
        .map(str::to_owned)
    };
    // The first look is the beginning of what is news.
    let first = watched
        .command(&args("0").each_ref().map(String::as_str))
        .output()
        .unwrap();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let mut steps = Steps(13);
    for _ in 0..times {
        while seen.try_recv().is_ok() {}
        let mut command = watched.command(&args("30").each_ref().map(String::as_str));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..=steps.below(120) {
            seen.recv().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = watched
        .command(&args("10").each_ref().map(String::as_str))
        .output()
        .unwrap();
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    // A message that was taken while the program was killed may have come again: as itself.
    let mut by_id: BTreeMap<String, Value> = BTreeMap::new();
    let (mut again, mut in_all) = (0, 0);
    for message in hook.messages() {
        let id = message["id"].as_str().unwrap().to_owned();
        in_all += 1;
        match by_id.get(&id) {
            Some(known) => {
                assert_eq!(*known, message);
                again += 1;
            }
            None => {
                by_id.insert(id, message);
            }
        }
    }
    let messages: Vec<Value> = by_id.into_values().collect();
    let ids: Vec<String> = messages.iter().flat_map(notice_ids).collect();
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "a notice is in two messages"
    );
    let told = told(&messages);
    let moves = moves(&watched, &begun);
    assert_eq!(told.iter().cloned().collect::<BTreeSet<_>>(), moves);
    assert_eq!(told.len(), moves.len(), "a move is told twice");
    assert!(moves.len() > 3, "{moves:?}");
    report(
        "kill -9 of watch in the middle of looks and messages",
        times,
        &format!(
            "each of {} moves told once; of {in_all} messages {again} came again, with their identifier",
            moves.len()
        ),
    );
}
