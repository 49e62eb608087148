//! Windowed rates of a table, computed once and stored while thresholds change.
//!
//! A sweep asks "is this rate near a threshold?" ten thousand times more often than "on which side is it exactly?". For
//! the first question each rate's [code](super::rate_code) is stored, eight checks per cache line. The second is
//! answered from the table itself, in integers.

use super::rate_code::{NO_EVENTS, RateCode, code};
use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::traffic::{DomainColumns, Table};
use std::ops::Range;

/// The relative error of a computed rate. Two roundings to `f32` and one division are below 3 × 2⁻²⁴, and the rest
/// allows for rounding a threshold.
pub(super) const RATE_ERROR: f64 = 1.0 / 1_048_576.0;

/// Checks per block, which are compared together.
pub(super) const LANES: usize = 8;

/// The stored rates of consecutive checks.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct CheckBlock {
    /// Bounce rates, then complaint rates.
    pub rates: [[RateCode; LANES]; 2],
    /// Messages processed, saturated at `i32::MAX`. They are signed because every vector unit can compare signed
    /// numbers.
    pub processed: [i32; LANES],
}

impl CheckBlock {
    pub const EMPTY: Self = Self {
        rates: [[NO_EVENTS; LANES]; 2],
        processed: [0; LANES],
    };
}

/// Rates and processed counts of every check of some domains of a table.
///
/// It depends only on the table, the window's length and the days between checks. Keep it while thresholds, minimums
/// and counts change.
#[derive(Clone, Debug, Default)]
pub struct WindowRates {
    window_days: u32,
    check_every_days: u32,
    day_count: u32,
    domains: Range<usize>,
    /// Checks of one domain.
    checks: usize,
    /// Domain by domain; the last block of each is padded.
    blocks: Vec<CheckBlock>,
}

impl WindowRates {
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
        // No need to clear: every block is overwritten.
        self.blocks
            .resize(self.checks.div_ceil(LANES) * self.domains.len(), CheckBlock::EMPTY);
        if self.checks == 0 {
            return;
        }
        let mut scratch = SumsBuffer::new(self.day_count as usize, self.window_days as usize);
        let check_every_days = self.check_every_days as usize;
        let rows = self.blocks.chunks_exact_mut(self.checks.div_ceil(LANES));
        for (domain, blocks) in self.domains.clone().zip(rows) {
            match table.columns(domain) {
                Some(columns) => scratch.fill(&columns, check_every_days, blocks),
                None => blocks.fill(CheckBlock::EMPTY),
            }
        }
    }

    /// Whether these are a policy's windows in a table of `day_count` days.
    #[must_use]
    pub fn match_policy(&self, policy: &Policy, day_count: u32) -> bool {
        (self.window_days, self.check_every_days, self.day_count)
            == (policy.window_days, policy.check_every_days, day_count)
    }

    /// The positions of these domains in the table.
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

    /// A domain's checks, padded with checks without mail.
    pub(super) fn blocks(&self, domain: usize) -> &[CheckBlock] {
        let count = self.checks.div_ceil(LANES);
        let at = domain.saturating_sub(self.domains.start) * count;
        self.blocks.get(at..at + count).unwrap_or(&[])
    }

    /// Exact sums of a domain's windows.
    pub(super) fn exact<'a>(&self, table: &'a Table, domain: usize) -> ExactSums<'a> {
        ExactSums {
            columns: table.columns(domain),
            window_days: self.window_days as usize,
        }
    }
}

/// Exact sums of one domain's windows, computed on demand.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExactSums<'a> {
    columns: Option<DomainColumns<'a>>,
    window_days: usize,
}

