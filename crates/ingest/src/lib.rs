//! A CSV of daily counts, read as it streams in.
//!
//! [`Ingest`] takes bytes in pieces of any size and gives a [`Table`](poolkeeper_core::traffic::Table) and a [`Report`]. How the
//! bytes are cut never changes the result. No clock, no input or output: the page feeds it from a file's stream, the
//! command line from standard input.
//!
//! What is read:
//!
//! - Columns `date,domain,processed,delivered,bounced,complained` and, if there, `account`: any case, any order, others
//!   ignored. Comma, semicolon or tab, whichever the first line names the most columns with (a line `sep=;` before it
//!   is obeyed). UTF-8, with or without a byte order mark. Lines end in LF, CRLF or CR; empty lines and lines of empty
//!   cells are passed over.
//! - Dates as `2026-04-01`, also with a time, or as `Wed, 01 Apr 2026 00:00:00 +0000`. With a zone the row counts for
//!   its UTC day; without one it is taken as UTC. Years 2000 to 2100.
//! - Counts as plain digits, at most 4 294 967 295. `1,234`, `12.0`, `-5`, `n/a` and an empty cell reject their row:
//!   what they mean would be a guess.
//! - Rows of one domain and day add up. A day without a row is a gap. Domain names compare without case. A domain
//!   belongs to the account of its first row; the first row that says otherwise is a warning and goes in.
//! - A rejected row leaves no trace in the table. It is reported under its first bad cell, in the order date, domain,
//!   processed, delivered, bounced, complained.
//! - A cell that is not read may hold line breaks in quotes. Where a break stands in a cell that is read, or a row that
//!   runs over lines has the wrong length, text after a closing quote, or what looks like rows in a cell, a quote was
//!   left open: the line is rejected and reading goes on at the next one, so that a stray quote costs one row and not
//!   the rest of the file.
//!
//! ```
//! use poolkeeper_ingest::{Ingest, ImportLimits};
//! let mut ingest = Ingest::new(ImportLimits::default());
//! ingest.feed(b"domain;date;processed;delivered;bounced;complained\nA.example;2026-0")?;
//! ingest.feed(b"4-01;100;97;3;0\na.example;2026-04-02;n/a;9;0;0\n")?;
//! let imported = ingest.finish()?;
//! assert_eq!(imported.table.domains()[0].name.as_str(), "a.example");
//! assert_eq!(imported.report.rejected.shown[0].to_string(), "line 3: processed “n/a” is not a whole number");
//! # Ok::<(), poolkeeper_ingest::ImportError>(())
//! ```

mod build;
mod cells;
mod frame;
mod header;
mod problem;
mod reader;
mod report;
mod rows;
mod tiles;

pub use build::TableBuilder;
pub use header::{CsvColumn, Separator};
pub use problem::{ImportError, RowsPerDay, UnsupportedEncoding};
pub use reader::{ImportLimits, Ingest, ReadProgress};
pub use report::{CountedSample, ImportReport, Imported, RejectReason, RejectedRow, RowWarning, WarningReason};
