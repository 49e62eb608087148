//! Turns observations into constraints, by their kind.

use super::constraints::{Constraint, MeasuredRates, ThresholdBound, other};
use super::rates::{Precision, PrecisionScan, whole};
use super::{Assumptions, DomainStatus, ObservedPreview, Uninformative};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Band, Domain, HistoryRecord, PoolName, PreviewMetric, Rate};

/// A history record's reason, parsed.
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

/// Reads observations into constraints.
pub(super) struct ObservationReader {
    bounce: Precision,
    complaint: Precision,
    assumptions: Assumptions,
}

impl ObservationReader {
    pub fn new(scan: &PrecisionScan, assumptions: Assumptions) -> Self {
        let (bounce, complaint) = scan.precisions();
        Self {
            bounce,
            complaint,
            assumptions,
        }
    }

    fn measure(&self, bounce: Option<f64>, complaint: Option<f64>, processed: Option<u64>) -> MeasuredRates {
        MeasuredRates {
            bounce: bounce.and_then(|rate| self.bounce.rate(rate)),
            complaint: complaint.and_then(|rate| self.complaint.rate(rate)),
            processed,
            assumptions: self.assumptions,
        }
    }

    pub fn preview(&self, observed: &ObservedPreview) -> Result<Vec<Constraint>, Uninformative> {
        let preview = &observed.preview;
        let value = |metric: &Option<PreviewMetric>| metric.as_ref().and_then(|metric| metric.value);
        let band = |metric: &Option<PreviewMetric>| {
            metric
                .as_ref()
                .and_then(|metric| metric.band.as_ref())
                .and_then(PoolName::band)
        };
        let measured = self.measure(
            value(&preview.bounce_rate),
            value(&preview.complaint_rate),
            whole(value(&preview.processed_count)),
        );
        let processed_band = band(&preview.processed_count);
        let mut constraints = Vec::new();
        match processed_band {
            Some(Band::Good) => constraints.extend(measured.reaches_minimum().map(|one| vec![one])),
            Some(Band::New) => constraints.extend(measured.below_minimum().map(|one| vec![one])),
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
            let (may_vote, may_hold) = match observed.standing {
                DomainStatus::NotEnrolled => (band != Band::New, band == Band::New),
                DomainStatus::In(current) => (band != Band::New, band == current),
                DomainStatus::Unknown => (band != Band::New, true),
            };
            let single = |literal: Option<ThresholdBound>| literal.map(|one| vec![one]);
            match (band, may_vote, may_hold) {
                (Band::Good, true, false) => constraints.extend(single(measured.good_bound(metric))),
                (Band::Poor, true, false) => constraints.extend(single(measured.poor_bound(metric))),
                (Band::Good, true, true) => constraints.extend(single(measured.not_poor_bound(metric))),
                (Band::Poor, true, true) => constraints.extend(single(measured.not_good_bound(metric))),
                (_, false, true) => {
                    let held = [measured.not_good_bound(metric), measured.not_poor_bound(metric)];
                    constraints.extend(held.into_iter().filter_map(|literal| {
                        if has_enough {
                            single(literal)
                        } else {
                            measured.or_below_minimum(literal)
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
        Ok(constraints)
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
        let measured = self.measure(
            value(domain.bounce_rate),
            value(domain.complaint_rate),
            domain.processed_count,
        );
        // A domain without mail was never judged: every domain starts like this.
        let band = domain
            .pool
            .band()
            .filter(|_| domain.processed_count.is_some_and(|count| count > 0));
        let mut constraints = Vec::new();
        match band.ok_or(Uninformative::NoMetrics)? {
            // Its last vote was Good or a Hold.
            Band::Good => constraints.extend(
                Metric::ALL
                    .into_iter()
                    .filter_map(|metric| measured.or_below_minimum(measured.not_poor_bound(metric))),
            ),
            // Poor or a Hold.
            Band::Poor => constraints.extend(measured.not_all_good()),
            // A Hold, or New for too little mail.
            Band::New => measured.push_hold(&mut constraints),
        }
        Ok(constraints)
    }

    pub fn record(&self, record: &HistoryRecord) -> Result<Vec<Constraint>, Uninformative> {
        let reason = reason(record).ok_or(Uninformative::UnknownReason)?;
        let value = |rate: Option<Rate>| rate.map(|rate| rate.0);
        let measured = self.measure(
            value(record.bounce_rate),
            value(record.complaint_rate),
            record.processed_count,
        );
        let is_by_a_person = record.initiated_by.as_deref().is_some_and(|who| who.contains('@'));
        let single = |literal: Option<ThresholdBound>| literal.map(|one| vec![one]);
        let mut constraints = Vec::new();
        match reason {
            RecordReason::Override => return Err(Uninformative::Pinned),
            RecordReason::One(..) | RecordReason::Several(_) | RecordReason::BelowMinimum if is_by_a_person => {
                return Err(Uninformative::Pinned);
            }
            RecordReason::One(metric, Band::Good) => {
                constraints.extend(
                    [measured.good_bound(metric), measured.reaches_minimum()]
                        .into_iter()
                        .filter_map(single),
                );
            }
            RecordReason::One(metric, Band::Poor) => {
                let rest = measured.not_poor_bound(other(metric));
                constraints.extend(
                    [measured.poor_bound(metric), rest, measured.reaches_minimum()]
                        .into_iter()
                        .filter_map(single),
                );
            }
            RecordReason::Several(Band::Good) => {
                let all = Metric::ALL.map(|metric| measured.good_bound(metric));
                constraints.extend(all.into_iter().chain([measured.reaches_minimum()]).filter_map(single));
            }
            RecordReason::Several(Band::Poor) => {
                let all = Metric::ALL.map(|metric| measured.poor_bound(metric));
                constraints.extend(all.into_iter().chain([measured.reaches_minimum()]).filter_map(single));
            }
            RecordReason::BelowMinimum => constraints.extend(single(measured.below_minimum())),
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
                        let all = Metric::ALL.map(|metric| measured.good_bound(metric));
                        constraints.extend(all.into_iter().chain([measured.reaches_minimum()]).filter_map(single));
                    }
                    Band::Poor => {
                        constraints.extend(single(measured.reaches_minimum()));
                        // The record does not say which metric is poor, so it needs both rates.
                        let either = measured
                            .poor_bound(Metric::BounceRate)
                            .zip(measured.poor_bound(Metric::ComplaintRate));
                        constraints.extend(either.map(|(bounce, complaint)| vec![bounce, complaint]));
                    }
                    Band::New => measured.push_hold(&mut constraints),
                }
            }
        }
        Ok(constraints)
    }
}
