//! The native command line: the console server, the simulator behind HTTP, and the lab's engine on files.
//!
//! Exit codes: 0 success, 1 failure (the message says why), 2 invalid command line.

mod console;
pub mod decoders;
mod form;
mod import_texts;
mod lab;
mod line_file;
mod lock_file;
mod new_file;
mod request_source;
mod serve;
mod stop;
mod terminal;

pub use serve::InProcessServer;

use clap::{Parser, Subcommand};
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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer_parser(&error),
    };
    let result = match cli.command {
        None => console::run(&cli.console),
        Some(CliCommand::Console(args)) => console::run(&args),
        Some(CliCommand::Serve(args)) => serve::run(&args),
        Some(CliCommand::Backtest(args)) => lab::backtest(&args),
        Some(CliCommand::Compare(args)) => lab::compare(&args),
        Some(CliCommand::Calibrate(args)) => lab::calibrate(&args),
        Some(CliCommand::Sweep(args)) => lab::sweep(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::say(&failure.to_string());
            ExitCode::FAILURE
        }
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
