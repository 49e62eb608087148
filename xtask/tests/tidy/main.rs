//! What the sources of the whole workspace promise, kept by reading them. Every failure says the reason.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

mod arrows;
mod circles;
mod commands;
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
