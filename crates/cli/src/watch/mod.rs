//! `poolkeeper watch`: looks at live accounts again and again, and tells who has to know.

mod account;
mod counts_files;
mod exposition;
mod log_file;
mod metrics_server;
mod outbox;
mod receiver;
mod receiver_table;
mod rules_file;
mod send_alerts;
mod simulated_clock;
mod tuning;
mod watcher;

#[cfg(test)]
mod tests;

use crate::Failure;
use crate::account_client::{connect, sleep};
use crate::accounts::{AccountArgs, AccountConfig};
use crate::clock::now_utc;
use crate::folders::state_folder;
use crate::line_file::take_file_limits_as_errors;
use crate::runtime::on_this_thread;
use crate::stop::told_to_stop;
use crate::terminal::say;
use crate::values::instant;
use account::WatchedAccount;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use log_file::WatchLog;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use outbox::Outbox;
use rules_file::WatchRules;
use simulated_clock::SimulatedClock;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use watcher::{CountedAccount, LookResult, Watcher};

/// What `watch` takes.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct WatchArgs {
    #[command(subcommand)]
    action: Option<WatchAction>,
    #[command(flatten)]
    place: WatchPlace,
    /// Look once and end: for cron
    #[arg(long, conflicts_with_all = ["interval", "metrics"])]
    once: bool,
    /// Minutes between two looks; default: the rules', or 15
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..=1_440))]
    interval: Option<u64>,
    /// Look once, print what would be told, store and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Serve figures for Prometheus at http://ADDRESS/metrics
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// With --once or --dry-run: the time of the look, such as 2026-07-22T10:00:00Z; default: now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
    /// Watch a `poolkeeper serve --still` for this many of its days: after each look its clock is moved on
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["once", "dry_run", "at"])]
    simulated_days: Option<u32>,
}

/// Which accounts, by which rules, and where what was seen is kept.
#[derive(clap::Args)]
struct WatchPlace {
    #[command(flatten)]
    accounts: AccountArgs,
    /// File of rules; default: poolkeeper/watch.toml in your configuration folder, or print everything
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// File of what was seen and told; default: poolkeeper/watch in your state folder
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum WatchAction {
    /// Say how often the rules would have warned of a fall on the account's own past, and how often rightly
    Replay(tuning::ReplayArgs),
    /// Score the warnings over simulated accounts, beside simpler ones
    Score(tuning::ScoreArgs),
    /// Print the daily counts that were kept, as CSV for the lab
    Counts(tuning::CountsArgs),
    /// Print a policy's limits as Mailgun's own Send Alerts, and what those can't express
    SendAlerts(send_alerts::SendAlertsArgs),
}

impl WatchPlace {
    fn state_path(&self) -> Result<PathBuf, Failure> {
        let usual = || state_folder().map(|folder| folder.join("watch"));
        self.state
            .clone()
            .or_else(usual)
            .ok_or_else(|| Failure("there is no place for what was seen. Name a file with --state".to_owned()))
    }

    /// The folder of an account's daily counts.
    fn counts_folder(&self, account: &str) -> Result<PathBuf, Failure> {
        let state = self.state_path()?;
        Ok(crate::new_file::suffixed(&state, "-counts").join(account))
    }

    fn configs(&self) -> Result<Vec<AccountConfig>, Failure> {
        let accounts = self.accounts.configs()?;
        if accounts.is_empty() {
            return Err(Failure(
                "no account: name one with --live us, --live eu or --live URL, or write a file of accounts".to_owned(),
            ));
        }
        Ok(accounts)
    }
}

/// Watches until it is told to stop, or once.
///
/// # Errors
/// [`Failure`] when it can't begin; with `--once` also when an account can't be read or a message was not taken.
pub(crate) fn run(args: &WatchArgs) -> Result<(), Failure> {
    match &args.action {
        Some(WatchAction::Replay(replay)) => tuning::replay(replay),
        Some(WatchAction::Score(score)) => tuning::score(score),
        Some(WatchAction::Counts(counts)) => tuning::counts(counts),
        Some(WatchAction::SendAlerts(alerts)) => send_alerts::print(alerts),
        None => blocking(watch(args)),
    }
}

fn blocking(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = on_this_thread()?;
    let _entered = runtime.enter();
    take_file_limits_as_errors();
    runtime.block_on(work)
}

/// Counts the requests that are sent.
struct CountedTransport {
    inner: Rc<dyn Transport>,
    requests: Rc<Cell<u64>>,
}

impl Transport for CountedTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        self.requests.set(self.requests.get() + 1);
        self.inner.send(request)
    }
}

