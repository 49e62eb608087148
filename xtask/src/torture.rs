//! `torture`: tries often what the tests try a few times, and prints one table of it.

use crate::bench_table::BenchTable;
use crate::problem::{Result, say};
use crate::process::{cargo, run};
use crate::project::Project;

/// Kills, stops, damages and fills; with `is_long`, also the runs of many minutes.
pub fn torture(project: &Project, is_long: bool) -> Result<()> {
    let mut tried = BenchTable::default();
    say(
        "cargo test: processes killed and stopped, full disks, damaged bytes, a client with faults. This takes minutes.",
    );
    let mut test = cargo();
    test.args(["test", "--package", "poolkeeper-cli", "--test", "cli", "torture::"]);
    test.args(["--", "--nocapture", "--test-threads", "1"]);
    test.env("POOLKEEPER_TORTURE", "1").current_dir(project.path(""));
    let result = tried.run(&mut test);
    println!("\n{}", tried.table());
    result?;
    if !is_long {
        return Ok(());
    }
    let mut measured = BenchTable::default();
    say("cargo build --release: the program, for the long runs");
    let mut build = cargo();
    build.args(["build", "--release", "--package", "poolkeeper-cli"]);
    run(build.current_dir(project.path("")))?;
    say("cargo bench: the long runs, half an hour");
    let mut bench = cargo();
    bench.args(["bench", "--package", "poolkeeper-benches", "--bench", "long_runs", "--"]);
    bench.arg(project.target().join("release/poolkeeper"));
    let result = measured.run(bench.current_dir(project.path("")));
    println!("\n{}", measured.table());
    result
}
