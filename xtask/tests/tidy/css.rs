//! The styles: each file beside what it styles and in its layer, each class in one file, no colour and no width without a name.

use crate::workspace::{read, workspace};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use syn::Lit;

/// Names the layers, the colours and the breakpoints.
const TOKENS: &str = "style/tokens.css";
const LAYERS: &str = "@layer tokens, base, components, pages";
const LONGEST_LINE_CHARS: usize = 160;

/// Functions and names of CSS that are a colour by themselves.
const COLOURS: &[&str] = &[
    "rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "white", "black", "red", "green",
    "blue", "gray", "grey", "silver", "yellow", "orange", "purple", "navy", "teal", "maroon",
];

/// Something in braces: a rule, or an at-rule around rules.
struct Block {
    line: usize,
    /// What stands before the braces, from the outermost to its own.
    heads: Vec<String>,
    declarations: Vec<String>,
}

/// A file's blocks, and the at-rules outside all of them that end with a semicolon.
fn parse(css: &str) -> (Vec<Block>, Vec<String>) {
    let (mut blocks, mut statements) = (Vec::new(), Vec::new());
    let mut open: Vec<(String, usize, Vec<String>)> = Vec::new();
    let (mut piece, mut line) = (String::new(), 1);
    for c in without_comments(css).chars() {
        match c {
            '{' => open.push((take(&mut piece), line, Vec::new())),
            ';' | '}' => {
                let text = take(&mut piece);
                match open.last_mut() {
                    _ if text.is_empty() => {}
                    Some((_, _, declarations)) => declarations.push(text),
                    None => statements.push(text),
                }
            }
            _ => piece.push(c),
        }
        if c == '}' {
            let heads = open.iter().map(|(head, ..)| head.clone()).collect();
            let (_, line, declarations) = open.pop().unwrap();
            blocks.push(Block {
                line,
                heads,
                declarations,
            });
        }
        line += usize::from(c == '\n');
    }
    (blocks, statements)
}

/// A text as one line; nothing is left of it.
fn take(piece: &mut String) -> String {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let line = words.join(" ");
    piece.clear();
    line
}

/// The lines stay where they are.
fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (comment, rest) = part.split_once("*/").unwrap();
        text.extend(comment.matches('\n'));
        text.push_str(rest);
    }
    text
}

impl Block {
    /// What it selects; nothing for an at-rule and a step of an animation.
    fn selector(&self) -> &str {
        let is_at_rule =
            |head: &String| head.starts_with('@') && !head.starts_with("@layer") && !head.starts_with("@media");
        match self.heads.last() {
            Some(own) if !own.starts_with('@') && !self.heads.iter().any(is_at_rule) => own,
            _ => "",
        }
    }

    fn classes(&self) -> impl Iterator<Item = &str> {
        let is_of_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let after_dots = self.selector().split('.').skip(1);
        after_dots.map(move |rest| rest.split(|c| !is_of_name(c)).next().unwrap_or_default())
    }
}

fn sheets() -> Vec<&'static str> {
    let paths = workspace().paths.iter().map(String::as_str);
    paths
        .filter(|path| path.ends_with(".css") && (path.starts_with("style/") || path.starts_with("src/")))
        .collect()
}

/// Every block of the app's styles, with its file.
fn blocks() -> Vec<(&'static str, Block)> {
    let of = |path: &'static str| parse(&read(path)).0.into_iter().map(move |block| (path, block));
    sheets().into_iter().flat_map(of).collect()
}

fn layer(path: &str) -> &'static str {
    match path {
        TOKENS => "@layer tokens",
        path if path.starts_with("style/") => "@layer base",
        path if path.starts_with("src/pages/") => "@layer pages",
        _ => "@layer components",
    }
}

