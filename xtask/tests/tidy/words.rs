//! No forbidden phrase in a text that people read: in the app, on the command line, in reports, in the documents.

use crate::lists;
use crate::workspace::{read, workspace};

/// A phrase found: where, and in what.
struct Hit {
    path: String,
    line: usize,
    phrase: String,
    text: String,
}

/// Where users and contributors read the strings of the code.
fn is_read(path: &str) -> bool {
    (path.starts_with("src/")
        || path.starts_with("xtask/src/")
        || (path.starts_with("crates/") && path.contains("/src/")))
        && !path.ends_with("/tests.rs")
}

/// Letters, digits and the signs that join words into a name.
fn is_inside_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// Where a phrase begins in a text, as whole words, whatever its case and its white space.
fn find(text: &str, phrase: &str) -> Vec<usize> {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if !is_inside_word(before) && starts_with_words(&text[at..], &words) {
            found.push(at);
        }
        before = c;
    }
    found
}

fn starts_with_words(text: &str, words: &[&str]) -> bool {
    let mut rest = text;
    for (number, word) in words.iter().enumerate() {
        if number > 0 {
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return false;
            }
            rest = trimmed;
        }
        let Some(head) = rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word)) else {
            return false;
        };
        rest = &rest[head.len()..];
    }
    !rest.starts_with(is_inside_word)
}

/// A document without what is code: names of files, commands and options in backticks. Every byte keeps its place.
fn prose(document: &str) -> String {
    let mut is_code = false;
    let mut out = String::new();
    for part in document.split_inclusive('`') {
        let (text, ends) = part.strip_suffix('`').map_or((part, false), |text| (text, true));
        // A span of one word is a name. Longer ones are output, and output is read.
        if is_code && !text.contains(char::is_whitespace) {
            out.extend(std::iter::repeat_n('`', text.len()));
        } else {
            out.push_str(text);
        }
        if ends {
            out.push('`');
            is_code = !is_code;
        }
    }
    out
}

fn find_hits() -> Vec<Hit> {
    let phrases = lists::entries("forbidden-words.txt");
    let mut hits = Vec::new();
    let mut look = |path: &str, line: usize, searched: &str, text: &str| {
        for phrase in &phrases {
            for at in find(searched, phrase) {
                let line = line + text[..at].matches('\n').count();
                let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let shown = text[start..].split('\n').next().unwrap_or_default().trim().to_owned();
                hits.push(Hit {
                    path: path.to_owned(),
                    line,
                    phrase: phrase.clone(),
                    text: shown,
                });
            }
        }
    };
    for source in workspace().sources.iter().filter(|source| is_read(&source.path)) {
        for text in &source.facts.texts {
            look(&source.path, text.line, &text.text, &text.text);
        }
    }
    for path in &workspace().paths {
        let is_document = path.ends_with(".md") || path.ends_with(".html") || path.ends_with(".webmanifest");
        if is_document {
            let document = read(path);
            look(path, 1, &prose(&document), &document);
        }
    }
    for package in &workspace().packages {
        let description = package
            .manifest
            .get("package")
            .and_then(|package| package.get("description"))
            .and_then(toml::Value::as_str);
        let description = description.unwrap_or_default();
        look(&package.path("Cargo.toml"), 1, description, description);
    }
    hits
}

#[test]
fn no_text_has_a_forbidden_phrase() {
    let allowed = lists::with_reasons("allowed-words.txt");
    let key = |hit: &Hit| format!("{} {}", hit.path, hit.phrase);
    let (kept, wrong): (Vec<Hit>, Vec<Hit>) = find_hits()
        .into_iter()
        .partition(|hit| allowed.iter().any(|(what, _)| *what == key(hit)));
    let wrong: Vec<String> = wrong
        .iter()
        .map(|hit| format!("{}:{}: {}: {}", hit.path, hit.line, hit.phrase, hit.text))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} phrases of xtask/tidy/forbidden-words.txt are in texts that people read. Say it plainly:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let used: Vec<String> = kept.iter().map(key).collect();
    let needless: Vec<&str> = allowed
        .iter()
        .map(|(what, _)| what.as_str())
        .filter(|what| !used.iter().any(|used| used == what))
        .collect();
    assert!(
        needless.is_empty(),
        "entries of xtask/tidy/allowed-words.txt that nothing needs any more:\n{}",
        needless.join("\n")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words_in_any_case_across_white_space() {
        assert_eq!(find("It Comes\n  to ten, it comes tomorrow", "comes to"), [3]);
        assert_eq!(find("gist, agist, gists, gist-like, Gist", "gist"), [0, 31]);
        assert_eq!(find("“gist”", "gist"), [3]);
    }

    #[test]
    fn names_in_backticks_are_code_and_lines_stay() {
        assert_eq!(prose("a `desk.rs`\nb `two words` c"), "a `````````\nb `two words` c");
    }
}
