//! The texts and charts of the What-if page.

pub mod calibration;
pub mod counterfactual;
pub mod domain;
pub mod report;
