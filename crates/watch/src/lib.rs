//! What an account's past and present give reason to say: moves, moves to come, and who hears of them.
//!
//! Pure: no clock, no I/O. A program reads an account and hands what it saw to [`WatchMemory::observe`], which gives the
//! notices that are new since. [`WatchState`] is what all of it adds up to, entry by entry, so that it can be kept in a file that
//! is only appended to.

mod conditions;
mod digest;
mod memory;
mod moves;
mod notice;
mod observe;
mod pools;
mod routing;
mod score;
mod settings;
mod simulated_past;
mod state;
mod traffic;

pub use digest::{Digest, DigestPart};
pub use memory::{OpenCondition, WatchMemory};
pub use notice::{NoticeFacts, NoticeKind, WatchNotice, notice_id};
pub use observe::{AccountSight, IpsSeen, OverrideEnd};
pub use routing::{DigestPeriod, QuietHours, WatchRule, matches_pattern};
pub use score::{PastDomain, PastMove, Predictor, WarningScore, score_warnings};
pub use settings::WatchSettings;
pub use simulated_past::simulated_past;
pub use state::{OutMessage, OutgoingContent, ToldNotice, WatchEntry, WatchState};
pub use traffic::RecentTraffic;
