//! The published contract in both directions: tolerant in, exact out.
//!
//! - [`Operation`]: the table of operations, each with method and path template, built and matched from the same row.
//! - [`query`]: typed filters, to query pairs and back.
//! - [`pools`], [`domains`], [`history`], [`support`], [`metrics`]: bodies, a decoder and an encoder side by side.
//! - [`PageLinks`] and [`PageRef`]: the links between pages.
//! - [`time`]: the two date formats.
//! - [`ErrorBody`]: the shapes errors come in.
//!
//! Decoders take every shape the service has been seen to send: unknown fields are ignored, `null` and missing fields
//! become `None` or empty, field names match in any case. A known field of a wrong type is a [`ShapeError`] that says
//! where. The client decodes and the simulator's server encodes, so both sides of the contract live here.

pub mod domains;
mod endpoint;
mod errors;
pub mod history;
pub mod metrics;
mod paging;
pub mod pools;
pub mod query;
mod read;
pub mod support;
pub mod time;

pub use endpoint::{InvalidPathValue, MatchedPath, Operation, PathError};
pub use errors::ErrorBody;
pub use paging::{Page, PageLinks, PageRef, path_and_query};
pub use read::ShapeError;
