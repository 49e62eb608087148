//! What one file says, in plain data: its modules, its imports, the paths it names, its types, its texts.

use crate::texts::{self, Text};
use crate::tokens::{self, is_test};
use proc_macro2::TokenStream;
use std::collections::HashSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A file's modules: the file itself first, then those written inside it.
#[derive(Default)]
pub struct Facts {
    pub modules: Vec<Module>,
    pub types: Vec<Type>,
    pub texts: Vec<Text>,
}

/// A module written in one file.
#[derive(Default)]
pub struct Module {
    /// Its name, where it is inside another module of the file.
    pub name: String,
    /// The module of the same file that holds it.
    pub parent: Option<usize>,
    pub is_test: bool,
    /// `mod name;`: modules in files of their own.
    pub files: Vec<String>,
    /// Names of what is defined here.
    pub items: HashSet<String>,
    pub imports: Vec<Import>,
    pub mentions: Vec<Mention>,
    /// A macro is called where items are, so it may define names that no item shows.
    pub has_item_macros: bool,
}

/// One name that a `use` brings in; `*` for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub name: String,
    pub path: Vec<String>,
    pub is_reexport: bool,
    pub line: usize,
}

/// A path in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

pub struct Type {
    pub name: String,
    pub line: usize,
    pub is_test: bool,
    /// It is defined inside a function, so no other code can name it.
    pub is_local: bool,
}

/// Reads a file.
///
/// # Errors
/// It is not Rust.
pub fn of(text: &str) -> syn::Result<Facts> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader {
        facts: Facts::default(),
        module: 0,
        depth: 0,
        bound: Vec::new(),
    };
    let is_test = is_test(&file.attrs);
    reader.facts.modules.push(Module {
        is_test,
        ..Module::default()
    });
    reader.visit_file(&file);
    reader.facts.texts = texts::of(&file);
    Ok(reader.facts)
}

struct Reader {
    facts: Facts,
    module: usize,
    /// In how many functions this is.
    depth: usize,
    /// Names that patterns bind, for each function around.
    bound: Vec<HashSet<String>>,
}

impl Reader {
    fn module(&mut self) -> &mut Module {
        &mut self.facts.modules[self.module]
    }

    fn mention(&mut self, path: Vec<String>, line: usize) {
        let is_bound = |name: &String| self.bound.iter().any(|names| names.contains(name));
        if !(path.len() == 1 && path.iter().any(is_bound)) {
            self.module().mentions.push(Mention { path, line });
        }
    }

    fn mentions_in(&mut self, stream: TokenStream) {
        for (path, line) in tokens::paths(stream) {
            self.mention(path, line);
        }
    }

    fn define(&mut self, name: &syn::Ident) {
        self.module().items.insert(name.to_string());
    }

    fn define_type(&mut self, name: &syn::Ident, attributes: &[Attribute]) {
        let is_test = self.facts.modules[self.module].is_test || is_test(attributes);
        let (name_text, line) = (name.to_string(), name.span().start().line);
        let is_local = self.depth > 0;
        self.facts.types.push(Type {
            name: name_text,
            line,
            is_test,
            is_local,
        });
        self.define(name);
    }

    fn inside_function(&mut self, names: HashSet<String>, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.bound.push(names);
        visit(self);
        self.bound.pop();
        self.depth -= 1;
    }
}

