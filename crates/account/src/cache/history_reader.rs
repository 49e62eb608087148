//! Reads history: windows of time side by side, or what is new since a record.

use super::walk_set::{WalkSet, WalkTurn};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, Client, HistoryQuery, Paginator};
use poolkeeper_core::model::HistoryRecord;

/// Records of a page, the most the contract allows.
const PAGE: u32 = 100;
/// A window of more records is split.
const LONG: u64 = 400;
/// Parts that a window is split into.
const PARTS: i64 = 8;
/// A window is not split below this length, seconds.
const SHORTEST_SECONDS: i64 = 3_600;
/// The newest window, seconds. Each window before it is twice as long, and the last has no start.
const NEWEST_SECONDS: i64 = 7 * 86_400;

/// A span of time in Unix seconds: after its start, up to and including its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HistoryWindow {
    after: Option<i64>,
    until: Option<i64>,
}

impl HistoryWindow {
    fn query(self) -> HistoryQuery {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0);
        HistoryQuery {
            limit: Some(PAGE),
            include_subaccounts: Some(true),
            after: self.after.and_then(instant),
            // The service leaves both ends out.
            before: self.until.and_then(|until| instant(until + 1)),
            ..HistoryQuery::default()
        }
    }

    /// Whether a record is in this window and not in the next. Records without a time are taken as they come.
    fn has(self, record: &HistoryRecord) -> bool {
        let Some(at) = record.timestamp else { return true };
        let at = at - DateTime::UNIX_EPOCH;
        let is_past = |seconds: i64| at > chrono::TimeDelta::seconds(seconds);
        self.after.is_none_or(is_past) && !self.until.is_some_and(is_past)
    }

    /// Shorter windows that cover this one: of a window with two ends, equal parts; of one without an end, longer and longer
    /// ones back from the newest record.
    fn split(self, newest: Option<i64>) -> Vec<Self> {
        match (self.after, self.until) {
            (Some(after), Some(until)) => {
                let step = ((until - after) / PARTS).max(SHORTEST_SECONDS);
                let ends = (1..PARTS).map(|part| after + part * step).filter(|end| *end < until);
                Self::between(self, ends.collect())
            }
            (after, None) => {
                let Some(newest) = newest else { return vec![self] };
                let ends = (0..PARTS).rev().map(|doubled| newest - (NEWEST_SECONDS << doubled));
                Self::between(
                    self,
                    ends.filter(|end| after.is_none_or(|after| *end > after)).collect(),
                )
            }
            (None, Some(_)) => vec![self],
        }
    }

    fn between(self, ends: Vec<i64>) -> Vec<Self> {
        let starts = std::iter::once(self.after).chain(ends.iter().copied().map(Some));
        let ends = ends.iter().copied().map(Some).chain(std::iter::once(self.until));
        starts.zip(ends).map(|(after, until)| Self { after, until }).collect()
    }
}

/// History in the reading.
pub struct HistoryReader {
    client: Client,
    walks: WalkSet<HistoryWindow, HistoryQuery>,
    failed: Vec<(HistoryWindow, Paginator<HistoryQuery>)>,
    done: u64,
    total: Option<u64>,
    has_begun: bool,
}

impl HistoryReader {
    /// Begins with the newest page of what came after an instant, or of all.
    #[must_use]
    pub fn new(client: Client, after: Option<DateTime<Utc>>) -> Self {
        let window = HistoryWindow {
            after: after.map(|after| after.timestamp()),
            until: None,
        };
        let mut walks = WalkSet::new();
        walks.begin(&client, window, window.query());
        Self {
            client,
            walks,
            failed: Vec::new(),
            done: 0,
            total: None,
            has_begun: false,
        }
    }

    /// The next records, in no order; `None` when all are read.
    ///
    /// # Errors
    /// [`ApiError`]; the next call goes on where it broke off.
    pub async fn next_records(&mut self) -> Result<Option<Vec<HistoryRecord>>, ApiError> {
        for (window, walk) in self.failed.drain(..) {
            self.walks.put(window, walk);
        }
        let Some(WalkTurn { key, walk, page }) = self.walks.next().await else {
            return Ok(None);
        };
        match page {
            Ok(page) => Ok(Some(self.take(key, walk, page))),
            Err(error) => {
                self.failed.push((key, walk));
                Err(error)
            }
        }
    }

