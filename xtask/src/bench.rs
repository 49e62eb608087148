//! `bench`: measures, and never fails because of a number.

use crate::bench_table::BenchTable;
use crate::build::build_with;
use crate::lab_tests;
use crate::problem::{Result, say};
use crate::process::cargo;
use crate::project::Project;
use crate::setup::{self, Needs};
use crate::test::playwright;

/// Runs the benchmarks, native first, and prints one table of their results.
pub fn bench(project: &Project) -> Result<()> {
    let mut results = BenchTable::default();
    if project.path("benches").is_dir() {
        say("cargo bench");
        results.run(
            cargo()
                .args(["bench", "--package", "poolkeeper-benches", "--benches"])
                .current_dir(project.path("")),
        )?;
    } else {
        say("no native benchmarks: there is no benches/");
    }
    if !project.path("tests/browser/bench").is_dir() {
        say("no browser benchmarks: there is no tests/browser/bench/");
        println!("\n{}", results.table());
        return Ok(());
    }
    let tools = setup::prepare(project, Needs::PAGE_IN_BROWSER)?;
    build_with(project, &tools)?;
    lab_tests::build(project, &tools)?;
    say("Playwright, on the benchmarks");
    results.run(playwright(project, &tools)?.args(["--config", "bench.config.ts"]))?;
    println!("\n{}", results.table());
    say("Lighthouse, on dist/");
    let mut lighthouse = BenchTable::default();
    let mut command = tools.program("node");
    command
        .arg(project.path("tests/browser/bench/lighthouse.mjs"))
        .arg(setup::lighthouse()?)
        .arg(project.path("dist"))
        .env("CHROMIUM", tools.chromium()?);
    let measured = lighthouse.run(&mut command);
    println!("\n{}", lighthouse.table());
    measured
}
