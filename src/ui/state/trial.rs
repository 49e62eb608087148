//! What changes would do to a live account: what they concern is read, and they are tried on the copy.

use super::account::Account;
use super::forecast::{self, Trial};
use crate::api::{ApiError, Write};
use crate::fork::concern::{MOST_DOMAINS, copy_for};
use crate::server::Simulator;
use crate::ui::browser;
use crate::ui::components::write_flow::Forecast;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A form that is being filled in is tried once it rests so long, milliseconds.
const REST_MS: u32 = 250;

/// Which changes, of which account, at which of its states.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    connection: u64,
    revision: u64,
    writes: Vec<Write>,
}

/// The latest trial. `Copy`.
#[derive(Clone, Copy)]
pub(super) struct LiveTrials {
    answered: RwSignal<Option<(Question, Result<Simulator, ApiError>)>, LocalStorage>,
    asked: StoredValue<Option<Question>>,
}

impl LiveTrials {
    pub(super) fn new() -> Self {
        Self {
            answered: RwSignal::new_local(None),
            asked: StoredValue::new(None),
        }
    }

    /// A copy of what the changes concern; `None` while it is read. Reactive.
    fn copy(&self, account: Account, writes: &[Write]) -> Option<Result<Simulator, ApiError>> {
        let question = Question {
            connection: account.connection(),
            revision: account.revision(),
            writes: writes.to_vec(),
        };
        let answer = self.answered.with(|answered| {
            let fits = answered.as_ref().filter(|(answered, _)| *answered == question);
            fits.map(|(_, answer)| answer.clone())
        });
        if answer.is_none() && self.asked.with_value(|asked| asked.as_ref() != Some(&question)) {
            self.ask(account, question);
        }
        answer
    }

    fn ask(self, account: Account, question: Question) {
        self.asked.set_value(Some(question.clone()));
        let client = untrack(|| account.client());
        spawn_local(async move {
            let is_wanted = || self.asked.with_value(|asked| asked.as_ref() == Some(&question));
            TimeoutFuture::new(REST_MS).await;
            if !is_wanted() {
                return;
            }
            let copy = copy_for(&client, &question.writes, browser::now_utc()).await;
            if is_wanted() {
                self.asked.set_value(None);
                self.answered.set(Some((question, copy.map(Simulator::new))));
            }
        });
    }

    /// What the changes would do. Reactive.
    pub(super) fn forecast(&self, account: Account, writes: &[Write]) -> Forecast {
        if writes.len() > MOST_DOMAINS {
            return Forecast::Untried("there are too many to try".to_owned());
        }
        match self.copy(account, writes) {
            None => Forecast::Trying,
            Some(Ok(copy)) => forecast::forecast(&copy, writes),
            Some(Err(error)) => Forecast::Untried(error.advice().happened),
        }
    }

    /// The same for changes that each stand for themselves; the first [`MOST_DOMAINS`] are tried. Reactive.
    pub(super) fn trial(&self, account: Account, writes: &[Write]) -> Result<Trial, Forecast> {
        let tried = writes.get(..MOST_DOMAINS).unwrap_or(writes);
        match self.copy(account, tried) {
            None => Err(Forecast::Trying),
            Some(Ok(copy)) => Ok(forecast::trial(&copy, tried)),
            Some(Err(error)) => Err(Forecast::Untried(error.advice().happened)),
        }
    }
}
