//! Files in the shapes that people have, through the command line. The expected results are worked out by hand: three
//! domains of the default policy over 14 days.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use crate::command_line::{Folder, Ran, compare, done, fails, makes_no_sense, run};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Band;
use poolkeeper_lab::report::{LabReport, ReportResult};

fn data(name: &str) -> String {
    format!("{}/../../tests/data/imports/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs a command on a file and writes its report to `a.json` and `a.html`.
fn reported(command: &str, name: &str, folder: &Folder) -> Ran {
    let (file, json, page) = (data(name), folder.path("a.json"), folder.path("a.html"));
    let shared = [command, "--csv", &file, "--policy", "preset:default"];
    done(&[&shared[..], &["--json", &json, "--html", &page]].concat())
}

fn backtest(name: &str, more: &[&str]) -> (LabReport, Ran) {
    let folder = Folder::new(&format!("imports_{name}{}", more.concat()));
    let (file, json) = (data(name), folder.path("out.json"));
    let args = [
        "backtest",
        "--csv",
        &file,
        "--policy",
        "preset:default",
        "--json",
        &json,
    ];
    let ran = done(&[&args[..], more].concat());
    (LabReport::from_json(&folder.read("out.json")).expect("a report"), ran)
}

/// Domains that end in each band, moves, domain-days and messages in each band.
type Totals = ([u64; 3], u64, [u64; 3], [u64; 3]);

fn totals(report: &LabReport) -> Totals {
    let ReportResult::Backtest { summary, .. } = &report.result else {
        panic!("{:?}", report.result);
    };
    let totals = &summary.totals;
    let bands = [Band::Good, Band::Poor, Band::New];
    (
        bands.map(|band| *totals.ends_in.get(band)),
        totals.moves,
        bands.map(|band| *totals.domain_days.get(band)),
        bands.map(|band| *totals.messages.get(band)),
    )
}

/// alpha is good from 3 April, bravo poor from 2 April, charlie stays new.
const BASELINE: Totals = ([1, 1, 1], 2, [12, 13, 17], [4_400, 6_000, 2_900]);

#[test]
fn files_of_the_same_numbers_give_the_same_result() {
    for name in [
        "00-baseline.csv",
        "01-mailgun-metrics.json",
        "03-mailgun-api-names.csv",
        "08b-ses-vdm-long.csv",
        "09c-sparkpost-renamed-berlin.csv",
        "21-decimals-pandas.csv",
        "23-excel-us-dates.csv",
        "23b-excel-de-dates.csv",
        "25b-windows-1252.csv",
        "26b-sep-line-quoted.csv",
        "27c-daily-totals.csv",
        "28-preamble.csv",
        "38-two-exports-overlap.csv",
        "41-empty-means-zero.csv",
        "44b-typo-year-next.csv",
    ] {
        assert_eq!(totals(&backtest(name, &[]).0), BASELINE, "{name}");
    }
    // 04 has 24 rows a day, whose parts are rounded up to whole messages.
    assert_eq!(totals(&backtest("04-mailgun-hourly.csv", &[]).0).0, BASELINE.0);
}

#[test]
fn one_domain_of_several_kinds_of_files_is_good_from_3_april() {
    // One domain, two days new and then good: 12 days of 14.
    for (name, more) in [
        ("31-idn-two-spellings.csv", &[][..]),
        ("07b-sendgrid-stats.csv", &["--domain", "alpha.example"]),
        ("09-sparkpost-time-series.json", &["--domain", "alpha.example"]),
    ] {
        let (report, _) = backtest(name, more);
        let (ends, moves, days, _) = totals(&report);
        assert_eq!((ends, moves, days), ([1, 0, 0], 1, [12, 0, 2]), "{name}");
    }
    fails(
        &[
            "backtest",
            "--csv",
            &data("07b-sendgrid-stats.csv"),
            "--policy",
            "preset:default",
        ],
        &["No column names the sending domain", "--domain NAME"],
    );
}

#[test]
fn quiet_days_are_no_gaps() {
    let (with_gaps, ran) = backtest("41c-one-domain-loses-quiet-days.csv", &[]);
    let (with_zeros, _) = backtest("41d-same-with-zeros.csv", &[]);
    assert_eq!(totals(&with_gaps), totals(&with_zeros));
    // The first check finds enough mail, so the domain is good on all 28 days.
    let (ends, _, days, _) = totals(&with_gaps);
    assert_eq!((ends, days), ([1, 0, 0], [28, 0, 0]));
    assert!(
        ran.err.contains("Empty cells of complained count as 0, in "),
        "{}",
        ran.err
    );
}

#[test]
fn repeated_rows_are_kept_once_or_added() {
    let name = "38-two-exports-overlap.csv";
    let (kept, ran) = backtest(name, &["--repeated-rows", "keep-one"]);
    assert_eq!(totals(&kept), BASELINE);
    let said = "6 rows repeat an earlier row of their domain and day, and are left out.";
    assert!(
        ran.err.contains(said) && ran.err.contains("6 warnings; the first:"),
        "{}",
        ran.err
    );
    let import = kept.import.clone().expect("how the file was read");
    assert_eq!((import.rows, import.repeated, import.added), (42, 6, 0));
    assert!(import.notes.iter().any(|note| note == said));
    let (added, _) = backtest(name, &["--repeated-rows", "add"]);
    let processed = |report: &LabReport| report.traffic.as_ref().map(|traffic| traffic.coverage.totals.processed);
    // 14 days of 950 messages, and two of them twice.
    assert_eq!(processed(&kept), Some(14 * 950));
    assert_eq!(processed(&added), Some(16 * 950));
    makes_no_sense(
        &["backtest", "--csv", "x", "--policy", "y", "--repeated-rows", "twice"],
        "enter keep-one or add",
    );
}

#[test]
fn thousands_are_read_as_plain_numbers_are() {
    assert_eq!(
        totals(&backtest("20-thousands-us.csv", &[]).0),
        totals(&backtest("19-big-plain.csv", &[]).0)
    );
}

#[test]
fn months_need_a_word() {
    let file = data("05-mailgun-monthly.csv");
    let args = ["backtest", "--csv", &file, "--policy", "preset:default"];
    fails(&args, &["each row seems to be a month", "--months"]);
    let ran = done(&[&args[..], &["--months"]].concat());
    assert!(ran.err.contains("a whole month's mail or none"), "{}", ran.err);
}

#[test]
fn an_order_of_dates_can_be_given() {
    let folder = Folder::new("imports_order");
    let csv = folder.write(
        "one.csv",
        "date,domain,processed,delivered,bounced,complained\n4/1/2026,a.example,1,1,0,0\n",
    );
    let args = ["backtest", "--csv", &csv, "--policy", "preset:default"];
    fails(&args, &["“4/1/2026”", "--date-order day-first or month-first"]);
    let ran = done(&[&args[..], &["--date-order", "day-first"]].concat());
    assert!(ran.err.contains("Dates have the day first"), "{}", ran.err);
}

#[test]
fn warnings_are_printed_and_in_each_report() {
    let folder = Folder::new("imports_warnings");
    let ran = reported("backtest", "55b-soft-bounces-retried.csv", &folder);
    let line = "line 2: retry.example: more sent than processed (delivered 980, bounced 150, processed 1000)";
    assert!(
        ran.err.contains("7 warnings; the first:") && ran.err.contains(line),
        "{}",
        ran.err
    );
    assert!(folder.read("a.json").contains(line));
    assert!(folder.read("a.html").contains(line));
}

/// Each kind of oddity fails a strict run, and a clean file does not.
#[test]
fn strict_fails_on_each_kind() {
    done(&[
        "backtest",
        "--csv",
        &data("00-baseline.csv"),
        "--policy",
        "preset:default",
        "--strict",
    ]);
    for (name, says) in [
        ("27c-daily-totals.csv", "14 rows rejected"),
        ("55b-soft-bounces-retried.csv", "7 warnings"),
        (
            "04-mailgun-hourly.csv",
            "were added to another row of the same domain and day",
        ),
        ("38-two-exports-overlap.csv", "6 rows repeat"),
        ("41-empty-means-zero.csv", "count as 0"),
        ("31-idn-two-spellings.csv", "another spelling"),
        ("09c-sparkpost-renamed-berlin.csv", "midnight in a zone"),
        ("44b-typo-year-next.csv", "far from the other dates"),
    ] {
        fails(
            &[
                "backtest",
                "--csv",
                &data(name),
                "--policy",
                "preset:default",
                "--strict",
            ],
            &[says],
        );
    }
}

#[test]
fn policies_are_read_or_refused_with_the_place_and_advice() {
    let baseline = data("00-baseline.csv");
    let with = |policy: &str| run(&["backtest", "--csv", &baseline, "--policy", policy]);
    let default = with("preset:default");
    for name in ["62-policy-bom.json", "62f-policy-comments.json"] {
        let ran = with(&data(name));
        assert_eq!((ran.code, &ran.out), (Some(0), &default.out), "{name}: {}", ran.err);
    }
    let fraction = data("62d-policy-fraction.json");
    fails(
        &["backtest", "--csv", &baseline, "--policy", &fraction],
        &["line 5: bounce.good_at_most_ppm: 0.05 is not a whole number of parts per million; write 50000 for 5 %"],
    );
    let folder = Folder::new("imports_policies");
    // UTF-16 with comments, as some editors save it.
    let text = std::fs::read_to_string(data("62f-policy-comments.json")).expect("the file");
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(folder.path("utf16.json"), utf16).expect("a file");
    assert_eq!(with(&folder.path("utf16.json")).out, default.out);
    for (name, text, says) in [
        ("empty.json", String::new(), "empty.json: the file is empty"),
        (
            "csv.json",
            "date,domain\n".to_owned(),
            "csv.json: the file is not JSON: it begins with “date,domain”",
        ),
        (
            "text.json",
            text.replace("7,", "\"7\","),
            "text.json: line 3: window_days: it is string \"7\", a whole number is needed",
        ),
    ] {
        let policy = folder.write(name, &text);
        fails(&["backtest", "--csv", &baseline, "--policy", &policy], &[says]);
    }
    let text = std::fs::read_to_string(&fraction)
        .expect("the file")
        .replace("0.05,", "\"5 %\",");
    let percent = folder.write("percent.json", &text.replace("0.1,", "\"10%\","));
    assert_eq!(with(&percent).out, default.out);
}

#[test]
fn a_services_error_answer_is_named() {
    for option in ["--history", "--domains", "--observations"] {
        fails(
            &["calibrate", option, &data("63d-unauthorized.json")],
            &["63d-unauthorized.json: the file is an error answer of the service, “Invalid private key”"],
        );
    }
    let folder = Folder::new("imports_answers");
    let long = folder.write(
        "long.json",
        r#"{"code": 401, "status": "error", "id": "x", "message": "No access"}"#,
    );
    fails(
        &["calibrate", "--history", &long],
        &["an error answer of the service, “No access”"],
    );
    let page = folder.write("page.json", "<html><body>502 Bad Gateway</body></html>");
    fails(
        &["calibrate", "--history", &page],
        &["page.json: the file is not JSON: it begins with “<html>"],
    );
}

/// A calibration on a file's traffic carries how the file was read, too.
#[test]
fn a_calibration_carries_how_its_file_was_read() {
    let folder = Folder::new("imports_calibration");
    reported("calibrate", "27c-daily-totals.csv", &folder);
    let report = LabReport::from_json(&folder.read("a.json")).expect("a report");
    let import = report.import.expect("how the file was read");
    assert_eq!((import.rows, import.rejected), (42, 14));
    assert!(
        folder
            .read("a.html")
            .contains("line 5: “Total” is a row of totals, not of a domain")
    );
}

#[test]
fn names_that_look_like_others_are_named_and_marked_in_the_report() {
    let folder = Folder::new("deceptive");
    // The first a of the second is Cyrillic. 15 % bounced: poor, unless 2,000 messages are too few to judge.
    let row = |name: &str| format!("2026-04-01,{name},2000,1700,300,0\n");
    let header = "date,domain,processed,delivered,bounced,complained\n";
    let csv = folder.write(
        "k.csv",
        &format!("{header}{}{}", row("paypal.com"), row("p\u{430}ypal.com")),
    );
    let strict = folder.policy(
        "strict.json",
        &Policy {
            minimum_processed: 20_000,
            ..Policy::default()
        },
    );
    let (html, table) = (folder.path("r.html"), folder.path("r.csv"));
    let outputs = ["--html", &*html, "--affected", &*table];
    let ran = done(&[&compare(&csv, &strict)[..], &outputs].concat());
    assert!(
        ran.err.contains("1 name may be taken for others")
            && ran
                .err
                .contains("p\u{430}ypal.com (⚠ looks like paypal.com, mixes alphabets)"),
        "{}",
        ran.err
    );
    let html = folder.read("r.html");
    assert!(html.contains("<bdi>p\u{430}ypal.com (⚠ looks like paypal.com, mixes alphabets)</bdi>"));
    assert!(html.contains("<bdi>paypal.com</bdi>"));
    // A table for other programs has the names as they are.
    let table = folder.read("r.csv");
    assert!(table.contains("\np\u{430}ypal.com,") && !table.contains('⚠'), "{table}");
}

/// Two halves of the baseline as two files, a pattern and a folder.
#[test]
fn several_files_patterns_and_folders_are_read_as_one() {
    let folder = Folder::new("imports_several");
    let text = std::fs::read_to_string(data("00-baseline.csv")).expect("the file");
    let (header, rows) = text.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let (first, second) = rows.split_at(20);
    let part = |rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));
    std::fs::create_dir_all(folder.path("traffic/april")).expect("a folder");
    let a = folder.write("traffic/a.csv", &part(first));
    let b = folder.write("traffic/april/b.csv", &part(second));
    folder.write("traffic/notes.md", "# Notes");
    let out = folder.path("out.json");
    let totals_of = |files: &[&str]| {
        let args = [
            &["backtest", "--policy", "preset:default", "--json", &out, "--csv"][..],
            files,
        ]
        .concat();
        let ran = done(&args);
        (
            totals(&LabReport::from_json(&folder.read("out.json")).expect("a report")),
            ran.err,
        )
    };
    let (found, said) = totals_of(&[&a, &b]);
    assert_eq!(found, BASELINE);
    assert!(
        said.contains("a.csv and 1 more file: 42 rows of 3 domains over 14 days, 2026-04-01 to 2026-04-14"),
        "{said}"
    );
    assert_eq!(totals_of(&[&a, "--csv", &b]).0, BASELINE);
    let (found, said) = totals_of(&[&folder.path("traffic")]);
    assert_eq!(found, BASELINE);
    assert!(said.contains("1 file of other kinds left out"), "{said}");
    // Both files of the folder again: every row repeats, and none is counted twice.
    let (found, said) = totals_of(&[&a, &b, &folder.path("traffic/*.csv")]);
    assert_eq!(found, BASELINE);
    assert!(said.contains("20 rows repeat an earlier row"), "{said}");
    let args = ["backtest", "--policy", "preset:default", "--csv"];
    fails(
        &[&args[..], &[&folder.path("traffic/*.tsv")]].concat(),
        &["no file matches this pattern"],
    );
    std::fs::create_dir_all(folder.path("none")).expect("a folder");
    fails(
        &[&args[..], &[&folder.path("none")]].concat(),
        &["the folder has no file whose name ends in one of csv"],
    );
    let empty = folder.write("empty.csv", "");
    fails(&[&args[..], &[&empty, &a]].concat(), &["empty.csv: The file is empty."]);
}