impl ExactSums<'_> {
    /// The sum of a column over the window that ends with a day.
    #[inline]
    fn sum<'a>(&'a self, day: u32, column: impl Fn(&DomainColumns<'a>) -> &'a [u32]) -> u64 {
        let Some(columns) = &self.columns else { return 0 };
        let end = day as usize + 1;
        let part = column(columns).get(end.saturating_sub(self.window_days)..end);
        part.unwrap_or(&[]).iter().map(|count| u64::from(*count)).sum()
    }

    /// The sums of no day at all.
    pub const fn none() -> Self {
        Self {
            columns: None,
            window_days: 0,
        }
    }

    /// The window that ends with a day, as the first check of a block.
    pub fn block(&self, day: u32) -> CheckBlock {
        let mut block = CheckBlock::EMPTY;
        let rate = |metric| large_rate(self.events(metric, day), self.base(metric, day));
        block.rates = Metric::ALL.map(|metric| first_lane(rate(metric), NO_EVENTS));
        block.processed = first_lane(i32::try_from(self.processed(day)).unwrap_or(i32::MAX), 0);
        block
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

    /// The messages that a metric's events are divided by.
    pub fn base(&self, metric: Metric, day: u32) -> u64 {
        let delivered = self.sum(day, |columns| columns.delivered);
        match metric {
            Metric::BounceRate => delivered + self.sum(day, |columns| columns.bounced),
            Metric::ComplaintRate => delivered,
        }
    }
}

fn first_lane<T: Copy>(value: T, rest: T) -> [T; LANES] {
    std::array::from_fn(|lane| if lane == 0 { value } else { rest })
}

/// Buffers for one domain's sums.
struct SumsBuffer {
    window_days: usize,
    /// `window_days` zeros, then prefix sums.
    running: Vec<u32>,
    processed: Vec<i32>,
    delivered: Vec<i32>,
    bounced: Vec<i32>,
    complained: Vec<i32>,
}

impl SumsBuffer {
    fn new(days: usize, window_days: usize) -> Self {
        // A window longer than the table is the whole table.
        let window_days = window_days.min(days);
        let padded = days.next_multiple_of(LANES);
        Self {
            window_days,
            running: vec![0; window_days + days],
            processed: vec![0; padded],
            delivered: vec![0; padded],
            bounced: vec![0; padded],
            complained: vec![0; padded],
        }
    }

    fn fill(&mut self, columns: &DomainColumns<'_>, check_every_days: usize, blocks: &mut [CheckBlock]) {
        if self.are_small(columns) {
            self.fill_small(columns, check_every_days, blocks);
        } else {
            self.fill_large(columns, check_every_days, blocks);
        }
    }

    /// Whether every windowed sum, also of delivered plus bounced, is below 2³¹.
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

    fn fill_small(&mut self, columns: &DomainColumns<'_>, check_every_days: usize, blocks: &mut [CheckBlock]) {
        let sums = [
            (columns.processed, &mut self.processed),
            (columns.delivered, &mut self.delivered),
            (columns.bounced, &mut self.bounced),
            (columns.complained, &mut self.complained),
        ];
        for (column, sums) in sums {
            window_sums(column, self.window_days, &mut self.running, sums);
            if check_every_days > 1 {
                compact_checks(sums, column.len(), check_every_days);
            }
        }
        let blocks = blocks.iter_mut().zip(self.processed.as_chunks().0);
        let blocks = blocks.zip(self.delivered.as_chunks::<LANES>().0);
        let blocks = blocks.zip(self.bounced.as_chunks::<LANES>().0);
        for ((((block, processed), delivered), bounced), complained) in blocks.zip(self.complained.as_chunks().0) {
            let [bounce, complaint] = &mut block.rates;
            for ((rate, events), rest) in bounce.iter_mut().zip(bounced).zip(delivered) {
                *rate = small_rate(*events, events + rest);
            }
            for ((rate, events), base) in complaint.iter_mut().zip::<&[i32; LANES]>(complained).zip(delivered) {
                *rate = small_rate(*events, *base);
            }
            block.processed = *processed;
        }
    }

    fn fill_large(&self, columns: &DomainColumns<'_>, check_every_days: usize, blocks: &mut [CheckBlock]) {
        let exact = ExactSums {
            columns: Some(*columns),
            window_days: self.window_days,
        };
        let days = (0..columns.processed.len())
            .skip(check_every_days - 1)
            .step_by(check_every_days);
        let mut days = days.map(|day| u32::try_from(day).unwrap_or(u32::MAX));
        for block in blocks {
            *block = CheckBlock::EMPTY;
            let [bounce, complaint] = &mut block.rates;
            let checks = bounce.iter_mut().zip(complaint).zip(&mut block.processed);
            for (((bounce, complaint), processed), day) in checks.zip(&mut days) {
                let rate = |metric| large_rate(exact.events(metric, day), exact.base(metric, day));
                *bounce = rate(Metric::BounceRate);
                *complaint = rate(Metric::ComplaintRate);
                *processed = i32::try_from(exact.processed(day)).unwrap_or(i32::MAX);
            }
        }
    }
}

