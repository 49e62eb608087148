//! What the documents name exists: files, headings, tests, commands, options, packages.

use crate::commands::{Programs, programs};
use crate::workspace::{Package, read, workspace};

/// Files that a build makes.
const BUILT: &[&str] = &["dist", "404.html", "target"];

/// Cargo's own commands, and those of its tools that the documents may name.
const CARGO: &[&str] = &[
    "add", "bench", "build", "check", "clippy", "deny", "doc", "fmt", "fuzz", "install", "metadata", "run", "test",
    "xtask",
];

/// Options of Cargo and of other programs.
const OTHERS_OPTIONS: &[&str] = &["--release", "--workspace", "--config", "--all-targets", "--package"];

/// Names of files in text: these endings, and none other.
const ENDINGS: &[&str] = &[
    "rs", "ts", "mjs", "js", "md", "toml", "css", "html", "txt", "json", "csv", "svg", "yml",
];

struct Document {
    path: String,
    text: String,
}

fn documents() -> Vec<Document> {
    let paths = workspace().paths.iter().filter(|path| path.ends_with(".md"));
    paths
        .map(|path| Document {
            path: path.clone(),
            text: read(path),
        })
        .collect()
}

impl Document {
    /// A path named in the document, as a path from the root.
    fn resolve(&self, target: &str) -> String {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                name => parts.push(name),
            }
        }
        parts.join("/")
    }
}

/// Code in backticks, outside of blocks.
fn spans(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// Lines of code blocks.
fn block_lines(text: &str) -> Vec<&str> {
    let blocks = text.split("```").skip(1).step_by(2);
    // The first line names the language.
    blocks.flat_map(|block| block.lines().skip(1)).collect()
}

/// Targets of links: `](target)`, `src="target"`, `href="target"`.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (open, close) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"'), ("srcset=\"", '"')] {
        let after = text.split(open).skip(1);
        found.extend(
            after
                .filter_map(|rest| rest.split_once(close))
                .map(|(target, _)| target),
        );
    }
    found
}

/// A heading as the address that leads to it.
fn slug(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn has_heading(document: &str, anchor: &str) -> bool {
    document
        .lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| slug(line) == anchor)
}

fn exists(path: &str) -> bool {
    let is_built = BUILT
        .iter()
        .any(|built| path == *built || path.starts_with(&format!("{built}/")));
    is_built
        || workspace()
            .paths
            .iter()
            .any(|other| other == path || other.starts_with(&format!("{path}/")))
}

fn ends_like_a_file(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(start, ending)| !start.is_empty() && ENDINGS.contains(&ending))
}

/// Whether a span names a file or folder of ours, and whether that exists.
fn is_missing_file(span: &str) -> bool {
    let is_name = span.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    if !is_name || span.starts_with(['/', '-', '.']) && !span.starts_with("./") {
        return false;
    }
    let path = span.trim_end_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let is_of_ours = path.contains('/') && exists(first);
    if is_of_ours {
        return !exists(path);
    }
    let ending = format!("/{path}");
    let is_part = || {
        workspace()
            .paths
            .iter()
            .any(|other| other == path || other.ends_with(&ending) || other.contains(&format!("{ending}/")))
    };
    // `FILE.json` is what a person puts in its place.
    let is_placeholder = path.chars().next().is_some_and(char::is_uppercase)
        && !exists(path)
        && path.chars().filter(|c| c.is_uppercase()).count() > 2;
    (ends_like_a_file(path) || span.ends_with('/')) && !is_placeholder && !exists(path) && !is_part()
}

/// A module of an integration test, as ARCHITECTURE.md names it: `crate::module`.
fn is_missing_test(name: &str) -> bool {
    let Some((first, rest)) = name.split_once("::") else {
        return false;
    };
    let inside = rest.replace("::", "/");
    let places = [
        format!("crates/{first}/tests/{first}/{inside}"),
        format!("tests/{first}/tests/{first}/{inside}"),
    ];
    !places
        .iter()
        .any(|place| exists(&format!("{place}.rs")) || exists(&format!("{place}/mod.rs")))
}

/// What a command line asks for that does not exist.
fn wrong_in_command(line: &str, programs: &Programs) -> Vec<String> {
    let mut wrong = Vec::new();
    let words: Vec<&str> = line
        .split_whitespace()
        .take_while(|word| !["#", "|", "&&", ">"].contains(word))
        .collect();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        match word {
            "cargo" => {
                let command = words.next().unwrap_or_default();
                if !CARGO.contains(&command) {
                    wrong.push(format!("cargo {command}"));
                }
                if command == "xtask"
                    && let Some(task) = words.next()
                    && !programs.tasks.contains(task)
                {
                    wrong.push(format!("cargo xtask {task}"));
                }
            }
            "-p" | "--package" => {
                let name = words.next().unwrap_or_default();
                if !workspace()
                    .packages
                    .iter()
                    .map(Package::name)
                    .any(|other| other == name)
                {
                    wrong.push(format!("package {name}"));
                }
                if name == "poolkeeper-cli" && words.peek() == Some(&"--") {
                    words.next();
                    wrong.extend(
                        words
                            .next()
                            .filter(|command| !programs.commands.contains(*command))
                            .map(|command| format!("poolkeeper {command}")),
                    );
                }
            }
            word if word == "poolkeeper" || word.ends_with("/poolkeeper") => {
                let command = words
                    .next()
                    .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-'));
                wrong.extend(
                    command
                        .filter(|command| !programs.commands.contains(*command))
                        .map(|command| format!("poolkeeper {command}")),
                );
            }
            option if option.starts_with("--") && option.len() > 2 => {
                let name = option
                    .split('=')
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches([',', ';', '.']);
                if !programs.options.contains(name) && !OTHERS_OPTIONS.contains(&name) {
                    wrong.push(name.to_owned());
                }
            }
            _ => {}
        }
    }
    wrong
}

