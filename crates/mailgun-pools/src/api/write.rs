//! Changes as values, so that what is confirmed is what is sent.

use super::ApiError;
use crate::transport::{Body, Request};
use crate::wire::Operation;
use poolkeeper_core::model::{AccountId, Band, DomainName, Ip, PoolIps, PoolName, Replacement, ReplacementIp};
use serde::{Deserialize, Serialize};

/// A change that the client can send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// Replace the IPs of all three pools (R5).
    SetPools(PoolIps),
    /// Remove all three pools (R6).
    RemovePools,
    /// Add one IP to a pool.
    AddIp {
        /// The pool.
        pool: PoolName,
        /// The IP.
        ip: Ip,
    },
    /// Add and remove IPs of a pool, all or nothing.
    ChangePool {
        /// The pool.
        pool: PoolName,
        /// IPs to add.
        add: Vec<Ip>,
        /// IPs to remove.
        remove: Vec<Ip>,
    },
    /// Enroll a domain.
    Enroll {
        /// The domain.
        domain: DomainName,
        /// The IP to return to, by the documentation. Official clients omit it.
        replacement: Option<ReplacementIp>,
    },
    /// Take a domain out of the pools (R7).
    RemoveDomain {
        /// The domain.
        domain: DomainName,
        /// Where it sends from afterwards.
        replacement: Replacement,
    },
    /// Start enrolling every domain (R8).
    EnrollAll {
        /// With the subaccounts' domains.
        include_subaccounts: bool,
    },
    /// Pin a domain's pool (R10).
    SetOverride {
        /// The domain.
        domain: DomainName,
        /// The pool.
        pool: PoolName,
    },
    /// Unpin a domain's pool.
    RemoveOverride {
        /// The domain.
        domain: DomainName,
    },
    /// End an IP's warm-up, so that it counts as warm (R3).
    CancelWarmUp {
        /// The IP.
        ip: Ip,
    },
    /// Link IPs to subaccounts and unlink others (R13).
    LinkIps {
        /// The subaccounts.
        subaccounts: Vec<AccountId>,
        /// IPs to link.
        link: Vec<Ip>,
        /// IPs to unlink.
        unlink: Vec<Ip>,
    },
}

/// The service's response to a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Its message, such as `success` or `started`, if any.
    pub message: Option<String>,
}

impl Write {
    /// The domain that it changes; `None` where it changes pools, or every domain.
    #[must_use]
    pub const fn domain(&self) -> Option<&DomainName> {
        match self {
            Self::Enroll { domain, .. }
            | Self::RemoveDomain { domain, .. }
            | Self::SetOverride { domain, .. }
            | Self::RemoveOverride { domain } => Some(domain),
            Self::SetPools(_)
            | Self::RemovePools
            | Self::AddIp { .. }
            | Self::ChangePool { .. }
            | Self::CancelWarmUp { .. }
            | Self::LinkIps { .. }
            | Self::EnrollAll { .. } => None,
        }
    }

    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::SetPools(_) => Operation::SetPools,
            Self::RemovePools => Operation::RemovePools,
            Self::AddIp { .. } => Operation::AddIp,
            Self::ChangePool { .. } => Operation::ChangePool,
            Self::Enroll { .. } => Operation::Enroll,
            Self::RemoveDomain { .. } => Operation::RemoveDomain,
            Self::EnrollAll { .. } => Operation::EnrollAll,
            Self::SetOverride { .. } => Operation::SetOverride,
            Self::RemoveOverride { .. } => Operation::RemoveOverride,
            Self::CancelWarmUp { .. } => Operation::CancelWarmUp,
            Self::LinkIps { .. } => Operation::LinkIps,
        }
    }

    /// The request exactly as the client sends it, except for the subaccount acted for.
    ///
    /// # Errors
    /// [`ApiError`] when a name can't be part of a path.
    pub fn request(&self) -> Result<Request, ApiError> {
        let operation = self.operation();
        let build = |values: &[&str]| request(operation, values);
        match self {
            Self::SetPools(pools) => Ok(build(&[])?.body(Body::Form(pool_fields(pools)))),
            Self::RemovePools => build(&[]),
            Self::AddIp { pool, ip } => build(&[pool.as_str(), ip.as_str()]),
            Self::ChangePool { pool, add, remove } => {
                let fields = [("add_ip", add), ("remove_ip", remove)];
                let fields = fields
                    .into_iter()
                    .flat_map(|(key, ips)| ips.iter().map(move |ip| (key, ip)));
                let fields = fields.map(|(key, ip)| (key.to_owned(), ip.to_string()));
                Ok(build(&[pool.as_str()])?.body(Body::Form(fields.collect())))
            }
            Self::Enroll { domain, replacement } => {
                let request = build(&[domain.as_str()])?;
                Ok(match replacement {
                    None => request,
                    Some(ReplacementIp::Shared) => request.query("replacement_ip", "shared"),
                    Some(ReplacementIp::Ip(ip)) => request.query("replacement_ip", ip.as_str()),
                })
            }
            Self::RemoveDomain { domain, replacement } => {
                let request = build(&[domain.as_str()])?;
                Ok(match replacement {
                    Replacement::Shared => request.query("replacement_ip", "shared"),
                    Replacement::Ips(ips) => ips
                        .iter()
                        .fold(request, |request, ip| request.query("replacement_ip", ip.as_str())),
                    Replacement::DedicatedPool(id) => request.query("replacement_pool_id", id),
                })
            }
            Self::EnrollAll { include_subaccounts } => {
                Ok(build(&[])?.query("include_subaccounts", include_subaccounts.to_string()))
            }
            Self::SetOverride { domain, pool } => {
                let field = ("pool".to_owned(), pool.to_string());
                Ok(build(&[domain.as_str()])?.body(Body::Form(vec![field])))
            }
            Self::RemoveOverride { domain } => build(&[domain.as_str()]),
            Self::CancelWarmUp { ip } => build(&[ip.as_str()]),
            Self::LinkIps {
                subaccounts,
                link,
                unlink,
            } => {
                let field = |key: &str, value: &dyn ToString| (key.to_owned(), value.to_string());
                let accounts = subaccounts.iter().map(|id| field("subaccount_id", id));
                let linked = link.iter().map(|ip| field("link_ip", ip));
                let unlinked = unlink.iter().map(|ip| field("unlink_ip", ip));
                Ok(build(&[])?.body(Body::Form(accounts.chain(linked).chain(unlinked).collect())))
            }
        }
    }
}

/// A request of an operation without query or body.
pub(super) fn request(operation: Operation, values: &[&str]) -> Result<Request, ApiError> {
    let path = operation.path(values).map_err(ApiError::from)?;
    Ok(Request::new(operation.method(), path))
}

fn pool_fields(pools: &PoolIps) -> Vec<(String, String)> {
    let fields = Band::ALL
        .into_iter()
        .flat_map(|band| pools.of(band).iter().map(move |ip| (band, ip)));
    fields
        .map(|(band, ip)| (band.reputation_key().to_owned(), ip.to_string()))
        .collect()
}
