//! The manifests: which crate uses which, unused dependencies, and each package's metadata.

use crate::edges::is_of_the_browser;
use crate::workspace::{Package, Workspace, read, workspace};
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// Dependencies whose name is in no source, by package and name, and why they are there.
const UNNAMED: &[(&str, &str, &str)] = &[(
    "browser-contract",
    "wasm-bindgen-futures",
    "what `#[wasm_bindgen]` makes of an async function names it",
)];

/// Metadata of every package.
const METADATA: &[&str] = &["description", "edition", "license", "repository", "rust-version"];

/// Further metadata of packages that may be published.
const REGISTRY_METADATA: &[&str] = &["authors", "categories", "keywords"];

/// A package's dependencies of one kind: for each name the table that declares it.
fn dependencies<'a>(package: &'a Package, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let tables = std::iter::once(&package.manifest);
    let targets = package
        .manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(toml::Table::values);
    let tables = tables.chain(targets.filter_map(Value::as_table));
    let found = tables.filter_map(|table| table.get(kind)?.as_table());
    found
        .flatten()
        .map(|(name, declared)| (name.as_str(), declared))
        .collect()
}

/// The crates of ours that each package uses, tests not counted.
fn ours(workspace: &Workspace, package: &Package) -> BTreeSet<String> {
    let names: BTreeSet<&str> = workspace.packages.iter().map(Package::name).collect();
    dependencies(package, "dependencies")
        .into_keys()
        .filter(|name| names.contains(name))
        .map(str::to_owned)
        .collect()
}

/// The rows of ARCHITECTURE.md's table of crates: folder, package, and what it says the package uses.
fn table() -> Vec<(String, String, String)> {
    let text = read("ARCHITECTURE.md");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [folder, package, _, uses] = cells.as_slice() else {
            return None;
        };
        let name = |cell: &str| {
            Some(
                cell.strip_prefix('`')?
                    .strip_suffix('`')?
                    .trim_end_matches('/')
                    .to_owned(),
            )
        };
        Some((name(folder)?, name(package)?, (*uses).to_owned()))
    });
    rows.collect()
}

