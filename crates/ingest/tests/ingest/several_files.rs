//! Several files, read as one.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crate::imports::{BASELINE, assert_daily, file, notes};
use poolkeeper_ingest::{ImportError, ImportOptions, Imported, Ingest, WarningReason};

fn read(files: &[(&str, Vec<u8>)]) -> Result<Imported, ImportError> {
    let read = |piece_bytes: usize| {
        let mut ingest = Ingest::with_options(ImportOptions::default());
        for (name, bytes) in files {
            ingest.begin_file(name)?;
            bytes.chunks(piece_bytes).try_for_each(|piece| ingest.feed(piece))?;
        }
        ingest.finish()
    };
    let whole = read(1 << 20);
    assert_eq!(read(7), whole);
    whole
}

/// The header and the rows of some of the baseline's lines, from 0.
fn part(lines: std::ops::Range<usize>) -> Vec<u8> {
    let text = String::from_utf8(file("00-baseline.csv")).unwrap();
    let header = text.lines().next().unwrap().to_owned();
    let rows: Vec<_> = text.lines().skip(1 + lines.start).take(lines.len()).collect();
    format!("{header}\n{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn parts_of_the_traffic_add_up_to_it() {
    let by_day = read(&[("a.csv", part(0..20)), ("b.csv", part(20..42))]).unwrap();
    assert_daily(&by_day, &BASELINE, 14, "two files");
    assert_eq!((by_day.report.rows, by_day.report.lines), (42, 44));
    assert_eq!(notes(&by_day), [""; 0]);
    // A last line without an end does not run into the next file.
    let mut cut = part(0..20);
    cut.pop();
    assert_eq!(
        read(&[("a.csv", cut), ("b.csv", part(20..42))]).unwrap().table,
        by_day.table
    );
}

#[test]
fn a_row_that_repeats_one_of_another_file_is_kept_once() {
    let imported = read(&[("april.csv", part(0..30)), ("later.csv", part(24..42))]).unwrap();
    assert_daily(&imported, &BASELINE, 14, "overlap");
    assert_eq!((imported.report.rows, imported.report.repeated), (42, 6));
    assert_eq!(imported.report.warnings_by_kind, [(WarningReason::RepeatLeftOut, 6)]);
    // Line 26 of the baseline is the second line of the second file.
    let first = imported.report.warnings.shown[0].to_string();
    assert!(
        first.starts_with("later.csv, line 2: alpha.example: the row repeats"),
        "{first}"
    );
    let twice = read(&[("a.csv", file("00-baseline.csv")), ("b.csv", file("00-baseline.csv"))]).unwrap();
    assert_daily(&twice, &BASELINE, 14, "twice");
    assert_eq!(twice.report.repeated, 42);
}

/// A semicolon and German dates, JSON, and UTF-16 in one import.
#[test]
fn each_file_may_be_written_in_its_own_way() {
    let german = String::from_utf8(part(0..13))
        .unwrap()
        .replace(',', ";")
        .replace("2026-04-0", "0");
    let german: String = german
        .lines()
        .map(|line| match line.split_once(';') {
            Some((day, rest)) if day != "date" => format!("{day}.04.2026;{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let records = String::from_utf8(part(13..27)).unwrap();
    let records = records.lines().skip(1).map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        serde_json::json!({"date": cells[0], "domain": cells[1], "processed": cells[2], "delivered": cells[3],
            "bounced": cells[4], "complained": cells[5]})
    });
    let records = serde_json::Value::from_iter(records).to_string();
    let utf16 = String::from_utf8(part(27..42)).unwrap();
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(utf16.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let files = [
        ("a.csv", german.into_bytes()),
        ("b.json", records.into_bytes()),
        ("c.csv", utf16),
    ];
    let imported = read(&files).unwrap();
    assert_daily(&imported, &BASELINE, 14, "mixed");
    // The first file has 1 to 5 April only, so the order of day and month is the likelier one.
    let said = notes(&imported);
    assert!(said[0].starts_with("a.csv: Dates have the day first"), "{said:?}");
    assert_eq!(said[1..], ["c.csv: The text is UTF-16."]);
}

#[test]
fn what_all_files_have_is_said_once() {
    let renamed = |bytes: Vec<u8>| {
        String::from_utf8(bytes)
            .unwrap()
            .replace("processed", "sent")
            .into_bytes()
    };
    let files = [("a.csv", renamed(part(0..20))), ("b.csv", renamed(part(20..42)))];
    assert_eq!(notes(&read(&files).unwrap()), ["Columns: processed from “sent”."]);
    let files = [
        ("a.csv", renamed(part(0..10))),
        ("b.csv", part(10..20)),
        ("c.csv", renamed(part(20..42))),
    ];
    assert_eq!(
        notes(&read(&files).unwrap()),
        ["a.csv and 1 more: Columns: processed from “sent”."]
    );
}

#[test]
fn a_rejected_row_has_the_name_of_its_file() {
    let far = |text: &str| [part(20..42), text.as_bytes().to_vec()].concat();
    let files = [
        ("a.csv", part(0..20)),
        (
            "b.csv",
            far("2027-04-15,alpha.example,400,392,8,0\n2026-04-01,a..b,1,1,0,0\n"),
        ),
    ];
    let imported = read(&files).unwrap();
    let rejected: Vec<_> = imported.report.rejected.shown.iter().map(ToString::to_string).collect();
    assert_eq!(
        rejected,
        [
            "b.csv, line 24: “2027-04-15” is far from the other dates",
            "b.csv, line 25: “a..b” is not a domain name",
        ]
    );
    assert_eq!(
        read(&[("a.csv", part(0..20)), ("b.csv", Vec::new())]),
        Err(ImportError::Empty)
    );
}
