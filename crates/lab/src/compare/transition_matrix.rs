//! The transition matrix: from A's bands to B's.

use poolkeeper_core::model::Band;
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};

/// A number of domains and their mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainsAndMail {
    /// Domains, or domain-days.
    pub domains: u64,
    /// Their processed messages.
    pub messages: u64,
}

impl DomainsAndMail {
    pub(super) const fn add(&mut self, domains: u64, messages: u64) {
        self.domains += domains;
        self.messages += messages;
    }
}

/// The 3×3 table: A's band against B's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TransitionMatrix(pub PerBand<PerBand<DomainsAndMail>>);

impl TransitionMatrix {
    /// The cell of a band under A and a band under B.
    #[must_use]
    pub const fn get(&self, a: Band, b: Band) -> DomainsAndMail {
        *self.0.get(a).get(b)
    }

    pub(super) const fn get_mut(&mut self, a: Band, b: Band) -> &mut DomainsAndMail {
        self.0.get_mut(a).get_mut(b)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (a, b) in Band::ALL.into_iter().flat_map(|a| Band::ALL.map(|b| (a, b))) {
            let more = other.get(a, b);
            self.get_mut(a, b).add(more.domains, more.messages);
        }
    }

    /// The cells in which B's band is another than A's, as `(A's, B's, share)`.
    pub fn moved(&self) -> impl Iterator<Item = (Band, Band, DomainsAndMail)> + '_ {
        Band::ALL
            .into_iter()
            .flat_map(|a| Band::ALL.map(|b| (a, b, self.get(a, b))))
            .filter(|(a, b, _)| a != b)
    }
}
