//! Windowed sums of a table, computed once per window and kept while thresholds move.
//!
//! A sweep asks "is this rate near a threshold?" ten thousand times more often than "on which side is it exactly?". So
//! what is kept is what answers the first question fast: each rate as an `f32` within [`RATE_ERROR`] of the true one.
//! The second is answered from the table itself, in integers.

use crate::health::{Metric, Policy};
use crate::traffic::{DomainColumns, Table};
use std::ops::Range;

/// How far, relatively, a kept rate may be from the true one: two roundings to `f32` and one division are below
/// 3 × 2⁻²⁴, and this leaves room for rounding a threshold as well.
pub(super) const RATE_ERROR: f64 = 1.0 / 1_048_576.0;

/// Kept checks per domain are padded to a multiple of this, so that they can be looked at so many at a time.
pub(super) const LANES: usize = 8;

/// The rate of a window without events: below every threshold, because nothing is good whatever it is divided by.
const NO_EVENTS: f32 = -1.0;

/// Rates and processed counts of every check of some domains of a table.
///
/// Depends on the table, the window's length and the days between checks, and on nothing else of a policy: keep it
/// while thresholds, minimums and counts change.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    window_days: u32,
    check_every_days: u32,
    day_count: u32,
    domains: Range<usize>,
    /// Checks of one domain.
    checks: usize,
    /// Entries of one domain: the checks and padding.
    stride: usize,
    bounce: Vec<f32>,
    complaint: Vec<f32>,
    /// Saturated at `i32::MAX`, because signed comparison is what every vector unit has.
    processed: Vec<i32>,
}

impl Windows {
    /// The windows of all domains.
    #[must_use]
    pub fn new(table: &Table, window_days: u32, check_every_days: u32) -> Self {
        Self::of_domains(table, window_days, check_every_days, 0..table.domains().len())
    }

    /// The windows of the domains at some positions of the table.
    #[must_use]
    pub fn of_domains(table: &Table, window_days: u32, check_every_days: u32, domains: Range<usize>) -> Self {
        let mut windows = Self::default();
        windows.fill(table, window_days, check_every_days, domains);
        windows
    }

    /// Computes other windows into the same memory.
    pub fn fill(&mut self, table: &Table, window_days: u32, check_every_days: u32, domains: Range<usize>) {
        self.window_days = window_days.max(1);
        self.check_every_days = check_every_days.max(1);
        self.day_count = table.day_count();
        self.domains = domains;
        self.checks = (self.day_count / self.check_every_days) as usize;
        self.stride = self.checks.next_multiple_of(LANES);
        let cells = self.stride * self.domains.len();
        // What is in there is overwritten, and the padding after it.
        self.bounce.resize(cells, NO_EVENTS);
        self.complaint.resize(cells, NO_EVENTS);
        self.processed.resize(cells, 0);
        if self.stride == 0 {
            return;
        }
        let checks = self.checks;
        let mut scratch = Scratch::new(self.day_count as usize, self.window_days as usize);
        let every = self.check_every_days as usize;
        let rows = self.bounce.chunks_exact_mut(self.stride);
        let rows = rows
            .zip(self.complaint.chunks_exact_mut(self.stride))
            .zip(self.processed.chunks_exact_mut(self.stride));
        for (domain, ((bounce, complaint), processed)) in self.domains.clone().zip(rows) {
            let Some(columns) = table.columns(domain) else {
                bounce.fill(NO_EVENTS);
                complaint.fill(NO_EVENTS);
                processed.fill(0);
                continue;
            };
            let (bounce, no_bounce) = bounce.split_at_mut(checks);
            let (complaint, no_complaint) = complaint.split_at_mut(checks);
            let (processed, no_processed) = processed.split_at_mut(checks);
            no_bounce.fill(NO_EVENTS);
            no_complaint.fill(NO_EVENTS);
            no_processed.fill(0);
            let row = Row {
                bounce,
                complaint,
                processed,
            };
            scratch.fill(&columns, every, row);
        }
    }

