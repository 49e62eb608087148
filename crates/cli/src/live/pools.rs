//! Commands of IPs and warm-ups: listed, added to pools, removed, moved, ended.

use super::change::{ProposedChange, RecordArg};
use super::connection::LiveConnection;
use super::listing::{Cell, Listing};
use super::reads::pools;
use super::{ChangeCommand, Changing, CommandEnd, ReadCommand, Reading};
use crate::Failure;
use crate::account_client::failure;
use crate::terminal::say;
use crate::values::{band, ip};
use clap::Subcommand;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::ip_inventory::IpInventory;
use poolkeeper_account::pool_change::{PoolChange, remove_pools, set_pools};
use poolkeeper_core::model::{Band, Ip, PoolIps};

/// What `ips` takes.
#[derive(clap::Args)]
pub(crate) struct IpsArgs {
    #[command(subcommand)]
    action: IpsAction,
}

#[derive(Subcommand)]
enum IpsAction {
    /// List the account's IPs, with their pools and warm-ups
    List(Reading<ListIps>),
    /// Add IPs to a pool
    Add(Changing<AddIps>),
    /// Remove IPs from a pool
    Remove(Changing<RemoveIps>),
    /// Move an IP to another pool
    Move(Changing<MoveIp>),
    /// Set the IPs of all three pools; they replace what the pools hold
    Set(Changing<SetPools>),
    /// Remove all three pools; no domain may be enrolled
    Clear(Changing<ClearPools>),
}

impl IpsArgs {
    /// Runs the action.
    ///
    /// # Errors
    /// [`Failure`] when the account can't be used, or the action not be done.
    pub(crate) fn run(&self) -> Result<CommandEnd, Failure> {
        match &self.action {
            IpsAction::List(args) => args.run(),
            IpsAction::Add(args) => args.run(),
            IpsAction::Remove(args) => args.run(),
            IpsAction::Move(args) => args.run(),
            IpsAction::Set(args) => args.run(),
            IpsAction::Clear(args) => args.run(),
        }
    }
}

#[derive(clap::Args)]
struct ListIps;

/// A pool and some IPs.
#[derive(clap::Args)]
struct PoolAndIps {
    /// Pool: good, poor or new
    #[arg(value_name = "POOL", value_parser = band)]
    pool: Band,
    /// IP addresses
    #[arg(value_name = "IP", required = true, value_parser = ip)]
    ips: Vec<Ip>,
}

#[derive(clap::Args)]
struct AddIps {
    #[command(flatten)]
    of: PoolAndIps,
}

#[derive(clap::Args)]
struct RemoveIps {
    #[command(flatten)]
    of: PoolAndIps,
}

#[derive(clap::Args)]
struct MoveIp {
    /// IP address
    #[arg(value_name = "IP", value_parser = ip)]
    ip: Ip,
    /// Pool to move it to: good, poor or new
    #[arg(value_name = "POOL", value_parser = band)]
    pool: Band,
}

#[derive(clap::Args)]
struct SetPools {
    /// IPs of the good pool, with commas between them
    #[arg(long, value_name = "IPS", required = true, value_delimiter = ',', value_parser = ip)]
    good: Vec<Ip>,
    /// IPs of the poor pool
    #[arg(long, value_name = "IPS", required = true, value_delimiter = ',', value_parser = ip)]
    poor: Vec<Ip>,
    /// IPs of the new pool
    #[arg(long, value_name = "IPS", required = true, value_delimiter = ',', value_parser = ip)]
    new: Vec<Ip>,
}

#[derive(clap::Args)]
struct ClearPools;

fn some(proposal: Option<Proposal>) -> Result<ProposedChange, Failure> {
    let proposal = proposal.ok_or_else(|| Failure("nothing would change".to_owned()))?;
    Ok(proposal.into())
}

impl ChangeCommand for AddIps {
    async fn propose(&self, _: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let change = PoolChange {
            add: self.of.ips.clone(),
            ..PoolChange::of(self.of.pool)
        };
        some(change.proposal())
    }
}

impl ChangeCommand for RemoveIps {
    async fn propose(&self, _: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let change = PoolChange {
            remove: self.of.ips.clone(),
            ..PoolChange::of(self.of.pool)
        };
        some(change.proposal())
    }
}

