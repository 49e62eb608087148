//! The published contract in both directions: it decodes tolerantly and encodes exactly.
//!
//! - [`Operation`]: the table of operations, each with method and path template, to build and to match paths.
//! - [`query`]: typed filters, to query pairs and back.
//! - [`pools`], [`domains`], [`history`], [`support`], [`metrics`]: bodies, a decoder and an encoder side by side.
//! - [`PageLinks`] and [`PageRef`]: the links between pages.
//! - [`time`]: the two date formats.
//! - [`ErrorBody`]: the shapes of errors.
//!
//! Decoders accept every shape that the service was seen to send. Unknown fields are ignored, `null` and missing fields
//! become `None` or empty, and field names match in any case. A known field of a wrong type is a [`ShapeError`] with
//! its path. The client decodes and the simulator's server encodes.

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
