//! A part's view, and what stands in its place until it is here.

use super::{ChunkUnavailable, LazyView, WasmChunk, console_view, lab_view, name_warning, term_meaning};
use crate::browser;
use crate::components::icon::Icon;
use crate::components::{PageHead, SkeletonRows};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_view::glossary::GlossaryTerm;

/// How far a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ChunkArrival {
    Downloading,
    Ready,
    Missing,
}

/// A page; its outline until it is here.
#[must_use]
pub(crate) fn page(view: LazyView) -> AnyView {
    when_downloaded(view, || view! { <SkeletonRows rows=8 /> }.into_any())
}

/// A view over the page that is fetched once it is asked for.
#[must_use]
pub(crate) fn overlay(is_open: RwSignal<bool>, view: LazyView) -> AnyView {
    let is_wanted = Memo::new(move |was: Option<&bool>| was == Some(&true) || is_open.get());
    (move || is_wanted.get().then(|| when_downloaded(view, || ().into_any()))).into_any()
}

/// A small view that is fetched once it is wanted; nothing stands in its place.
#[must_use]
pub(crate) fn on_demand(is_wanted: Signal<bool>, view: LazyView) -> AnyView {
    let is_here = RwSignal::new(false);
    Effect::new(move |_| {
        if is_wanted.get() && !is_here.get_untracked() {
            spawn_local(async move {
                // The next time it is wanted tries again.
                is_here.try_set(view.chunk().fetch().await.is_ok());
            });
        }
    });
    (move || is_here.get().then(|| shown(view)).flatten()).into_any()
}

/// A view below what is seen first, fetched when there is nothing else to do; nothing stands in its place.
#[must_use]
pub(crate) fn at_idle(view: LazyView) -> AnyView {
    let is_idle = RwSignal::new(false);
    spawn_local(async move {
        browser::idle().await;
        is_idle.try_set(true);
    });
    on_demand(is_idle.into(), view)
}

/// What a term's card says, once it is here.
#[must_use]
pub(crate) fn term_card(term: GlossaryTerm) -> AnyView {
    once_here(move || term_meaning(term).now_or_never()?.ok())
}

/// The warning about a name, once what knows them is here.
#[must_use]
pub(crate) fn name_mark(name: String) -> AnyView {
    once_here(move || name_warning(name.clone()).now_or_never()?.ok())
}

/// A small view out of the console's part; nothing until that is here.
fn once_here(view: impl Fn() -> Option<AnyView> + Send + 'static) -> AnyView {
    let is_here = RwSignal::new(false);
    spawn_local(async move {
        is_here.try_set(WasmChunk::Console.fetch().await.is_ok());
    });
    (move || is_here.get().then(&view).flatten()).into_any()
}

fn when_downloaded(view: LazyView, meanwhile: fn() -> AnyView) -> AnyView {
    let arrival = RwSignal::new(ChunkArrival::Downloading);
    let fetch = move || {
        spawn_local(async move {
            let fetched = view.chunk().fetch().await;
            arrival.try_set(fetched.map_or_else(|ChunkUnavailable| ChunkArrival::Missing, |()| ChunkArrival::Ready));
        });
    };
    fetch();
    let again = move |_| {
        arrival.set(ChunkArrival::Downloading);
        fetch();
    };
    (move || match arrival.get() {
        ChunkArrival::Downloading => meanwhile(),
        ChunkArrival::Ready => shown(view).unwrap_or_else(meanwhile),
        ChunkArrival::Missing => view! {
            <PageHead title="This page could not be downloaded" />
            <div class="state state-failed" role="alert">
                {Icon::Warn.view()}
                <div>
                    <p class="state-title">"This part of Poolkeeper could not be downloaded"</p>
                    <p>
                        "Check the network and try again. If the app was updated, reload the page. Your data is safe."
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
fn shown(view: LazyView) -> Option<AnyView> {
    match view.chunk() {
        WasmChunk::Lab => lab_view(view).now_or_never()?.ok(),
        WasmChunk::Console | WasmChunk::Record => console_view(view).now_or_never()?.ok(),
    }
}
