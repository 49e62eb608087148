//! Tests of reading CSV files.

mod files;
mod properties;
