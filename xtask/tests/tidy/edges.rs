//! Where the browser, the clock and randomness may be touched.

use crate::workspace::workspace;

/// Crates that work in a browser only; with `*`, all whose names begin so. Tests in wasm (`wasm_bindgen_test`) need none.
const BROWSER: &[&str] = &[
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "gloo_*",
    "idb",
    "leptos",
    "leptos_*",
    "console_error_panic_hook",
];

/// Where the browser may be touched. `crates/mailgun-pools` has two files for it, behind a feature.
const MAY_TOUCH_THE_BROWSER: &[&str] = &[
    "src/",
    "crates/worker/src/",
    "crates/mailgun-pools/src/transport/browser.rs",
    "crates/mailgun-pools/src/transport/saved_connection.rs",
    "tests/browser/",
];

/// Where pages are made.
const MAY_USE_LEPTOS: &[&str] = &["src/"];

/// Programs, tests and benchmarks may ask for the time. The rest is given it.
const MAY_ASK_THE_TIME: &[&str] = &[
    "src/",
    "crates/cli/",
    "crates/worker/",
    "xtask/",
    "tests/",
    "benches/",
    "fuzz/",
];

const RANDOM: &[&str] = &["rand", "getrandom", "fastrand", "nanorand", "oorandom"];

const MAY_DRAW_RANDOM_NUMBERS: &[&str] = &[
    "src/",
    "crates/cli/src/console/secrets.rs",
    // Names of changes.
    "crates/cli/src/live/change.rs",
    "tests/",
    "fuzz/",
];

/// What compiles for a browser, or only with a feature that no native test turns on.
const RUNS_NO_UNIT_TEST: &[&str] = &[
    "src/",
    "crates/mailgun-pools/src/transport/browser.rs",
    "crates/mailgun-pools/src/transport/saved_connection.rs",
    "tests/browser/",
];

const LONGEST_FILE_LINES: usize = 450;

fn is_in(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

/// Paths that a rule forbids, in code and in `use`, outside the places where they may be.
fn forbidden(may: &[&str], is_forbidden: impl Fn(&[String]) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in workspace().sources.iter().filter(|source| !is_in(&source.path, may)) {
        for module in &source.facts.modules {
            let imports = module.imports.iter().map(|import| (&import.path, import.line));
            let mentions = module.mentions.iter().map(|mention| (&mention.path, mention.line));
            let paths = imports.chain(mentions).filter(|(path, _)| is_forbidden(path));
            wrong.extend(paths.map(|(path, line)| format!("{}:{line}: `{}`", source.path, path.join("::"))));
        }
    }
    wrong
}

/// Whether a crate, by the name that `use` has for it, works in a browser only.
pub fn is_of_the_browser(library: &str) -> bool {
    is_of(&[library.to_owned()], BROWSER)
}

fn is_of(path: &[String], crates: &[&str]) -> bool {
    let is = |first: &str, name: &str| {
        name.strip_suffix('*')
            .map_or(first == name, |start| first.starts_with(start))
    };
    path.first()
        .is_some_and(|first| crates.iter().any(|name| is(first, name)))
}

#[test]
fn only_the_edges_touch_the_browser() {
    let wrong = forbidden(MAY_TOUCH_THE_BROWSER, |path| path.len() > 1 && is_of(path, BROWSER));
    assert!(
        wrong.is_empty(),
        "everything but the console, the worker and one sender builds and runs without a browser:\n{}",
        wrong.join("\n")
    );
    let wrong = forbidden(MAY_USE_LEPTOS, |path| is_of(path, &["leptos", "leptos_*"]));
    assert!(
        wrong.is_empty(),
        "only the console is made of Leptos:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_clock_is_an_argument() {
    let is_clock = |path: &[String]| matches!(path, [.., clock, now] if now == "now" && ["Utc", "Local", "SystemTime", "Instant", "Date"].contains(&clock.as_str()));
    let wrong = forbidden(MAY_ASK_THE_TIME, is_clock);
    assert!(
        wrong.is_empty(),
        "the same commands give the same history, so time is an argument:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_seed_is_an_argument() {
    let is_random =
        |path: &[String]| is_of(path, RANDOM) || path.iter().any(|name| name == "RandomState" || name == "thread_rng");
    let wrong = forbidden(MAY_DRAW_RANDOM_NUMBERS, is_random);
    assert!(
        wrong.is_empty(),
        "the same seed gives the same account, so chance is an argument:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_stay_readable() {
    let sources = workspace()
        .sources
        .iter()
        .filter(|source| source.path.split('/').any(|part| part == "src"));
    let lines = sources.map(|source| (&source.path, source.text.lines().count()));
    let long: Vec<String> = lines
        .filter(|(_, lines)| *lines > LONGEST_FILE_LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(
        long.is_empty(),
        "a file has at most {LONGEST_FILE_LINES} lines: split it by what it does\n{}",
        long.join("\n")
    );
}

#[test]
fn unit_tests_are_where_they_run() {
    for source in workspace()
        .sources
        .iter()
        .filter(|source| is_in(&source.path, RUNS_NO_UNIT_TEST))
    {
        let has_test = source.facts.modules.iter().any(|module| module.is_test) || source.text.contains("#[test]");
        assert!(
            !has_test,
            "{}: this compiles for a browser only, so its tests would never run: what can be tested belongs in crates/view",
            source.path
        );
    }
}

#[test]
fn what_is_looked_for_exists() {
    let everywhere = forbidden(&[], |path| is_of(path, BROWSER));
    for place in MAY_TOUCH_THE_BROWSER {
        assert!(
            everywhere.iter().any(|hit| hit.starts_with(place)),
            "nothing in {place} touches the browser: take it out of the list"
        );
    }
}
