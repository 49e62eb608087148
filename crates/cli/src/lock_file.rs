//! One process per file.

use crate::Failure;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// What a lock file says before the number of the process that holds it.
const HOLDER: &str = "poolkeeper process ";

/// Held as long as the process uses the file. The system releases it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of a file. `option` names the file on the command line, for messages.
    ///
    /// # Errors
    /// When another process holds it, or `file` is something else than a lock.
    pub(crate) fn take(locked: &Path, file: &Path, option: &str) -> Result<Self, Failure> {
        let locking = |error: std::io::Error| Failure::of(format!("locking {}", file.display()), error);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(file)
            .map_err(locking)?;
        let taken = lock.try_lock();
        let mut text = Vec::new();
        (&mut lock).take(100).read_to_end(&mut text).map_err(locking)?;
        let text = String::from_utf8_lossy(&text);
        let holder = text.strip_prefix(HOLDER).map(str::trim);
        match taken {
            // A full disk may have left the beginning only.
            Ok(()) if holder.is_some() || HOLDER.starts_with(&*text) => {}
            Ok(()) => {
                return Err(Failure(format!(
                    "{} is not a lock of Poolkeeper. Move it away, or give {option} another file.",
                    file.display()
                )));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Failure(format!(
                    "{} is in use by process {}. Stop that process, or give {option} another file.",
                    locked.display(),
                    holder.filter(|holder| !holder.is_empty()).unwrap_or("unknown")
                )));
            }
            Err(TryLockError::Error(error)) => return Err(locking(error)),
        }
        // The number only helps people. The lock holds without it, as on a full disk.
        let _ = lock
            .set_len(0)
            .and_then(|()| lock.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(lock, "{HOLDER}{}", std::process::id()));
        Ok(Self { _file: lock })
    }
}
