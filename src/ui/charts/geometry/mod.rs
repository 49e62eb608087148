//! Where things stand in a chart. Pure.
