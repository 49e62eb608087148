//! npm packages: the wasm optimizer, and those of the browser tests.

use super::apt::MissingPackages;
use super::progress::Progress;
use super::version;
use crate::cache::Cache;
use crate::problem::{Problem, Result, say};
use crate::process::{answer, on_path, run_quietly};
use crate::project::Project;
use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST_NODE: u32 = 18;
const OPTIMIZER: &str = "132.0.0";
// The newest that Node 20 runs.
const LIGHTHOUSE: &str = "12.8.2";
// Older versions lack wasm features that the compiler uses; some of them write wrong code.
const OLDEST_OPTIMIZER: u32 = 120;

/// Finds Node and npm; otherwise adds their packages to those missing.
pub fn find_node(missing: &mut MissingPackages) -> Result<()> {
    let without_apt = "install Node 18 or later with npm, and have both on PATH";
    let Some(node) = on_path("node") else {
        missing.add(&["nodejs", "npm"], without_apt);
        return Ok(());
    };
    if on_path("npm").is_none() {
        missing.add(&["npm"], without_apt);
    }
    match version::of(&node).as_deref() {
        Some([major, ..]) if *major >= OLDEST_NODE => Ok(()),
        _ => Err(Problem::new(format!(
            "{} is not Node {OLDEST_NODE} or later. Put a later Node first on PATH.",
            node.display()
        ))),
    }
}

/// Finds wasm-opt on `PATH` or in the cache, or installs it in the cache. Returns its folder, unless that is on `PATH`.
pub fn ensure_optimizer(cache: &Cache, progress: &Progress) -> Result<Option<PathBuf>> {
    if let Some(found) = on_path("wasm-opt").filter(|file| optimizer_fits(file)) {
        say(format!("wasm-opt: {}", found.display()));
        return Ok(None);
    }
    let folder = cache.tool("binaryen", OPTIMIZER).join("node_modules/.bin");
    if optimizer_fits(&folder.join("wasm-opt")) {
        say(format!("wasm-opt: {}", folder.display()));
        return Ok(Some(folder));
    }
    install_package("binaryen", OPTIMIZER, cache, progress)?;
    Ok(Some(folder))
}

/// Finds Lighthouse in the cache, or installs it there. Returns the folder of its packages.
pub fn ensure_lighthouse(cache: &Cache, progress: &Progress) -> Result<PathBuf> {
    let place = cache.tool("lighthouse", LIGHTHOUSE);
    if !place.join("node_modules/lighthouse/package.json").is_file() {
        install_package("lighthouse", LIGHTHOUSE, cache, progress)?;
    }
    Ok(place)
}

fn install_package(name: &str, version: &str, cache: &Cache, progress: &Progress) -> Result<()> {
    progress.step(&format!("npm install {name} {version}"), None, || {
        cache.install(&cache.tool(name, version), |half_made| {
            let mut npm = npm("install", half_made);
            npm.arg("--no-save")
                .arg("--prefix")
                .arg(half_made)
                .arg(format!("{name}@{version}"));
            run_quietly(&mut npm, &cache.log(name))
        })
    })
}

/// Installs the packages of the browser tests, exactly as locked, unless they are installed so.
pub fn ensure_playwright(project: &Project, cache: &Cache, progress: &Progress) -> Result<()> {
    let folder = project.path("tests/browser");
    let lock = folder.join("package-lock.json");
    let stamp = folder.join("node_modules/.installed-lock.json");
    let locked = std::fs::read(&lock).map_err(|error| Problem::file("read", &lock, &error))?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == locked) {
        say("Playwright: installed in tests/browser");
        return Ok(());
    }
    progress.step("npm ci in tests/browser, for Playwright and axe", None, || {
        run_quietly(&mut npm("ci", &folder), &cache.log("tests-browser"))
    })?;
    std::fs::write(&stamp, locked).map_err(|error| Problem::file("write", &stamp, &error))
}

fn optimizer_fits(file: &Path) -> bool {
    version::of(file)
        .and_then(|numbers| numbers.first().copied())
        .is_some_and(|number| number >= OLDEST_OPTIMIZER)
}

fn npm(verb: &str, folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.args([verb, "--no-audit", "--no-fund", "--loglevel=error"]);
    // The tests use the system's browser.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").current_dir(folder);
    npm
}

/// Runs a script, given as text, in Node; returns what it prints.
pub fn node(script: &str, words: &[PathBuf]) -> Option<String> {
    answer(
        Command::new("node")
            .args(["--input-type=module", "-e", script, "--"])
            .args(words),
    )
}
