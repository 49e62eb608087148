//! The pools, enrollments and overrides of an account as a file: planned, applied, exported.

mod difference;
mod file;

use super::change::{ChangeArgs, send};
use super::connection::{LiveConnection, failure};
use super::listing::{OutputFormat, json_text, print};
use super::reads::all_domains;
use super::{CommandEnd, LiveCommand, LivePlace};
use crate::Failure;
use crate::clock::now_utc;
use crate::terminal::say;
use difference::{CurrentState, difference};
use file::WantedState;
use mailgun_pools::api::AssignableQuery;
use std::path::{Path, PathBuf};

/// What `plan` takes.
#[derive(clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    place: LivePlace,
    /// File that says what the account should be
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl LiveCommand for PlanArgs {
    fn place(&self) -> &LivePlace {
        &self.place
    }

    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure> {
        bring_to(&connection, &self.file, &ChangeArgs::only_tried()).await
    }
}

/// What `apply` takes.
#[derive(clap::Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    place: LivePlace,
    /// File that says what the account should be
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    change: ChangeArgs,
}

impl LiveCommand for ApplyArgs {
    fn place(&self) -> &LivePlace {
        &self.place
    }

    fn may_change(&self) -> bool {
        self.change.is_sent()
    }

    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure> {
        bring_to(&connection, &self.file, &self.change).await
    }
}

/// The requests are one change, in which each rests on the one before: the first that is not made ends it, and the next run goes
/// on from what is there.
async fn bring_to(connection: &LiveConnection, file: &Path, change: &ChangeArgs) -> Result<CommandEnd, Failure> {
    let wanted = file::read(file, now_utc().date_naive())?;
    wanted.notes.iter().for_each(|note| say(note));
    let current = current(connection, &wanted).await?;
    let proposal = difference(&wanted, &current)?;
    if proposal.steps.is_empty() && connection.output == OutputFormat::Table {
        print("The account is as the file says.\n")?;
        return Ok(CommandEnd::Done);
    }
    send(connection, proposal, change).await
}

async fn current(connection: &LiveConnection, wanted: &WantedState) -> Result<CurrentState, Failure> {
    let client = &connection.client;
    let pools = client.pools().await;
    let mut current = CurrentState {
        pools: pools.map_err(|error| failure("reading the pools", &error))?,
        enrolled: all_domains(connection).await?,
        outside: Default::default(),
    };
    if current.has_outside(wanted) {
        let outside = client.assignable(&AssignableQuery::default()).await;
        let outside = outside.map_err(|error| failure("reading the domains that are not enrolled", &error))?;
        current.outside = outside
            .into_iter()
            .map(|domain| (domain.name, domain.account_id))
            .collect();
    }
    Ok(current)
}

/// What `export` takes.
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    place: LivePlace,
    /// List every enrolled domain too
    #[arg(long)]
    domains: bool,
}

impl LiveCommand for ExportArgs {
    fn place(&self) -> &LivePlace {
        &self.place
    }

    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure> {
        let pools = connection.client.pools().await;
        let pools = pools.map_err(|error| failure("reading the pools", &error))?;
        let domains = all_domains(&connection).await?;
        let state = file::exported(&pools, &domains, self.domains);
        print(&match connection.output {
            OutputFormat::Json => json_text(&serde_json::to_value(&state).unwrap_or_default()),
            OutputFormat::Table | OutputFormat::Csv => file::text(&state)?,
        })?;
        Ok(CommandEnd::Done)
    }
}
