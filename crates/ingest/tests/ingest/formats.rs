//! Encodings, headers, number styles and dates. The expected numbers are worked out by hand from how the files were made.

use crate::imports::{BASELINE, assert_daily, counts, day, file, notes, read, read_bytes};
use poolkeeper_core::model::DomainName;
use poolkeeper_ingest::{
    DateOrder, DateStyle, ImportError, ImportNote, ImportOptions, Imported, Mapping, NumberStyle, RejectReason,
    RowPeriod, TextEncoding, UnsupportedEncoding,
};
use std::io::Write;

const HEADER: &str = "date,domain,processed,delivered,bounced,complained\n";

fn rows(text: &str) -> Result<Imported, ImportError> {
    read_bytes(format!("{HEADER}{text}").as_bytes(), &ImportOptions::default())
}

fn assert_baseline(name: &str) -> Imported {
    let imported = read(name);
    assert_daily(&imported, &BASELINE, 14, name);
    assert_eq!(imported.report.rejected.count, 0, "{name}");
    imported
}

#[test]
fn the_apis_names_are_known_and_said() {
    let imported = assert_baseline("03-mailgun-api-names.csv");
    assert_eq!(
        notes(&imported),
        [
            "Columns: date from “time”, processed from “processed_count”, delivered from “delivered_count”, bounced from \
             “bounced_count”, complained from “complained_count”."
        ]
    );
}

#[test]
fn a_documented_name_wins_over_another_one() {
    let text = "date,time,domain,sent,processed,delivered,bounced,complained\n2026-04-01,x,a.example,9,5,5,0,0\n";
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([5, 5, 0, 0])));
    assert_eq!(imported.report.ignored_columns, ["time", "sent"]);
}

#[test]
fn decimals_without_a_fraction_are_whole() {
    let imported = assert_baseline("21-decimals-pandas.csv");
    let style = NumberStyle::DecimalPoint;
    assert_eq!(imported.report.notes, [ImportNote::Numbers { style }]);
}

#[test]
fn thousands_are_the_numbers_they_mean() {
    let plain = read("19-big-plain.csv");
    let thousands = read("20-thousands-us.csv");
    assert_eq!(thousands.table, plain.table);
    assert_eq!((thousands.report.rows, thousands.report.rejected.count), (42, 0));
    assert_eq!(
        plain.table.get(0, day("2026-04-01")),
        Some(counts([40_000, 39_200, 800, 0]))
    );
}

/// Nothing in the file tells 40 from 40,000.
#[test]
fn numbers_that_could_be_two_are_rejected() {
    let row = |day: u32| format!("2026-04-0{day};a.example;40,000;39,000;1,000;2,000\n");
    let text: String = [HEADER.replace(',', ";")].into_iter().chain((1..=3).map(row)).collect();
    let result = read_bytes(text.as_bytes(), &ImportOptions::default());
    let Err(ImportError::NoRows { report }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        report.rejected.shown[0].to_string(),
        "line 2: processed “40,000” could have decimals or thousands; write it in digits only"
    );
}

#[test]
fn excel_dates_have_the_order_of_the_column() {
    for (name, order) in [
        ("23-excel-us-dates.csv", DateOrder::MonthFirst),
        ("23b-excel-de-dates.csv", DateOrder::DayFirst),
    ] {
        let imported = assert_baseline(name);
        let (style, is_likely) = (DateStyle::Numeric(order), false);
        assert_eq!(
            imported.report.notes,
            [ImportNote::Dates { style, is_likely }],
            "{name}"
        );
    }
}

