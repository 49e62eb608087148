//! Compiling the app while its tools are being installed.

use crate::problem::say;
use crate::process::{cargo, run_quietly};
use crate::project::Project;
use crate::setup::{Progress, Tools};
use std::process::Command;

/// Compiles the app's wasm as Trunk will, into the same folder, so that Trunk finds it compiled.
///
/// The arguments are Trunk's own: another profile or feature would compile for nothing.
pub fn app(project: &Project, tools: &Tools, profile: &str, features: &[&str]) -> Command {
    let mut command = tools.for_wasm(cargo());
    command.args(["build", "--target", "wasm32-unknown-unknown", "--bin", "app"]);
    command.args(["--profile", profile]);
    for feature in features {
        command.args(["--features", feature]);
    }
    command
        .env("CARGO_TARGET_DIR", project.target())
        .current_dir(project.path(""));
    command
}

/// Compiles the app and says how far it is.
pub fn compile_app(project: &Project, tools: &Tools, progress: &Progress, profile: &str, features: &[&str]) {
    let mut command = app(project, tools, profile, features);
    let log = project.target().join("warm-up.log");
    let outcome = progress.step("the app, compiled meanwhile", Some(&log), || {
        run_quietly(&mut command, &log)
    });
    if outcome.is_err() {
        // Not an error here: Trunk compiles the app again, and shows the compiler's messages.
        say("the app does not compile; what the compiler says follows");
    }
}