/// Moves the sums on check days to the front, and clears the rest.
fn compact_checks(sums: &mut [i32], days: usize, check_every_days: usize) {
    let checks = days / check_every_days;
    for check in 0..checks {
        let sum = sums.get((check + 1) * check_every_days - 1).copied().unwrap_or(0);
        if let Some(slot) = sums.get_mut(check) {
            *slot = sum;
        }
    }
    sums.iter_mut().skip(checks).for_each(|sum| *sum = 0);
}

/// Sums over trailing windows as differences of prefix sums. The prefix sums may wrap; the sums are below 2³¹ and do
/// not.
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
fn small_rate(events: i32, base: i32) -> RateCode {
    // Events of 0 messages give infinity, which is above every threshold.
    let rate = code(events as f32 / base as f32);
    if events == 0 { NO_EVENTS } else { rate }
}

#[expect(clippy::cast_precision_loss, reason = "the loss is what `RATE_ERROR` bounds")]
fn large_rate(events: u64, base: u64) -> RateCode {
    if events == 0 {
        NO_EVENTS
    } else {
        code(events as f32 / base as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Counts, Day, DomainName};
    use poolkeeper_core::traffic::TableDomain;

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
        let [bounce, complaint, processed] = stored(&WindowRates::new(&table, 2, 1));
        let rate = |rate: f32| i32::from(code(rate));
        let none = i32::from(NO_EVENTS);
        assert_eq!(bounce[..5], [none, rate(0.25), rate(0.5), none, none]);
        assert_eq!(
            complaint[..5],
            [none, rate(1.0 / 12.0), rate(0.25), none, rate(f32::INFINITY)]
        );
        assert_eq!(processed[..5], [8, 16, 8, 0, 0]);
        let every_other = WindowRates::new(&table, 2, 2);
        let [bounce, complaint, processed] = stored(&every_other);
        assert_eq!(bounce[..2], [rate(0.25), none]);
        assert_eq!(complaint[..2], [rate(1.0 / 12.0), none]);
        assert_eq!(processed[..2], [16, 0]);
        for padding in [&bounce, &complaint] {
            assert!(padding[2..].iter().all(|rate| *rate == none));
        }
        assert!(processed[2..].iter().all(|processed| *processed == 0));
        assert_eq!(
            (
                every_other.day_of(0),
                every_other.day_of(1),
                every_other.checks_before(5)
            ),
            (1, 3, 2)
        );
    }

    /// Small and large sums take different paths, and both are within the stated error.
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
            for processed in [delivered, most] {
                let counts = Counts {
                    processed,
                    delivered,
                    bounced,
                    complained: 1,
                };
                let rows: Vec<_> = (0..9).map(|day| (day, counts)).collect();
                let [bounce, _, processed] = stored(&WindowRates::new(&table(&rows, 9), 7, 1));
                for (day, (rate, processed)) in bounce.iter().zip(processed).take(9).enumerate() {
                    let days = (day + 1).min(7) as u64;
                    let exact = (bounced * days) as f64 / ((delivered + bounced) * days) as f64;
                    let within = |factor: f64| i32::from(code((exact * factor) as f32));
                    let (low, high) = (within(1.0 - RATE_ERROR / 4.0), within(1.0 + RATE_ERROR / 4.0));
                    assert!((low..=high).contains(rate), "{rate} for {exact}");
                    let all = counts.processed * days;
                    assert_eq!(processed, i32::try_from(all).unwrap_or(i32::MAX));
                }
            }
        }
    }

    /// The first domain's codes of bounce and complaint rates, and its processed messages.
    fn stored(windows: &WindowRates) -> [Vec<i32>; 3] {
        let blocks = windows.blocks(0);
        let rates = |which: usize| {
            blocks
                .iter()
                .flat_map(|block| block.rates[which])
                .map(i32::from)
                .collect()
        };
        [
            rates(0),
            rates(1),
            blocks.iter().flat_map(|block| block.processed).collect(),
        ]
    }
}