#[test]
fn an_unclear_order_of_dates_is_asked_for() {
    let file = format!("{HEADER}4/1/2026,a.example,1,1,0,0\n");
    let read_as = |date_order| {
        let options = ImportOptions {
            mapping: Mapping {
                date_order,
                ..Mapping::default()
            },
            ..ImportOptions::default()
        };
        read_bytes(file.as_bytes(), &options).map(|imported| imported.table.first_day())
    };
    let example = "4/1/2026".to_owned();
    assert_eq!(read_as(None), Err(ImportError::UnclearDates { example }));
    assert_eq!(read_as(Some(DateOrder::MonthFirst)), Ok(day("2026-04-01")));
    assert_eq!(read_as(Some(DateOrder::DayFirst)), Ok(day("2026-01-04")));
    // 1 to 3 April rather than three months, as daily counts lie close together. It is said.
    let imported =
        rows("4/1/2026,a.example,1,1,0,0\n4/2/2026,a.example,1,1,0,0\n4/3/2026,a.example,1,1,0,0\n").unwrap();
    assert_eq!(
        (imported.table.first_day(), imported.table.day_count()),
        (day("2026-04-01"), 3)
    );
    let (style, is_likely) = (DateStyle::Numeric(DateOrder::MonthFirst), true);
    assert_eq!(imported.report.notes, [ImportNote::Dates { style, is_likely }]);
}

/// The sample ends before the last row, which has another order.
#[test]
fn a_date_that_contradicts_the_column_is_rejected_with_its_line() {
    let filler = |n: u32| format!("4/13/2026,d{n}.example,1,1,0,0\n");
    let many: String = (0..150_000).map(filler).collect();
    let bytes = format!("{HEADER}{many}14/4/2026,a.example,1,1,0,0\n");
    let mut ingest = poolkeeper_ingest::Ingest::with_options(ImportOptions::default());
    ingest.feed(bytes.as_bytes()).unwrap();
    let report = ingest.finish().unwrap().report;
    assert_eq!(report.rows, 150_000);
    assert_eq!(
        report.rejected.shown[0].to_string(),
        "line 150,002: “14/4/2026” is a date with day and month in another order than before"
    );
}

#[test]
fn dates_of_spreadsheets_and_programs() {
    // 46113 is 1 April 2026 in a spreadsheet, 1775001600 its first second since 1970.
    for (date, style) in [
        ("46113", DateStyle::SpreadsheetSerial),
        ("1775001600", DateStyle::Epoch),
        ("1775001600000", DateStyle::Epoch),
        ("20260401", DateStyle::YearFirst),
        ("2026/04/01", DateStyle::YearFirst),
        ("1 Apr 2026", DateStyle::MonthName),
    ] {
        let imported = rows(&format!("{date},a.example,1,1,0,0\n")).unwrap();
        assert_eq!(imported.table.first_day(), day("2026-04-01"), "{date}");
        let is_likely = false;
        assert_eq!(
            imported.report.notes,
            [ImportNote::Dates { style, is_likely }],
            "{date}"
        );
    }
}

#[test]
fn days_at_local_midnight_are_local_days_and_said() {
    let imported = assert_baseline("09c-sparkpost-renamed-berlin.csv");
    let (style, is_likely) = (DateStyle::LocalMidnight, false);
    assert_eq!(imported.report.notes, [ImportNote::Dates { style, is_likely }]);
    assert_eq!(
        notes(&imported),
        ["Each date is midnight in a zone that is not UTC, and counts for its day in that zone."]
    );
}

#[test]
fn bytes_of_another_encoding_in_an_unread_column_do_no_harm() {
    let imported = assert_baseline("25b-windows-1252.csv");
    assert_eq!(imported.report.ignored_columns, ["note"]);
}

#[test]
fn names_in_windows_1252_are_read_and_said() {
    let text = format!("{HEADER}2026-04-01,m\u{fc}nchen.example,1,1,0,0\n2026-04-02,xn--mnchen-3ya.example,1,1,0,0\n");
    let bytes: Vec<u8> = text.chars().map(|char| u8::try_from(char).unwrap()).collect();
    let imported = read_bytes(&bytes, &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.domains().len(), 1);
    assert_eq!(imported.table.domains()[0].name.as_str(), "münchen.example");
    assert_eq!(imported.report.encoding, TextEncoding::Windows1252);
    assert_eq!(notes(&imported)[0], "The text is Windows-1252.");
}

