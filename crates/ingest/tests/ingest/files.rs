//! Checks the sample export line by line, and each feature of the format by hand-written expectations.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::model::{Counts, Day};
use poolkeeper_ingest::{
    CsvColumn, ImportError, ImportLimits, ImportReport, Imported, Ingest, RejectReason, Separator, UnsupportedEncoding,
    WarningReason,
};

fn read(bytes: &[u8]) -> Result<Imported, ImportError> {
    let mut ingest = Ingest::new(ImportLimits::default());
    ingest.feed(bytes)?;
    ingest.finish()
}

/// Rows under the usual first line.
fn rows(text: &str) -> Imported {
    read(format!("date,domain,processed,delivered,bounced,complained\n{text}").as_bytes()).unwrap()
}

fn rejected(report: &ImportReport) -> Vec<(u64, RejectReason, &str)> {
    let shown = report.rejected.shown.iter();
    shown.map(|at| (at.line, at.reason, at.text.as_str())).collect()
}

fn day(text: &str) -> Day {
    Day::from_date(text.parse().unwrap())
}

fn counts(processed: u64, delivered: u64, bounced: u64, complained: u64) -> Counts {
    Counts {
        processed,
        delivered,
        bounced,
        complained,
    }
}

/// The cell of a domain and a day.
fn cell(imported: &Imported, domain: &str, date: &str) -> Option<Counts> {
    let domains = imported.table.domains();
    let at = domains.iter().position(|held| held.name.as_str() == domain)?;
    imported.table.get(at, day(date))
}

/// The expected numbers were counted by another program in another language.
#[test]
fn the_sample_export_goes_in_but_for_four_rows() {
    let Imported { table, report } = read(include_bytes!("../../../../tests/data/daily-counts.csv")).unwrap();
    let processed = RejectReason::Count(CsvColumn::Processed);
    assert_eq!(
        rejected(&report),
        [
            (155, processed, "n/a"),
            (1_155, processed, "n/a"),
            (1_915, RejectReason::Empty(CsvColumn::Date), ""),
            (2_547, processed, "n/a"),
        ]
    );
    assert_eq!(report.rejected.count, 4);
    assert_eq!(
        report.rejected_by_reason,
        [(processed, 3), (RejectReason::Empty(CsvColumn::Date), 1)]
    );
    assert_eq!(
        report.rejected.shown[0].to_string(),
        "line 155: processed “n/a” is not a whole number"
    );
    assert_eq!(report.rejected.shown[2].to_string(), "line 1,915: no date");

    let warnings: Vec<_> = report.warnings.shown.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["line 3,810: mg.pine372.io: more delivered than processed (delivered 20, processed 10)"]
    );
    assert_eq!((report.rows, report.added_up, report.gaps), (5_688, 1, 313));
    assert_eq!((report.lines, report.bytes, report.blank_lines), (5_693, 281_098, 0));
    assert_eq!((table.domains().len(), table.day_count()), (50, 120));
    assert_eq!(
        (report.first_day, report.last_day),
        (Some(day("2026-04-01")), Some(day("2026-07-29")))
    );
    assert_eq!(table.first_day(), day("2026-04-01"));
    assert_eq!(table.accounts, ["Acme", "Acme EU", "Acme Labs", "Acme Retail"]);
    assert!(report.has_account);

    let all = (0..50).filter_map(|domain| table.columns(domain));
    let total: Counts = all
        .flat_map(|columns| (0..120).filter_map(move |at| columns.get(at)))
        .sum();
    assert_eq!(total, counts(4_515_998, 4_378_353, 124_548, 4_162));
    let imported = Imported { table, report };
    assert_eq!(
        cell(&imported, "mail.amber331.co.uk", "2026-04-01"),
        Some(counts(540, 505, 32, 0))
    );
    assert_eq!(
        cell(&imported, "mg.pine372.io", "2026-06-21"),
        Some(counts(23, 33, 0, 0))
    );
    // A rejected row does not change a valid row of the same day.
    assert_eq!(
        cell(&imported, "send.north47.net", "2026-04-04"),
        Some(counts(36, 35, 0, 0))
    );
}

