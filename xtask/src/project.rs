//! Where the project is and what its lock file says.

use crate::problem::{Problem, Result};
use std::path::{Path, PathBuf};

/// A clone of the project.
pub struct Project {
    root: PathBuf,
    lock: String,
}

impl Project {
    /// The clone this program was built in.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Problem::new("The xtask package has no folder above it."))?
            .to_path_buf();
        let file = root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&file).map_err(|error| Problem::file("read", &file, &error))?;
        Ok(Self { root, lock })
    }

    /// A path below the project's top folder.
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.join(below)
    }

    /// Where cargo builds for this project.
    pub fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), PathBuf::from)
    }

    /// The version of a dependency that `Cargo.lock` holds.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        locked_version(&self.lock, package)
            .ok_or_else(|| Problem::new(format!("Cargo.lock holds no package called {package}.")))
    }
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_lock_file_names_the_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
