//! `poolkeeper watch` as a user runs it, against `poolkeeper serve` and receivers that keep what they took.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

pub mod receivers;
mod running;
mod tools;

use crate::command_line::Ran;
use crate::console::program::{Folder, KEY};
use crate::serve::http::Http;
use crate::serve::process::Server;
use mailgun_pools::transport::{Body, Method, Request};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

/// A simulated account, and a folder for the rules and the state.
pub struct Watched {
    pub folder: Folder,
    pub server: Server,
    rules: String,
}

impl Watched {
    pub fn new(test: &str, rules: &str) -> Self {
        Self::of(test, rules, "127.0.0.1:0")
    }

    /// One whose server listens at an address.
    pub fn of(test: &str, rules: &str, listen: &str) -> Self {
        let folder = Folder::new(&format!("watch_{test}"));
        let rules = folder.write("watch.toml", rules);
        let account = ["--still", "--size", "150", "--seed", "5"];
        Self {
            folder,
            server: Server::start_at(listen, &account),
            rules,
        }
    }

    /// What the account's clock shows.
    pub fn now(&self) -> String {
        self.clock(&Request::new(Method::Get, "/_poolkeeper/clock"))
    }

    /// Moves the account's clock on.
    pub fn advance(&self, seconds: u32) -> String {
        self.clock(&Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", seconds.to_string()))
    }

    fn clock(&self, request: &Request) -> String {
        let answer = Http::new(&self.server.base).now(request).expect("an answer");
        let Body::Json(shown) = answer.body else {
            panic!("{answer:?}")
        };
        shown["now"].as_str().expect("a time").to_owned()
    }

    /// The program, about to watch.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poolkeeper"));
        command
            .arg("watch")
            .args(args)
            .env_clear()
            .env("MAILGUN_API_KEY", KEY)
            .env("XDG_STATE_HOME", self.folder.path("state"))
            .env("XDG_CONFIG_HOME", self.folder.path("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let ran = Ran::of(self.command(args).output().expect("the program runs"));
        for secret in [KEY, "T0SECRET"] {
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "a secret is shown"
            );
        }
        ran
    }

    /// One look at the account's own time.
    pub fn once(&self) -> Ran {
        let (now, base) = (self.now(), self.server.base.clone());
        self.run(&["--once", "--at", &now, "--live", &base, "--rules", &self.rules])
    }

    /// A look each day, for some days.
    pub fn days(&self, days: u32) {
        for _ in 0..days {
            self.advance(86_400);
            let ran = self.once();
            assert_eq!(ran.code, Some(0), "{}", ran.err);
        }
    }

    pub fn state(&self) -> String {
        std::fs::read_to_string(self.folder.path("state/poolkeeper/watch")).unwrap_or_default()
    }

    /// The identifiers of all notices in the file.
    pub fn noted(&self) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for line in self.state().lines().skip(1) {
            let text = line.splitn(4, ' ').nth(3).expect("an entry");
            let entry: Value = serde_json::from_str(text).expect("JSON");
            let notices = entry["looked"]["notices"].as_array().cloned().unwrap_or_default();
            ids.extend(
                notices
                    .iter()
                    .map(|told| told["notice"]["id"].as_str().expect("an identifier").to_owned()),
            );
        }
        ids
    }
}

/// The identifiers of the notices of a message.
pub fn notice_ids(message: &Value) -> BTreeSet<String> {
    let notices = message["notices"].as_array().cloned().unwrap_or_default();
    notices
        .iter()
        .map(|notice| notice["id"].as_str().expect("an identifier").to_owned())
        .collect()
}
