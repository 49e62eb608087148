//! What the sources of the whole workspace promise, kept by reading them. Every failure says the reason.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop where it stands")]

mod circles;
mod facts;
mod lists;
mod texts;
mod tokens;
mod tree;
mod words;
mod type_names;
mod workspace;