#[test]
fn columns_come_in_any_order_case_and_separator() {
    for (file, separator) in [
        (
            "Complained, DATE ,note,Domain,Bounced,delivered,PROCESSED\n1,2026-04-01,x,a.example,2,3,9\n",
            Separator::Comma,
        ),
        (
            "complained;date;a,b;domain;bounced;delivered;processed\n1;2026-04-01;x,y;a.example;2;3;9\n",
            Separator::Semicolon,
        ),
        (
            "complained\tdate\tn;o,t\tdomain\tbounced\tdelivered\tprocessed\r\n1\t2026-04-01\t\ta.example\t2\t3\t9",
            Separator::Tab,
        ),
        (
            "\u{feff}\"complained\",\"date\",\"no,te\",\"domain\",\"bounced\",\"delivered\",\"processed\"\r\n\
             \"1\",\"2026-04-01\",\"x\",\"a.example\",\"2\",\"3\",\"9\"\r\n",
            Separator::Comma,
        ),
        (
            "sep=;\r\ncomplained;date;note;domain;bounced;delivered;processed\r\n1;2026-04-01;;a.example;2;3;9\r\n",
            Separator::Semicolon,
        ),
        (
            "\n\rcomplained,date,note,domain,bounced,delivered,processed\r1,2026-04-01,x,a.example,2,3,9\r\r",
            Separator::Comma,
        ),
    ] {
        let imported = read(file.as_bytes()).unwrap();
        assert_eq!(imported.report.separator, separator, "{file}");
        assert_eq!(
            cell(&imported, "a.example", "2026-04-01"),
            Some(counts(9, 3, 2, 1)),
            "{file}"
        );
        assert_eq!((imported.report.rows, imported.report.rejected.count), (1, 0), "{file}");
        assert_eq!(imported.report.ignored_columns.len(), 1, "{file}");
        assert_eq!(imported.table.accounts, [""], "{file}");
    }
}

#[test]
fn dates_with_a_zone_count_for_their_utc_day() {
    let imported = rows(
        "2026-04-01,a.example,1,1,0,0\n2026-04-02T01:30:00+02:00,a.example,1,1,0,0\n\
         \"Wed, 01 Apr 2026 00:00:00 +0000\",a.example,1,1,0,0\n\"Tue, 31 Mar 2026 20:00:00 -0400\",a.example,1,1,0,0\n\
         2026-04-01 23:59:59 UTC,a.example,1,1,0,0\n",
    );
    assert_eq!(cell(&imported, "a.example", "2026-04-01"), Some(counts(5, 5, 0, 0)));
    assert_eq!((imported.table.day_count(), imported.report.added_up), (1, 4));
}

#[test]
fn rows_add_up_across_cases_of_a_name_and_gaps_stay_gaps() {
    let imported = rows(
        "2026-04-01,A.Example,10,9,1,0\n2026-04-03,b.example,1,1,0,0\n2026-04-01,a.EXAMPLE.,5,5,0,1\n2026-04-03, a.example ,2,2,0,0\n",
    );
    assert_eq!(imported.table.domains().len(), 2);
    assert_eq!(cell(&imported, "a.example", "2026-04-01"), Some(counts(15, 14, 1, 1)));
    assert_eq!(cell(&imported, "a.example", "2026-04-02"), None);
    assert_eq!((imported.report.added_up, imported.report.gaps), (1, 3));
}

#[test]
fn each_reason_a_row_is_rejected_for() {
    use CsvColumn::{Bounced, Complained, Date, Delivered, Domain, Processed};
    use RejectReason::{CellCount, Count, Empty, TooLarge, Year};
    let imported = rows(concat!(
        "2026-04-01,a.example,1,1,0,0\n",
        "04/01/2026,a.example,1,1,0,0\n",
        ",a.example,1,1,0,0\n",
        "1899-12-30,a.example,1,1,0,0\n",
        "2026-04-01,,1,1,0,0\n",
        "2026-04-01,a b,1,1,0,0\n",
        "2026-04-01,a.example,,1,0,0\n",
        "2026-04-01,a.example,1,12.5,0,0\n",
        "2026-04-01,a.example,1,1,-1,0\n",
        "2026-04-01,a.example,1,1,0,4294967296\n",
        "2026-04-01,a.example,1,234,200,0,0\n",
        "2026-04-01,a.example,\"1,23\",200,0,0\n",
        "2026-04-01,a.example,1,1,0\n",
        "date,domain,processed,delivered,bounced,complained\n",
        "2026-04-01,new.example,1,1,0,x\n",
        "2026-04-02,a.example,1,1,0,0\n",
    ));
    assert_eq!(
        rejected(&imported.report),
        [
            (3, RejectReason::Date, "04/01/2026"),
            (4, Empty(Date), ""),
            (5, Year, "1899-12-30"),
            (6, Empty(Domain), ""),
            (7, RejectReason::Domain, "a b"),
            (8, Empty(Processed), ""),
            (9, Count(Delivered), "12.5"),
            (10, Count(Bounced), "-1"),
            (11, TooLarge(Complained), "4294967296"),
            (12, CellCount, "7 cells for 6 columns"),
            (13, Count(Processed), "1,23"),
            (14, CellCount, "5 cells for 6 columns"),
            (15, RejectReason::Header, "date"),
            (16, Count(Complained), "x"),
        ]
    );
    // A domain with only rejected rows is not in the table.
    assert_eq!(imported.table.domains().len(), 1);
    assert_eq!(imported.report.rows, 2);
}

