//! The scale of a policy's sliders: it covers whole rates and is still fine enough for 0.01 %.

/// A scale from `least` to `most`: about linear below `knee`, about logarithmic above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliderScale {
    /// The value at the start.
    pub least: u32,
    /// The value at the end of the track. A larger value is shown there too.
    pub most: u32,
    /// The greatest value that the control accepts.
    pub limit: u32,
    /// The value up to which the scale is about linear.
    pub knee: u32,
}

/// Bounce thresholds in parts per million: the track shows up to 50 %.
pub const BOUNCE: SliderScale = SliderScale {
    least: 0,
    most: 500_000,
    limit: 1_000_000,
    knee: 10_000,
};

/// Complaint thresholds in parts per million: the track shows up to 2 %.
pub const COMPLAINT: SliderScale = SliderScale {
    least: 0,
    most: 20_000,
    limit: 1_000_000,
    knee: 300,
};

/// Days of a window.
pub const WINDOW: SliderScale = SliderScale {
    least: 1,
    most: 90,
    limit: 90,
    knee: 6,
};

impl SliderScale {
    /// The position of a value, from 0 to 1.
    #[must_use]
    pub fn position(&self, value: u32) -> f64 {
        let span = |value: u32| libm::log1p(f64::from(value.saturating_sub(self.least)) / f64::from(self.knee));
        (span(value) / span(self.most)).clamp(0.0, 1.0)
    }

    /// The round value nearest to a position.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between least and most by construction"
    )]
    pub fn value_at(&self, position: f64) -> u32 {
        let knee = f64::from(self.knee);
        let full = libm::log1p(f64::from(self.most - self.least) / knee);
        let exact = libm::expm1(position.clamp(0.0, 1.0) * full) * knee + f64::from(self.least);
        let exact = exact.clamp(f64::from(self.least), f64::from(self.most)) as u32;
        let step = self.step(exact.max(self.least));
        let rounded = (exact + step / 2) / step * step;
        rounded.clamp(self.least, self.most)
    }

    /// The step at a value: 1, 2 or 5 times a power of ten, about 2 % of the value.
    #[must_use]
    pub fn step(&self, value: u32) -> u32 {
        let wanted = value.max(self.knee / 10) / 40;
        let power = 10_u32.pow(wanted.checked_ilog10().unwrap_or(0));
        match wanted / power {
            0 => 1,
            1 => power,
            2..=4 => power * 2,
            _ => power * 5,
        }
    }

    /// The round value that is `steps` steps up (negative: down), within bounds.
    #[must_use]
    pub fn moved(&self, value: u32, steps: i32) -> u32 {
        let mut value = value;
        for _ in 0..steps.unsigned_abs() {
            value = if steps > 0 {
                let step = self.step(value);
                (value / step + 1).saturating_mul(step).min(self.limit)
            } else {
                // Uses the step of the value below, so that a step down undoes a step up.
                let step = self.step(value.saturating_sub(1));
                (value.saturating_sub(1) / step * step).max(self.least)
            };
        }
        value
    }
}
