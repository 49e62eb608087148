//! Commands of IPs and warm-ups: listed, added to pools, removed, moved, ended.

use super::change::{ChangeArgs, send};
use super::connection::{LiveConnection, failure};
use super::domains::ip;
use super::listing::{Cell, Listing};
use super::reads::pool;
use super::{CommandEnd, LiveCommand, LivePlace};
use crate::Failure;
use clap::Subcommand;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::ip_inventory::IpInventory;
use poolkeeper_account::pool_change::{PoolChange, remove_pools, set_pools};
use poolkeeper_core::model::{Band, Ip, PoolIps, PoolName};

/// What `ips` takes.
#[derive(clap::Args)]
pub(crate) struct IpsArgs {
    #[command(subcommand)]
    action: IpsAction,
}

#[derive(Subcommand)]
enum IpsAction {
    /// List the account's IPs, with their pools and warm-ups
    List(ListArgs),
    /// Add IPs to a pool
    Add(PoolIpsArgs),
    /// Remove IPs from a pool
    Remove(PoolIpsArgs),
    /// Move an IP to another pool
    Move(MoveArgs),
    /// Set the IPs of all three pools; they replace what the pools hold
    Set(SetArgs),
    /// Remove all three pools; no domain may be enrolled
    Clear(ClearArgs),
}

#[derive(clap::Args)]
struct ListArgs {
    #[command(flatten)]
    place: LivePlace,
}

#[derive(clap::Args)]
struct PoolIpsArgs {
    #[command(flatten)]
    place: LivePlace,
    /// Pool: good, poor or new
    #[arg(value_name = "POOL", value_parser = pool)]
    pool: PoolName,
    /// IP addresses
    #[arg(value_name = "IP", required = true, value_parser = ip)]
    ips: Vec<Ip>,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(clap::Args)]
struct MoveArgs {
    #[command(flatten)]
    place: LivePlace,
    /// IP address
    #[arg(value_name = "IP", value_parser = ip)]
    ip: Ip,
    /// Pool to move it to: good, poor or new
    #[arg(value_name = "POOL", value_parser = pool)]
    pool: PoolName,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(clap::Args)]
struct SetArgs {
    #[command(flatten)]
    place: LivePlace,
    /// IPs of the good pool, with commas between them
    #[arg(long, value_name = "IPS", required = true, value_delimiter = ',', value_parser = ip)]
    good: Vec<Ip>,
    /// IPs of the poor pool
    #[arg(long, value_name = "IPS", required = true, value_delimiter = ',', value_parser = ip)]
    poor: Vec<Ip>,
    /// IPs of the new pool
    #[arg(long, value_name = "IPS", required = true, value_delimiter = ',', value_parser = ip)]
    new: Vec<Ip>,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(clap::Args)]
struct ClearArgs {
    #[command(flatten)]
    place: LivePlace,
    #[command(flatten)]
    change: ChangeArgs,
}

impl IpsAction {
    const fn change(&self) -> Option<&ChangeArgs> {
        match self {
            Self::List(_) => None,
            Self::Add(args) | Self::Remove(args) => Some(&args.change),
            Self::Move(args) => Some(&args.change),
            Self::Set(args) => Some(&args.change),
            Self::Clear(args) => Some(&args.change),
        }
    }
}

impl LiveCommand for IpsArgs {
    fn place(&self) -> &LivePlace {
        match &self.action {
            IpsAction::List(args) => &args.place,
            IpsAction::Add(args) | IpsAction::Remove(args) => &args.place,
            IpsAction::Move(args) => &args.place,
            IpsAction::Set(args) => &args.place,
            IpsAction::Clear(args) => &args.place,
        }
    }

    fn may_change(&self) -> bool {
        self.action.change().is_some_and(ChangeArgs::is_sent)
    }

    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure> {
        let Some(change) = self.action.change() else {
            return list(&connection).await;
        };
        let proposal = self.proposal(&connection).await?;
        send(&connection, proposal, change).await
    }
}