#[test]
fn a_row_that_overflows_its_day_is_rejected() {
    let imported = rows(
        "2026-04-01,a.example,4294967295,1,0,0\n2026-04-01,a.example,1,1,0,0\n2026-04-01,a.example,0,1,0,0\nx,a.example,1,1,1,1\n",
    );
    assert_eq!(
        rejected(&imported.report),
        [
            (3, RejectReason::SumTooLarge, "processed 1"),
            (5, RejectReason::Date, "x")
        ]
    );
    assert_eq!(
        cell(&imported, "a.example", "2026-04-01"),
        Some(counts(4_294_967_295, 2, 0, 0))
    );
    assert_eq!((imported.report.rows, imported.report.added_up), (2, 1));
}

#[test]
fn counts_that_disagree_go_in_with_a_warning() {
    use WarningReason::{ComplainedAboveDelivered, DeliveredAboveProcessed, SentAboveProcessed};
    let imported = rows(concat!(
        "2026-04-01,a.example,10,20,0,0\n",
        "2026-04-02,a.example,10,8,3,0\n",
        "2026-04-03,a.example,10,2,0,3\n",
        "2026-04-04,a.example,0,2,0,3\n",
        "2026-04-05,a.example,10,8,2,8\n",
    ));
    let warnings: Vec<_> = imported
        .report
        .warnings
        .shown
        .iter()
        .map(|at| (at.line, at.caution))
        .collect();
    assert_eq!(
        warnings,
        [
            (2, DeliveredAboveProcessed),
            (3, SentAboveProcessed),
            (4, ComplainedAboveDelivered),
            (5, DeliveredAboveProcessed),
            (5, ComplainedAboveDelivered),
        ]
    );
    assert_eq!(
        imported.report.warnings.shown[1].text,
        "delivered 8, bounced 3, processed 10"
    );
    assert_eq!(
        imported.report.warnings_by_kind,
        [
            (DeliveredAboveProcessed, 2),
            (ComplainedAboveDelivered, 2),
            (SentAboveProcessed, 1)
        ]
    );
    assert_eq!((imported.report.rows, imported.report.rejected.count), (5, 0));
}

#[test]
fn a_domain_stays_with_its_first_account() {
    let file = "date,domain,processed,delivered,bounced,complained,account\n\
        2026-04-01,a.example,1,1,0,0,Acme\n2026-04-01,b.example,1,1,0,0,\n2026-04-02,a.example,1,1,0,0,Other\n\
        2026-04-03,A.example,1,1,0,0,Third\n2026-04-04,a.example,1,1,0,0, Acme \n2026-04-05,b.example,1,1,0,0,Acme\n";
    let Imported { table, report } = read(file.as_bytes()).unwrap();
    let warnings: Vec<_> = report.warnings.shown.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "line 4: a.example: the domain is under another account before (account “Other”, kept under “Acme”)",
            "line 7: b.example: the domain is under another account before (account “Acme”, kept under (none))",
        ]
    );
    assert_eq!(table.accounts, ["Acme", ""]);
    assert_eq!(table.domains().iter().map(|at| at.account).collect::<Vec<_>>(), [0, 1]);
    assert_eq!((report.rows, report.rejected.count), (6, 0));
}

