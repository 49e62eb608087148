//! Files and folders that only their owner may use.

use crate::Failure;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file that only its owner may use, to append to it.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder that only its owner may use, and those above it.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Refuses a file that other users may read or write: it names domains and people.
///
/// # Errors
/// [`Failure`] names the file and what to run.
#[cfg(unix)]
pub(crate) fn refuse_shared(path: &Path, file: &File) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let name = path.display();
    let found = file
        .metadata()
        .map_err(|error| Failure::of(format!("reading {name}"), error))?;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure(format!(
        "{name}: other users may use this file (mode {mode:03o}). Run: chmod 600 {name}"
    )))
}

#[cfg(not(unix))]
pub(crate) fn refuse_shared(_: &Path, _: &File) -> Result<(), Failure> {
    Ok(())
}
