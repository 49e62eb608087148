//! Drawing each domain's character from the scenario and the seed.

use super::{DomainGenerator, WeekdayProfile};
use crate::sim::noise::{hash, normal, unit};
use crate::sim::{ScenarioKind, ScenarioSpec};
use poolkeeper_core::model::Day;

/// Bits for one domain's traits, in a fixed order.
struct DomainDraws {
    key: u64,
    next: u64,
}

impl DomainDraws {
    fn bits(&mut self) -> u64 {
        self.next += 1;
        hash(self.key, self.next)
    }

    fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * libm::exp(sigma * normal(self.bits()))
    }
}

/// The character of the `ix`th domain.
pub(super) fn draw(spec: &ScenarioSpec, ix: u32) -> DomainGenerator {
    let key = hash(spec.seed() ^ (0x5e4d << 8) ^ spec.kind() as u64, u64::from(ix));
    let mut draws = DomainDraws { key, next: 0 };
    let volume = draws.log_normal(900.0, 1.5).clamp(3.0, 400_000.0);
    let jitter = draws.between(0.10, 0.35);
    let rhythm = match draws.bits() % 10 {
        0..=3 => WeekdayProfile::Office,
        4..=5 => WeekdayProfile::Shop,
        6..=7 => WeekdayProfile::Flat,
        _ => WeekdayProfile::Newsletter,
    };
    let (bounce_rate, complaint_rate) = rates(&mut draws);
    let (start_day, ramp_days) = start(spec, &mut draws);
    let is_touched = draws.unit() < 0.22;
    let strength = draws.unit();
    let decay_per_day = match spec.kind() {
        ScenarioKind::SlowDecay if is_touched => 0.012 + 0.03 * strength,
        _ => 0.0,
    };
    let peak_strain = if is_touched { 0.8 + 1.6 * strength } else { 0.0 };
    let per_epoch = match spec.kind() {
        ScenarioKind::SteadySenders => 0.03,
        ScenarioKind::BoughtList => 0.17,
        ScenarioKind::SlowDecay => 0.04,
        ScenarioKind::OnboardingWave => 0.07,
        ScenarioKind::SeasonalPeak => 0.06,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share below one of 2³²"
    )]
    let incident_chance = (per_epoch * 4_294_967_296.0) as u32;
    DomainGenerator {
        key,
        volume,
        jitter,
        bounce_rate,
        complaint_rate,
        decay_per_day,
        peak_strain,
        start_day,
        ramp_days,
        incident_chance,
        rhythm,
    }
}

/// Base bounce and complaint rates: most well within the good thresholds, some close to one, a few beyond.
fn rates(draws: &mut DomainDraws) -> (f64, f64) {
    let bounce = draws.log_normal(0.016, 0.42);
    let complaint = draws.log_normal(0.000_28, 0.5);
    match draws.bits() % 100 {
        0..=2 => (draws.between(0.10, 0.17), complaint * 2.0),
        3..=4 => (bounce, draws.between(0.0034, 0.006)),
        5..=7 => (draws.between(0.043, 0.056), complaint),
        8..=10 => (bounce, draws.between(0.000_85, 0.001_15)),
        _ => (bounce, complaint),
    }
}

/// When a domain starts, and over how many days it ramps up.
fn start(spec: &ScenarioSpec, draws: &mut DomainDraws) -> (Day, u32) {
    let share_of_late = match spec.kind() {
        ScenarioKind::OnboardingWave => 0.33,
        _ => 0.05,
    };
    let is_late = draws.unit() < share_of_late;
    let when = draws.unit();
    let ramp_days = 14 + u32::try_from(draws.bits() % 28).unwrap_or(0);
    if !is_late {
        return (spec.first_day(), 0);
    }
    let last_two_months = spec.past_days().min(60);
    #[expect(clippy::cast_possible_truncation, reason = "at most 60")]
    let ago = (when * f64::from(last_two_months)) as i32;
    (
        spec.first_day()
            .plus(i32::try_from(spec.past_days()).unwrap_or(0) - ago),
        ramp_days,
    )
}
