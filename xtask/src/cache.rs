//! The project's own folder for tools, shared by every clone of one user.
//!
//! A tool is made in a folder of its own and renamed to its place, so a tool in its place is complete. One lock, held
//! during set-up, keeps two runs from installing the same tool at once.

use crate::problem::{Problem, Result, say};
use std::fs::File;
use std::path::{Path, PathBuf};

const HALF_MADE: &str = "half-made";

/// `$XDG_CACHE_HOME/poolkeeper` or `~/.cache/poolkeeper`.
pub struct Cache {
    folder: PathBuf,
    // Released by the system when this program ends, however it ends.
    _lock: File,
}

impl Cache {
    /// Opens the cache; waits while another run is setting up.
    pub fn open() -> Result<Self> {
        let folder = place(
            std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from),
            std::env::home_dir(),
        )
        .ok_or_else(|| Problem::new("Neither XDG_CACHE_HOME nor HOME names a folder for the project's tools."))?;
        Self::open_in(folder)
    }

    /// Opens a cache in this folder.
    pub fn open_in(folder: PathBuf) -> Result<Self> {
        create_folder(&folder.join("tools"))?;
        let file = folder.join("setup.lock");
        let lock = File::create(&file).map_err(|error| Problem::file("open", &file, &error))?;
        if lock.try_lock().is_err() {
            say("waiting for the set-up of another run to end");
            lock.lock().map_err(|error| Problem::file("lock", &file, &error))?;
        }
        let cache = Self { folder, _lock: lock };
        cache.remove_half_made()?;
        Ok(cache)
    }

    /// Removes what an interrupted run left: nobody else works on it, because this run holds the lock.
    fn remove_half_made(&self) -> Result<()> {
        let tools = self.folder.join("tools");
        let entries = std::fs::read_dir(&tools).map_err(|error| Problem::file("read", &tools, &error))?;
        for entry in entries.filter_map(std::result::Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(HALF_MADE) {
                remove_folder(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Where a tool of this version is, or will be.
    pub fn tool(&self, name: &str, version: &str) -> PathBuf {
        self.folder.join("tools").join(format!("{name}-{version}"))
    }

    /// Where tools are compiled. It is kept when a compilation fails or is interrupted, so that the next run continues it.
    pub fn compilation(&self, name: &str) -> PathBuf {
        self.folder.join("compile").join(name)
    }

    /// Where the output of an installation goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// Fills a new folder by `make`, then moves it to its place in one step. Several tools may be installed side by side.
    pub fn install(&self, place: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let half_made = self.folder.join("tools").join(format!("{HALF_MADE}-{name}"));
        remove_folder(&half_made)?;
        create_folder(&half_made)?;
        make(&half_made)?;
        remove_folder(place)?;
        std::fs::rename(&half_made, place).map_err(|error| Problem::file("make", place, &error))
    }
}

/// Makes a folder and those above it.
pub fn create_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| Problem::file("make", folder, &error))
}

/// Removes a folder with everything in it, if it is there.
pub fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::file("remove", folder, &error)),
        _ => Ok(()),
    }
}

fn place(cache_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let stated = cache_home.filter(|folder| folder.is_absolute());
    Some(stated.or_else(|| Some(home?.join(".cache")))?.join("poolkeeper"))
}

#[cfg(test)]
mod tests {
    use super::{Cache, place, remove_folder};
    use crate::problem::Problem;
    use std::path::{Path, PathBuf};

    #[test]
    fn the_stated_cache_folder_comes_first() {
        let home = Some(PathBuf::from("/home/me"));
        assert_eq!(place(Some("/c".into()), home.clone()), Some("/c/poolkeeper".into()));
        assert_eq!(place(Some("".into()), home), Some("/home/me/.cache/poolkeeper".into()));
        assert_eq!(place(None, None), None);
    }

    #[test]
    fn a_failed_installation_leaves_nothing_in_the_tools_place() {
        let folder = std::env::temp_dir().join(format!("xtask-cache-{}", std::process::id()));
        let cache = Cache::open_in(folder.clone()).unwrap();
        let tool = cache.tool("saw", "1.0");
        let failed = cache.install(&tool, |half_made| {
            std::fs::write(half_made.join("saw"), "half").unwrap();
            Err(Problem::new("the power went"))
        });
        assert!(failed.is_err() && !tool.exists());
        cache
            .install(&tool, |half_made| {
                assert!(!half_made.join("saw").exists());
                std::fs::write(half_made.join("saw"), "whole").unwrap();
                Ok(())
            })
            .unwrap();
        assert_eq!(std::fs::read_to_string(tool.join("saw")).unwrap(), "whole");
        remove_folder(&folder).unwrap();
    }

    #[test]
    fn tools_are_installed_side_by_side() {
        let folder = std::env::temp_dir().join(format!("xtask-cache-two-{}", std::process::id()));
        let cache = Cache::open_in(folder.clone()).unwrap();
        let (saw, plane) = (cache.tool("saw", "1.0"), cache.tool("plane", "1.0"));
        let write = |half_made: &Path, text: &str| {
            std::fs::write(half_made.join("tool"), text).map_err(|error| Problem::new(error.to_string()))
        };
        cache
            .install(&saw, |half_made| {
                cache.install(&plane, |other| write(other, "plane"))?;
                write(half_made, "saw")
            })
            .unwrap();
        assert_eq!(std::fs::read_to_string(saw.join("tool")).unwrap(), "saw");
        assert_eq!(std::fs::read_to_string(plane.join("tool")).unwrap(), "plane");
        remove_folder(&folder).unwrap();
    }

    #[test]
    fn what_an_interrupted_run_left_is_removed() {
        let folder = std::env::temp_dir().join(format!("xtask-cache-left-{}", std::process::id()));
        let left = folder.join("tools/half-made-saw-1.0");
        let whole = folder.join("tools/saw-0.9");
        for folder in [&left, &whole] {
            std::fs::create_dir_all(folder).unwrap();
        }
        drop(Cache::open_in(folder.clone()).unwrap());
        assert!(!left.exists() && whole.exists());
        remove_folder(&folder).unwrap();
    }
}
