//! `build`: the files for a static host.

use crate::cache::remove_folder;
use crate::problem::{Result, say};
use crate::process::run;
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use crate::{offline, pages, policy, sizes};

/// What the first view may weigh with brotli, in KB of 1000 bytes: the project's promise.
pub const BUDGET_KB: f64 = 350.0;

/// Builds `dist/` and prints what its first view weighs.
pub fn build(project: &Project) -> Result<()> {
    let tools = setup::prepare(
        project,
        Needs {
            wasm: true,
            bundler: true,
            optimizer: true,
            ..Needs::default()
        },
    )?;
    build_with(project, &tools)?;
    sizes::check(&sizes::weigh(&project.path("dist"))?, BUDGET_KB)
}

/// The same with tools that are set up, and without holding the budget against it: tests need the files either way.
pub fn build_with(project: &Project, tools: &Tools) -> Result<()> {
    let dist = project.path("dist");
    remove_folder(&dist)?;
    say("trunk build --release, into dist/");
    // `--release` makes Trunk run wasm-opt; the profile is what cargo compiles with.
    let mut trunk = tools.trunk(project);
    trunk.args(["build", "--release", "--cargo-profile", "web"]);
    run(trunk.args(["--public-url", "./", "--dist", "dist"]))?;
    pages::write(&dist)?;
    policy::write(&dist)?;
    offline::write(&dist)?;
    let weights = sizes::weigh(&dist)?;
    println!("\n{}", sizes::table(&weights, BUDGET_KB));
    Ok(())
}
