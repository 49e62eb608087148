//! A part's view, and what stands in its place until it is here.

use super::{ChunkUnavailable, LazyView, WasmChunk, console_view, lab_view};
use crate::components::icon::Icon;
use crate::components::{PageHead, SkeletonRows};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How far a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ChunkArrival {
    Coming,
    Here,
    Missing,
}

/// A page; its outline until it is here.
#[must_use]
pub fn page(screen: LazyView) -> AnyView {
    arriving(screen, || view! { <SkeletonRows rows=8 /> }.into_any())
}

/// A view over the page that is fetched once it is asked for.
#[must_use]
pub fn overlay(is_open: RwSignal<bool>, screen: LazyView) -> AnyView {
    let is_wanted = Memo::new(move |was: Option<&bool>| was == Some(&true) || is_open.get());
    (move || is_wanted.get().then(|| arriving(screen, || ().into_any()))).into_any()
}

fn arriving(screen: LazyView, meanwhile: fn() -> AnyView) -> AnyView {
    let arrival = RwSignal::new(ChunkArrival::Coming);
    let fetch = move || {
        spawn_local(async move {
            let fetched = screen.part().fetch().await;
            arrival.try_set(fetched.map_or_else(|ChunkUnavailable| ChunkArrival::Missing, |()| ChunkArrival::Here));
        });
    };
    fetch();
    let again = move |_| {
        arrival.set(ChunkArrival::Coming);
        fetch();
    };
    (move || match arrival.get() {
        ChunkArrival::Coming => meanwhile(),
        ChunkArrival::Here => shown(screen).unwrap_or_else(meanwhile),
        ChunkArrival::Missing => view! {
            <PageHead title="Not downloaded yet" />
            <div class="state failed" role="alert">
                {Icon::Warn.view()}
                <div>
                    <p class="state-title">"This part of Poolkeeper could not be downloaded"</p>
                    <p>
                        "It is fetched when it is first opened. Check the network and try again; if the host has a newer version by now, reload the page. Nothing that is kept is lost."
                    </p>
                </div>
                <button type="button" on:click=again>
                    {Icon::Again.view()}
                    "Try again"
                </button>
            </div>
        }
        .into_any(),
    })
    .into_any()
}

/// The view of a part that is here: the call then comes to its end at once.
fn shown(screen: LazyView) -> Option<AnyView> {
    match screen.part() {
        WasmChunk::Lab => lab_view(screen).now_or_never()?.ok(),
        WasmChunk::Console | WasmChunk::Record => console_view(screen).now_or_never()?.ok(),
    }
}
