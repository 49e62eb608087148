//! The contract suite for the browser: the same cases as natively, compiled for wasm32.

use crate::problem::Result;
use crate::process::{cargo, run};
use crate::project::Project;
use crate::setup::Tools;
use std::path::PathBuf;
use std::process::Command;

const CRATE: &str = "tests/browser/contract";

/// Where its built files are.
pub fn package(project: &Project) -> PathBuf {
    project.path(CRATE).join("pkg")
}

/// Compiles it to wasm.
pub fn compile(project: &Project, tools: &Tools) -> Command {
    let mut compile = tools.for_wasm(cargo());
    compile
        .args(["build", "--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(target(project))
        .current_dir(project.path(CRATE));
    compile
}

fn target(project: &Project) -> PathBuf {
    project.path("target/contract")
}

/// Builds it.
pub fn build(project: &Project, tools: &Tools) -> Result<()> {
    run(&mut compile(project, tools))?;
    let mut bind = tools.program("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(package(project))
        .arg(target(project).join("wasm32-unknown-unknown/debug/browser_contract.wasm"));
    run(&mut bind)
}
