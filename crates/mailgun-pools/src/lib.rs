//! A client of Mailgun's Dynamic IP Pools API.
//!
//! - [`transport`]: requests, responses, and the [`Transport`](transport::Transport) trait that sends them;
//! - [`wire`]: the published contract: paths, queries, bodies, dates, paging, error shapes;
//! - [`api`]: the [`Client`](api::Client), with one method per operation and one error type.

pub mod api;
pub mod transport;
pub mod wire;
