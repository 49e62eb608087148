//! What the What-if page says and draws, apart from how. Pure.

pub mod calibration;
pub mod domain;
pub mod report;
pub mod ways;
