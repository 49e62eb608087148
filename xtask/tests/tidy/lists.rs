//! The lists in `xtask/tidy`: one entry a line, comments after `#`.

use crate::workspace::read;

/// The lines of a list that are entries.
pub fn entries(file: &str) -> Vec<String> {
    let path = format!("xtask/tidy/{file}");
    read(&path)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Lines of the form `what: reason`, which must have a reason.
pub fn with_reasons(file: &str) -> Vec<(String, String)> {
    let split = |line: &String| {
        let parts = line
            .split_once(": ")
            .filter(|(_, reason)| reason.split_whitespace().count() > 2);
        let (what, reason) = parts.unwrap_or_else(|| panic!("xtask/tidy/{file}: `{line}` has no reason after `: `"));
        (what.to_owned(), reason.to_owned())
    };
    entries(file).iter().map(split).collect()
}