impl IpsArgs {
    async fn proposal(&self, connection: &LiveConnection) -> Result<Proposal, Failure> {
        let nothing = || Failure("nothing would change".to_owned());
        let known = |pool: &PoolName| pool.band().ok_or_else(nothing);
        match &self.action {
            IpsAction::List(_) => Err(nothing()),
            IpsAction::Add(args) => PoolChange {
                add: args.ips.clone(),
                ..PoolChange::of(known(&args.pool)?)
            }
            .proposal()
            .ok_or_else(nothing),
            IpsAction::Remove(args) => PoolChange {
                remove: args.ips.clone(),
                ..PoolChange::of(known(&args.pool)?)
            }
            .proposal()
            .ok_or_else(nothing),
            IpsAction::Move(args) => {
                let to = known(&args.pool)?;
                let from = pools(connection).await?;
                let from = from.holding(&args.ip).and_then(|pool| pool.name.band());
                let from = from.ok_or_else(|| Failure(format!("{} is in no dynamic pool. Use ips add", args.ip)))?;
                if from == to {
                    return Err(Failure(format!("{} is in {} already", args.ip, to.pool_name())));
                }
                let moving = PoolChange {
                    pool: to,
                    ..PoolChange::moving(from, args.ip.clone())
                };
                moving.proposal().ok_or_else(nothing)
            }
            IpsAction::Set(args) => {
                let mut wanted = PoolIps::default();
                for (band, ips) in [
                    (Band::Good, &args.good),
                    (Band::Poor, &args.poor),
                    (Band::New, &args.new),
                ] {
                    wanted.of_mut(band).clone_from(ips);
                }
                set_pools(wanted, &pools(connection).await?).ok_or_else(nothing)
            }
            IpsAction::Clear(_) => Ok(remove_pools()),
        }
    }
}

async fn pools(connection: &LiveConnection) -> Result<poolkeeper_core::model::Pools, Failure> {
    let pools = connection.client.pools().await;
    pools.map_err(|error| failure("reading the pools", &error))
}

async fn inventory(connection: &LiveConnection) -> Result<IpInventory, Failure> {
    let inventory = IpInventory::read(connection.client.clone()).await;
    let inventory = inventory.map_err(|error| failure("reading the IPs", &error))?;
    for gap in &inventory.missing {
        crate::terminal::say(&format!("not read: {gap}"));
    }
    Ok(inventory)
}

async fn list(connection: &LiveConnection) -> Result<CommandEnd, Failure> {
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

/// What `warmups` takes.
#[derive(clap::Args)]
pub(crate) struct WarmUpsArgs {
    #[command(subcommand)]
    action: WarmUpsAction,
}

#[derive(Subcommand)]
enum WarmUpsAction {
    /// List the IPs that are warming up
    List(ListArgs),
    /// End the warm-up of an IP, which can't be undone
    End(EndWarmUpArgs),
}

#[derive(clap::Args)]
struct EndWarmUpArgs {
    #[command(flatten)]
    place: LivePlace,
    /// IP address
    #[arg(value_name = "IP", value_parser = ip)]
    ip: Ip,
    #[command(flatten)]
    change: ChangeArgs,
}

impl LiveCommand for WarmUpsArgs {
    fn place(&self) -> &LivePlace {
        match &self.action {
            WarmUpsAction::List(args) => &args.place,
            WarmUpsAction::End(args) => &args.place,
        }
    }

    fn may_change(&self) -> bool {
        match &self.action {
            WarmUpsAction::List(_) => false,
            WarmUpsAction::End(args) => args.change.is_sent(),
        }
    }

    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure> {
        let args = match &self.action {
            WarmUpsAction::List(_) => return list_warm_ups(&connection).await,
            WarmUpsAction::End(args) => args,
        };
        let proposal = PoolChange::ending_warm_up(args.ip.clone()).proposal();
        let proposal = proposal.ok_or_else(|| Failure("nothing would change".to_owned()))?;
        send(&connection, proposal, &args.change).await
    }
}

async fn list_warm_ups(connection: &LiveConnection) -> Result<CommandEnd, Failure> {
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
        crate::terminal::say(&overflow);
    }
    listing.print(connection.output)?;
    Ok(CommandEnd::Done)
}
