//! What the lab's commands refuse before they begin, what they never overwrite, and what they never print.

#![cfg(unix)]

use crate::command_line::{self, CSV, Folder, Ran, done, fails, makes_no_sense, run};
use poolkeeper_core::health::Policy;
use poolkeeper_lab::report::{LabReport, ReportResult};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

/// A small file of counts.
const COUNTS: &str = "date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,10,9,1,0\n";

/// Longer than any message may be. A command line may have arguments of 128 KB.
fn long() -> String {
    "x".repeat(100_000)
}

fn is_short_and_says(ran: &Ran, code: i32, parts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.err);
    assert!(
        ran.err.chars().count() < 2_300,
        "{} characters",
        ran.err.chars().count()
    );
    for part in parts {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn an_axis_has_at_most_as_many_values_as_a_map_may_have() {
    let sweep = |axis: &str, says: &str| {
        makes_no_sense(
            &["sweep", "--csv", CSV, "--policy", "preset:default", "--x", axis],
            says,
        );
        makes_no_sense(
            &["sweep", "--csv", CSV, "--policy", "preset:default", "--y", axis],
            says,
        );
    };
    for steps in [
        "18446744073709551615",
        "18446744073709551616",
        "1000000000",
        "10001",
        "0",
        "-1",
    ] {
        for scale in ["", ":log"] {
            sweep(
                &format!("bounce-poor:2%..50%:{steps}{scale}"),
                "enter a whole number from 1 to 10,000",
            );
        }
    }
    let values = vec!["5"; 10_001].join(",");
    sweep(&format!("minimum:{values}"), "give 10,000 at most");
}

#[test]
fn threads_have_a_bound() {
    let backtest = ["backtest", "--csv", CSV, "--policy", "preset:default", "--threads"];
    for threads in ["0", "257", "100000", "18446744073709551615"] {
        makes_no_sense(
            &[&backtest[..], &[threads]].concat(),
            "enter a whole number from 1 to 256",
        );
    }
    done(&[&backtest[..], &["256"]].concat());
}

#[test]
fn a_file_that_is_read_is_not_written_by_whatever_name() {
    let folder = Folder::new("inputs");
    let csv = folder.write("k.csv", COUNTS);
    fs::hard_link(&csv, folder.path("hard.csv")).unwrap();
    symlink("k.csv", folder.path("soft.csv")).unwrap();
    symlink(".", folder.path("here")).unwrap();
    let before = folder.files();
    for name in ["k.csv", "./k.csv", "hard.csv", "soft.csv", "here/k.csv"] {
        for option in ["--json", "--html"] {
            let args = [
                "backtest",
                "--csv",
                &csv,
                "--policy",
                "preset:default",
                option,
                &folder.path(name),
            ];
            fails(&args, &[option, name, "this command reads that file; name another"]);
        }
    }
    assert_eq!(folder.read("k.csv"), COUNTS);
    assert!(fs::symlink_metadata(folder.path("soft.csv")).unwrap().is_symlink());

    // Each option that reads, with one that writes.
    let other = folder.write("other.json", "{}");
    for args in [
        &["backtest", "--csv", CSV, "--policy", &other, "--json", &other][..],
        &[
            "compare",
            "--csv",
            CSV,
            "--policy",
            "p",
            "--against",
            &other,
            "--affected",
            &other,
        ],
        &[
            "sweep",
            "--csv",
            CSV,
            "--policy",
            "p",
            "--against",
            &other,
            "--html",
            &other,
        ],
        &["sweep", "--csv", CSV, "--sweep", &other, "--json", &other],
        &["calibrate", "--history", &other, "--found", &other],
        &["calibrate", "--domains", &other, "--json", &other],
        &["calibrate", "--observations", &other, "--html", &other],
        &["calibrate", "--csv", &other, "--policy", "p", "--json", &other],
        &["calibrate", "--csv", CSV, "--policy", &other, "--found", &other],
    ] {
        fails(args, &["other.json: this command reads that file"]);
    }
    assert_eq!(folder.read("other.json"), "{}");
    fs::remove_file(other).unwrap();
    assert_eq!(folder.files(), before);
}

#[test]
fn each_result_has_a_place_of_its_own() {
    let folder = Folder::new("outputs");
    let csv = folder.write("k.csv", COUNTS);
    let compare = command_line::compare(&csv, "preset:mailjet");
    let with = |more: &[&str], says: &[&str]| fails(&[&compare[..], more].concat(), says);
    let out = folder.path("out");
    // Whether the file is there yet or not.
    for _ in 0..2 {
        let again = folder.path("./out");
        with(
            &["--json", &out, "--html", &again],
            &["--json and --html both write to ", "name another"],
        );
        with(
            &["--affected", &again, "--json", &out],
            &["--json and --affected both write to "],
        );
        folder.write("out", "");
    }
    let both = "both write to standard output; name a file for one of them";
    with(&["--json", "-", "--html", "-"], &["--json and --html", both]);
    with(&["--json", "-", "--affected", "-"], &["--json and --affected", both]);
    with(&["--json", &folder.path("")], &["writing ", "it is a folder"]);
    assert_eq!(
        (folder.files(), folder.read("out")),
        (vec!["k.csv".to_owned(), "out".to_owned()], String::new())
    );
    // What holds nothing may be named twice.
    done(&[&compare[..], &["--json", "/dev/null", "--html", "/dev/null"]].concat());
    // A table on standard output is the table alone.
    let ran = done(&[&compare[..], &["--affected", "-", "--json", &out]].concat());
    done(&[&compare[..], &["--affected", &folder.path("affected.csv")]].concat());
    assert_eq!(ran.out, folder.read("affected.csv"));
}

#[test]
fn a_link_beside_a_report_is_not_followed_and_runs_at_once_do_not_meet() {
    let folder = Folder::new("links");
    let csv = folder.write("k.csv", COUNTS);
    let precious = folder.write("precious", "precious");
    symlink(&precious, folder.path("out.json.part")).unwrap();
    let out = folder.path("out.json");
    let args = ["backtest", "--csv", &csv, "--policy", "preset:default", "--json"];
    let expected = done(&[&args[..], &["-"]].concat()).out;
    let runs: Vec<_> = (0..8)
        .map(|_| {
            Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
                .args(args)
                .arg(&out)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for run in runs {
        let ended = run.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    assert_eq!(folder.read("out.json"), expected);
    assert_eq!(folder.read("precious"), "precious");
    assert_eq!(folder.files(), ["k.csv", "out.json", "out.json.part", "precious"]);
    // A report that can't be put in its place leaves nothing behind.
    fails(&[&args[..], &["/dev/full"]].concat(), &["writing /dev/full"]);
}

#[test]
fn a_name_cannot_command_the_terminal_or_speak_for_the_program() {
    let folder = Folder::new("names");
    let red = "\u{1b}[31mred\u{9b}0m.csv";
    let shown = "\\u{1b}[31mred\\u{9b}0m.csv";
    let csv = folder.write(red, COUNTS);
    let missing = folder.path(&format!("no{red}"));
    let backtest = |csv: &str| run(&["backtest", "--csv", csv, "--policy", "preset:default"]);
    let forged = "poolkeeper: all is well";
    let ran = [
        (0, shown, backtest(&csv)),
        (1, shown, backtest(&missing)),
        (
            1,
            "no preset",
            run(&["backtest", "--csv", CSV, "--policy", "preset:\u{1b}[31m"]),
        ),
        (1, forged, backtest(&folder.path(&format!("a\n{forged}")))),
        (
            2,
            "no parameter",
            run(&["sweep", "--csv", CSV, "--policy", "p", "--x", "\u{1b}]0;x\u{7}:1%"]),
        ),
        (2, "red", run(&[red])),
    ];
    for (code, says, ran) in ran {
        assert_eq!(ran.code, Some(code), "{}", ran.err);
        assert!(ran.err.contains(says), "{says}: {}", ran.err);
        let is_control = |c: char| c.is_control() && c != '\n';
        assert!(!ran.err.contains(is_control), "{:?}", ran.err);
        assert!(!ran.err.lines().any(|line| line.starts_with(forged)), "{}", ran.err);
    }
}

#[test]
fn a_long_message_is_cut_and_keeps_its_subject_and_its_reason() {
    let folder = Folder::new("long");
    let policy = folder.write("long.json", &format!("{{\"{}\": 1}}", long()));
    let ran = run(&["backtest", "--csv", CSV, "--policy", &policy]);
    is_short_and_says(
        &ran,
        1,
        &[
            "poolkeeper: reading ",
            "long.json: line 1: unknown field",
            " characters cut",
            "line 1",
        ],
    );
    let ran = run(&["sweep", "--csv", CSV, "--policy", "p", "--x", &format!("{}:1%", long())]);
    is_short_and_says(
        &ran,
        2,
        &["error: invalid value", " characters cut", "choose one of bounce-poor"],
    );
    let ran = run(&["backtest", "--csv", &long(), "--policy", "preset:default"]);
    is_short_and_says(&ran, 1, &["poolkeeper: reading xxx", " characters cut", "too long"]);
}

#[test]
fn a_report_lists_ten_thousand_domains_at_most_and_none_in_its_short_form() {
    let folder = Folder::new("many");
    // Each is poor at 15 % bounces, unless its messages are too few to judge. The later ones have more messages.
    let row = |at: u64| format!("2026-04-01,d{at}.example,{0},{0},{1},0\n", 2_000 + at, 400 + at);
    let rows: String = (0..10_050).map(row).collect();
    let header = "date,domain,processed,delivered,bounced,complained\n";
    let csv = folder.write("k.csv", &format!("{header}{rows}"));
    let patient = folder.policy(
        "patient.json",
        &Policy {
            minimum_processed: 100_000,
            ..Policy::default()
        },
    );
    let (json, table) = (folder.path("r.json"), folder.path("r.csv"));
    let compare = |more: &[&str]| {
        let args = command_line::compare(&csv, &patient);
        done(&[&args[..], &["--json", &json], more].concat()).err
    };
    let said = compare(&["--affected", &table]);
    assert!(
        said.contains("the report does not list 50 affected domains; --affected writes all"),
        "{said}"
    );
    let text = folder.read("r.json");
    assert!(!text.contains("\"d49.example\"") && text.contains("\"d50.example\""));
    assert_eq!(folder.read("r.csv").lines().count(), 1 + 10_050);
    let report = LabReport::from_json(&text).unwrap();
    assert_eq!(report.not_listed(), 50);
    assert!(text.len() < 30_000_000, "{} bytes", text.len());
    let said = compare(&["--summary"]);
    assert!(!said.contains("does not list"), "{said}");
    let short = folder.read("r.json");
    assert!(short.len() < 20_000, "{} bytes", short.len());
    let short = LabReport::from_json(&short).unwrap();
    assert_eq!(short.not_listed(), 10_050);
    // What it says of all domains is the same.
    let sentences = |report: LabReport| match report.result {
        ReportResult::Compare { sentences, .. } => sentences,
        other => panic!("{other:?}"),
    };
    assert_eq!(sentences(short), sentences(report));
}
