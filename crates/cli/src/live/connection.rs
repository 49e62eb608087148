//! The way to a live account: which one, and how its client prints what it waits for.

use super::TargetArgs;
use super::listing::OutputFormat;
use crate::Failure;
use crate::account_client::connect;
use crate::accounts::AccountConfig;
use crate::terminal::say;
use mailgun_pools::api::Client;
use mailgun_pools::transport::RetryWait;
use poolkeeper_account::record::RecordAccount;
use poolkeeper_core::text;

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
        let client = connect(&account, may_change, say_wait, |sender| sender)?;
        Ok(Self {
            client,
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
