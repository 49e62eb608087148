//! Completions for shells, and manual pages, made from the commands' own descriptions.

use crate::Failure;
use clap::Command;
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;

/// What `completions` takes.
#[derive(clap::Args)]
pub(super) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// What `man` takes.
#[derive(clap::Args)]
pub(super) struct ManArgs {
    /// Folder for a page of each command; default: the first page, to standard output
    folder: Option<PathBuf>,
}

/// Prints completions.
///
/// # Errors
/// [`Failure`] when standard output can't be written.
pub(super) fn completions(args: &CompletionsArgs, mut command: Command) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "poolkeeper", &mut text);
    print(&text)
}

/// Prints or writes manual pages.
///
/// # Errors
/// [`Failure`] when a page can't be written.
pub(super) fn man(args: &ManArgs, command: Command) -> Result<(), Failure> {
    let Some(folder) = &args.folder else {
        let mut text = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut text)
            .map_err(|error| Failure::of("making the manual page", error))?;
        return print(&text);
    };
    let writing = |error| Failure::of(format!("writing to {}", folder.display()), error);
    std::fs::create_dir_all(folder).map_err(writing)?;
    clap_mangen::generate_to(command, folder).map_err(writing)
}

fn print(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::of("writing to standard output", error))
}