fn is_command(text: &str) -> bool {
    let first = text
        .trim_start_matches("$ ")
        .split_whitespace()
        .next()
        .unwrap_or_default();
    first == "cargo"
        || first == "poolkeeper"
        || first.ends_with("/poolkeeper")
        || (first.starts_with("--") && first.len() > 2)
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for document in documents() {
        for link in links(&document.text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (target, anchor) = link
                .split_once('#')
                .map_or((link, None), |(target, anchor)| (target, Some(anchor)));
            let path = if target.is_empty() {
                document.path.clone()
            } else {
                document.resolve(target)
            };
            if !exists(&path) {
                wrong.push(format!("{}: {link}: there is no {path}", document.path));
            } else if let Some(anchor) = anchor
                && path.ends_with(".md")
                && !has_heading(&read(&path), anchor)
            {
                wrong.push(format!("{}: {link}: {path} has no such heading", document.path));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn files_that_documents_name_exist() {
    let mut wrong = Vec::new();
    for document in documents() {
        let missing = spans(&document.text).into_iter().filter(|span| is_missing_file(span));
        wrong.extend(missing.map(|span| format!("{}: `{span}`", document.path)));
    }
    assert!(wrong.is_empty(), "files that do not exist:\n{}", wrong.join("\n"));
}

#[test]
fn tests_that_the_architecture_names_exist() {
    let text = read("ARCHITECTURE.md");
    let (mut first, mut named, mut wrong) = (String::new(), 0, Vec::new());
    for line in text.lines().filter(|line| line.starts_with('|')) {
        // The last column holds the tests. `::name` is in the crate named before.
        for span in spans(line.trim_end_matches('|').rsplit('|').next().unwrap_or_default()) {
            let is_path = span.contains("::") && span.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
            if !is_path {
                continue;
            }
            named += 1;
            let name = if span.starts_with("::") {
                format!("{first}{span}")
            } else {
                span.to_owned()
            };
            first = name.split("::").next().unwrap_or_default().to_owned();
            if is_missing_test(&name) {
                wrong.push(name);
            }
        }
    }
    assert!(named > 10, "ARCHITECTURE.md names no tests any more");
    assert!(
        wrong.is_empty(),
        "ARCHITECTURE.md names tests that do not exist: {wrong:?}"
    );
}

#[test]
fn commands_that_documents_name_exist() {
    let programs = programs();
    let (mut wrong, mut read) = (Vec::new(), 0);
    for document in documents() {
        let all = spans(&document.text).into_iter().chain(block_lines(&document.text));
        for line in all.filter(|text| is_command(text.trim())) {
            read += 1;
            wrong.extend(
                wrong_in_command(line, &programs)
                    .iter()
                    .map(|what| format!("{}: {what}, in `{}`", document.path, line.trim())),
            );
        }
    }
    assert!(read > 20, "only {read} commands were found in the documents");
    assert!(
        wrong.is_empty(),
        "commands and options that do not exist:\n{}",
        wrong.join("\n")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_blocks_and_links_are_distinguished() {
        let text = "a `one` [two](three.md#four) <img src=\"five.png\">\n```sh\nsix\nseven `not`\n```\n`eight`";
        assert_eq!(spans(text), ["one", "eight"]);
        assert_eq!(block_lines(text), ["six", "seven `not`"]);
        assert_eq!(links(text), ["three.md#four", "five.png"]);
        assert!(has_heading("# A\n## How to, in `short`?", "how-to-in-short") && !has_heading("How to", "how-to"));
    }

    #[test]
    fn files_are_looked_for_and_other_names_are_not() {
        for name in [
            "xtask/src/main.rs",
            "xtask/",
            "tidy/main.rs",
            "documents.rs",
            "v1/x",
            "/v3/domains.json",
            "200",
            "f32",
            "OUT.json",
            "dist/",
        ] {
            assert!(!is_missing_file(name), "{name}");
        }
        for name in ["xtask/src/gone.rs", "xtask/gone", "gone.rs", "tidy/gone.rs", "gone/"] {
            assert!(is_missing_file(name), "{name}");
        }
        assert!(!is_missing_test("simulator::rules") && is_missing_test("simulator::gone"));
    }

    #[test]
    fn commands_are_read_to_the_end() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let programs = Programs {
            tasks: words(&["run"]),
            commands: words(&["serve"]),
            options: words(&["--live", "--csv"]),
        };
        let wrong = |line: &str| wrong_in_command(line, &programs);
        assert_eq!(wrong("cargo xtask run --live  # --comment"), [""; 0]);
        assert_eq!(wrong("cargo xtask walk --dead"), ["cargo xtask walk", "--dead"]);
        assert_eq!(wrong("cargo run --release -p poolkeeper-cli -- serve --csv=x"), [""; 0]);
        assert_eq!(wrong("cargo run -p poolkeeper-cli -- swerve"), ["poolkeeper swerve"]);
        assert_eq!(
            wrong("cargo brew -p poolkeeper-tea"),
            ["cargo brew", "package poolkeeper-tea"]
        );
        assert_eq!(wrong("target/release/poolkeeper swerve"), ["poolkeeper swerve"]);
        assert_eq!(wrong("poolkeeper --csv FILE"), [""; 0]);
    }
}
