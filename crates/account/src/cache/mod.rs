//! One copy of an account's lists: read once, side by side, and brought up to date by changes and by history since.

mod domain_reader;
mod history_reader;
mod patch;
pub(crate) mod walk_set;

pub use domain_reader::{DomainProgress, DomainReader};
pub use history_reader::{HistoryReader, history_since, newest_record};
pub use patch::{apply_history, apply_writes, merge};