    /// Whether these are the windows a policy looks at in a table of so many days.
    #[must_use]
    pub fn fits(&self, policy: &Policy, day_count: u32) -> bool {
        (self.window_days, self.check_every_days, self.day_count)
            == (policy.window_days, policy.check_every_days, day_count)
    }

    /// The positions in the table of the domains held.
    #[must_use]
    pub fn domains(&self) -> Range<usize> {
        self.domains.clone()
    }

    /// The day, as a position from the table's first, at whose end a check runs.
    pub(super) const fn day_of(&self, check: usize) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a check's day is within the table's `u32` days"
        )]
        let check = check as u32;
        (check + 1) * self.check_every_days - 1
    }

    /// The number of checks on the days before `end`.
    pub(super) const fn checks_before(&self, end: u32) -> usize {
        (end / self.check_every_days) as usize
    }

    fn row(&self, domain: usize) -> Range<usize> {
        let at = domain.saturating_sub(self.domains.start) * self.stride;
        at..at + self.stride
    }

    /// A metric's rate at each check of a domain, and padding.
    pub(super) fn rates(&self, metric: Metric, domain: usize) -> &[[f32; LANES]] {
        let rates = match metric {
            Metric::BounceRate => &self.bounce,
            Metric::ComplaintRate => &self.complaint,
        };
        rates.get(self.row(domain)).unwrap_or(&[]).as_chunks().0
    }

    /// Messages processed in the window at each check of a domain, saturated, and padding.
    pub(super) fn processed(&self, domain: usize) -> &[[i32; LANES]] {
        self.processed.get(self.row(domain)).unwrap_or(&[]).as_chunks().0
    }

    /// Exact sums of a domain's windows.
    pub(super) fn exact<'a>(&self, table: &'a Table, domain: usize) -> Exact<'a> {
        Exact {
            columns: table.columns(domain),
            window_days: self.window_days as usize,
        }
    }
}

/// Exact sums of one domain's windows, added up when asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact<'a> {
    columns: Option<DomainColumns<'a>>,
    window_days: usize,
}

impl Exact<'_> {
    /// The sum of the part of a column that the window ending with a day covers.
    #[inline]
    fn sum<'a>(&'a self, day: u32, column: impl Fn(&DomainColumns<'a>) -> &'a [u32]) -> u64 {
        let Some(columns) = &self.columns else { return 0 };
        let end = day as usize + 1;
        let part = column(columns).get(end.saturating_sub(self.window_days)..end);
        part.unwrap_or(&[]).iter().map(|count| u64::from(*count)).sum()
    }

    /// Messages processed in the window that ends with a day.
    pub fn processed(&self, day: u32) -> u64 {
        self.sum(day, |columns| columns.processed)
    }

    /// A metric's events in the window that ends with a day.
    pub fn events(&self, metric: Metric, day: u32) -> u64 {
        match metric {
            Metric::BounceRate => self.sum(day, |columns| columns.bounced),
            Metric::ComplaintRate => self.sum(day, |columns| columns.complained),
        }
    }

    /// What a metric's events are divided by.
    pub fn base(&self, metric: Metric, day: u32) -> u64 {
        let delivered = self.sum(day, |columns| columns.delivered);
        match metric {
            Metric::BounceRate => delivered + self.sum(day, |columns| columns.bounced),
            Metric::ComplaintRate => delivered,
        }
    }
}

struct Row<'a> {
    bounce: &'a mut [f32],
    complaint: &'a mut [f32],
    processed: &'a mut [i32],
}

/// Memory for one domain's sums.
struct Scratch {
    window_days: usize,
    /// `window_days` zeros, then running totals.
    running: Vec<u32>,
    processed: Vec<i32>,
    delivered: Vec<i32>,
    bounced: Vec<i32>,
    complained: Vec<i32>,
}

