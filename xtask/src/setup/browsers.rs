//! The browsers that the tests run in.

use super::apt::MissingPackages;
use crate::problem::{Problem, Result, say};
use crate::process::on_path;
use std::path::PathBuf;

/// A browser: where it may be, and what to install where it is not.
#[derive(Clone, Copy)]
pub struct BrowserKind {
    name: &'static str,
    /// The variable that names its program.
    pub variable: &'static str,
    programs: &'static [&'static str],
    package: &'static str,
    remedy: &'static str,
}

/// The browsers, in the order of [`BrowserPrograms`].
pub const BROWSERS: [BrowserKind; 1] = [BrowserKind {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    package: "chromium",
    remedy: "export CHROMIUM=/the/path/of/chromium",
}];

/// The browsers' programs, each by the variable that names it.
pub type BrowserPrograms = Vec<(&'static str, PathBuf)>;

/// The browsers that variables name or that are on `PATH`. The packages of the others are added to those missing.
pub fn find(missing: &mut MissingPackages) -> Result<BrowserPrograms> {
    let mut found = BrowserPrograms::new();
    for browser in BROWSERS {
        match browser.find()? {
            Some(program) => found.push((browser.variable, program)),
            None => missing.add(&[browser.package], browser.remedy),
        }
    }
    Ok(found)
}

/// The same after their packages were installed: all of them.
pub fn installed() -> Result<BrowserPrograms> {
    let find = |browser: BrowserKind| {
        let program = browser.find()?.ok_or_else(|| {
            Problem::new(format!(
                "The package {} was installed, but there is no {} on PATH.",
                browser.package, browser.name
            ))
        })?;
        Ok((browser.variable, program))
    };
    BROWSERS.into_iter().map(find).collect()
}

impl BrowserKind {
    fn find(self) -> Result<Option<PathBuf>> {
        let Self { name, variable, .. } = self;
        if let Some(stated) = std::env::var_os(variable).map(PathBuf::from) {
            if !stated.is_file() {
                let file = stated.display();
                return Err(Problem::new(format!("{variable} names {file}, which is not a file.")));
            }
            say(format!("{name}: {}, as {variable} says", stated.display()));
            return Ok(Some(stated));
        }
        let found = self.programs.iter().find_map(on_path);
        if let Some(program) = &found {
            say(format!("{name}: {}", program.display()));
        }
        Ok(found)
    }
}
