//! The simulator in this page: the one place where its clock moves and where it is replaced.

use super::account::{Account, use_account};
use crate::model::Day;
use crate::transport::{Request, Response, Transport, TransportError};
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

/// A handle on the simulator. `Copy`.
#[derive(Clone, Copy)]
pub struct Simulated {
    account: Account,
    today: RwSignal<Option<Day>>,
    is_playing: RwSignal<bool>,
}

impl Simulated {
    /// The virtual day; `None` while another account is looked at. Reactive.
    #[must_use]
    pub fn today(&self) -> Option<Day> {
        self.today.get()
    }

    /// Whether days pass by themselves. Reactive.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.is_playing.get()
    }

    /// Starts or stops the days passing by themselves.
    pub fn play(&self, play: bool) {
        self.is_playing.set(play);
    }

    /// Lets a number of days pass.
    pub fn step(&self, days: u32) {
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        self.today
            .update(|today| *today = Some(today.unwrap_or(Day(0)).plus(days)));
        self.account.changed();
    }
}

impl Simulated {
    /// Enrolled domains whose name has these letters, at most so many. Reactive.
    #[must_use]
    pub fn domains_named(&self, _letters: &str, _most: usize) -> Vec<String> {
        self.account.watch();
        Vec::new()
    }
}

/// The simulator in this page.
#[must_use]
pub fn use_simulated() -> Simulated {
    expect_context()
}

pub(super) fn provide() {
    provide_context(Simulated {
        account: use_account(),
        today: RwSignal::new(Day::from_ymd(2026, 7, 23)),
        is_playing: RwSignal::new(false),
    });
}

/// A transport without an account behind it.
pub(super) struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async { Err(TransportError::Offline) })
    }
}
