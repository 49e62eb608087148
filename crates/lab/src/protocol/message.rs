//! The messages between a page and a worker.

use crate::jobs::{JobEvent, LabJob, QueryId};
use crate::pod_serde;
use crate::timeline::Timeline;
use poolkeeper_core::model::Day;
use poolkeeper_core::traffic::{ColumnMismatch, DomainColumns, Table, TableDomain};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// A message to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToLab {
    /// Drop the traffic; new traffic follows in chunks.
    Open(TrafficHeader),
    /// The next domains.
    Chunk(TrafficChunk),
    /// Run this job instead of the current one.
    Run {
        /// Identifies the answer.
        id: QueryId,
        /// The job.
        job: LabJob,
    },
    /// Stop the current job.
    Stop,
}

/// Describes the traffic before its chunks arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrafficHeader {
    /// Identifies the load; the page counts up.
    pub load: u64,
    /// The table's first day.
    pub first_day: Day,
    /// Its days.
    pub day_count: u32,
    /// Its account names.
    pub accounts: Vec<String>,
    /// The number of domains that follow.
    pub domains: usize,
    /// The enrolments and overrides.
    pub timeline: Option<Arc<Timeline>>,
}

/// Adjacent domains of a table. The columns are sent as bytes, because both ends run on one machine.
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

/// A message from a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromLab {
    /// The worker has started.
    Ready,
    /// A chunk of this load has arrived.
    Received {
        /// The load.
        load: u64,
    },
    /// An event of a job.
    Answer(JobEvent),
    /// The worker panicked with this message and will send nothing more.
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

    /// The number of domains.
    #[must_use]
    pub fn len(&self) -> usize {
        self.domains.len()
    }

    /// Whether there is no domain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// Adds the domains to a table.
    ///
    /// # Errors
    /// [`ColumnMismatch`] when the table is of other days.
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
