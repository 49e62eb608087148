//! `check`: format, lints, and every binary without a warning.

use crate::problem::{Problem, Result, say};
use crate::process::{answer, cargo, on_path, run};
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use std::process::Command;

/// Stops at the first thing that isn't as it should be.
pub fn check(project: &Project) -> Result<()> {
    ensure_component("rustfmt", "fmt")?;
    ensure_component("clippy", "clippy")?;
    let tools = setup::prepare(
        project,
        Needs {
            wasm: true,
            ..Needs::default()
        },
    )?;
    say("cargo fmt --check");
    run(cargo().args(["fmt", "--all", "--check"]).current_dir(project.path("")))?;
    say("cargo clippy: the workspace, natively");
    let mut native = cargo();
    native.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    run(native.current_dir(project.path("")))?;
    wasm(project, &tools)?;
    say("format, lints and warnings: nothing to mend");
    Ok(())
}

fn wasm(project: &Project, tools: &Tools) -> Result<()> {
    const TARGET: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
    if tools.has_wasm_clippy() {
        say("cargo clippy: the app for wasm32");
        let mut command = tools.for_wasm(cargo());
        command
            .arg("clippy")
            .args(TARGET)
            .args(["--package", "poolkeeper", "--package", "poolkeeper-worker"])
            .args(["--", "--deny", "warnings"]);
        return run(command.current_dir(project.path("")));
    }
    // The fallback compiler has no clippy: its own warnings are errors, for our code and not for what it depends on.
    for part in [
        ["--package", "poolkeeper", "--lib"].as_slice(),
        &["--package", "poolkeeper", "--bin", "app"],
        &["--package", "poolkeeper-worker", "--bin", "worker"],
    ] {
        say(format!("cargo rustc: {} for wasm32, warnings denied", part.join(" ")));
        let mut command = tools.for_wasm(cargo());
        command
            .args(["rustc", "--profile", "check"])
            .args(TARGET)
            .args(part)
            .args(["--", "--deny", "warnings"]);
        run(command.current_dir(project.path("")))?;
    }
    Ok(())
}

fn ensure_component(component: &str, subcommand: &str) -> Result<()> {
    if answer(cargo().args([subcommand, "--version"])).is_some() {
        return Ok(());
    }
    let missing = || {
        let sentence = format!("cargo has no `{subcommand}` here.");
        Problem::with_remedy(sentence, format!("rustup component add {component}"))
    };
    if on_path("rustup").is_none() {
        return Err(missing());
    }
    say(format!("rustup component add {component}"));
    run(Command::new("rustup").args(["component", "add", component])).map_err(|_| missing())
}
