//! What one does to an account, live or simulated: copy it, try a change on the copy, send it, keep a record of it.

pub mod cache;
pub mod change;
pub mod forecast;
pub mod fork;
pub mod former_senders;
pub mod ip_inventory;
pub mod load;
pub mod pasted_ips;
pub mod pool_change;
pub mod record;
pub mod sending;
