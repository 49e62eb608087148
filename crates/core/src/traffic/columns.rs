//! Counts of adjacent domains, one column per metric.

use crate::model::Counts;

/// One domain's columns, each `day_count` long, the first entry the table's first day. Gaps hold zeros.
#[derive(Clone, Copy, Debug)]
pub struct DomainColumns<'a> {
    /// Accepted messages that were processed.
    pub processed: &'a [u32],
    /// Messages delivered.
    pub delivered: &'a [u32],
    /// Bounces.
    pub bounced: &'a [u32],
    /// Complaints.
    pub complained: &'a [u32],
    /// Bit `day % 64` of word `day / 64` says whether the day has a row.
    pub present: &'a [u64],
}

impl DomainColumns<'_> {
    /// The counts at a position from the first day; `None` for a gap or past the end.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Counts> {
        if self.present.get(at / 64)? & (1 << (at % 64)) == 0 {
            return None;
        }
        Some(Counts {
            processed: u64::from(*self.processed.get(at)?),
            delivered: u64::from(*self.delivered.get(at)?),
            bounced: u64::from(*self.bounced.get(at)?),
            complained: u64::from(*self.complained.get(at)?),
        })
    }
}
