//! The traffic of a generated account: each domain's counts on each day, as a pure function of the scenario.
//!
//! Nothing is stored or drawn in order: [`Senders::counts`] hashes the domain and the day. All arithmetic is IEEE 754
//! without transcendental functions of the platform, so native code and the browser agree to the bit.

mod draws;
mod names;

use super::noise::{hash, mix, normal, unit};
use super::{ScenarioKind, ScenarioSpec};
use draws::draw;
pub(super) use names::{account_name, domain_name};
use poolkeeper_core::model::{Counts, Day};

/// Raised whenever the same specification would make other traffic or other names, so that a saved account from before
/// is told apart instead of silently continuing with other numbers.
pub(super) const GENERATOR_VERSION: u32 = 1;

/// What one domain's traffic follows from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DomainGenerator {
    key: u64,
    /// Messages on an ordinary day.
    volume: f64,
    /// Standard deviation of the day's volume, on a log scale.
    jitter: f64,
    bounce_rate: f64,
    complaint_rate: f64,
    /// Growth of both rates per day, as a share of the base rate.
    decay_per_day: f64,
    /// How much higher rates are at a season's peak, as a share of the base rate.
    peak_strain: f64,
    /// First day with traffic.
    start_day: Day,
    /// Days until the full volume is reached.
    ramp_days: u32,
    /// Chance of an incident in each epoch, out of 2³².
    incident_chance: u32,
    rhythm: WeekdayProfile,
}

/// How volume spreads over a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WeekdayProfile {
    Office,
    Shop,
    Flat,
    Newsletter,
}

impl WeekdayProfile {
    /// Share of the ordinary volume on a weekday, Monday 0.
    const fn share(self, weekday: i32) -> f64 {
        match (self, weekday) {
            (Self::Office, 5) => 0.35,
            (Self::Office, 6) => 0.25,
            (Self::Office, 1 | 2) => 1.3,
            (Self::Office, _) => 1.15,
            (Self::Shop, 4) => 1.2,
            (Self::Shop, 5 | 6) => 1.35,
            (Self::Shop, _) => 0.8,
            (Self::Flat, _) => 1.0,
            (Self::Newsletter, 1) => 3.4,
            (Self::Newsletter, 3) => 2.6,
            (Self::Newsletter, _) => 0.2,
        }
    }
}

/// All domains' traffic.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrafficGenerator {
    spec: ScenarioSpec,
    first_day: Day,
    senders: Vec<DomainGenerator>,
}

/// Days in an epoch; each holds one incident at most.
const EPOCH_DAYS: i32 = 48;
/// Days between the points a domain's rates drift through.
const DRIFT_DAYS: i32 = 16;
/// Above this mean a count is drawn as a rounded normal, below as Poisson by inversion.
const NORMAL_FROM: f64 = 8.0;

/// What an incident multiplies.
struct IncidentMultiplier {
    volume: f64,
    bounce: f64,
    complaint: f64,
}

impl TrafficGenerator {
    pub(super) fn new(spec: &ScenarioSpec) -> Self {
        let senders = (0..spec.size()).map(|ix| draw(spec, ix)).collect();
        Self {
            spec: *spec,
            first_day: spec.first_day(),
            senders,
        }
    }

    /// The first day a domain has traffic.
    pub(super) fn start_day(&self, domain: u32) -> Option<Day> {
        self.senders.get(domain as usize).map(|sender| sender.start_day)
    }

    /// One domain's counts on a day; `None` before it starts and on days it sends nothing.
    pub(super) fn counts(&self, domain: u32, day: Day) -> Option<Counts> {
        let sender = self.senders.get(domain as usize)?;
        let age = day.since(sender.start_day);
        if age < 0 {
            return None;
        }
        let noise = mix(sender.key ^ u64::from(day.0.unsigned_abs()));
        // 1970-01-01 was a Thursday.
        let weekday = (day.0.rem_euclid(7) + 3) % 7;
        let incident = sender.incident(day);
        let peak = self.peak(day);
        let ramp = if age.unsigned_abs() < sender.ramp_days {
            (f64::from(age) + 1.0) / f64::from(sender.ramp_days)
        } else {
            1.0
        };
        let mean = sender.volume * sender.rhythm.share(weekday) * ramp * (1.0 + 2.2 * peak) * incident.volume;
        let processed = truncated(mean * exp_nearly(sender.jitter * normal(noise)) + 0.5);
        if processed < 1.0 {
            return None;
        }
        let (bounce_drift, complaint_drift) = sender.drift(day);
        let decay = 1.0 + sender.decay_per_day * f64::from(day.since(self.first_day).clamp(0, 240));
        let strain = decay * (1.0 + sender.peak_strain * peak);
        let bounce_rate = (sender.bounce_rate * bounce_drift * strain * incident.bounce).min(0.6);
        let complaint_rate = (sender.complaint_rate * complaint_drift * strain * incident.complaint).min(0.05);

        // Some are suppressed or expire: neither delivered nor bounced.
        let sent = processed - truncated(processed * 0.004 + unit(mix(noise ^ 1)));
        let bounced = draw_count(sent * bounce_rate, mix(noise ^ 2)).min(sent);
        let delivered = sent - bounced;
        let complained = draw_count(delivered * complaint_rate, mix(noise ^ 3)).min(delivered);
        Some(Counts {
            processed: whole(processed),
            delivered: whole(delivered),
            bounced: whole(bounced),
            complained: whole(complained),
        })
    }

