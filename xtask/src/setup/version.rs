//! Versions of programs.

use crate::process::answer;
use std::path::Path;
use std::process::Command;

/// The version that `program --version` prints, such as `[0, 21, 14]`.
pub fn of(program: &Path) -> Option<Vec<u32>> {
    numbers(&answer(Command::new(program).arg("--version"))?)
}

/// Parses the first word of a line that starts with a digit, without what follows a `-` or `+`.
pub fn numbers(line: &str) -> Option<Vec<u32>> {
    let words = line.split_whitespace().map(|word| word.trim_start_matches('v'));
    let version = words
        .into_iter()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let core = version.split(['-', '+']).next()?;
    core.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(numbers("trunk 0.21.14"), Some(vec![0, 21, 14]));
        assert_eq!(numbers("wasm-opt version 132 (version_132)"), Some(vec![132]));
        assert_eq!(numbers("v18.20.4"), Some(vec![18, 20, 4]));
        assert_eq!(numbers("trunk 0.22.0-beta.1"), Some(vec![0, 22, 0]));
        assert_eq!(numbers("no number"), None);
    }
}
