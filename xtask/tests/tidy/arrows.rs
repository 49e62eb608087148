//! Which module of a crate may use which, where Cargo cannot say it. Every failure says the reason.

use crate::lists;
use crate::tree::trees;
use crate::workspace::workspace;
use std::collections::BTreeSet;

/// A package's folder, and its modules from the bottom up.
type Rows = (&'static str, &'static [Row]);

/// A module at a crate's root, the modules of the crate that it may use, and why no other.
type Row = (&'static str, &'static [&'static str], &'static str);

const ROWS: &[Rows] = &[
    (
        "crates/core",
        &[
            ("checked_lines", &[], "lines do not know what they say"),
            ("model", &[], "everything uses values, so values use nothing"),
            (
                "health",
                &["model"],
                "the banding rule is a function of counts and a policy",
            ),
            ("traffic", &["model"], "daily counts do not know who reads them"),
            (
                "text",
                &["health", "model"],
                "texts are about values and verdicts, and nothing below shows any",
            ),
        ],
    ),
    (
        "crates/mailgun-pools",
        &[
            ("transport", &[], "a transport does not know what it carries"),
            (
                "wire",
                &["transport"],
                "client and server share the contract, so it knows neither",
            ),
            (
                "api",
                &["transport", "wire"],
                "the client cannot tell the service from the simulator",
            ),
        ],
    ),
    (
        "crates/simulator",
        &[
            (
                "sim",
                &[],
                "the rules do not know that they are reached over HTTP, or kept",
            ),
            ("persistence", &["sim"], "what is kept is decided without HTTP"),
            (
                "server",
                &["sim"],
                "the HTTP face answers from the account, wherever it is kept",
            ),
        ],
    ),
    (
        "",
        &[
            ("browser", &[], "wrappers of browser APIs know nothing of the app"),
            ("persistence", &["browser"], "storage does not know what is shown"),
            (
                "state",
                &["browser", "persistence"],
                "state is below whatever shows it; `app` hands it what is downloaded later",
            ),
            (
                "components",
                &["browser", "state"],
                "a component does not know the page it is on",
            ),
            (
                "charts",
                &["browser", "components", "state"],
                "a chart does not know the page it is on",
            ),
            (
                "pages",
                &["browser", "charts", "components", "state"],
                "`app` chooses pages, so no page reaches past it",
            ),
            (
                "lazy",
                &["browser", "components", "pages", "persistence", "state"],
                "chunks hold pages, and only `app` hands chunks out",
            ),
            (
                "app",
                &["browser", "components", "pages", "lazy", "persistence", "state"],
                "the app puts everything together",
            ),
        ],
    ),
];

/// Modules that are closed to most of their crate: who may use them, and why.
const CLOSED: &[(&str, &[&str], &str)] = &[
    (
        "crates/lab/src/protocol",
        &["crates/lab/src/lib.rs"],
        "the lab's questions do not know that a worker may answer them",
    ),
    (
        "crates/lab/src/jobs",
        &["crates/lab/src/lib.rs", "crates/lab/src/protocol"],
        "questions are plain functions; jobs run them in steps",
    ),
    (
        "crates/cli/src/console",
        &["crates/cli/src/lib.rs", "crates/cli/src/decoders.rs"],
        "a command of the program knows no other command",
    ),
    (
        "crates/cli/src/live",
        &["crates/cli/src/lib.rs"],
        "a command of the program knows no other command",
    ),
    (
        "crates/cli/src/watch",
        &["crates/cli/src/lib.rs"],
        "a command of the program knows no other command",
    ),
    (
        "crates/cli/src/serve",
        &["crates/cli/src/lib.rs", "crates/cli/src/decoders.rs"],
        "the lab's commands do not need the server",
    ),
    (
        "crates/cli/src/lab",
        &["crates/cli/src/lib.rs", "crates/cli/src/decoders.rs"],
        "the server does not need the lab's commands",
    ),
];

/// Whether a file is a module's: its own file, or one in its folder.
fn is_in(file: &str, module: &str) -> bool {
    let rest = file.strip_prefix(module.trim_end_matches(".rs"));
    rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// A file's module at the root of its crate, and none for the root itself and for programs.
fn module<'a>(file: &'a str, src: &str) -> Option<&'a str> {
    let inside = file.strip_prefix(src)?;
    let first = inside.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main", "bin"].contains(&name)).then_some(name)
}

