//! Tests of reading CSV files.

mod compressed;
mod events;
mod files;
mod formats;
mod imports;
mod mapping;
mod mutations;
mod properties;
mod round_trip;
mod several_files;
mod variants;
