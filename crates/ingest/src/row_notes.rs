//! Rejected rows and warnings, counted, with the first of each.

use super::report::{CountedSample, RejectReason, RejectedRow, RowWarning, WarningReason};
use poolkeeper_core::model::DomainName;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rejected rows and warnings.
#[derive(Debug, Default)]
pub(super) struct RowNotes {
    pub(super) max_details: usize,
    /// The names of the files so far, if there are several.
    pub(super) files: Vec<Arc<str>>,
    pub(super) rejected: CountedSample<RejectedRow>,
    pub(super) by_reason: BTreeMap<RejectReason, u64>,
    pub(super) warnings: CountedSample<RowWarning>,
    pub(super) by_kind: BTreeMap<WarningReason, u64>,
}

impl RowNotes {
    /// The position of the file that is read.
    pub(super) fn file_at(&self) -> u32 {
        u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The name of a file by its position, if there are several.
    pub(super) fn file(&self, at: u32) -> Option<String> {
        self.files.get(at as usize).map(|name| name.to_string())
    }

    pub(super) fn reject(&mut self, line: u64, reason: RejectReason, text: impl FnOnce() -> String) {
        *self.by_reason.entry(reason).or_default() += 1;
        let file = self.files.last();
        let text = || RejectedRow {
            file: file.map(|name| name.to_string()),
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
        let position = |row: &RejectedRow| {
            let file = row.file.as_deref();
            let is_file = |name: &Arc<str>| file == Some(&**name);
            (self.files.iter().position(is_file), row.line)
        };
        let place = position(&first);
        let at = self.rejected.shown.partition_point(|row| position(row) < place);
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
        let file = self.files.last();
        self.warnings.push(self.max_details, || RowWarning {
            file: file.map(|name| name.to_string()),
            line,
            caution,
            domain: domain.as_str().to_owned(),
            text: text(),
        });
    }
}
