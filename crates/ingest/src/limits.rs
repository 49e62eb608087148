//! How large a file may be.

/// How much of a file is kept, and how much is reported about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportLimits {
    /// Rejected rows, and warnings, listed in detail. All are counted.
    pub details: usize,
    /// Days from the first to the last.
    pub days: u32,
    /// Domains times days. Each takes a little over 16 bytes, and 4 more while the table is built; rows take none.
    pub cells: u64,
}

impl Default for ImportLimits {
    /// 1,000 details, ten years, 40 million domain-days: well under the 4 GB that a browser tab can use.
    fn default() -> Self {
        Self {
            details: 1_000,
            days: 3_653,
            cells: 40_000_000,
        }
    }
}
