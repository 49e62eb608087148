//! Tests of reading CSV files.

mod files;
mod formats;
mod imports;
mod mutations;
mod properties;
