//! Where a domain that is good may fall: told by a [`Block`] of windows, in `f32`, for the policy's thresholds.
//!
//! Always with some room: a block may be named for nothing, but none with a fall is passed over.

use poolkeeper_core::health::{BelowMinimum, Metric, PPM, Policy};
use poolkeeper_core::traffic::BlockSummary;

/// How far, relatively, a comparison in `f32` may be off: two sums, their quotient in a block, a threshold and a product are
/// each rounded once, by at most 2⁻²⁴.
const SLACK: f64 = 1.0 / 1_048_576.0;

/// A policy's thresholds for blocks.
pub(super) struct DemotionFilter {
    /// The most messages delivered for one bounce with which a rate may be poor. Bounces are part of what they are divided
    /// by: at a threshold of 10 % nine.
    delivered_for_bounce: f32,
    /// The same for one complaint.
    delivered_for_complaint: f32,
    /// Fewer complaints make no window poor.
    least_complained: u32,
    /// A window with less is not judged.
    least_processed: u32,
    /// Windows with less go back to new; 0 where they hold.
    new_below: u64,
}

impl DemotionFilter {
    pub fn new(policy: &Policy) -> Self {
        let at_most = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let goes_back = policy.below_minimum == BelowMinimum::New;
        Self {
            delivered_for_bounce: delivered_for_one(Metric::BounceRate, policy),
            delivered_for_complaint: delivered_for_one(Metric::ComplaintRate, policy),
            least_complained: at_most(policy.complaint.map_or(0, |on| on.poor_min_events)),
            least_processed: at_most(policy.minimum_processed),
            new_below: if goes_back { policy.minimum_processed } else { 0 },
        }
    }

    /// Whether a check over one of a block's windows may vote a good domain out of its band.
    #[inline(always)]
    pub fn may_be_in(&self, block: &BlockSummary) -> bool {
        // Nothing times infinity is not a number and above nothing: without an event no window is poor.
        let by_bounces = block.bounced_by_delivered * self.delivered_for_bounce > 1.0;
        let by_complaints = (block.complained_by_delivered * self.delivered_for_complaint > 1.0)
            & (block.most_complained >= self.least_complained);
        let is_enough = block.most_processed >= self.least_processed;
        ((by_bounces | by_complaints) & is_enough) | (u64::from(block.least_processed) < self.new_below)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the loss is part of `SLACK`")]
fn delivered_for_one(metric: Metric, policy: &Policy) -> f32 {
    let most = metric.policy(policy).map_or(0.0, |on| {
        let rate = f64::from(on.poor_at_least_ppm) / f64::from(PPM) * (1.0 - SLACK);
        match metric {
            Metric::BounceRate => (1.0 - rate) / rate,
            Metric::ComplaintRate => 1.0 / rate,
        }
    });
    most as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::{MetricPolicy, Vote, check};
    use poolkeeper_core::model::{Band, Counts, Day, DomainName};
    use poolkeeper_core::traffic::{Table, TableDomain};

    /// The block of a domain's only day, as the only day of its window.
    fn block_of(counts: &Counts) -> BlockSummary {
        let domain = TableDomain {
            name: DomainName::as_sent("a.example"),
            account: 0,
        };
        let mut table = Table::empty(Day(0), 1, vec![String::new()], vec![domain]);
        table.add(0, Day(0), counts).unwrap();
        let outline = table.outline(1);
        outline.chunk(0).unwrap().blocks(0)[0]
    }

    fn policies(metric: MetricPolicy) -> impl Iterator<Item = Policy> {
        let metrics = [(Some(metric), None), (None, Some(metric)), (Some(metric), Some(metric))];
        let minimums = [
            (0, BelowMinimum::Hold),
            (1_000, BelowMinimum::Hold),
            (1_000, BelowMinimum::New),
        ];
        metrics.into_iter().flat_map(move |(bounce, complaint)| {
            minimums.map(|(minimum_processed, below_minimum)| Policy {
                bounce,
                complaint,
                minimum_processed,
                below_minimum,
                ..Policy::default()
            })
        })
    }

    /// A block with a window that votes a good domain away is always named, right at every threshold too; one whose rates
    /// are a thousandth below it, or that has too few complaints or too little mail, is not.
    #[test]
    fn blocks_with_falls_are_named_and_others_are_not() {
        let ppms = [0, 1, 300, 3_000, 99_999, 100_000, 333_333, 999_999, PPM];
        let bases = [
            0_u64,
            1,
            9,
            999,
            1_000,
            12_345,
            1 << 20,
            (1 << 24) + 1,
            (1 << 29) + 7,
            1 << 30,
        ];
        let cases = ppms.iter().flat_map(|ppm| bases.map(|base| (*ppm, base)));
        let (mut falls, mut passed) = (0, 0);
        for ((poor_at_least_ppm, delivered), poor_min_events) in cases.flat_map(|case| [1, 3].map(|min| (case, min))) {
            let (poor, million) = (u64::from(poor_at_least_ppm), u64::from(PPM));
            let edges = [
                poor * delivered / million,
                (poor * delivered).checked_div(million - poor).unwrap_or(3),
                2,
            ];
            let near = |edge: u64| [0, edge / 1_000 * 999, edge.saturating_sub(1), edge, edge + 1];
            for events in edges.into_iter().flat_map(near).filter(|events| *events < 1 << 31) {
                let counts = Counts {
                    processed: delivered,
                    delivered,
                    bounced: events,
                    complained: events,
                };
                let block = block_of(&counts);
                let metric = MetricPolicy {
                    good_at_most_ppm: 0,
                    poor_at_least_ppm,
                    poor_min_events,
                };
                for policy in policies(metric) {
                    let leaves = matches!(check(&policy, &counts).vote, Vote::For(band) if band != Band::Good);
                    let is_named = DemotionFilter::new(&policy).may_be_in(&block);
                    assert!(is_named || !leaves, "{policy:?}: {counts:?}");
                    falls += u32::from(leaves);
                    passed += u32::from(!is_named);
                    let is_far_below = |base: u64| events * million * 1_001 < poor * base * 1_000 || events == 0;
                    let is_low = (policy.bounce.is_none() || is_far_below(delivered + events))
                        && (policy.complaint.is_none() || is_far_below(delivered) || events < poor_min_events);
                    let is_small = delivered < policy.minimum_processed;
                    let goes_back = is_small && policy.below_minimum == BelowMinimum::New;
                    let is_comparable = delivered.max(events) < 1 << 30;
                    assert!(
                        !is_named || goes_back || !is_comparable || !(is_low || is_small),
                        "{policy:?}: {counts:?}"
                    );
                }
            }
        }
        assert!(falls > 1_000 && passed > 1_000, "{falls}, {passed}");
    }
}