/// What each file of another shape is said to be, through the command line.
#[test]
fn weeks_zones_and_rates_have_a_word() {
    let folder = Folder::new("imports_weeks");
    let header = "date,domain,processed,delivered,bounced,complained";
    let weeks: String = ["01-05", "01-12", "01-19", "01-26"]
        .iter()
        .map(|day| format!("2026-{day},a.example,700,700,0,0\n"))
        .collect();
    let csv = folder.write("weeks.csv", &format!("{header}\n{weeks}"));
    let args = ["backtest", "--csv", &csv, "--policy", "preset:default"];
    fails(&args, &["each row seems to be a week", "--weeks"]);
    let ran = done(&[&args[..], &["--weeks"]].concat());
    assert!(
        ran.err.contains("over 22 days, 2026-01-05 to 2026-01-26"),
        "{}",
        ran.err
    );
    let csv = folder.write(
        "late.csv",
        &format!("{header}\n2026-04-01T23:30:00Z,a.example,7,7,0,0\n"),
    );
    let args = ["backtest", "--csv", &csv, "--policy", "preset:default"];
    let ran = done(&[&args[..], &["--date-zone", "+02:00"]].concat());
    assert!(ran.err.contains("over 1 day, 2026-04-02 to 2026-04-02"), "{}", ran.err);
    makes_no_sense(
        &[&args[..], &["--date-zone", "Berlin"]].concat(),
        "is not a distance from UTC",
    );
    let csv = folder.write(
        "rates.csv",
        "Date,Domain,User Reported Spam Rate\n2026-04-01,a.example,0.1%\n",
    );
    fails(
        &["backtest", "--csv", &csv, "--policy", "preset:default"],
        &["has “User Reported Spam Rate” and no counts for “processed”"],
    );
}

