//! What a backtest replays and how.

use crate::timeline::Timeline;
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};

/// What a backtest replays: the traffic, with the enrolments and overrides of its time.
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

/// What to do with the overrides of a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overrides {
    /// Pinned domains stay pinned, as they were.
    #[default]
    Kept,
    /// As if no domain had ever been pinned.
    Ignored,
}

/// The choices of a backtest that are not part of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayOptions {
    /// What to do with overrides.
    pub overrides: Overrides,
}
