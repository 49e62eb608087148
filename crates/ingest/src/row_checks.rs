//! What became of a row: why it is rejected or warned of, and how it is shown.

use super::cells::FIRST_DAY;
use super::columns::CsvColumn;
use super::dates::DateStyle;
use super::encoding::decode_cell;
use super::frame::RowCells;
use super::names::is_total;
use super::preview::{PreviewRow, RowOutcome};
use super::repeats::RowIdentity;
use super::report::{RejectReason, WarningReason};
use super::rows::{RowCollector, RowRejection};
use poolkeeper_core::text::shorten;

impl RowCollector {
    /// Keeps a row for the preview, given the numbers of uncounted and repeated rows before it.
    pub(super) fn show(&mut self, cells: &RowCells<'_>, line: u64, (uncounted, repeated): (u64, u64)) {
        let rejected = self.notes.rejected.shown.last().filter(|row| row.line == line);
        let outcome = match rejected {
            Some(row) => Some(RowOutcome::Rejected { reason: row.reason }),
            None if self.uncounted > uncounted => Some(RowOutcome::NotCounted),
            None => self.counted(cells, self.repeated > repeated),
        };
        let cells = cells.iter().map(|cell| shorten(&decode_cell(cell).0)).collect();
        self.preview
            .rows
            .extend(outcome.map(|outcome| PreviewRow { line, cells, outcome }));
    }

    fn counted(&mut self, cells: &RowCells<'_>, is_repeat: bool) -> Option<RowOutcome> {
        let day = self.day(cells).ok()?;
        let (counts, _) = self.counts(cells).ok()?;
        let name = self.name(cells);
        let domain = self.only_domain.or_else(|| self.index.lookup(name))?;
        Some(RowOutcome::Counted {
            day,
            domain: self.index.get(domain)?.name.as_str().to_owned(),
            counts,
            is_repeat,
        })
    }

    /// Why a row has no date of the file's style.
    pub(super) fn why_no_date<'a>(&self, cells: &RowCells<'a>) -> RowRejection<'a> {
        let (cell, name) = (cells.get(self.layout.date), self.name(cells));
        let has_style = |style: DateStyle| style.parse(cell, 0).is_ok();
        let reason = match self.formats.dates {
            _ if is_total(&decode_cell(cell).0) => RejectReason::Total,
            _ if is_total(&decode_cell(name).0) => return (RejectReason::Total, name),
            _ if cell.is_empty() => RejectReason::Empty(CsvColumn::Date),
            _ if is_column_name(cell) => RejectReason::Header,
            DateStyle::Numeric(order) if has_style(DateStyle::Numeric(order.other())) => RejectReason::DateOrder,
            DateStyle::LocalMidnight if has_style(DateStyle::Standard) => RejectReason::TimeOfDay,
            _ => RejectReason::Date,
        };
        (reason, cell)
    }

    pub(super) fn check_account(&mut self, domain: u32, account: &[u8], line: u64) {
        let Some(entry) = self.index.get(domain) else {
            return;
        };
        let first_account = self.index.account_name(entry);
        if first_account.as_bytes() == account || first_account == decode_cell(account).0 {
            return;
        }
        if self.warned.len() <= domain as usize {
            self.warned.resize(self.index.domains.len(), false);
        }
        if let Some(warned) = self.warned.get_mut(domain as usize).filter(|warned| !**warned) {
            *warned = true;
            let text = || {
                format!(
                    "account {}, kept under {}",
                    display_account(&shorten(&decode_cell(account).0)),
                    display_account(&shorten(first_account))
                )
            };
            self.notes.warn(line, WarningReason::OtherAccount, &entry.name, text);
        }
    }

    pub(super) fn check_counts(&mut self, domain: u32, counts: [u32; 4], line: u64) {
        let [processed, delivered, bounced, complained] = counts;
        let Some(name) = self.index.get(domain).map(|domain| &domain.name) else {
            return;
        };
        if delivered > processed {
            let text = || format!("delivered {delivered}, processed {processed}");
            self.notes
                .warn(line, WarningReason::DeliveredAboveProcessed, name, text);
        } else if u64::from(delivered) + u64::from(bounced) > u64::from(processed) {
            let text = || format!("delivered {delivered}, bounced {bounced}, processed {processed}");
            self.notes.warn(line, WarningReason::SentAboveProcessed, name, text);
        }
        if complained > delivered {
            let text = || format!("complained {complained}, delivered {delivered}");
            self.notes
                .warn(line, WarningReason::ComplainedAboveDelivered, name, text);
        }
    }

    pub(super) fn note_repeat(&mut self, row: &RowIdentity, is_added: bool, line: u64) {
        self.repeated += 1;
        let reason = if is_added {
            WarningReason::RepeatAdded
        } else {
            WarningReason::RepeatLeftOut
        };
        if let Some(domain) = self.index.get(row.domain) {
            let text = || {
                let day = FIRST_DAY.plus(i32::try_from(row.day_index).unwrap_or(0));
                let [processed, ..] = row.counts;
                format!("{day}, processed {processed}")
            };
            self.notes.warn(line, reason, &domain.name, text);
        }
    }
}

fn display_account(account: &str) -> String {
    if account.is_empty() {
        "(none)".to_owned()
    } else {
        format!("“{account}”")
    }
}

/// Whether a cell of dates has the name of the column.
fn is_column_name(cell: &[u8]) -> bool {
    let column = std::str::from_utf8(cell).ok().and_then(CsvColumn::of);
    column.is_some_and(|(column, _)| column == CsvColumn::Date)
}
