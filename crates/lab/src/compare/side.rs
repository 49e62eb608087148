//! The two policies of a comparison.

use crate::backtest::Backtest;
use poolkeeper_core::health::Policy;
use serde::{Deserialize, Serialize};

/// One of the two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The current policy.
    A,
    /// The draft.
    B,
}

/// A policy and its backtest.
#[derive(Clone, Copy, Debug)]
pub struct PolicyResult<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Its backtest over all domains.
    pub result: &'a Backtest,
}
