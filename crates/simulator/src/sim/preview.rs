//! Running a health check without its consequences (R11).

use super::clock::first_band;
use super::{Actor, DomainIx, Refusal, Sim};
use poolkeeper_core::health::{Check, Metric, Vote, check};
use poolkeeper_core::model::{Band, Counts, DomainName};

/// What a health check run now says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewVerdict {
    /// The domain.
    pub ix: DomainIx,
    /// The band it would be in after the check: for a pinned domain the one it would be in without its override, for one
    /// not enrolled the one it would be enrolled into.
    pub band: Band,
    /// The band it is in; `None` when it is not enrolled.
    pub current: Option<Band>,
    /// The window's counts, up to the last complete day.
    pub counts: Counts,
    /// The votes.
    pub check: Check,
}

impl PreviewVerdict {
    /// The band a metric falls in, as a preview shows it: what it votes for; where it holds, the band the domain is in,
    /// or new. `None` when the policy has the metric off.
    #[must_use]
    pub fn metric_band(&self, metric: Metric) -> Option<Band> {
        self.check.metric(metric).map(|vote| match vote {
            Vote::For(band) => band,
            Vote::Hold => self.current.unwrap_or(Band::New),
        })
    }

    /// The band the processed count falls in: good with the policy's minimum, new below it.
    #[must_use]
    pub const fn processed_band(&self) -> Band {
        if self.check.is_below_minimum {
            Band::New
        } else {
            Band::Good
        }
    }
}

impl Sim {
    /// Runs a health check now and changes nothing (R11).
    ///
    /// # Errors
    /// A [`Refusal`] when the actor's account has no such domain.
    pub fn preview(&self, actor: &Actor, name: &DomainName) -> Result<PreviewVerdict, Refusal> {
        self.need_open(actor)?;
        let ix = self.need_domain(actor, name)?;
        let state = self.domains.get(ix.0 as usize);
        let counts = state.map_or(Counts::ZERO, |state| state.window);
        let verdict = check(&self.policy, &counts);
        let latch = state.and_then(|state| state.enrolment).map(|enrolment| enrolment.latch);
        let band = match latch {
            Some(mut latch) => {
                latch.next_band(&self.policy, verdict.vote);
                latch.band
            }
            None => first_band(&self.policy, &counts),
        };
        Ok(PreviewVerdict {
            ix,
            band,
            current: latch.map(|latch| latch.band),
            counts,
            check: verdict,
        })
    }
}
