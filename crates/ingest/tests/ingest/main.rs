//! Tests of reading CSV files.

mod files;
mod imports;
mod properties;
