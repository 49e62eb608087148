//! The pages, one file or folder each.

mod changes;
mod domain;
mod domains;
mod history;
mod not_found;
mod overview;
mod pools;
mod record;
mod settings;
mod what_if;

pub(crate) use changes::WhatChanged;
pub(crate) use domain::Domain;
pub(crate) use domains::Domains;
pub(crate) use history::History;
pub(crate) use not_found::NotFound;
pub(crate) use overview::{HeldPools, LiveOverview, Overview};
pub(crate) use pools::Pools;
pub(crate) use record::Record;
pub(crate) use settings::Settings;
pub(crate) use what_if::WhatIf;
