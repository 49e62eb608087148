//! Tests of reading CSV files.

mod compressed;
mod events;
mod files;
mod formats;
mod imports;
mod mapping;
mod mutations;
mod properties;
mod several_files;
mod variants;
