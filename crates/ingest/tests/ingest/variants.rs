//! The baseline's numbers in other styles: whatever a program writes, the traffic is the same or the file is refused with
//! the reason.

use crate::imports::{BASELINE, assert_daily, counts, day, notes, read_bytes};
use poolkeeper_core::model::Day;
use poolkeeper_ingest::{CsvColumn, DateStyle, ImportError, ImportNote, ImportOptions, Imported, Mapping, RowPeriod};

const NAMES: [&str; 6] = ["date", "domain", "processed", "delivered", "bounced", "complained"];

fn bytes(text: &str) -> Result<Imported, ImportError> {
    read_bytes(text.as_bytes(), &ImportOptions::default())
}

type WriteDate = Box<dyn Fn(Day) -> String>;

/// The baseline with its dates and counts written by these functions.
fn baseline(separator: &str, date: impl Fn(Day) -> String, number: impl Fn(u64) -> String) -> String {
    let mut text = format!("{}\n", NAMES.join(separator));
    for since in 0..14 {
        for (name, daily) in BASELINE {
            let cells = [date(day("2026-04-01").plus(since)), name.to_owned()];
            let cells: Vec<_> = cells.into_iter().chain(daily.map(&number)).collect();
            text.push_str(&format!("{}\n", cells.join(separator)));
        }
    }
    text
}

fn iso(day: Day) -> String {
    day.to_string()
}

fn plain(count: u64) -> String {
    count.to_string()
}

fn in_format(format: &'static str) -> impl Fn(Day) -> String {
    move |day| day.date().format(format).to_string()
}

#[test]
fn every_style_of_dates_gives_the_same_days() {
    let german = |day: Day| day.date().format("%-d. April %Y").to_string();
    let seconds = |day: Day| i64::from(day.0) * 86_400;
    let styles: [(&str, WriteDate); 14] = [
        ("iso", Box::new(iso)),
        ("German months", Box::new(german)),
        (
            "Spanish months",
            Box::new(|day: Day| day.date().format("%-d de abril de %Y").to_string()),
        ),
        ("short months", Box::new(in_format("%d-%b-%y"))),
        ("compact", Box::new(in_format("%Y%m%d"))),
        ("day first", Box::new(in_format("%d.%m.%Y"))),
        ("day first, short", Box::new(in_format("%d/%m/%y"))),
        ("month first, short", Box::new(in_format("%-m/%-d/%y"))),
        // 1 January 1970 is day 25,569 of a spreadsheet.
        ("spreadsheet", Box::new(|day: Day| (day.0 + 25_569).to_string())),
        ("seconds", Box::new(move |day| seconds(day).to_string())),
        ("thousandths", Box::new(move |day| (seconds(day) * 1_000).to_string())),
        ("midnight in Delhi", Box::new(in_format("%Y-%m-%dT00:00:00+05:30"))),
        (
            "midnight in Berlin, in UTC",
            Box::new(|day: Day| format!("{}T22:00:00Z", day.plus(-1))),
        ),
        (
            "midnight in Berlin, in seconds",
            Box::new(move |day| (seconds(day) - 7_200).to_string()),
        ),
    ];
    for (name, date) in styles {
        let imported = bytes(&baseline(";", &date, plain)).unwrap();
        assert_daily(&imported, &BASELINE, 14, name);
        assert_eq!(imported.report.rejected.count, 0, "{name}");
    }
}

#[test]
fn every_separator_and_a_line_that_names_it() {
    for separator in [",", ";", "\t", "|"] {
        let text = baseline(separator, iso, plain);
        for before in [
            String::new(),
            format!("sep={separator}\r\n"),
            format!("\"sep={separator}\"\n"),
        ] {
            let imported = bytes(&format!("{before}{text}")).unwrap();
            assert_daily(&imported, &BASELINE, 14, &format!("{before:?}"));
        }
    }
}

