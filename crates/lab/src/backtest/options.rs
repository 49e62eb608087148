//! The input and options of a backtest.

use crate::timeline::Timeline;
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};

/// The input of a backtest: the traffic, and the enrolments and overrides of that time.
#[derive(Clone, Copy, Debug)]
pub struct ReplayData<'a> {
    /// The traffic.
    pub table: &'a Table,
    /// Enrolments and overrides; without it every domain is enrolled from the first day, as new, and none is pinned.
    pub timeline: Option<&'a Timeline>,
}

impl<'a> From<&'a Table> for ReplayData<'a> {
    fn from(table: &'a Table) -> Self {
        Self { table, timeline: None }
    }
}

/// How a backtest treats the timeline's overrides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overrides {
    /// Pinned domains stay pinned, as they were.
    #[default]
    Kept,
    /// No domain is pinned.
    Ignored,
}

/// Options of a backtest that are not part of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayOptions {
    /// How to treat overrides.
    pub overrides: Overrides,
}
