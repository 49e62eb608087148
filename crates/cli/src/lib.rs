//! The native command line: the console server, the simulator behind HTTP, and the lab's engine on files.
//!
//! Exit codes: 0 success, 1 failure (the message says why), 2 invalid command line. A change of a live account ends with 3 if the
//! dry run refuses it and nothing was sent, and with 4 if not all of it was made.

mod account_client;
mod account_state;
mod accounts;
mod clock;
mod console;
pub mod decoders;
mod folders;
mod form;
mod import_texts;
mod lab;
mod line_file;
mod live;
mod lock_file;
mod manual;
mod new_file;
mod private_file;
mod record;
mod request_source;
mod runtime;
mod serve;
mod stop;
mod terminal;
mod values;
mod watch;

pub use serve::InProcessServer;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "poolkeeper",
    version,
    about = "Mailgun's Dynamic IP Pools: a console, a simulator and a what-if lab",
    long_about = "Mailgun's Dynamic IP Pools: a console, a simulator and a what-if lab.\n\nWithout a command: the console.",
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<CliCommand>,
    #[command(flatten)]
    console: console::ConsoleArgs,
}

#[derive(Subcommand)]
enum CliCommand {
    /// Serve the console to a browser of this machine; the default
    Console(console::ConsoleArgs),
    /// Serve a simulated account over HTTP, for any Mailgun client
    Serve(serve::ServeArgs),
    /// List the dynamic pools of a live account
    Pools(live::Reading<live::PoolsArgs>),
    /// List the enrolled domains of a live account
    Domains(live::Reading<live::DomainsArgs>),
    /// List the moves of a live account's domains, the newest first
    History(live::Reading<live::HistoryArgs>),
    /// Run the health check of domains without changing anything
    Preview(live::Reading<live::PreviewArgs>),
    /// Enroll domains of a live account
    Enroll(live::Changing<live::EnrollArgs>),
    /// Take domains out of the dynamic pools
    Remove(live::Changing<live::RemoveArgs>),
    /// Pin domains to a pool, or remove their overrides
    Override(live::Changing<live::OverrideArgs>),
    /// List IPs, and change which pools they are in
    Ips(live::IpsArgs),
    /// List IPs that are warming up, and end a warm-up
    Warmups(live::WarmUpsArgs),
    /// List the changes that were sent to a live account; go on with one, or put it back
    Record(live::RecordArgs),
    /// Show what would change for the account to be as a file says
    Plan(live::Reading<live::PlanArgs>),
    /// Change the account so that it is as a file says
    Apply(live::Changing<live::ApplyArgs>),
    /// Print the account's pools and overrides as such a file
    Export(live::Reading<live::ExportArgs>),
    /// Show how files of traffic are understood, and write the traffic
    Import(lab::ImportCommandArgs),
    /// Watch live accounts and tell who has to know
    Watch(watch::WatchArgs),
    /// Replay one policy over the traffic of a CSV
    Backtest(lab::BacktestArgs),
    /// Compare two policies over the traffic of a CSV
    Compare(lab::CompareArgs),
    /// Estimate Mailgun's thresholds from what an account shows
    Calibrate(lab::CalibrateArgs),
    /// Replay every policy of a grid and count the outcomes
    Sweep(lab::SweepArgs),
    /// Print completions for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page, or write one for each command to a folder
    Man(manual::ManArgs),
}

/// Why a command failed, as text for the terminal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// A failure of doing something, with its cause.
    pub(crate) fn of(doing: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self(format!("{doing}: {cause}"))
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer_parser(&error),
    };
    match run(cli) {
        Ok(end) => end.into(),
        Err(failure) => {
            terminal::say(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<live::CommandEnd, Failure> {
    let done = |()| live::CommandEnd::Done;
    match cli.command {
        None => console::run(&cli.console).map(done),
        Some(CliCommand::Console(args)) => console::run(&args).map(done),
        Some(CliCommand::Serve(args)) => serve::run(&args).map(done),
        Some(CliCommand::Pools(args)) => args.run(),
        Some(CliCommand::Domains(args)) => args.run(),
        Some(CliCommand::History(args)) => args.run(),
        Some(CliCommand::Preview(args)) => args.run(),
        Some(CliCommand::Enroll(args)) => args.run(),
        Some(CliCommand::Remove(args)) => args.run(),
        Some(CliCommand::Override(args)) => args.run(),
        Some(CliCommand::Ips(args)) => args.run(),
        Some(CliCommand::Warmups(args)) => args.run(),
        Some(CliCommand::Record(args)) => args.run(),
        Some(CliCommand::Plan(args)) => args.run(),
        Some(CliCommand::Apply(args)) => args.run(),
        Some(CliCommand::Export(args)) => args.run(),
        Some(CliCommand::Import(args)) => lab::import(&args).map(done),
        Some(CliCommand::Watch(args)) => watch::run(&args).map(done),
        Some(CliCommand::Backtest(args)) => lab::backtest(&args).map(done),
        Some(CliCommand::Compare(args)) => lab::compare(&args).map(done),
        Some(CliCommand::Calibrate(args)) => lab::calibrate(&args).map(done),
        Some(CliCommand::Sweep(args)) => lab::sweep(&args).map(done),
        Some(CliCommand::Completions(args)) => manual::completions(&args, Cli::command()).map(done),
        Some(CliCommand::Man(args)) => manual::man(&args, Cli::command()).map(done),
    }
}

/// Help and the version go to standard output. A problem repeats what was typed, so it is made printable.
fn answer_parser(answer: &clap::Error) -> ExitCode {
    if !answer.use_stderr() {
        // The pipe may be closed.
        let _ = answer.print();
        return ExitCode::SUCCESS;
    }
    terminal::write_error(&terminal::printable(&answer.to_string()));
    ExitCode::from(2)
}
