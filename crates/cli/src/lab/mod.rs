//! `poolkeeper backtest`, `compare`, `calibrate` and `sweep`: the lab's engine on files, on all cores.

mod axes;
mod messages;
mod observed;
mod progress_bar;
mod read;

use super::Failure;
use poolkeeper_core::health::Policy;
use poolkeeper_lab::calibrate::Assumptions;
use poolkeeper_lab::report::{LabReport, TrafficDescription, affected_csv, html};
use poolkeeper_lab::sweep::{self, Axis, Sweep, SweepOutcomes};
use poolkeeper_lab::{IpCapacity, JobResult, Lab, LabJob, PerBand, ReplayOptions};
use progress_bar::TerminalProgress;
use read::TrafficSource;
use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What all four take.
#[derive(clap::Args)]
struct CommonArgs {
    /// Daily counts: date,domain,processed,delivered,bounced,complained[,account]; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Write the report as JSON; `-` writes it to standard output
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Write the report as one HTML page
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Threads; without, one for each core
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Fail where a row of the CSV is rejected
    #[arg(long)]
    strict: bool,
    /// Say nothing but what went wrong
    #[arg(long)]
    quiet: bool,
}

/// What `backtest` takes.
#[derive(clap::Args)]
pub(super) struct BacktestArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// The policy, as JSON, or `preset:ID`
    #[arg(long, value_name = "FILE")]
    policy: String,
}

/// What `compare` takes.
#[derive(clap::Args)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// The current policy, A, as JSON, or `preset:ID`
    #[arg(long, value_name = "FILE")]
    policy: String,
    /// The draft, B
    #[arg(long, value_name = "FILE")]
    against: String,
    /// IPs that are not warming, such as good=3,poor=1,new=2
    #[arg(long, value_parser = ips, requires = "limit")]
    ips: Option<PerBand<u32>>,
    /// Messages an IP may send a day
    #[arg(long, value_name = "MESSAGES", requires = "ips")]
    limit: Option<u64>,
    /// Write the affected domains, with both decisions, as CSV
    #[arg(long, value_name = "OUT")]
    affected: Option<PathBuf>,
}

/// What `calibrate` takes.
#[derive(clap::Args)]
pub(super) struct CalibrateArgs {
    #[command(flatten)]
    files: observed::ObservationFiles,
    /// Write the report as JSON; `-` writes it to standard output
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Write the report as one HTML page
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Write the policy with each threshold moved into its interval
    #[arg(long, value_name = "OUT")]
    found: Option<PathBuf>,
    /// Several checks in a row may be needed to move a domain: a band alone then says nothing
    #[arg(long)]
    may_wait: bool,
    /// Fail where a row of the CSV is rejected
    #[arg(long)]
    strict: bool,
    /// Say nothing but what went wrong
    #[arg(long)]
    quiet: bool,
}

/// What `sweep` takes.
#[derive(clap::Args)]
pub(super) struct SweepArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// The base policy, as JSON, or `preset:ID`
    #[arg(long, value_name = "FILE", required_unless_present = "sweep")]
    policy: Option<String>,
    /// Across: KNOB:FROM..TO:STEPS[:linear|:log] or KNOB:V,V,V. KNOB is bounce-poor, bounce-good, complaint-poor,
    /// complaint-good or minimum; bounce-poor=50% ties good-at-most to half of it. Thresholds as 2% or 20000ppm
    #[arg(long, value_name = "AXIS", value_parser = axes::axis, default_value = "bounce-poor=50%:2%..50%:100:log")]
    x: Axis,
    /// Up, as --x
    #[arg(long, value_name = "AXIS", value_parser = axes::axis, default_value = "complaint-poor=33%:0.06%..1.5%:100:log")]
    y: Axis,
    /// What to count, such as days-poor,moves; without, everything about one policy
    #[arg(long, value_name = "OUTCOMES", value_parser = axes::outcomes)]
    outcomes: Option<SweepOutcomes>,
    /// Also count the domains that end elsewhere than under this policy
    #[arg(long, value_name = "FILE")]
    against: Option<String>,
    /// Count the first so many days and the rest apart
    #[arg(long, value_name = "DAYS")]
    split_day: Option<u32>,
    /// The whole sweep as JSON, as a report holds it, instead of --policy, --x, --y and --outcomes
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "x", "y", "outcomes"])]
    sweep: Option<PathBuf>,
}

fn ips(text: &str) -> Result<PerBand<u32>, String> {
    let usage = || "it is the number of IPs of each pool, such as good=3,poor=1,new=2".to_owned();
    let mut found = PerBand::<Option<u32>>::default();
    for part in text.split(',') {
        let (name, count) = part.split_once('=').ok_or_else(usage)?;
        let band = poolkeeper_core::model::Band::ALL
            .into_iter()
            .find(|band| band.word() == name.trim());
        let slot = found.get_mut(band.ok_or_else(usage)?);
        if slot.replace(count.trim().parse().map_err(|_| usage())?).is_some() {
            return Err(usage());
        }
    }
    match (found.good, found.poor, found.new) {
        (Some(good), Some(poor), Some(new)) => Ok(PerBand { good, poor, new }),
        _ => Err(usage()),
    }
}

/// `backtest`: what one policy would have done.
///
/// # Errors
/// [`Failure`] when a file can't be read or written, or makes no sense.
pub(super) fn backtest(args: &BacktestArgs) -> Result<(), Failure> {
    let policy = read::policy(&args.policy)?;
    let job = LabJob::Backtest {
        policy,
        options: ReplayOptions::default(),
    };
    do_job(&args.common, &job, None)
}

