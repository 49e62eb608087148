//! Which module may use which, kept by reading the sources. Every failure says the reason.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

/// A module, what it may use of ours, and why nothing more.
const ARROWS: &[(&str, &[&str], &str)] = &[
    (
        "model",
        &[],
        "values are at the bottom: everything uses them, they use nothing",
    ),
    (
        "health",
        &["model"],
        "the banding rule is a pure function of counts and a policy",
    ),
    ("traffic", &["model"], "daily counts know nothing of who reads them"),
    (
        "ingest",
        &["traffic", "model"],
        "reading files makes a traffic table, nothing else",
    ),
    ("transport", &["model"], "the seam must not know what goes over it"),
    (
        "wire",
        &["transport", "model"],
        "the contract is shared by client and server, so it may know neither",
    ),
    (
        "sim",
        &["health", "traffic", "model"],
        "the rules do not know that anybody speaks HTTP to them",
    ),
    (
        "record",
        &["sim", "health", "traffic", "model"],
        "what is kept of a simulated account is decided without a browser and without a client",
    ),
    (
        "whatif",
        &["sim", "health", "traffic", "model"],
        "the lab calls the banding rule directly, never over a transport",
    ),
    (
        "api",
        &["transport", "wire", "model"],
        "the client cannot tell the live service from the simulator, so it must not see the simulator",
    ),
    (
        "fork",
        &["api", "sim", "traffic", "model"],
        "a live account is copied through the client, as any page reads it, into the simulator",
    ),
    (
        "server",
        &["transport", "wire", "sim", "health", "traffic", "model"],
        "the simulator's HTTP face is reached through the contract, so it must not see the client",
    ),
    (
        "worker",
        &["whatif", "sim", "ingest", "health", "traffic", "model"],
        "the worker carries no client and no page",
    ),
    (
        "ui",
        &[
            "api",
            "fork",
            "server",
            "worker",
            "whatif",
            "record",
            "ingest",
            "transport",
            "sim",
            "health",
            "traffic",
            "model",
        ],
        "pages speak through the client; the wire's spelling is not their business",
    ),
];

/// Modules that are not in the table are listed here, with what they are.
const OUTSIDE: &[(&str, &str)] = &[
    ("bin", "entries, which put the modules together"),
    ("cli", "the native command line"),
];

/// What belongs to the browser.
const BROWSER: &[&str] = &["web_sys", "js_sys", "gloo", "leptos", "wasm_bindgen"];

/// Where the browser may be touched.
const MAY_TOUCH_THE_BROWSER: &[&str] = &[
    "transport/live.rs",
    "worker/",
    "ui/",
    "ui.rs",
    "bin/app.rs",
    "bin/worker.rs",
];

const LONGEST_FILE_LINES: usize = 450;

fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    found.sort();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
    found
        .into_iter()
        .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// A line without its comment, so that prose may name what code may not use.
fn code(line: &str) -> &str {
    let comment = line
        .match_indices("//")
        .map(|(at, _)| at)
        .find(|at| !line[..*at].ends_with(':'));
    comment.map_or(line, |at| &line[..at])
}

/// The module a source belongs to: `ui` for `ui/pages/pools.rs` and for `ui.rs`.
fn module(source: &str) -> &str {
    let first = source.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// As many `super::` as lead from a source to the crate's root.
fn to_the_root(source: &str) -> String {
    let own_file = usize::from(!source.ends_with("mod.rs"));
    "super::".repeat(source.matches('/').count() + own_file)
}

/// Modules of ours that a piece of code names after `crate::`, alone or in a group, after the crate's own name, or by
/// climbing to the root.
fn uses(source: &str, code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for prefix in ["crate::", "poolkeeper::", &to_the_root(source)] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                used.extend(heads(group));
            } else {
                used.extend(identifier(rest));
            }
        }
    }
    used
}

