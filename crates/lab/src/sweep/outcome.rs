//! The outcomes of a sweep, and their counts for some of the domains.

use crate::pod_serde;
use poolkeeper_core::model::Band;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An outcome to count in every cell, over all domains and the counted days.
///
/// Conventions are those of the backtest. A day counts for the band it ends in, after its check. A message counts for
/// the band before that day's check, because it was sent from that pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepOutcome {
    /// Domains in this band after the last counted day.
    Ending(Band),
    /// Domain-days in this band.
    Days(Band),
    /// Changes of band.
    Moves,
    /// Moves back into the band that the previous move left, at most 14 days earlier. Those during the replay's
    /// [start](crate::startup_days) do not count.
    Flaps,
    /// Messages processed while the domain was in the poor band.
    PoorMessages,
    /// Domains whose band after the last counted day is not the one they have under the current policy.
    EndingDiffers,
}

impl SweepOutcome {
    /// All of them, in the order of [`SweepOutcome::index`].
    pub const ALL: [Self; 10] = [
        Self::Ending(Band::Good),
        Self::Ending(Band::Poor),
        Self::Ending(Band::New),
        Self::Days(Band::Good),
        Self::Days(Band::Poor),
        Self::Days(Band::New),
        Self::Moves,
        Self::Flaps,
        Self::PoorMessages,
        Self::EndingDiffers,
    ];

    /// Position in [`SweepOutcome::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Ending(band) => band.index(),
            Self::Days(band) => 3 + band.index(),
            Self::Moves => 6,
            Self::Flaps => 7,
            Self::PoorMessages => 8,
            Self::EndingDiffers => 9,
        }
    }

    /// Its name: `Domains that end in poor`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Ending(band) => format!("Domains that end in {band}"),
            Self::Days(band) => format!("Domain-days in {band}"),
            Self::Moves => "Moves".to_owned(),
            Self::Flaps => "Moves back within 14 days".to_owned(),
            Self::PoorMessages => "Messages sent while poor".to_owned(),
            Self::EndingDiffers => "Domains that end in another band than under A".to_owned(),
        }
    }

    /// Its identifier in URLs and on the command line.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Ending(Band::Good) => "ends-good",
            Self::Ending(Band::Poor) => "ends-poor",
            Self::Ending(Band::New) => "ends-new",
            Self::Days(Band::Good) => "days-good",
            Self::Days(Band::Poor) => "days-poor",
            Self::Days(Band::New) => "days-new",
            Self::Moves => "moves",
            Self::Flaps => "flaps",
            Self::PoorMessages => "messages-poor",
            Self::EndingDiffers => "ends-differ",
        }
    }

    /// The outcome with a slug.
    #[must_use]
    pub fn by_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.slug() == slug)
    }
}

/// A set of outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<SweepOutcome>", into = "Vec<SweepOutcome>")]
pub struct SweepOutcomes(u16);

impl SweepOutcomes {
    /// All but [`SweepOutcome::EndingDiffers`], which also needs the current policy's bands.
    #[must_use]
    pub fn all_of_one_policy() -> Self {
        SweepOutcome::ALL
            .into_iter()
            .filter(|outcome| *outcome != SweepOutcome::EndingDiffers)
            .collect()
    }

    /// Whether the set has an outcome.
    #[must_use]
    pub const fn has(self, outcome: SweepOutcome) -> bool {
        self.0 & (1 << outcome.index()) != 0
    }

    /// Whether the set has any of some outcomes.
    #[must_use]
    pub fn has_any(self, outcomes: &[SweepOutcome]) -> bool {
        outcomes.iter().any(|outcome| self.has(*outcome))
    }

    /// Its outcomes, in the order of [`SweepOutcome::ALL`].
    pub fn iter(self) -> impl Iterator<Item = SweepOutcome> {
        SweepOutcome::ALL.into_iter().filter(move |outcome| self.has(*outcome))
    }
}

impl FromIterator<SweepOutcome> for SweepOutcomes {
    fn from_iter<I: IntoIterator<Item = SweepOutcome>>(outcomes: I) -> Self {
        Self(outcomes.into_iter().fold(0, |set, outcome| set | 1 << outcome.index()))
    }
}

impl From<Vec<SweepOutcome>> for SweepOutcomes {
    fn from(outcomes: Vec<SweepOutcome>) -> Self {
        outcomes.into_iter().collect()
    }
}

impl From<SweepOutcomes> for Vec<SweepOutcome> {
    fn from(outcomes: SweepOutcomes) -> Self {
        outcomes.iter().collect()
    }
}

/// The counts for some of the domains: one plane per outcome, row by row. Parts over separate domains add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialGrid {
    outcomes: SweepOutcomes,
    width: usize,
    height: usize,
    domains: u64,
    /// One per counted outcome, in the order of [`SweepOutcome::ALL`].
    #[serde(with = "pod_serde::lists")]
    planes: Vec<Vec<u64>>,
}

/// Two parts of different sweeps cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("these parts belong to different maps")]
pub struct GridMismatch;

impl PartialGrid {
    /// A grid without domains.
    #[must_use]
    pub fn empty(outcomes: SweepOutcomes, width: usize, height: usize) -> Self {
        Self {
            outcomes,
            width,
            height,
            domains: 0,
            planes: outcomes.iter().map(|_| vec![0; width * height]).collect(),
        }
    }

    /// The outcomes it holds.
    #[must_use]
    pub const fn outcomes(&self) -> SweepOutcomes {
        self.outcomes
    }

    /// Cells in a row.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// How many domains were counted.
    #[must_use]
    pub const fn domains(&self) -> u64 {
        self.domains
    }

    /// One outcome's counts, row by row; `None` when it was not counted.
    #[must_use]
    pub fn plane(&self, outcome: SweepOutcome) -> Option<&[u64]> {
        let at = self.outcomes.iter().position(|held| held == outcome)?;
        self.planes.get(at).map(Vec::as_slice)
    }

    /// Whether every outcome has a count for every cell. A grid from a file may not.
    pub(super) fn is_whole(&self) -> bool {
        let cells = self.width.checked_mul(self.height);
        self.planes.len() == self.outcomes.iter().count() && self.planes.iter().all(|plane| Some(plane.len()) == cells)
    }

    pub(super) fn plane_mut(&mut self, outcome: SweepOutcome) -> Option<&mut [u64]> {
        let at = self.outcomes.iter().position(|held| held == outcome)?;
        self.planes.get_mut(at).map(Vec::as_mut_slice)
    }

    pub(super) const fn add_domains(&mut self, domains: u64) {
        self.domains += domains;
    }

    /// Adds the counts of other domains.
    ///
    /// # Errors
    /// [`GridMismatch`] when the parts differ in size or outcomes; this one does not change.
    pub fn merge(&mut self, other: &Self) -> Result<(), GridMismatch> {
        if (self.outcomes, self.width, self.height) != (other.outcomes, other.width, other.height) {
            return Err(GridMismatch);
        }
        self.domains += other.domains;
        for (plane, more) in self.planes.iter_mut().zip(&other.planes) {
            for (count, more) in plane.iter_mut().zip(more) {
                *count += more;
            }
        }
        Ok(())
    }
}
