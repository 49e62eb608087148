//! The lab on the command line: the report is the library's, exit codes and messages are for scripts.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::health::{Metric, Policy, Preset};
use poolkeeper_ingest::{ImportLimits, Imported, Ingest};
use poolkeeper_lab::calibrate::HiddenThreshold;
use poolkeeper_lab::report::{LabReport, ReportResult, TrafficDescription, TrafficOrigin, affected_csv, html};
use poolkeeper_lab::sweep::{Axis, AxisParam, GoodThreshold, Sweep, SweepOutcome, SweepOutcomes};
use poolkeeper_lab::{IpCapacity, Lab, LabJob, PerBand, ReplayOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

pub const CSV: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/daily-counts.csv");

/// A folder of this test's own.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("command_line_{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).unwrap();
        self.path(name)
    }

    pub fn policy(&self, name: &str, policy: &Policy) -> String {
        self.write(name, &serde_json::to_string(policy).unwrap())
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Names of the files in it, in order.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// How a run ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// What it printed, as JSON.
    pub fn json(&self) -> serde_json::Value {
        let parsed = serde_json::from_str(&self.out);
        assert!(parsed.is_ok(), "{parsed:?}: {} {}", self.out, self.err);
        parsed.unwrap()
    }
}

fn run_with(args: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || {
        // A program that fails early does not read to the end.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    Ran::of(output)
}

pub fn run(args: &[&str]) -> Ran {
    run_with(args, b"")
}

pub fn done(args: &[&str]) -> Ran {
    let ran = run(args);
    assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
    ran
}

/// `compare` of the default policy with another.
pub fn compare<'a>(csv: &'a str, against: &'a str) -> [&'a str; 7] {
    [
        "compare",
        "--csv",
        csv,
        "--policy",
        "preset:default",
        "--against",
        against,
    ]
}

/// A failure: exit code 1, nothing on standard output, and a message that says all of this.
pub fn fails(args: &[&str], says: &[&str]) {
    let ran = run(args);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{args:?}: {}", ran.err);
    let last = ran
        .err
        .lines()
        .find(|line| line.starts_with("poolkeeper: "))
        .unwrap_or_default();
    for part in says {
        assert!(ran.err.contains(part), "{args:?}: {last}");
    }
}

/// A command line that makes no sense: exit code 2.
pub fn makes_no_sense(args: &[&str], says: &str) {
    let ran = run(args);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}: {}", ran.err);
    assert!(ran.err.contains(says), "{args:?}: {}", ran.err);
}

fn imported() -> Imported {
    let mut ingest = Ingest::new(ImportLimits::default());
    ingest.feed(&std::fs::read(CSV).unwrap()).unwrap();
    ingest.finish().unwrap()
}

fn library(name: &str, job: &LabJob) -> LabReport {
    let imported = imported();
    let table = Arc::new(imported.table);
    let mut lab = Lab::new(Arc::clone(&table), None);
    let outcome = lab.run(job, &mut |_| ControlFlow::Continue(())).unwrap();
    let origin = TrafficOrigin::File { name: name.to_owned() };
    let report = LabReport::of(&TrafficDescription::of(origin, &table, None), &table, job, &outcome).unwrap();
    LabReport {
        import: Some(imported.report.summary()),
        ..report
    }
}

fn strict() -> Policy {
    Policy {
        minimum_processed: 4_000,
        window_days: 14,
        ..Preset::by_id("mailgun-guidance").map_or_else(Policy::default, Preset::policy)
    }
}

#[test]
fn a_backtests_report_is_the_librarys_to_the_byte() {
    let folder = Folder::new("backtest");
    let policy = folder.policy("policy.json", &strict());
    let (json, page) = (folder.path("out.json"), folder.path("out.html"));
    let expected = library(
        "daily-counts.csv",
        &LabJob::Backtest {
            policy: strict(),
            options: ReplayOptions::default(),
        },
    );
    for threads in ["1", "2", "7"] {
        let ran = done(&[
            "backtest",
            "--csv",
            CSV,
            "--policy",
            &policy,
            "--json",
            &json,
            "--html",
            &page,
            "--threads",
            threads,
        ]);
        assert_eq!(folder.read("out.json"), expected.to_json(), "{threads} threads");
        assert_eq!(folder.read("out.html"), html(&expected), "{threads} threads");
        assert!(ran.out.starts_with("Domains end "), "{}", ran.out);
        assert!(
            ran.err
                .contains("poolkeeper: daily-counts.csv: 5,688 rows of 50 domains over 120 days"),
            "{}",
            ran.err
        );
    }
    // Nothing half written is left.
    assert_eq!(folder.files(), ["out.html", "out.json", "policy.json"]);
}

