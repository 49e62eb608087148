//! The browser that the tests run in.

use super::apt::MissingPackages;
use crate::problem::{Problem, Result, say};
use crate::process::on_path;
use std::path::PathBuf;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds the browser that `CHROMIUM` names, or one on `PATH`; otherwise adds its package to those missing.
pub fn find(missing: &mut MissingPackages) -> Result<Option<PathBuf>> {
    if let Some(stated) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if !stated.is_file() {
            return Err(Problem::new(format!(
                "CHROMIUM names {}, which is not a file.",
                stated.display()
            )));
        }
        say(format!("Chromium: {}, as CHROMIUM says", stated.display()));
        return Ok(Some(stated));
    }
    let found = NAMES.iter().find_map(on_path);
    match &found {
        Some(file) => say(format!("Chromium: {}", file.display())),
        None => missing.add(&["chromium"], "export CHROMIUM=/the/path/of/chromium"),
    }
    Ok(found)
}

/// Finds the browser after its package was installed.
pub fn installed() -> Result<PathBuf> {
    NAMES
        .iter()
        .find_map(on_path)
        .ok_or_else(|| Problem::new("Chromium's package was installed, but there is no chromium on PATH."))
}