/// Words in strings that may be classes, and the names after `class:`.
fn class_names(stream: TokenStream, found: &mut HashSet<String>) {
    let may_be_class = |word: &str| {
        word.starts_with('{') || !word.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
    };
    let mut name = String::new();
    for tree in stream {
        match tree {
            TokenTree::Ident(ident) if name.ends_with(['-', ':']) => name.push_str(&ident.to_string()),
            TokenTree::Ident(ident) => name = ident.to_string(),
            TokenTree::Punct(punct) if matches!(punct.as_char(), '-' | ':') => name.push(punct.as_char()),
            TokenTree::Punct(_) => found.extend(std::mem::take(&mut name).strip_prefix("class:").map(str::to_owned)),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal)
                    && text.value().split_whitespace().all(may_be_class)
                {
                    found.extend(text.value().split_whitespace().map(str::to_owned));
                }
            }
            TokenTree::Group(group) => class_names(group.stream(), found),
        }
    }
}

/// Numbers with a unit in a query of a width or a height.
fn sizes(head: &str) -> Vec<&str> {
    let is_of_size = head.starts_with("@media") && (head.contains("width") || head.contains("height"));
    let words = head.split(|c: char| !(c.is_alphanumeric() || c == '.'));
    words
        .filter(|word| is_of_size && word.starts_with(|c: char| c.is_ascii_digit()))
        .collect()
}

/// `phone: 640px` of each `/* breakpoint phone: 640px */`.
fn breakpoints(tokens: &str) -> Vec<(&str, &str)> {
    let named = tokens.split("/* breakpoint ").skip(1);
    named
        .map(|rest| rest.split_once(" */").unwrap().0.split_once(": ").unwrap())
        .collect()
}

/// What a declaration writes as a colour instead of a token.
fn raw_colours(declaration: &str) -> Vec<&str> {
    let (_, value) = declaration.split_once(':').unwrap_or_default();
    let words = value.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '#' | '.')));
    words
        .filter(|word| word.starts_with('#') || COLOURS.contains(word))
        .collect()
}

fn expect_none<T: AsRef<str>>(found: impl IntoIterator<Item = T>, what: &str) {
    let lines: Vec<String> = found.into_iter().map(|line| format!("\n{}", line.as_ref())).collect();
    assert!(lines.is_empty(), "{what}:{}", lines.concat());
}

#[test]
fn every_rule_is_in_the_layer_of_its_folder() {
    let mut wrong = Vec::new();
    for path in sheets() {
        let (blocks, statements) = parse(&read(path));
        let outside = |block: &&Block| block.heads.first().is_none_or(|head| head != layer(path));
        let outside = blocks.iter().filter(outside);
        wrong.extend(outside.map(|block| format!("{path}:{}: not in `{}`", block.line, layer(path))));
        let orders = if path == TOKENS { vec![LAYERS] } else { vec![] };
        if statements != orders {
            wrong.push(format!(
                "{path}: {statements:?} stands outside a layer; only {TOKENS} names them"
            ));
        }
    }
    expect_none(wrong, "rules outside their layer");
}

#[test]
fn a_file_of_styles_is_beside_what_it_styles() {
    let beside = |path: &&str| {
        let code = path.replace(".css", ".rs");
        path.starts_with("style/") || workspace().sources.iter().any(|source| source.path == code)
    };
    let (_, alone): (Vec<_>, Vec<_>) = sheets().into_iter().partition(beside);
    expect_none(alone, "no file of Rust has the name of");
}

#[test]
fn a_class_is_styled_in_one_file() {
    let mut files: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (path, block) in blocks() {
        for class in block.classes() {
            files.entry(class.to_owned()).or_default().insert(path);
        }
    }
    let shared = files.iter().filter(|(_, files)| files.len() > 1);
    let shared = shared.map(|(class, files)| format!(".{class}: {files:?}"));
    expect_none(shared, "classes that several files style");
}

