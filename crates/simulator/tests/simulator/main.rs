//! The simulated account: its rules, its story, and what is kept of it.

mod bounds;
mod kept;
mod persistence;
mod persistence_replay;
mod properties;
mod rules;
mod slow_model;
mod story;
