//! The protocol between a page and the lab's workers, without a browser.
//!
//! A page queries from several [client slots](request_queue::RequestQueue), and one worker answers them in turn. Sweeps
//! go to several workers, each with the traffic of some domains, and their answers are
//! [merged](shard_merge::ShardMerge). Traffic is sent in [chunks](upload::Upload) of about a megabyte. Each waits for
//! an earlier one to arrive, so that a large table blocks neither thread. A worker reads messages every few
//! milliseconds ([`session`]).

pub mod message;
pub mod request_queue;
pub mod session;
pub mod shard_merge;
pub mod upload;
