//! The what-if lab: what would other policies have done to this traffic?

pub mod sweep;
