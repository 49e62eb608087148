//! Debian packages: installs all missing ones at once, or prints the command that does.

use super::progress::Progress;
use crate::cache::Cache;
use crate::problem::{Problem, Result};
use crate::process::{answer, on_path, run_quietly};
use std::path::Path;
use std::process::Command;

/// Packages that are missing.
#[derive(Default)]
pub struct MissingPackages {
    packages: Vec<String>,
    // Its package's name depends on another package, which is known after `apt-get update`.
    linker: bool,
    without_apt: Vec<&'static str>,
}

impl MissingPackages {
    /// Adds packages; `without_apt` tells what to do on a system that has no apt.
    pub fn add(&mut self, packages: &[&str], without_apt: &'static str) {
        self.packages.extend(packages.iter().map(|&package| package.to_owned()));
        self.without_apt.push(without_apt);
    }

    /// Adds the linker of the LLVM that Debian's compiler for web browsers uses.
    pub fn add_linker(&mut self) {
        self.linker = true;
    }

    fn command(&self) -> String {
        let mut words = self.packages.join(" ");
        if self.linker {
            words.push_str(" \"lld-$(apt-cache depends rust-web-llvm | grep -om1 'llvm-[0-9]*' | cut -d- -f2)\"");
        }
        format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {words}")
    }
}

/// Missing packages that can be installed: there is an apt-get, and the permission to use it.
pub struct Plan {
    missing: MissingPackages,
    prefix: &'static [&'static str],
}

/// Plans how to install the packages: as root, or by a sudo that asks for no password. `None` if none is missing.
pub fn plan(missing: MissingPackages) -> Result<Option<Plan>> {
    if missing.packages.is_empty() {
        return Ok(None);
    }
    let names = missing.packages.join(", ");
    if on_path("apt-get").is_none() {
        let sentence = format!("These are missing and there is no apt-get here to install them: {names}.");
        return Err(Problem::with_remedy(sentence, missing.without_apt.join("\n    ")));
    }
    match permission() {
        Some(prefix) => Ok(Some(Plan { missing, prefix })),
        None => {
            let sentence = format!("These packages are missing and need root to install: {names}.");
            Err(Problem::with_remedy(sentence, missing.command()))
        }
    }
}

impl Plan {
    /// Installs the packages.
    pub fn install(mut self, cache: &Cache, progress: &Progress) -> Result<()> {
        let by_hand = self.missing.command();
        self.install_all(cache, progress)
            .map_err(|problem| problem.remedied_by(by_hand))
    }

    fn install_all(&mut self, cache: &Cache, progress: &Progress) -> Result<()> {
        let mut update = apt_get(self.prefix);
        update.arg("update");
        progress.step("apt-get update", None, || {
            run_quietly(&mut update, &cache.log("apt-get-update"))
        })?;
        if self.missing.linker {
            self.missing.packages.push(linker().ok_or_else(no_fallback)?);
        }
        let mut install = apt_get(self.prefix);
        install
            .args(["install", "-y", "--no-install-recommends"])
            .args(&self.missing.packages);
        let step = format!("apt-get install {}", self.missing.packages.join(" "));
        progress.step(&step, None, || run_quietly(&mut install, &cache.log("apt-get-install")))
    }
}

/// Unpacks a package into a folder without installing it. This takes no root, and starts no service.
pub fn unpack(package: &str, folder: &Path) -> Result<()> {
    let here = |name: &str| {
        let mut command = Command::new(name);
        command.current_dir(folder);
        command
    };
    let log = folder.join("download.log");
    if run_quietly(here("apt-get").args(["download", package]), &log).is_err() {
        // The package lists may be missing. Fetching them takes root.
        let prefix = permission().ok_or_else(|| Problem::new(format!("The package {package} can't be downloaded.")))?;
        run_quietly(apt_get(prefix).arg("update"), &log)?;
        run_quietly(here("apt-get").args(["download", package]), &log)?;
    }
    let entries = std::fs::read_dir(folder).map_err(|error| Problem::file("read", folder, &error))?;
    let downloaded = entries.filter_map(std::result::Result::ok).map(|entry| entry.path());
    let file = downloaded
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .last()
        .ok_or_else(|| Problem::new(format!("apt-get download brought no package of {package}.")))?;
    run_quietly(here("dpkg-deb").arg("-x").arg(file).arg(folder), &log)
}

/// Whether all of these packages are installed.
pub fn are_installed(packages: &[&str]) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f=${db:Status-Status}\n"]).args(packages);
    answer(&mut query).is_some_and(|states| {
        states.lines().count() == packages.len() && states.lines().all(|state| state == "installed")
    })
}

/// The package of the linker that fits Debian's compiler for web browsers.
pub fn linker() -> Option<String> {
    let depends = answer(Command::new("apt-cache").args(["depends", "rust-web-llvm"]))?;
    linker_for(&depends)
}

fn linker_for(depends: &str) -> Option<String> {
    let after = depends.split("Depends: llvm-").nth(1)?;
    let number: String = after.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then(|| format!("lld-{number}"))
}

fn no_fallback() -> Problem {
    Problem::with_remedy(
        "rustup could not add the wasm32 target, and this system's packages hold no compiler that has it.",
        "rustup target add wasm32-unknown-unknown",
    )
}

fn permission() -> Option<&'static [&'static str]> {
    if answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(&["env"]);
    }
    answer(Command::new("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n", "env"].as_slice())
}

fn apt_get(prefix: &[&str]) -> Command {
    let mut words = prefix.iter();
    let mut command = Command::new(words.next().copied().unwrap_or("env"));
    command.args(words).args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=600",
    ]);
    command
}

#[cfg(test)]
mod tests {
    use super::{MissingPackages, linker_for};

    #[test]
    fn the_linker_follows_the_compilers_llvm() {
        let depends = "rust-web-llvm\n  Depends: libc6\n  Depends: llvm-22\n  Conflicts: <rust-llvm>\n";
        assert_eq!(linker_for(depends).as_deref(), Some("lld-22"));
        assert_eq!(linker_for("rust-web-llvm\n  Depends: libc6\n"), None);
    }

    #[test]
    fn one_command_installs_all_that_is_missing() {
        let mut missing = MissingPackages::default();
        missing.add(&["nodejs", "npm"], "install Node");
        missing.add(&["chromium"], "install Chromium");
        let start = "sudo apt-get update && sudo apt-get install -y --no-install-recommends nodejs npm chromium";
        assert_eq!(missing.command(), start);
        missing.add_linker();
        assert!(
            missing
                .command()
                .starts_with(&format!("{start} \"lld-$(apt-cache depends"))
        );
    }
}
