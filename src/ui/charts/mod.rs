//! Charts: geometry apart from drawing.

pub mod geometry;