#[test]
fn a_comparisons_report_is_the_librarys_and_its_sentences_are_said() {
    let folder = Folder::new("compare");
    let against = folder.policy("b.json", &strict());
    let (json, affected) = (folder.path("out.json"), folder.path("affected.csv"));
    let ran = done(&[
        "compare",
        "--csv",
        CSV,
        "--policy",
        "preset:default",
        "--against",
        &against,
        "--json",
        &json,
        "--affected",
        &affected,
        "--ips",
        "good=3,poor=1,new=2",
        "--limit",
        "15000",
    ]);
    let expected = library(
        "daily-counts.csv",
        &LabJob::Compare {
            a: Policy::default(),
            b: strict(),
            options: ReplayOptions::default(),
            ips: Some(IpCapacity {
                not_warming: PerBand {
                    good: 3,
                    poor: 1,
                    new: 2,
                },
                limit_per_day: 15_000,
            }),
        },
    );
    assert_eq!(folder.read("out.json"), expected.to_json());
    assert_eq!(folder.read("affected.csv"), affected_csv(&expected));
    let ReportResult::Compare { sentences, .. } = &expected.result else {
        panic!("{:?}", expected.result);
    };
    assert!(!sentences.is_empty());
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), *sentences);
}

#[test]
fn a_sweeps_report_is_the_librarys() {
    let folder = Folder::new("sweep");
    let json = folder.path("out.json");
    let mut args = vec![
        "sweep",
        "--csv",
        CSV,
        "--policy",
        "preset:default",
        "--x",
        "bounce-poor=50%:2%..50%:20:log",
        "--y",
        "minimum:0,500,1000,20000",
        "--outcomes",
        "days-poor,moves",
        "--json",
        &json,
    ];
    let sweep = |outcomes: &[SweepOutcome]| {
        Box::new(Sweep {
            base: Policy::default(),
            x: Axis::logarithmic(
                AxisParam::PoorAtLeast {
                    metric: Metric::BounceRate,
                    good: GoodThreshold::Tied { share_ppm: 500_000 },
                },
                20_000,
                500_000,
                20,
            ),
            y: Axis {
                knob: AxisParam::MinimumProcessed,
                values: vec![0, 500, 1_000, 20_000],
            },
            outcomes: outcomes.iter().copied().collect::<SweepOutcomes>(),
            days: None,
        })
    };
    let two = [SweepOutcome::ALL[4], SweepOutcome::Moves];
    let job = |sweep, a, split_day| LabJob::Sweep {
        sweep,
        options: ReplayOptions::default(),
        a,
        split_day,
        domains: None,
    };
    done(&args);
    let expected = library("daily-counts.csv", &job(sweep(&two), None, None));
    assert_eq!(folder.read("out.json"), expected.to_json());
    // The sweep of a report, given back as a file.
    let ReportResult::Sweep { sweep: held, .. } = &expected.result else {
        panic!("{:?}", expected.result);
    };
    let file = folder.write("sweep.json", &serde_json::to_string(held).unwrap());
    done(&[
        "sweep",
        "--csv",
        CSV,
        "--sweep",
        &file,
        "--json",
        &json,
        "--threads",
        "3",
    ]);
    assert_eq!(folder.read("out.json"), expected.to_json());

    let a = folder.policy("a.json", &strict());
    args.extend(["--against", &a, "--split-day", "60"]);
    done(&args);
    let three = [SweepOutcome::ALL[4], SweepOutcome::Moves, SweepOutcome::EndingDiffers];
    let expected = library("daily-counts.csv", &job(sweep(&three), Some(strict()), Some(60)));
    assert_eq!(folder.read("out.json"), expected.to_json());
    assert!(matches!(expected.result, ReportResult::Holdout { .. }));
}

#[test]
fn standard_input_and_output_take_part() {
    let counts = std::fs::read(CSV).unwrap();
    let args = ["backtest", "--csv", "-", "--policy", "preset:default", "--json", "-"];
    let ran = run_with(&args, &counts);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let expected = library(
        "standard input",
        &LabJob::Backtest {
            policy: Policy::default(),
            options: ReplayOptions::default(),
        },
    );
    assert_eq!(ran.out, expected.to_json());
    let quiet = run_with(&[&args[..5], &["--quiet"]].concat(), &counts);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (Some(0), "", ""));
}