#[test]
fn lines_are_counted_as_an_editor_shows_them() {
    let file = "date,note,domain,processed,delivered,bounced,complained\r\n\
        \r\n\
        2026-04-01,\"two\r\nlines, and \"\"quotes\"\"\",a.example,1,1,0,0\r\n\
        x,,a.example,1,1,0,0\r\n\
        ,,,,,,\r\n\
        \x20 \r\n\
        2026-04-02,\"three\n\nlines\",a.example,bad,1,0,0\n\
        y,,a.example,1,1,0,0";
    let report = read(file.as_bytes()).unwrap().report;
    let lines: Vec<_> = report
        .rejected
        .shown
        .iter()
        .map(|at| (at.line, at.text.as_str()))
        .collect();
    assert_eq!(lines, [(5, "x"), (8, "bad"), (11, "y")]);
    assert_eq!((report.lines, report.blank_lines, report.rows), (11, 3, 1));
}

#[test]
fn a_stray_quote_costs_one_row() {
    let good = "2026-04-01,a.example,1,1,0,0,fine\n".repeat(4_000);
    for (bad, after) in [
        // Never closed, with 100 KB behind it.
        ("2026-04-01,\"b.example,1,1,0,0,x\n", good.as_str()),
        // Never closed, at the end of the file.
        ("2026-04-01,\"b.example,1,1,0,0,x\n", ""),
        ("2026-04-01,\"b.example,1,1,0,0,x", ""),
        // Closed by accident lines later, in a cell that is read.
        (
            "2026-04-01,\"b.example,1,1,0,0,x\n",
            "2026-04-01,a.example,1,1,0,0,x\n2026-04-01,a.example,1,1,0,0,\"y\"\n",
        ),
        // Closed by accident lines later, in a cell that is not; by the end of a cell, too.
        (
            "2026-04-01,b.example,1,1,0,0,\"x\n",
            "2026-04-01,a.example,1,1,0,0,19\"\n",
        ),
        (
            "2026-04-01,b.example,1,1,0,0,\"x\n",
            "2026-04-01,a.example,1,1,0,0,x\n2026-04-01,a.example,1,1,0,0,\"y\"\n",
        ),
    ] {
        let file = format!("date,domain,processed,delivered,bounced,complained,note\n{good}{bad}{after}");
        let report = read(file.as_bytes()).unwrap().report;
        let expected = 4_000 + after.lines().count() as u64;
        // The rows are equal, so all but the first repeat it.
        let rows = report.rows + report.repeated;
        assert_eq!((rows, report.rejected.count), (expected, 1), "{bad}");
        assert_eq!(
            rejected(&report),
            [(4_002, RejectReason::Quotes, bad.trim_end())],
            "{bad}"
        );
    }
}

#[test]
fn a_stray_quote_before_the_cells_that_are_read_costs_one_row() {
    let file = "date,note,domain,processed,delivered,bounced,complained\n\
        2026-04-01,\"x,a.example,1,1,0,0\n\
        2026-04-02,\"y\",b.example,1,1,0,0\n\
        2026-04-03,\"two\nlines\",c.example,1,1,0,0\n\
        2026-04-04,a \"loose\" one,d.example,1,1,0,0\n\
        2026-04-05,\"a \"loose\" one\",e.example,1,1,0,0\n\
        2026-04-06,\"\",\"f.example\"x,1,1,0,0\n";
    let imported = read(file.as_bytes()).unwrap();
    assert_eq!(
        rejected(&imported.report),
        [
            (2, RejectReason::Quotes, "2026-04-01,\"x,a.example,1,1,0,0"),
            (8, RejectReason::Quotes, "2026-04-06,\"\",\"f.example\"x,1,1,0,0"),
        ]
    );
    let names: Vec<_> = imported.table.domains().iter().map(|at| at.name.as_str()).collect();
    assert_eq!(names, ["b.example", "c.example", "d.example", "e.example"]);
}

#[test]
fn many_open_quotes_are_read_in_linear_time() {
    // Every line closes the quote of the line before and opens another. In quadratic time, 4 MB would take minutes.
    let file = format!(
        "date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,1,1,0,0\n{}",
        "x\",\"y\n".repeat(700_000)
    );
    let report = read(file.as_bytes()).unwrap().report;
    assert_eq!((report.rows, report.rejected.count), (1, 700_000));
}

#[test]
fn a_too_long_line_is_skipped() {
    let long = "x".repeat(200_000);
    let file = format!(
        "date,domain,processed,delivered,bounced,complained\n{long}\r\n2026-04-01,a.example,1,1,0,0\n\"{long}\n2026-04-02,a.example,1,1,0,0\n{long}"
    );
    let report = read(file.as_bytes()).unwrap().report;
    let lines: Vec<_> = report.rejected.shown.iter().map(|at| (at.line, at.reason)).collect();
    assert_eq!(
        lines,
        [
            (2, RejectReason::TooLong),
            (4, RejectReason::TooLong),
            (6, RejectReason::TooLong)
        ]
    );
    assert_eq!(report.rejected.shown[0].text, format!("{}…", "x".repeat(80)));
    assert_eq!(report.rows, 2);
}

