//! Files beside a state file, and their names.

use crate::new_file::{TEMPORARY, folder_of, suffixed, sync_folder};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Links are followed so far, as the system does.
const MOST_LINKS: usize = 40;

/// The file a path leads to, links followed, whether it exists or not.
pub(super) fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => path = folder_of(&path).join(fs::read_link(&path)?),
            Ok(found) if found.is_file() => break,
            Ok(_) => return Err(io::Error::other("it is not a file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        }
    }
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("it is not a file name"))?;
    Ok(fs::canonicalize(folder_of(&path))?.join(name))
}

/// A file's bytes; `None` when there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes what a killed process left half-written. The caller holds the state file's lock.
pub(super) fn remove_temporary(state: &Path) -> io::Result<()> {
    let (start, end) = TEMPORARY;
    let name = state.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for entry in fs::read_dir(folder_of(state))? {
        let entry = entry?;
        let found = entry.file_name().to_string_lossy().into_owned();
        let middle = found.strip_prefix(&name).and_then(|rest| rest.strip_prefix(start));
        let middle = middle.and_then(|rest| rest.strip_suffix(end));
        if middle.is_some_and(|middle| middle.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Keeps an account and its journal under names that are free, `FILE.damaged-1` and `FILE.damaged-1.journal`. Gives the
/// first name.
pub(super) fn quarantine(state: &Path, journal: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let kept = suffixed(state, &format!(".damaged-{number}"));
        let kept_journal = suffixed(&kept, ".journal");
        if fs::symlink_metadata(&kept).is_err() && fs::symlink_metadata(&kept_journal).is_err() {
            keep_as(journal, &kept_journal)?;
            keep_as(state, &kept)?;
            sync_folder(folder_of(state))?;
            return Ok(kept);
        }
        number += 1;
    }
}

/// A second name for a file, or a copy where the file system has no second names.
fn keep_as(file: &Path, name: &Path) -> io::Result<()> {
    if fs::hard_link(file, name).is_ok() {
        return Ok(());
    }
    fs::copy(file, name)?;
    File::open(name)?.sync_all()
}

/// A file's name for messages.
pub(super) fn shown(path: &Path) -> String {
    path.file_name()
        .map_or_else(OsString::new, OsString::from)
        .to_string_lossy()
        .into_owned()
}
