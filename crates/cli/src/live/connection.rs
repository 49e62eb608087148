//! The way to a live account: paced by its limits, reads repeated, changes held back where a command only reads.

use super::TargetArgs;
use super::listing::OutputFormat;
use crate::Failure;
use crate::accounts::AccountConfig;
use crate::clock::now_utc;
use crate::terminal::say;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{self, ApiError, ApiErrorKind, Client};
use mailgun_pools::transport::{
    ConcurrencyLimit, NativeSender, Pacing, ReadOnlyGuard, Retry, RetryEnv, RetryPolicy, RetryWait, Transport,
};
use poolkeeper_account::record::RecordAccount;
use poolkeeper_core::model::AccountId;
use poolkeeper_core::text;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Requests under way at once, as in the console.
const AT_ONCE: usize = 8;

/// From the first byte sent to the last received, milliseconds.
const TIMEOUT_MS: u32 = 30_000;

/// A connected account.
pub(crate) struct LiveConnection {
    pub(super) client: Client,
    pub(super) account: AccountConfig,
    pub(super) output: OutputFormat,
}

impl LiveConnection {
    /// Finds the account and reads its key.
    pub(super) fn open(target: &TargetArgs, may_change: bool) -> Result<Self, Failure> {
        let account = chosen(target)?;
        if may_change && !target.accounts.is_one() && !account.may_change {
            return Err(Failure(format!(
                "account “{}” is read-only. To change it, write allow_changes = true in its file",
                account.name
            )));
        }
        let key = account.key_source.read(&account.name)?;
        let sender = NativeSender::new(account.base.clone(), key, TIMEOUT_MS);
        let paced = Pacing::new(Rc::new(sender), Box::new(now_utc), Rc::new(sleep));
        let limited = ConcurrencyLimit::new(Rc::new(paced), AT_ONCE);
        let env = RetryEnv {
            now: Box::new(now_utc),
            sleep: Box::new(sleep),
            on_wait: Box::new(say_wait),
            is_read: api::is_read,
        };
        // The seed only has to differ between programs that are turned away at the same time.
        let seed = u64::from(std::process::id());
        let retry: Rc<dyn Transport> = Rc::new(Retry::new(Rc::new(limited), RetryPolicy::default(), env, seed));
        let guarded = ReadOnlyGuard::new(retry, Rc::new(Cell::new(may_change)), api::is_read);
        Ok(Self {
            client: Client::new(Rc::new(guarded)).on_behalf_of(account.on_behalf_of.clone().map(AccountId)),
            account,
            output: OutputFormat::of(target),
        })
    }

    /// The account as the record names it.
    pub(super) fn recorded(&self) -> RecordAccount {
        RecordAccount {
            name: self.account.name.clone(),
            address: self.account.base.as_str().to_owned(),
            on_behalf_of: self.client.acts_for().cloned(),
        }
    }
}

fn chosen(target: &TargetArgs) -> Result<AccountConfig, Failure> {
    let mut accounts = target.accounts.configs()?;
    let names = |accounts: &[AccountConfig]| {
        let names: Vec<String> = accounts.iter().map(|account| account.name.clone()).collect();
        text::listed(&names, 8)
    };
    match (&target.account, accounts.len()) {
        (_, 0) => Err(Failure(
            "no account: name one with --live us, --live eu or --live URL, or write a file of accounts".to_owned(),
        )),
        (None, 1) => Ok(accounts.swap_remove(0)),
        (None, _) => Err(Failure(format!(
            "the file has several accounts: choose one with --account ({})",
            names(&accounts)
        ))),
        (Some(name), _) => match accounts.iter().position(|account| account.name == *name) {
            Some(at) => Ok(accounts.swap_remove(at)),
            None => Err(Failure(format!(
                "the file has no account “{name}”, only {}",
                names(&accounts)
            ))),
        },
    }
}

pub(super) fn sleep(ms: u64) -> LocalBoxFuture<'static, ()> {
    Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
}

fn say_wait(wait: Option<RetryWait>) {
    if let Some(wait) = wait {
        say(&format!(
            "waiting {}: {}. Attempt {} of {} follows",
            text::duration_ms(wait.for_ms),
            wait.why,
            wait.attempt,
            wait.attempts
        ));
    }
}

/// An error of the service: what happened, and what to do on a terminal.
pub(super) fn failure(doing: &str, error: &ApiError) -> Failure {
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
