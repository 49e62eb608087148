//! A simulated account as bytes, and back.

use super::Sim;
use crate::model::Timestamp;
use thiserror::Error;

/// The clock does not go past 9999-12-31T00:00:00Z.
pub(super) const LATEST: Timestamp = Timestamp(253_402_214_400);

/// Why bytes are not a saved account.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Not a saved account at all.
    #[error("this is not a saved simulator")]
    Foreign,
}

impl Sim {
    /// The account as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    /// An account from bytes.
    ///
    /// # Errors
    /// [`SnapshotError`] says what is wrong with them.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self, SnapshotError> {
        Err(SnapshotError::Foreign)
    }
}
