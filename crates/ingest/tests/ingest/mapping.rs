//! Mappings: what a person says about a file, and what its first bytes show.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crate::imports::{BASELINE, assert_daily, counts, day, file, read_bytes};
use poolkeeper_core::model::DomainName;
use poolkeeper_ingest::{
    CsvColumn, ImportError, ImportOptions, Imported, Mapping, MappingItem, RejectReason, RowOutcome, Separator, sniff,
};

fn mapping(text: &str) -> Mapping {
    serde_json::from_str(text).unwrap()
}

fn read(text: &[u8], mapping: Mapping) -> Result<Imported, ImportError> {
    let options = ImportOptions {
        mapping,
        ..ImportOptions::default()
    };
    read_bytes(text, &options)
}

/// The mapping that a file shows, written as JSON and read again, gives the same traffic.
#[test]
fn a_file_reads_the_same_with_the_mapping_that_it_shows() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/imports");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut seen = 0;
    for name in names {
        let bytes = file(&name);
        let mut given = Mapping::default();
        if sniff(&bytes, true, &given).outcome == Err(ImportError::NoDomainColumn) {
            given.domain = DomainName::parse("alpha.example").ok();
        }
        let Ok(plain) = read(&bytes, given.clone()) else {
            assert!(
                sniff(&bytes, true, &given).outcome.is_err() || name.starts_with("05"),
                "{name}"
            );
            continue;
        };
        let sniffed = sniff(&bytes, true, &given);
        let kept = mapping(&serde_json::to_string_pretty(&sniffed.mapping).unwrap());
        assert_eq!(kept, sniffed.mapping, "{name}");
        assert_eq!(read(&bytes, kept).unwrap().table, plain.table, "{name}");
        let totals = sniffed.outcome.unwrap();
        assert_eq!(
            (totals.rows, totals.domains),
            (
                plain.report.rows + u64::from(name.starts_with("44b")),
                plain.report.domains
            ),
            "{name}"
        );
        assert!(!sniffed.rows.is_empty() && !sniffed.columns.is_empty(), "{name}");
        seen += 1;
    }
    assert!(seen >= 24, "{seen}");
}

