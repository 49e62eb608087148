//! The modules of one crate across its files, and what a path in one of them leads to.

use crate::facts::Facts;
use crate::workspace::{TargetKind, Workspace};
use std::collections::{HashMap, HashSet};

/// The modules of one crate. The first is its root.
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// What other crates of the package, and the crate itself, call it.
    name: String,
    /// Declared modules that have no file, as the paths they were looked for at.
    pub missing: Vec<String>,
}

struct Node<'a> {
    file: &'a str,
    facts: &'a crate::facts::Module,
    parent: Option<usize>,
    children: HashMap<&'a str, usize>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Found<'a> {
    /// An item, by the file that defines it.
    Item(&'a str),
    /// A module, by its number.
    Module(usize),
    /// Something of another crate.
    Outside,
    /// A name that its module does not show, by the module's file: a macro may define it there.
    Hidden(&'a str),
}

/// One file that names something of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub name: String,
    pub line: usize,
}

impl<'a> Tree<'a> {
    /// Follows `mod name;` from the crate's root through the files given.
    pub fn new(name: &str, root: &'a str, files: &HashMap<&'a str, &'a Facts>) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            name: name.to_owned(),
            missing: Vec::new(),
        };
        tree.add_file(root, None, &folder_of_root(root), files);
        tree
    }

    /// Adds a file's modules, then the files they declare. Returns the number of the file's own module.
    fn add_file(
        &mut self,
        file: &'a str,
        parent: Option<usize>,
        folder: &str,
        files: &HashMap<&'a str, &'a Facts>,
    ) -> usize {
        let first = self.nodes.len();
        let facts = files[file];
        for (number, module) in facts.modules.iter().enumerate() {
            let parent = if number == 0 {
                parent
            } else {
                module.parent.map(|parent| first + parent)
            };
            self.nodes.push(Node {
                file,
                facts: module,
                parent,
                children: HashMap::new(),
            });
            if let (Some(parent), true) = (parent, number > 0) {
                self.nodes[parent].children.insert(&module.name, first + number);
            }
        }
        for (number, module) in facts.modules.iter().enumerate() {
            let mut inside = folder.to_owned();
            for name in names_inside(facts, number) {
                inside = format!("{inside}{name}/");
            }
            for name in &module.files {
                let places = [format!("{inside}{name}.rs"), format!("{inside}{name}/mod.rs")];
                let Some((&file, _)) = places.iter().find_map(|place| files.get_key_value(place.as_str())) else {
                    self.missing.push(places[0].clone());
                    continue;
                };
                let child = self.add_file(file, Some(first + number), &format!("{inside}{name}/"), files);
                self.nodes[first + number].children.insert(name, child);
            }
        }
        first
    }

    /// Whether a file declares another, or a module that does: it then puts its parts together, and they may use what it holds.
    pub fn declares(&self, above: &str, below: &str) -> bool {
        let own = |node: &&Node<'a>| node.file == below;
        self.nodes.iter().find(own).is_some_and(|node| {
            let mut parent = node.parent;
            while let Some(number) = parent {
                if self.nodes[number].file == above {
                    return true;
                }
                parent = self.nodes[number].parent;
            }
            false
        })
    }

    /// The files of the crate.
    pub fn files(&self) -> HashSet<&'a str> {
        self.nodes.iter().map(|node| node.file).collect()
    }

    /// Every name of one file in another: imports that are not passed on, and paths in code. A `use` that re-exports is a
    /// signpost, not a use: what is imported through it leads to the file that defines the name.
    pub fn arrows(&self) -> Vec<Arrow<'a>> {
        let mut arrows = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let imports = node
                .facts
                .imports
                .iter()
                .filter(|import| !import.is_reexport && import.name != "*");
            let imports = imports.map(|import| (&import.path, import.line));
            let mentions = node.facts.mentions.iter().map(|mention| (&mention.path, mention.line));
            for (path, line) in imports.chain(mentions) {
                for found in self.resolve(number, path) {
                    let (Found::Item(to) | Found::Hidden(to)) = found else {
                        continue;
                    };
                    if to != node.file {
                        arrows.push(Arrow {
                            from: node.file,
                            to,
                            name: path.join("::"),
                            line,
                        });
                    }
                }
            }
        }
        arrows.sort();
        arrows.dedup_by(|a, b| (a.from, a.to, &a.name) == (b.from, b.to, &b.name));
        arrows
    }

    /// Paths that lead to a module which does not show the name, although no macro can define it there.
    pub fn unresolved(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            let imports = node
                .facts
                .imports
                .iter()
                .filter(|import| import.name != "*")
                .map(|import| (&import.path, import.line));
            let mentions = node.facts.mentions.iter().map(|mention| (&mention.path, mention.line));
            for (path, line) in imports.chain(mentions) {
                let is_hidden = |found: &Found<'a>| matches!(found, Found::Hidden(file) if !self.has_macros(file));
                if self.resolve(number, path).iter().any(is_hidden) {
                    wrong.push(format!("{}:{line}: {}", node.file, path.join("::")));
                }
            }
        }
        wrong
    }

    fn has_macros(&self, file: &str) -> bool {
        self.nodes
            .iter()
            .any(|node| node.file == file && node.facts.has_item_macros)
    }

    /// What a path in a module leads to. A name may be both a module and a function, so this may be several things.
    pub fn resolve(&self, module: usize, path: &[String]) -> Vec<Found<'a>> {
        self.follow(module, path, Wanted::Anything, &mut HashSet::new())
    }

    fn follow(&self, module: usize, path: &[String], wanted: Wanted, seen: &mut Seen) -> Vec<Found<'a>> {
        let mut current = module;
        for (number, name) in path.iter().enumerate() {
            let is_last = number + 1 == path.len();
            match name.as_str() {
                "Self" => return Vec::new(),
                "self" => continue,
                "super" => {
                    current = self.nodes[current].parent.unwrap_or(0);
                    continue;
                }
                name if number == 0 && (name == "crate" || name == self.name) => {
                    current = 0;
                    continue;
                }
                _ => {}
            }
            if wanted == Wanted::Module || !is_last {
                let below = self.look_up(current, name, Wanted::Module, seen);
                if let Some(Found::Module(below)) = below.first() {
                    current = *below;
                    continue;
                }
            }
            let found = self.look_up(current, name, Wanted::Anything, seen);
            return match number {
                _ if !found.is_empty() => found,
                0 => vec![Found::Outside],
                _ => vec![Found::Hidden(self.nodes[current].file)],
            };
        }
        vec![Found::Module(current)]
    }

    /// A name in a module: defined there, a module below it, or brought in by a `use`.
    fn look_up(&self, module: usize, name: &str, wanted: Wanted, seen: &mut Seen) -> Vec<Found<'a>> {
        let question = (module, name.to_owned(), wanted);
        if !seen.insert(question.clone()) {
            return Vec::new();
        }
        let node = &self.nodes[module];
        let mut found = Vec::new();
        if node.facts.items.contains(name) {
            found.push(Found::Item(node.file));
        }
        found.extend(node.children.get(name).map(|child| Found::Module(*child)));
        for import in node.facts.imports.iter().filter(|import| import.name == name) {
            found.extend(self.follow(module, &import.path, wanted, seen));
        }
        // What a module names itself hides what it brings in with all the rest.
        if !found
            .iter()
            .any(|found| wanted == Wanted::Module || !matches!(found, Found::Module(_)))
        {
            for glob in node.facts.imports.iter().filter(|import| import.name == "*") {
                for below in self.follow(module, &glob.path, Wanted::Module, seen) {
                    if let Found::Module(below) = below {
                        found.extend(self.look_up(below, name, wanted, seen));
                    }
                }
            }
        }
        seen.remove(&question);
        found.retain(|found| wanted == Wanted::Anything || matches!(found, Found::Module(_)));
        found
    }
}

