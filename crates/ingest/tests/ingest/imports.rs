//! Files in the shapes that people have. The expected numbers are worked out by hand from how the files were made.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::model::{Counts, Day};
use poolkeeper_ingest::{
    ImportError, ImportOptions, Imported, Ingest, Mapping, RejectReason, RepeatedRows, WarningReason,
};

pub fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/imports");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

/// Reads bytes in pieces of 7 bytes and whole; both give the same.
pub fn read_bytes(bytes: &[u8], options: &ImportOptions) -> Result<Imported, ImportError> {
    let read = |size: usize| {
        let mut ingest = Ingest::with_options(options.clone());
        bytes.chunks(size).try_for_each(|piece| ingest.feed(piece))?;
        ingest.finish()
    };
    let whole = read(bytes.len().max(1));
    assert_eq!(read(7), whole);
    whole
}

pub fn read(name: &str) -> Imported {
    read_bytes(&file(name), &ImportOptions::default()).unwrap()
}

pub fn day(text: &str) -> Day {
    Day::from_date(text.parse().unwrap())
}

pub fn counts([processed, delivered, bounced, complained]: [u64; 4]) -> Counts {
    Counts {
        processed,
        delivered,
        bounced,
        complained,
    }
}

/// Three domains that send the same every day from 1 to 14 April 2026.
pub const BASELINE: [(&str, [u64; 4]); 3] = [
    ("alpha.example", [400, 392, 8, 0]),
    ("bravo.example", [500, 425, 75, 1]),
    ("charlie.example", [50, 50, 0, 0]),
];

/// Whether a table has these domains and counts a day, on each day from 1 April 2026.
pub fn assert_daily(imported: &Imported, domains: &[(&str, [u64; 4])], days: u32, about: &str) {
    let table = &imported.table;
    let names: Vec<_> = table.domains().iter().map(|domain| domain.name.as_str()).collect();
    let expected: Vec<_> = domains.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected, "{about}");
    assert_eq!(
        (table.first_day(), table.day_count()),
        (day("2026-04-01"), days),
        "{about}"
    );
    for (at, (name, daily)) in domains.iter().enumerate() {
        for since in 0..i32::try_from(days).unwrap() {
            let day = table.first_day().plus(since);
            assert_eq!(table.get(at, day), Some(counts(*daily)), "{about}: {name}, {day}");
        }
    }
}

pub fn notes(imported: &Imported) -> Vec<String> {
    imported.report.notes.iter().map(ToString::to_string).collect()
}

#[test]
fn the_plain_form_is_read_as_it_is() {
    let imported = read("00-baseline.csv");
    assert_daily(&imported, &BASELINE, 14, "00");
    assert_eq!((imported.report.rows, imported.report.rejected.count), (42, 0));
    assert_eq!((notes(&imported), imported.report.warnings.count), (vec![], 0));
}

#[test]
fn an_hour_a_row_adds_up_to_days() {
    let imported = read("04-mailgun-hourly.csv");
    assert_daily(&imported, &BASELINE, 14, "04");
    assert_eq!((imported.report.repeated, imported.report.rejected.count), (0, 0));
}

#[test]
fn empty_cells_beside_filled_ones_are_zero() {
    let imported = read("41-empty-means-zero.csv");
    assert_daily(&imported, &BASELINE, 14, "41");
    // alpha and charlie have no complaint on 14 days each; charlie has no bounce either.
    assert_eq!(
        notes(&imported),
        [
            "Empty cells of bounced count as 0, in 14 rows.",
            "Empty cells of complained count as 0, in 28 rows.",
        ]
    );
    assert_eq!(imported.report.rejected.count, 0);
    // The same numbers, once with empty cells and once with zeros.
    assert_eq!(
        read("41c-one-domain-loses-quiet-days.csv").table,
        read("41d-same-with-zeros.csv").table
    );
}

#[test]
fn missing_values_that_programs_write_are_empty_and_a_row_needs_a_base() {
    let text = "date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,9,NULL,NaN,\\N\n\
        2026-04-02,a.example,,,,2\n2026-04-03,a.example,,5,0,0\n2026-04-04,a.example,,,,\n2026-04-05,a.example,n/a,1,0,0\n";
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([9, 0, 0, 0])));
    // Complaints come days after the mail, so a day may have nothing else.
    assert_eq!(imported.table.get(0, day("2026-04-02")), Some(counts([0, 0, 0, 2])));
    let lines: Vec<_> = imported.report.rejected.shown.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "line 4: no processed",
            "line 5: no processed",
            "line 6: processed “n/a” is not a whole number",
        ]
    );
}

#[test]
fn rows_that_repeat_are_counted_once_or_twice_and_said() {
    let imported = read("38-two-exports-overlap.csv");
    assert_daily(&imported, &BASELINE, 14, "38");
    // Two days of three domains are in both exports, and the second one's header is a row that is not one.
    assert_eq!(
        (imported.report.rows, imported.report.repeated, imported.report.added_up),
        (42, 6, 0)
    );
    assert_eq!(imported.report.warnings_by_kind, [(WarningReason::RepeatLeftOut, 6)]);
    assert_eq!(
        notes(&imported),
        ["6 rows repeat an earlier row of their domain and day, and are left out."]
    );
}

