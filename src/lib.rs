//! The console: Leptos pages over an account, live or simulated.

mod app;
pub mod browser;
pub mod charts;
pub mod components;
pub mod pages;
mod parts;
pub mod record;
pub mod state;

pub use app::App;
