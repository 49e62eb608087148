//! What every other crate of Poolkeeper uses: values, the banding rule, daily traffic in columns, text for numbers, and lines with
//! checksums.
//!
//! No clock, no I/O, no randomness.

pub mod checked_lines;
pub mod health;
pub mod model;
pub mod text;
pub mod traffic;
