//! `torture`: tries often what the tests try a few times, natively and in a browser, and prints one table of it.

use crate::bench_table::BenchTable;
use crate::build::build_with;
use crate::problem::{Result, say};
use crate::process::{cargo, run};
use crate::project::Project;
use crate::setup::{self, Needs};
use crate::test::playwright;

/// How often the browser is killed.
const BROWSER_KILLS: &str = "200";

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
    let result = tried.run(&mut test).and_then(|()| kill_browsers(project, &mut tried));
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

fn kill_browsers(project: &Project, tried: &mut BenchTable) -> Result<()> {
    let tools = setup::prepare(project, Needs::PAGE_IN_BROWSER)?;
    build_with(project, &tools)?;
    say("Playwright: the browser killed while the page stores");
    let mut kills = playwright(project, &tools)?;
    kills.args(["specs/killed.spec.ts"]);
    tried.run(kills.env("POOLKEEPER_BROWSER_KILLS", BROWSER_KILLS))
}
