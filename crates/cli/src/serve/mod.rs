//! `poolkeeper serve`: the simulator behind HTTP.

mod access;
mod body;
mod clock;
mod connections;
mod control;
mod http;
mod in_process;
mod rate_limiter;
mod simulator_thread;
mod state_file;

pub use in_process::InProcessServer;
pub(crate) use state_file::decode_journal;

use super::Failure;
use super::import_texts::{deceptive_names_text, import_texts};
use super::line_file::take_file_limits_as_errors;
use super::stop::told_to_stop;
use super::terminal::say;
use crate::runtime::on_this_thread;
use access::{AccessRules, CorsOrigin};
use body::RequestBodies;
use connections::ConnectionLimits;
use http::{HttpConfig, ServerKey};
use mailgun_pools::transport::{FaultPlan, Faults, Latency, Transport};
use poolkeeper_ingest::Ingest;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use rate_limiter::RateLimiter;
use simulator_thread::SimulatorHandle;
use state_file::LockedState;
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What `serve` takes.
#[derive(clap::Args)]
pub(super) struct ServeArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8025")]
    listen: SocketAddr,
    /// API key to require; default: any key that is not empty
    #[arg(long, env = "POOLKEEPER_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Answer as this host name too; may repeat; default: localhost, 127.0.0.1 and [::1], or every name if --listen is
    /// not an address of this machine only
    #[arg(long, value_name = "NAME", value_parser = access::host_name)]
    host: Vec<String>,
    /// Allow web pages of this origin to use the API and the controls (CORS); without ORIGIN: pages of any origin, to use
    /// the API only
    #[arg(long, value_name = "ORIGIN", num_args = 0..=1, default_missing_value = "*", value_parser = access::cors_origin)]
    cors: Option<CorsOrigin>,
    /// Scenario: steady-senders, bought-list, slow-decay, onboarding-wave, seasonal-peak
    #[arg(long, default_value = "bought-list", value_parser = scenario)]
    scenario: ScenarioKind,
    /// Number of domains, 1 to 100000
    #[arg(long, default_value_t = 400)]
    size: u32,
    /// Random seed: equal seeds make equal accounts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Start without pools and without enrolled domains
    #[arg(long)]
    unconfigured: bool,
    /// Read domains and traffic from a CSV of daily counts instead of a scenario
    #[arg(long, conflicts_with_all = ["scenario", "size", "seed", "unconfigured"])]
    csv: Option<PathBuf>,
    /// Keep the state in this file across restarts; a state in the file replaces the scenario
    #[arg(long)]
    state: Option<PathBuf>,
    /// Minimum time of each response, in milliseconds
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// Share of responses that fail, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    fault: f64,
    /// Requests per second; more are answered with 429
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rate_limit: Option<u32>,
    /// Simulated days per second
    #[arg(long, default_value_t = 0.0, value_parser = speed)]
    speed: f64,
    /// Stop the clock, for background jobs too; POST /_poolkeeper/clock?seconds=N with the header X-Poolkeeper-Control
    /// advances it
    #[arg(long, conflicts_with = "speed")]
    still: bool,
}

fn scenario(text: &str) -> Result<ScenarioKind, String> {
    ScenarioKind::by_id(text).ok_or_else(|| {
        let known: Vec<&str> = ScenarioKind::ALL.into_iter().map(ScenarioKind::id).collect();
        format!("choose one of {}", known.join(", "))
    })
}

