//! The native command line: the simulator behind HTTP, and the lab's engine on files.
//!
//! Exit codes: 0 success, 1 failure (the message says why), 2 invalid command line.

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
    /// Serve a simulated account over HTTP, for any Mailgun client
    Serve(serve::ServeArgs),
    /// Replay one policy over the traffic of a CSV
    Backtest(lab::BacktestArgs),
    /// Compare two policies over the traffic of a CSV
    Compare(lab::CompareArgs),
    /// Estimate Mailgun's thresholds from what an account shows
    Calibrate(lab::CalibrateArgs),
    /// Replay every policy of a grid and count the outcomes
    Sweep(lab::SweepArgs),
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
