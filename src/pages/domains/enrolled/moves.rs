//! Each domain's last move, from the account's history: newest records first, as far back as is reasonable.

use crate::browser::{self, Slices};
use crate::state::{Account, TaskSlot};
use leptos::prelude::*;
use mailgun_pools::api::{ApiError, HistoryQuery, Paginator};
use poolkeeper_core::model::DomainName;
use poolkeeper_view::last_moves::{HistoryPass, KnownMoves};

pub(crate) use poolkeeper_view::last_moves::LastMove;

/// Pages of a hundred records that are read at most.
const MOST_PAGES_LIVE: u64 = 20;
const MOST_PAGES_SIMULATED: u64 = 400;

/// The domains' last moves. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct LastMovesReader {
    account: Account,
    known: RwSignal<KnownMoves>,
    problem: RwSignal<Option<ApiError>>,
    is_reading: StoredValue<bool>,
    is_stale: StoredValue<bool>,
    task: TaskSlot,
}

impl LastMovesReader {
    /// Reads history once `may_start` holds, and what is new of it after each change of the account.
    #[must_use]
    pub(crate) fn new(account: Account, may_start: Memo<bool>) -> Self {
        let moves = Self {
            account,
            known: RwSignal::new(KnownMoves::default()),
            problem: RwSignal::new(None),
            is_reading: StoredValue::new(false),
            is_stale: StoredValue::new(false),
            task: TaskSlot::new(),
        };
        Effect::new(move |_| {
            let _ = account.revision();
            if !may_start.get() {
                return;
            }
            if moves.is_reading.get_value() {
                moves.is_stale.set_value(true);
            } else {
                moves.read();
            }
        });
        moves
    }

    /// A domain's last move. Reactive.
    #[must_use]
    pub(crate) fn of(&self, name: &DomainName) -> LastMove {
        self.known.with(|known| known.of(name))
    }

    /// Looks at all that are known. Reactive.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&KnownMoves) -> R) -> R {
        self.known.with(look)
    }

    /// The same without subscribing.
    #[must_use]
    pub(crate) fn of_untracked(&self, name: &DomainName) -> LastMove {
        self.known.with_untracked(|known| known.of(name))
    }

    /// Why history could not be read, if it could not. Reactive.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<ApiError> {
        self.problem.get()
    }

    fn read(self) {
        self.is_reading.set_value(true);
        self.is_stale.set_value(false);
        let query = HistoryQuery {
            limit: Some(100),
            include_subaccounts: Some(true),
            ..HistoryQuery::default()
        };
        let mut walk = Paginator::new(self.account.client(), query);
        let (is_simulator, before) = untrack(|| (self.account.source().is_simulator(), self.known.get()));
        let most_pages = if is_simulator {
            MOST_PAGES_SIMULATED
        } else {
            MOST_PAGES_LIVE
        };
        self.task.run(async move {
            let mut pass = HistoryPass::default();
            let mut slices = Slices::new();
            let mut failed = None;
            while !walk.is_done() && !pass.met && walk.progress().pages < most_pages {
                match walk.next_page().await {
                    Ok(records) => pass.take(records.unwrap_or_default(), before.newest_id.as_deref()),
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
                // Nobody waits for this: whatever else there is to do comes first.
                if slices.is_over() {
                    browser::idle().await;
                    slices = Slices::new();
                }
            }
            self.problem.set(failed);
            self.known.set(pass.over(before, walk.is_done()));
            self.is_reading.set_value(false);
            if self.is_stale.get_value() {
                self.read();
            }
        });
    }
}