#[test]
fn calibrate_finds_the_policy_behind_a_history() {
    let folder = Folder::new("calibrate");
    let hidden = Policy::default();
    let policy = folder.policy("policy.json", &hidden);
    let (json, found) = (folder.path("out.json"), folder.path("found.json"));
    let ran = done(&[
        "calibrate",
        "--csv",
        CSV,
        "--policy",
        &policy,
        "--json",
        &json,
        "--found",
        &found,
    ]);
    let report = LabReport::from_json(&folder.read("out.json")).unwrap();
    let ReportResult::Calibrate(calibration) = &report.result else {
        panic!("{:?}", report.result);
    };
    assert!(
        calibration.observations >= 84 && calibration.contradictions.is_empty(),
        "{calibration:?}"
    );
    let bounce = hidden.bounce.unwrap();
    for (threshold, truth) in [
        (HiddenThreshold::BounceGoodAtMost, u64::from(bounce.good_at_most_ppm)),
        (HiddenThreshold::BouncePoorAtLeast, u64::from(bounce.poor_at_least_ppm)),
        (HiddenThreshold::MinimumProcessed, hidden.minimum_processed),
    ] {
        let interval = calibration.interval(threshold).unwrap();
        assert!(interval.contains(truth) && interval.at_least > 0, "{interval:?}");
    }
    // The hidden policy is allowed, so nothing has to move.
    assert_eq!(
        serde_json::from_str::<Policy>(&folder.read("found.json")).unwrap(),
        hidden
    );
    assert!(ran.out.starts_with("bounce good_at_most_ppm: "), "{}", ran.out);

    // A saved answer of the service, its public example by hand: 25 % bounces are poor.
    let history = folder.write(
        "history.json",
        r#"{"items": [{"domain_name": "a.example", "new_band": "dynamic_poor", "prev_band": "dynamic_good",
            "reason": "bounce_rate in poor threshold", "bounce_rate": 0.25, "complaint_rate": 0.0002,
            "processed_count": 25000, "initiated_by": "system", "timestamp": "2026-04-01T00:00:00Z"}],
            "total": 1, "paging": {}}"#,
    );
    done(&["calibrate", "--history", &history, "--json", &json]);
    let report = LabReport::from_json(&folder.read("out.json")).unwrap();
    let ReportResult::Calibrate(calibration) = &report.result else {
        panic!("{:?}", report.result);
    };
    assert_eq!(calibration.observations, 1);
    // Known to two decimals.
    assert_eq!(
        calibration
            .interval(HiddenThreshold::BouncePoorAtLeast)
            .unwrap()
            .at_most,
        Some(260_000)
    );
}

#[test]
fn what_cannot_be_done_is_said_and_ends_in_1() {
    let folder = Folder::new("failures");
    let json = folder.path("out.json");
    let backtest = |csv: &str, policy: &str, says: &[&str]| {
        fails(&["backtest", "--csv", csv, "--policy", policy, "--json", &json], says);
    };
    backtest("no-such.csv", "preset:default", &["reading no-such.csv: No such file"]);
    backtest(CSV, "no-such.json", &["reading no-such.json: No such file"]);
    backtest(CSV, "preset:nothing", &["there is no preset “nothing”", "default"]);
    let senseless = Policy {
        window_days: 91,
        ..Policy::default()
    };
    let policy = folder.policy("senseless.json", &senseless);
    backtest(CSV, &policy, &["senseless.json: window_days: 91 is out of range"]);
    let text = serde_json::to_string(&Policy::default())
        .unwrap()
        .replace("window_days", "windows");
    let policy = folder.write("unknown.json", &text);
    backtest(CSV, &policy, &["reading ", "unknown.json", "windows"]);
    backtest(&folder.write("empty.csv", ""), "preset:default", &["The file is empty"]);
    let other = folder.write("other.csv", "a,b\n1,2\n");
    backtest(&other, "preset:default", &["names no column"]);
    let unwritable = folder.path("no/such/folder/out.json");
    fails(
        &[
            "backtest",
            "--csv",
            CSV,
            "--policy",
            "preset:default",
            "--json",
            &unwritable,
        ],
        &["writing ", "No such file"],
    );
    fails(
        &["sweep", "--csv", CSV, "--policy", "preset:gmail-yahoo", "--json", &json],
        &["invalid map: x: ", "turned off"],
    );
    fails(
        &["calibrate", "--history", &folder.write("empty.json", "[]")],
        &["there is nothing to read"],
    );
    fails(
        &["calibrate", "--history", &folder.write("text.json", "no JSON")],
        &["reading ", "text.json: "],
    );
    assert!(!Path::new(&json).exists());
}

