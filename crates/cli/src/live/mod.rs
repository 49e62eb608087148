//! A live account on the command line: what the console shows and changes, as commands for scripts.
//!
//! A command either reads or changes. A change needs `--dry-run` or `--yes`. Both try it on a copy of what it concerns first and
//! say what it would do; it is in the record of changes before it is sent.

mod change;
mod connection;
mod domains;
mod listing;
mod pools;
mod reads;
mod recorded;
mod state;

pub(crate) use domains::{EnrollArgs, OverrideArgs, RemoveArgs};
pub(crate) use pools::{IpsArgs, WarmUpsArgs};
pub(crate) use reads::{DomainsArgs, HistoryArgs, PoolsArgs, PreviewArgs};
pub(crate) use recorded::RecordArgs;
pub(crate) use state::{ApplyArgs, ExportArgs, PlanArgs};

use crate::Failure;
use connection::LiveConnection;
use std::process::ExitCode;

/// What a command may end with, beside success and failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandEnd {
    /// What was asked for is done.
    Done,
    /// The dry run refuses the change. Nothing was sent.
    Refused,
    /// Not all of the change was made; the record lists what.
    Incomplete,
}

impl From<CommandEnd> for ExitCode {
    fn from(end: CommandEnd) -> Self {
        match end {
            CommandEnd::Done => Self::SUCCESS,
            CommandEnd::Refused => Self::from(3),
            CommandEnd::Incomplete => Self::from(4),
        }
    }
}

/// A command of a live account.
pub(crate) trait LiveCommand {
    /// The account, and where to print.
    fn place(&self) -> &LivePlace;

    /// Whether it may change something.
    fn may_change(&self) -> bool {
        false
    }

    /// Does it.
    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure>;
}

/// The account of a command, and how it prints.
#[derive(clap::Args)]
pub(crate) struct LivePlace {
    #[command(flatten)]
    accounts: crate::accounts::AccountArgs,
    /// Account of the file, by name; default: the only one
    #[arg(long, value_name = "NAME", conflicts_with = "live")]
    account: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long)]
    csv: bool,
}

/// Connects and runs a command.
///
/// # Errors
/// [`Failure`] when the account can't be used, or the command can't be done.
pub(crate) fn run(command: &impl LiveCommand) -> Result<CommandEnd, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Failure::of("starting", error))?;
    let connection = LiveConnection::open(command.place(), command.may_change())?;
    runtime.block_on(command.execute(connection))
}
