//! Limits of an import.

/// Limits of the table's size and of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportLimits {
    /// Rejected rows, and warnings, to list. All are counted.
    pub details: usize,
    /// Days from the first to the last.
    pub days: u32,
    /// Domains × days. Each takes a little over 16 bytes, and 4 more while the table is built. The number of rows does
    /// not matter.
    pub cells: u64,
}

impl Default for ImportLimits {
    /// 1,000 details, ten years, 40 million domain-days: well under the 4 GB of a browser tab.
    fn default() -> Self {
        Self {
            details: 1_000,
            days: 3_653,
            cells: 40_000_000,
        }
    }
}