#[test]
fn utf16_is_read_with_and_without_a_mark() {
    let text = String::from_utf8(file("00-baseline.csv")).unwrap();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (mark, bytes, encoding) in [
        (&[][..], &little, TextEncoding::Utf16LittleEndian),
        (&[0xff, 0xfe], &little, TextEncoding::Utf16LittleEndian),
        (&[], &big, TextEncoding::Utf16BigEndian),
        (&[0xfe, 0xff], &big, TextEncoding::Utf16BigEndian),
    ] {
        let imported = read_bytes(&[mark, bytes].concat(), &ImportOptions::default()).unwrap();
        assert_daily(&imported, &BASELINE, 14, "UTF-16");
        assert_eq!(imported.report.encoding, encoding);
        assert_eq!(notes(&imported), ["The text is UTF-16."]);
    }
}

#[test]
fn gzip_is_unpacked_and_damage_is_found() {
    let pack = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed = pack(&file("00-baseline.csv"));
    let imported = read_bytes(&packed, &ImportOptions::default()).unwrap();
    assert_daily(&imported, &BASELINE, 14, "gzip");
    // Two files packed one after the other unpack to their texts one after the other.
    let text = file("00-baseline.csv");
    let (first, second) = text.split_at(700);
    let imported = read_bytes(&[pack(first), pack(second)].concat(), &ImportOptions::default()).unwrap();
    assert_daily(&imported, &BASELINE, 14, "two members");
    let damaged = Err(ImportError::Unreadable(UnsupportedEncoding::Damaged));
    let mut wrong = packed.clone();
    wrong[packed.len() / 2] ^= 0x55;
    for bytes in [
        &packed[..packed.len() - 1],
        &packed[..packed.len() / 2],
        &packed[..12],
        &wrong,
    ] {
        assert_eq!(read_bytes(bytes, &ImportOptions::default()), damaged);
    }
    assert_eq!(
        read_bytes(&pack(&packed), &ImportOptions::default()),
        Err(ImportError::Unreadable(UnsupportedEncoding::TwiceCompressed))
    );
}

#[test]
fn a_quoted_sep_line_names_the_separator() {
    assert_baseline("26b-sep-line-quoted.csv");
}

#[test]
fn title_lines_before_the_header_are_passed_over_and_said() {
    let imported = assert_baseline("28-preamble.csv");
    assert_eq!(imported.report.notes, [ImportNote::TitleLines { lines: 4 }]);
    // Without a header the line with the most known columns is in the message.
    let problem = read_bytes(
        b"Report\ndate,domain,processed\n2026-04-01,a.example,1\n",
        &ImportOptions::default(),
    );
    let text = problem.unwrap_err().to_string();
    assert!(text.contains("It has: “date”, “domain”, “processed”."), "{text}");
}

