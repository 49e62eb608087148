//! Reads a file of daily counts as a stream.
//!
//! [`Ingest`] takes bytes in pieces of any size and returns a [`Table`](poolkeeper_core::traffic::Table) and an
//! [`ImportReport`]. The sizes of the pieces never change the result. Of a damaged compressed file that has another
//! problem too, they decide which is reported. The page feeds it from a file's stream, the command line from standard
//! input. What is assumed about a file is an [`ImportNote`] of its report.
//!
//! The files:
//!
//! - A CSV has the columns `date,domain,processed,delivered,bounced,complained` and optionally `account`, in any case and
//!   order. The names that services and German spreadsheets use are known too. Others are ignored. Hard and soft bounces
//!   in two columns are added up. At most 20 lines of a title may come before. The separator is the comma, semicolon, tab or
//!   pipe that gives the most known columns, or that of a line `sep=;`. Lines end in LF, CRLF or CR. Empty lines and lines of empty cells are skipped.
//! - A file without a column for the domain needs [`Mapping::domain`].
//! - JSON is a document with a list of records, such as Mailgun's metrics, or a record a line. A field inside an object has
//!   the object's name and a dot before its own.
//! - A file with rates and no counts, such as those of Postmaster Tools and SNDS, is refused.
//! - The columns date, identity, `Metric` and `Volume`, as Amazon SES has them, give one metric a row.
//! - Events of Mailgun, Amazon SES, `SendGrid`, SparkPost, Postmark and Brevo, Mandrill's activity, PowerMTA's accounting,
//!   KumoMTA's log and tables with a date, an event and a sender have one message a row. A row counts on its own day, for
//!   the sender's domain: a delivery as processed and delivered, a message given up for a hard or soft reason as processed
//!   and bounced, a bounce after the delivery as bounced, a complaint as complained. Other events are not counted.
//! - The file may be compressed with gzip or zstd, or be a ZIP archive of such files. What becomes more than 1,000 times as
//!   large is refused. The text is UTF-8 or UTF-16. Names that are not UTF-8 are Windows-1252, unless a name before showed UTF-8.
//!
//! Cells:
//!
//! - Dates are ISO 8601 or RFC 2822. With a zone the row counts for its UTC day, or for its day in [`Mapping::date_zone`];
//!   without one it is UTC. If all dates are midnight of another zone, each is its day in that zone, also where it is
//!   written as an evening in UTC. Other styles are recognised by the first rows, from 256 KB up to 4 MB: `4/1/2026`,
//!   `01.04.26`, `1. März 2026`, `20260401`, spreadsheets' day numbers and times since 1970. If the
//!   order of day and month stays open, the one whose days are closer together is taken; if that is open too, the file is
//!   refused. A later date that contradicts is rejected. Years are 2000 to 2100.
//! - Counts are whole numbers up to 4 294 967 295, also as `400.0`, `40,000`, `40.000`, `40 000` and `1e5`, in the style that the
//!   first rows show. An empty cell, or `NULL`, beside filled ones is 0. A row with deliveries or bounces needs a number of
//!   processed messages.
//! - Domain names compare without case; a name and its `xn--` form are one domain. Names that cannot send mail, such as
//!   `null`, `*` and IP addresses, are rejected, and so are rows of totals.
//!
//! Rows:
//!
//! - Rows of one domain and day add up. A row that repeats an earlier one of its domain and day is left out, unless
//!   [`RepeatedRows::Add`] is chosen. To find it where several rows were added up, a million hashes are kept at most.
//! - A day without a row is a gap. A few rows that are far from all other dates are rejected. A file whose rows are weeks or
//!   months is refused unless [`Mapping::row_period`] says so. A first or last day with less than half of the mail of any
//!   day of the week beside it is pointed out.
//! - A domain belongs to the account of its first row; the first row with another account is a warning, and is imported.
//! - A rejected row does not change the table. It is reported under its first invalid cell, in the order date, domain,
//!   processed, delivered, bounced, complained.
//! - A cell of an ignored column may have line breaks in quotes. A quote counts as left open if a line break is in
//!   another column. So it does if a row over several lines has the wrong length, text after a closing quote, or a cell
//!   with lines that look like rows. Then only that line is rejected, so that a stray quote costs one row and not the
//!   rest of the file.
//!
//! Mappings:
//!
//! - A [`Mapping`] is what a person says about a file; what it leaves out is found by the file. [`ImportOptions`] has one.
//! - [`sniff`] takes the first bytes of a file and a mapping, and returns a [`Sniffed`]: the full mapping with the
//!   [evidence](MappingEvidence) for each item, the [columns](SniffedColumn) by use, the first [rows](PreviewRow) with what
//!   became of each, and [totals](PreviewTotals). Where the file cannot be read so, it has the reason, and still the columns
//!   and the rows, so that a person can say more.
//! - A view asks again after each choice: it changes the mapping that the person chose, not the one that was found, and keeps
//!   what is found for the reader: reading with [`Sniffed::mapping`] gives the same traffic.
//! - [`Ingest::begin_file`] begins the next of several files.
//!
//! # Examples
//!
//! ```
//! use poolkeeper_ingest::{CsvColumn, Mapping, RowOutcome, sniff};
//! let file = b"Tag;Wer;Raus;An;Hart;Weich;Klagen\n1. April 2026;a.example;1.000;990;6;4;0\n";
//! let chosen: Mapping = serde_json::from_str(
//!     r#"{"columns": {"date": "Tag", "domain": "Wer", "processed": "Raus", "delivered": "An",
//!         "bounced": ["Hart", "Weich"], "complained": "Klagen"}, "numbers": "decimal_comma"}"#,
//! )?;
//! let sniffed = sniff(file, true, &chosen);
//! assert_eq!(sniffed.columns[5].column, Some(CsvColumn::Bounced));
//! assert!(matches!(sniffed.rows[0].outcome, RowOutcome::Counted { counts: [1_000, 990, 10, 0], .. }));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! ```
//! use poolkeeper_ingest::{ImportLimits, Ingest};
//! let mut ingest = Ingest::new(ImportLimits::default());
//! ingest.feed(b"domain;date;processed;delivered;bounced;complained\nA.example;2026-0")?;
//! ingest.feed(b"4-01;100;97;3;0\na.example;2026-04-02;n/a;9;0;0\n")?;
//! let imported = ingest.finish()?;
//! assert_eq!(imported.table.domains()[0].name.as_str(), "a.example");
//! assert_eq!(imported.report.rejected.shown[0].to_string(), "line 3: processed “n/a” is not a whole number");
//! # Ok::<(), poolkeeper_ingest::ImportError>(())
//! ```

