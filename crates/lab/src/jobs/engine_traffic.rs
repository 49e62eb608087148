//! The loaded traffic, and how many domains one step of a job takes.

use crate::backtest::{Overrides, ReplayData, ReplayOptions};
use crate::sweep::SweepTimeline;
use crate::threads;
use crate::timeline::Timeline;
use poolkeeper_core::traffic::{CHUNK_DOMAINS, Table};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Domain-days per step on one thread: half a millisecond to some milliseconds.
const CELLS_PER_STEP: usize = 1 << 17;

/// Domain-days per step and thread, on several threads. It is larger because starting a thread takes time.
const CELLS_PER_THREAD: usize = 1 << 20;

/// The traffic, and the threads that work on it.
pub(super) struct EngineTraffic {
    pub table: Arc<Table>,
    pub timeline: Option<Arc<Timeline>>,
    pub sweep_timelines: OnceTimelines,
    pub threads: usize,
}

/// The timeline as sweeps need it, prepared at the first sweep.
#[derive(Default)]
pub(super) struct OnceTimelines {
    with_overrides: OnceLock<SweepTimeline>,
    without: OnceLock<SweepTimeline>,
}

impl EngineTraffic {
    pub fn data(&self) -> ReplayData<'_> {
        ReplayData {
            table: &self.table,
            timeline: self.timeline.as_deref(),
        }
    }

    /// The timeline for a sweep.
    pub fn sweep_timeline(&self, options: ReplayOptions) -> &SweepTimeline {
        let once = match options.overrides {
            Overrides::Kept => &self.sweep_timelines.with_overrides,
            Overrides::Ignored => &self.sweep_timelines.without,
        };
        once.get_or_init(|| SweepTimeline::new(self.timeline.as_deref(), &self.table, options.overrides))
    }

    pub fn domains(&self) -> usize {
        self.table.domains().len()
    }

    /// The domains of the next step, among those from `start` to `end`: one range per thread.
    pub fn step_ranges(&self, start: usize, end: usize) -> Vec<Range<usize>> {
        let cells = if self.threads > 1 {
            self.threads * CELLS_PER_THREAD
        } else {
            CELLS_PER_STEP
        };
        let domains = (cells / (self.table.day_count() as usize).max(1)).max(self.threads);
        // Round to whole chunks if possible, because the table's index has the sums of a chunk.
        let chunks = self.threads * CHUNK_DOMAINS;
        let domains = if domains > chunks {
            domains / chunks * chunks
        } else {
            domains
        };
        threads::split(start..end.min(start.saturating_add(domains)), self.threads)
    }

    /// The end of the next step over all domains, for jobs that run on one thread.
    pub fn step_end(&self, start: usize) -> usize {
        let end = self.domains();
        let step: usize = self.step_ranges(start, end).iter().map(Range::len).sum();
        end.min(start + step)
    }
}
