//! The console: Leptos pages over an account, live or simulated.

mod app;
mod browser;
mod charts;
mod components;
mod lazy;
mod pages;
mod persistence;
mod state;

pub use app::start;
