//! `bench`: figures, not pass or fail.

use crate::build::build_with;
use crate::lab_tests;
use crate::problem::{Result, say};
use crate::process::{cargo, run};
use crate::project::Project;
use crate::setup::{self, Needs};
use crate::test::playwright;

/// Runs the benchmarks there are, native first.
pub fn bench(project: &Project) -> Result<()> {
    if project.path("benches").is_dir() {
        say("cargo bench");
        run(cargo()
            .args(["bench", "--no-default-features"])
            .current_dir(project.path("")))?;
    } else {
        say("no native benchmarks: there is no benches/");
    }
    if !project.path("tests/browser/bench").is_dir() {
        say("no browser benchmarks: there is no tests/browser/bench/");
        return Ok(());
    }
    let needs = Needs {
        wasm: true,
        bundler: true,
        optimizer: true,
        cutter: true,
        browser: true,
    };
    let tools = setup::prepare(project, needs)?;
    build_with(project, &tools)?;
    lab_tests::build(project, &tools)?;
    say("Playwright, on the benchmarks");
    run(playwright(project, &tools)?.args(["--config", "bench.config.ts"]))
}
