//! Poolkeeper's ground floor: values, the banding rule, daily traffic in columns, and the words for numbers.
//!
//! No clock, no I/O, no randomness.

pub mod health;
pub mod model;
pub mod text;
pub mod traffic;
