//! Any table, written in five styles of numbers and of dates, three encodings and with two separators, reads back equal, also
//! with the mapping that the file shows.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::model::{Counts, Day};
use poolkeeper_ingest::{ImportOptions, Imported, Ingest, Mapping, RowPeriod, sniff};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DOMAINS: [&str; 4] = ["alpha.example", "bücher.example", "mail.c.example", "grün.example"];

type Rows = BTreeMap<(usize, i32), [u32; 4]>;

#[derive(Clone, Copy, Debug)]
struct Style {
    separator: &'static str,
    numbers: usize,
    dates: usize,
    encoding: usize,
}

fn date(day: Day, style: usize) -> String {
    let form = ["%Y-%m-%d", "%d.%m.%Y", "%-m/%-d/%Y", "%-d. %B %Y", "%Y%m%d"];
    day.date().format(form.get(style).unwrap()).to_string()
}

/// Digits in groups of three.
fn grouped(count: u32, mark: char) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

fn number(count: u32, style: usize) -> String {
    match style {
        0 => count.to_string(),
        1 => format!("{}.0", grouped(count, ',')),
        2 => format!("{},00", grouped(count, '.')),
        3 => grouped(count, '\u{a0}'),
        _ => format!("{count}.0"),
    }
}

fn write(rows: &Rows, style: Style) -> Vec<u8> {
    let names = ["date", "domain", "processed", "delivered", "bounced", "complained"];
    let mut text = format!("{}\n", names.join(style.separator));
    for ((domain, since), counts) in rows {
        let day = Day::from_ymd(2026, 2, 10).unwrap().plus(*since);
        let cells = [date(day, style.dates), DOMAINS.get(*domain).unwrap().to_string()];
        let cells = cells
            .into_iter()
            .chain(counts.map(|count| number(count, style.numbers)));
        let cells = cells.map(|cell| {
            if cell.contains(style.separator) {
                format!("\"{cell}\"")
            } else {
                cell
            }
        });
        text.push_str(&cells.collect::<Vec<_>>().join(style.separator));
        text.push('\n');
    }
    match style.encoding {
        0 => text.into_bytes(),
        // All of these characters have the same number in Windows-1252 and in Unicode.
        1 => text
            .chars()
            .map(|char| u8::try_from(u32::from(char)).unwrap())
            .collect(),
        _ => "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect(),
    }
}

fn read(bytes: &[u8], mapping: Mapping) -> Imported {
    let mut ingest = Ingest::with_options(ImportOptions {
        mapping,
        ..ImportOptions::default()
    });
    ingest.feed(bytes).unwrap();
    ingest.finish().unwrap()
}

fn held(imported: &Imported) -> BTreeMap<(String, Day), Counts> {
    let table = &imported.table;
    let mut held = BTreeMap::new();
    for (at, domain) in table.domains().iter().enumerate() {
        for since in 0..table.day_count() {
            let day = table.first_day().plus(i32::try_from(since).unwrap());
            if let Some(counts) = table.get(at, day) {
                held.insert((domain.name.as_str().to_owned(), day), counts);
            }
        }
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_table_reads_back_equal_in_every_style(
        rows in proptest::collection::btree_map(
            // More than 12 days, so that the order of day and month shows.
            (0..DOMAINS.len(), 0..40),
            [0_u32..2_000_000, 0_u32..2_000_000, 0_u32..5_000, 0_u32..30],
            30..60,
        ),
    ) {
        let first = Day::from_ymd(2026, 2, 10).unwrap();
        let expected: BTreeMap<_, _> = rows
            .iter()
            .map(|((domain, since), counts)| {
                let [processed, delivered, bounced, complained] = counts.map(u64::from);
                let counts = Counts { processed, delivered, bounced, complained };
                ((DOMAINS.get(*domain).unwrap().to_string(), first.plus(*since)), counts)
            })
            .collect();
        let given = Mapping { row_period: Some(RowPeriod::Week), ..Mapping::default() };
        for at in 0..150 {
            let style = Style {
                separator: [",", ";"].get(at % 2).unwrap(),
                numbers: at / 2 % 5,
                dates: at / 10 % 5,
                encoding: at / 50,
            };
            let bytes = write(&rows, style);
            let imported = read(&bytes, given.clone());
            prop_assert_eq!(imported.report.rejected.count, 0, "{:?}: {:?}", style, imported.report.rejected.shown.first());
            prop_assert_eq!(held(&imported), expected.clone(), "{:?}", style);
            let shown = sniff(&bytes, true, &given).mapping;
            prop_assert_eq!(&read(&bytes, shown).table, &imported.table, "{:?}, mapped", style);
        }
    }
}
