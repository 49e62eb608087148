//! Reading history and events.

use super::ids::{IdKind, id24};
use super::{AccountIx, DomainEvent, DomainIx, HistoryFilter, RecordView, Sim};

impl Sim {
    /// How many history records there are.
    #[must_use]
    pub const fn history_len(&self) -> u32 {
        self.history.len()
    }

    /// The history record at a position, 0 the oldest.
    #[must_use]
    pub fn record(&self, ix: u32) -> Option<RecordView> {
        Some(RecordView {
            ix,
            record: self.history.get(ix)?.entry,
        })
    }

    /// A record's identifier: 24 hexadecimal digits.
    #[must_use]
    pub fn record_id(&self, ix: u32) -> String {
        id24(self.seed, IdKind::Record, u64::from(ix))
    }

    /// The records a filter lets through, newest first. One domain's records, and a span of time, are found without
    /// looking at the others.
    pub fn history<'a>(&'a self, filter: &'a HistoryFilter) -> Box<dyn Iterator<Item = RecordView> + 'a> {
        // For each account whether its records are wanted; no list where all are.
        let accounts: Option<Vec<bool>> = filter.accounts.as_ref().and_then(|wanted| {
            let is_wanted = |(ix, _)| wanted.contains(&AccountIx(ix));
            let flags: Vec<bool> = (0..).zip(self.accounts()).map(is_wanted).collect();
            flags.contains(&false).then_some(flags)
        });
        let passes = move |view: &RecordView| {
            let record = &view.record;
            filter.moved_to.is_none_or(|band| record.new_band == band)
                && filter.moved_from.is_none_or(|band| record.prev_band == Some(band))
                && accounts.as_ref().is_none_or(|accounts| {
                    self.directory
                        .get(record.domain)
                        .and_then(|listing| accounts.get(listing.account.0 as usize))
                        .is_some_and(|is_wanted| *is_wanted)
                })
        };
        let is_before = |view: &RecordView| filter.before.is_none_or(|before| view.record.at < before);
        let is_after = |view: &RecordView| filter.after.is_none_or(|after| view.record.at > after);
        if let Some(domain) = filter.domain {
            let records = self
                .records_of(domain)
                .skip_while(move |view| !is_before(view))
                .take_while(is_after);
            return Box::new(records.filter(passes));
        }
        let end = filter.before.map_or(self.history.len(), |before| {
            self.history.partition_point(|record| record.entry.at < before)
        });
        let start = filter.after.map_or(0, |after| {
            self.history.partition_point(|record| record.entry.at <= after)
        });
        Box::new(
            (start..end.max(start))
                .rev()
                .filter_map(|ix| self.record(ix))
                .filter(passes),
        )
    }

    /// One domain's records, newest first.
    pub fn records_of(&self, domain: DomainIx) -> impl Iterator<Item = RecordView> + '_ {
        let latest = self.domains.get(domain.0 as usize).and_then(|state| state.last_record);
        std::iter::successors(self.chained(latest), |(_, before)| self.chained(*before)).map(|(view, _)| view)
    }

    fn chained(&self, ix: Option<u32>) -> Option<(RecordView, Option<u32>)> {
        let ix = ix?;
        let chained = self.history.get(ix)?;
        // A chain only ever leads back; a file that says otherwise ends here.
        Some((
            RecordView {
                ix,
                record: chained.entry,
            },
            chained.before.filter(|before| *before < ix),
        ))
    }

    /// What happened to a domain besides health checks, oldest first: what a replay has to honour.
    #[must_use]
    pub fn domain_events(&self, domain: DomainIx) -> Vec<DomainEvent> {
        let mut at = self.domains.get(domain.0 as usize).and_then(|state| state.last_event);
        let mut events = Vec::new();
        while let Some((ix, chained)) = at.and_then(|ix| Some((ix, self.events.get(ix)?))) {
            events.push(chained.entry.1);
            at = chained.before.filter(|before| *before < ix);
        }
        events.reverse();
        events
    }
}
