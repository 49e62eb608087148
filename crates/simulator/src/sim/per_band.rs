//! One value a band.

use poolkeeper_core::model::Band;
use serde::{Deserialize, Serialize};

/// One value for each band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PerBand<T> {
    /// For good.
    pub good: T,
    /// For poor.
    pub poor: T,
    /// For new.
    pub new: T,
}

impl<T> PerBand<T> {
    /// The value of a band.
    #[must_use]
    pub const fn get(&self, band: Band) -> &T {
        match band {
            Band::Good => &self.good,
            Band::Poor => &self.poor,
            Band::New => &self.new,
        }
    }

    /// The value of a band, to change.
    #[must_use]
    pub const fn get_mut(&mut self, band: Band) -> &mut T {
        match band {
            Band::Good => &mut self.good,
            Band::Poor => &mut self.poor,
            Band::New => &mut self.new,
        }
    }

    /// Bands and values in the order people read them: good, poor, new.
    pub fn iter(&self) -> impl Iterator<Item = (Band, &T)> {
        Band::ALL.into_iter().map(|band| (band, self.get(band)))
    }

    /// A value a band, made from the band.
    pub fn from_fn(mut make: impl FnMut(Band) -> T) -> Self {
        Self {
            good: make(Band::Good),
            poor: make(Band::Poor),
            new: make(Band::New),
        }
    }
}