/// Flattens a `use`.
fn imports(tree: &UseTree, before: &[String], is_reexport: bool, found: &mut Vec<Import>) {
    let mut add = |name: String, path: Vec<String>, line| {
        // `use a::{self}` names `a`.
        let path = if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path[..path.len() - 1].to_vec()
        } else {
            path
        };
        let name = if name == "self" {
            path.last().cloned().unwrap_or_default()
        } else {
            name
        };
        found.push(Import {
            name,
            path,
            is_reexport,
            line,
        });
    };
    let with = |name: &str| before.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(path) => imports(&path.tree, &with(&path.ident.to_string()), is_reexport, found),
        UseTree::Name(name) => add(
            name.ident.to_string(),
            with(&name.ident.to_string()),
            name.ident.span().start().line,
        ),
        UseTree::Rename(rename) => {
            add(
                rename.rename.to_string(),
                with(&rename.ident.to_string()),
                rename.ident.span().start().line,
            );
        }
        UseTree::Glob(glob) => {
            let line = glob.star_token.span().start().line;
            found.push(Import {
                name: "*".to_owned(),
                path: before.to_vec(),
                is_reexport,
                line,
            });
        }
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| imports(tree, before, is_reexport, found)),
    }
}

/// Names that the patterns of a function bind.
#[derive(Default)]
struct Bindings(HashSet<String>);

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        // A name in capitals is a constant or a variant.
        let name = pattern.ident.to_string();
        if name.starts_with(|c: char| c.is_lowercase() || c == '_') {
            self.0.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Const(item) => self.define(&item.ident),
            Item::Static(item) => self.define(&item.ident),
            Item::Fn(item) => self.define(&item.sig.ident),
            Item::Enum(item) => self.define_type(&item.ident, &item.attrs),
            Item::Struct(item) => self.define_type(&item.ident, &item.attrs),
            Item::Union(item) => self.define_type(&item.ident, &item.attrs),
            Item::Trait(item) => self.define_type(&item.ident, &item.attrs),
            Item::Type(item) => self.define_type(&item.ident, &item.attrs),
            Item::Macro(item) => match &item.ident {
                Some(name) => self.define(name),
                None => self.module().has_item_macros = true,
            },
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let Some((_, items)) = &item.content else {
            self.module().files.push(item.ident.to_string());
            return;
        };
        let is_test = self.facts.modules[self.module].is_test || is_test(&item.attrs);
        let inner = Module {
            name: item.ident.to_string(),
            parent: Some(self.module),
            is_test,
            ..Module::default()
        };
        self.facts.modules.push(inner);
        let outer = std::mem::replace(&mut self.module, self.facts.modules.len() - 1);
        items.iter().for_each(|item| self.visit_item(item));
        self.module = outer;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_reexport = !matches!(item.vis, syn::Visibility::Inherited);
        imports(&item.tree, &[], is_reexport, &mut self.module().imports);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let mut bindings = Bindings::default();
        bindings.visit_item_fn(item);
        self.inside_function(bindings.0, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let mut bindings = Bindings::default();
        bindings.visit_impl_item_fn(item);
        self.inside_function(bindings.0, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let mut bindings = Bindings::default();
        bindings.visit_trait_item_fn(item);
        self.inside_function(bindings.0, |reader| visit::visit_trait_item_fn(reader, item));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.mention(names, path.span().start().line);
        visit::visit_path(self, path);
    }

    /// A macro's own text. What it climbs to by `super` depends on where it is called.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.ident.is_none() {
            return visit::visit_item_macro(self, item);
        }
        for (path, line) in tokens::paths(item.mac.tokens.clone()) {
            if path.first().is_none_or(|first| first != "super" && first != "self") {
                self.mention(path, line);
            }
        }
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_path(&invocation.path);
        self.mentions_in(invocation.tokens.clone());
    }

    /// `pub(in path)` names no code.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        const NAME_NO_CODE: &[&str] = &[
            "doc", "cfg", "cfg_attr", "allow", "expect", "derive", "must_use", "inline", "repr",
        ];
        if NAME_NO_CODE.iter().any(|name| attribute.path().is_ident(name)) {
            return;
        }
        if let syn::Meta::List(list) = &attribute.meta {
            if attribute.path().is_ident("serde") {
                for (path, line) in tokens::paths_in_serde(list.tokens.clone()) {
                    self.mention(path, line);
                }
            } else {
                self.mentions_in(list.tokens.clone());
            }
        }
    }
}
