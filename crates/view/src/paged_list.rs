//! A long list that comes page by page: the rows shown meanwhile, and where the reading stands. Pure.

use mailgun_pools::api::{ApiError, PageProgress, PagedQuery};
use std::collections::HashMap;
use std::sync::Arc;

/// Where the reading stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ListPhase {
    /// Nothing has come yet.
    #[default]
    Waiting,
    /// Pages are coming in.
    Reading,
    /// Everything is there.
    Complete,
    /// A person stopped it before the end.
    Stopped,
    /// A page failed.
    Failed(ApiError),
}

/// How far the reading is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListStatus {
    /// Where it stands.
    pub phase: ListPhase,
    /// Whether rows of an earlier reading are shown meanwhile.
    pub is_refresh: bool,
    /// Items read.
    pub done: u64,
    /// Items there are, as the service says.
    pub total: Option<u64>,
}

impl ListStatus {
    /// Pages have come in.
    pub fn advance(&mut self, progress: PageProgress) {
        if matches!(self.phase, ListPhase::Waiting) {
            self.phase = ListPhase::Reading;
        }
        self.done = progress.items;
        self.total = progress.total;
    }

    /// Whether it takes so long that it should be seen: at least so many items have come, and more will.
    #[must_use]
    pub fn is_long(&self, least: u64) -> bool {
        let is_more_to_come = self.total.is_none_or(|total| total > self.done);
        self.phase == ListPhase::Reading && self.done >= least && is_more_to_come
    }

