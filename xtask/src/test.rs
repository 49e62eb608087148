//! `test`: native, documentation and browser tests.

use crate::args::TestOptions;
use crate::build::build_with;
use crate::contract;
use crate::lab_tests;
use crate::problem::{Problem, Result, say};
use crate::process::{cargo, run};
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use std::ffi::OsString;
use std::process::Command;
use std::time::Instant;

/// Runs the tests that were asked for.
pub fn test(project: &Project, options: &TestOptions) -> Result<()> {
    // All set-up first: what is missing is said before anybody waits for tests.
    let tools = if options.browser {
        Some(setup::prepare(project, needs(options.built))?)
    } else {
        None
    };
    #[expect(clippy::disallowed_methods, reason = "the time the tests take is told")]
    let start = Instant::now();
    if options.native {
        native(project, &options.rest)?;
    }
    if let Some(tools) = &tools {
        if !options.built {
            build_with(project, tools)?;
            say("the contract suite, for the browser");
            contract::build(project, tools)?;
            say("the lab's page end, for scripts");
            lab_tests::build(project, tools)?;
            if options.rest.is_empty() {
                lab_tests::run_in_wasm(project, tools)?;
            }
        } else if !are_built(project) {
            return Err(Problem::with_remedy(
                "There is no built app in dist/, or no contract suite or lab built for the browser's tests.",
                "cargo xtask test --browser",
            ));
        }
        say("Playwright, on dist/");
        run(playwright(project, tools)?.args(&options.rest))?;
    }
    say(format!(
        "every test asked for passed, in {} s",
        start.elapsed().as_secs()
    ));
    Ok(())
}

fn are_built(project: &Project) -> bool {
    let packages = [contract::package(project), lab_tests::package(project)];
    project.path("dist/index.html").is_file() && packages.iter().all(|package| package.is_dir())
}

fn needs(built: bool) -> Needs {
    Needs {
        wasm: !built,
        // Its own proxy, that of `run --live`, is tested too.
        bundler: true,
        optimizer: !built,
        cutter: !built,
        browser: true,
    }
}

fn native(project: &Project, rest: &[OsString]) -> Result<()> {
    say("cargo test: every crate but the console, natively, with the documentation's examples");
    let mut test = cargo();
    // The console has no native tests, and compiling Leptos for none takes minutes.
    test.args(["test", "--workspace", "--exclude", "poolkeeper"]).args(rest);
    run(test.current_dir(project.path("")))
}

/// Playwright's command in `tests/browser`, which serves `dist/` by itself.
pub fn playwright(project: &Project, tools: &Tools) -> Result<Command> {
    let folder = project.path("tests/browser");
    let mut command = tools.program("node");
    command
        .arg(folder.join("node_modules/@playwright/test/cli.js"))
        .arg("test")
        .current_dir(folder);
    command.env("CHROMIUM", tools.chromium()?);
    command.envs(tools.proxies().iter().map(|(variable, program)| (variable, program)));
    Ok(command)
}
