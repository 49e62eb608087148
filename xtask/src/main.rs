//! The tasks of a developer: `cargo xtask run`, `test`, `build`, `check`, `bench`, `fuzz` and `torture`. Each installs the
//! tools it needs.

mod args;
mod background;
mod bench;
mod bench_table;
mod build;
mod cache;
mod check;
mod contract;
mod fuzz;
mod lab_tests;
mod offline;
mod pages;
mod policy;
mod problem;
mod process;
mod project;
mod run;
mod setup;
mod sizes;
mod split;
mod stopwatch;
mod test;
mod torture;
mod warm_up;
mod workers;

use args::Task;
use problem::Result;
use std::process::ExitCode;

fn main() -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}

fn perform() -> Result<()> {
    let task = args::parse(std::env::args_os().skip(1).collect())?;
    let project = project::Project::find()?;
    match task {
        Task::Help => {
            println!("{}", args::HELP);
            Ok(())
        }
        Task::Run(options) => run::run(&project, &options),
        Task::Test(options) => test::test(&project, &options),
        Task::Build => build::build(&project),
        Task::Check => check::check(&project),
        Task::Bench => bench::bench(&project),
        Task::Fuzz(options) => fuzz::fuzz(&project, &options),
        Task::Torture { is_long } => torture::torture(&project, is_long),
        Task::Worker => workers::add_to_bundle(&project),
    }
}
