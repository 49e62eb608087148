//! A compiler for wasm32. The one in use, if rustup can add the target; otherwise Debian's compiler for web browsers, which
//! compiles the standard library from source.

use super::apt::{self, MissingPackages};
use crate::cache::Cache;
use crate::problem::{Problem, Result, say};
use crate::process::{answer, last_lines, on_path, run_quietly};
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "rust-web-llvm"];

/// The compiler for wasm32.
#[derive(Clone, Copy)]
pub enum Compiler {
    /// The one that compiles native code too.
    Ordinary,
    /// Debian's, which compiles the standard library from source.
    Debian,
}

impl Compiler {
    /// Sets a cargo command's environment for a build.
    pub fn configure(self, command: &mut Command) {
        if matches!(self, Self::Debian) {
            command.env("RUSTC", DEBIAN_RUSTC);
            command.env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        }
    }

    /// Sets it for tests, which use more of the standard library.
    pub fn configure_tests(self, command: &mut Command) {
        self.configure(command);
        if matches!(self, Self::Debian) {
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort,panic_unwind,test");
        }
    }
}

/// What was found before missing packages are installed.
pub enum CompilerSource {
    /// A compiler that works.
    Compiler(Compiler),
    /// None; Debian's packages are among those that will be installed.
    InMissingPackages,
}

impl CompilerSource {
    /// The compiler, after missing packages were installed.
    pub fn after_packages(self) -> Result<Compiler> {
        match self {
            Self::Compiler(compiler) => Ok(compiler),
            Self::InMissingPackages if debian_is_ready() => Ok(chosen_debian()),
            Self::InMissingPackages => Err(Problem::with_remedy(
                "Debian's compiler for wasm32 was installed, but some of its files are missing.",
                "rustup target add wasm32-unknown-unknown",
            )),
        }
    }
}

/// Finds a compiler or adds the target by rustup; otherwise adds Debian's packages to those missing.
pub fn find(cache: &Cache, missing: &mut MissingPackages) -> CompilerSource {
    if ordinary_is_ready() {
        say("wasm32: the target of the compiler in use is there");
        return CompilerSource::Compiler(Compiler::Ordinary);
    }
    if debian_is_ready() {
        return CompilerSource::Compiler(chosen_debian());
    }
    if on_path("rustup").is_some() {
        say(format!("wasm32: rustup target add {TARGET}"));
        let log = cache.log("rustup-target-add");
        match run_quietly(Command::new("rustup").args(["target", "add", TARGET]), &log) {
            Ok(()) if ordinary_is_ready() => return CompilerSource::Compiler(Compiler::Ordinary),
            Ok(()) => say("wasm32: rustup added the target, but not to the compiler in use"),
            Err(problem) => say(format!(
                "wasm32: rustup could not: {}",
                last_lines(&problem.to_string(), 1).trim()
            )),
        }
    }
    say("wasm32: Debian's compiler for web browsers instead");
    missing.add(&DEBIAN_PACKAGES, "rustup target add wasm32-unknown-unknown");
    missing.add_linker();
    CompilerSource::InMissingPackages
}

fn ordinary_is_ready() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = answer(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

fn debian_is_ready() -> bool {
    let sysroot = answer(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]));
    let source = sysroot.map(|folder| Path::new(&folder).join("lib/rustlib/src/rust/library/Cargo.lock"));
    source.is_some_and(|file| file.is_file())
        && apt::are_installed(&DEBIAN_PACKAGES)
        && apt::linker().is_some_and(|linker| apt::are_installed(&[&linker]))
}

fn chosen_debian() -> Compiler {
    let version = answer(Command::new(DEBIAN_RUSTC).arg("--version")).unwrap_or_default();
    say(format!(
        "wasm32: {DEBIAN_RUSTC} ({version}), compiling its standard library from source"
    ));
    Compiler::Debian
}