/// Spaces between thousands as French and German programs write them, also in their older encoding.
#[test]
fn spaces_between_thousands_in_three_encodings() {
    let spaced = |count: u64| match (count / 1_000, count % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands}\u{a0}{rest:03}"),
    };
    let text = baseline(";", iso, |count| spaced(count * 100));
    let hundredfold = BASELINE.map(|(name, daily)| (name, daily.map(|count| 100 * count)));
    let windows: Vec<u8> = text
        .chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap())
        .collect();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [
        ("UTF-8", text.clone().into_bytes()),
        ("Windows-1252", windows),
        ("UTF-16", [b"\xff\xfe".to_vec(), utf16].concat()),
    ] {
        let imported = read_bytes(&bytes, &ImportOptions::default()).unwrap();
        assert_daily(&imported, &hundredfold, 14, name);
    }
}

#[test]
fn totals_without_a_date_or_a_domain_are_left_out() {
    for total in [
        "Total;;13300;12138;1162;14",
        ";Total;13300;12138;1162;14",
        "Gesamt;;13300;12138;1162;14",
    ] {
        let imported = bytes(&format!("{}{total}\n", baseline(";", iso, plain))).unwrap();
        assert_daily(&imported, &BASELINE, 14, total);
        let word = total.split(';').find(|word| !word.is_empty()).unwrap();
        let said = format!("line 44: “{word}” is a row of totals, not of a domain");
        assert_eq!(imported.report.rejected.shown[0].to_string(), said);
        // A total is not a part of the mail that is missing.
        assert!(notes(&imported).is_empty(), "{:?}", notes(&imported));
    }
}

#[test]
fn hard_and_soft_bounces_are_bounces() {
    for (hard, soft) in [
        ("Hard Bounces", "Soft Bounces"),
        ("Permanent Bounce", "Transient Bounce"),
        ("hardBounces", "softBounces"),
    ] {
        let text = format!(
            "Date,Domain,Processed Count,Delivered Count,{hard},{soft},Complaints\n2026-04-01,a.example,100,90,7,3,1\n"
        );
        let imported = bytes(
            &text
                .replace("Processed Count", "processed")
                .replace("Delivered Count", "delivered"),
        )
        .unwrap();
        assert_eq!(
            imported.table.get(0, day("2026-04-01")),
            Some(counts([100, 90, 10, 1])),
            "{hard}"
        );
        let said = format!("Columns: bounced from “{hard}”, bounced from “{soft}”, complained from “Complaints”.");
        assert_eq!(notes(&imported), [said]);
    }
    // A column with their sum is read alone.
    let text = "date,domain,processed,delivered,bounced,hard_bounces,soft_bounces,complained\n2026-04-01,a.example,100,90,10,7,3,1\n";
    assert_eq!(
        bytes(text).unwrap().table.get(0, day("2026-04-01")),
        Some(counts([100, 90, 10, 1]))
    );
}

#[test]
fn rates_without_counts_are_refused_with_the_reason() {
    for (text, column) in [
        (
            "Date,Domain,User Reported Spam Rate,Domain Reputation\n2026-04-01,a.example,0.1%,HIGH\n",
            "User Reported Spam Rate",
        ),
        (
            "IP Address,Activity start,Message recipients,Filter result,Complaint rate\n192.0.2.1,4/1/2026,392,GREEN,< 0.1%\n",
            "Complaint rate",
        ),
        (
            "192.0.2.1,4/1/2026 12:00 AM,4/2/2026 12:00 AM,400,392,392,GREEN,< 0.1%,,,0,,\n",
            "complaint rate",
        ),
        (
            "{\"trafficStats\": [{\"name\": \"x\", \"userReportedSpamRatio\": 0.001}]}",
            "userReportedSpamRatio",
        ),
        (
            "date,domain,processed,delivered,bounce rate,complaint rate\n2026-04-01,a.example,5,5,0,0\n",
            "bounce rate",
        ),
    ] {
        let problem = bytes(text).unwrap_err();
        let ImportError::RatiosOnly { columns, .. } = &problem else {
            panic!("{problem}: {text}");
        };
        assert!(columns.iter().any(|name| name == column), "{columns:?}");
        assert!(problem.to_string().contains("cannot be added up"), "{problem}");
    }
    let share = |count: u64| format!("{:.2}", f64::from(u32::try_from(count).unwrap()) / 400.0);
    for (column, number) in [
        (CsvColumn::Processed, Box::new(share) as Box<dyn Fn(u64) -> String>),
        (CsvColumn::Processed, Box::new(|count| format!("{count} %"))),
    ] {
        let problem = bytes(&baseline(";", iso, number)).unwrap_err();
        assert!(
            matches!(&problem, ImportError::Ratios { column: found, .. } if *found == column),
            "{problem}"
        );
    }
}

