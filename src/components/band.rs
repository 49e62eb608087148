//! A band as colour, shape and word together.

use leptos::prelude::*;
use poolkeeper_core::model::{Band, PoolName};
pub(crate) use poolkeeper_core::text::band_shape as shape;

/// The class that colours a band's text and marks: `good`, `poor`, `new`, `unknown`.
#[must_use]
pub(crate) const fn tone(band: Option<Band>) -> &'static str {
    match band {
        Some(band) => band.word(),
        None => "unknown",
    }
}

/// A pool's band: shape and word in its colour. A name this version does not know is shown as it came.
#[component]
pub(crate) fn BandChip(
    /// The pool, or a band.
    #[prop(into)]
    pool: PoolName,
) -> impl IntoView {
    let band = pool.band();
    let word = match (band, pool.as_str()) {
        (Some(band), _) => band.word().to_owned(),
        (None, "") => "none".to_owned(),
        (None, name) => name.to_owned(),
    };
    view! {
        <span class=format!("band {}", tone(band))>
            <span class="band-shape" aria-hidden="true">{shape(band)}</span>
            {word}
        </span>
    }
}

/// A move from one pool to another: `● good → ▲ poor`; an enrolment has no pool to come from.
#[component]
pub(crate) fn BandMove(
    /// Where it came from.
    from: Option<PoolName>,
    /// Where it went.
    to: Option<PoolName>,
) -> impl IntoView {
    let chip = |pool: Option<PoolName>, none: &'static str| match pool {
        Some(pool) => view! { <BandChip pool=pool /> }.into_any(),
        None => view! { <span class="band unknown">{none}</span> }.into_any(),
    };
    view! {
        <span class="band-move">
            {chip(from, "enrolled")} <span class="band-arrow" aria-label="to" role="img">"→"</span> {chip(to, "none")}
        </span>
    }
}
