//! Reading a simulated account: its clock, accounts, domains, traffic and totals.

use super::ids::{IdKind, id24};
use super::{
    AccountIp, AccountIx, AccountOrigin, DayMoves, DayTotals, DomainIx, DomainView, EnrollAllJob, PersonIx,
    PolicyChange, Sim, SimAccount,
};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Counts, Day, DomainId, DomainName, Timestamp};
use poolkeeper_core::traffic::{Table, TableDomain};
use std::ops::Range;

/// The networks that RFC 5737 reserves for documentation.
const RESERVED: [&str; 3] = ["192.0.2.", "198.51.100.", "203.0.113."];

impl Sim {
    /// The clock.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The first day that traffic and checks cover.
    #[must_use]
    pub const fn first_day(&self) -> Day {
        self.first_day
    }

    /// The last day that is over. The day before [`Sim::first_day`] when none is.
    #[must_use]
    pub fn last_complete_day(&self) -> Day {
        self.now.day().plus(-1)
    }

    /// The seed identifiers and traffic follow from.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Where the account came from.
    #[must_use]
    pub const fn origin(&self) -> &AccountOrigin {
        &self.origin
    }

    /// What health checks go by.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Every policy so far, oldest first; the first from the beginning on.
    #[must_use]
    pub fn policy_changes(&self) -> &[PolicyChange] {
        &self.policy_changes
    }

    /// The latest enrol-all job, running or finished.
    #[must_use]
    pub const fn job(&self) -> Option<&EnrollAllJob> {
        self.job.as_ref()
    }

    /// The parent account first, then its subaccounts.
    #[must_use]
    pub fn accounts(&self) -> &[SimAccount] {
        &self.accounts
    }

    /// An account.
    #[must_use]
    pub fn account(&self, ix: AccountIx) -> Option<&SimAccount> {
        self.accounts.get(ix.0 as usize)
    }

    /// The account with an identifier.
    #[must_use]
    pub fn account_by_id(&self, id: &str) -> Option<AccountIx> {
        (0..)
            .zip(self.accounts.iter())
            .find(|(_, account)| account.id.0 == id)
            .map(|(ix, _)| AccountIx(ix))
    }

    /// Who acted, as history shows it: `system` or an e-mail address.
    #[must_use]
    pub fn person(&self, by: PersonIx) -> &str {
        self.people.get(by.0 as usize).map_or("system", String::as_str)
    }

    /// How many domains there are, enrolled or not.
    #[must_use]
    pub fn domain_count(&self) -> u32 {
        self.directory.len()
    }

    /// A domain.
    #[must_use]
    pub fn domain(&self, ix: DomainIx) -> Option<DomainView<'_>> {
        let listing = self.directory.get(ix)?;
        let state = self.domains.get(ix.0 as usize)?;
        Some(DomainView {
            ix,
            name: &listing.name,
            account: listing.account,
            registered_at: listing.registered_at,
            enrolment: state.enrolment,
            outside: &state.outside,
            window: state.window,
            last_check: state.last_check,
        })
    }

    /// Whether its IPs are placeholders: the account was made of a file without IPs, so the simulator added addresses that
    /// are reserved for documentation.
    #[must_use]
    pub fn has_placeholder_ips(&self) -> bool {
        let is_reserved = |ip: &AccountIp| RESERVED.iter().any(|network| ip.ip.as_str().starts_with(network));
        matches!(self.origin, AccountOrigin::Table { .. }) && self.ips.iter().all(is_reserved)
    }

    /// All domains in order of position.
    pub fn domains(&self) -> impl Iterator<Item = DomainView<'_>> {
        (0..self.domain_count()).filter_map(|ix| self.domain(DomainIx(ix)))
    }

    /// All domains in the order of their names.
    pub fn domains_by_name(&self) -> impl DoubleEndedIterator<Item = DomainView<'_>> {
        self.directory.by_name().iter().filter_map(|ix| self.domain(*ix))
    }

    /// The domain with a name.
    #[must_use]
    pub fn find_domain(&self, name: &DomainName) -> Option<DomainIx> {
        self.directory.find(name)
    }

    /// A domain's identifier.
    #[must_use]
    pub fn domain_id(&self, ix: DomainIx) -> DomainId {
        DomainId(id24(self.seed, IdKind::Domain, u64::from(ix.0)))
    }

    /// A domain's counts on a complete day; `None` for a day without traffic, and for days still to come.
    #[must_use]
    pub fn counts(&self, ix: DomainIx, day: Day) -> Option<Counts> {
        (day <= self.last_complete_day())
            .then(|| self.traffic.counts(ix.0, day))
            .flatten()
    }

    /// A domain's counts on each day from `first` to `last`, as [`Sim::counts`] gives them.
    pub fn daily_counts(&self, ix: DomainIx, first: Day, last: Day) -> impl Iterator<Item = (Day, Option<Counts>)> {
        (first.0..=last.0).map(move |day| (Day(day), self.counts(ix, Day(day))))
    }

    /// A domain's counts over the `window_days` days that end with `last_day`.
    #[must_use]
    pub fn window_counts(&self, ix: DomainIx, last_day: Day, window_days: u32) -> Counts {
        (0..i32::try_from(window_days).unwrap_or(i32::MAX))
            .filter_map(|back| self.counts(ix, last_day.plus(-back)))
            .sum()
    }

    /// Totals of each complete day, the first of [`Sim::first_day`].
    #[must_use]
    pub fn day_totals(&self) -> &[DayTotals] {
        &self.totals
    }

    /// Moves of each day, the first of [`Sim::first_day`]; days without an entry at the end had none.
    #[must_use]
    pub fn day_moves(&self) -> &[DayMoves] {
        &self.moves
    }

    /// The complete days' traffic from `first` to `last` as a table, every domain in it, for the what-if lab.
    #[must_use]
    pub fn to_table(&self, first: Day, last: Day) -> Table {
        let mut table = self.empty_table(first, last);
        self.fill_table(&mut table, 0..self.domain_count());
        table
    }

    /// The table that [`Sim::to_table`] makes, without any counts yet: a page fills it in pieces.
    #[must_use]
    pub fn empty_table(&self, first: Day, last: Day) -> Table {
        let first = first.max(self.first_day);
        let last = last.min(self.last_complete_day());
        let day_count = u32::try_from(last.since(first).saturating_add(1)).unwrap_or(0);
        let accounts = self.accounts.iter().map(|account| account.name.clone()).collect();
        let domains = self
            .domains()
            .map(|domain| TableDomain {
                name: domain.name.clone(),
                account: domain.account.0,
            })
            .collect();
        Table::empty(first, day_count, accounts, domains)
    }

    /// Puts the counts of some domains into an [`empty_table`](Sim::empty_table) of this account.
    pub fn fill_table(&self, table: &mut Table, domains: Range<u32>) {
        let first = table.first_day();
        for ix in domains.start..domains.end.min(self.domain_count()) {
            for at in 0..table.day_count() {
                let day = first.plus(i32::try_from(at).unwrap_or(i32::MAX));
                let Some(counts) = self.traffic.counts(ix, day) else {
                    continue;
                };
                // A day's counts come from a table or are far below what a cell holds.
                let _ = table.add(ix as usize, day, &counts);
            }
        }
    }
}