/// `compare`: what moves between two policies.
///
/// # Errors
/// As [`backtest`].
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let ips = args.ips.zip(args.limit).map(|(not_warming, limit_per_day)| IpCapacity {
        not_warming,
        limit_per_day,
    });
    let job = LabJob::Compare {
        a: read::policy(&args.policy)?,
        b: read::policy(&args.against)?,
        options: ReplayOptions::default(),
        ips,
    };
    do_job(&args.common, &job, args.affected.as_deref())
}

/// `sweep`: what every policy of a grid would have done.
///
/// # Errors
/// As [`backtest`].
pub(super) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let a = args.against.as_deref().map(read::policy).transpose()?;
    let mut sweep = match (&args.sweep, &args.policy) {
        (Some(path), _) => read::json::<Sweep>(path)?,
        (None, policy) => Sweep {
            base: policy.as_deref().map(read::policy).transpose()?.unwrap_or_default(),
            x: args.x.clone(),
            y: args.y.clone(),
            outcomes: args.outcomes.unwrap_or_else(SweepOutcomes::all_of_one_policy),
            days: None,
        },
    };
    if a.is_some() {
        sweep.outcomes = sweep
            .outcomes
            .iter()
            .chain([sweep::SweepOutcome::EndingDiffers])
            .collect();
    }
    let job = LabJob::Sweep {
        sweep: Box::new(sweep),
        a,
        split_day: args.split_day,
        domains: None,
    };
    do_job(&args.common, &job, None)
}

/// `calibrate`: what an account shows about its thresholds.
///
/// # Errors
/// As [`backtest`].
pub(super) fn calibrate(args: &CalibrateArgs) -> Result<(), Failure> {
    let bar = TerminalProgress::new(args.quiet);
    let base = args.files.policy.as_deref().map(read::policy).transpose()?;
    let base = base.unwrap_or_else(Policy::default);
    let observations = observed::read(&args.files, &base, args.strict, &bar)?;
    let job = LabJob::Calibrate {
        observations: Box::new(observations),
        assumptions: Assumptions::of(&base, args.may_wait),
    };
    let mut lab = Lab::default();
    let outcome = run(&mut lab, &job, &bar)?;
    if let (Some(path), JobResult::Calibrate(found)) = (&args.found, &outcome) {
        let policy = found.policy(&base);
        policy
            .validate()
            .map_err(|invalid| Failure::of("the intervals and the base policy allow no policy", invalid))?;
        let text = serde_json::to_string_pretty(&policy).map_err(|error| Failure::of("writing a policy", error))?;
        write(path, &text)?;
    }
    let report = LabReport::calibration(&outcome);
    give(&report, args.json.as_deref(), args.html.as_deref(), &bar)
}

/// Reads the traffic, does the job, gives the report.
fn do_job(common: &CommonArgs, job: &LabJob, affected: Option<&Path>) -> Result<(), Failure> {
    let bar = TerminalProgress::new(common.quiet);
    let TrafficSource { table, origin } = read::csv(&common.csv, common.strict, &bar)?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = common.threads.map_or(cores, NonZeroUsize::get);
    let table = Arc::new(table);
    let mut lab = Lab::new(Arc::clone(&table), None).on_threads(threads);
    let outcome = run(&mut lab, job, &bar)?;
    let traffic = TrafficDescription::of(origin, &table, None);
    let report = LabReport::of(&traffic, &table, job, &outcome);
    if let (Some(path), Some(report)) = (affected, &report) {
        write(path, &affected_csv(report))?;
    }
    give(&report, common.json.as_deref(), common.html.as_deref(), &bar)?;
    bar.say_peak_memory();
    Ok(())
}

fn run(lab: &mut Lab, job: &LabJob, bar: &TerminalProgress) -> Result<JobResult, Failure> {
    let outcome = lab.run(job, &mut |progress| {
        bar.working(&progress);
        ControlFlow::Continue(())
    });
    bar.clear();
    outcome.map_err(|error| Failure(error.to_string()))
}

/// Writes the report where it is wanted, and what it says in short to standard output, unless that takes the JSON.
fn give(
    report: &Option<LabReport>,
    json: Option<&Path>,
    page: Option<&Path>,
    bar: &TerminalProgress,
) -> Result<(), Failure> {
    let Some(report) = report else {
        return Err(Failure("no report is kept of this".to_owned()));
    };
    if let Some(path) = page {
        write(path, &html(report))?;
    }
    if let Some(path) = json {
        write(path, &report.to_json())?;
    }
    if json == Some(Path::new("-")) || page == Some(Path::new("-")) || bar.is_quiet() {
        return Ok(());
    }
    let mut text = String::new();
    for line in messages::lines(report) {
        text.push_str(&line);
        text.push('\n');
    }
    to_standard_output(&text)
}

/// Writes a text to a file, whole or not at all, or to standard output.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        return to_standard_output(text);
    }
    let failed = |error: std::io::Error| Failure::of(format!("writing {}", path.display()), error);
    // Devices and pipes are written to as they are.
    if path.metadata().is_ok_and(|known| !known.is_file()) {
        return std::fs::write(path, text).map_err(failed);
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    std::fs::write(&part, text).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

fn to_standard_output(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| Failure::of("writing to standard output", error)),
    }
}
