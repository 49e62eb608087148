//! What tests of the what-if lab need besides the app: its page's end alone, for scripts; and the lab's own tests in wasm.

use crate::problem::{Result, say};
use crate::process::{cargo, run};
use crate::project::Project;
use crate::setup::Tools;
use crate::workers;
use std::path::PathBuf;
use std::process::Command;

const PAGES_END: &str = "tests/browser/lab";
const TARGET: &str = "wasm32-unknown-unknown";
const VECTORS: &str = "-Ctarget-feature=+simd128";

/// Where the built page's end is.
pub fn package(project: &Project) -> PathBuf {
    project.path(PAGES_END).join("pkg")
}

/// Compiles the page's end of the lab to wasm, as fast as it gets: benchmarks use it too. The worker has compiled what it
/// is made of, into the same folder.
pub fn compile(project: &Project, tools: &Tools) -> Command {
    let mut compile = tools.for_wasm(cargo());
    compile.args(["build", "--release", "--target", TARGET, "--target-dir"]);
    compile.arg(workers::target(project)).env("RUSTFLAGS", VECTORS);
    compile.current_dir(project.path(PAGES_END));
    compile
}

/// Builds the page's end of the lab as a module for scripts.
pub fn build(project: &Project, tools: &Tools) -> Result<()> {
    run(&mut compile(project, tools))?;
    let mut bind = tools.program("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(package(project))
        .arg(workers::target(project).join(TARGET).join("release/browser_lab.wasm"));
    run(&mut bind)
}

/// Runs the lab's own tests in wasm, in Node: with vectors and without.
pub fn run_in_wasm(project: &Project, tools: &Tools) -> Result<()> {
    for (what, flags) in [("with vectors", VECTORS), ("without", "")] {
        say(format!("cargo test: the lab in wasm, {what}"));
        let mut test = tools.for_wasm_tests(cargo());
        test.args([
            "test",
            "--package",
            "poolkeeper-lab",
            "--test",
            "exact",
            "--target",
            TARGET,
        ]);
        test.arg("--target-dir").arg(project.path("target/lab-tests"));
        test.env("RUSTFLAGS", flags);
        run(test.current_dir(project.path("")))?;
    }
    Ok(())
}
