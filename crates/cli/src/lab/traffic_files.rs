//! The files that `--csv` names: files, folders and patterns.

use crate::Failure;
use std::path::{Path, PathBuf};

/// What the names of traffic files end in. Of a folder, only such files are read.
const ENDINGS: [&str; 10] = [
    "csv", "tsv", "txt", "json", "jsonl", "ndjson", "log", "gz", "zst", "zip",
];

/// Folders inside folders that are looked into.
const MAX_DEPTH: usize = 8;

/// Files that are read at most.
const MAX_FILES: usize = 100_000;

/// The files to read, in the order given; those of a folder or a pattern by name.
pub(super) struct TrafficFiles {
    pub paths: Vec<PathBuf>,
    /// Files of the folders that are left out because of their names.
    pub left_out: u64,
}

impl TrafficFiles {
    /// Finds the files. A path that is no file or folder may be a pattern with `*`, `?` and `[…]`.
    ///
    /// # Errors
    /// [`Failure`] when a folder or a pattern has no file.
    pub fn find(given: &[PathBuf]) -> Result<Self, Failure> {
        let mut found = Self {
            paths: Vec::new(),
            left_out: 0,
        };
        for path in given {
            let before = found.paths.len();
            if path.is_dir() {
                found.add_folder(path, MAX_DEPTH)?;
                if found.paths.len() == before {
                    let kinds = ENDINGS.join(", ");
                    return Err(Failure(format!(
                        "{}: the folder has no file whose name ends in one of {kinds}",
                        path.display()
                    )));
                }
            } else if path == Path::new("-") || path.exists() {
                found.add(path.clone())?;
            } else {
                found.add_pattern(path)?;
            }
        }
        Ok(found)
    }

    /// The paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().map(PathBuf::as_path)
    }

    fn add(&mut self, path: PathBuf) -> Result<(), Failure> {
        if self.paths.len() == MAX_FILES {
            return Err(Failure(format!(
                "there are more than {MAX_FILES} files; put some of them together"
            )));
        }
        self.paths.push(path);
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path, depth: usize) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::of(format!("reading {}", folder.display()), error);
        let entries = std::fs::read_dir(folder).map_err(failed)?;
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        paths.sort();
        for path in paths {
            let is_hidden = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']));
            let ending = path
                .extension()
                .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
            if is_hidden {
                continue;
            }
            if path.is_dir() {
                if depth > 0 {
                    self.add_folder(&path, depth - 1)?;
                }
            } else if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
                self.add(path)?;
            } else {
                self.left_out += 1;
            }
        }
        Ok(())
    }

    fn add_pattern(&mut self, pattern: &Path) -> Result<(), Failure> {
        let text = pattern.to_string_lossy();
        if !text.contains(['*', '?', '[']) {
            // Reading it says what is wrong.
            return self.add(pattern.to_owned());
        }
        let matching = glob::glob(&text).map_err(|error| Failure::of(format!("the pattern {text}"), error))?;
        let mut files: Vec<PathBuf> = matching.filter_map(Result::ok).filter(|path| path.is_file()).collect();
        files.sort();
        if files.is_empty() {
            return Err(Failure(format!("{text}: no file matches this pattern")));
        }
        files.into_iter().try_for_each(|path| self.add(path))
    }
}
