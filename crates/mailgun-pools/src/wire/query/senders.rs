//! Queries for the domains that send from an IP or a dedicated pool.

use super::lists::{QueryPairs, limit, put};
use super::params::{InvalidParam, RequestParams};
use poolkeeper_core::model::Ip;
use serde::{Deserialize, Serialize};

/// A query for the domains that send from an IP (operation 26).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IpDomainsQuery {
    /// The IP.
    pub ip: Ip,
    /// Most items in a page; the service's default of 10 when `None`.
    pub limit: Option<u32>,
    /// Items to skip.
    pub skip: u64,
}

impl IpDomainsQuery {
    /// As query pairs. The IP is part of the path.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "limit", self.limit);
        put(&mut pairs, "skip", (self.skip > 0).then_some(self.skip));
        pairs
    }

    /// From an IP and query pairs.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(ip: Ip, params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        Ok(Self {
            ip,
            limit: limit(params, "limit", 1_000)?,
            skip: params.whole("skip", 0, u64::MAX)?.unwrap_or_default(),
        })
    }
}

/// A query for the domains linked to a standard dedicated pool (operation 27).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PoolDomainsQuery {
    /// The pool's identifier.
    pub pool_id: String,
    /// Most items in a page, 10–500; the service's default of 10 when `None`.
    pub limit: Option<u32>,
}

impl PoolDomainsQuery {
    /// As query pairs. The pool is part of the path.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "limit", self.limit);
        pairs
    }

    /// From a pool and query pairs.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(pool_id: &str, params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        let limit = params.whole("limit", 10, 500)?;
        Ok(Self {
            pool_id: pool_id.to_owned(),
            limit: limit.and_then(|limit| u32::try_from(limit).ok()),
        })
    }
}
