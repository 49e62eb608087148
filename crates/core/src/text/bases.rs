//! Bases of rates, in words.

use super::{count, counted};
use crate::model::SentBases;

/// How the service's count of sent differs from delivered plus bounced; `None` where it does not.
#[must_use]
pub fn base_difference(bases: &SentBases) -> Option<String> {
    if !bases.differ() {
        return None;
    }
    let delayed = match bases.delayed_bounces {
        0 => String::new(),
        1 => "; 1 delayed bounce counts as both".to_owned(),
        many => format!("; {} count as both", counted(many, "delayed bounce")),
    };
    Some(format!(
        "Mailgun counts {} messages as sent, and {} as delivered or bounced{delayed}. Bounce rates here are of the second.",
        count(bases.sent),
        count(bases.delivered_or_bounced),
    ))
}
