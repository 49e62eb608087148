//! What belongs to watching: counts, replay, scores, Mailgun's own alerts, and the examples of the documents.

use super::Watched;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[test]
fn kept_counts_are_a_csv_that_the_lab_reads() {
    let watched = Watched::new("counts", "");
    assert_eq!(watched.once().code, Some(0));
    watched.days(2);
    let ran = watched.run(&["counts", "--live", &watched.server.base]);
    assert!(
        ran.out
            .starts_with("date,domain,processed,delivered,bounced,complained\r\n"),
        "{}",
        ran.out
    );
    let csv = watched.folder.write("counts.csv", &ran.out);
    let mut backtest = Command::new(env!("CARGO_BIN_EXE_poolkeeper"));
    let read = backtest
        .args(["backtest", "--csv", &csv, "--policy", "preset:default"])
        .output();
    let read = read.expect("the program runs");
    let said = String::from_utf8_lossy(&read.stderr).into_owned();
    // 35 days at first, and two more.
    assert!(read.status.success() && said.contains("over 37 days"), "{said}");
}

#[test]
fn replay_says_how_often_it_would_have_warned() {
    let watched = Watched::new("replay", "");
    let ran = watched.run(&[
        "replay",
        "--days",
        "60",
        "--at",
        &watched.now(),
        "--live",
        &watched.server.base,
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("about_to_fall would have warned"), "{}", ran.out);
    assert!(
        ran.out.contains("before a fall") && ran.out.contains("| 7 | 50,000 |"),
        "{}",
        ran.out
    );
    assert!(watched.state().is_empty(), "nothing is stored");
}

#[test]
fn scores_are_a_table_with_two_baselines() {
    let watched = Watched::new("score", "");
    let ran = watched.run(&["score", "--size", "30", "--seeds", "1"]);
    let rows: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 5, "{}", ran.out);
    assert!(rows[4].starts_with("| no warnings | 0 | 0 |"), "{}", ran.out);
}

#[test]
fn limits_are_mailguns_own_alerts() {
    let watched = Watched::new("alerts", "");
    let ran = watched.run(&[
        "send-alerts",
        "--policy",
        "preset:mailgun-guidance",
        "--good",
        "--channels",
        "email,slack",
    ]);
    let alerts: Value = serde_json::from_str(&ran.out).expect("JSON");
    let alerts = alerts.as_array().expect("a list");
    assert_eq!(alerts.len(), 4);
    // 5 % bounces and 0.3 % complaints are poor in that policy.
    assert_eq!(
        (&alerts[0]["metric"], &alerts[0]["limit"]),
        (&Value::from("hard_bounce_rate"), &Value::from("5"))
    );
    assert_eq!(
        (&alerts[2]["metric"], &alerts[2]["limit"]),
        (&Value::from("complained_rate"), &Value::from("0.3"))
    );
    assert_eq!(alerts[1]["comparator"], ">");
    assert!(
        ran.err.contains("soft bounces") && ran.err.contains("10,000"),
        "{}",
        ran.err
    );
}

/// The lines of a document's examples that begin with `poolkeeper watch`.
fn examples() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/watch.md");
    let text = std::fs::read_to_string(path).expect("the document");
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    let commands = lines.filter_map(|line| line.split_once("poolkeeper watch").map(|(_, rest)| rest));
    commands
        .map(|rest| {
            let command = rest.split(['#', '>', '&']).next().unwrap_or_default();
            command.split_whitespace().map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn the_examples_are_understood_and_every_command_has_help() {
    let watched = Watched::new("examples", "");
    let examples = examples();
    assert!(examples.len() > 6, "{examples:?}");
    for example in examples {
        let mut args: Vec<&str> = example.iter().map(String::as_str).collect();
        args.push("--help");
        let ran = watched.run(&args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        assert!(ran.out.contains("Usage: poolkeeper watch"), "{args:?}: {}", ran.out);
    }
}

#[test]
fn the_example_of_rules_is_read() {
    let watched = Watched::new("example_rules", "");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hosting/watch.toml");
    let text = std::fs::read_to_string(path).expect("the example");
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/watch.md");
    let document = std::fs::read_to_string(document).expect("the document");
    let shown: String = text
        .lines()
        .skip(1)
        .map(|line| format!("    {line}\n").replace("    \n", "\n"))
        .collect();
    assert!(
        document.contains(&shown),
        "docs/watch.md shows other rules than docs/hosting/watch.toml"
    );
    let rules = watched.folder.write("rules/watch.toml", &text);
    watched.folder.private("rules/smtp-password", "swordfish\n");
    let args = [
        "--dry-run",
        "--at",
        &watched.now(),
        "--live",
        &watched.server.base,
        "--rules",
        &rules,
    ];
    let without = watched.run(&args);
    assert!(without.err.contains("set SLACK_URL"), "{}", without.err);
    let ran = watched
        .command(&args)
        .env("SLACK_URL", "https://hooks.example/T0SECRET")
        .output();
    let ran = ran.expect("the program runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
