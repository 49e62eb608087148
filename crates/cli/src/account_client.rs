//! The client of a live account: paced by its limits, reads repeated, changes held back where they are not wanted.

use crate::Failure;
use crate::accounts::AccountConfig;
use crate::clock::now_utc;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{self, ApiError, ApiErrorKind, Client};
use mailgun_pools::transport::{
    ConcurrencyLimit, NativeSender, Pacing, ReadOnlyGuard, Retry, RetryEnv, RetryPolicy, RetryWait, Transport,
};
use poolkeeper_core::model::AccountId;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Requests under way at once, as in the console.
const AT_ONCE: usize = 8;

/// From the first byte sent to the last received, milliseconds.
const TIMEOUT_MS: u32 = 30_000;

/// A client of an account. Reads its key. `decorate` wraps what sends, such as with a counter of requests.
///
/// # Errors
/// [`Failure`] when the key can't be read.
pub(crate) fn connect(
    account: &AccountConfig,
    may_change: bool,
    on_wait: fn(Option<RetryWait>),
    decorate: impl FnOnce(Rc<dyn Transport>) -> Rc<dyn Transport>,
) -> Result<Client, Failure> {
    let key = account.key_source.read(&account.name)?;
    let sender = decorate(Rc::new(NativeSender::new(account.base.clone(), key, TIMEOUT_MS)));
    let paced = Pacing::new(sender, Box::new(now_utc), Rc::new(sleep));
    let limited = ConcurrencyLimit::new(Rc::new(paced), AT_ONCE);
    let env = RetryEnv {
        now: Box::new(now_utc),
        sleep: Box::new(sleep),
        on_wait: Box::new(on_wait),
        is_read: api::is_read,
    };
    // The seed only has to differ between programs that are turned away at the same time.
    let seed = u64::from(std::process::id());
    let retry: Rc<dyn Transport> = Rc::new(Retry::new(Rc::new(limited), RetryPolicy::default(), env, seed));
    let guarded = ReadOnlyGuard::new(retry, Rc::new(Cell::new(may_change)), api::is_read);
    Ok(Client::new(Rc::new(guarded)).on_behalf_of(account.on_behalf_of.clone().map(AccountId)))
}

/// Waits.
pub(crate) fn sleep(ms: u64) -> LocalBoxFuture<'static, ()> {
    Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
}

/// An error of the service: what happened, and what to do on a terminal.
pub(crate) fn failure(doing: &str, error: &ApiError) -> Failure {
    let happened = error.advice().happened;
    let to_do = match error.kind {
        ApiErrorKind::Unauthorized => "Check the API key and the region.",
        ApiErrorKind::Forbidden => "The key's role may not suffice, or the account may not have Dynamic IP Pools.",
        ApiErrorKind::Unreachable | ApiErrorKind::Offline | ApiErrorKind::TimedOut(_) => {
            "Check the address and the network."
        }
        ApiErrorKind::RateLimited(_) | ApiErrorKind::Server(_) | ApiErrorKind::Broken => "Try again later.",
        ApiErrorKind::NotJson | ApiErrorKind::OtherStatus => "Check the address: this is not Mailgun's API.",
        _ => "",
    };
    Failure(
        format!("{doing}: {}. {to_do}", happened.trim_end_matches('.'))
            .trim_end()
            .to_owned(),
    )
}
