//! `poolkeeper backtest`, `compare`, `calibrate` and `sweep`: the lab's engine on files, on all cores.

mod axes;
mod import;
mod json_file;
mod messages;
mod observed;
mod outputs;
mod progress_bar;
mod read;
mod traffic_files;

pub(super) use import::{ImportCommandArgs, import};
pub(crate) use json_file::{decode, decode_policy};
pub(crate) use observed::decode_observations;

use super::Failure;
use outputs::OutputFiles;
use poolkeeper_core::health::Policy;
use poolkeeper_core::text::counted;
use poolkeeper_lab::calibrate::Assumptions;
use poolkeeper_lab::report::{LabReport, TrafficDescription, affected_csv, html};
use poolkeeper_lab::sweep::{self, Axis, Sweep, SweepOutcomes};
use poolkeeper_lab::{IpCapacity, JobResult, Lab, LabJob, PerBand, ReplayOptions};
use progress_bar::TerminalProgress;
use read::TrafficSource;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use traffic_files::TrafficFiles;

/// More threads than this are no faster on any machine, and systems refuse to start many more.
const MAX_THREADS: usize = 256;

/// Arguments of backtest, compare and sweep.
#[derive(clap::Args)]
struct CommonArgs {
    /// Daily counts: date,domain,processed,delivered,bounced,complained[,account] or a known export, as CSV or JSON;
    /// several files, folders or patterns are read as one; `-` reads standard input
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    csv: Vec<PathBuf>,
    /// Write the report as JSON; `-` writes it to standard output
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Write the report as one HTML page
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Number of threads, 1 to 256; default: one per core
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    import: read::ImportArgs,
    /// Print errors only
    #[arg(long)]
    quiet: bool,
}

impl CommonArgs {
    fn files(&self) -> Result<TrafficFiles, Failure> {
        TrafficFiles::find(&self.csv)
    }

    fn outputs<'a>(&'a self, affected: Option<&'a Path>) -> OutputFiles<'a> {
        OutputFiles {
            json: self.json.as_deref(),
            html: self.html.as_deref(),
            other: affected.map(|path| ("--affected", path)),
        }
    }
}

/// What `backtest` takes.
#[derive(clap::Args)]
pub(super) struct BacktestArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Policy: a JSON file or `preset:ID`
    #[arg(long, value_name = "FILE")]
    policy: String,
}

/// What `compare` takes.
#[derive(clap::Args)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Current policy (A): a JSON file or `preset:ID`
    #[arg(long, value_name = "FILE")]
    policy: String,
    /// Draft policy (B): a JSON file or `preset:ID`
    #[arg(long, value_name = "FILE")]
    against: String,
    /// IPs of each pool without warming ones, such as good=3,poor=1,new=2
    #[arg(long, value_parser = ips, requires = "limit")]
    ips: Option<PerBand<u32>>,
    /// Messages that one IP may send per day
    #[arg(long, value_name = "MESSAGES", requires = "ips")]
    limit: Option<u64>,
    /// Write the domains on which A and B differ as CSV, with both decisions
    #[arg(long, value_name = "OUT")]
    affected: Option<PathBuf>,
    /// List none of these domains in the report; without it, 10,000 at most, the most affected first
    #[arg(long)]
    summary: bool,
}

/// Affected domains in a report. Each takes about 2 KB of JSON; `--affected` writes all of them.
const MOST_LISTED: usize = 10_000;

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
    /// Write a policy that agrees with the estimates as JSON
    #[arg(long, value_name = "OUT")]
    found: Option<PathBuf>,
    /// Allow for policies that need several checks in a row before a domain moves
    #[arg(long)]
    may_wait: bool,
    #[command(flatten)]
    import: read::ImportArgs,
    /// Print errors only
    #[arg(long)]
    quiet: bool,
}

/// What `sweep` takes.
#[derive(clap::Args)]
pub(super) struct SweepArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Base policy: a JSON file or `preset:ID`
    #[arg(long, value_name = "FILE", required_unless_present = "sweep")]
    policy: Option<String>,
    /// Horizontal axis: PARAMETER:FROM..TO:STEPS[:linear|:log] or PARAMETER:VALUE,VALUE. PARAMETER is bounce-poor,
    /// bounce-good, complaint-poor, complaint-good or minimum; bounce-poor=50% keeps good-at-most at half of it. Write
    /// thresholds as 2% or 20000ppm
    #[arg(long, value_name = "AXIS", value_parser = axes::axis, default_value = "bounce-poor=50%:2%..50%:100:log")]
    x: Axis,
    /// Vertical axis, written like --x
    #[arg(long, value_name = "AXIS", value_parser = axes::axis, default_value = "complaint-poor=33%:0.06%..1.5%:100:log")]
    y: Axis,
    /// Outcomes to count, such as days-poor,moves; default: all that need one policy
    #[arg(long, value_name = "OUTCOMES", value_parser = axes::outcomes)]
    outcomes: Option<SweepOutcomes>,
    /// Also count the domains that end in another band than under this policy: a JSON file or `preset:ID`
    #[arg(long, value_name = "FILE")]
    against: Option<String>,
    /// Count the first DAYS days and the rest separately
    #[arg(long, value_name = "DAYS")]
    split_day: Option<u32>,
    /// Sweep from a report, as JSON, instead of --policy, --x, --y and --outcomes
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "x", "y", "outcomes"])]
    sweep: Option<PathBuf>,
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let count = text
        .parse()
        .ok()
        .filter(|count: &NonZeroUsize| count.get() <= MAX_THREADS);
    count.ok_or_else(|| format!("enter a whole number from 1 to {MAX_THREADS}"))
}

