//! Tests that read the sources, manifests and documents of the whole workspace. Each failure gives the reason.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod arrows;
mod circles;
mod commands;
mod css;
mod documents;
mod edges;
mod facts;
mod lists;
mod manifests;
mod texts;
mod tokens;
mod tree;
mod type_names;
mod words;
mod workspace;
