//! The app in the browser: routes, state, pages, components, charts.
//!
//! What needs no browser (texts, geometry, addresses) is compiled and tested natively as well; the rest stands behind
//! the `ui` feature.

pub mod charts;
pub mod export;
pub mod figures;
pub mod format;
pub mod lab;
pub mod plain;
pub mod routes;
pub mod study;

#[cfg(feature = "ui")]
mod app;
#[cfg(feature = "ui")]
pub mod browser;
#[cfg(feature = "ui")]
pub mod components;
#[cfg(feature = "ui")]
pub mod pages;
#[cfg(feature = "ui")]
mod parts;
#[cfg(feature = "ui")]
pub mod record;
#[cfg(feature = "ui")]
pub mod state;

#[cfg(feature = "ui")]
pub use app::App;
