//! Previews of domains that are not enrolled: one, or many in a row.

use crate::browser;
use crate::components::WorkProgress;
use crate::state::Account;
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_core::model::{DomainName, Preview};
use std::collections::HashMap;

const SLICE_MS: f64 = 8.0;
const DRAW_EVERY_MS: f64 = 150.0;

/// A preview that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum PreviewState {
    /// No answer yet.
    Waiting,
    /// The answer.
    Said(Preview),
    /// Why there is none.
    Failed(String),
}

#[derive(Clone, Debug, Default, PartialEq)]
struct PreviewRun {
    is_on: bool,
    done: usize,
    total: usize,
    failed: usize,
    began_ms: f64,
}

/// The previews so far, by name. `Copy`. A change of the account forgets them: they were of another day.
#[derive(Clone, Copy)]
pub struct Previews {
    account: Account,
    known: RwSignal<HashMap<DomainName, PreviewState>>,
    course: RwSignal<PreviewRun>,
    run: StoredValue<u64>,
}

impl Previews {
    /// None yet.
    #[must_use]
    pub fn new(account: Account) -> Self {
        let previews = Self {
            account,
            known: RwSignal::new(HashMap::new()),
            course: RwSignal::new(PreviewRun::default()),
            run: StoredValue::new(0),
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
    pub fn of(&self, name: &DomainName) -> Option<PreviewState> {
        self.known.with(|known| known.get(name).cloned())
    }

    /// Whether many are being asked for. Reactive.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.course.with(|course| course.is_on)
    }

    /// How far they are. Reactive.
    #[must_use]
    pub fn work(&self) -> WorkProgress {
        self.course.with(|course| WorkProgress {
            what: "Running health checks".to_owned(),
            done: course.done as u64,
            total: Some(course.total as u64),
            elapsed_ms: browser::now_ms() - course.began_ms,
        })
    }

    /// Asks for no more; the answers so far stay.
    pub fn cancel(&self) {
        self.run.update_value(|run| *run += 1);
        self.course.update(|course| course.is_on = false);
        self.known
            .update(|known| known.retain(|_, asked| *asked != PreviewState::Waiting));
    }

    /// Asks for these, one after the other.
    pub fn ask(self, names: Vec<DomainName>) {
        self.cancel();
        let run = self.run.get_value();
        self.course.set(PreviewRun {
            is_on: names.len() > 1,
            total: names.len(),
            began_ms: browser::now_ms(),
            ..PreviewRun::default()
        });
        if let [name] = names.as_slice() {
            self.known.update(|known| {
                known.insert(name.clone(), PreviewState::Waiting);
            });
        }
        spawn_local(async move {
            let client = self.account.client();
            let mut fresh = Vec::new();
            let (mut drawn_ms, mut slice_ms) = (browser::now_ms(), browser::now_ms());
            let all = names.len();
            for (at, name) in names.into_iter().enumerate() {
                let said = match client.preview(&name).await {
                    Ok(preview) => PreviewState::Said(preview),
                    Err(error) => PreviewState::Failed(error.advice().happened),
                };
                if self.run.try_get_value() != Some(run) {
                    return;
                }
                fresh.push((name, said));
                let now_ms = browser::now_ms();
                if now_ms - drawn_ms >= DRAW_EVERY_MS || at + 1 == all {
                    self.draw(std::mem::take(&mut fresh), at + 1);
                    drawn_ms = now_ms;
                }
                if now_ms - slice_ms >= SLICE_MS && at + 1 < all {
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    slice_ms = browser::now_ms();
                    if self.run.try_get_value() != Some(run) {
                        return;
                    }
                }
            }
            self.course.update(|course| course.is_on = false);
        });
    }

    fn draw(&self, fresh: Vec<(DomainName, PreviewState)>, done: usize) {
        let failed = fresh
            .iter()
            .filter(|(_, asked)| matches!(asked, PreviewState::Failed(_)))
            .count();
        self.known.update(|known| known.extend(fresh));
        self.course.update(|course| {
            course.done = done;
            course.failed += failed;
        });
    }
}
