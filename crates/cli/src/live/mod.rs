//! A live account on the command line: what the console shows and changes, as commands for scripts.
//!
//! A command either reads or changes. A change needs `--dry-run` or `--yes`. Both try it on a copy of what it concerns first and
//! say what it would do; it is in the record of changes before it is sent.

mod change;
mod connection;
mod domains;
mod listing;
mod outcome;
mod pools;
mod reads;
mod recorded;
mod state;

pub(crate) use change::CommandEnd;
pub(crate) use domains::{EnrollArgs, OverrideArgs, RemoveArgs};
pub(crate) use pools::{IpsArgs, WarmUpsArgs};
pub(crate) use reads::{DomainsArgs, HistoryArgs, PoolsArgs, PreviewArgs};
pub(crate) use recorded::RecordArgs;
pub(crate) use state::{ApplyArgs, ExportArgs, PlanArgs};

use crate::Failure;
use crate::runtime::on_this_thread;
use change::{ChangeArgs, ProposedChange, RecordArg, send};
use connection::LiveConnection;
use std::future::Future;

/// The account that a command is about, and how it prints.
#[derive(clap::Args)]
struct TargetArgs {
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

/// A command that reads and prints.
trait ReadCommand {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure>;
}

/// A command that changes something.
trait ChangeCommand {
    /// What it changes. `record` is where the record is.
    async fn propose(&self, connection: &LiveConnection, record: &RecordArg) -> Result<ProposedChange, Failure>;
}

/// The arguments of a command that reads.
#[derive(clap::Args)]
pub(crate) struct Reading<C: clap::Args> {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    command: C,
}

#[expect(private_bounds, reason = "the commands of this module are all there are")]
impl<C: clap::Args + ReadCommand> Reading<C> {
    /// Connects, reads and prints.
    ///
    /// # Errors
    /// [`Failure`] when the account can't be used or read.
    pub(crate) fn run(&self) -> Result<CommandEnd, Failure> {
        let connection = LiveConnection::open(&self.target, false)?;
        blocking(self.command.print(&connection))
    }
}

/// The arguments of a command that changes something.
#[derive(clap::Args)]
pub(crate) struct Changing<C: clap::Args> {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    command: C,
    #[command(flatten)]
    change: ChangeArgs,
}

#[expect(private_bounds, reason = "the commands of this module are all there are")]
impl<C: clap::Args + ChangeCommand> Changing<C> {
    /// Connects, tries the change, and sends it if that is wanted.
    ///
    /// # Errors
    /// [`Failure`] when the account can't be used, or the change not be made out or recorded.
    pub(crate) fn run(&self) -> Result<CommandEnd, Failure> {
        let connection = LiveConnection::open(&self.target, self.change.is_sent())?;
        blocking(async {
            let change = self.command.propose(&connection, &self.change.record).await?;
            send(&connection, change, &self.change).await
        })
    }
}

fn blocking(command: impl Future<Output = Result<CommandEnd, Failure>>) -> Result<CommandEnd, Failure> {
    let runtime = on_this_thread()?;
    runtime.block_on(command)
}
