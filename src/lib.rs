//! The console: Leptos pages over an account, live or simulated.

mod app;
pub mod browser;
pub mod charts;
pub mod components;
mod lazy;
pub mod pages;
pub mod persistence;
pub mod state;

pub use app::App;
