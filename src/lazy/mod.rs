//! The parts of the app that are downloaded after the first view, or before it where an address asks for them.
//!
//! With the feature `split` each is a wasm file of its own, cut out of the app's by `cargo xtask build`; without it everything
//! is in one file, and the same code calls straight through. Three are enough: [`WasmChunk::Console`] is every page but the
//! overview, with what only they need; [`WasmChunk::Lab`] the what-if page; [`WasmChunk::Record`] what keeps the simulator.

mod chunk_arrival;
mod lazy_transport;
mod lazy_view;

pub(crate) use chunk_arrival::{at_idle, name_mark, on_demand, overlay, page, term_card};
pub(crate) use lazy_view::LazyView;

use crate::browser;
use crate::persistence::{SimulatorStore, StoreNotice};
use crate::state::live::{LiveAccount, TransportParts};
use crate::state::simulator::SimulatorChunks;
use futures::future::LocalBoxFuture;
use lazy_transport::{LazyLiveTransport, LazySimulatorTransport};
use leptos::prelude::AnyView;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_view::glossary::GlossaryTerm;
use std::rc::Rc;

#[cfg(feature = "split")]
use leptos::wasm_split::{SplitLoaderError, wasm_split};

/// A part could not be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkUnavailable;

#[cfg(feature = "split")]
impl From<SplitLoaderError> for ChunkUnavailable {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

impl From<ChunkUnavailable> for TransportError {
    fn from(_: ChunkUnavailable) -> Self {
        Self::Unreachable("a part of this app could not be downloaded".to_owned())
    }
}

/// A function that stands in a part's file, and one that fetches that file.
macro_rules! part {
    ($file:ident, $load:ident, fn $name:ident($($argument:ident: $kind:ty),* $(,)?) -> $out:ty $body:block) => {
        #[cfg(feature = "split")]
        #[wasm_split($file, wasm_split_path = ::leptos::wasm_split, preload($load), fallible)]
        fn $name($($argument: $kind),*) -> Result<$out, ChunkUnavailable> {
            Ok($body)
        }

        #[cfg(not(feature = "split"))]
        async fn $name($($argument: $kind),*) -> Result<$out, ChunkUnavailable> {
            Ok($body)
        }

        #[cfg(not(feature = "split"))]
        async fn $load() -> Result<(), ChunkUnavailable> {
            Ok(())
        }
    };
}

part!(
    console,
    load_console,
    fn console_view(view: LazyView) -> AnyView {
        view.of_console()
    }
);
part!(
    console,
    load_answer,
    fn answer(simulator: Simulator, request: Request) -> Response {
        simulator.handle(&request)
    }
);
part!(
    console,
    load_live_transport,
    fn live_transport(live: LiveAccount, parts: TransportParts) -> Rc<dyn Transport> {
        live.transport(parts)
    }
);
part!(
    console,
    load_term,
    fn term_meaning(term: GlossaryTerm) -> AnyView {
        crate::components::term::meaning(term)
    }
);
part!(
    console,
    load_name_warning,
    fn name_warning(name: String) -> AnyView {
        crate::components::domain_name::mark(&name)
    }
);
part!(
    lab,
    load_lab,
    fn lab_view(view: LazyView) -> AnyView {
        view.of_lab()
    }
);
part!(
    record,
    load_record,
    fn start_store(
        simulator: Simulator,
        on_notice: Box<dyn Fn(StoreNotice)>,
    ) -> LocalBoxFuture<'static, SimulatorStore> {
        Box::pin(SimulatorStore::start(simulator, on_notice))
    }
);

/// A file of the app's that comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WasmChunk {
    Console,
    Lab,
    Record,
}

impl WasmChunk {
    async fn fetch(self) -> Result<(), ChunkUnavailable> {
        match self {
            // All that stand in the same file come with it; each has to be told so.
            Self::Console => {
                load_console().await?;
                load_answer().await?;
                load_live_transport().await?;
                load_term().await?;
                load_name_warning().await?;
            }
            Self::Lab => load_lab().await?,
            Self::Record => load_record().await?,
        }
        Ok(())
    }
}

/// What the simulator's state gets from the chunks.
pub(crate) fn simulator_chunks() -> SimulatorChunks {
    SimulatorChunks {
        new_transport: |simulator| Rc::new(LazySimulatorTransport(simulator)),
        keep: |simulator, on_notice| Box::pin(async { keep(simulator, on_notice).await.ok() }),
        fetch_rest: || Box::pin(fetch_rest()),
    }
}

/// The transport of a live account, as its state is given it.
pub(crate) fn new_live_transport(live: LiveAccount, parts: TransportParts) -> Rc<dyn Transport> {
    Rc::new(LazyLiveTransport::new(live, parts))
}

/// Begins to fetch what a live account needs. Whoever needs it waits for the same download.
pub(crate) fn fetch_live() {
    // Before the app is mounted, so not with Leptos's own.
    wasm_bindgen_futures::spawn_local(async {
        // Asked for again, and said, where it is needed.
        let _ = WasmChunk::Console.fetch().await;
    });
}

async fn keep(simulator: Simulator, on_notice: Box<dyn Fn(StoreNotice)>) -> Result<SimulatorStore, ChunkUnavailable> {
    WasmChunk::Record.fetch().await?;
    Ok(start_store(simulator, on_notice).await?.await)
}

/// Fetches what is not here yet, so that the next page opens at once. Whoever opens a page whose part did not come tries again,
/// and says so when that fails.
async fn fetch_rest() {
    for part in [WasmChunk::Console, WasmChunk::Lab] {
        browser::idle().await;
        if part.fetch().await.is_err() {
            return;
        }
    }
}
