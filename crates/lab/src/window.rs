//! A domain's window, summed from its columns.

use poolkeeper_core::model::Counts;
use poolkeeper_core::traffic::DomainColumns;

/// The counts of the `window_days` days before position `end`: the window of the day `end − 1`. Days before the first
/// add nothing.
pub(super) fn window_before(columns: &DomainColumns<'_>, end: usize, window_days: u32) -> Counts {
    let end = end.min(columns.processed.len());
    let start = end.saturating_sub(window_days as usize);
    let sum = |column: &[u32]| {
        let days = column.get(start..end).unwrap_or(&[]);
        days.iter().map(|count| u64::from(*count)).sum()
    };
    Counts {
        processed: sum(columns.processed),
        delivered: sum(columns.delivered),
        bounced: sum(columns.bounced),
        complained: sum(columns.complained),
    }
}
