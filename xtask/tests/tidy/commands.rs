//! The commands and options that the project's programs have, read from their sources.

use crate::workspace::{read, workspace};
use std::collections::BTreeSet;
use syn::{Attribute, Fields, Item, Meta};

/// The programs' own words.
pub struct Programs {
    /// Tasks of `cargo xtask`.
    pub tasks: BTreeSet<String>,
    /// Commands of `poolkeeper`.
    pub commands: BTreeSet<String>,
    /// Options of both, with their dashes.
    pub options: BTreeSet<String>,
}

pub fn programs() -> Programs {
    let (mut tasks, mut options) = xtask(&help());
    tasks.insert("help".to_owned());
    let mut commands = BTreeSet::from(["help".to_owned()]);
    for source in workspace()
        .sources
        .iter()
        .filter(|source| source.path.starts_with("crates/cli/src/"))
    {
        clap(&syn::parse_file(&source.text).unwrap(), &mut commands, &mut options);
    }
    options.extend(["--help", "--version"].map(str::to_owned));
    Programs {
        tasks,
        commands,
        options,
    }
}

/// What `cargo xtask help` prints.
fn help() -> String {
    let source = read("xtask/src/args.rs");
    let text = source
        .split_once("HELP: &str = \"")
        .and_then(|(_, rest)| rest.split_once("\";"));
    text.unwrap_or_else(|| panic!("xtask/src/args.rs has no text HELP any more"))
        .0
        .to_owned()
}

/// Tasks are indented by two spaces, options by more.
fn xtask(help: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut tasks, mut options) = (BTreeSet::new(), BTreeSet::new());
    for line in help.lines() {
        let word = line.split_whitespace().next().unwrap_or_default();
        match line.len() - line.trim_start().len() {
            2 => tasks.insert(word.to_owned()),
            _ if word.starts_with("--") => options.insert(word.to_owned()),
            _ => false,
        };
    }
    (tasks, options)
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out.replace('_', "-")
}

fn has(attributes: &[Attribute], name: &str, word: &str) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident(name)
            && matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string().split(|c: char| !c.is_alphanumeric()).any(|other| other == word))
    })
}

fn clap(file: &syn::File, commands: &mut BTreeSet<String>, options: &mut BTreeSet<String>) {
    for item in &file.items {
        match item {
            Item::Enum(item) if has(&item.attrs, "derive", "Subcommand") => {
                commands.extend(item.variants.iter().map(|variant| kebab(&variant.ident.to_string())));
            }
            Item::Struct(item) if has(&item.attrs, "derive", "Args") => {
                let Fields::Named(fields) = &item.fields else { continue };
                let long = fields.named.iter().filter(|field| has(&field.attrs, "arg", "long"));
                options
                    .extend(long.filter_map(|field| Some(format!("--{}", kebab(&field.ident.as_ref()?.to_string())))));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_and_options_are_read_from_the_help() {
        let (tasks, options) = xtask(
            "cargo xtask <task>\n\n  run          serve\n      --live   also\n               more\n  test         every",
        );
        assert_eq!(tasks, BTreeSet::from(["run".to_owned(), "test".to_owned()]));
        assert_eq!(options, BTreeSet::from(["--live".to_owned()]));
    }

    #[test]
    fn commands_and_options_are_read_from_what_clap_derives() {
        let code = "#[derive(Subcommand)] enum C { Serve(A), DryRun } #[derive(clap::Args)] struct A { #[arg(long)] split_day: u8, not: u8 }";
        let (mut commands, mut options) = (BTreeSet::new(), BTreeSet::new());
        clap(&syn::parse_file(code).unwrap(), &mut commands, &mut options);
        assert_eq!(commands, BTreeSet::from(["serve".to_owned(), "dry-run".to_owned()]));
        assert_eq!(options, BTreeSet::from(["--split-day".to_owned()]));
    }
}
