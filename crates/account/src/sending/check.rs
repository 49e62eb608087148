//! Whether a change of which the answer is lost was made, by reading the account.

use crate::fork::dry_run_copy::enrolled;
use mailgun_pools::api::{ApiError, Client, Write};
use poolkeeper_core::model::{Band, DomainName, Pools};

/// Whether the account is in the state that a change asks for; `None` where reading can't show it.
///
/// # Errors
/// When the account can't be read.
pub async fn is_made(client: &Client, write: &Write) -> Result<Option<bool>, ApiError> {
    match write {
        Write::EnrollAll { .. } | Write::CancelWarmUp { .. } | Write::LinkIps { .. } => Ok(None),
        Write::SetPools(_) | Write::RemovePools | Write::AddIp { .. } | Write::ChangePool { .. } => {
            Ok(Some(is_in_pools(&client.pools().await?, write)))
        }
        Write::Enroll { domain, .. }
        | Write::RemoveDomain { domain, .. }
        | Write::SetOverride { domain, .. }
        | Write::RemoveOverride { domain } => is_of_domain(client, domain, write).await,
    }
}

async fn is_of_domain(client: &Client, name: &DomainName, write: &Write) -> Result<Option<bool>, ApiError> {
    let domain = enrolled(client, name).await?;
    Ok(match write {
        Write::Enroll { .. } => Some(domain.is_some()),
        Write::RemoveDomain { .. } => Some(domain.is_none()),
        Write::SetOverride { pool, .. } => {
            Some(domain.is_some_and(|domain| domain.is_overridden == Some(true) && domain.pool == *pool))
        }
        Write::RemoveOverride { .. } => Some(domain.is_some_and(|domain| domain.is_overridden == Some(false))),
        _ => None,
    })
}

fn is_in_pools(pools: &Pools, write: &Write) -> bool {
    let of = |wanted: &poolkeeper_core::model::PoolName| pools.0.iter().find(|pool| pool.name == *wanted);
    match write {
        Write::RemovePools => !pools.is_configured(),
        Write::AddIp { pool, ip } => of(pool).is_some_and(|pool| pool.ips.contains(ip)),
        Write::ChangePool { pool, add, remove } => of(pool).is_some_and(|pool| {
            add.iter().all(|ip| pool.ips.contains(ip)) && !remove.iter().any(|ip| pool.ips.contains(ip))
        }),
        Write::SetPools(wanted) => Band::ALL.into_iter().all(|band| {
            pools.of(band).is_some_and(|pool| {
                let ips = wanted.of(band);
                pool.ips.len() == ips.len() && ips.iter().all(|ip| pool.ips.contains(ip))
            })
        }),
        _ => false,
    }
}
