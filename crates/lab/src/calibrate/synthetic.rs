//! Synthetic observations: an account's history and bands under a known policy.

use super::Observations;
use crate::backtest::{Backtest, BandMove, ReplayData, ReplayOptions, backtest};
use crate::window::window_before;
use poolkeeper_core::health::{InvalidPolicy, Policy, check};
use poolkeeper_core::model::{AccountId, Band, Counts, Domain, DomainId, DomainName, HistoryRecord, PoolName, Rate};

/// The history and bands of an account with this traffic under a policy, after the last day. The history has the moves
/// of checks only.
///
/// # Errors
/// [`InvalidPolicy`] for a policy out of range.
pub fn synthetic_observations<'a>(
    data: impl Into<ReplayData<'a>>,
    policy: &Policy,
    options: &ReplayOptions,
) -> Result<Observations, InvalidPolicy> {
    let data = data.into();
    let result = backtest(data, policy, options)?;
    let shown = ShownRecord { data, policy };
    let records = result.moves.iter().filter(|change| change.is_by_check());
    let mut history: Vec<_> = records.filter_map(|change| shown.record(change)).collect();
    history.sort_by_key(|record| std::cmp::Reverse(record.timestamp));
    let domains = (0..result.domains.len()).filter_map(|domain| shown.domain(&result, domain));
    Ok(Observations {
        previews: Vec::new(),
        domains: domains.collect(),
        history,
    })
}

struct ShownRecord<'a> {
    data: ReplayData<'a>,
    policy: &'a Policy,
}

impl ShownRecord<'_> {
    fn name(&self, domain: usize) -> Option<DomainName> {
        let domain = self.data.table.domains().get(domain)?;
        Some(domain.name.clone())
    }

    fn window(&self, domain: usize, end: usize) -> Counts {
        let columns = self.data.table.columns(domain);
        columns.map_or(Counts::ZERO, |columns| {
            window_before(&columns, end, self.policy.window_days)
        })
    }

    fn record(&self, change: &BandMove) -> Option<HistoryRecord> {
        let domain = change.domain as usize;
        let counts = self.window(domain, change.day as usize + 1);
        Some(HistoryRecord {
            id: String::new(),
            owning_account_id: AccountId::default(),
            account_id: AccountId::default(),
            account_name: None,
            domain_id: DomainId::default(),
            domain_name: self.name(domain)?,
            new_band: change.to.map(PoolName::from),
            prev_band: change.from.map(PoolName::from),
            reason: check(self.policy, &counts).reason(),
            bounce_rate: counts.bounce_rate().map(Rate),
            complaint_rate: counts.complaint_rate().map(Rate),
            processed_count: Some(counts.processed),
            initiated_by: Some("system".to_owned()),
            timestamp: Some(change.at(self.data.table.first_day()).to_utc()),
        })
    }

    /// A domain without enrolments or overrides in the timeline.
    fn domain(&self, result: &Backtest, domain: usize) -> Option<Domain> {
        let position = u32::try_from(domain).ok()?;
        let is_touched = self
            .data
            .timeline
            .is_some_and(|timeline| !timeline.events(position).is_empty());
        let band: Band = result.domains.get(domain)?.ends_in.filter(|_| !is_touched)?;
        let every = self.policy.check_every_days.max(1);
        let checked = self.data.table.day_count() / every * every;
        let counts = (checked > 0).then(|| self.window(domain, checked as usize));
        Some(Domain {
            id: DomainId::default(),
            account_id: AccountId::default(),
            account_name: None,
            name: self.name(domain)?,
            registered_at: None,
            pool: band.into(),
            is_overridden: Some(false),
            bounce_rate: counts.and_then(|counts| counts.bounce_rate()).map(Rate),
            complaint_rate: counts.and_then(|counts| counts.complaint_rate()).map(Rate),
            processed_count: counts.map(|counts| counts.processed),
        })
    }
}
