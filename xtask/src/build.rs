//! `build`: the files for a static host.

use crate::cache::remove_folder;
use crate::problem::{Result, say};
use crate::process::run;
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use crate::workers::{self, Pace};
use crate::{offline, pages, policy, sizes, split, warm_up};

/// What the first view may weigh with brotli, in KB of 1000 bytes: the project's promise.
pub const BUDGET_KB: f64 = 350.0;

/// Builds `dist/` and prints what its first view weighs.
pub fn build(project: &Project) -> Result<()> {
    let needs = Needs {
        wasm: true,
        bundler: true,
        optimizer: true,
        cutter: true,
        ..Needs::default()
    };
    let tools = setup::prepare_beside(project, needs, |tools, progress| {
        warm_up::compile_app(project, tools, progress, "web", &[split::FEATURE]);
    })?;
    build_with(project, &tools)?;
    sizes::check(&sizes::weigh(&project.path("dist"))?, BUDGET_KB)
}

/// The same with tools that are set up, and without checking the budget.
pub fn build_with(project: &Project, tools: &Tools) -> Result<()> {
    let dist = project.path("dist");
    remove_folder(&dist)?;
    say("trunk build, into dist/");
    // Without `--release`, which would have Trunk run wasm-opt on what is cut and replaced afterwards.
    let mut trunk = tools.trunk(project);
    trunk.env("CARGO_TARGET_DIR", project.target());
    trunk.args(["build", "--cargo-profile", "web", "--features", split::FEATURE]);
    run(trunk.args(["--public-url", "./", "--dist", "dist"]))?;
    split::write(project, tools, &dist)?;
    workers::write(project, tools, &dist, Pace::Release)?;
    pages::write(&dist)?;
    policy::write(&dist)?;
    offline::write(&dist)?;
    let weights = sizes::weigh(&dist)?;
    println!("\n{}", sizes::table(&weights, BUDGET_KB));
    println!(
        "{}",
        sizes::list("later: the lab's worker, one of the two", &sizes::weigh_later(&dist)?)
    );
    Ok(())
}