#[test]
fn every_styled_class_is_used() {
    let mut used = HashSet::new();
    for source in &workspace().sources {
        if source.path.starts_with("src/") || source.path.starts_with("crates/view/src/") {
            class_names(source.text.parse().unwrap(), &mut used);
        }
    }
    let mut dead = BTreeSet::new();
    for (path, block) in blocks() {
        dead.extend(
            block
                .classes()
                .filter(|class| !used.contains(*class))
                .map(|class| format!("{path}: .{class}")),
        );
    }
    expect_none(dead, "classes that no view has");
}

#[test]
fn colours_are_tokens() {
    let mut wrong = Vec::new();
    for (path, block) in blocks().into_iter().filter(|(path, _)| *path != TOKENS) {
        let raw = block
            .declarations
            .iter()
            .flat_map(|declaration| raw_colours(declaration));
        wrong.extend(raw.map(|colour| format!("{path}:{}: {colour}", block.line)));
    }
    expect_none(wrong, &format!("colours without a name in {TOKENS}"));
}

#[test]
fn widths_of_media_queries_have_names() {
    let tokens = read(TOKENS);
    let known: BTreeSet<&str> = breakpoints(&tokens).into_iter().map(|(_, size)| size).collect();
    let blocks = blocks();
    let asked = blocks.iter().flat_map(|(path, block)| {
        block
            .heads
            .iter()
            .flat_map(|head| sizes(head))
            .map(move |size| (*path, size))
    });
    let unnamed: BTreeSet<_> = asked.clone().filter(|(_, size)| !known.contains(size)).collect();
    assert!(unnamed.is_empty(), "widths that {TOKENS} does not name: {unnamed:?}");
    let asked: BTreeSet<&str> = asked.map(|(_, size)| size).collect();
    assert_eq!(asked, known, "breakpoints that nothing asks for");
}

#[test]
fn lines_can_be_read() {
    let mut long = Vec::new();
    for path in sheets() {
        let text = read(path);
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.chars().count() > LONGEST_LINE_CHARS);
        long.extend(lines.map(|(number, _)| format!("{path}:{}", number + 1)));
    }
    expect_none(long, &format!("lines of more than {LONGEST_LINE_CHARS} characters"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_what_they_are_in_and_where() {
        let css = "@layer a, b;\n/* .not\n { */\n@layer a { .b:not(.c) d { e: f; g: h }\n@media (x) { .i.j {} }\n@keyframes k { from { l: m } } }";
        let (blocks, statements) = parse(css);
        assert_eq!(statements, ["@layer a, b"]);
        assert_eq!(blocks[0].declarations, ["e: f", "g: h"]);
        assert_eq!(blocks[0].line, 4);
        assert_eq!(blocks[1].heads, ["@layer a", "@media (x)", ".i.j"]);
        let classes: Vec<&str> = blocks.iter().flat_map(Block::classes).collect();
        assert_eq!(classes, ["b", "c", "i", "j"]);
    }

    #[test]
    fn classes_are_in_strings_and_after_their_word() {
        let code = "<p class=\"a b-c\" class:d-e=is_it title=\"Not a class\" class=format!(\"f {}\", g(\"h\"))>\"not, this\"</p>";
        let mut found = HashSet::new();
        class_names(code.parse().unwrap(), &mut found);
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, BTreeSet::from(["a", "b-c", "d-e", "f", "{}", "h"]));
    }

    #[test]
    fn colours_and_sizes_are_told_from_names() {
        assert_eq!(raw_colours("border: 1px solid #fff"), ["#fff"]);
        assert_eq!(raw_colours("color: rgb(0 0 0)"), ["rgb"]);
        assert!(raw_colours("background: color-mix(in srgb, var(--red) 4%, transparent)").is_empty());
        assert_eq!(
            sizes("@media (max-width: 640px) and (min-height: 2em)"),
            ["640px", "2em"]
        );
        assert!(sizes("@media (min-resolution: 2dppx)").is_empty());
        assert_eq!(breakpoints("/* breakpoint phone: 640px */\n"), [("phone", "640px")]);
    }
}
