//! Tries whether the service's rates are shares of the processed messages: times that count, each is a whole number of
//! events.

use super::rates::{PrecisionScan, whole};
use super::{Observations, ObservedPreview};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::PreviewMetric;
use poolkeeper_core::text;
use serde::{Deserialize, Serialize};

/// How many rates of one metric are whole numbers of events of the processed messages.
///
/// A rate that is too coarse to tell, or 0, or of an unknown count, is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessedBase {
    /// The metric.
    pub metric: Metric,
    /// Rates that are a whole number of events.
    pub whole: u64,
    /// Rates that are not.
    pub broken: u64,
}

impl ProcessedBase {
    /// What the rates tell of their base, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let name = text::metric_name(self.metric);
        let rates = text::counted(self.whole + self.broken, "rate");
        let base = text::base_word(self.metric);
        match self.is_of_processed() {
            Some(true) => format!(
                "{name}: {rates} fit shares of processed messages. Poolkeeper takes shares of {base} messages, which may differ."
            ),
            Some(false) => format!(
                "{name}: not a share of processed messages, by {} of {rates}.",
                text::count(self.broken)
            ),
            None => format!(
                "{name}: unclear whether it is a share of processed messages. It fits {} of {rates}.",
                text::count(self.whole)
            ),
        }
    }

    /// Whether the rates are shares of the processed messages; `None` if they say nothing, or both.
    #[must_use]
    pub const fn is_of_processed(&self) -> Option<bool> {
        match (self.whole, self.broken) {
            (0, 0) => None,
            (_, 0) => Some(true),
            // Some are whole by chance.
            (whole, broken) if broken > whole => Some(false),
            _ => None,
        }
    }
}

/// Tries the processed messages as the base of both metrics.
pub(super) fn processed_bases(observations: &Observations, scan: &PrecisionScan) -> Vec<ProcessedBase> {
    let (bounce, complaint) = scan.precisions();
    let mut bases = [Metric::BounceRate, Metric::ComplaintRate].map(|metric| ProcessedBase {
        metric,
        whole: 0,
        broken: 0,
    });
    for (rates, processed) in rates(observations) {
        let Some(processed) = processed else { continue };
        for ((base, precision), rate) in bases.iter_mut().zip([bounce, complaint]).zip(rates) {
            let interval = rate.filter(|rate| *rate > 0.0).and_then(|rate| precision.rate(rate));
            match interval.and_then(|interval| interval.is_whole_of(processed)) {
                Some(true) => base.whole += 1,
                Some(false) => base.broken += 1,
                None => {}
            }
        }
    }
    bases.into_iter().filter(|base| base.whole + base.broken > 0).collect()
}

/// Both rates of each observation, and the processed messages they are shown with.
fn rates(observations: &Observations) -> impl Iterator<Item = ([Option<f64>; 2], Option<u64>)> {
    let value = |metric: &Option<PreviewMetric>| metric.as_ref().and_then(|metric| metric.value);
    let previews = observations
        .previews
        .iter()
        .map(move |ObservedPreview { preview, .. }| {
            let rates = [value(&preview.bounce_rate), value(&preview.complaint_rate)];
            (rates, whole(value(&preview.processed_count)))
        });
    let domains = observations.domains.iter().map(|domain| {
        let rates = [domain.bounce_rate, domain.complaint_rate].map(|rate| rate.map(|rate| rate.0));
        (rates, domain.processed_count)
    });
    let history = observations.history.iter().map(|record| {
        let rates = [record.bounce_rate, record.complaint_rate].map(|rate| rate.map(|rate| rate.0));
        (rates, record.processed_count)
    });
    previews.chain(domains).chain(history)
}
