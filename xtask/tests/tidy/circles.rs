//! No circle of files: to understand one file of a circle, you have to read them all.
//!
//! A file may use the modules it declares, and they may use what it holds: they are one module. That is no circle, but one
//! between two of its parts is, and so is one that leaves the module and comes back.

use crate::lists;
use crate::tree::{Arrow, Tree, trees};
use crate::workspace::workspace;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Groups of files each of which can be reached from each other, by Tarjan's algorithm.
fn circles<'a>(arrows: &[Arrow<'a>]) -> Vec<BTreeSet<&'a str>> {
    struct Search<'a, 'b> {
        below: &'b BTreeMap<&'a str, BTreeSet<&'a str>>,
        order: HashMap<&'a str, usize>,
        low: HashMap<&'a str, usize>,
        stack: Vec<&'a str>,
        circles: Vec<BTreeSet<&'a str>>,
    }
    impl<'a> Search<'a, '_> {
        fn visit(&mut self, file: &'a str) {
            let number = self.order.len();
            self.order.insert(file, number);
            self.low.insert(file, number);
            self.stack.push(file);
            for below in self.below.get(file).into_iter().flatten() {
                if !self.order.contains_key(below) {
                    self.visit(below);
                    self.low.insert(file, self.low[file].min(self.low[below]));
                } else if self.stack.contains(below) {
                    self.low.insert(file, self.low[file].min(self.order[below]));
                }
            }
            if self.low[file] == number {
                let start = self.stack.iter().position(|other| *other == file).unwrap();
                let circle: BTreeSet<&str> = self.stack.split_off(start).into_iter().collect();
                if circle.len() > 1 {
                    self.circles.push(circle);
                }
            }
        }
    }
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        below.entry(arrow.from).or_default().insert(arrow.to);
    }
    let mut search = Search {
        below: &below,
        order: HashMap::new(),
        low: HashMap::new(),
        stack: Vec::new(),
        circles: Vec::new(),
    };
    for file in below.keys() {
        if !search.order.contains_key(file) {
            search.visit(file);
        }
    }
    search.circles.sort();
    search.circles
}

fn entry(circle: &BTreeSet<&str>) -> String {
    circle.iter().copied().collect::<Vec<_>>().join(" ")
}

/// A circle's arrows, one a line, with the names that tie it.
fn describe(circle: &BTreeSet<&str>, arrows: &[Arrow<'_>]) -> String {
    let mut names: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for arrow in arrows
        .iter()
        .filter(|arrow| circle.contains(arrow.from) && circle.contains(arrow.to))
    {
        names
            .entry((arrow.from, arrow.to))
            .or_default()
            .push(format!("{} (line {})", arrow.name, arrow.line));
    }
    let lines: Vec<String> = names
        .iter()
        .map(|((from, to), names)| format!("    {from} -> {to}: {}", names.join(", ")))
        .collect();
    format!("{}\n{}", entry(circle), lines.join("\n"))
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let known: BTreeSet<String> = lists::entries("known-circles.txt").into_iter().collect();
    let mut found = BTreeMap::new();
    for tree in trees(workspace()) {
        let mut arrows = tree.arrows();
        arrows.retain(|arrow| !tree.declares(arrow.from, arrow.to));
        for circle in circles(&arrows) {
            found.insert(entry(&circle), describe(&circle, &arrows));
        }
    }
    let new: Vec<&str> = found
        .iter()
        .filter(|(entry, _)| !known.contains(*entry))
        .map(|(_, description)| description.as_str())
        .collect();
    let gone: Vec<&str> = known
        .iter()
        .filter(|entry| !found.contains_key(*entry))
        .map(String::as_str)
        .collect();
    let all: Vec<&str> = found.keys().map(String::as_str).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "files that use each other in a circle can only be understood together: move what both need to a file below them.\n\
         Circles that xtask/tidy/known-circles.txt does not list:\n{}\nCircles that it lists and that are open now:\n{}\n\
         The list as it would have to be:\n{}",
        new.join("\n"),
        gone.join("\n"),
        all.join("\n"),
    );
}

#[test]
fn every_path_of_ours_is_understood() {
    let wrong: Vec<String> = trees(workspace()).iter().flat_map(Tree::unresolved).collect();
    assert!(
        wrong.is_empty(),
        "paths that the reader of modules does not understand, so that it may miss circles:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_file_is_part_of_a_crate() {
    let workspace = workspace();
    let trees = trees(workspace);
    let missing: Vec<&String> = trees.iter().flat_map(|tree| &tree.missing).collect();
    assert!(missing.is_empty(), "declared modules without a file: {missing:?}");
    let compiled: HashSet<&str> = trees.iter().flat_map(Tree::files).collect();
    let unused = workspace
        .sources
        .iter()
        .map(|source| source.path.as_str())
        .filter(|path| !compiled.contains(path));
    let unused: Vec<&str> = unused.collect();
    assert!(
        unused.is_empty(),
        "nothing declares these files as modules, so no crate compiles them: {unused:?}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> Vec<String> {
        let arrow = |(from, to): &(&'static str, &'static str)| Arrow {
            from,
            to,
            name: String::new(),
            line: 1,
        };
        let arrows: Vec<Arrow<'_>> = pairs.iter().map(arrow).collect();
        circles(&arrows).iter().map(entry).collect()
    }

    #[test]
    fn a_circle_is_found_however_long_and_a_diamond_is_none() {
        assert_eq!(of(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]), [""; 0]);
        assert_eq!(of(&[("a", "b"), ("b", "a")]), ["a b"]);
        assert_eq!(
            of(&[
                ("a", "b"),
                ("b", "c"),
                ("c", "d"),
                ("d", "b"),
                ("d", "e"),
                ("x", "y"),
                ("y", "x")
            ]),
            ["b c d", "x y"]
        );
        assert_eq!(of(&[("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")]), ["a b c"]);
    }
}
