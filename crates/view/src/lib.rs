//! The console's logic that needs no browser: filters, texts, chart geometry, addresses and exports.

pub mod change_sheet;
pub mod changes;
pub mod charts;
pub mod closest;
pub mod column_choice;
pub mod counterfactual;
pub mod domain_columns;
pub mod enrolled_rows;
pub mod export;
pub mod filters;
pub mod former_replacement;
pub mod glossary;
pub mod held;
pub mod history_filters;
pub mod labels;
pub mod last_moves;
pub mod overview_summary;
pub mod paged_list;
pub mod palette_intents;
pub mod record_time;
pub mod replacement;
pub mod routes;
pub mod saved_views;
mod sort;
pub mod tour;
pub mod url_state;
pub mod verdict;
pub mod virtual_rows;
pub mod what_if;

pub use sort::Sort;
