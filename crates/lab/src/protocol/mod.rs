//! What passes between a page and the lab's workers, without a browser.
//!
//! A page asks from several [query slots](line::RequestQueue). One worker answers them in turn; sweeps go to several workers, each with
//! the traffic of some of the domains, and their answers are [added up](gather::ShardMerge). Traffic crosses in
//! [parts](outbox::Upload) of about a megabyte, each sent when an earlier one has arrived, so that neither thread is held
//! up by a large table. A worker looks for messages every few milliseconds ([`reception`]).

pub mod message;
pub mod request_queue;
pub mod session;
pub mod shard_merge;
pub mod upload;
