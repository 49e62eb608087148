//! The latest days of every domain, in a fixed number of bytes a domain.

use poolkeeper_core::model::{Counts, Day, DomainName};
use std::collections::HashMap;

/// A day's counts. More than 4 billion messages of a domain and day are counted as that.
type StoredCounts = [u32; 4];

/// The counts of the latest days.
#[derive(Clone, Debug, Default)]
pub struct RecentTraffic {
    span: usize,
    newest: Option<Day>,
    oldest: Option<Day>,
    positions: HashMap<DomainName, usize>,
    /// `span` days for each domain; a day's place is its number modulo `span`. In one list, growth would hold it twice.
    counts: Vec<Box<[StoredCounts]>>,
}

impl RecentTraffic {
    /// Room for this many days.
    #[must_use]
    pub fn new(days: u32) -> Self {
        Self {
            span: usize::try_from(days).unwrap_or(usize::MAX).clamp(1, 400),
            ..Self::default()
        }
    }

    /// The last day that was read.
    #[must_use]
    pub const fn newest(&self) -> Option<Day> {
        self.newest
    }

    /// The first day that was read.
    #[must_use]
    pub const fn oldest(&self) -> Option<Day> {
        self.oldest
    }

    /// Begins a day, and forgets the one whose place it takes. Days are begun in order.
    pub fn begin_day(&mut self, day: Day) {
        let from = self.newest.map_or(day, |newest| newest.plus(1));
        for next in from.0..=day.0 {
            let place = self.place(Day(next));
            for domain in &mut self.counts {
                if let Some(counts) = domain.get_mut(place) {
                    *counts = StoredCounts::default();
                }
            }
        }
        self.oldest.get_or_insert(day);
        self.newest = self.newest.max(Some(day));
    }

    /// Sets a domain's counts of a day that has begun and is not yet forgotten; `true` if they are not what was there.
    pub fn set(&mut self, day: Day, domain: &DomainName, counts: &Counts) -> bool {
        let is_kept = self
            .newest
            .is_some_and(|newest| (0..i32::try_from(self.span).unwrap_or(i32::MAX)).contains(&newest.since(day)));
        if !is_kept {
            return false;
        }
        let position = match self.positions.get(domain) {
            Some(position) => *position,
            None => {
                let position = self.positions.len();
                self.positions.insert(domain.clone(), position);
                self.counts
                    .push(vec![StoredCounts::default(); self.span].into_boxed_slice());
                position
            }
        };
        let place = self.place(day);
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let fresh = [counts.processed, counts.delivered, counts.bounced, counts.complained].map(small);
        match self.counts.get_mut(position).and_then(|days| days.get_mut(place)) {
            Some(known) if *known != fresh => {
                *known = fresh;
                true
            }
            _ => false,
        }
    }

    /// The domain's last `days` days up to and including one, oldest first. Days without a row are zero.
    pub fn days(&self, domain: &DomainName, last: Day, days: u32) -> Vec<Counts> {
        let position = self.positions.get(domain).copied();
        let days = i32::try_from(days).unwrap_or(0);
        (0..days)
            .rev()
            .map(|ago| self.counts_at(position, last.plus(-ago)))
            .collect()
    }

    /// The sum over the last `days` days up to and including one.
    #[must_use]
    pub fn window(&self, domain: &DomainName, last: Day, days: u32) -> Counts {
        self.days(domain, last, days).into_iter().sum()
    }

    fn counts_at(&self, position: Option<usize>, day: Day) -> Counts {
        let is_kept = self
            .newest
            .is_some_and(|newest| (0..i32::try_from(self.span).unwrap_or(i32::MAX)).contains(&newest.since(day)));
        let days = position
            .filter(|_| is_kept)
            .and_then(|position| self.counts.get(position));
        let found = days.and_then(|days| days.get(self.place(day)));
        found.map_or(Counts::ZERO, |[processed, delivered, bounced, complained]| Counts {
            processed: u64::from(*processed),
            delivered: u64::from(*delivered),
            bounced: u64::from(*bounced),
            complained: u64::from(*complained),
        })
    }

    fn place(&self, day: Day) -> usize {
        let span = i32::try_from(self.span).unwrap_or(i32::MAX);
        usize::try_from(day.0.rem_euclid(span)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(processed: u64) -> Counts {
        Counts {
            processed,
            ..Counts::ZERO
        }
    }

    #[test]
    fn a_day_takes_the_place_of_the_oldest() {
        let (a, b) = (DomainName::as_sent("a.example"), DomainName::as_sent("b.example"));
        let mut traffic = RecentTraffic::new(3);
        for day in 10..14 {
            traffic.begin_day(Day(day));
            assert!(traffic.set(Day(day), &a, &counts(u64::try_from(day).unwrap())));
        }
        assert!(traffic.set(Day(12), &b, &counts(7)), "a later correction");
        assert!(!traffic.set(Day(12), &b, &counts(7)), "it is known");
        assert!(!traffic.set(Day(10), &a, &counts(1)), "the day is forgotten");
        let processed = |name, last, days| {
            let days = traffic.days(name, Day(last), days);
            days.iter().map(|day| day.processed).collect::<Vec<_>>()
        };
        assert_eq!(processed(&a, 13, 4), [0, 11, 12, 13]);
        assert_eq!(processed(&b, 13, 3), [0, 7, 0]);
        // Two days without a row: both are zero, and the day before is still known.
        traffic.begin_day(Day(15));
        assert_eq!(traffic.window(&a, Day(15), 3), counts(13));
    }
}
