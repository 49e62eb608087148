//! Rejected rows and warnings, counted, with the first of each.

use super::report::{CountedSample, RejectReason, RejectedRow, RowWarning, WarningReason};
use poolkeeper_core::model::DomainName;
use std::collections::BTreeMap;

/// Rejected rows and warnings.
#[derive(Debug, Default)]
pub(super) struct RowNotes {
    pub(super) max_details: usize,
    pub(super) rejected: CountedSample<RejectedRow>,
    pub(super) by_reason: BTreeMap<RejectReason, u64>,
    pub(super) warnings: CountedSample<RowWarning>,
    pub(super) by_kind: BTreeMap<WarningReason, u64>,
}

impl RowNotes {
    pub(super) fn reject(&mut self, line: u64, reason: RejectReason, text: impl FnOnce() -> String) {
        *self.by_reason.entry(reason).or_default() += 1;
        let text = || RejectedRow {
            line,
            reason,
            text: text(),
        };
        self.rejected.push(self.max_details, text);
    }

    /// Lists the first row of a day, all of whose `rows` are rejected.
    pub(super) fn reject_days(&mut self, rows: u64, first: impl FnOnce() -> RejectedRow) {
        let first = first();
        *self.by_reason.entry(first.reason).or_default() += rows;
        self.rejected.count += rows;
        let at = self.rejected.shown.partition_point(|row| row.line < first.line);
        if at < self.max_details {
            self.rejected.shown.insert(at, first);
            self.rejected.shown.truncate(self.max_details);
        }
    }

    pub(super) fn warn(
        &mut self,
        line: u64,
        caution: WarningReason,
        domain: &DomainName,
        text: impl FnOnce() -> String,
    ) {
        *self.by_kind.entry(caution).or_default() += 1;
        self.warnings.push(self.max_details, || RowWarning {
            line,
            caution,
            domain: domain.as_str().to_owned(),
            text: text(),
        });
    }
}