#[test]
fn a_name_in_another_encoding_is_rejected_alone() {
    let mut file =
        b"date,domain,processed,delivered,bounced,complained,note\n2026-04-01,a.example,1,1,0,0,gr\xfcn\n".to_vec();
    file.extend_from_slice("2026-04-02,bücher.example,1,1,0,0,grün\n2026-04-03,\"".as_bytes());
    file.extend_from_slice(b"a\xff.example\",1,1,0,0,x\n");
    let imported = read(&file).unwrap();
    let lines: Vec<_> = imported
        .report
        .rejected
        .shown
        .iter()
        .map(|at| (at.line, at.reason))
        .collect();
    // The second line's column is not read.
    assert_eq!(lines, [(4, RejectReason::NotUtf8)]);
    assert_eq!(cell(&imported, "a.example", "2026-04-01"), Some(counts(1, 1, 0, 0)));
    assert_eq!(
        cell(&imported, "bücher.example", "2026-04-02"),
        Some(counts(1, 1, 0, 0))
    );
}

#[test]
fn files_that_are_no_text_are_refused_with_advice() {
    for (bytes, expected) in [
        (&b"PK\x03\x04\x14\0"[..], UnsupportedEncoding::Damaged),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", UnsupportedEncoding::Workbook),
        (b"PAR1\x15\x04", UnsupportedEncoding::Columnar),
        (b"ARROW1\0\0", UnsupportedEncoding::Columnar),
        (b"\x1f\x8b\x08\0\0", UnsupportedEncoding::Damaged),
        (b"\x7fELF\0\0\n", UnsupportedEncoding::Binary),
    ] {
        assert_eq!(read(bytes), Err(ImportError::Unreadable(expected)));
    }
    for empty in ["", "\n", "\u{feff}", " \r\n\t\r\n", "sep=;\n"] {
        assert_eq!(read(empty.as_bytes()), Err(ImportError::Empty), "{empty:?}");
    }
    let endless = format!("date,\"{}", "domain\n".repeat(20_000));
    assert_eq!(read(endless.as_bytes()), Err(ImportError::EndlessHeader));
    assert_eq!(read(b"date,\"domain"), Err(ImportError::EndlessHeader));
}

#[test]
fn missing_and_repeated_columns_are_named() {
    let problem = read(b"moment,Domain,processed,delivered,failures\n").unwrap_err();
    let missing = vec![CsvColumn::Date, CsvColumn::Bounced, CsvColumn::Complained];
    assert!(matches!(&problem, ImportError::MissingColumns { missing: named, .. } if *named == missing));
    let text = problem.to_string();
    assert!(
        text.starts_with("The first line names no column “date”, “bounced”, “complained”."),
        "{text}"
    );
    assert!(
        text.contains("It has: “moment”, “Domain”, “processed”, “delivered”, “failures”."),
        "{text}"
    );

    let twice = read(b"date,domain,Date,processed,delivered,bounced,complained,bounced,note,note\n");
    let columns = vec![CsvColumn::Date, CsvColumn::Bounced];
    assert_eq!(twice, Err(ImportError::RepeatedColumns { columns }));
    // Further bytes return the same error.
    let mut ingest = Ingest::new(ImportLimits::default());
    let problem = ingest.feed("nothing\nof use\n".repeat(20).as_bytes()).unwrap_err();
    assert_eq!(ingest.feed(b"more"), Err(problem.clone()));
    assert_eq!(ingest.finish(), Err(problem));
}

#[test]
fn a_file_without_a_usable_row_lists_what_is_wrong() {
    let header = "date,domain,processed,delivered,bounced,complained\n";
    let problem = read(header.as_bytes()).unwrap_err();
    assert!(problem.to_string().contains("no rows"), "{problem}");
    let problem = read(format!("{header}x,a.example,1,1,1,1\n,,1,,,\n").as_bytes()).unwrap_err();
    assert!(
        problem
            .to_string()
            .starts_with("None of the 2 rows could be used. The first: line 2: “x” is not a date"),
        "{problem}"
    );
    let ImportError::NoRows { report } = problem else {
        panic!("{problem}")
    };
    assert_eq!(report.rejected.shown.len(), 2);
}