fn ips(text: &str) -> Result<PerBand<u32>, String> {
    let usage = || "enter the number of IPs of each pool, such as good=3,poor=1,new=2".to_owned();
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
    let outputs = args.common.outputs(None);
    let files = args.common.files()?;
    let mapping = args.common.import.mapping_path();
    outputs.check(files.paths().chain([Path::new(&args.policy)]).chain(mapping))?;
    let policy = read::policy(&args.policy)?;
    let job = LabJob::Backtest {
        policy,
        options: ReplayOptions::default(),
    };
    do_job(&args.common, &files, &job, &outputs, MOST_LISTED)
}

/// `compare`: what moves between two policies.
///
/// # Errors
/// As [`backtest`].
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let outputs = args.common.outputs(args.affected.as_deref());
    let policies = [&args.policy, &args.against].map(Path::new);
    let files = args.common.files()?;
    let mapping = args.common.import.mapping_path();
    outputs.check(policies.into_iter().chain(files.paths()).chain(mapping))?;
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
    do_job(
        &args.common,
        &files,
        &job,
        &outputs,
        if args.summary { 0 } else { MOST_LISTED },
    )
}

/// `sweep`: what every policy of a grid would have done.
///
/// # Errors
/// As [`backtest`].
pub(super) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let outputs = args.common.outputs(None);
    let files = args.common.files()?;
    let policies = [&args.policy, &args.against].map(|policy| policy.as_deref().map(Path::new));
    let read = policies.into_iter().flatten().chain(args.sweep.as_deref());
    outputs.check(read.chain(files.paths()).chain(args.common.import.mapping_path()))?;
    let a = args.against.as_deref().map(read::policy).transpose()?;
    let mut sweep = match (&args.sweep, &args.policy) {
        (Some(path), _) => json_file::read::<Sweep>(path)?,
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
        options: ReplayOptions::default(),
        a,
        split_day: args.split_day,
        domains: None,
    };
    do_job(&args.common, &files, &job, &outputs, MOST_LISTED)
}

/// `calibrate`: what an account shows about its thresholds.
///
/// # Errors
/// As [`backtest`].
pub(super) fn calibrate(args: &CalibrateArgs) -> Result<(), Failure> {
    let outputs = OutputFiles {
        json: args.json.as_deref(),
        html: args.html.as_deref(),
        other: args.found.as_deref().map(|path| ("--found", path)),
    };
    let traffic = args.files.traffic()?;
    let mapping = args.import.mapping_path();
    outputs.check(args.files.paths().chain(traffic.paths()).chain(mapping))?;
    let bar = TerminalProgress::new(args.quiet);
    let base = args.files.policy.as_deref().map(read::policy).transpose()?;
    let base = base.unwrap_or_else(Policy::default);
    let (observations, import) = observed::read(&args.files, &traffic, &base, &args.import, &bar)?;
    let job = LabJob::Calibrate {
        observations: Arc::new(observations),
        assumptions: Assumptions::of(&base, args.may_wait),
    };
    let mut lab = Lab::default();
    let outcome = run(&mut lab, &job, &bar)?;
    if let (Some((_, path)), JobResult::Calibrate(found)) = (outputs.other, &outcome) {
        let policy = found.policy(&base);
        policy
            .validate()
            .map_err(|invalid| Failure::of("the intervals and the base policy allow no policy", invalid))?;
        let text = serde_json::to_string_pretty(&policy).map_err(|error| Failure::of("writing a policy", error))?;
        outputs::write(path, &text)?;
    }
    let report = LabReport::calibration(&outcome).map(|report| LabReport { import, ..report });
    give(&report, &outputs, &bar)
}

/// Reads the traffic, does the job, gives the report.
fn do_job(
    common: &CommonArgs,
    files: &TrafficFiles,
    job: &LabJob,
    outputs: &OutputFiles<'_>,
    most_listed: usize,
) -> Result<(), Failure> {
    let bar = TerminalProgress::new(common.quiet);
    let TrafficSource { table, origin, import } = read::csv(files, &common.import, &bar)?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = common.threads.map_or(cores, NonZeroUsize::get);
    let table = Arc::new(table);
    let mut lab = Lab::new(Arc::clone(&table), None).on_threads(threads);
    let outcome = run(&mut lab, job, &bar)?;
    let traffic = TrafficDescription::of(origin, &table, None);
    let report = LabReport::of(&traffic, &table, job, &outcome).map(|report| LabReport {
        import: Some(import),
        ..report
    });
    if let (Some((_, path)), Some(report)) = (outputs.other, &report) {
        outputs::write(path, &affected_csv(report))?;
    }
    let report = report.map(|report| report.with_most_affected(most_listed));
    let left_out = report.as_ref().map_or(0, LabReport::not_listed);
    if left_out > 0 && most_listed > 0 && (outputs.json.is_some() || outputs.html.is_some()) {
        bar.say(&format!(
            "the report does not list {}; --affected writes all",
            counted(left_out, "affected domain")
        ));
    }
    give(&report, outputs, &bar)?;
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

/// Writes the report where it is wanted, and what it says in short to standard output, unless that takes a file.
fn give(report: &Option<LabReport>, outputs: &OutputFiles<'_>, bar: &TerminalProgress) -> Result<(), Failure> {
    let Some(report) = report else {
        return Err(Failure("no report is kept of this".to_owned()));
    };
    if let Some(path) = outputs.html {
        outputs::write(path, &html(report))?;
    }
    if let Some(path) = outputs.json {
        outputs::write(path, &report.to_json())?;
    }
    if outputs.use_standard_output() || bar.is_quiet() {
        return Ok(());
    }
    outputs::print(&messages::lines(report))
}
