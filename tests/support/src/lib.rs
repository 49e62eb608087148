//! Made traffic and slow models that tests of several crates share.

pub mod random;
pub mod slow_model;
pub mod sweep_case;
pub mod sweep_naive;
pub mod traffic;
