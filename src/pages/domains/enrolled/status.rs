//! Where the reading of the enrolled domains stands.

use crate::browser;
use crate::components::WorkProgress;
use mailgun_pools::api::ApiError;

/// Where the reading stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ListPhase {
    /// Nothing has come yet.
    #[default]
    Waiting,
    /// Pages are coming in.
    Reading,
    /// Everything is there.
    Complete,
    /// A person stopped it before the end.
    Stopped,
    /// A page failed.
    Failed(ApiError),
}

/// How far the reading is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListStatus {
    /// Where it stands.
    pub phase: ListPhase,
    /// Whether rows of an earlier reading are shown meanwhile.
    pub is_refresh: bool,
    /// Domains read.
    pub done: u64,
    /// Domains there are, as the service says.
    pub total: Option<u64>,
    /// When it began, on the page's clock.
    pub(super) began_ms: f64,
}

impl ListStatus {
    /// For a progress bar.
    #[must_use]
    pub fn work(&self) -> WorkProgress {
        WorkProgress {
            what: if self.is_refresh {
                "Refreshing domains"
            } else {
                "Loading domains"
            }
            .to_owned(),
            done: self.done,
            total: self.total,
            elapsed_ms: browser::now_ms() - self.began_ms,
        }
    }
}