/// Arrows that point up, as `from to`, with the reason.
fn upward_arrows() -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for tree in trees(workspace()) {
        for arrow in tree.arrows() {
            let describe = |reason: &str| {
                let key = format!("{} {}", arrow.from, arrow.to);
                (
                    key,
                    format!(
                        "{}:{} uses `{}` of {}: {reason}",
                        arrow.from, arrow.line, arrow.name, arrow.to
                    ),
                )
            };
            for (module, users, reason) in CLOSED {
                let may_use = is_in(arrow.from, module) || users.iter().any(|user| is_in(arrow.from, user));
                if is_in(arrow.to, module) && !may_use {
                    wrong.push(describe(reason));
                }
            }
            let package = workspace().package_of(arrow.from);
            let Some((_, rows)) = ROWS.iter().find(|(folder, _)| *folder == package.folder) else {
                continue;
            };
            let src = package.path("src/");
            let (Some(from), Some(to)) = (module(arrow.from, &src), module(arrow.to, &src)) else {
                continue;
            };
            if let Some((_, uses, reason)) = rows.iter().find(|(name, ..)| *name == from)
                && from != to
                && !uses.contains(&to)
            {
                wrong.push(describe(reason));
            }
        }
    }
    wrong
}

#[test]
fn arrows_inside_a_crate_point_down() {
    let known: BTreeSet<String> = lists::entries("known-arrows.txt").into_iter().collect();
    let upward = upward_arrows();
    let new: Vec<&str> = upward
        .iter()
        .filter(|(key, _)| !known.contains(key))
        .map(|(_, description)| description.as_str())
        .collect();
    let found: BTreeSet<&str> = upward.iter().map(|(key, _)| key.as_str()).collect();
    let gone: Vec<&str> = known
        .iter()
        .map(String::as_str)
        .filter(|key| !found.contains(key))
        .collect();
    let all: Vec<&str> = found.into_iter().collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "arrows that point up and that xtask/tidy/known-arrows.txt does not list:\n{}\narrows that it lists and that are gone:\n{}\n\
         the list as it would have to be:\n{}",
        new.join("\n"),
        gone.join("\n"),
        all.join("\n")
    );
}

#[test]
fn every_module_is_in_a_row() {
    let mut wrong = Vec::new();
    for (folder, rows) in ROWS {
        let src = crate::workspace::join(folder, "src/");
        let files = workspace()
            .sources
            .iter()
            .filter_map(|source| module(&source.path, &src));
        let modules: BTreeSet<&str> = files.collect();
        let listed: BTreeSet<&str> = rows.iter().map(|(name, ..)| *name).collect();
        wrong.extend(
            modules
                .difference(&listed)
                .map(|name| format!("{src}{name} is in no row of ROWS")),
        );
        wrong.extend(
            listed
                .difference(&modules)
                .map(|name| format!("{src}{name} of ROWS does not exist")),
        );
    }
    for (module, users, _) in CLOSED {
        for path in std::iter::once(module).chain(*users) {
            if !workspace().sources.iter().any(|source| is_in(&source.path, path)) {
                wrong.push(format!("{path} of CLOSED does not exist"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rows_have_no_circle() {
    for (folder, rows) in ROWS {
        for (at, (name, uses, _)) in rows.iter().enumerate() {
            for used in *uses {
                let below = rows.iter().position(|(other, ..)| other == used);
                assert!(
                    below.is_some_and(|below| below < at),
                    "{folder}: `{name}` may use `{used}`, which is not below it"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_its_file_or_its_folder_and_no_other_of_a_longer_name() {
        assert!(
            is_in("a/src/lab.rs", "a/src/lab")
                && is_in("a/src/lab/x.rs", "a/src/lab")
                && is_in("a/src/lab.rs", "a/src/lab.rs")
        );
        assert!(!is_in("a/src/lab_worker.rs", "a/src/lab") && !is_in("b/src/lab.rs", "a/src/lab"));
        assert_eq!(module("a/src/pages/x/y.rs", "a/src/"), Some("pages"));
        assert_eq!(
            (module("a/src/lib.rs", "a/src/"), module("a/src/bin/app.rs", "a/src/")),
            (None, None)
        );
    }
}