    /// How near a season's peak a day is: 1 at the peak, 0 away from it. The first peak is 78 days in, then yearly.
    fn peak(&self, day: Day) -> f64 {
        if self.spec.kind() != ScenarioKind::SeasonalPeak {
            return 0.0;
        }
        let from_peak = (day.since(self.first_day) - 78 + 182).rem_euclid(365) - 182;
        let near = (1.0 - f64::from(from_peak.abs()) / 24.0).max(0.0);
        near * near * (3.0 - 2.0 * near)
    }
}

impl DomainGenerator {
    /// Bounce and complaint rates wander around their base, linearly between random points.
    fn drift(&self, day: Day) -> (f64, f64) {
        let point = day.0.div_euclid(DRIFT_DAYS);
        let along = f64::from(day.0.rem_euclid(DRIFT_DAYS)) / f64::from(DRIFT_DAYS);
        let at = |point: i32| mix(self.key ^ (0xd41f_7000_0000_0000 | u64::from(point.unsigned_abs())));
        let (from, to) = (at(point), at(point + 1));
        let between = |from: u64, to: u64| 0.72 + 0.56 * (unit(from) * (1.0 - along) + unit(to) * along);
        (between(from, to), between(from << 32, to << 32))
    }

    /// What an incident of 3–10 days does on a day, if one runs.
    fn incident(&self, day: Day) -> IncidentMultiplier {
        const NONE: IncidentMultiplier = IncidentMultiplier {
            volume: 1.0,
            bounce: 1.0,
            complaint: 1.0,
        };
        let offset = (self.key % 48) as i32;
        let shifted = day.0.saturating_add(offset);
        let bits = hash(
            self.key ^ 0x1c1d,
            u64::from(shifted.div_euclid(EPOCH_DAYS).unsigned_abs()),
        );
        if bits >> 32 >= u64::from(self.incident_chance) {
            return NONE;
        }
        let (begin, length) = ((bits & 0xff) as i32 % 38, 3 + ((bits >> 8) & 7) as i32);
        if !(begin..begin + length).contains(&shifted.rem_euclid(EPOCH_DAYS)) {
            return NONE;
        }
        let severity = unit(bits << 16 | 0xffff);
        if (bits >> 11) & 3 == 0 {
            // A compromised form: much more mail, to people who never asked for it.
            IncidentMultiplier {
                volume: 1.4 + 2.0 * severity,
                bounce: 1.5 + 2.0 * severity,
                complaint: 9.0 + 16.0 * severity,
            }
        } else {
            // A bought list: addresses that are gone, and people who complain.
            IncidentMultiplier {
                volume: 1.2 + 1.3 * severity,
                bounce: 5.0 + 7.0 * severity,
                complaint: 3.0 + 6.0 * severity,
            }
        }
    }
}

/// A whole number with a given mean: Poisson by inversion when small, a rounded normal when large.
fn draw_count(mean: f64, bits: u64) -> f64 {
    if mean < 1e-9 {
        return 0.0;
    }
    if mean >= NORMAL_FROM {
        return truncated((mean + mean.sqrt() * normal(bits) + 0.5).max(0.0));
    }
    let wanted = unit(bits);
    let mut term = exp_nearly(-mean);
    let mut sum = term;
    let mut count = 0.0;
    while wanted >= sum && count < 40.0 {
        count += 1.0;
        term *= mean / count;
        sum += term;
    }
    count
}

/// e to the power of a number within ±8, to three digits: enough for noise, and several times faster than the real thing,
/// which would take most of the time that a day of a large account takes.
fn exp_nearly(power: f64) -> f64 {
    let part = power * (1.0 / 64.0);
    let mut value = 1.0 + part * (1.0 + part * (0.5 + part * (1.0 / 6.0)));
    for _ in 0..6 {
        value *= value;
    }
    value
}

/// Without its fraction. Values here are far below 2⁵³ and not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "whole numbers far below 2⁵³"
)]
const fn truncated(value: f64) -> f64 {
    value as i64 as f64
}

/// A whole number of messages. Volumes stay far below 2³².
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative, and a cast saturates"
)]
const fn whole(count: f64) -> u64 {
    count as i64 as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_is_within_a_thousandth() {
        for step in -80..=80 {
            let power = f64::from(step) / 10.0;
            let exact = libm::exp(power);
            assert!((exp_nearly(power) / exact - 1.0).abs() < 1e-3, "{power}");
        }
    }

    #[test]
    fn counts_have_the_mean_they_are_drawn_with() {
        for mean in [0.02, 0.7, 3.0, 7.9, 8.1, 500.0] {
            let draws = 40_000_u64;
            let sum: f64 = (0..draws).map(|ix| draw_count(mean, hash(7, ix))).sum();
            let average = sum / 40_000.0;
            // Five standard errors.
            assert!(
                (average - mean).abs() < 5.0 * (mean / 40_000.0).sqrt(),
                "{mean}: {average}"
            );
        }
    }

    #[test]
    fn an_incident_lasts_three_to_ten_days_and_strains_something() {
        let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 300, 4).unwrap();
        let mut lengths = std::collections::BTreeSet::new();
        for sender in &TrafficGenerator::new(&spec).senders {
            let mut length = 0;
            for day in (spec.first_day().0..spec.first_day().0 + 400).map(Day) {
                let strain = sender.incident(day);
                if strain.bounce > 1.0 {
                    assert!(strain.complaint > 1.0 && strain.volume > 1.0);
                    length += 1;
                } else if length > 0 {
                    // The first one may have begun before the first day.
                    lengths.insert(length);
                    length = 0;
                }
            }
        }
        assert!(lengths.contains(&3) && lengths.contains(&10), "{lengths:?}");
        assert!(lengths.last() == Some(&10), "{lengths:?}");
    }
}