    /// Records so far, and how many there are as the service says.
    #[must_use]
    pub const fn progress(&self) -> (u64, Option<u64>) {
        (self.done, self.total)
    }

    fn take(
        &mut self,
        window: HistoryWindow,
        walk: Paginator<HistoryQuery>,
        mut page: Vec<HistoryRecord>,
    ) -> Vec<HistoryRecord> {
        let progress = walk.progress();
        if !std::mem::replace(&mut self.has_begun, true) {
            self.total = progress.total;
        }
        let is_long = progress.pages == 1 && progress.total.is_some_and(|total| total > LONG);
        if is_long {
            let newest = page
                .first()
                .and_then(|record| record.timestamp)
                .map(|at| at.timestamp());
            let parts = window.split(newest);
            if parts.len() > 1 {
                for part in parts.into_iter().rev() {
                    self.walks.begin(&self.client, part, part.query());
                }
                return Vec::new();
            }
        }
        page.retain(|record| window.has(record));
        self.done += page.len() as u64;
        if !walk.is_done() {
            self.walks.put(window, walk);
        }
        page
    }
}

/// The newest record of an account.
///
/// # Errors
/// [`ApiError`].
pub async fn newest_record(client: &Client) -> Result<Option<HistoryRecord>, ApiError> {
    let query = HistoryQuery {
        limit: Some(1),
        include_subaccounts: Some(true),
        ..HistoryQuery::default()
    };
    Ok(client.history(&query).await?.items.into_iter().next())
}

/// What is new since a record, newest first. `None` if that is more than so many pages: then it is better to read the list
/// again.
///
/// # Errors
/// [`ApiError`].
pub async fn history_since(
    client: &Client,
    known: Option<&HistoryRecord>,
    most_pages: u64,
) -> Result<Option<Vec<HistoryRecord>>, ApiError> {
    let after = known.and_then(|known| known.timestamp);
    let query = HistoryQuery {
        limit: Some(PAGE),
        include_subaccounts: Some(true),
        // Whole seconds on the wire: others of the same second may be new.
        after: after.map(|after| after - chrono::TimeDelta::seconds(1)),
        ..HistoryQuery::default()
    };
    let mut walk = Paginator::new(client.clone(), query);
    let mut records = Vec::new();
    while let Some(page) = walk.next_page().await? {
        for record in page {
            if known.is_some_and(|known| known.id == record.id && !record.id.is_empty()) {
                return Ok(Some(records));
            }
            records.push(record);
        }
        if !walk.is_done() && walk.progress().pages >= most_pages {
            return Ok(None);
        }
    }
    Ok(Some(records))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn window(after: Option<i64>, until: Option<i64>) -> HistoryWindow {
        HistoryWindow { after, until }
    }

    #[test]
    fn parts_touch_and_cover_the_whole_window() {
        let day = 86_400;
        for (whole, newest) in [
            (window(Some(0), Some(80_000)), None),
            (window(None, None), Some(1_000 * day)),
            (window(Some(990 * day), None), Some(1_000 * day)),
        ] {
            let parts = whole.split(newest);
            assert!(parts.len() > 1, "{whole:?}");
            assert_eq!(parts.first().unwrap().after, whole.after);
            assert_eq!(parts.last().unwrap().until, whole.until);
            for pair in parts.windows(2) {
                assert_eq!(pair[0].until, pair[1].after, "{whole:?}");
            }
        }
        // 990 days to 993 days, and the 7 days before the newest record.
        let parts = window(Some(990 * day), None).split(Some(1_000 * day));
        assert_eq!(
            parts,
            [window(Some(990 * day), Some(993 * day)), window(Some(993 * day), None)]
        );
    }

    #[test]
    fn a_short_window_is_not_split_for_ever() {
        assert_eq!(window(Some(0), Some(3_600)).split(None).len(), 1);
        assert_eq!(window(None, Some(3_600)).split(None).len(), 1);
        assert_eq!(window(Some(0), None).split(None).len(), 1, "no record has a time");
    }
}