#[test]
fn columns_of_any_name_and_a_style_that_only_a_person_knows() {
    let text = "Tag|Absender|Raus|An|Hart|Weich|Klagen|An2\n01.04.26|a.example|1.000|800|7|3|1|90\n";
    let given = mapping(
        r#"{"columns": {"date": "tag", "domain": "Absender", "processed": "Raus", "delivered": ["An", "An2"],
            "bounced": ["Hart", "Weich"], "complained": "Klagen"}, "numbers": "decimal_comma"}"#,
    );
    let imported = read(text.as_bytes(), given.clone()).unwrap();
    assert_eq!(
        imported.table.get(0, day("2026-04-01")),
        Some(counts([1_000, 890, 10, 1]))
    );
    let lacking = text.replace("Weich", "Sanft");
    let problem = read(lacking.as_bytes(), given).unwrap_err().to_string();
    assert!(
        problem.starts_with("The mapping reads bounced from a column “Weich”, which the file does not have."),
        "{problem}"
    );
    // The number of days from 1904 is 1,462 less than that from 1900; 46,113 is 1 April 2026.
    let serial = "date,domain,processed,delivered,bounced,complained\n44651,a.example,5,5,0,0\n";
    let imported = read(serial.as_bytes(), mapping(r#"{"dates": "spreadsheet_serial_1904"}"#)).unwrap();
    assert_eq!(imported.table.first_day(), day("2026-04-01"));
}

#[test]
fn a_chosen_encoding_and_separator_win() {
    // “MÃ¼” is how UTF-8 looks in Windows-1252, so only a person knows that it is meant.
    let text = "date,domain,processed,delivered,bounced,complained\n2026-04-01,m\u{fc}.example,5,5,0,0\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let imported = read(&utf16, mapping(r#"{"encoding": "utf16_big_endian"}"#)).unwrap();
    assert_eq!(imported.table.domains()[0].name.as_str(), "mü.example");
    let windows: Vec<u8> = text
        .chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap())
        .collect();
    let imported = read(&windows, mapping(r#"{"encoding": "windows1252"}"#)).unwrap();
    assert_eq!(imported.table.domains()[0].name.as_str(), "mü.example");
    let problem = read(text.as_bytes(), mapping(r#"{"separator": "tab"}"#)).unwrap_err();
    assert!(matches!(problem, ImportError::MissingColumns { .. }), "{problem}");
}

#[test]
fn the_first_bytes_show_how_a_file_is_written_and_why() {
    let text = "Datum;Domain;Gesendet;Zugestellt;Bounces;Beschwerden;Notiz\n\
        13.04.2026;a.example;1.000;990;10;0;x\n13.04.2026;*;5;5;0;0;y\n14.04.2026;b.example;2.000;1.990;10;1;z\n14.04.";
    let sniffed = sniff(text.as_bytes(), false, &Mapping::default());
    let expected = mapping(
        r#"{"separator": "semicolon", "encoding": "utf8", "dates": {"numeric": "day_first"}, "numbers": "decimal_comma",
            "columns": {"date": "Datum", "domain": "Domain", "processed": "Gesendet", "delivered": "Zugestellt",
            "bounced": "Bounces", "complained": "Beschwerden"}}"#,
    );
    assert_eq!(sniffed.mapping, expected);
    let said = |item: MappingItem| {
        let found = sniffed.evidence.iter().find(|evidence| evidence.item == item).unwrap();
        (found.value.as_str(), found.why.as_str())
    };
    assert_eq!(
        said(MappingItem::Separator),
        ("semicolon", "It gives 7 columns, and the names of 6 are known.")
    );
    assert_eq!(
        said(MappingItem::Column(CsvColumn::Date)),
        ("“Datum”", "Its name is known.")
    );
    assert_eq!(
        said(MappingItem::Dates),
        (
            "Dates have the day first: 1/4/2026 is 1 April.",
            "2 of 2 sampled dates fit."
        )
    );
    // 1.000, 2.000 and 1.990 have a point, nine others digits only.
    assert_eq!(
        said(MappingItem::Numbers),
        ("1.234,0", "9 of 12 sampled numbers have digits only.")
    );
    let uses: Vec<_> = sniffed.columns.iter().map(|column| column.column).collect();
    assert_eq!((uses[0], uses[6]), (Some(CsvColumn::Date), None));
    let counted = |domain: &str, date: &str, counts| RowOutcome::Counted {
        day: day(date),
        domain: domain.to_owned(),
        counts,
        is_repeat: false,
    };
    let outcomes: Vec<_> = sniffed.rows.iter().map(|row| row.outcome.clone()).collect();
    assert_eq!(
        outcomes,
        [
            counted("a.example", "2026-04-13", [1_000, 990, 10, 0]),
            RowOutcome::Rejected {
                reason: RejectReason::Domain
            },
            counted("b.example", "2026-04-14", [2_000, 1_990, 10, 1]),
        ]
    );
    let totals = sniffed.outcome.unwrap();
    assert_eq!(
        (totals.rows, totals.domains, totals.counts),
        (2, 2, [3_000, 2_980, 20, 1])
    );
    assert_eq!(totals.days, Some((day("2026-04-13"), day("2026-04-14"))));
    assert_eq!(totals.rejected, [(RejectReason::Domain, 1)]);
}

#[test]
fn a_file_that_cannot_be_read_still_shows_its_columns_and_rows() {
    let text = "Report\nwhen|who|out|in\n1 Apr 2026|a.example|5|5\n2 Apr 2026|a.example|5|5\n";
    let sniffed = sniff(text.as_bytes(), true, &Mapping::default());
    assert!(
        matches!(sniffed.outcome, Err(ImportError::MissingColumns { .. })),
        "{:?}",
        sniffed.outcome
    );
    let names: Vec<_> = sniffed.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["when", "who", "out", "in"]);
    assert_eq!(sniffed.mapping.separator, Some(Separator::Pipe));
    assert_eq!(
        (
            sniffed.rows.len(),
            sniffed.rows[0].line,
            sniffed.rows[0].cells[1].as_str()
        ),
        (2, 3, "a.example")
    );
    // What the person says next.
    let given = mapping(
        r#"{"columns": {"date": "when", "domain": "who", "processed": "out", "delivered": "in", "bounced": [], "complained": []}}"#,
    );
    let again = sniff(text.as_bytes(), true, &given);
    assert!(again.outcome.is_err());
    let baseline = sniff(&file("00-baseline.csv"), true, &Mapping::default());
    assert_daily(
        &read(&file("00-baseline.csv"), baseline.mapping).unwrap(),
        &BASELINE,
        14,
        "00",
    );
}
