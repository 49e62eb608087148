//! The size of the first view's download, compressed with brotli.

use crate::offline::files_of;
use crate::problem::{Problem, Result};
use crate::setup::node;
use crate::split::is_part;
use crate::workers::is_of_worker;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The width of the column of names.
const NAMES: usize = 40;

/// A file's size in bytes, as it is and compressed.
pub struct Weight {
    file: String,
    raw_bytes: u64,
    brotli_bytes: u64,
}

/// Weighs the files of the first view: `index.html`, the files it names, and the files those name.
pub fn weigh(dist: &Path) -> Result<Vec<Weight>> {
    weigh_files(dist, first_view(dist, &files_of(dist)?))
}

/// Weighs the files of the lab's workers, which are fetched after the first view.
pub fn weigh_later(dist: &Path) -> Result<Vec<Weight>> {
    let mut files = files_of(dist)?;
    files.retain(|file| is_of_worker(file));
    weigh_files(dist, files)
}

fn weigh_files(dist: &Path, mut files: Vec<String>) -> Result<Vec<Weight>> {
    let paths: Vec<PathBuf> = files.iter().map(|file| dist.join(file)).collect();
    let lines = node(include_str!("sizes.mjs"), &paths)
        .ok_or_else(|| Problem::new("Node could not compress the built files to weigh them."))?;
    let weights: Vec<Weight> = files.drain(..).zip(lines.lines()).filter_map(weight).collect();
    if weights.len() == paths.len() {
        Ok(weights)
    } else {
        Err(Problem::new("Node did not weigh every built file."))
    }
}

/// The weights as a table, with their sum against the budget.
pub fn table(weights: &[Weight], budget_kb: f64) -> String {
    let total = row(
        "total",
        weights.iter().map(|weight| weight.raw_bytes).sum(),
        brotli_bytes(weights),
    );
    let listed = list("first view", weights);
    format!("{listed}{total}{:NAMES$} {:>10} {budget_kb:>10.1}\n", "budget", "")
}

/// The weights alone, under a heading.
pub fn list(heading: &str, weights: &[Weight]) -> String {
    let rows = weights
        .iter()
        .map(|weight| row(&weight.file, weight.raw_bytes, weight.brotli_bytes));
    format!("{heading:NAMES$} {:>10} {:>10}\n", "KB", "KB brotli") + &rows.collect::<String>()
}

fn row(name: &str, raw_bytes: u64, brotli_bytes: u64) -> String {
    format!("{name:NAMES$} {:>10.1} {:>10.1}\n", kb(raw_bytes), kb(brotli_bytes))
}

/// Refuses a first view above the budget.
pub fn check(weights: &[Weight], budget_kb: f64) -> Result<()> {
    let total = kb(brotli_bytes(weights));
    if total <= budget_kb {
        return Ok(());
    }
    Err(Problem::new(format!(
        "The first view weighs {total:.1} KB with brotli, {:.1} KB more than the {budget_kb:.0} KB it may.",
        total - budget_kb
    )))
}

fn brotli_bytes(weights: &[Weight]) -> u64 {
    weights.iter().map(|weight| weight.brotli_bytes).sum()
}

fn kb(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

fn weight((file, line): (String, &str)) -> Option<Weight> {
    let (raw, brotli) = line.split_once(' ')?;
    Some(Weight {
        file,
        raw_bytes: raw.parse().ok()?,
        brotli_bytes: brotli.parse().ok()?,
    })
}

fn first_view(dist: &Path, files: &[String]) -> Vec<String> {
    let mut reached = BTreeSet::from(["index.html".to_owned()]);
    let mut unread = vec!["index.html".to_owned()];
    while let Some(file) = unread.pop() {
        if !names_others(&file) {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(dist.join(&file)) else {
            continue;
        };
        for other in files {
            // The service worker, the lazy chunks and the other pages are fetched later, if at all.
            let later = other == "sw.js" || is_part(other) || other.ends_with(".html");
            let name = other.rsplit('/').next().unwrap_or(other);
            if !later && text.contains(name) && reached.insert(other.clone()) {
                unread.push(other.clone());
            }
        }
    }
    reached.into_iter().collect()
}

fn names_others(file: &str) -> bool {
    [".html", ".js", ".mjs", ".css", ".webmanifest"]
        .iter()
        .any(|ending| file.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::{Weight, check, first_view, table};
    use crate::offline::files_of;

    #[test]
    fn the_first_view_is_what_the_first_page_leads_to() {
        let dist = std::env::temp_dir().join(format!("xtask-sizes-{}", std::process::id()));
        std::fs::create_dir_all(dist.join("pools")).unwrap();
        for (file, text) in [
            (
                "index.html",
                "<link href=./app-1.css><script src=./app-1.js></script><script>register('sw.js')</script>",
            ),
            ("app-1.css", "@font-face{src:url(letters.woff2)}"),
            ("app-1.js", "fetch('app-1_bg.wasm')"),
            ("letters.woff2", ""),
            ("app-1_bg.wasm", "worker-1.js"),
            ("worker-1.js", ""),
            ("sw.js", ""),
            ("pools/index.html", ""),
        ] {
            std::fs::write(dist.join(file), text).unwrap();
        }
        let reached = first_view(&dist, &files_of(&dist).unwrap());
        assert_eq!(
            reached,
            ["app-1.css", "app-1.js", "app-1_bg.wasm", "index.html", "letters.woff2"]
        );
        std::fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn more_than_the_budget_is_refused_with_the_excess() {
        let weights = [("a.wasm", 340_000), ("a.js", 11_500)].map(|(file, brotli_bytes)| Weight {
            file: file.to_owned(),
            raw_bytes: 1_000_000,
            brotli_bytes,
        });
        assert!(check(&weights, 352.0).is_ok());
        let said = check(&weights, 350.0).unwrap_err().to_string();
        assert!(said.contains("351.5 KB") && said.contains("1.5 KB more"), "{said}");
        assert!(table(&weights, 350.0).contains("351.5"));
    }
}
