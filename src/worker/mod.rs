//! The what-if lab off the page's thread: what passes between a page and its workers, and both ends of it.
//!
//! A page asks from several [seats](line::Line). One worker answers them in turn; sweeps go to several workers, each with
//! the traffic of some of the domains, and their answers are [added up](gather::Gather). Traffic crosses in
//! [parts](outbox::Outbox) of about a megabyte, each sent when an earlier one has arrived, so that neither thread is held
//! up by a large table. A worker looks for messages every few milliseconds ([`reception`]).
//!
//! All of that is plain code, tested natively; what touches the browser stands behind the feature `worker`. Where no worker
//! can be started, the page does the same work itself, in slices.

pub mod gather;
pub mod line;
pub mod message;
pub mod outbox;
pub mod reception;

#[cfg(feature = "worker")]
mod codec;
#[cfg(feature = "worker")]
mod crew;
#[cfg(feature = "worker")]
mod hand;
#[cfg(feature = "worker")]
mod lab_worker;
#[cfg(feature = "worker")]
mod script;

#[cfg(feature = "worker")]
pub use crew::{Crew, News};
#[cfg(feature = "worker")]
pub use lab_worker::register;
