//! The banding rule: a health check turns a domain's counts into its band.
//!
//! A [`Policy`] holds every parameter that the service leaves unpublished. [`check`] turns the window's
//! [`Counts`](crate::model::Counts) into a [`Vote`]; [`Latch::next_band`] turns votes into the domain's band. All
//! arithmetic is exact and integer, so native code and the browser agree to the bit.

mod explain;
mod latch;
mod param;
mod policy;
mod presets;
mod vote;

pub use explain::{Explanation, FewerEvents, Interval, MetricExplanation, MoreEvents, explain, wilson};
pub use latch::Latch;
pub use param::PolicyParam;
pub use policy::{BelowMinimum, InvalidPolicy, MetricPolicy, PPM, Policy};
pub use presets::{PRESETS, Preset};
pub use vote::{Check, Metric, Vote, check, metric_vote};
