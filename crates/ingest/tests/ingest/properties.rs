//! Checks generated files against their source data, and that any bytes read the same in any pieces.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::model::{Counts, Day};
use poolkeeper_ingest::{ImportError, ImportLimits, Imported, Ingest};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DOMAINS: [&str; 5] = ["a.example", "b.example", "xn--bcher-kva.example", "mail.c.example", "d"];

/// The error in a generated row, if any.
#[derive(Clone, Copy, Debug)]
enum Flaw {
    None,
    /// The cell of a column, by its position in `COLUMNS`, is invalid.
    BadCell(usize),
    ExtraCell,
    MissingCell,
    /// A date that is not UTF-8.
    NotUtf8,
}

#[derive(Clone, Debug)]
struct Line {
    domain: usize,
    day: i32,
    counts: [u32; 4],
    quoted: bool,
    upper: bool,
    date_form: usize,
    flaw: Flaw,
    /// Line breaks in the ignored column.
    breaks: usize,
    blank_before: bool,
}

#[derive(Clone, Debug)]
struct File {
    /// Columns in their order, by position in `COLUMNS`.
    order: Vec<usize>,
    separator: char,
    line_end: &'static str,
    mark: bool,
    lines: Vec<Line>,
    ends_in_line_end: bool,
}

const COLUMNS: [&str; 7] = [
    "Date",
    "DOMAIN",
    "processed",
    "delivered",
    "bounced",
    "complained",
    "note",
];

fn line() -> impl Strategy<Value = Line> {
    let flaw = prop_oneof![
        8 => Just(Flaw::None),
        2 => (0_usize..6).prop_map(Flaw::BadCell),
        1 => Just(Flaw::ExtraCell),
        1 => Just(Flaw::MissingCell),
        1 => Just(Flaw::NotUtf8),
    ];
    let look = (
        any::<bool>(),
        any::<bool>(),
        0_usize..4,
        prop_oneof![4 => Just(0_usize), 1 => 1_usize..4],
    );
    (
        0..DOMAINS.len(),
        0..40,
        any::<[u16; 4]>(),
        look,
        flaw,
        proptest::bool::weighted(0.1),
    )
        .prop_map(
            |(domain, day, counts, (quoted, upper, date_form, breaks), flaw, blank_before)| Line {
                domain,
                day,
                counts: counts.map(u32::from),
                quoted,
                upper,
                date_form,
                flaw,
                // These errors split a row of several lines, or replace the cell with the line breaks.
                breaks: match flaw {
                    Flaw::None | Flaw::BadCell(_) => breaks,
                    Flaw::ExtraCell | Flaw::MissingCell | Flaw::NotUtf8 => 0,
                },
                blank_before,
            },
        )
}

fn file() -> impl Strategy<Value = File> {
    (
        Just((0..7).collect::<Vec<_>>()).prop_shuffle(),
        prop_oneof![Just(','), Just(';'), Just('\t')],
        prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        any::<bool>(),
        proptest::collection::vec(line(), 1..60),
        any::<bool>(),
    )
        .prop_map(|(order, separator, line_end, mark, lines, ends_in_line_end)| File {
            order,
            separator,
            line_end,
            mark,
            lines,
            ends_in_line_end,
        })
}

impl File {
    fn first_day() -> Day {
        Day::from_ymd(2026, 2, 10).unwrap()
    }

    /// The bytes, and for each row whether it is valid and the line it starts on.
    fn write(&self) -> (Vec<u8>, Vec<(bool, u64)>) {
        let mut bytes = if self.mark {
            "\u{feff}".as_bytes().to_vec()
        } else {
            Vec::new()
        };
        let names: Vec<_> = self.order.iter().map(|&at| COLUMNS[at].as_bytes().to_vec()).collect();
        bytes.extend(names.join(&(self.separator as u8)));
        bytes.extend(self.line_end.as_bytes());
        let (mut number, mut rows) = (2, Vec::new());
        for line in &self.lines {
            if line.blank_before {
                bytes.extend(self.line_end.as_bytes());
                number += 1;
            }
            rows.push((matches!(line.flaw, Flaw::None), number));
            bytes.extend(self.row(line));
            bytes.extend(self.line_end.as_bytes());
            number += 1 + line.breaks as u64;
        }
        if !self.ends_in_line_end {
            bytes.truncate(bytes.len() - self.line_end.len());
        }
        (bytes, rows)
    }

    fn row(&self, line: &Line) -> Vec<u8> {
        let mut cells: Vec<Vec<u8>> = self.order.iter().map(|&column| self.cell(line, column)).collect();
        match line.flaw {
            Flaw::ExtraCell => cells.push(b"7".to_vec()),
            Flaw::MissingCell => drop(cells.pop()),
            _ => {}
        }
        cells.join(&(self.separator as u8))
    }

    fn cell(&self, line: &Line, column: usize) -> Vec<u8> {
        let bad = matches!(line.flaw, Flaw::BadCell(at) if at == column);
        let text = match column {
            _ if bad => ["2026-02-30", "no name", "1,5", "1.5", "-1", "x"][column].to_owned(),
            0 => {
                let date = Self::first_day().plus(line.day).date();
                let form = [
                    "%Y-%m-%d",
                    "%Y-%m-%dT23:59:59Z",
                    "%Y-%m-%d 00:00:00",
                    "%a, %d %b %Y 12:00:00 +0000",
                ];
                date.format(form[line.date_form]).to_string()
            }
            1 if line.upper => DOMAINS[line.domain].to_uppercase(),
            1 => DOMAINS[line.domain].to_owned(),
            6 => format!("said \"x{}{}\"", self.separator, self.line_end.repeat(line.breaks)),
            _ => line.counts[column - 2].to_string(),
        };
        let mut cell = if line.quoted || text.contains([',', self.separator, '"', '\r', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\"")).into_bytes()
        } else {
            text.into_bytes()
        };
        if column == 0 && matches!(line.flaw, Flaw::NotUtf8) {
            cell = b"\xff".to_vec();
        }
        cell
    }

    /// The sums of the valid rows.
    fn sums(&self) -> BTreeMap<(String, Day), Counts> {
        let mut sums = BTreeMap::new();
        for line in self.lines.iter().filter(|line| matches!(line.flaw, Flaw::None)) {
            let key = (DOMAINS[line.domain].to_owned(), Self::first_day().plus(line.day));
            let [processed, delivered, bounced, complained] = line.counts.map(u64::from);
            *sums.entry(key).or_insert(Counts::ZERO) += Counts {
                processed,
                delivered,
                bounced,
                complained,
            };
        }
        sums
    }
}

