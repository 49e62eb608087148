//! A compiler for wasm32: the one in use with its target, or Debian's compiler for web browsers with the standard
//! library's source, where rustup can't fetch the target.

use super::apt::{self, Wanted};
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
    /// The one every other build uses.
    Ordinary,
    /// Debian's, which compiles the standard library first.
    Debian,
}

impl Compiler {
    /// Sets what cargo needs to know in a command's environment.
    pub fn configure(self, command: &mut Command) {
        if matches!(self, Self::Debian) {
            command.env("RUSTC", DEBIAN_RUSTC);
            command.env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        }
    }

    /// The same for tests, which take more of the standard library.
    pub fn configure_tests(self, command: &mut Command) {
        self.configure(command);
        if matches!(self, Self::Debian) {
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort,panic_unwind,test");
        }
    }
}

/// The state before missing packages are installed.
pub enum Found {
    /// Nothing is missing.
    Compiler(Compiler),
    /// Debian's packages are asked for.
    Asked,
}

impl Found {
    /// The compiler, once the packages asked for are installed.
    pub fn settle(self) -> Result<Compiler> {
        match self {
            Self::Compiler(compiler) => Ok(compiler),
            Self::Asked if debian_is_ready() => Ok(chosen_debian()),
            Self::Asked => Err(Problem::with_remedy(
                "Debian's compiler for wasm32 was installed, but its parts don't stand where they should.",
                "rustup target add wasm32-unknown-unknown",
            )),
        }
    }
}

/// Finds a compiler, adds the target by rustup, or asks for Debian's packages.
pub fn find(cache: &Cache, wanted: &mut Wanted) -> Found {
    if ordinary_is_ready() {
        say("wasm32: the target of the compiler in use is there");
        return Found::Compiler(Compiler::Ordinary);
    }
    if debian_is_ready() {
        return Found::Compiler(chosen_debian());
    }
    if on_path("rustup").is_some() {
        say(format!("wasm32: rustup target add {TARGET}"));
        let log = cache.log("rustup-target-add");
        match run_quietly(Command::new("rustup").args(["target", "add", TARGET]), &log) {
            Ok(()) if ordinary_is_ready() => return Found::Compiler(Compiler::Ordinary),
            Ok(()) => say("wasm32: rustup added the target, but not to the compiler in use"),
            Err(problem) => say(format!(
                "wasm32: rustup could not: {}",
                last_lines(&problem.to_string(), 1).trim()
            )),
        }
    }
    say("wasm32: Debian's compiler for web browsers instead");
    wanted.add(&DEBIAN_PACKAGES, "rustup target add wasm32-unknown-unknown");
    wanted.add_linker();
    Found::Asked
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