#[test]
fn months_are_refused_or_read_on_request() {
    let months = file("05-mailgun-monthly.csv");
    let refused = read_bytes(&months, &ImportOptions::default());
    // From April 2025 to March 2026.
    assert_eq!(
        refused,
        Err(ImportError::Periods {
            period: RowPeriod::Month,
            days: 12,
            first: day("2025-04-01"),
            last: day("2026-03-01"),
        })
    );
    let options = ImportOptions {
        mapping: Mapping {
            row_period: Some(RowPeriod::Month),
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    let imported = read_bytes(&months, &options).unwrap();
    assert_eq!(
        imported.table.get(0, day("2025-05-01")),
        Some(counts([12_000, 11_760, 240, 0]))
    );
    assert_eq!(
        imported.report.notes,
        [ImportNote::PeriodsAsDays {
            period: RowPeriod::Month
        }]
    );
}

#[test]
fn a_file_without_a_domain_column_asks_for_the_domain() {
    let statistics = file("07b-sendgrid-stats.csv");
    let problem = read_bytes(&statistics, &ImportOptions::default()).unwrap_err();
    assert_eq!(problem, ImportError::NoDomainColumn);
    assert!(problem.to_string().contains("--domain NAME"), "{problem}");
    let options = ImportOptions {
        mapping: Mapping {
            domain: DomainName::parse("alpha.example").ok(),
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    let imported = read_bytes(&statistics, &options).unwrap();
    assert_daily(&imported, &BASELINE[..1], 14, "07b");
    let names = notes(&imported);
    assert_eq!(
        names,
        ["Columns: bounced from “bounces”, complained from “spam_reports”."]
    );
    assert_eq!(
        read_bytes(&file("00-baseline.csv"), &options),
        Err(ImportError::DomainNotNeeded)
    );
}

#[test]
fn one_metric_a_row_becomes_daily_counts() {
    let imported = assert_baseline("08b-ses-vdm-long.csv");
    assert_eq!(imported.report.notes, [ImportNote::OneMetricARow { uncounted: 0 }]);
    let text = "Date,EMAIL_IDENTITY,Metric,Volume\n2026-04-01,News@A.example,SEND,9\n2026-04-01,a.example,OPEN,5\n\
        2026-04-01,a.example,PERMANENT_BOUNCE,2\n2026-04-01,a.example,TRANSIENT_BOUNCE,2\n";
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([9, 0, 4, 0])));
    assert_eq!(imported.report.notes, [ImportNote::OneMetricARow { uncounted: 1 }]);
}

#[test]
fn one_message_a_row_is_counted_by_day_and_domain() {
    // One message delivered and one bounced, all on 1 April 2026 in UTC. KumoMTA's log also has a reception.
    for (name, uncounted) in [
        ("11-mandrill-activity.csv", 0),
        ("15-powermta-acct.csv", 0),
        ("16-kumomta-log.jsonl", 1),
    ] {
        let imported = read(name);
        assert_daily(&imported, &[("alpha.example", [2, 1, 1, 0])], 1, name);
        assert_eq!(
            (imported.report.rejected.count, imported.report.warnings.count),
            (0, 0),
            "{name}"
        );
        let said = imported.report.notes.iter().find_map(|note| match note {
            ImportNote::OneMessageARow { uncounted, .. } => Some(*uncounted),
            _ => None,
        });
        assert_eq!(said, Some(uncounted), "{name}");
    }
}

#[test]
fn mailguns_metrics_are_read() {
    let imported = assert_baseline("01-mailgun-metrics.json");
    assert_eq!(imported.report.rows, 42);
}

#[test]
fn a_time_series_at_local_midnight_has_each_days_own_date() {
    let series = file("09-sparkpost-time-series.json");
    assert_eq!(
        read_bytes(&series, &ImportOptions::default()),
        Err(ImportError::NoDomainColumn)
    );
    let options = ImportOptions {
        mapping: Mapping {
            domain: DomainName::parse("alpha.example").ok(),
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    let imported = read_bytes(&series, &options).unwrap();
    assert_daily(&imported, &BASELINE[..1], 14, "09");
    assert!(
        notes(&imported)
            .iter()
            .any(|note| note.contains("its day in that zone"))
    );
}

#[test]
fn a_wrong_record_is_rejected_with_its_line() {
    let text = "{\"items\": [\n{\"date\": \"2026-04-01\", \"domain\": \"a.example\", \"processed\": 5, \"delivered\": 5, \
        \"bounced\": null, \"complained\": 0},\n{\"date\": \"2026-04-02\", \"domain\": \"a.example\", \"processed\": \"x\", \
        \"delivered\": 5, \"bounced\": 0, \"complained\": 0}\n]}";
    let imported = read_bytes(text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([5, 5, 0, 0])));
    let rejected: Vec<_> = imported.report.rejected.shown.iter().map(ToString::to_string).collect();
    assert_eq!(rejected, ["line 3: processed “x” is not a whole number"]);
    let lines = "{\"day\":\"2026-04-01\",\"domain\":\"a.example\",\"sent\":5,\"delivered\":5,\"bounces\":0,\"complaints\":0}\n\
        not json\n";
    let imported = read_bytes(lines.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(
        (imported.report.rows, imported.report.rejected.shown[0].reason),
        (1, RejectReason::NotJson)
    );
}

#[test]
fn json_that_is_no_list_says_what_it_is() {
    let problem = read_bytes(&file("63d-unauthorized.json"), &ImportOptions::default()).unwrap_err();
    assert!(
        problem.to_string().contains("error answer, \"Invalid private key\""),
        "{problem}"
    );
    let problem = read_bytes(b"{\"items\": [\n{\"a\": 1},\n{\"a\" 2}]}", &ImportOptions::default()).unwrap_err();
    assert!(problem.to_string().starts_with("Line 3: "), "{problem}");
}
