//! The live accounts that this program may reach, and where their keys are.

mod config;
mod file;
mod key;

pub(crate) use config::{AccountConfig, KeyedAccount, LiveAddress, is_identifier, name_of};
pub(crate) use file::{decode_accounts, read, usual_path};
pub(crate) use key::{KeySource, USUAL_VARIABLE};

use crate::Failure;
use std::path::PathBuf;

/// Which accounts, and where their keys are.
#[derive(clap::Args)]
pub(crate) struct AccountArgs {
    /// Live account: us, eu or a URL; default: the accounts of the file
    #[arg(long, value_name = "WHERE")]
    live: Option<String>,
    /// File of accounts; default: poolkeeper/poolkeeper.toml in your configuration folder
    #[arg(long, value_name = "FILE", conflicts_with = "live")]
    accounts: Option<PathBuf>,
    /// File with the API key for --live, readable by you only; default: MAILGUN_API_KEY, or asked on the terminal
    #[arg(long, value_name = "FILE", requires = "live")]
    key_file: Option<PathBuf>,
    /// Subaccount that --live acts for
    #[arg(long, value_name = "ID", requires = "live", value_parser = identifier)]
    on_behalf_of: Option<String>,
}

impl AccountArgs {
    /// Whether one account is named here, and none of a file.
    pub(crate) const fn is_one(&self) -> bool {
        self.live.is_some()
    }

    /// The accounts. None where nothing names one.
    ///
    /// # Errors
    /// [`Failure`] when a file can't be used, or an address is not valid.
    pub(crate) fn configs(&self) -> Result<Vec<AccountConfig>, Failure> {
        match (&self.live, &self.accounts) {
            (Some(live), _) => Ok(vec![self.live_account(live)?]),
            (None, Some(path)) => read(path),
            (None, None) => match usual_path().filter(|path| path.exists()) {
                Some(path) => read(&path),
                None => Ok(Vec::new()),
            },
        }
    }

    fn live_account(&self, live: &str) -> Result<AccountConfig, Failure> {
        let address = LiveAddress::parse(live)?;
        Ok(AccountConfig {
            name: name_of(&address.place),
            place: address.place,
            base: address.base,
            on_behalf_of: self.on_behalf_of.clone(),
            may_act_for_others: true,
            may_change: false,
            key_source: self.key_file.clone().map_or(KeySource::Usual, KeySource::File),
        })
    }
}

fn identifier(text: &str) -> Result<String, String> {
    if is_identifier(text) {
        return Ok(text.to_owned());
    }
    Err("enter an identifier of letters and digits".to_owned())
}
