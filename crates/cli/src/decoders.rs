//! What the program reads from files, as functions of bytes: the fuzz targets feed them anything.

use crate::accounts::decode_accounts;
use crate::lab::{decode, decode_observations, decode_policy};
use crate::serve::decode_journal;
use poolkeeper_core::health::Policy;
use poolkeeper_lab::calibrate::Observations;
use poolkeeper_lab::sweep::Sweep;
use poolkeeper_simulator::sim::{Actor, Command};
use std::path::Path;

/// What messages call the file.
const NAME: &str = "file";

/// Reads a policy.
///
/// # Errors
/// The message that a person would read.
pub fn policy(bytes: &[u8]) -> Result<Policy, String> {
    decode_policy(Path::new(NAME), bytes).map_err(|failure| failure.0)
}

/// Reads a grid of policies.
///
/// # Errors
/// As [`policy`].
pub fn sweep(bytes: &[u8]) -> Result<Sweep, String> {
    decode(Path::new(NAME), bytes).map_err(|failure| failure.0)
}

/// Reads saved observations, or a saved answer of the history or of the list of domains.
///
/// # Errors
/// As [`policy`], of each way to read it.
pub fn observations(bytes: &[u8]) -> Result<Observations, [String; 3]> {
    decode_observations(Path::new(NAME), bytes).map_err(|failures| failures.map(|failure| failure.0))
}

/// Reads the names of the accounts in a file of accounts.
///
/// # Errors
/// As [`policy`].
pub fn accounts(text: &str) -> Result<Vec<String>, String> {
    decode_accounts(text).map_err(|failure| failure.0)
}

/// Reads the journal beside a state file: the changes up to the first damage, and how many bytes they take.
#[must_use]
pub fn journal(bytes: &[u8]) -> Option<(Vec<(Actor, Command)>, u64)> {
    decode_journal(bytes)
}
