//! Tools that are cargo packages. Each is found, downloaded as a published build, or compiled.

use super::prebuilt::{self, Release};
use super::progress::Progress;
use super::version;
use crate::cache::{Cache, remove_folder};
use crate::problem::{Problem, Result, say};
use crate::process::{cargo, last_lines, on_path, run_quietly};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tool: its package, its program, and which versions will do.
pub struct CargoTool {
    package: &'static str,
    program: &'static str,
    version: String,
    /// Arguments that choose the package's features.
    features: &'static [&'static str],
    /// The published builds, if their checksums are known.
    prebuilt: Option<&'static Release>,
    /// The packages that do most of the tool's work: they alone are compiled with optimization.
    optimized: &'static [&'static str],
    // It has no `--version`: only the name of its folder in the cache tells the version.
    tells_no_version: bool,
    // Whether a later patch release may be used.
    later_patch_fits: bool,
}

/// Trunk. 0.22 asks for a newer compiler than this project does.
///
/// Its features by default are needed: `run --live` passes requests on to an https address.
pub fn trunk() -> CargoTool {
    CargoTool {
        package: "trunk",
        program: "trunk",
        version: prebuilt::TRUNK.version().to_owned(),
        features: &[],
        prebuilt: Some(&prebuilt::TRUNK),
        optimized: &[],
        tells_no_version: false,
        later_patch_fits: true,
    }
}

/// wasm-bindgen's command, which works only on output of the library of the same version.
///
/// Without its default feature, which is TLS for browsers driven over a network.
pub fn wasm_bindgen(version: String) -> CargoTool {
    CargoTool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version,
        features: &["--no-default-features"],
        prebuilt: None,
        optimized: &["walrus", "wasmparser", "wasm-encoder", "wasm-bindgen-cli-support"],
        tells_no_version: false,
        later_patch_fits: false,
    }
}

/// Splits the app's wasm into the chunks that `leptos::wasm_split` 0.2 marks.
pub fn wasm_split() -> CargoTool {
    CargoTool {
        package: "wasm_split_cli_support",
        program: "wasm-split-cli",
        version: "0.2.4".to_owned(),
        features: &["--features", "build-binary"],
        prebuilt: None,
        optimized: &["gimli", "wasmparser", "wasm-encoder", "wasm_split_cli_support"],
        tells_no_version: true,
        later_patch_fits: false,
    }
}

/// cargo-fuzz, which builds the fuzz targets and runs them.
pub fn cargo_fuzz() -> CargoTool {
    CargoTool {
        package: "cargo-fuzz",
        program: "cargo-fuzz",
        version: "0.13.2".to_owned(),
        features: &[],
        prebuilt: None,
        optimized: &[],
        tells_no_version: false,
        later_patch_fits: true,
    }
}

/// The result of looking for a tool.
pub enum ToolLocation {
    /// In a folder of `PATH`.
    OnPath,
    /// In this folder of the cache.
    Cached(PathBuf),
    /// Nowhere.
    Missing(CargoTool),
}

/// Looks for the tool on `PATH` and in the cache.
pub fn find(cache: &Cache, tool: CargoTool) -> ToolLocation {
    let CargoTool { program, version, .. } = &tool;
    if let Some(found) = on_path(program).filter(|file| fits(&tool, file)) {
        say(format!("{program} {version}: {}", found.display()));
        return ToolLocation::OnPath;
    }
    let folder = place(cache, &tool).join("bin");
    let own = folder.join(program);
    if fits(&tool, &own) || tool.tells_no_version && own.is_file() {
        say(format!("{program} {version}: {}", folder.display()));
        return ToolLocation::Cached(folder);
    }
    ToolLocation::Missing(tool)
}

impl ToolLocation {
    /// Whether it has to be installed.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// Installs the tool in the cache if it is missing. Returns its folder, unless that is on `PATH`.
    pub fn install(self, cache: &Cache, progress: &Progress) -> Result<Option<PathBuf>> {
        match self {
            Self::OnPath => Ok(None),
            Self::Cached(folder) => Ok(Some(folder)),
            Self::Missing(tool) => {
                download_or_compile(cache, progress, &tool)?;
                Ok(Some(place(cache, &tool).join("bin")))
            }
        }
    }
}

fn place(cache: &Cache, tool: &CargoTool) -> PathBuf {
    cache.tool(tool.package, &tool.version)
}

fn download_or_compile(cache: &Cache, progress: &Progress, tool: &CargoTool) -> Result<()> {
    let log = cache.log(tool.package);
    let step = format!("cargo install {} {}", tool.package, tool.version);
    downloaded_or(cache, progress, tool, || {
        progress.step(&step, Some(&log), || compile(cache, tool, &log))
    })
}

