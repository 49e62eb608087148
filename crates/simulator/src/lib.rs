//! An account of Mailgun's Dynamic IP Pools, simulated.
//!
//! - [`sim`]: the account itself: a closed set of commands, a clock, a seed;
//! - [`persistence`]: what is kept of an account, so that a reload, a crash or a second tab loses nothing;
//! - [`server`]: its HTTP face, which answers the published contract.
//!
//! # Examples
//!
//! A client reads all enrolled domains of a simulated account, page by page, and pins the first to a pool:
//!
//! ```
//! use futures::FutureExt;
//! use mailgun_pools::api::{Client, DomainsQuery, Paginator, Write};
//! use poolkeeper_core::model::{Band, PoolName};
//! use poolkeeper_simulator::server::Simulator;
//! use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
//!
//! let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 40, 7)?;
//! let simulator = Simulator::new(Sim::scenario(&spec));
//! let client = Client::new(simulator.transport());
//!
//! let work = async {
//!     let query = DomainsQuery { limit: Some(10), ..DomainsQuery::default() };
//!     let mut pages = Paginator::new(client.clone(), query);
//!     let mut domains = Vec::new();
//!     while let Some(page) = pages.next_page().await? {
//!         domains.extend(page);
//!     }
//!     assert!(pages.progress().pages > 1);
//!
//!     let first = domains.first().expect("a scenario enrolls domains");
//!     let pool = PoolName::Known(Band::Poor);
//!     client.write(&Write::SetOverride { domain: first.name.clone(), pool: pool.clone() }).await?;
//!     let poor = client.domains(&DomainsQuery { limit: Some(100), pools: vec![pool], ..DomainsQuery::default() }).await?;
//!     assert!(poor.items.iter().any(|domain| domain.name == first.name && domain.is_overridden == Some(true)));
//!     Ok::<(), mailgun_pools::api::ApiError>(())
//! };
//! // The simulator never waits. Over the network, any executor drives the same code.
//! work.now_or_never().expect("an answer at once")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod persistence;
pub mod server;
pub mod sim;
