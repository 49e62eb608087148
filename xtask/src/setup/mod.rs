//! Finds what a task needs, or installs it: the wasm32 target, Trunk and the tools it calls, Chromium, Playwright.
//!
//! If a package has to be installed by hand, the task stops with one command for all of them before anything slow begins. The
//! slow steps then run side by side.

mod apt;
mod cargo_tools;
mod chromium;
mod npm;
mod prebuilt;
mod progress;
mod proxies;
mod version;
mod wasm;

use crate::cache::Cache;
use crate::problem::{Problem, Result, say};
use crate::project::Project;
use crate::stopwatch::{Stopwatch, seconds};
use cargo_tools::ToolLocation;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::thread;

pub use npm::node;
pub use progress::Progress;

/// What a task needs tools for.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    /// Compile for wasm32.
    pub wasm: bool,
    /// Bundle with Trunk, which calls wasm-bindgen.
    pub bundler: bool,
    /// Bind wasm to JavaScript with wasm-bindgen alone.
    pub binder: bool,
    /// Make the wasm smaller, for a release.
    pub optimizer: bool,
    /// Split the wasm into chunks.
    pub cutter: bool,
    /// Build and run fuzz targets.
    pub fuzzer: bool,
    /// Run tests in a browser.
    pub browser: bool,
    /// Check the types of the browser tests, which takes their packages and no browser.
    pub typescript: bool,
}

impl Needs {
    /// Build the page for release, and open it in a browser.
    pub const PAGE_IN_BROWSER: Self = Self {
        wasm: true,
        bundler: true,
        binder: false,
        optimizer: true,
        cutter: true,
        fuzzer: false,
        browser: true,
        typescript: false,
    };

    fn cargo_tools(self, project: &Project, cache: &Cache) -> Result<Vec<ToolLocation>> {
        let mut tools = Vec::new();
        if self.bundler {
            tools.push(cargo_tools::trunk());
        }
        if self.bundler || self.binder {
            tools.push(cargo_tools::wasm_bindgen(project.locked_version("wasm-bindgen")?));
        }
        if self.cutter {
            tools.push(cargo_tools::wasm_split());
        }
        if self.fuzzer {
            tools.push(cargo_tools::cargo_fuzz());
        }
        Ok(tools.into_iter().map(|tool| cargo_tools::find(cache, tool)).collect())
    }
}

/// The tools of a task, ready to be started.
pub struct Tools {
    path: OsString,
    wasm: wasm::Compiler,
    chromium: Option<PathBuf>,
    proxies: Vec<(&'static str, PathBuf)>,
}

impl Tools {
    /// The tools of the xtask that started this one: they are in its environment.
    pub fn inherited() -> Self {
        Self::compiling(wasm::Compiler::Ordinary)
    }

    /// The compiler, without other tools.
    fn compiling(wasm: wasm::Compiler) -> Self {
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            wasm,
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

    /// Lets a command find the installed tools.
    pub fn find_programs(&self, command: &mut Command) {
        command.env("PATH", &self.path);
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

    /// Whether clippy can check wasm32 code: the fallback compiler comes without clippy.
    pub fn has_wasm_clippy(&self) -> bool {
        matches!(self.wasm, wasm::Compiler::Ordinary)
    }

    /// Trunk, bundling `src/bin/app.rs` for the browser.
    pub fn trunk(&self, project: &Project) -> Command {
        let mut trunk = self.for_wasm(self.program("trunk"));
        // Trunk accepts only true or false in NO_COLOR, not the usual 1.
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

/// Finds or installs Lighthouse. Returns the folder of its packages.
pub fn lighthouse() -> Result<PathBuf> {
    npm::ensure_lighthouse(&Cache::open()?, &Progress::default())
}

/// Finds or installs everything in `needs`.
pub fn prepare(project: &Project, needs: Needs) -> Result<Tools> {
    prepare_beside(project, needs, |_, _| ())
}

/// The same, and if anything slow has to be installed, also runs `beside` meanwhile. It gets only the compiler, so it can
/// compile the app. It starts as soon as the compiler for wasm32 is there, and has ended when this function returns.
pub fn prepare_beside(project: &Project, needs: Needs, beside: impl FnOnce(&Tools, &Progress) + Send) -> Result<Tools> {
    let watch = Stopwatch::start();
    let progress = &Progress::default();
    let (finish, finished) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || progress.report(&finished));
        let mut begun = None;
        let tools = install(project, needs, progress, |compiler| {
            begun = Some(scope.spawn(move || beside(&Tools::compiling(compiler), progress)));
        });
        if tools.is_ok() {
            say(format!("set-up: done in {} s", seconds(watch.elapsed())));
        }
        let broke_off = begun.is_some_and(|thread| thread.join().is_err());
        drop(finish);
        if broke_off {
            return Err(Problem::new("What was done beside the set-up broke off."));
        }
        tools
    })
}

/// Installs with the cache locked. Steps that don't depend on each other run side by side.
fn install(
    project: &Project,
    needs: Needs,
    progress: &Progress,
    begin_beside: impl FnOnce(wasm::Compiler),
) -> Result<Tools> {
    let cache = Cache::open()?;
    // First find out whether a person has to install something.
    let mut missing = apt::MissingPackages::default();
    // Node also writes the policy into the page that the bundler makes.
    if needs.bundler || needs.optimizer || needs.browser || needs.typescript {
        npm::find_node(&mut missing)?;
    }
    let wasm = if needs.wasm {
        wasm::find(&cache, &mut missing)
    } else {
        wasm::CompilerSource::Compiler(wasm::Compiler::Ordinary)
    };
    let mut chromium = None;
    if needs.browser {
        chromium = chromium::find(&mut missing)?;
    }
    let packages = apt::plan(missing)?;

    let cargo_tools = needs.cargo_tools(project, &cache)?;
    let is_slow = packages.is_some() || cargo_tools.iter().any(ToolLocation::is_missing);
    thread::scope(|scope| {
        let cache = &cache;
        let install = |tool: ToolLocation| scope.spawn(move || tool.install(cache, progress));
        let installing: Vec<_> = cargo_tools.into_iter().map(install).collect();
        if let Some(packages) = packages {
            packages.install(cache, progress)?;
        }
        let compiler = wasm.after_packages()?;
        if is_slow && needs.wasm {
            begin_beside(compiler);
        }
        if needs.browser && chromium.is_none() {
            chromium = Some(chromium::installed()?);
        }
        let mut folders = Vec::new();
        if needs.optimizer {
            folders.extend(npm::ensure_optimizer(cache, progress)?);
        }
        if needs.browser || needs.typescript {
            npm::ensure_playwright(project, cache, progress)?;
        }
        let mut proxies = Vec::new();
        if needs.browser {
            proxies = proxies::ensure(cache, progress)?;
        }
        for tool in installing {
            folders.extend(tool.join().map_err(|_| Problem::new("An installation broke off."))??);
        }
        Ok(Tools {
            path: path_with(folders)?,
            wasm: compiler,
            chromium,
            proxies,
        })
    })
}

fn path_with(mut folders: Vec<PathBuf>) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    std::env::join_paths(folders)
        .map_err(|error| Problem::new(format!("A tool's folder can't be part of PATH: {error}.")))
}
