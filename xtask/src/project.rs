//! Where the project is and what its manifests say.

use crate::problem::{Problem, Result};
use std::path::{Path, PathBuf};

/// A clone of the project.
pub struct Project {
    root: PathBuf,
    manifest: String,
    lock: String,
}

impl Project {
    /// The clone this program was built in.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Problem::new("The xtask package has no folder above it."))?
            .to_path_buf();
        let read = |name: &str| {
            let file = root.join(name);
            std::fs::read_to_string(&file).map_err(|error| Problem::file("read", &file, &error))
        };
        let (manifest, lock) = (read("Cargo.toml")?, read("Cargo.lock")?);
        Ok(Self { root, manifest, lock })
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

    /// Whether the package has this feature.
    pub fn has_feature(&self, name: &str) -> bool {
        table_has_key(&self.manifest, "features", name)
    }
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

fn table_has_key(manifest: &str, table: &str, key: &str) -> bool {
    let heading = format!("[{table}]");
    let lines = manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != heading)
        .skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .any(|(name, _)| name.trim() == key)
}

#[cfg(test)]
mod tests {
    use super::{locked_version, table_has_key};

    #[test]
    fn the_lock_file_names_the_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }

    #[test]
    fn a_feature_counts_only_in_its_own_table() {
        let manifest = "[features]\nui = [\n  \"dep:x\",\n]\n\n[dependencies]\ncli = \"1\"\n";
        assert!(table_has_key(manifest, "features", "ui"));
        assert!(!table_has_key(manifest, "features", "cli"));
    }
}
