//! Files that are put in place as a whole.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What new files are called until they are whole: `FILE.poolkeeper-PID-N.tmp`.
pub(crate) const TEMPORARY: (&str, &str) = (".poolkeeper-", ".tmp");

/// A new file that is to take another's place. It is removed when it is dropped before that.
pub(crate) struct NewFile {
    path: PathBuf,
    file: File,
    is_in_place: bool,
}

impl NewFile {
    /// An empty file beside its target, with the target's permissions and owner where there is one. Its name is free: no
    /// file is overwritten, and no link followed.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        let (start, end) = TEMPORARY;
        let mut number = 0_u32;
        let (path, file) = loop {
            let path = suffixed(target, &format!("{start}{}-{number}{end}", std::process::id()));
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
        if let Ok(existing) = fs::metadata(target) {
            new.file.set_permissions(existing.permissions())?;
            keep_owner(&new.file, &existing);
        }
        Ok(new)
    }

    /// Writes all of the file and waits until it is on disk.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }

    /// A second handle on it, which appends.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts it in another file's place. Where the error is not of the renaming, it may be in place.
    pub(crate) fn put(mut self, place: &Path) -> io::Result<()> {
        fs::rename(&self.path, place)?;
        self.is_in_place = true;
        sync_folder(folder_of(place))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_in_place {
            // It stays if its folder can no longer be changed.
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
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_takes_a_free_name_and_leaves_no_other_behind() {
        let folder = std::env::temp_dir().join(format!("poolkeeper-new-file-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (target, precious) = (folder.join("out"), folder.join("precious"));
        fs::write(&precious, "precious").unwrap();
        // A link where the first name would be.
        let first = suffixed(&target, &format!(".poolkeeper-{}-0.tmp", std::process::id()));
        std::os::unix::fs::symlink(&precious, &first).unwrap();
        let names = || fs::read_dir(&folder).unwrap().count();
        let mut file = NewFile::beside(&target).unwrap();
        file.write(b"half").unwrap();
        assert_eq!(names(), 3);
        drop(file);
        assert_eq!(names(), 2, "what is not put in place is removed");
        let mut file = NewFile::beside(&target).unwrap();
        file.write(b"whole").unwrap();
        file.put(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert_eq!(fs::read(&precious).unwrap(), b"precious");
        assert_eq!(names(), 3);
        fs::remove_dir_all(&folder).unwrap();
    }
}