impl Scratch {
    fn new(days: usize, window_days: usize) -> Self {
        // A window longer than the table is the whole table.
        let window_days = window_days.min(days);
        Self {
            window_days,
            running: vec![0; window_days + days],
            processed: vec![0; days],
            delivered: vec![0; days],
            bounced: vec![0; days],
            complained: vec![0; days],
        }
    }

    fn fill(&mut self, columns: &DomainColumns<'_>, every: usize, row: Row<'_>) {
        if self.are_small(columns) {
            self.fill_small(columns, every, row);
        } else {
            self.fill_large(columns, every, row);
        }
    }

    /// Whether every windowed sum, delivered and bounced together included, is below 2³¹.
    fn are_small(&self, columns: &DomainColumns<'_>) -> bool {
        let all = [
            columns.processed,
            columns.delivered,
            columns.bounced,
            columns.complained,
        ];
        let bits = all
            .into_iter()
            .map(|column| column.iter().fold(0, |bits, count| bits | count))
            .fold(0, |bits, more| bits | more);
        u64::from(bits) * 2 * (self.window_days as u64) < 1 << 31
    }

    fn fill_small(&mut self, columns: &DomainColumns<'_>, every: usize, row: Row<'_>) {
        let sums = [
            (columns.processed, &mut self.processed),
            (columns.delivered, &mut self.delivered),
            (columns.bounced, &mut self.bounced),
            (columns.complained, &mut self.complained),
        ];
        for (column, sums) in sums {
            window_sums(column, self.window_days, &mut self.running, sums);
        }
        let (delivered, bounced) = (&self.delivered, &self.bounced);
        if every == 1 {
            let bases = bounced.iter().zip(delivered);
            for (rate, (events, rest)) in row.bounce.iter_mut().zip(bases) {
                *rate = small_rate(*events, events + rest);
            }
            let pairs = self.complained.iter().zip(delivered);
            for (rate, (events, base)) in row.complaint.iter_mut().zip(pairs) {
                *rate = small_rate(*events, *base);
            }
            for (kept, sum) in row.processed.iter_mut().zip(&self.processed) {
                *kept = *sum;
            }
        } else {
            let at_checks =
                |sums: &'_ [i32]| -> Vec<i32> { sums.iter().skip(every - 1).step_by(every).copied().collect() };
            let (delivered, bounced) = (at_checks(delivered), at_checks(bounced));
            for ((rate, events), rest) in row.bounce.iter_mut().zip(&bounced).zip(&delivered) {
                *rate = small_rate(*events, events + rest);
            }
            let complained = at_checks(&self.complained);
            for ((rate, events), base) in row.complaint.iter_mut().zip(&complained).zip(&delivered) {
                *rate = small_rate(*events, *base);
            }
            for (kept, sum) in row.processed.iter_mut().zip(at_checks(&self.processed)) {
                *kept = sum;
            }
        }
    }

    fn fill_large(&self, columns: &DomainColumns<'_>, every: usize, row: Row<'_>) {
        let exact = Exact {
            columns: Some(*columns),
            window_days: self.window_days,
        };
        let days = (0..columns.processed.len()).skip(every - 1).step_by(every);
        let kept = row.bounce.iter_mut().zip(row.complaint).zip(row.processed);
        for (day, ((bounce, complaint), processed)) in days.zip(kept) {
            let day = u32::try_from(day).unwrap_or(u32::MAX);
            let rate = |metric| large_rate(exact.events(metric, day), exact.base(metric, day));
            *bounce = rate(Metric::BounceRate);
            *complaint = rate(Metric::ComplaintRate);
            *processed = i32::try_from(exact.processed(day)).unwrap_or(i32::MAX);
        }
    }
}

/// Sums over trailing windows as differences of running totals. The totals may wrap; the sums, below 2³¹, do not.
#[expect(
    clippy::cast_possible_wrap,
    reason = "`are_small` holds: every window's sum is below 2³¹"
)]
fn window_sums(column: &[u32], window_days: usize, running: &mut [u32], sums: &mut [i32]) {
    let mut total = 0_u32;
    let totals = running.iter_mut().skip(window_days);
    for (slot, count) in totals.zip(column) {
        total = total.wrapping_add(*count);
        *slot = total;
    }
    let ends = running.get(window_days..).unwrap_or(&[]);
    for ((sum, end), start) in sums.iter_mut().zip(ends).zip(running.iter()) {
        *sum = end.wrapping_sub(*start) as i32;
    }
}

