//! What the pages share: the address's query, the account that is looked at, messages, the request log, the theme.
//!
//! One direction: address → resource → memo → view. A change that succeeded bumps the account's revision and the
//! resources read again. No signal is written while rendering; what is not `Send` lives in local storage signals.

pub mod account;
pub(crate) mod console_program;
pub mod csv_file;
pub mod lab;
pub mod live;
pub mod loaded_traffic;
pub mod log;
pub mod long_task;
pub mod paged_list;
pub mod progress;
pub mod query;
pub mod simulator;
pub mod theme;
pub mod toasts;
mod trial;
mod wait_notices;

pub use account::{Account, ReadState, use_account};
pub use lab::{LabHandle, LabTraffic, QuerySlot, use_lab};
pub use live::use_live;
pub use loaded_traffic::use_loaded_traffic;
pub use paged_list::PagedListState;
pub use progress::WorkProgress;
pub use query::{QueryParam, QueryWriter, use_query_param, use_query_writer};
pub use simulator::{SimulatedAccount, use_simulated};
pub use theme::use_theme;
pub use toasts::use_toasts;

use leptos::prelude::*;

/// What lies over the page.
#[derive(Clone, Copy)]
pub struct Overlays {
    /// Whether the command palette is open.
    pub palette: RwSignal<bool>,
    /// Whether the request drawer is open.
    pub requests: RwSignal<bool>,
    /// Whether the folded navigation of a phone is open.
    pub navigation: RwSignal<bool>,
}

/// The app's overlays.
#[must_use]
pub fn use_overlays() -> Overlays {
    expect_context()
}

/// Provides everything here to the views below the caller. What is downloaded after the first view comes from the caller:
/// the state does not know how the app is split into files.
pub fn provide(chunks: simulator::SimulatorChunks, new_live_transport: live::NewLiveTransport) {
    provide_context(Overlays {
        palette: RwSignal::new(false),
        requests: RwSignal::new(false),
        navigation: RwSignal::new(false),
    });
    provide_context(theme::ThemeChoice::remembered());
    provide_context(toasts::Toasts::new());
    let simulator = simulator::initial();
    account::provide(simulator.clone());
    simulator::provide(simulator, chunks);
    live::provide(new_live_transport);
    lab::provide();
    loaded_traffic::provide();
}
