//! `bench`: figures, not pass or fail.

use crate::build::build_with;
use crate::figures::Figures;
use crate::lab_tests;
use crate::problem::{Result, say};
use crate::process::cargo;
use crate::project::Project;
use crate::setup::{self, Needs};
use crate::test::playwright;

/// Runs the benchmarks there are, native first, and ends with one table of what they measured.
pub fn bench(project: &Project) -> Result<()> {
    let mut figures = Figures::default();
    if project.path("benches").is_dir() {
        say("cargo bench");
        figures.run(
            cargo()
                .args(["bench", "--no-default-features", "--benches"])
                .current_dir(project.path("")),
        )?;
    } else {
        say("no native benchmarks: there is no benches/");
    }
    if !project.path("tests/browser/bench").is_dir() {
        say("no browser benchmarks: there is no tests/browser/bench/");
        println!("\n{}", figures.table());
        return Ok(());
    }
    let needs = Needs {
        wasm: true,
        bundler: true,
        optimizer: true,
        cutter: true,
        browser: true,
        ..Needs::default()
    };
    let tools = setup::prepare(project, needs)?;
    build_with(project, &tools)?;
    lab_tests::build(project, &tools)?;
    say("Playwright, on the benchmarks");
    figures.run(playwright(project, &tools)?.args(["--config", "bench.config.ts"]))?;
    println!("\n{}", figures.table());
    Ok(())
}
