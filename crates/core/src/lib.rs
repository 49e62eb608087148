//! What every other crate of Poolkeeper uses: values, the banding rule, daily traffic in columns, and text for numbers.
//!
//! No clock, no I/O, no randomness.

pub mod health;
pub mod model;
pub mod text;
pub mod traffic;
