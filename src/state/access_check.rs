//! A test of a connection: what is there, or why it can't be reached.

use super::account::Account;
use super::connection_form::{ConnectionForm, Region};
use mailgun_pools::api::{ApiError, ApiErrorKind, Client, DomainsQuery, SubaccountsQuery};
use mailgun_pools::transport::browser::{BrowserSender, Reachability, probe};
use poolkeeper_core::text;
use std::rc::Rc;

/// What a test of a connection waits for an answer, milliseconds: a person stands by.
const TEST_TIMEOUT_MS: u32 = 15_000;

/// What a test of a connection found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AccessCheck {
    /// It works: what is there, a line each.
    Account(Vec<String>),
    /// It does not: why, and what to do.
    Problem {
        /// What happened.
        happened: String,
        /// What to do about it.
        to_do: String,
    },
}

/// Asks an address what is there. Reads only, notes its requests in the log, and waits for nothing twice.
pub(crate) async fn test(account: Account, entry: &ConnectionForm) -> AccessCheck {
    let live = BrowserSender::new(entry.base.clone(), entry.key.clone(), TEST_TIMEOUT_MS);
    let client = Client::new(account.log().around(Rc::new(live))).on_behalf_of(entry.acts_for.clone());
    let pools = match client.pools().await {
        Ok(pools) => pools,
        Err(error) => return problem(&error, entry).await,
    };
    let mut lines = vec![if pools.is_configured() {
        let ips = pools.0.iter().map(|pool| pool.ips.len() as u64).sum();
        format!("Dynamic pools with {}", text::counted(ips, "IP"))
    } else {
        "Dynamic pools, not set up".to_owned()
    }];
    let one = DomainsQuery {
        limit: Some(1),
        ..DomainsQuery::default()
    };
    lines.push(match client.domains(&one).await {
        Ok(page) => counted_or(page.total, page.items.len(), "enrolled domain"),
        Err(error) => format!("Cannot read its domains: {}", error.advice().happened),
    });
    let one = SubaccountsQuery {
        limit: Some(1),
        ..SubaccountsQuery::default()
    };
    lines.push(match client.subaccounts(&one).await {
        Ok(page) => counted_or(page.total, page.items.len(), "subaccount"),
        Err(error) => format!("Cannot read its subaccounts: {}", error.advice().happened),
    });
    AccessCheck::Account(lines)
}

fn counted_or(total: Option<u64>, seen: usize, noun: &str) -> String {
    match total {
        Some(total) => text::counted(total, noun),
        None if seen == 0 => format!("No {noun}"),
        None => format!("{noun}s, number unknown"),
    }
}

async fn problem(error: &ApiError, entry: &ConnectionForm) -> AccessCheck {
    let advice = error.advice();
    let words = |happened: String, to_do: String| AccessCheck::Problem { happened, to_do };
    let address = entry.base.as_str();
    let is_proxy_missing = error.is_web_page || matches!(error.kind, ApiErrorKind::NotJson | ApiErrorKind::NotFound);
    match error.kind {
        ApiErrorKind::Unreachable => match probe(&entry.base, TEST_TIMEOUT_MS).await {
            Reachability::Forbidden => words(
                format!("This page's Content-Security-Policy blocks {address}"),
                "Use a proxy on this page's origin, or add the address to the policy (see docs/hosting.md).".to_owned(),
            ),
            Reachability::Withheld => words(
                format!("{address} answers, but does not allow web pages of other origins (CORS)"),
                "Mailgun's own addresses are like that. Put a reverse proxy on this page's origin, as docs/hosting.md \
                 shows; a simulator's server lets pages in when started with --cors."
                    .to_owned(),
            ),
            Reachability::Silent => words(
                format!("No answer from {address}"),
                "Check the name and port, that the server is running, and that the browser trusts its certificate."
                    .to_owned(),
            ),
        },
        _ if is_proxy_missing && entry.region != Region::Other => words(
            format!("No reverse proxy for Mailgun answers at {address}: {}", advice.happened),
            "Ask the host of this page to add one (see docs/hosting.md), or enter another address.".to_owned(),
        ),
        _ => words(advice.happened, advice.to_do),
    }
}