/// Whether a path goes on after a name, so that it can only be a module.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Wanted {
    Module,
    Anything,
}

/// Questions that are being answered, so that imports that go round end.
type Seen = HashSet<(usize, String, Wanted)>;

/// The modules of every crate of the workspace.
pub fn trees(workspace: &Workspace) -> Vec<Tree<'_>> {
    let files: HashMap<&str, _> = workspace
        .sources
        .iter()
        .map(|source| (source.path.as_str(), &source.facts))
        .collect();
    let mut trees = Vec::new();
    for package in &workspace.packages {
        for target in &package.targets {
            // A program names its package's library like any other crate.
            let name = if target.kind == TargetKind::Library {
                package.library_name()
            } else {
                String::new()
            };
            trees.push(Tree::new(&name, &target.file, &files));
        }
    }
    trees
}

/// The names that lead from a file's module to one inside it.
fn names_inside(facts: &Facts, module: usize) -> Vec<&str> {
    let mut names = Vec::new();
    let mut at = Some(module);
    while let Some(number) = at.filter(|number| *number > 0) {
        names.push(facts.modules[number].name.as_str());
        at = facts.modules[number].parent;
    }
    names.reverse();
    names
}

/// Where a crate's root looks for its modules.
fn folder_of_root(root: &str) -> String {
    root.rsplit_once('/')
        .map_or(String::new(), |(folder, _)| format!("{folder}/"))
}

#[cfg(test)]
mod tests;
