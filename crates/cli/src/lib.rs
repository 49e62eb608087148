//! The native command line: the simulator behind HTTP, and the lab's engine on files.
//!
//! Exit codes: 0 done, 1 it could not be done (the message says why), 2 the command line made no sense.

mod lab;
mod serve;

use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "poolkeeper",
    version,
    about = "Mailgun's Dynamic IP Pools: a simulator and a what-if lab"
)]
struct Cli {
    #[command(subcommand)]
    command: CliCommand,
}

#[derive(Subcommand)]
enum CliCommand {
    /// Serve the simulator over HTTP, for any Mailgun client.
    Serve(serve::ServeArgs),
    /// What a policy would have done to the traffic of a CSV.
    Backtest(lab::BacktestArgs),
    /// What moves between two policies.
    Compare(lab::CompareArgs),
    /// The interval each threshold must lie in, by what an account shows.
    Calibrate(lab::CalibrateArgs),
    /// What every policy of a grid would have done.
    Sweep(lab::SweepArgs),
}

/// What stopped a command, in words for the terminal.
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
    let result = match Cli::parse().command {
        CliCommand::Serve(args) => serve::run(&args),
        CliCommand::Backtest(args) => lab::backtest(&args),
        CliCommand::Compare(args) => lab::compare(&args),
        CliCommand::Calibrate(args) => lab::calibrate(&args),
        CliCommand::Sweep(args) => lab::sweep(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nowhere is left to report to when standard error is closed.
            let _ = writeln!(std::io::stderr(), "poolkeeper: {failure}");
            ExitCode::FAILURE
        }
    }
}
