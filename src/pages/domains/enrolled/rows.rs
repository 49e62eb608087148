//! The rows shown: what was read, less what the filters hold back.

use super::moves::LastMovesReader;
use crate::state::{DomainList, LabelStore};
use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{AccountId, Day, Domain};
use poolkeeper_view::domain_columns::ListFacts;
use poolkeeper_view::filters::DomainFilters;
use poolkeeper_view::labels::Label;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which of the domains read are shown.
#[derive(Clone, Debug, PartialEq)]
enum ShownRows {
    /// All of them, so many.
    All(usize),
    /// Those at these positions.
    At(Arc<Vec<u32>>),
}

/// What the rows are sorted and filtered by besides themselves. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct RowSources {
    /// The accounts' names.
    pub(crate) accounts: Memo<BTreeMap<AccountId, String>>,
    /// The last moves.
    pub(crate) moves: LastMovesReader,
    /// Whose limits the rates are compared with.
    pub(crate) policy: Signal<Policy>,
    /// The last UTC day that periods count from.
    pub(crate) last_day: Signal<Day>,
    /// What a person noted.
    pub(crate) labels: LabelStore,
}

/// The rows shown, in order. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    list: DomainList,
    shown: Memo<ShownRows>,
    labels: LabelStore,
    accounts: Memo<BTreeMap<AccountId, String>>,
}

impl RowSources {
    fn with<R>(self, look: impl FnOnce(&ListFacts<'_>) -> R) -> R {
        self.accounts.with(|account_names| {
            self.moves.with(|moves| {
                self.policy.with(|policy| {
                    self.labels.with(|labels| {
                        look(&ListFacts {
                            account_names,
                            moves,
                            policy,
                            last_day: self.last_day.get(),
                            labels,
                        })
                    })
                })
            })
        })
    }
}

impl Rows {
    /// The rows of a reading that the filters let through.
    #[must_use]
    pub(crate) fn new(list: DomainList, filters: Memo<DomainFilters>, sources: RowSources) -> Self {
        let shown = Memo::new(move |_| {
            filters.with(|filters| {
                list.with_rows(|rows| {
                    sources.with(|facts| match filters.positions(rows, facts) {
                        None => ShownRows::All(rows.len()),
                        Some(positions) => ShownRows::At(Arc::new(positions)),
                    })
                })
            })
        });
        Self {
            list,
            shown,
            labels: sources.labels,
            accounts: sources.accounts,
        }
    }

    /// How many rows there are. Reactive.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.shown.with(|shown| match shown {
            ShownRows::All(count) => *count,
            ShownRows::At(places) => places.len(),
        })
    }

    /// A row's domain. Reactive.
    #[must_use]
    pub(crate) fn get(&self, at: usize) -> Option<Arc<Domain>> {
        let place = self.place(at)?;
        self.list.with_rows(|rows| rows.get(place).cloned())
    }

    /// A row's name; empty where there is no such row. Reactive.
    #[must_use]
    pub(crate) fn name(&self, at: usize) -> String {
        self.get(at).map(|domain| domain.name.to_string()).unwrap_or_default()
    }

    /// All rows shown, without subscribing.
    #[must_use]
    pub(crate) fn all_untracked(&self) -> Vec<Arc<Domain>> {
        self.list.with_rows_untracked(|rows| match self.shown.get_untracked() {
            ShownRows::All(count) => rows.iter().take(count).cloned().collect(),
            ShownRows::At(places) => places.iter().filter_map(|at| rows.get(*at as usize).cloned()).collect(),
        })
    }

    /// The name of a domain's account; its identifier where no answer gave a name. Reactive.
    #[must_use]
    pub(crate) fn account_name(&self, domain: &Domain) -> String {
        if let Some(name) = &domain.account_name {
            return name.clone();
        }
        self.accounts.with(|accounts| {
            let known = accounts.get(&domain.account_id);
            known.cloned().unwrap_or_else(|| domain.account_id.to_string())
        })
    }

    /// What a person noted about a domain. Reactive.
    #[must_use]
    pub(crate) fn label(&self, domain: &Domain) -> Label {
        let account = self.account_name(domain);
        self.labels.with(|labels| labels.of(&domain.name, &account))
    }

    /// The accounts' names.
    #[must_use]
    pub(crate) const fn accounts(&self) -> Memo<BTreeMap<AccountId, String>> {
        self.accounts
    }

    fn place(&self, at: usize) -> Option<usize> {
        self.shown.with(|shown| match shown {
            ShownRows::All(count) => (at < *count).then_some(at),
            ShownRows::At(places) => places.get(at).map(|at| *at as usize),
        })
    }
}
