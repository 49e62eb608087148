//! The dispatcher of requests that read.

use super::read_context::ReadContext;
use super::{Rejection, domains, history, metrics, senders, support};
use mailgun_pools::transport::Response;
use mailgun_pools::wire::{MatchedPath, Operation};

/// Answers a read; `None` for an operation that changes something.
pub(super) fn answer(found: &MatchedPath, context: &ReadContext<'_>) -> Option<Result<Response, Rejection>> {
    Some(match found.operation {
        Operation::ListPools => Ok(support::pools(context)),
        Operation::ListAssignable => domains::assignable(context),
        Operation::ListDomains => domains::list(context),
        Operation::Preview => domains::preview(context, found.value(0)),
        Operation::DomainHistory => history::of_domain(context, found.value(0)),
        Operation::History => history::list(context),
        Operation::ListIps => support::ips(context),
        Operation::GetIp => support::ip(context, found.value(0)),
        Operation::ListWarmUps => support::warm_ups(context),
        Operation::ListIpPools => Ok(support::ip_pools(context)),
        Operation::ListSubaccounts => support::subaccounts(context),
        Operation::Metrics => metrics::answer(context),
        Operation::IpSettings => Ok(support::ip_settings()),
        Operation::ListAccountDomains => domains::account_domains(context),
        Operation::ListIpDomains => senders::ip_domains(context, found.value(0)),
        Operation::ListPoolDomains => senders::pool_domains(context, found.value(0)),
        _ => return None,
    })
}