fn share(text: &str) -> Result<f64, String> {
    let within = |share: &f64| (0.0..=1.0).contains(share);
    text.parse()
        .ok()
        .filter(within)
        .ok_or_else(|| "enter a number from 0 to 1".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let within = |days: &f64| (0.0..=366.0).contains(days);
    text.parse()
        .ok()
        .filter(within)
        .ok_or_else(|| "enter a number of days from 0 to 366".to_owned())
}

/// Serves until the process is told to stop.
///
/// # Errors
/// [`Failure`] when the account can't be made, the state file can't be used, or the address is taken.
pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let runtime = on_this_thread()?;
    let _entered = runtime.enter();
    take_file_limits_as_errors();
    let simulator = match &args.state {
        None => Simulator::new(account(args)?),
        Some(path) => {
            let (locked, loaded) = LockedState::open(path)?;
            if let Some(notice) = loaded.as_ref().and_then(|loaded| loaded.notice.as_ref()) {
                say(notice);
            }
            let simulator = Simulator::new(loaded.map_or_else(|| account(args), |loaded| Ok(loaded.sim))?);
            simulator.set_journal(Rc::new(locked.keep(&simulator.sim())?));
            simulator
        }
    };
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, serve(args, simulator))
}

fn account(args: &ServeArgs) -> Result<Sim, Failure> {
    match &args.csv {
        Some(path) => from_csv(path),
        None => {
            let spec = ScenarioSpec::new(args.scenario, args.size, args.seed)
                .map_err(|refusal| Failure(refusal.to_string()))?;
            Ok(Sim::scenario(&if args.unconfigured {
                spec.unconfigured()
            } else {
                spec
            }))
        }
    }
}

fn from_csv(path: &Path) -> Result<Sim, Failure> {
    let reading = |error: String| Failure::of(format!("reading {}", path.display()), error);
    let mut file = std::fs::File::open(path).map_err(|error| reading(error.to_string()))?;
    let mut ingest = Ingest::new(poolkeeper_ingest::ImportLimits::default());
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut chunk).map_err(|error| reading(error.to_string()))?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        ingest.feed(bytes).map_err(|error| reading(error.to_string()))?;
    }
    let imported = ingest.finish().map_err(|error| reading(error.to_string()))?;
    let names = deceptive_names_text(&imported.table);
    for text in import_texts(&imported.report).iter().chain(&names) {
        say(text);
    }
    let name = path
        .file_name()
        .map_or_else(|| "CSV".into(), |name| name.to_string_lossy());
    Ok(Sim::from_table(Arc::new(imported.table), &name))
}

async fn serve(args: &ServeArgs, simulator: Simulator) -> Result<(), Failure> {
    let listening = |error: std::io::Error| Failure::of(format!("listening on {}", args.listen), error);
    let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    simulator.set_base_url(&format!("http://{address}"));
    let (owner, messages) = SimulatorHandle::new();
    let transport = decorated(args, &simulator);
    tokio::task::spawn_local(simulator_thread::answer_all(simulator.clone(), transport, messages));
    if !args.still {
        tokio::task::spawn_local(clock::pass_time(simulator, args.speed));
    }
    let face = HttpConfig {
        owner,
        access: Arc::new(AccessRules::new(address, &args.host, args.cors.clone())),
        key: args.key.clone().map(ServerKey),
        throttle: args.rate_limit.map(|per_second| Arc::new(RateLimiter::new(per_second))),
        bodies: RequestBodies::default(),
    };
    let mut stdout = std::io::stdout();
    // Whoever started this may wait for the line, and may have closed the pipe.
    let _ = writeln!(stdout, "poolkeeper listens on http://{address}").and_then(|()| stdout.flush());
    tokio::select! {
        () = connections::serve(listener, http::router(face), ConnectionLimits::default()) => Ok(()),
        // Every accepted change is on disk before its answer, so there is nothing left to finish.
        () = told_to_stop() => Ok(()),
    }
}

fn decorated(args: &ServeArgs, simulator: &Simulator) -> Rc<dyn Transport> {
    let plan = FaultPlan::default();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share from 0 to 1"
    )]
    plan.set_rate_ppm((args.fault * 1e6) as u32);
    let faults = Rc::new(Faults::new(simulator.transport(), plan, args.seed));
    let sleep = Rc::new(|ms| {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms))) as futures::future::LocalBoxFuture<'static, ()>
    });
    Rc::new(Latency::new(
        faults,
        sleep,
        Rc::new(Cell::new((args.latency, args.latency))),
        args.seed,
    ))
}
