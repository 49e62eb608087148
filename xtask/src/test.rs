//! `test`: what `check` does, then native, documentation, wasm and browser tests.

use crate::args::TestOptions;
use crate::background::Background;
use crate::build::{BUDGET_KB, build_with};
use crate::cache::create_folder;
use crate::check::static_checks;
use crate::contract;
use crate::lab_tests;
use crate::problem::{Problem, Result, say};
use crate::process::{cargo, run};
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use crate::sizes;
use crate::split;
use crate::stopwatch::Timings;
use crate::warm_up;
use crate::workers::{self, Pace};
use std::ffi::OsString;
use std::process::Command;

/// Runs the tests that were asked for.
pub fn test(project: &Project, options: &TestOptions) -> Result<()> {
    let mut timings = Timings::default();
    // All set-up first: what is missing is said before anybody waits for tests.
    let tools = if options.checks || options.wasm || options.browser {
        Some(timings.step("set-up", || prepare(project, options))?)
    } else {
        None
    };
    let background = tools.as_ref().filter(|_| options.browser && !options.built);
    let background = background
        .map(|tools| compile_for_browser(project, tools))
        .transpose()?;
    if options.checks
        && let Some(tools) = &tools
    {
        static_checks(project, tools, &mut timings)?;
    }
    if options.native {
        timings.step("native tests", || native(project, &options.rest))?;
    }
    if let Some(tools) = &tools {
        if options.wasm {
            timings.step("the lab in wasm", || lab_tests::run_in_wasm(project, tools))?;
        }
        if options.browser {
            if let Some(background) = background {
                timings.step("background, to its end", || -> Result<()> {
                    background.finish();
                    Ok(())
                })?;
            }
            in_browser(project, tools, options, &mut timings)?;
        }
    }
    say(format!("everything asked for passed\n{}", timings.table()));
    Ok(())
}

/// What the browser's tests need, compiled while checks and native tests run: linking it keeps one core busy, so two jobs
/// at once take less time than one after the other.
fn compile_for_browser(project: &Project, tools: &Tools) -> Result<Background> {
    let logs = project.path("target/background");
    create_folder(&logs)?;
    let [vectors, plain] = workers::compile(project, tools, Pace::Release);
    let commands = [
        ("app", warm_up::app(project, tools, "web", &[split::FEATURE])),
        ("worker-vectors", vectors),
        ("worker-plain", plain),
        ("lab", lab_tests::compile(project, tools)),
        ("contract", contract::compile(project, tools)),
    ];
    say(format!(
        "compiling for the browser in the background; see {}",
        logs.display()
    ));
    let logged = commands.map(|(name, command)| (command, logs.join(format!("{name}.log"))));
    Ok(Background::start(logged.into()))
}

fn in_browser(project: &Project, tools: &Tools, options: &TestOptions, timings: &mut Timings) -> Result<()> {
    if !options.built {
        timings.step("build of dist/", || build_with(project, tools))?;
        sizes::check(&sizes::weigh(&project.path("dist"))?, BUDGET_KB)?;
        say("the contract suite, for the browser");
        timings.step("build of the contract suite", || contract::build(project, tools))?;
        say("the lab's page end, for scripts");
        timings.step("build of the lab for scripts", || lab_tests::build(project, tools))?;
    } else if !are_built(project) {
        return Err(Problem::with_remedy(
            "There is no built app in dist/, or no contract suite or lab built for the browser's tests.",
            "cargo xtask test --browser",
        ));
    }
    say("Playwright, on dist/");
    timings.step("browser tests", || run(playwright(project, tools)?.args(&options.rest)))
}

fn prepare(project: &Project, options: &TestOptions) -> Result<Tools> {
    setup::prepare_beside(project, needs(options), |tools, progress| {
        if options.browser && !options.built {
            warm_up::compile_app(project, tools, progress, "web", &[split::FEATURE]);
        }
    })
}

fn are_built(project: &Project) -> bool {
    let packages = [contract::package(project), lab_tests::package(project)];
    project.path("dist/index.html").is_file() && packages.iter().all(|package| package.is_dir())
}

fn needs(options: &TestOptions) -> Needs {
    let build = options.browser && !options.built;
    Needs {
        wasm: options.checks || options.wasm || build,
        // The tests try its proxy, that of `run --live`, even if it has nothing to build.
        bundler: options.browser,
        binder: options.wasm,
        optimizer: build,
        cutter: build,
        browser: options.browser,
        typescript: options.checks,
        fuzzer: false,
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