mod body;
mod build;
mod cells;
mod columns;
mod date_evidence;
mod dates;
mod decoder;
mod domains;
mod encoding;
mod evidence;
mod findings;
mod frame;
mod header;
mod json;
mod json_record;
mod layout;
mod limits;
mod mapping;
mod messages;
mod month_names;
mod names;
mod notes;
mod numbers;
mod options;
mod outlying;
mod periods;
mod preview;
mod problem;
mod ratios;
mod reader;
mod repeats;
mod report;
mod row_checks;
mod row_notes;
mod rows;
mod sample;
mod shapes;
mod sniff;
mod tiles;
mod unpack;
mod unpacked;
mod zip;
mod zstd;

pub use build::TableBuilder;
pub use columns::{CsvColumn, Separator};
pub use dates::{DateOrder, DateStyle};
pub use decoder::decode_text;
pub use encoding::TextEncoding;
pub use evidence::{MappingEvidence, MappingItem};
pub use limits::ImportLimits;
pub use mapping::{ColumnNames, Mapping, RepeatedRows, RowPeriod, UtcOffset};
pub use notes::ImportNote;
pub use numbers::NumberStyle;
pub use options::ImportOptions;
pub use preview::{PreviewRow, RowOutcome};
pub use problem::{ImportError, RowsPerDay, UnsupportedEncoding};
pub use reader::{Ingest, ReadProgress};
pub use report::{CountedSample, ImportReport, Imported, RejectReason, RejectedRow, RowWarning, WarningReason};
pub use sniff::{PreviewTotals, Sniffed, SniffedColumn, sniff};
