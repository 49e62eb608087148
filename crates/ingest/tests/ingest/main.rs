//! Reading files of daily counts.

mod files;
mod properties;
