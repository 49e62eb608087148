//! The messages.

use crate::{JobEvent, LabJob, QueryId, Timeline, pod_serde};
use poolkeeper_core::model::Day;
use poolkeeper_core::traffic::{ColumnMismatch, DomainColumns, Table, TableDomain};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// To a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToLab {
    /// Other traffic is on its way: forget what there was.
    Open(TrafficHeader),
    /// Some more of its domains.
    Part(TrafficChunk),
    /// Do this instead of whatever is being done.
    Do {
        /// For the answer.
        ticket: QueryId,
        /// What to do.
        job: LabJob,
    },
    /// Stop the job at hand.
    Stop,
}

/// What there is to know of some traffic before its parts arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrafficHeader {
    /// Tells one load from the next: the page counts up.
    pub load: u64,
    /// The table's first day.
    pub first_day: Day,
    /// Its days.
    pub day_count: u32,
    /// Its account names.
    pub accounts: Vec<String>,
    /// How many domains will come.
    pub domains: usize,
    /// What people did meanwhile.
    pub timeline: Option<Arc<Timeline>>,
}

/// Neighbouring domains of a table. The columns cross as bytes: both ends run on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrafficChunk {
    /// The load it belongs to.
    pub load: u64,
    domains: Vec<TableDomain>,
    #[serde(with = "pod_serde")]
    processed: Vec<u32>,
    #[serde(with = "pod_serde")]
    delivered: Vec<u32>,
    #[serde(with = "pod_serde")]
    bounced: Vec<u32>,
    #[serde(with = "pod_serde")]
    complained: Vec<u32>,
    #[serde(with = "pod_serde")]
    present: Vec<u64>,
}

/// From a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromLab {
    /// It runs.
    Ready,
    /// A part of this load has arrived.
    Taken {
        /// The load.
        load: u64,
    },
    /// What the lab says.
    Answer(JobEvent),
    /// It broke down over this, and will say no more.
    Broken(String),
}

impl TrafficChunk {
    /// Some domains of a table; `None` when it does not have them.
    #[must_use]
    pub fn of(load: u64, table: &Table, domains: Range<usize>) -> Option<Self> {
        let columns = table.columns_of(domains.clone())?;
        Some(Self {
            load,
            domains: table.domains().get(domains)?.to_vec(),
            processed: columns.processed.to_vec(),
            delivered: columns.delivered.to_vec(),
            bounced: columns.bounced.to_vec(),
            complained: columns.complained.to_vec(),
            present: columns.present.to_vec(),
        })
    }

    /// How many domains these are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.domains.len()
    }

    /// Whether these are no domains.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// Adds the domains to a table.
    ///
    /// # Errors
    /// [`Misfit`] when the table is of other days.
    pub fn append_to(self, table: &mut Table) -> Result<(), ColumnMismatch> {
        let columns = DomainColumns {
            processed: &self.processed,
            delivered: &self.delivered,
            bounced: &self.bounced,
            complained: &self.complained,
            present: &self.present,
        };
        table.append(self.domains, &columns)
    }
}