    /// What broke it off.
    #[must_use]
    pub const fn error(&self) -> Option<&ApiError> {
        match &self.phase {
            ListPhase::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// The pages of one reading, and how they go into the rows that are shown.
pub struct PageMerge<Q: PagedQuery> {
    items: Vec<Arc<Q::Item>>,
    /// Items that are shown already.
    shown: usize,
    /// Rows of the reading before, by id; empty when this one starts afresh.
    positions: HashMap<String, usize>,
    /// Items after which it stops: an earlier reading was stopped there.
    enough: Option<u64>,
}

impl<Q: PagedQuery> PageMerge<Q> {
    /// A reading whose first page takes the place of whatever is shown. It stops after `enough` items.
    #[must_use]
    pub fn afresh(enough: Option<u64>) -> Self {
        Self {
            items: Vec::new(),
            shown: 0,
            positions: HashMap::new(),
            enough,
        }
    }

    /// A reading that keeps the rows shown, and brings each up to date in its place. Where those are not all, it stops after
    /// as many.
    #[must_use]
    pub fn refresh(rows: &[Arc<Q::Item>], enough: Option<u64>) -> Self {
        let positions = rows.iter().enumerate().map(|(at, row)| (Q::id(row), at));
        Self {
            positions: positions.filter(|(id, _)| !id.is_empty()).collect(),
            ..Self::afresh(enough)
        }
    }

    /// Whether rows of an earlier reading are shown meanwhile.
    #[must_use]
    pub fn is_refresh(&self) -> bool {
        !self.positions.is_empty()
    }

    /// Takes a page.
    pub fn add(&mut self, page: Vec<Q::Item>) {
        self.items.extend(page.into_iter().map(Arc::new));
    }

    /// Whether as many have come as there were.
    #[must_use]
    pub fn has_enough(&self) -> bool {
        self.enough.is_some_and(|enough| self.items.len() as u64 >= enough)
    }

    /// Goes on to the end, however many there were.
    pub const fn wants_all(&mut self) {
        self.enough = None;
    }

    /// Puts what came since the last time into the rows shown.
    pub fn show(&mut self, rows: &mut Vec<Arc<Q::Item>>) {
        let fresh = self.items.get(self.shown..).unwrap_or_default();
        if self.positions.is_empty() {
            if self.shown == 0 {
                rows.clear();
            }
            rows.extend_from_slice(fresh);
        } else {
            for item in fresh {
                let id = Q::id(item);
                if let Some(row) = self.positions.get(&id).and_then(|at| rows.get_mut(*at)) {
                    // A row that a change took out has moved the others: only the same item is replaced.
                    if Q::id(row) == id {
                        *row = Arc::clone(item);
                    }
                }
            }
        }
        self.shown = self.items.len();
    }

    /// All that came, in the service's order: what is shown at the end.
    #[must_use]
    pub fn items(&self) -> &[Arc<Q::Item>] {
        &self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailgun_pools::api::{Client, Page, PageRef};

    /// A list of numbered texts. Those without a number have no id.
    struct Numbered;

    impl PagedQuery for Numbered {
        type Item = (u32, &'static str);

        async fn fetch(&self, _: &Client, _: Option<&PageRef>) -> Result<Page<Self::Item>, ApiError> {
            unreachable!("the pages are given by hand")
        }

        fn id(item: &Self::Item) -> String {
            if item.0 == 0 { String::new() } else { item.0.to_string() }
        }
    }

    fn list(items: &[(u32, &'static str)]) -> Vec<Arc<(u32, &'static str)>> {
        items.iter().copied().map(Arc::new).collect()
    }

    #[test]
    fn the_first_page_takes_the_place_of_old_rows_and_later_ones_follow_it() {
        let mut rows = list(&[(7, "of another query")]);
        let mut merge = PageMerge::<Numbered>::afresh(None);
        merge.add(vec![(1, "a"), (2, "b")]);
        merge.show(&mut rows);
        assert_eq!(rows, list(&[(1, "a"), (2, "b")]));
        merge.show(&mut rows);
        merge.add(vec![(3, "c")]);
        merge.add(vec![(0, "no id"), (0, "no id")]);
        merge.show(&mut rows);
        assert_eq!(rows, list(&[(1, "a"), (2, "b"), (3, "c"), (0, "no id"), (0, "no id")]));
        assert_eq!(merge.items(), rows);
    }

    #[test]
    fn an_empty_list_takes_the_place_of_old_rows_too() {
        let mut rows = list(&[(7, "of another query")]);
        PageMerge::<Numbered>::afresh(None).show(&mut rows);
        assert_eq!(rows, []);
    }

    #[test]
    fn a_refresh_replaces_rows_in_their_place_and_what_came_or_went_waits_for_the_end() {
        let mut rows = list(&[(1, "a"), (2, "b"), (3, "c")]);
        let mut merge = PageMerge::<Numbered>::refresh(&rows, None);
        merge.add(vec![(9, "new"), (1, "A")]);
        merge.show(&mut rows);
        assert_eq!(rows, list(&[(1, "A"), (2, "b"), (3, "c")]));
        merge.add(vec![(3, "C")]);
        merge.show(&mut rows);
        assert_eq!(rows, list(&[(1, "A"), (2, "b"), (3, "C")]));
        assert_eq!(merge.items(), list(&[(9, "new"), (1, "A"), (3, "C")]));
    }

    #[test]
    fn a_row_that_a_change_took_out_meanwhile_does_not_come_back_in_anothers_place() {
        let mut rows = list(&[(1, "a"), (2, "b"), (3, "c")]);
        let mut merge = PageMerge::<Numbered>::refresh(&rows, None);
        rows.remove(0);
        merge.add(vec![(1, "A"), (2, "B"), (3, "C")]);
        merge.show(&mut rows);
        assert_eq!(
            rows,
            list(&[(2, "b"), (3, "c")]),
            "2 and 3 have moved: they wait for the end"
        );
    }

    #[test]
    fn a_first_reading_may_stop_by_itself() {
        let mut merge = PageMerge::<Numbered>::afresh(Some(2));
        merge.add(vec![(1, "a")]);
        assert!(!merge.has_enough());
        merge.add(vec![(2, "b"), (3, "c")]);
        assert!(merge.has_enough());
        merge.wants_all();
        assert!(!merge.has_enough());
    }

    #[test]
    fn a_refresh_of_an_incomplete_list_stops_where_that_one_did_until_all_is_wanted() {
        let rows = list(&[(1, "a"), (2, "b")]);
        let mut merge = PageMerge::<Numbered>::refresh(&rows, Some(2));
        merge.add(vec![(1, "a")]);
        assert!(!merge.has_enough());
        merge.add(vec![(2, "b")]);
        assert!(merge.has_enough());
        merge.wants_all();
        assert!(!merge.has_enough());
    }

    #[test]
    fn progress_is_shown_for_what_takes_long_only() {
        let progress = |items, total| PageProgress {
            items,
            total,
            ..PageProgress::default()
        };
        let status = |items, total| {
            let mut status = ListStatus::default();
            status.advance(progress(items, total));
            status
        };
        assert!(!ListStatus::default().is_long(0), "nothing has come");
        assert!(!status(199, Some(5_000)).is_long(200));
        assert!(status(200, Some(5_000)).is_long(200));
        assert!(status(200, None).is_long(200));
        assert!(!status(200, Some(200)).is_long(200), "all of it has come");
        let mut stopped = status(200, Some(5_000));
        stopped.phase = ListPhase::Stopped;
        stopped.advance(progress(300, Some(5_000)));
        assert_eq!((stopped.is_long(200), stopped.done), (false, 300));
    }
}
