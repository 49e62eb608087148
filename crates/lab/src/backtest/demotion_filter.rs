//! A conservative pre-filter in `f32`: whether a good domain may be demoted within a block of windows.
//!
//! It has false positives but no false negatives.

use poolkeeper_core::health::{BelowMinimum, Metric, PPM, Policy};
use poolkeeper_core::traffic::BlockSummary;

/// The relative error allowed for a comparison in `f32`. Two sums, their quotient, a threshold and a product are each
/// rounded once, by at most 2⁻²⁴.
const SLACK: f64 = 1.0 / 1_048_576.0;

/// A policy's thresholds, prepared for comparison with block summaries.
pub(super) struct DemotionFilter {
    /// The most messages delivered per bounce at which the rate may be poor. Bounces count as sent, so it is nine at a
    /// threshold of 10 %.
    delivered_for_bounce: f32,
    /// The most messages delivered per complaint at which the rate may be poor.
    delivered_for_complaint: f32,
    /// With fewer complaints no window is poor.
    least_complained: u32,
    /// With fewer processed messages a window is not judged.
    least_processed: u32,
    /// Windows with fewer messages reset the domain to new; 0 where they hold.
    new_below: u64,
}

impl DemotionFilter {
    pub fn new(policy: &Policy) -> Self {
        let at_most = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let resets_to_new = policy.below_minimum == BelowMinimum::New;
        Self {
            delivered_for_bounce: max_delivered_per_event(Metric::BounceRate, policy),
            delivered_for_complaint: max_delivered_per_event(Metric::ComplaintRate, policy),
            least_complained: at_most(policy.complaint.map_or(0, |on| on.poor_min_events)),
            least_processed: at_most(policy.minimum_processed),
            new_below: if resets_to_new { policy.minimum_processed } else { 0 },
        }
    }

    /// Whether a check of one of the block's windows may vote a good domain out of its band.
    #[inline(always)]
    pub fn may_demote_in(&self, block: &BlockSummary) -> bool {
        // 0 × ∞ is NaN and compares false, so a window without events is never poor.
        let by_bounces = block.bounced_by_delivered * self.delivered_for_bounce > 1.0;
        let by_complaints = (block.complained_by_delivered * self.delivered_for_complaint > 1.0)
            & (block.most_complained >= self.least_complained);
        let is_enough = block.most_processed >= self.least_processed;
        ((by_bounces | by_complaints) & is_enough) | (u64::from(block.least_processed) < self.new_below)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the loss is part of `SLACK`")]
fn max_delivered_per_event(metric: Metric, policy: &Policy) -> f32 {
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

    /// The block of a domain with one day.
    fn block_of(counts: &Counts) -> BlockSummary {
        let domain = TableDomain {
            name: DomainName::as_sent("a.example"),
            account: 0,
        };
        let mut table = Table::empty(Day(0), 1, vec![String::new()], vec![domain]);
        table.add(0, Day(0), counts).unwrap();
        let index = table.window_index(1);
        index.chunk(0).unwrap().blocks(0)[0]
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

    /// A block with a window that demotes a good domain is always flagged, also exactly at each threshold. A block is
    /// not flagged if its rates are a thousandth below, or it has too few complaints or too little mail.
    #[test]
    fn blocks_with_demotions_are_flagged_and_others_are_not() {
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
        let (mut demotions, mut passed) = (0, 0);
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
                    let is_flagged = DemotionFilter::new(&policy).may_demote_in(&block);
                    assert!(is_flagged || !leaves, "{policy:?}: {counts:?}");
                    demotions += u32::from(leaves);
                    passed += u32::from(!is_flagged);
                    let is_far_below = |base: u64| events * million * 1_001 < poor * base * 1_000 || events == 0;
                    let is_low = (policy.bounce.is_none() || is_far_below(delivered + events))
                        && (policy.complaint.is_none() || is_far_below(delivered) || events < poor_min_events);
                    let is_small = delivered < policy.minimum_processed;
                    let resets_to_new = is_small && policy.below_minimum == BelowMinimum::New;
                    let is_comparable = delivered.max(events) < 1 << 30;
                    assert!(
                        !is_flagged || resets_to_new || !is_comparable || !(is_low || is_small),
                        "{policy:?}: {counts:?}"
                    );
                }
            }
        }
        assert!(demotions > 1_000 && passed > 1_000, "{demotions}, {passed}");
    }
}
