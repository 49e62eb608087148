//! The what-if lab in workers of the browser: the page's end and the worker's end.
//!
//! The protocol is in `poolkeeper_lab::protocol`. If no worker can be started, the page does the same work itself, in
//! slices.

mod codec;
mod lab_worker;
mod script;
mod worker_client;
mod worker_pool;

pub use lab_worker::register;
pub use worker_pool::{PoolEvent, WorkerPool};