#[test]
fn dates_too_far_apart_name_the_lines() {
    let file = "date,domain,processed,delivered,bounced,complained\n2026-04-01,a.example,1,1,0,0\n2062-04-02,a.example,1,1,0,0\n\
        2026-04-03,a.example,1,1,0,0\n2062-04-02,b.example,1,1,0,0\n2002-04-01,a.example,1,1,0,0\n";
    let problem = read(file.as_bytes()).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "The dates lie too far apart: 2002-04-01 to 2062-04-02, where at most 3,653 days fit. \
         Correct or remove line 6 (2002-04-01), line 3 and 1 more (2062-04-02)."
    );
    // Ten years to the day fit, one more does not.
    let span = |last: &str| {
        read(
            format!(
                "date,domain,processed,delivered,bounced,complained\n2016-01-01,a.example,1,1,0,0\n{last},a.example,1,1,0,0\n"
            )
            .as_bytes(),
        )
    };
    assert_eq!(span("2025-12-31").map(|imported| imported.table.day_count()), Ok(3_653));
    assert!(matches!(span("2026-01-01"), Err(ImportError::DatesTooFarApart { outlying, .. }) if outlying.count == 1));
}

#[test]
fn memory_is_bounded() {
    let small = ImportLimits {
        details: 2,
        days: 30,
        cells: 50,
    };
    let with = |text: &str| {
        let mut ingest = Ingest::new(small);
        ingest.feed(b"date,domain,processed,delivered,bounced,complained\n")?;
        ingest.feed(text.as_bytes())?;
        ingest.finish()
    };
    let grid = |domains: u32, days: u32| -> String {
        let cells = (0..domains).flat_map(|domain| (1..=days).map(move |day| (domain, day)));
        cells
            .map(|(domain, day)| format!("2026-04-{day:02},d{domain}.example,1,1,0,0\n"))
            .collect()
    };
    assert_eq!(with(&grid(5, 10)).map(|imported| imported.report.rows), Ok(50));
    assert_eq!(
        with(&grid(3, 17)),
        Err(ImportError::TooManyCells {
            line: 36,
            domains: 3,
            days: 17,
            limit: 50
        })
    );
    // The error is reported at the first row that does not fit.
    assert_eq!(with(&grid(6, 17)), with(&grid(3, 17)));
    assert_eq!(
        with(&grid(3, 17)).unwrap_err().to_string(),
        "Up to line 36, 3 domains over 17 days make 51 days to keep, where at most 50 fit. Split the file by date or by domain."
    );
    // Rows of one domain and day take one cell.
    let many = with(&grid(5, 10).repeat(1_000)).map(|imported| (imported.report.rows, imported.report.repeated));
    assert_eq!(many, Ok((50, 49_950)));
    // A distant date is reported as such, although it also makes too many days.
    let far = format!("{}2062-04-01,d0.example,1,1,0,0\n", grid(5, 10));
    assert!(matches!(with(&far), Err(ImportError::DatesTooFarApart { outlying, .. }) if outlying.count == 1));
    // The list is limited, the count is not.
    let report = with(&format!("{}{}", "x,y,1,1,1,1\n".repeat(1_000), grid(1, 1)))
        .unwrap()
        .report;
    assert_eq!((report.rejected.count, report.rejected.shown.len()), (1_000, 2));
}

#[test]
fn progress_and_the_steps_of_the_table_add_up() {
    let file = include_bytes!("../../../../tests/data/daily-counts.csv");
    let whole = read(file).unwrap();
    let mut ingest = Ingest::new(ImportLimits::default());
    let mut before = ingest.progress();
    // The first rows are read once they have shown how dates and numbers are written.
    for chunk in file.chunks(16_384) {
        ingest.feed(chunk).unwrap();
        let now = ingest.progress();
        assert_eq!(now.bytes, before.bytes + chunk.len() as u64);
        assert!(now.rows >= before.rows);
        before = now;
    }
    assert_eq!((before.rows, before.rejected), (5_688, 4));
    let mut builder = ingest.into_table_builder().unwrap();
    let mut steps = 0;
    while !builder.step(1_000) {
        steps += 1;
    }
    let cells = 4 * whole.table.domains().len() * whole.table.day_count() as usize;
    assert!((cells / 1_000..=cells / 900).contains(&steps), "{steps} steps");
    assert_eq!(builder.finish(), whole);
}