/// The first names of a `use` group's entries, the group's closing brace not included.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut is_head, mut names) = (0, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_head = true,
            c if is_head && !c.is_whitespace() => {
                names.extend(identifier(&group[at..]));
                is_head = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn whole_code(text: &str) -> String {
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

#[test]
fn arrows_point_down_only() {
    let known: Vec<&str> = ARROWS.iter().map(|(name, ..)| *name).collect();
    let mut wrong = Vec::new();
    for (source, text) in sources() {
        let module = module(&source);
        if module == "lib" || OUTSIDE.iter().any(|(name, _)| *name == module) {
            continue;
        }
        let Some((_, allowed, reason)) = ARROWS.iter().find(|(name, ..)| *name == module) else {
            wrong.push(format!(
                "src/{source}: the module `{module}` is in no row of ARROWS; add it with its arrows"
            ));
            continue;
        };
        for used in uses(&source, &whole_code(&text)) {
            if used != module && known.contains(&used.as_str()) && !allowed.contains(&used.as_str()) {
                wrong.push(format!("src/{source} uses `{used}`: {reason}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_of_arrows_has_no_circle() {
    for (at, (name, allowed, _)) in ARROWS.iter().enumerate() {
        for used in *allowed {
            let below = ARROWS.iter().position(|(other, ..)| other == used);
            assert!(
                below.is_some_and(|below| below < at),
                "`{name}` may use `{used}`, which stands after it"
            );
        }
    }
}

#[test]
fn only_the_edges_touch_the_browser() {
    let mut wrong = Vec::new();
    for (source, text) in sources() {
        if MAY_TOUCH_THE_BROWSER.iter().any(|place| source.starts_with(place)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for name in BROWSER.iter().filter(|name| code(line).contains(**name)) {
                wrong.push(format!(
                    "src/{source}:{}: `{name}`: the core builds and tests without a browser, and only live.rs fetches",
                    number + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_clock_is_an_argument() {
    for (source, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for clock in ["Utc::now", "Local::now", "SystemTime::now", "Instant::now"] {
                let is_edge = ["ui/", "bin/", "cli/", "cli.rs"]
                    .iter()
                    .any(|place| source.starts_with(place));
                assert!(
                    !code(line).contains(clock) || (is_edge && !clock.starts_with("Utc")),
                    "src/{source}:{}: `{clock}`: the same commands must give the same history, so time comes in",
                    number + 1
                );
            }
        }
    }
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(source, text)| (source, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE_LINES)
        .map(|(source, lines)| format!("src/{source}: {lines} lines; split it by what it does"))
        .collect();
    assert!(
        long.is_empty(),
        "more than {LONGEST_FILE_LINES} lines:\n{}",
        long.join("\n")
    );
}

#[test]
fn tests_stand_where_they_run() {
    let modules = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui/mod.rs")).unwrap();
    let lines: Vec<&str> = modules.lines().collect();
    let gated: Vec<&str> = lines
        .windows(2)
        .filter(|pair| pair[0] == "#[cfg(feature = \"ui\")]")
        .filter_map(|pair| {
            pair[1]
                .trim_start_matches("pub ")
                .strip_prefix("mod ")?
                .strip_suffix(';')
        })
        .collect();
    assert!(gated.len() > 3, "{gated:?}");
    for (source, text) in sources() {
        let is_gated = source
            .strip_prefix("ui/")
            .is_some_and(|rest| gated.contains(&module(rest)));
        assert!(
            !(is_gated && text.contains("#[cfg(test)]")),
            "src/{source} compiles for a browser alone, so its tests would never run: what can be tested goes to ui/plain"
        );
    }
}

#[test]
fn this_test_sees_what_it_looks_for() {
    let code = whole_code(
        "use crate::{\n  wire::{a, api::b},\n sim,\n};\nlet x = crate::server::Y; // crate::ui\nuse mailgun_pools::api::Client; super::super::whatif::Job",
    );
    let mut seen = uses("api/x.rs", &code);
    seen.sort();
    assert_eq!(seen, ["api", "server", "sim", "whatif", "wire"]);
    assert_eq!((module("ui/pages/x.rs"), module("ui.rs")), ("ui", "ui"));
    assert_eq!(
        self::code("let url = \"https://x\"; // web_sys"),
        "let url = \"https://x\"; "
    );
    assert!(sources().len() > 20);
}
