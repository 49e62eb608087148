//! The pages, one file or folder each.

mod domain;
mod domains;
mod history;
mod not_found;
mod overview;
mod pools;
mod settings;
mod what_if;

pub use domain::Domain;
pub use domains::Domains;
pub use history::History;
pub use not_found::NotFound;
pub use overview::{LiveOverview, Overview};
pub use pools::Pools;
pub use settings::Settings;
pub use what_if::WhatIf;