#[test]
fn crates_use_what_the_architecture_says() {
    let workspace = workspace();
    let table = table();
    assert!(
        table.len() > 8,
        "ARCHITECTURE.md has no table of crates any more: {table:?}"
    );
    let short = |name: &str| name.trim_start_matches("poolkeeper-").to_owned();
    let all: BTreeSet<String> = table.iter().map(|(_, package, _)| package.clone()).collect();
    let mut wrong = Vec::new();
    for (folder, name, uses) in &table {
        let folder = if folder == "src" { "" } else { folder };
        let Some(package) = workspace.packages.iter().find(|package| package.folder == folder) else {
            wrong.push(format!("{folder} has no Cargo.toml"));
            continue;
        };
        if package.name() != name {
            wrong.push(format!("{folder} is the package `{}`, not `{name}`", package.name()));
        }
        let used: BTreeSet<String> = ours(workspace, package).iter().map(|name| short(name)).collect();
        let planned: BTreeSet<String> = match uses.strip_prefix("everything but ") {
            Some(but) => all
                .iter()
                .filter(|other| *other != name)
                .map(|other| short(other))
                .filter(|other| other != but)
                .collect(),
            None if uses == "nothing of ours" => BTreeSet::new(),
            None => uses.split(", ").map(str::to_owned).collect(),
        };
        if used != planned {
            wrong.push(format!("{name}: Cargo.toml has {used:?}, ARCHITECTURE.md {planned:?}"));
        }
    }
    let unlisted = workspace
        .packages
        .iter()
        .filter(|package| package.folder.starts_with("crates/"));
    wrong.extend(
        unlisted
            .filter(|package| !all.contains(package.name()))
            .map(|package| format!("{} is in no row", package.folder)),
    );
    assert!(
        wrong.is_empty(),
        "the table of crates in ARCHITECTURE.md is the plan: change it or the manifest:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn only_the_edges_depend_on_a_browser() {
    let may = |package: &Package, name: &str, declared: &Value| match package.folder.as_str() {
        "" | "tests/browser/contract" | "tests/browser/lab" => true,
        "crates/worker" => !name.starts_with("leptos"),
        // Its sender for browsers is a feature.
        "crates/mailgun-pools" => {
            !name.starts_with("leptos") && declared.get("optional").and_then(Value::as_bool) == Some(true)
        }
        _ => false,
    };
    for package in &workspace().packages {
        for (name, declared) in dependencies(package, "dependencies") {
            assert!(
                !is_of_the_browser(&name.replace('-', "_")) || may(package, name, declared),
                "{}: `{name}`: the console, the worker and one sender touch the browser; everything else builds and runs without",
                package.path("Cargo.toml")
            );
        }
    }
}

/// Whether a source names a crate, in code and not in a comment.
fn names(text: &str, name: &str) -> bool {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut parts = code.flat_map(|line| line.split(|c: char| !is_word(c)));
    parts.any(|part| part == name)
}

#[test]
fn every_dependency_is_used() {
    let workspace = workspace();
    let mut wrong = Vec::new();
    for package in &workspace.packages {
        let sources = || {
            workspace
                .sources
                .iter()
                .filter(|source| workspace.package_of(&source.path).folder == package.folder)
        };
        let is_product =
            |path: &str| path.starts_with(&package.path("src/")) || path.starts_with(&package.path("fuzz_targets/"));
        for (kind, is_place) in [
            ("dependencies", true),
            ("dev-dependencies", false),
            ("build-dependencies", false),
        ] {
            for name in dependencies(package, kind).into_keys() {
                let library = name.replace('-', "_");
                let used =
                    sources().any(|source| (!is_place || is_product(&source.path)) && names(&source.text, &library));
                let is_known = UNNAMED
                    .iter()
                    .any(|(of, unnamed, _)| *of == package.name() && *unnamed == name);
                if used == is_known {
                    wrong.push(format!(
                        "{}: {kind}: `{name}` is {}",
                        package.path("Cargo.toml"),
                        if used { "named after all" } else { "not named" }
                    ));
                }
            }
        }
    }
    let root = workspace
        .packages
        .iter()
        .find(|package| package.folder.is_empty())
        .unwrap();
    let shared = root
        .manifest
        .get("workspace")
        .and_then(|table| table.get("dependencies"))
        .and_then(Value::as_table)
        .unwrap();
    for name in shared.keys() {
        let uses = |package: &Package| {
            let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
            kinds
                .iter()
                .any(|kind| dependencies(package, kind).contains_key(name.as_str()))
        };
        if !workspace.packages.iter().any(uses) {
            wrong.push(format!("Cargo.toml: workspace.dependencies: no package has `{name}`"));
        }
    }
    assert!(
        wrong.is_empty(),
        "a dependency is compiled by everybody, so each is used by the code of its package:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_package_has_metadata() {
    let mut wrong = Vec::new();
    for package in &workspace().packages {
        let path = package.path("Cargo.toml");
        let table = package.manifest.get("package").and_then(Value::as_table).unwrap();
        let is_private = table.get("publish").and_then(Value::as_bool) == Some(false);
        let wanted = METADATA.iter().chain(if is_private { &[] } else { REGISTRY_METADATA });
        wrong.extend(
            wanted
                .filter(|key| !table.contains_key(**key))
                .map(|key| format!("{path}: no `{key}`")),
        );
        // A package outside of the workspace, or with rules of its own, says so by a table.
        if package.manifest.get("lints").is_none() && package.manifest.get("workspace").is_none() {
            wrong.push(format!("{path}: no [lints]"));
        }
        for (name, declared) in dependencies(package, "dependencies") {
            if !is_private && declared.get("path").is_some() && declared.get("version").is_none() {
                wrong.push(format!(
                    "{path}: `{name}` has a path and no version, so the package cannot be published"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_comment_or_in_a_longer_name_is_no_use() {
        assert!(names("use wide::f32x8;", "wide") && names("    wide::x()", "wide"));
        assert!(!names("// wide", "wide") && !names("/// wide\nwidely!()", "wide"));
    }
}

#[test]
fn the_notices_of_a_release_allow_the_licences_that_a_dependency_may_have() {
    let list = |file: &str, path: &[&str]| -> BTreeSet<String> {
        let text: toml::Table = read(file).parse().unwrap();
        let text = Value::Table(text);
        let found = path.iter().try_fold(&text, |at, key| at.get(key));
        let found = found.unwrap_or_else(|| panic!("{file} has no {}", path.join(".")));
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        list("about.toml", &["accepted"]),
        list("deny.toml", &["licenses", "allow"])
    );
}
