//! What one does to an account, live or simulated: copy it, try a change on the copy, send many changes.

pub mod bulk;
pub mod change;
pub mod forecast;
pub mod fork;
