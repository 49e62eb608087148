//! The modules of one crate across its files, and what a path in one of them leads to.

use crate::facts::Facts;
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
    pub is_test: bool,
}

impl<'a> Tree<'a> {
    /// Follows `mod name;` from the crate's root through the files given.
    pub fn new(name: &str, root: &'a str, files: &HashMap<&'a str, &'a Facts>) -> Self {
        let mut tree = Self { nodes: Vec::new(), name: name.to_owned(), missing: Vec::new() };
        tree.add_file(root, None, &folder_of_root(root), files);
        tree
    }

    /// Adds a file's modules, then the files they declare. Returns the number of the file's own module.
    fn add_file(&mut self, file: &'a str, parent: Option<usize>, folder: &str, files: &HashMap<&'a str, &'a Facts>) -> usize {
        let first = self.nodes.len();
        let facts = files[file];
        for (number, module) in facts.modules.iter().enumerate() {
            let parent = if number == 0 { parent } else { module.parent.map(|parent| first + parent) };
            self.nodes.push(Node { file, facts: module, parent, children: HashMap::new() });
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
            let imports = node.facts.imports.iter().filter(|import| !import.is_reexport && import.name != "*");
            let imports = imports.map(|import| (&import.path, import.line));
            let mentions = node.facts.mentions.iter().map(|mention| (&mention.path, mention.line));
            for (path, line) in imports.chain(mentions) {
                for found in self.resolve(number, path) {
                    let (Found::Item(to) | Found::Hidden(to)) = found else { continue };
                    if to != node.file {
                        let is_test = self.is_test(number);
                        arrows.push(Arrow { from: node.file, to, name: path.join("::"), line, is_test });
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
            let imports = node.facts.imports.iter().filter(|import| import.name != "*").map(|import| (&import.path, import.line));
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
        self.nodes.iter().any(|node| node.file == file && node.facts.has_item_macros)
    }

    fn is_test(&self, number: usize) -> bool {
        let node = &self.nodes[number];
        node.facts.is_test || node.file.ends_with("/tests.rs") || node.parent.is_some_and(|parent| self.is_test(parent))
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
        if !found.iter().any(|found| wanted == Wanted::Module || !matches!(found, Found::Module(_))) {
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
    root.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;

    /// The arrows of a crate made of these files, as `from > to: name`.
    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let facts: Vec<(&str, Facts)> = files.iter().map(|(path, text)| (*path, facts::of(text).unwrap())).collect();
        let files = facts.iter().map(|(path, facts)| (*path, facts)).collect();
        let tree = Tree::new("ours", "lib.rs", &files);
        assert_eq!(tree.missing, [""; 0]);
        assert_eq!(tree.unresolved(), [""; 0]);
        tree.arrows().iter().map(|arrow| format!("{} > {}: {}", arrow.from, arrow.to, arrow.name)).collect()
    }

    #[test]
    fn imports_lead_to_the_file_that_defines_the_name_through_every_reexport() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::Deep;"),
            ("a/mod.rs", "mod deep; pub use deep::*; pub struct Shallow;"),
            ("a/deep.rs", "pub struct Deep; pub fn deep() {}"),
            ("b.rs", "use crate::{Deep as D, a::{self, Shallow, deep}}; use std::fmt;"),
        ];
        assert_eq!(
            arrows(&files),
            ["b.rs > a/deep.rs: crate::Deep", "b.rs > a/deep.rs: crate::a::deep", "b.rs > a/mod.rs: crate::a::Shallow"]
        );
    }

    #[test]
    fn paths_in_code_types_and_macros_are_arrows_too() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
            ("a.rs", "pub struct A; impl A { pub fn new() -> Self { Self } }"),
            ("b.rs", "pub fn b() {}"),
            ("c.rs", "use crate::a; fn c(x: super::a::A) {}"),
            ("d.rs", "use super::{a, b}; fn d() { let a = a::A::new(); view! { <p>{b::b()}</p> } }"),
            ("e.rs", "#[serde(with = \"crate::b\")] struct E(#[serde(default = \"crate::b::b\")] u8);"),
        ];
        assert_eq!(
            arrows(&files),
            ["c.rs > a.rs: super::a::A", "d.rs > a.rs: a::A::new", "d.rs > b.rs: b::b", "e.rs > b.rs: crate::b::b"]
        );
    }

    #[test]
    fn a_reexport_alone_is_no_arrow_but_the_use_of_its_name_in_code_is() {
        let below = [("a.rs", "use super::Below; pub struct A;"), ("below.rs", "pub struct Below;")];
        let signpost = "mod a; mod below; pub use a::A; pub(crate) use below::Below;";
        assert_eq!(arrows(&[("lib.rs", signpost), below[0], below[1]]), ["a.rs > below.rs: super::Below"]);
        let user = "mod a; mod below; pub use a::A; use below::Below; pub struct Root(A);";
        assert_eq!(
            arrows(&[("lib.rs", user), below[0], below[1]]),
            ["a.rs > below.rs: super::Below", "lib.rs > a.rs: A", "lib.rs > below.rs: below::Below"]
        );
    }

    #[test]
    fn a_module_and_a_function_of_one_name_are_told_apart() {
        let files = [
            ("lib.rs", "mod ways; mod user; pub use ways::ways;"),
            ("ways.rs", "pub fn ways() {} pub struct Ways;"),
            ("user.rs", "use crate::ways; fn f() { ways(); ways::Ways; }"),
        ];
        assert_eq!(arrows(&files), ["user.rs > ways.rs: crate::ways", "user.rs > ways.rs: ways", "user.rs > ways.rs: ways::Ways"]);
    }

    #[test]
    fn modules_inside_a_file_see_what_it_imports_only_by_name_or_glob() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A; pub struct Other;"),
            ("b.rs", "use crate::a::A; mod inner { use super::*; mod tests { fn f(_: super::super::A) {} } fn g(_: A, _: Other) {} }"),
        ];
        assert_eq!(arrows(&files), ["b.rs > a.rs: A", "b.rs > a.rs: crate::a::A", "b.rs > a.rs: super::super::A"]);
    }

    #[test]
    fn locals_fields_and_other_crates_are_no_arrows() {
        let files = [
            ("lib.rs", "mod a; pub use a::{side, Side};"),
            ("a.rs", "pub fn side() {} pub struct Side;"),
        ];
        assert_eq!(arrows(&files), [""; 0]);
        let used = [("lib.rs", "mod a; pub use a::{side, Side}; fn f() { let side = 1; g!(x.side(), other::side()); side; }"), files[1]];
        assert_eq!(arrows(&used), [""; 0]);
        let called = [("lib.rs", "mod a; pub use a::side; fn f() { side(); }"), files[1]];
        assert_eq!(arrows(&called), ["lib.rs > a.rs: side"]);
    }

    #[test]
    fn names_that_a_macro_defines_belong_to_its_file() {
        let files = [("lib.rs", "mod ids; pub use ids::Ix; mod b;"), ("ids.rs", "make!(Ix);"), ("b.rs", "use crate::Ix;")];
        assert_eq!(arrows(&files), ["b.rs > ids.rs: crate::Ix"]);
    }

    #[test]
    fn reexports_that_go_round_end() {
        let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "pub use crate::b::*;"), ("b.rs", "pub use crate::a::*; pub struct B;")];
        let user = [files[0], files[1], ("b.rs", "pub use crate::a::*; pub struct B; fn f(_: Missing) {}")];
        assert_eq!(arrows(&files), [""; 0]);
        assert_eq!(arrows(&user), [""; 0]);
    }

    #[test]
    fn a_file_beside_its_folder_and_a_mod_rs_are_found() {
        let files = [
            ("lib.rs", "mod a { mod inside; } mod b; mod c;"),
            ("a/inside.rs", "use crate::b::deep::Deep;"),
            ("b.rs", "pub mod deep;"),
            ("b/deep.rs", "pub struct Deep;"),
            ("c/mod.rs", "mod d;"),
            ("c/d.rs", "use super::super::b::deep::Deep;"),
        ];
        assert_eq!(arrows(&files), ["a/inside.rs > b/deep.rs: crate::b::deep::Deep", "c/d.rs > b/deep.rs: super::super::b::deep::Deep"]);
    }
}