/// Downloads the published build of the tool, or compiles it if there is none or the download fails.
fn downloaded_or(
    cache: &Cache,
    progress: &Progress,
    tool: &CargoTool,
    compile: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let Some(release) = tool.prebuilt else {
        return compile();
    };
    let step = format!("{} {}: download of the published build", tool.package, tool.version);
    match progress.step(&step, None, || download(cache, tool, release)) {
        Ok(()) => Ok(()),
        Err(problem) => {
            let reason = last_lines(&problem.to_string(), 1);
            say(format!("{}: the published build was not taken: {reason}", tool.package));
            compile()
        }
    }
}

fn download(cache: &Cache, tool: &CargoTool, release: &Release) -> Result<()> {
    cache.install(&place(cache, tool), |half_made| {
        let folder = half_made.join("bin");
        release.fetch(tool.program, &folder)?;
        if fits(tool, &folder.join(tool.program)) {
            return Ok(());
        }
        Err(Problem::new("the downloaded program does not run here"))
    })
}

fn compile(cache: &Cache, tool: &CargoTool, log: &Path) -> Result<()> {
    let target = cache.compilation(&format!("{}-{}", tool.package, tool.version));
    cache.install(&place(cache, tool), |half_made| {
        // First with the dependencies that the tool's own Cargo.lock names. If one of them was withdrawn, with newer ones.
        let attempt = |locked| run_quietly(&mut cargo_install(tool, half_made, &target, locked), log);
        attempt(true).or_else(|_| attempt(false))
    })?;
    remove_folder(&target)
}

/// The command that compiles a tool. Fast compilation matters more than a fast tool: the tools run for seconds.
fn cargo_install(tool: &CargoTool, root: &Path, target: &Path, locked: bool) -> Command {
    let mut command = cargo();
    command
        .args(["install", tool.package, "--version", &tool.version, "--root"])
        .arg(root)
        .args(tool.features);
    if locked {
        command.arg("--locked");
    }
    for package in tool.optimized {
        let setting = format!("profile.release.package.{package}.opt-level=1");
        command.args(["--config", &setting]);
    }
    command
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "false")
        .env("CARGO_TARGET_DIR", target);
    command
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    // Away from the project, whose .cargo/config.toml is not meant for tools.
    command.current_dir(root);
    command
}
fn fits(tool: &CargoTool, file: &Path) -> bool {
    let found = version::of(file);
    let wanted = version::numbers(&tool.version);
    match (found.as_deref(), wanted.as_deref()) {
        (Some([major, minor, patch]), Some([a, b, c])) => {
            (major, minor) == (a, b) && (patch == c || tool.later_patch_fits && patch > c)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{CargoTool, downloaded_or, fits, place, trunk, wasm_bindgen};
    use crate::cache::Cache;
    use crate::setup::Progress;
    use crate::setup::prebuilt::tests::{OTHER, Site};
    use std::os::unix::fs::PermissionsExt;

    fn fits_printed(tool: &CargoTool, printed: &str) -> bool {
        let name = format!("xtask-tool-{}-{}", std::process::id(), printed.replace(' ', "-"));
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, format!("#!/bin/sh\necho '{printed}'\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        let answer = fits(tool, &file);
        std::fs::remove_file(file).unwrap();
        answer
    }

    #[test]
    fn trunk_may_be_a_later_patch_but_not_a_later_minor() {
        assert!(fits_printed(&trunk(), "trunk 0.21.14"));
        assert!(fits_printed(&trunk(), "trunk 0.21.15"));
        assert!(!fits_printed(&trunk(), "trunk 0.21.9"));
        assert!(!fits_printed(&trunk(), "trunk 0.22.1"));
    }

    #[test]
    fn wasm_bindgen_is_the_librarys_version_or_none() {
        let tool = wasm_bindgen("0.2.130".to_owned());
        assert!(fits_printed(&tool, "wasm-bindgen 0.2.130"));
        assert!(!fits_printed(&tool, "wasm-bindgen 0.2.131"));
    }

    /// Whether the tool `saw` was compiled, and whether it is in its place, after an installation from `address`.
    fn installed(site: &Site, address: &str, sha256: &str) -> (bool, bool) {
        let cache = Cache::open_in(site.folder.join("cache")).unwrap();
        let tool = CargoTool {
            package: "saw",
            program: "saw",
            version: "1.0.0".to_owned(),
            prebuilt: Some(Box::leak(Box::new(site.release(address, sha256)))),
            ..trunk()
        };
        let mut is_compiled = false;
        let compile = || {
            is_compiled = true;
            Ok(())
        };
        downloaded_or(&cache, &Progress::default(), &tool, compile).unwrap();
        (is_compiled, place(&cache, &tool).join("bin/saw").is_file())
    }

    #[test]
    fn a_tool_is_compiled_if_its_download_is_not_what_it_should_be() {
        let site = Site::new("tool");
        assert_eq!(installed(&site, &site.no_address(), &site.sha256), (true, false));
        assert_eq!(installed(&site, &site.address(), OTHER), (true, false));
        assert_eq!(installed(&site, &site.address(), &site.sha256), (false, true));
        site.remove();
    }
}