#[test]
fn rejected_rows_are_said_and_fatal_only_when_asked() {
    let folder = Folder::new("rejected");
    let csv = folder.write(
        "rows.csv",
        "date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,10,9,1,0\n2026-04-02,a.example,n/a,9,1,0\n",
    );
    let json = folder.path("out.json");
    let args = ["backtest", "--csv", &csv, "--policy", "preset:default", "--json", &json];
    let ran = done(&args);
    assert!(
        ran.err.contains("1 row rejected; ") && ran.err.contains("line 3: processed “n/a”"),
        "{}",
        ran.err
    );
    std::fs::remove_file(&json).unwrap();
    fails(&[&args[..], &["--strict"]].concat(), &["line 3: processed “n/a”"]);
    assert!(!Path::new(&json).exists());
}

#[test]
fn a_command_line_that_makes_no_sense_ends_in_2() {
    makes_no_sense(&["--no-open", "no-such-command"], "no-such-command");
    makes_no_sense(&["backtest"], "--csv <FILE>");
    makes_no_sense(&["compare", "--csv", CSV, "--policy", "preset:default"], "--against");
    let compare = ["compare", "--csv", CSV, "--policy", "a", "--against", "b"];
    makes_no_sense(&[&compare[..], &["--ips", "good=1"]].concat(), "good=3,poor=1,new=2");
    makes_no_sense(&[&compare[..], &["--ips", "good=1,poor=1,new=1"]].concat(), "--limit");
    makes_no_sense(&["sweep", "--csv", CSV], "--policy");
    makes_no_sense(
        &["sweep", "--csv", CSV, "--policy", "p", "--x", "volume:1..2:3"],
        "there is no parameter",
    );
    makes_no_sense(&["calibrate"], "--history");
    makes_no_sense(&["calibrate", "--csv", CSV], "--policy");
    makes_no_sense(
        &["backtest", "--csv", CSV, "--policy", "p", "--threads", "0"],
        "--threads",
    );
}

/// The most memory a backtest of a file took, in bytes, as it says itself; and the rows it read.
fn peak_of(rows: &str, repeats: usize) -> (u64, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
        .args(["backtest", "--csv", "-", "--policy", "preset:default", "--threads", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(b"date,domain,processed,delivered,bounced,complained\n")
        .unwrap();
    for _ in 0..repeats {
        stdin.write_all(rows.as_bytes()).unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let peak = said
        .lines()
        .find_map(|line| line.strip_prefix("poolkeeper: peak memory "));
    let peak = peak.and_then(|peak| peak.strip_suffix(" MB")?.parse::<u64>().ok());
    (peak.expect(&said), said)
}

/// Memory goes with the domain-days held, not with the rows of the file: forty times the rows that add up to the same days
/// take what once takes.
#[test]
#[cfg(target_os = "linux")]
fn memory_goes_with_the_days_held_and_not_with_the_rows() {
    let grid = |domains: u32, days: u32| -> String {
        let cells = (1..=days).flat_map(|day| (0..domains).map(move |domain| (domain, day)));
        cells
            .map(|(domain, day)| format!("2026-01-{day:02},d{domain}.example,100,98,2,0\n"))
            .collect()
    };
    let held = grid(10_000, 5);
    let (once, _) = peak_of(&held, 1);
    let (many, said) = peak_of(&held, 40);
    assert!(said.contains("50,000 rows of 10,000 domains over 5 days"), "{said}");
    assert!(said.contains("1,950,000 rows repeat an earlier row"), "{said}");
    println!("50 000 rows: {once} MB at most; 2 000 000 rows of the same days: {many} MB");
    assert!(many <= once + once / 10, "{once} MB, {many} MB");
    // What it does go with: a domain-day takes its sixteen bytes and some while the table is made.
    let (more, _) = peak_of(&grid(60_000, 31), 1);
    println!("1 860 000 rows of as many days: {more} MB");
    assert!(
        more > 2 * once && more - once <= 1_860_000 * 32 / 1_048_576 + 60_000 * 400 / 1_048_576,
        "{once} MB, {more} MB"
    );
}
