//! The protocol between a page and the lab's workers, without a browser.
//!
//! A page asks from several [client slots](request_queue::RequestQueue). One worker answers them in turn. Sweeps go to
//! several workers, each with the traffic of some of the domains, and their answers are
//! [merged](shard_merge::ShardMerge). Traffic crosses in [chunks](upload::Upload) of about a megabyte; each waits for an
//! earlier one to arrive, so that a large table holds up neither thread. A worker looks for messages every few milliseconds
//! ([`session`]).

pub mod message;
pub mod request_queue;
pub mod session;
pub mod shard_merge;
pub mod upload;