#[expect(clippy::cast_precision_loss, reason = "the loss is what `RATE_ERROR` bounds")]
#[inline(always)]
fn small_rate(events: i32, base: i32) -> f32 {
    // Events out of nothing are above every threshold: the division says infinity.
    let rate = events as f32 / base as f32;
    if events == 0 { NO_EVENTS } else { rate }
}

#[expect(clippy::cast_precision_loss, reason = "the loss is what `RATE_ERROR` bounds")]
fn large_rate(events: u64, base: u64) -> f32 {
    if events == 0 {
        NO_EVENTS
    } else {
        events as f32 / base as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Counts, Day, DomainName};
    use crate::traffic::TableDomain;

    fn table(rows: &[(u32, Counts)], days: u32) -> Table {
        let domain = TableDomain {
            name: DomainName::as_sent("a.example"),
            account: 0,
        };
        let mut table = Table::empty(Day(0), days, vec![String::new()], vec![domain]);
        for (day, counts) in rows {
            table.add(0, Day(i32::try_from(*day).unwrap()), counts).unwrap();
        }
        table
    }

    #[test]
    fn rates_are_those_of_the_trailing_window_at_each_check() {
        let row = |delivered, bounced, complained| Counts {
            processed: delivered + bounced,
            delivered,
            bounced,
            complained,
        };
        let table = table(&[(0, row(8, 0, 0)), (1, row(4, 4, 1)), (4, row(0, 0, 2))], 5);
        let daily = Windows::new(&table, 2, 1);
        assert_eq!(
            daily.rates(Metric::BounceRate, 0).as_flattened()[..5],
            [-1.0, 0.25, 0.5, -1.0, -1.0]
        );
        let complaint = [-1.0, 1.0 / 12.0, 0.25, -1.0, f32::INFINITY];
        assert_eq!(daily.rates(Metric::ComplaintRate, 0).as_flattened()[..5], complaint);
        assert_eq!(daily.processed(0).as_flattened()[..5], [8, 16, 8, 0, 0]);
        let every_other = Windows::new(&table, 2, 2);
        assert_eq!(
            every_other.rates(Metric::BounceRate, 0).as_flattened()[..2],
            [0.25, -1.0]
        );
        assert_eq!(
            (
                every_other.day_of(0),
                every_other.day_of(1),
                every_other.checks_before(5)
            ),
            (1, 3, 2)
        );
    }

    /// Small and large sums take different code; both stay within the bound everything else relies on.
    #[test]
    fn kept_rates_are_within_the_stated_error() {
        let most = u64::from(u32::MAX);
        for (delivered, bounced) in [
            (most, most),
            (most, 1),
            (3, 1),
            (1 << 20, 7),
            (16_777_217, 16_777_215),
            (1, most),
        ] {
            let counts = Counts {
                processed: most,
                delivered,
                bounced,
                complained: 1,
            };
            let rows: Vec<_> = (0..9).map(|day| (day, counts)).collect();
            let windows = Windows::new(&table(&rows, 9), 7, 1);
            for (day, rate) in windows.rates(Metric::BounceRate, 0).as_flattened()[..9]
                .iter()
                .enumerate()
            {
                let days = (day + 1).min(7) as u64;
                let exact = (bounced * days) as f64 / ((delivered + bounced) * days) as f64;
                assert!(
                    (f64::from(*rate) / exact - 1.0).abs() < RATE_ERROR / 4.0,
                    "{rate} for {exact}"
                );
            }
            assert!(
                windows.processed(0).as_flattened()[..9]
                    .iter()
                    .all(|processed| *processed == i32::MAX)
            );
        }
    }
}
