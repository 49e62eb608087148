//! Poolkeeper: a console, simulator and what-if lab for Mailgun's Dynamic IP Pools.
