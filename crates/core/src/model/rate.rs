//! Rates, and how many digits to show.

use serde::{Deserialize, Serialize};

/// A rate as the service reports it: a fraction, 0.05 is 5 %.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub f64);

impl Rate {
    /// As percent, with enough digits to differ from every other fraction in `beside` (such as thresholds): 0.000 98
    /// beside 0.001 is `0.098 %`. At most six decimals.
    #[must_use]
    pub fn percent_beside(self, beside: &[f64]) -> String {
        let percent = self.0 * 100.0;
        let min_decimals = if percent.abs() < 1.0 { 3 } else { 2 };
        for decimals in min_decimals..6 {
            let shown = format!("{percent:.decimals$}");
            let is_ambiguous = beside
                .iter()
                .any(|other| *other != self.0 && format!("{:.decimals$}", other * 100.0) == shown);
            if !is_ambiguous {
                return format!("{shown} %");
            }
        }
        format!("{percent:.6} %")
    }

    /// As percent: three decimals below 1 %, otherwise two.
    #[must_use]
    pub fn percent(self) -> String {
        self.percent_beside(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_tell_a_rate_from_its_threshold() {
        assert_eq!(Rate(0.00098).percent_beside(&[0.001]), "0.098 %");
        assert_eq!(Rate(0.000_999_6).percent_beside(&[0.001]), "0.09996 %");
        assert_eq!(Rate(0.001).percent_beside(&[0.001]), "0.100 %");
        assert_eq!(Rate(0.0499).percent_beside(&[0.05]), "4.99 %");
        assert_eq!(Rate(0.049_999).percent_beside(&[0.05]), "4.9999 %");
    }
}
