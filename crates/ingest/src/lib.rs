//! Reads a CSV of daily counts as a stream.
//!
//! [`Ingest`] takes bytes in pieces of any size and returns a [`Table`](poolkeeper_core::traffic::Table) and an
//! [`ImportReport`]. The sizes of the pieces never change the result. The page feeds it from a file's stream, the
//! command line from standard input.
//!
//! The format:
//!
//! - Columns are `date,domain,processed,delivered,bounced,complained` and optionally `account`, in any case and order.
//!   Others are ignored. The separator is the comma, semicolon or tab that gives the most known columns, or that of a
//!   line `sep=;` before the header. The text is UTF-8, with or without a byte order mark. Lines end in LF, CRLF or CR.
//!   Empty lines and lines of empty cells are skipped.
//! - Dates are `2026-04-01`, also with a time, or `Wed, 01 Apr 2026 00:00:00 +0000`. With a zone the row counts for its
//!   UTC day; without one it is UTC. Years are 2000 to 2100.
//! - Counts are plain digits, at most 4 294 967 295. `1,234`, `12.0`, `-5`, `n/a` and an empty cell reject their row,
//!   because their meaning would be a guess.
//! - Rows of one domain and day add up. A day without a row is a gap. Domain names compare without case. A domain
//!   belongs to the account of its first row; the first row with another account is a warning, and is imported.
//! - A rejected row does not change the table. It is reported under its first invalid cell, in the order date, domain,
//!   processed, delivered, bounced, complained.
//! - A cell of an ignored column may have line breaks in quotes. A quote counts as left open if a line break is in
//!   another column. So it does if a row over several lines has the wrong length, text after a closing quote, or a cell
//!   with lines that look like rows. Then only that line is rejected, so that a stray quote costs one row and not the
//!   rest of the file.
//!
//! # Examples
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

mod build;
mod cells;
mod columns;
mod frame;
mod header;
mod limits;
mod names;
mod notes;
mod options;
mod outlying;
mod problem;
mod reader;
mod repeats;
mod report;
mod rows;
mod tiles;

pub use build::TableBuilder;
pub use columns::{CsvColumn, Separator};
pub use limits::ImportLimits;
pub use notes::ImportNote;
pub use options::{ImportOptions, RepeatedRows};
pub use problem::{ImportError, RowsPerDay, UnsupportedEncoding};
pub use reader::{Ingest, ReadProgress};
pub use report::{CountedSample, ImportReport, Imported, RejectReason, RejectedRow, RowWarning, WarningReason};
