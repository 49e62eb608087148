//! Previews of domains that are not enrolled: one, or many in a row.

use crate::browser::{self, Slices};
use crate::state::{Account, TaskSlot, WorkProgress};
use leptos::prelude::*;
use poolkeeper_core::model::{DomainName, Preview};
use std::collections::HashMap;

const DRAW_EVERY_MS: f64 = 150.0;

/// A preview that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PreviewState {
    /// No answer yet.
    Waiting,
    /// The answer.
    Said(Preview),
    /// Why there is none.
    Failed(String),
}

/// The previews so far, by name. `Copy`. A change of the account forgets them: they were of another day.
#[derive(Clone, Copy)]
pub(crate) struct Previews {
    account: Account,
    known: RwSignal<HashMap<DomainName, PreviewState>>,
    work: RwSignal<Option<WorkProgress>>,
    task: TaskSlot,
}

impl Previews {
    /// None yet.
    #[must_use]
    pub(crate) fn new(account: Account) -> Self {
        let previews = Self {
            account,
            known: RwSignal::new(HashMap::new()),
            work: RwSignal::new(None),
            task: TaskSlot::new(),
        };
        Effect::new(move |before: Option<()>| {
            account.watch();
            if before.is_some() {
                previews.cancel();
                previews.known.set(HashMap::new());
            }
        });
        previews
    }

    /// A domain's preview. Reactive.
    #[must_use]
    pub(crate) fn of(&self, name: &DomainName) -> Option<PreviewState> {
        self.known.with(|known| known.get(name).cloned())
    }

    /// How far they are, while many are asked for. Reactive.
    #[must_use]
    pub(crate) fn work(&self) -> Option<WorkProgress> {
        self.work.get()
    }

    /// Asks for no more; the answers so far stay.
    pub(crate) fn cancel(&self) {
        self.task.abort();
        self.work.set(None);
        self.known
            .update(|known| known.retain(|_, asked| *asked != PreviewState::Waiting));
    }

    /// Asks for these, one after the other.
    pub(crate) fn ask(self, names: Vec<DomainName>) {
        self.cancel();
        let began_ms = browser::now_ms();
        let total = names.len();
        let work = move |done: usize| WorkProgress {
            what: "Running health checks".to_owned(),
            done: done as u64,
            total: Some(total as u64),
            elapsed_ms: browser::now_ms() - began_ms,
        };
        match names.as_slice() {
            [name] => self.known.update(|known| {
                known.insert(name.clone(), PreviewState::Waiting);
            }),
            _ => self.work.set(Some(work(0))),
        }
        self.task.run(async move {
            let client = self.account.client();
            let mut fresh = Vec::new();
            let (mut drawn_ms, mut slices) = (began_ms, Slices::new());
            for (at, name) in names.into_iter().enumerate() {
                let said = match client.preview(&name).await {
                    Ok(preview) => PreviewState::Said(preview),
                    Err(error) => PreviewState::Failed(error.advice().happened),
                };
                fresh.push((name, said));
                let now_ms = browser::now_ms();
                if now_ms - drawn_ms >= DRAW_EVERY_MS {
                    self.known.update(|known| known.extend(fresh.drain(..)));
                    self.work.update(|shown| *shown = shown.as_ref().map(|_| work(at + 1)));
                    drawn_ms = now_ms;
                }
                if slices.is_over() {
                    slices.pause().await;
                }
            }
            self.known.update(|known| known.extend(fresh));
            self.work.set(None);
        });
    }
}
