//! Tools that come from cargo.

use super::version;
use crate::cache::{Cache, remove_folder};
use crate::problem::{Result, say};
use crate::process::{cargo, on_path, run_quietly};
use std::path::{Path, PathBuf};

/// A tool: its package, its program, and which versions will do.
pub struct CargoTool {
    package: &'static str,
    program: &'static str,
    /// The feature of the package that the program comes with.
    feature: Option<&'static str>,
    version: String,
    // Then only the cache's folder, which is named after it, tells the version.
    tells_no_version: bool,
    // A later patch is as good, for a tool that only people talk to.
    later_patch_fits: bool,
    minutes: u32,
}

/// Trunk. 0.22 asks for a newer compiler than this project does.
pub fn trunk() -> CargoTool {
    let version = "0.21.14".to_owned();
    CargoTool {
        package: "trunk",
        program: "trunk",
        feature: None,
        version,
        tells_no_version: false,
        later_patch_fits: true,
        minutes: 3,
    }
}

/// wasm-bindgen's command, which works only on output of the library of the same version.
pub fn wasm_bindgen(version: String) -> CargoTool {
    CargoTool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        feature: None,
        version,
        tells_no_version: false,
        later_patch_fits: false,
        minutes: 2,
    }
}

/// What cuts the app's wasm into the parts that `leptos::wasm_split` 0.2 marks.
pub fn wasm_split() -> CargoTool {
    let version = "0.2.4".to_owned();
    CargoTool {
        package: "wasm_split_cli_support",
        program: "wasm-split-cli",
        feature: Some("build-binary"),
        version,
        tells_no_version: true,
        later_patch_fits: false,
        minutes: 3,
    }
}

/// Finds the tool on `PATH` or in the cache, or installs it there: then says which folder it is in.
pub fn ensure(cache: &Cache, tool: &CargoTool) -> Result<Option<PathBuf>> {
    let CargoTool {
        package,
        program,
        version,
        minutes,
        ..
    } = tool;
    if let Some(found) = on_path(program).filter(|file| fits(tool, file)) {
        say(format!("{program} {version}: {}", found.display()));
        return Ok(None);
    }
    let place = cache.tool(package, version);
    let folder = place.join("bin");
    let own = folder.join(program);
    if fits(tool, &own) || tool.tells_no_version && own.is_file() {
        say(format!("{program} {version}: {}", folder.display()));
        return Ok(Some(folder));
    }
    say(format!(
        "cargo install {package} {version} (about {minutes} minutes, once)"
    ));
    cache.install(&place, |half_made| {
        // Cargo's own lock of the tool's dependencies first. If a package in it is gone, what resolves today.
        install(cache, tool, half_made, true).or_else(|_| install(cache, tool, half_made, false))
    })?;
    Ok(Some(folder))
}

fn install(cache: &Cache, tool: &CargoTool, root: &Path, locked: bool) -> Result<()> {
    let target = root.join("target");
    let mut command = cargo();
    command
        .args(["install", tool.package, "--version", &tool.version, "--root"])
        .arg(root);
    if let Some(feature) = tool.feature {
        command.args(["--features", feature]);
    }
    if locked {
        command.arg("--locked");
    }
    // These tools run for seconds: what counts is how soon they are there, so no link-time optimisation.
    command
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "false");
    command
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_TARGET_DIR", &target);
    command
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    run_quietly(command.current_dir(root), &cache.log(tool.package))?;
    remove_folder(&target)
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
    use super::{CargoTool, fits, trunk, wasm_bindgen};
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
}
