//! A client of Mailgun's Dynamic IP Pools API.
//!
//! - [`transport`]: requests, responses, and the [`Transport`](transport::Transport) trait that everything remote goes through;
//! - [`wire`]: the published contract: paths, queries, bodies, dates, paging, error shapes;
//! - [`api`]: the [`Client`](api::Client), one method an operation, one error type.

pub mod api;
pub mod transport;
pub mod wire;
