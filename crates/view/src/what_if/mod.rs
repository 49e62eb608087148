//! What the What-if page says and draws, apart from how. Pure.

pub mod calibration;
pub mod counterfactual;
pub mod domain;
pub mod report;