fn read(pieces: &[&[u8]]) -> Result<Imported, ImportError> {
    let mut ingest = Ingest::new(ImportLimits::default());
    for piece in pieces {
        ingest.feed(piece)?;
    }
    ingest.finish()
}

/// The bytes cut at places given as fractions of their length.
fn split_at_fractions<'a>(bytes: &'a [u8], fractions: &[u16]) -> Vec<&'a [u8]> {
    let mut at: Vec<_> = fractions
        .iter()
        .map(|&fraction| bytes.len() * usize::from(fraction) / 65_535)
        .collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    at.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

/// Parts of files, with typical difficulties.
const PARTS: [&[u8]; 14] = [
    b"2026-04-01,a.example,1,1,0,0",
    b"a.example;2026-04-02;y;1;1;0;0",
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\r\n",
    b"1",
    b"\xff",
    b"\0",
    b" ",
    b"\t",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_file_gives_what_it_was_made_from(file in file()) {
        let (bytes, rows) = file.write();
        let sums = file.sums();
        let result = read(&[&bytes]);
        if sums.is_empty() {
            let nothing = matches!(result, Err(ImportError::NoRows { .. }));
            prop_assert!(nothing);
            return Ok(());
        }
        let Imported { table, report } = result.unwrap();
        let mut held = BTreeMap::new();
        for (at, domain) in table.domains().iter().enumerate() {
            for since in 0..table.day_count() {
                let day = table.first_day().plus(i32::try_from(since).unwrap());
                if let Some(counts) = table.get(at, day) {
                    held.insert((domain.name.as_str().to_owned(), day), counts);
                }
            }
        }
        let good = rows.iter().filter(|(good, _)| *good).count() as u64;
        prop_assert_eq!(report.rows, good);
        prop_assert_eq!(report.added_up, good - sums.len() as u64);
        prop_assert_eq!(report.gaps, table.domains().len() as u64 * u64::from(table.day_count()) - sums.len() as u64);
        prop_assert_eq!(held, sums);
        let bad: Vec<_> = rows.iter().filter(|(good, _)| !good).map(|&(_, line)| line).collect();
        prop_assert_eq!(report.rejected.shown.iter().map(|at| at.line).collect::<Vec<_>>(), bad);
    }

    #[test]
    fn where_a_file_is_cut_changes_nothing(file in file(), fractions in proptest::collection::vec(any::<u16>(), 0..12)) {
        let (bytes, _) = file.write();
        let whole = read(&[&bytes]);
        prop_assert_eq!(&read(&split_at_fractions(&bytes, &fractions)), &whole);
        prop_assert_eq!(&read(&bytes.chunks(1).collect::<Vec<_>>()), &whole);
    }

    #[test]
    fn any_bytes_in_any_pieces_read_the_same(
        header in prop_oneof![
            Just("date,domain,processed,delivered,bounced,complained\n"),
            Just("\u{feff}domain;date;x;processed;delivered;bounced;complained\r"),
            Just(""),
        ],
        parts in proptest::collection::vec(
            prop_oneof![
                4 => proptest::sample::select(&PARTS[..]).prop_map(<[u8]>::to_vec),
                1 => proptest::collection::vec(any::<u8>(), 0..8),
            ],
            0..60,
        ),
        fractions in proptest::collection::vec(any::<u16>(), 0..12),
    ) {
        let bytes = [header.as_bytes(), &parts.concat()].concat();
        let whole = read(&[&bytes]);
        prop_assert_eq!(&read(&split_at_fractions(&bytes, &fractions)), &whole);
        prop_assert_eq!(&read(&bytes.chunks(1).collect::<Vec<_>>()), &whole);
        // Every line of an imported file is counted.
        if let Ok(Imported { report, .. }) = whole {
            prop_assert!(report.rows + report.rejected.count + report.blank_lines < report.lines);
        }
    }

    /// Rows and lines around the size limit of a line or a quoted cell.
    #[test]
    fn long_lines_cut_anywhere_read_the_same(
        length in 65_400_usize..65_700,
        quoted in any::<bool>(),
        line_end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        fractions in proptest::collection::vec(any::<u16>(), 0..12),
    ) {
        let quote = if quoted { "\"" } else { "" };
        let long = "x".repeat(length);
        let head = format!("date,domain,processed,delivered,bounced,complained,note{line_end}");
        let row = "2026-04-01,a.example,1,1,0,0,";
        let bytes = format!("{head}{row}{quote}{long}{quote}{line_end}{row}{quote}a{line_end}{row}b{line_end}");
        let bytes = bytes.as_bytes();
        let whole = read(&[bytes]);
        prop_assert!(whole.is_ok());
        prop_assert_eq!(&read(&split_at_fractions(bytes, &fractions)), &whole);
        prop_assert_eq!(&read(&bytes.chunks(10_007).collect::<Vec<_>>()), &whole);
    }
}
