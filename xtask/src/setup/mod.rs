//! Finds what a task needs, or installs it: the wasm32 target, Trunk and the tools it calls, Chromium, Playwright.
//!
//! What a person has to install by hand is known before anything slow begins, and is asked for in one command.

mod apt;
mod cargo_tools;
mod chromium;
mod npm;
mod proxies;
mod version;
mod wasm;

use crate::cache::Cache;
use crate::problem::{Problem, Result};
use crate::project::Project;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

pub use npm::node;

/// What a task is going to do, and so needs tools for.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    /// Compile for wasm32.
    pub wasm: bool,
    /// Bundle with Trunk.
    pub bundler: bool,
    /// Make the wasm smaller, for a release.
    pub optimizer: bool,
    /// Cut the wasm into parts.
    pub cutter: bool,
    /// Run tests in a browser.
    pub browser: bool,
}

/// The tools a task asked for, ready to be started.
pub struct Tools {
    path: OsString,
    wasm: wasm::Compiler,
    chromium: Option<PathBuf>,
    proxies: Vec<(&'static str, PathBuf)>,
}

impl Tools {
    /// Those of the xtask that started this one, in whose environment they are.
    pub fn inherited() -> Self {
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            wasm: wasm::Compiler::Ordinary,
            chromium: None,
            proxies: Vec::new(),
        }
    }

    /// A program found with the installed tools first on `PATH`.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("PATH", &self.path);
        command
    }

    /// Lets a command compile for wasm32.
    pub fn for_wasm(&self, mut command: Command) -> Command {
        command.env("PATH", &self.path);
        self.wasm.configure(&mut command);
        command
    }

    /// Lets a command compile tests for wasm32 and run them, in Node.
    pub fn for_wasm_tests(&self, command: Command) -> Command {
        let mut command = self.for_wasm(command);
        self.wasm.configure_tests(&mut command);
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        command
    }

    /// Whether clippy can look at wasm32 code: the fallback compiler comes without it.
    pub fn has_wasm_clippy(&self) -> bool {
        matches!(self.wasm, wasm::Compiler::Ordinary)
    }

    /// Trunk, bundling `src/bin/app.rs` for the browser.
    pub fn trunk(&self, project: &Project) -> Command {
        let mut trunk = self.for_wasm(self.program("trunk"));
        // Trunk reads NO_COLOR as true or false and refuses the customary 1.
        trunk
            .env_remove("NO_COLOR")
            .env("TRUNK_SKIP_VERSION_CHECK", "true")
            .current_dir(project.path(""));
        trunk
    }

    /// The web servers that tests run, by the variables that name them.
    pub fn proxies(&self) -> &[(&'static str, PathBuf)] {
        &self.proxies
    }

    /// The browser's program.
    pub fn chromium(&self) -> Result<&PathBuf> {
        self.chromium
            .as_ref()
            .ok_or_else(|| Problem::new("This task was set up without a browser."))
    }
}

/// Finds or installs everything in `needs`.
pub fn prepare(project: &Project, needs: Needs) -> Result<Tools> {
    let cache = Cache::open()?;
    let mut wanted = apt::Wanted::default();
    if needs.optimizer || needs.browser {
        npm::find_node(&mut wanted)?;
    }
    let mut wasm = wasm::Found::Compiler(wasm::Compiler::Ordinary);
    if needs.wasm {
        wasm = wasm::find(&cache, &mut wanted);
    }
    let mut chromium = None;
    if needs.browser {
        chromium = chromium::find(&mut wanted)?;
    }
    apt::install(wanted, &cache)?;
    let wasm = wasm.settle()?;
    if needs.browser && chromium.is_none() {
        chromium = Some(chromium::installed()?);
    }
    let mut folders = Vec::new();
    if needs.bundler {
        let bindgen = project.locked_version("wasm-bindgen")?;
        folders.extend(cargo_tools::ensure(&cache, &cargo_tools::trunk())?);
        folders.extend(cargo_tools::ensure(&cache, &cargo_tools::wasm_bindgen(bindgen))?);
    }
    if needs.cutter {
        folders.extend(cargo_tools::ensure(&cache, &cargo_tools::wasm_split())?);
    }
    if needs.optimizer {
        folders.extend(npm::ensure_optimizer(&cache)?);
    }
    let mut proxies = Vec::new();
    if needs.browser {
        npm::ensure_playwright(project, &cache)?;
        proxies = proxies::ensure(&cache)?;
    }
    Ok(Tools {
        path: path_with(folders)?,
        wasm,
        chromium,
        proxies,
    })
}

fn path_with(mut folders: Vec<PathBuf>) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    std::env::join_paths(folders)
        .map_err(|error| Problem::new(format!("A tool's folder can't stand in PATH: {error}.")))
}
