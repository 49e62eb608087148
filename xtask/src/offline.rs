//! The service worker that opens the app without a network after its first visit.

use crate::pages::PAGES;
use crate::problem::{Problem, Result};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

const TEMPLATE: &str = include_str!("offline/sw.js");
const WORKER: &str = "sw.js";

/// Writes the service worker, with the list of files it keeps.
pub fn write(dist: &Path) -> Result<()> {
    let mut files = files_of(dist)?;
    files.retain(|file| file != WORKER);
    let version = version_of(dist, &files)?;
    let worker = dist.join(WORKER);
    std::fs::write(&worker, worker_text(&files, &version)?).map_err(|error| Problem::file("write", &worker, &error))
}

/// Every file below a folder, as a URL relative to it, sorted.
pub fn files_of(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let here = folder.join(&below);
        let entries = std::fs::read_dir(&here).map_err(|error| Problem::file("read", &here, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Problem::file("read", &here, &error))?;
            let path = below.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A hash of the names and contents of all files.
fn version_of(dist: &Path, files: &[String]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for name in files {
        let file = dist.join(name);
        let content = std::fs::read(&file).map_err(|error| Problem::file("read", &file, &error))?;
        hasher.write(name.as_bytes());
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn worker_text(files: &[String], version: &str) -> Result<String> {
    let mut text = TEMPLATE.to_owned();
    for (place, value) in [
        ("VERSION", list(&[version])),
        ("PAGES", list(&PAGES)),
        ("FILES", list(files)),
    ] {
        let slot = format!("/* {place} */");
        if text.matches(&slot).count() != 1 {
            return Err(Problem::new(format!(
                "The service worker's template has no single place for {place}."
            )));
        }
        text = text.replace(&slot, &value);
    }
    Ok(text)
}

fn list(words: &[impl AsRef<str>]) -> String {
    words
        .iter()
        .map(|word| format!("{:?}", word.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::{files_of, version_of, worker_text};

    #[test]
    fn the_worker_lists_the_files_it_keeps() {
        let text = worker_text(&["app-1.js".into(), "pools/index.html".into()], "abc").unwrap();
        assert!(text.contains(r#"["app-1.js", "pools/index.html"]"#), "{text}");
        assert!(text.contains(r#"["abc"]"#) && text.contains(r#""what-if""#), "{text}");
        assert!(!text.contains("/* FILES */"));
    }

    #[test]
    fn another_content_is_another_version() {
        let dist = std::env::temp_dir().join(format!("xtask-offline-{}", std::process::id()));
        std::fs::create_dir_all(dist.join("pools")).unwrap();
        std::fs::write(dist.join("pools/index.html"), "one").unwrap();
        std::fs::write(dist.join("a.css"), "").unwrap();
        let files = files_of(&dist).unwrap();
        assert_eq!(files, ["a.css", "pools/index.html"]);
        let before = version_of(&dist, &files).unwrap();
        assert_eq!(version_of(&dist, &files).unwrap(), before);
        std::fs::write(dist.join("pools/index.html"), "two").unwrap();
        assert_ne!(version_of(&dist, &files).unwrap(), before);
        std::fs::remove_dir_all(dist).unwrap();
    }
}
