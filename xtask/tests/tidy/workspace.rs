//! The files of the workspace, read once.

use crate::facts::{self, Facts};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[
    "target",
    "dist",
    "node_modules",
    "pkg",
    "test-results",
    "playwright-report",
    "corpus",
    "artifacts",
];

/// A folder with a dot that is read all the same.
const DOT_FOLDERS: &[&str] = &[".github", ".devcontainer"];

/// A package: its folder from the root, its manifest, and the files that Cargo compiles as crates.
pub struct Package {
    pub folder: String,
    pub manifest: toml::Table,
    pub targets: Vec<Target>,
}

/// A file that is the root of a crate.
pub struct Target {
    pub file: String,
    pub kind: TargetKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    Library,
    Binary,
    Test,
}

/// A Rust file of the workspace.
pub struct Source {
    /// Its path from the root, with `/`.
    pub path: String,
    pub text: String,
    pub facts: Facts,
}

pub struct Workspace {
    pub packages: Vec<Package>,
    pub sources: Vec<Source>,
    /// Every other file that is text, by its path from the root.
    pub paths: Vec<String>,
}

impl Package {
    pub fn name(&self) -> &str {
        let name = self.manifest.get("package").and_then(|package| package.get("name"));
        name.and_then(toml::Value::as_str).unwrap_or_default()
    }

    /// What `use` calls its library.
    pub fn library_name(&self) -> String {
        self.name().replace('-', "_")
    }

    /// A path inside the package as a path from the root.
    pub fn path(&self, inside: &str) -> String {
        join(&self.folder, inside)
    }
}

pub fn join(folder: &str, inside: &str) -> String {
    if folder.is_empty() {
        inside.to_owned()
    } else {
        format!("{folder}/{inside}")
    }
}

/// The workspace's folder. Cargo names the package's folder when a test runs; a run by hand may name another tree.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().unwrap().to_owned()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn workspace() -> &'static Workspace {
    static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let mut paths = Vec::new();
        collect(&root(), "", &mut paths);
        paths.sort();
        let packages = paths
            .iter()
            .filter(|path| path.rsplit('/').next() == Some("Cargo.toml"))
            .map(|path| package(path, &paths));
        let sources = paths.iter().filter(|path| path.ends_with(".rs")).map(|path| {
            let text = read(path);
            let facts = facts::of(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
            Source {
                path: path.clone(),
                text,
                facts,
            }
        });
        Workspace {
            packages: packages.collect(),
            sources: sources.collect(),
            paths,
        }
    })
}

impl Workspace {
    /// The package that a file is part of: the one in the nearest folder.
    pub fn package_of(&self, path: &str) -> &Package {
        let holds = |package: &&Package| path.starts_with(&package.path(""));
        self.packages
            .iter()
            .filter(holds)
            .max_by_key(|package| package.folder.len())
            .unwrap()
    }
}

fn collect(folder: &Path, name: &str, found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap();
        let own = entry.file_name().to_string_lossy().into_owned();
        let path = join(name, &own);
        if entry.file_type().unwrap().is_dir() {
            let is_hidden = own.starts_with('.') && !DOT_FOLDERS.contains(&own.as_str());
            if !is_hidden && !SKIPPED.contains(&own.as_str()) {
                collect(&entry.path(), &path, found);
            }
        } else {
            found.push(path);
        }
    }
}

fn package(manifest_path: &str, paths: &[String]) -> Package {
    let folder = manifest_path
        .strip_suffix("Cargo.toml")
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let manifest: toml::Table = read(manifest_path)
        .parse()
        .unwrap_or_else(|error| panic!("{manifest_path}: {error}"));
    let targets = targets(&folder, &manifest, paths);
    Package {
        folder,
        manifest,
        targets,
    }
}

/// As Cargo finds them: by their place, or by a table that names them.
fn targets(folder: &str, manifest: &toml::Table, paths: &[String]) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut add = |file: String, kind| {
        if paths.contains(&file) && !targets.iter().any(|target| target.file == file) {
            targets.push(Target { file, kind });
        }
    };
    add(join(folder, "src/lib.rs"), TargetKind::Library);
    add(join(folder, "src/main.rs"), TargetKind::Binary);
    add(join(folder, "build.rs"), TargetKind::Binary);
    for (table, kind) in [
        ("bin", TargetKind::Binary),
        ("test", TargetKind::Test),
        ("bench", TargetKind::Test),
        ("example", TargetKind::Test),
    ] {
        let named = manifest
            .get(table)
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten();
        for file in named.filter_map(|target| target.get("path")?.as_str()) {
            add(join(folder, file), kind);
        }
    }
    for (place, kind) in [
        ("src/bin", TargetKind::Binary),
        ("tests", TargetKind::Test),
        ("benches", TargetKind::Test),
        ("examples", TargetKind::Test),
    ] {
        let place = join(folder, place);
        for path in paths {
            let inside = path.strip_prefix(&place).and_then(|rest| rest.strip_prefix('/'));
            let is_root = inside.is_some_and(|inside| {
                let parts: Vec<&str> = inside.split('/').collect();
                matches!(parts.as_slice(), [file] if file.ends_with(".rs"))
                    || matches!(parts.as_slice(), [_, "main.rs"])
            });
            if is_root {
                add(path.clone(), kind);
            }
        }
    }
    targets
}