#[test]
fn repeated_rows_are_added_on_request() {
    let add = ImportOptions {
        mapping: Mapping {
            repeated_rows: RepeatedRows::Add,
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    let imported = read_bytes(&file("38-two-exports-overlap.csv"), &add).unwrap();
    assert_eq!(
        (imported.report.rows, imported.report.repeated, imported.report.added_up),
        (48, 6, 6)
    );
    assert_eq!(imported.report.warnings_by_kind, [(WarningReason::RepeatAdded, 6)]);
    // The whole file twice is twice the mail.
    let twice = [file("00-baseline.csv"), file("00-baseline.csv")].concat();
    let added = read_bytes(&twice, &add).unwrap();
    let doubled = BASELINE.map(|(name, daily)| (name, daily.map(|count| 2 * count)));
    assert_daily(&added, &doubled, 14, "added");
    let kept = read_bytes(&twice, &ImportOptions::default()).unwrap();
    assert_daily(&kept, &BASELINE, 14, "kept");
    // The header between the exports is a row that is not one.
    assert_eq!((kept.report.repeated, kept.report.rejected.count), (42, 1));
}

/// Rows of parts of a day, such as one for each tag, are added up; the same parts again are repeats.
#[test]
fn equal_counts_of_different_parts_are_no_repeats() {
    let parts = "2026-04-01,a.example,5,5,0,0,spring\n2026-04-01,a.example,5,5,0,0,summer\n2026-04-01,a.example,7,7,0,0,autumn\n";
    let text = format!("date,domain,processed,delivered,bounced,complained,tag\n{parts}{parts}");
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([17, 17, 0, 0])));
    assert_eq!(
        (imported.report.rows, imported.report.added_up, imported.report.repeated),
        (3, 2, 3)
    );
    let lines: Vec<_> = imported
        .report
        .warnings
        .shown
        .iter()
        .map(|warning| warning.line)
        .collect();
    assert_eq!(lines, [5, 6, 7]);
    // Without a column that tells them apart, only the count differs.
    let text = "date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,5,5,0,0\n\
        2026-04-01,a.example,7,7,0,0\n2026-04-01,A.example,5,5,0,0\n2026-04-01,a.example,7,7,0,0\n";
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([12, 12, 0, 0])));
}

#[test]
fn a_row_a_year_off_is_named_and_left_out() {
    let imported = read("44b-typo-year-next.csv");
    assert_daily(&imported, &BASELINE, 14, "44b");
    let rejected: Vec<_> = imported.report.rejected.shown.iter().map(ToString::to_string).collect();
    assert_eq!(rejected, ["line 44: “2027-04-15” is far from the other dates"]);
    assert_eq!(imported.report.rejected_by_reason, [(RejectReason::FarDate, 1)]);
    assert_eq!((imported.report.rows, imported.report.gaps), (42, 0));
}

/// A domain whose only row is far away is not in the table.
#[test]
fn domains_of_far_rows_only_are_left_out() {
    let mut text = String::from_utf8(file("00-baseline.csv")).unwrap();
    text = text.replace("complained\n", "complained\n2024-01-01,far.example,7,7,0,0\n");
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_daily(&imported, &BASELINE, 14, "far");
    assert_eq!(imported.report.domains, 3);
}

#[test]
fn totals_are_left_out_and_said() {
    let imported = read("27c-daily-totals.csv");
    assert_daily(&imported, &BASELINE, 14, "27c");
    assert_eq!(imported.report.rejected_by_reason, [(RejectReason::Total, 14)]);
    assert_eq!(
        imported.report.rejected.shown[0].to_string(),
        "line 5: “Total” is a row of totals, not of a domain"
    );
}

#[test]
fn two_spellings_are_one_domain() {
    let imported = read("31-idn-two-spellings.csv");
    assert_daily(&imported, &[("münchen.example", [400, 392, 8, 0])], 14, "31");
    assert_eq!(
        notes(&imported),
        ["“xn--mnchen-3ya.example” is another spelling of “münchen.example”; they are one domain."]
    );
}

#[test]
fn names_that_cannot_send_mail_are_refused_with_a_reason() {
    let names = ["null", "-", "*", "192.0.2.1", "a..b"];
    let rows: String = names
        .iter()
        .map(|name| format!("2026-04-01,{name},1,1,0,0\n"))
        .collect();
    let text = format!("date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,1,1,0,0\n{rows}");
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    let rejected: Vec<_> = imported.report.rejected.shown.iter().map(ToString::to_string).collect();
    let expected: Vec<_> = (3..)
        .zip(names)
        .map(|(line, name)| format!("line {line}: “{name}” is not a domain name"))
        .collect();
    assert_eq!(rejected, expected);
}