/// The mapping that a file shows is printed, kept, and gives the same report, byte for byte.
#[test]
fn a_mapping_is_printed_kept_and_used() {
    let folder = Folder::new("imports_mapping");
    for (name, more) in [
        ("00-baseline.csv", &[][..]),
        ("23b-excel-de-dates.csv", &[]),
        ("20-thousands-us.csv", &[]),
        ("03-mailgun-api-names.csv", &[]),
        ("15-powermta-acct.csv", &[]),
        ("07b-sendgrid-stats.csv", &["--domain", "alpha.example"]),
    ] {
        let csv = data(name);
        let printed = done(&[&["import", "--csv", &csv, "--print-mapping"][..], more].concat());
        assert!(
            printed.err.contains("separator: comma") || printed.err.contains("separator: semicolon"),
            "{}",
            printed.err
        );
        let mapping = folder.write("mapping.json", &printed.out);
        let backtest = ["backtest", "--csv", &csv, "--policy", "preset:default", "--json", "-"];
        let plain = done(&[&backtest[..], more].concat());
        let mapped = done(&[&backtest[..], &["--mapping", &mapping]].concat());
        assert_eq!(mapped.out, plain.out, "{name}");
    }
    let mapping = folder.write("m.json", "{// Theirs\n\"seperator\": \"tab\"}");
    let csv = data("00-baseline.csv");
    let args = [
        "backtest",
        "--csv",
        &csv,
        "--policy",
        "preset:default",
        "--mapping",
        &mapping,
    ];
    fails(
        &args,
        &[
            "m.json: line 2: unknown field `seperator`, expected one of `separator`",
            "line 2",
        ],
    );
    fails(
        &[&args[..], &["--json", &mapping]].concat(),
        &["this command reads that file"],
    );
    // An option wins over the mapping.
    let add = folder.write("add.json", "{\"repeated_rows\": \"add\"}");
    let csv = data("38-two-exports-overlap.csv");
    let args = ["import", "--csv", &csv, "--mapping", &add];
    assert!(
        done(&args)
            .err
            .contains("6 rows repeat an earlier row of their domain and day, and are added")
    );
    let kept = done(&[&args[..], &["--repeated-rows", "keep-one"]].concat());
    assert!(kept.err.contains("are left out"), "{}", kept.err);
    let unknown = folder.write("unknown.csv", "when|who|out\n1 Apr 2026|a.example|5\n");
    let ran = run(&["import", "--csv", &unknown, "--print-mapping"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("columns: “when”, “who”, “out”"), "{}", ran.err);
}

/// The traffic of a file in another style, written as plain CSV, gives the same result and nothing to assume.
#[test]
fn traffic_is_written_in_the_documented_columns() {
    let folder = Folder::new("imports_traffic");
    let out = folder.path("plain.csv");
    done(&["import", "--csv", &data("23-excel-us-dates.csv"), "--traffic", &out]);
    let text = folder.read("plain.csv");
    assert!(text.starts_with(
        "date,domain,processed,delivered,bounced,complained,account\n2026-04-01,alpha.example,400,392,8,0,\n"
    ));
    assert_eq!(text.lines().count(), 1 + 42);
    let again = done(&["import", "--csv", &out, "--strict", "--traffic", "-"]);
    assert_eq!(again.out, text);
    fails(
        &["import", "--csv", &out, "--traffic", &out],
        &["this command reads that file"],
    );
}