fn watched(
    place: &WatchPlace,
    rules: &WatchRules,
    config: &AccountConfig,
    stores: bool,
) -> Result<CountedAccount, Failure> {
    let requests = Rc::new(Cell::new(0));
    let counter = Rc::clone(&requests);
    let client = connect(
        config,
        false,
        |_| {},
        |inner| {
            Rc::new(CountedTransport {
                inner,
                requests: counter,
            })
        },
    )?;
    let folder = place.counts_folder(&config.name)?;
    let (settings, choice) = (rules.settings.clone(), rules.policy.clone());
    let mut account = WatchedAccount::new(&config.name, client, settings, choice, folder, stores);
    account.state_file = rules.state_files.get(&config.name).cloned();
    Ok(CountedAccount { account, requests })
}

async fn watch(args: &WatchArgs) -> Result<(), Failure> {
    let mut rules = rules_file::read(args.place.rules.as_deref())?;
    rules.interval_minutes = args.interval.unwrap_or(rules.interval_minutes);
    let configs = args.place.configs()?;
    let path = args.place.state_path()?;
    let log = if args.dry_run {
        WatchLog::read_only(&path)?
    } else {
        WatchLog::open(&path)?
    };
    let accounts = configs
        .iter()
        .map(|config| watched(&args.place, &rules, config, !args.dry_run));
    let mut watcher = Watcher {
        accounts: accounts.collect::<Result<_, _>>()?,
        rules,
        log: RefCell::new(log),
        outbox: Outbox::default(),
        figures: Arc::new(Mutex::default()),
        is_dry_run: args.dry_run,
    };
    if let Some(address) = args.metrics {
        metrics_server::start(address, Arc::clone(&watcher.figures)).await?;
    }
    match args.simulated_days {
        Some(days) => {
            let [config] = configs.as_slice() else {
                return Err(Failure(
                    "--simulated-days needs one account: name it with --live".to_owned(),
                ));
            };
            simulate(&mut watcher, &SimulatedClock::of(config)?, days).await
        }
        None if args.once || args.dry_run => once(&mut watcher, args.at.unwrap_or_else(now_utc)).await,
        None => {
            tokio::select! {
                ended = go_on(&mut watcher) => ended,
                // Every entry is on disk before what follows from it.
                () = told_to_stop() => Ok(()),
            }
        }
    }
}

async fn once(watcher: &mut Watcher, now: DateTime<Utc>) -> Result<(), Failure> {
    let LookResult { failed } = watcher.step(now).await?;
    if failed > 0 {
        return Err(Failure(format!(
            "{} could not be read",
            poolkeeper_core::text::counted(failed as u64, "account")
        )));
    }
    // One that waits for the end of its quiet hours has not failed.
    let has_failed = watcher.outbox.next_attempt().is_some();
    if has_failed && !watcher.is_dry_run {
        return Err(Failure(
            "not every message was taken. The next look tries again".to_owned(),
        ));
    }
    Ok(())
}

async fn go_on(watcher: &mut Watcher) -> Result<(), Failure> {
    let interval = TimeDelta::minutes(i64::try_from(watcher.rules.interval_minutes).unwrap_or(15));
    let accounts = poolkeeper_core::text::counted(watcher.accounts.len() as u64, "account");
    say(&format!(
        "watching {accounts}, every {} minutes",
        watcher.rules.interval_minutes
    ));
    loop {
        let now = now_utc();
        if let Err(problem) = watcher.step(now).await {
            // As on a full disk: nothing was told that is not stored, and the next look sees it again.
            say(&problem.0);
        }
        let next = now + interval;
        loop {
            let now = now_utc();
            let wake = watcher.outbox.next_attempt().map_or(next, |attempt| attempt.min(next));
            let wait_ms = u64::try_from((wake - now).num_milliseconds()).unwrap_or(0);
            sleep(wait_ms).await;
            if now_utc() >= next {
                break;
            }
            if let Err(problem) = watcher.deliver(now_utc()).await {
                say(&problem.0);
                sleep(1_000).await;
            }
        }
    }
}

/// Looks, moves the clock on, and looks again.
async fn simulate(watcher: &mut Watcher, clock: &SimulatedClock, days: u32) -> Result<(), Failure> {
    let interval_seconds = watcher.rules.interval_minutes * 60;
    let mut now = clock.now()?;
    let end = now + TimeDelta::days(i64::from(days));
    for looks in 1_u64.. {
        watcher.step(now).await?;
        if now >= end {
            let requests = watcher.accounts.iter().map(|counted| counted.requests.get()).sum();
            let notices = watcher.log.borrow().state.notices.len() as u64;
            say(&format!(
                "{}, {}, {}",
                poolkeeper_core::text::counted(looks, "look"),
                poolkeeper_core::text::counted(requests, "request"),
                poolkeeper_core::text::counted(notices, "notice")
            ));
            return Ok(());
        }
        now = clock.advance(interval_seconds)?;
    }
    Ok(())
}
