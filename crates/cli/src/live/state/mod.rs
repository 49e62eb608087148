//! The pools, enrollments and overrides of an account as a file: planned, applied, exported.

mod difference;

use super::change::{ChangeArgs, ProposedChange, RecordArg, send};
use super::connection::LiveConnection;
use super::listing::{OutputFormat, json_text, print};
use super::reads::{all_domains, outside_domains, pools};
use super::{ChangeCommand, CommandEnd, ReadCommand};
use crate::Failure;
use crate::account_state::{self, WantedState};
use crate::clock::now_utc;
use crate::terminal::say;
use difference::{CurrentState, difference};
use std::path::PathBuf;

/// What `plan` and `apply` take.
#[derive(clap::Args)]
pub(crate) struct ApplyArgs {
    /// File that says what the account should be
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What `plan` takes.
#[derive(clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    apply: ApplyArgs,
}

impl ReadCommand for PlanArgs {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let tried = ChangeArgs::only_tried();
        send(connection, self.apply.propose(connection, &tried.record).await?, &tried).await
    }
}

impl ChangeCommand for ApplyArgs {
    /// The requests are one change, in which each rests on the one before: the first that is not made ends it, and the next run
    /// goes on from what is there.
    async fn propose(&self, connection: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let wanted = account_state::read(&self.file, now_utc().date_naive())?;
        wanted.notes.iter().for_each(|note| say(note));
        let current = current(connection, &wanted).await?;
        Ok(difference(&wanted, &current)?.into())
    }
}

async fn current(connection: &LiveConnection, wanted: &WantedState) -> Result<CurrentState, Failure> {
    let mut current = CurrentState {
        pools: pools(connection).await?,
        enrolled: all_domains(connection).await?,
        outside: Default::default(),
    };
    if current.has_outside(wanted) {
        current.outside = outside_domains(connection).await?;
    }
    Ok(current)
}

/// What `export` takes.
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// List every enrolled domain too
    #[arg(long)]
    domains: bool,
}

impl ReadCommand for ExportArgs {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let pools = pools(connection).await?;
        let domains = all_domains(connection).await?;
        let state = account_state::exported(&pools, &domains, self.domains);
        print(&match connection.output {
            OutputFormat::Json => json_text(&serde_json::to_value(&state).unwrap_or_default()),
            OutputFormat::Table | OutputFormat::Csv => account_state::text(&state)?,
        })?;
        Ok(CommandEnd::Done)
    }
}
