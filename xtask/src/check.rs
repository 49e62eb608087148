//! `check`: format, types, lints and documentation without a warning.

use crate::problem::{Problem, Result, say};
use crate::process::{answer, cargo, on_path, run};
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use crate::stopwatch::Timings;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Stops at the first thing that isn't as it should be.
pub fn check(project: &Project) -> Result<()> {
    let tools = setup::prepare(
        project,
        Needs {
            wasm: true,
            typescript: true,
            ..Needs::default()
        },
    )?;
    let mut timings = Timings::default();
    static_checks(project, &tools, &mut timings)?;
    say(format!("every check passed\n{}", timings.table()));
    Ok(())
}

/// Everything that can be found out without running a test, the quickest first.
pub fn static_checks(project: &Project, tools: &Tools, timings: &mut Timings) -> Result<()> {
    ensure_component("rustfmt", "fmt")?;
    ensure_component("clippy", "clippy")?;
    timings.step("format", || format(project))?;
    timings.step("TypeScript", || typescript(project, tools))?;
    timings.step("clippy, native", || clippy_native(project))?;
    timings.step("clippy, wasm32", || wasm(project, tools))?;
    timings.step("documentation", || documentation(project))
}

fn format(project: &Project) -> Result<()> {
    say("cargo fmt --check");
    run(cargo().args(["fmt", "--all", "--check"]).current_dir(project.path("")))
}

fn clippy_native(project: &Project) -> Result<()> {
    say("cargo clippy: the workspace, natively");
    let mut command = cargo();
    command.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    run(command.current_dir(project.path("")))
}

fn wasm(project: &Project, tools: &Tools) -> Result<()> {
    if tools.has_wasm_clippy() {
        say("cargo clippy: the app for wasm32");
        let mut command = tools.for_wasm(cargo());
        command
            .arg("clippy")
            .args(["--target", TARGET])
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
            .args(["--target", TARGET])
            .args(part)
            .args(["--", "--deny", "warnings"]);
        run(command.current_dir(project.path("")))?;
    }
    Ok(())
}

/// The types of the browser tests, which Playwright itself does not look at.
fn typescript(project: &Project, tools: &Tools) -> Result<()> {
    let tests = project.path("tests/browser");
    if !tests.join("tsconfig.json").is_file() {
        return Ok(());
    }
    say("tsc --noEmit: the browser tests");
    let mut tsc = tools.program("node");
    tsc.arg(tests.join("node_modules/typescript/bin/tsc"));
    run(tsc.args(["--noEmit", "-p"]).arg(&tests))
}

/// The documentation of every package, with broken links and the like as errors.
fn documentation(project: &Project) -> Result<()> {
    say("cargo doc: every library, warnings denied");
    let mut command = cargo();
    command.args(["doc", "--workspace", "--lib", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    run(command.current_dir(project.path("")))
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
