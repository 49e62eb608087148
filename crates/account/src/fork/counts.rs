//! A live account's daily counts, read through the client day by day: for a copy, or for the what-if lab alone.

use super::MOST_DAYS;
use crate::cache::walk_set::{WalkSet, WalkTurn};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, Client, MetricsPeriod, MetricsQuery, Paginator};
use poolkeeper_core::model::{Counts, Day, DomainName, MetricRow, MetricsItem, SentBases, Timestamp};
use poolkeeper_core::traffic::{Table, TableDomain};
use std::collections::{HashMap, VecDeque};

/// Daily counts of a page.
const PAGE: u64 = 1_000;

/// The days' counts, a walk each, side by side: day by day, so that no list grows long.
pub(super) struct DayPaginators {
    days: u32,
    done: u32,
    walks: WalkSet<Day, MetricsQuery>,
    failed: Vec<(Day, Paginator<MetricsQuery>)>,
    /// Days that are still to be begun.
    left: VecDeque<Day>,
    bases: SentBases,
}

impl DayPaginators {
    pub(super) fn new(first_day: Day, days: u32) -> Self {
        let each = (0..days).filter_map(|day| Some(first_day.plus(i32::try_from(day).ok()?)));
        Self {
            days,
            done: 0,
            walks: WalkSet::new(),
            failed: Vec::new(),
            left: each.collect(),
            bases: SentBases {
                sent: 0,
                delivered_or_bounced: 0,
                delayed_bounces: 0,
            },
        }
    }

    /// What the service counts as sent, of all days read.
    pub(super) const fn bases(&self) -> SentBases {
        self.bases
    }

    /// Days read.
    pub(super) const fn days_done(&self) -> u32 {
        self.done
    }

    /// Whether every day has been read.
    pub(super) const fn is_over(&self) -> bool {
        self.done >= self.days
    }

    /// A page of any day; nothing after the last one.
    ///
    /// # Errors
    /// [`ApiError`]; the next call tries the same page.
    pub(super) async fn next_page(&mut self, client: &Client) -> Result<Vec<MetricRow>, ApiError> {
        for (day, walk) in self.failed.drain(..) {
            self.walks.put(day, walk);
        }
        for day in self.left.drain(..) {
            self.walks.begin(client, day, query(day));
        }
        let Some(WalkTurn { key: day, walk, page }) = self.walks.next().await else {
            return Ok(Vec::new());
        };
        let items = match page {
            Ok(items) => items,
            Err(error) => {
                self.failed.push((day, walk));
                return Err(error);
            }
        };
        if walk.is_done() {
            self.done += 1;
        } else {
            self.walks.put(day, walk);
        }
        // An end that the service takes in belongs to the next day's walk.
        let mut rows = Vec::new();
        for item in &items {
            if let Some(row) = MetricsItem::row(item).filter(|row| row.day == day) {
                self.bases.add(item);
                rows.push(row);
            }
        }
        Ok(rows)
    }
}

fn query(day: Day) -> MetricsQuery {
    let span = MetricsPeriod::Between {
        start: day.start().to_utc(),
        end: day.end().to_utc(),
    };
    MetricsQuery {
        limit: Some(PAGE),
        ..MetricsQuery::daily_counts(span, true)
    }
}

/// A live account's traffic in the making.
pub struct LiveTrafficReader {
    client: Client,
    first_day: Day,
    days: u32,
    walks: DayPaginators,
    positions: HashMap<DomainName, u32>,
    names: Vec<DomainName>,
    rows: Vec<(u32, Day, Counts)>,
}

impl LiveTrafficReader {
    /// Begins with the last complete `days` days, at most [`MOST_DAYS`], of the account a client reaches, as it is `now`.
    #[must_use]
    pub fn new(client: Client, now: DateTime<Utc>, days: u32) -> Self {
        let days = days.clamp(1, MOST_DAYS);
        let first_day = Timestamp::from(now).day().plus(-i32::try_from(days).unwrap_or(0));
        Self {
            client,
            first_day,
            days,
            walks: DayPaginators::new(first_day, days),
            positions: HashMap::new(),
            names: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Days asked for.
    #[must_use]
    pub const fn days(&self) -> u32 {
        self.days
    }

    /// Reads on by one answer; gives the days read so far, `None` when all are.
    ///
    /// # Errors
    /// [`ApiError`]; another call tries the request again.
    pub async fn step(&mut self) -> Result<Option<u32>, ApiError> {
        if self.walks.is_over() {
            return Ok(None);
        }
        let page = self.walks.next_page(&self.client).await?;
        for row in page {
            let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            let position = *self.positions.entry(row.domain.clone()).or_insert_with(|| {
                self.names.push(row.domain);
                next
            });
            self.rows.push((position, row.day, row.counts));
        }
        Ok(Some(self.walks.days_done()))
    }

    /// What the service counts as sent, of all days read.
    #[must_use]
    pub const fn bases(&self) -> SentBases {
        self.walks.bases()
    }

    /// The counts, and how many rows were too large for the table and left out.
    #[must_use]
    pub fn finish(self, account: &str) -> (Table, u64) {
        let domain = |name| TableDomain { name, account: 0 };
        let domains = self.names.into_iter().map(domain).collect();
        let mut table = Table::empty(self.first_day, self.days, vec![account.to_owned()], domains);
        let mut too_large = 0;
        for (position, day, counts) in self.rows {
            too_large += u64::from(table.add(position as usize, day, &counts).is_err());
        }
        (table, too_large)
    }
}
