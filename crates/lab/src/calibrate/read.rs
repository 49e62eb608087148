//! Reading observations, each by its kind.

use super::constraints::{Constraint, MeasuredRates, ThresholdBound, other};
use super::rates::{Digits, Precision};
use super::{Assumptions, DomainStatus, ObservedPreview, Uninformative};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Band, Domain, HistoryRecord, PoolName, PreviewMetric, Rate};

/// What a history record's reason means.
enum RecordReason {
    Override,
    Enrolled,
    One(Metric, Band),
    Several(Band),
    BelowMinimum,
}

fn reason(record: &HistoryRecord) -> Option<RecordReason> {
    let text = record.reason.trim().to_lowercase();
    if text.starts_with("override") {
        return Some(RecordReason::Override);
    }
    if text.starts_with("enrol") {
        return Some(RecordReason::Enrolled);
    }
    if text == "processed_count below minimum" {
        return Some(RecordReason::BelowMinimum);
    }
    let (subject, band) = text.strip_suffix(" threshold")?.split_once(" in ")?;
    let band = Band::ALL.into_iter().find(|known| known.word() == band)?;
    match subject {
        "multiple metrics" => Some(RecordReason::Several(band)),
        "processed_count" => (band == Band::New).then_some(RecordReason::BelowMinimum),
        name => {
            let metric = Metric::ALL.into_iter().find(|metric| metric.wire_name() == name)?;
            Some(RecordReason::One(metric, band))
        }
    }
}

/// Reads observations, each by its kind.
pub(super) struct ObservationReader {
    bounce: Precision,
    complaint: Precision,
    assumptions: Assumptions,
}

/// How exact the rates of all observations are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PrecisionScan {
    bounce: Digits,
    complaint: Digits,
}

impl PrecisionScan {
    pub fn preview(&mut self, seen: &ObservedPreview) {
        let rate = |metric: &Option<PreviewMetric>| metric.as_ref().and_then(|metric| metric.value).map(Rate);
        let preview = &seen.preview;
        self.rates(rate(&preview.bounce_rate), rate(&preview.complaint_rate));
    }

    pub fn rates(&mut self, bounce: Option<Rate>, complaint: Option<Rate>) {
        if let Some(rate) = bounce {
            self.bounce.see(rate.0);
        }
        if let Some(rate) = complaint {
            self.complaint.see(rate.0);
        }
    }
}

impl ObservationReader {
    pub fn new(scan: &PrecisionScan, assumptions: Assumptions) -> Self {
        Self {
            bounce: scan.bounce.precision(),
            complaint: scan.complaint.precision(),
            assumptions,
        }
    }

    fn seen(&self, bounce: Option<f64>, complaint: Option<f64>, processed: Option<u64>) -> MeasuredRates {
        MeasuredRates {
            bounce: bounce.and_then(|rate| self.bounce.rate(rate)),
            complaint: complaint.and_then(|rate| self.complaint.rate(rate)),
            processed,
            assumptions: self.assumptions,
        }
    }

    pub fn preview(&self, seen: &ObservedPreview) -> Result<Vec<Constraint>, Uninformative> {
        let preview = &seen.preview;
        let value = |metric: &Option<PreviewMetric>| metric.as_ref().and_then(|metric| metric.value);
        let band = |metric: &Option<PreviewMetric>| {
            metric
                .as_ref()
                .and_then(|metric| metric.band.as_ref())
                .and_then(PoolName::band)
        };
        let measured = self.seen(
            value(&preview.bounce_rate),
            value(&preview.complaint_rate),
            whole(value(&preview.processed_count)),
        );
        let processed_band = band(&preview.processed_count);
        let mut claims = Vec::new();
        match processed_band {
            Some(Band::Good) => claims.extend(measured.enough().map(|one| vec![one])),
            Some(Band::New) => claims.extend(measured.too_little().map(|one| vec![one])),
            Some(Band::Poor) | None => {}
        }
        let has_enough = processed_band == Some(Band::Good);
        let shown = [
            (Metric::BounceRate, &preview.bounce_rate),
            (Metric::ComplaintRate, &preview.complaint_rate),
        ];
        for (metric, band) in shown
            .into_iter()
            .filter_map(|(metric, shown)| Some((metric, band(shown)?)))
        {
            let (may_vote, may_hold) = match seen.standing {
                DomainStatus::NotEnrolled => (band != Band::New, band == Band::New),
                DomainStatus::In(current) => (band != Band::New, band == current),
                DomainStatus::Unknown => (band != Band::New, true),
            };
            let sure = |literal: Option<ThresholdBound>| literal.map(|one| vec![one]);
            match (band, may_vote, may_hold) {
                (Band::Good, true, false) => claims.extend(sure(measured.good(metric))),
                (Band::Poor, true, false) => claims.extend(sure(measured.poor(metric))),
                (Band::Good, true, true) => claims.extend(sure(measured.not_poor(metric))),
                (Band::Poor, true, true) => claims.extend(sure(measured.not_good(metric))),
                (_, false, true) => {
                    let held = [measured.not_good(metric), measured.not_poor(metric)];
                    claims.extend(held.into_iter().filter_map(|literal| {
                        if has_enough {
                            sure(literal)
                        } else {
                            measured.unless_too_little(literal)
                        }
                    }));
                }
                _ => {}
            }
        }
        if band(&preview.bounce_rate)
            .or(band(&preview.complaint_rate))
            .or(processed_band)
            .is_none()
        {
            return Err(Uninformative::NoMetrics);
        }
        Ok(claims)
    }

