//! What the pages share: the address's query, the account that is looked at, messages, the request log, the theme.
//!
//! One direction: address → resource → memo → view. A change that succeeded bumps the account's revision and the
//! resources read again. No signal is written while rendering; what is not `Send` lives in local storage signals.

pub(crate) mod access_check;
pub(crate) mod account;
pub(crate) mod background;
pub(crate) mod connection_form;
pub(crate) mod console_program;
pub(crate) mod csv_file;
mod domain_list;
pub(crate) mod draft;
pub(crate) mod halted;
pub(crate) mod lab;
mod labels;
mod last_day;
pub(crate) mod live;
pub(crate) mod loaded_traffic;
pub(crate) mod log;
pub(crate) mod long_task;
mod paged_resource;
mod pending;
pub(crate) mod progress;
pub(crate) mod query;
pub(crate) mod record;
mod sending;
pub(crate) mod simulator;
pub(crate) mod stored;
pub(crate) mod subaccounts;
mod task;
pub(crate) mod theme;
pub(crate) mod toasts;
mod trial;
mod wait_notices;

pub(crate) use account::{Account, ReadState, TrialWish, use_account};
pub(crate) use background::use_background;
pub(crate) use domain_list::{DomainList, use_domains};
pub(crate) use draft::Draft;
pub(crate) use lab::{LabHandle, LabTraffic, QuerySlot, use_lab};
pub(crate) use labels::LabelStore;
pub(crate) use last_day::use_last_day;
pub(crate) use live::use_live;
pub(crate) use loaded_traffic::use_loaded_traffic;
pub(crate) use paged_resource::PagedResource;
pub(crate) use progress::WorkProgress;
pub(crate) use query::{QueryParam, QueryWriter, use_query_param, use_query_writer};
pub(crate) use sending::{SendProgress, SentChange};
pub(crate) use simulator::{SimulatedAccount, use_simulated};
pub(crate) use task::TaskSlot;
pub(crate) use theme::use_theme;
pub(crate) use toasts::use_toasts;

use leptos::prelude::*;
use poolkeeper_simulator::server::Simulator;

/// What lies over the page.
#[derive(Clone, Copy)]
pub(crate) struct Overlays {
    /// Whether the command palette is open.
    pub(crate) palette: RwSignal<bool>,
    /// Whether the request drawer is open.
    pub(crate) requests: RwSignal<bool>,
    /// Whether the help is open.
    pub(crate) help: RwSignal<bool>,
    /// The tour's step, from 0; `None` while there is none.
    pub(crate) tour: RwSignal<Option<usize>>,
    /// Whether the folded navigation of a phone is open.
    pub(crate) navigation: RwSignal<bool>,
}

/// The app's overlays.
#[must_use]
pub(crate) fn use_overlays() -> Overlays {
    expect_context()
}

/// Provides everything here to the views below the caller. What is downloaded after the first view comes from the caller:
/// the state does not know how the app is split into files.
pub(crate) fn provide(
    simulator: Simulator,
    chunks: simulator::SimulatorChunks,
    new_live_transport: live::NewLiveTransport,
) {
    provide_context(Overlays {
        palette: RwSignal::new(false),
        requests: RwSignal::new(false),
        help: RwSignal::new(false),
        tour: RwSignal::new(None),
        navigation: RwSignal::new(false),
    });
    provide_context(theme::ThemeChoice::remembered());
    provide_context(toasts::Toasts::new());
    account::provide(simulator.clone());
    domain_list::provide(use_account());
    background::provide();
    simulator::provide(simulator, chunks);
    live::provide(new_live_transport);
    lab::provide();
    loaded_traffic::provide();
}
