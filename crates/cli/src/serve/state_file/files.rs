//! Files that are put in place as a whole, and their names.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
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

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

pub(super) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A file's bytes; `None` when there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What new files beside a state file are called until they are whole: `FILE.poolkeeper-PID-N.tmp`.
const TEMPORARY: (&str, &str) = (".poolkeeper-", ".tmp");

/// A new file that is to take another's place. It is removed when it is dropped before that.
pub(super) struct NewFile {
    path: PathBuf,
    file: File,
    is_in_place: bool,
}

impl NewFile {
    /// An empty file beside a state file, with the permissions and the owner of the state file where there is one.
    pub(super) fn beside(state: &Path) -> io::Result<Self> {
        let (start, end) = TEMPORARY;
        let mut number = 0_u32;
        let (path, file) = loop {
            let path = suffixed(state, &format!("{start}{}-{number}{end}", std::process::id()));
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        };
        let new = Self {
            path,
            file,
            is_in_place: false,
        };
        if let Ok(existing) = fs::metadata(state) {
            new.file.set_permissions(existing.permissions())?;
            keep_owner(&new.file, &existing);
        }
        Ok(new)
    }

    /// Writes all of the file and waits until it is on disk.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }

    /// A second handle on it, which appends.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts it in another file's place. Where the error is not of the renaming, it may be in place.
    pub(super) fn put(mut self, place: &Path) -> io::Result<()> {
        fs::rename(&self.path, place)?;
        self.is_in_place = true;
        sync_folder(folder_of(place))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_in_place {
            // The next start removes it otherwise.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Only the superuser can give files away; everybody else owns what they write.
#[cfg(unix)]
fn keep_owner(file: &File, existing: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(existing.uid()), Some(existing.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// Waits until names in a folder are on disk. Only Unix opens folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
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