    pub fn domain(&self, domain: &Domain, latest: Option<&HistoryRecord>) -> Result<Vec<Constraint>, Uninformative> {
        if domain.is_overridden == Some(true) {
            return Err(Uninformative::Pinned);
        }
        if !self.assumptions.moves_on_one_vote {
            return Err(Uninformative::MayBeWaiting);
        }
        let latest = latest
            .filter(|_| domain.is_overridden == Some(false))
            .ok_or(Uninformative::NoHistory)?;
        match reason(latest) {
            None => return Err(Uninformative::UnknownReason),
            Some(RecordReason::Override) => return Err(Uninformative::Pinned),
            Some(_) => {}
        }
        let value = |rate: Option<Rate>| rate.map(|rate| rate.0);
        let measured = self.seen(
            value(domain.bounce_rate),
            value(domain.complaint_rate),
            domain.processed_count,
        );
        // Without any mail nothing was checked in earnest: every account's domains begin so.
        let band = domain
            .pool
            .band()
            .filter(|_| domain.processed_count.is_some_and(|count| count > 0));
        let mut claims = Vec::new();
        match band.ok_or(Uninformative::NoMetrics)? {
            // Its last vote was Good or a Hold.
            Band::Good => claims.extend(
                Metric::ALL
                    .into_iter()
                    .filter_map(|metric| measured.unless_too_little(measured.not_poor(metric))),
            ),
            // Poor or a Hold.
            Band::Poor => claims.extend(measured.not_all_good()),
            // A Hold, or New for too little mail.
            Band::New => measured.held(&mut claims),
        }
        Ok(claims)
    }

    pub fn record(&self, record: &HistoryRecord) -> Result<Vec<Constraint>, Uninformative> {
        let reason = reason(record).ok_or(Uninformative::UnknownReason)?;
        let value = |rate: Option<Rate>| rate.map(|rate| rate.0);
        let measured = self.seen(
            value(record.bounce_rate),
            value(record.complaint_rate),
            record.processed_count,
        );
        let is_by_a_person = record.initiated_by.as_deref().is_some_and(|who| who.contains('@'));
        let sure = |literal: Option<ThresholdBound>| literal.map(|one| vec![one]);
        let mut claims = Vec::new();
        match reason {
            RecordReason::Override => return Err(Uninformative::Pinned),
            RecordReason::One(..) | RecordReason::Several(_) | RecordReason::BelowMinimum if is_by_a_person => {
                return Err(Uninformative::Pinned);
            }
            RecordReason::One(metric, Band::Good) => {
                claims.extend([measured.good(metric), measured.enough()].into_iter().filter_map(sure));
            }
            RecordReason::One(metric, Band::Poor) => {
                let rest = measured.not_poor(other(metric));
                claims.extend(
                    [measured.poor(metric), rest, measured.enough()]
                        .into_iter()
                        .filter_map(sure),
                );
            }
            RecordReason::Several(Band::Good) => {
                let all = Metric::ALL.map(|metric| measured.good(metric));
                claims.extend(all.into_iter().chain([measured.enough()]).filter_map(sure));
            }
            RecordReason::Several(Band::Poor) => {
                let all = Metric::ALL.map(|metric| measured.poor(metric));
                claims.extend(all.into_iter().chain([measured.enough()]).filter_map(sure));
            }
            RecordReason::BelowMinimum => claims.extend(sure(measured.too_little())),
            RecordReason::One(_, Band::New) | RecordReason::Several(Band::New) => {
                return Err(Uninformative::UnknownReason);
            }
            RecordReason::Enrolled => {
                let band = record
                    .new_band
                    .as_ref()
                    .and_then(PoolName::band)
                    .ok_or(Uninformative::NoMetrics)?;
                if record.processed_count.is_none_or(|count| count == 0) {
                    return Err(Uninformative::NoMetrics);
                }
                match band {
                    Band::Good => {
                        let all = Metric::ALL.map(|metric| measured.good(metric));
                        claims.extend(all.into_iter().chain([measured.enough()]).filter_map(sure));
                    }
                    Band::Poor => {
                        claims.extend(sure(measured.enough()));
                        // Which of the two is not said; a rate that is missing may be the one.
                        let either = measured
                            .poor(Metric::BounceRate)
                            .zip(measured.poor(Metric::ComplaintRate));
                        claims.extend(either.map(|(bounce, complaint)| vec![bounce, complaint]));
                    }
                    Band::New => measured.held(&mut claims),
                }
            }
        }
        Ok(claims)
    }
}

/// A count that came as a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number below 2⁵³"
)]
fn whole(value: Option<f64>) -> Option<u64> {
    value
        .filter(|value| (0.0..9e15).contains(value) && libm::floor(*value) == *value)
        .map(|value| value as u64)
}