impl ChangeCommand for MoveIp {
    async fn propose(&self, connection: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let pools = pools(connection).await?;
        let from = pools.holding(&self.ip).and_then(|pool| pool.name.band());
        let from = from.ok_or_else(|| Failure(format!("{} is in no dynamic pool. Use ips add", self.ip)))?;
        if from == self.pool {
            return Err(Failure(format!("{} is in {} already", self.ip, from.pool_name())));
        }
        let change = PoolChange {
            pool: self.pool,
            ..PoolChange::moving(from, self.ip.clone())
        };
        some(change.proposal())
    }
}

impl ChangeCommand for SetPools {
    async fn propose(&self, connection: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let wanted = PoolIps {
            good_reputation: self.good.clone(),
            poor_reputation: self.poor.clone(),
            new_senders: self.new.clone(),
        };
        some(set_pools(wanted, &pools(connection).await?))
    }
}

impl ChangeCommand for ClearPools {
    async fn propose(&self, _: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        Ok(remove_pools().into())
    }
}

async fn inventory(connection: &LiveConnection) -> Result<IpInventory, Failure> {
    let inventory = IpInventory::read(connection.client.clone()).await;
    let inventory = inventory.map_err(|error| failure("reading the IPs", &error))?;
    for gap in &inventory.missing {
        say(&format!("not read: {gap}"));
    }
    Ok(inventory)
}

impl ReadCommand for ListIps {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let mut listing = Listing::new(&[
            "ip",
            "pool",
            "dedicated",
            "warming",
            "warm_up_stage",
            "enabled",
            "dedicated_pool",
        ]);
        for row in inventory(connection).await?.ips {
            let stage = row.warm_up.as_ref().map(|warm_up| u64::from(warm_up.stage_number));
            listing.push(vec![
                Cell::text(Some(&row.ip)),
                Cell::text(row.pool.as_ref()),
                Cell::Flag(row.is_dedicated),
                Cell::Flag(row.is_warming),
                Cell::Number(stage),
                Cell::Flag(row.is_enabled),
                Cell::text(row.dedicated_pool),
            ]);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}

/// What `warmups` takes.
#[derive(clap::Args)]
pub(crate) struct WarmUpsArgs {
    #[command(subcommand)]
    action: WarmUpsAction,
}

#[derive(Subcommand)]
enum WarmUpsAction {
    /// List the IPs that are warming up
    List(Reading<ListWarmUps>),
    /// End the warm-up of an IP, which can't be undone
    End(Changing<EndWarmUp>),
}

impl WarmUpsArgs {
    /// Runs the action.
    ///
    /// # Errors
    /// As of [`IpsArgs::run`].
    pub(crate) fn run(&self) -> Result<CommandEnd, Failure> {
        match &self.action {
            WarmUpsAction::List(args) => args.run(),
            WarmUpsAction::End(args) => args.run(),
        }
    }
}

#[derive(clap::Args)]
struct ListWarmUps;

#[derive(clap::Args)]
struct EndWarmUp {
    /// IP address
    #[arg(value_name = "IP", value_parser = ip)]
    ip: Ip,
}

impl ChangeCommand for EndWarmUp {
    async fn propose(&self, _: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        some(PoolChange::ending_warm_up(self.ip.clone()).proposal())
    }
}

impl ReadCommand for ListWarmUps {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let inventory = inventory(connection).await?;
        let mut listing = Listing::new(&[
            "ip",
            "pool",
            "stage",
            "sent_within_stage",
            "stage_volume_limit",
            "stage_start_time",
        ]);
        for row in inventory.ips {
            let Some(warm_up) = row.warm_up else { continue };
            listing.push(vec![
                Cell::text(Some(&row.ip)),
                Cell::text(row.pool.as_ref()),
                Cell::Number(Some(u64::from(warm_up.stage_number))),
                Cell::Text(warm_up.sent_within_stage),
                Cell::Number(warm_up.stage_volume_limit),
                Cell::Time(warm_up.stage_start_time),
            ]);
        }
        if let Some(overflow) = inventory.overflow {
            say(&overflow);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}
