//! The banding rule: what a health check makes of a domain's counts.
//!
//! A [`Policy`] is the complete set of choices the service leaves unpublished. One check turns the window's
//! [`Counts`](crate::model::Counts) into a [`Vote`]; a [`Latch`] turns votes into the domain's band. Everything is
//! exact integer arithmetic, so native code and the browser agree to the bit.

mod explain;
mod latch;
mod policy;
mod presets;
mod vote;

pub use explain::{Explanation, FewerEvents, Interval, MetricExplanation, MoreEvents, explain, wilson};
pub use latch::Latch;
pub use policy::{BelowMinimum, InvalidPolicy, MetricPolicy, PPM, Policy};
pub use presets::{PRESETS, Preset};
pub use vote::{Check, Metric, Vote, check, metric_vote};