#[test]
fn weeks_are_refused_or_read_on_request() {
    let rows: String = (0..6)
        .map(|week| format!("{},a.example,700,700,0,0\n", day("2026-01-05").plus(7 * week)))
        .collect();
    let text = format!("{}\n{rows}", NAMES.join(","));
    let problem = bytes(&text).unwrap_err();
    let (days, period) = (6, RowPeriod::Week);
    // 5 January 2026 is a Monday; five weeks later is 9 February.
    let (first, last) = (day("2026-01-05"), day("2026-02-09"));
    assert_eq!(
        problem,
        ImportError::Periods {
            period,
            days,
            first,
            last
        }
    );
    assert!(
        problem
            .to_string()
            .contains("are Mondays, so each row seems to be a week"),
        "{problem}"
    );
    let options = ImportOptions {
        mapping: Mapping {
            row_period: Some(period),
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    let imported = read_bytes(text.as_bytes(), &options).unwrap();
    assert_eq!(imported.table.get(0, day("2026-01-12")), Some(counts([700, 700, 0, 0])));
    assert_eq!(imported.report.notes, [ImportNote::PeriodsAsDays { period }]);
}

#[test]
fn a_last_day_that_ends_early_is_said() {
    let last = day("2026-04-14");
    let text = baseline(",", iso, plain);
    let text: String = text
        .lines()
        .map(|line| match line.strip_prefix(&format!("{last},")) {
            Some(rest) => format!(
                "{last},{}\n",
                rest.replace(",400,392,8,", ",100,98,2,")
                    .replace(",500,425,75,", ",90,80,10,")
            ),
            None => format!("{line}\n"),
        })
        .collect();
    let imported = bytes(&text).unwrap();
    // 100, 90 and 50 messages instead of 400, 500 and 50.
    let (messages, usual, is_last) = (240, 950, true);
    assert_eq!(
        imported.report.notes,
        [ImportNote::PartialDay {
            day: last,
            is_last,
            messages,
            usual
        }]
    );
    assert!(!imported.report.is_exact());
}

#[test]
fn times_count_for_the_day_in_the_chosen_zone() {
    let text = format!(
        "{}\n2026-04-01T22:30:00Z,a.example,5,5,0,0\n2026-04-02T03:00:00Z,a.example,7,7,0,0\n",
        NAMES.join(",")
    );
    let read = |zone: &str| {
        let options = ImportOptions {
            mapping: Mapping {
                date_zone: Some(zone.parse().unwrap()),
                ..Mapping::default()
            },
            ..ImportOptions::default()
        };
        read_bytes(text.as_bytes(), &options).unwrap()
    };
    let berlin = read("+02:00");
    assert_eq!(berlin.table.get(0, day("2026-04-02")), Some(counts([12, 12, 0, 0])));
    assert_eq!(
        notes(&berlin).first().map(String::as_str),
        Some("Times count for their day at +02:00 from UTC.")
    );
    assert_eq!(
        read("-04:00").table.get(0, day("2026-04-01")),
        Some(counts([12, 12, 0, 0]))
    );
    let standard = bytes(&text).unwrap();
    assert_eq!(standard.table.get(0, day("2026-04-01")), Some(counts([5, 5, 0, 0])));
    assert!(!standard.report.notes.iter().any(|note| matches!(
        note,
        ImportNote::Dates {
            style: DateStyle::Standard,
            ..
        }
    )));
}
