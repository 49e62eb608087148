//! Where programs of this system keep their files, as its rules say.

use std::path::PathBuf;

/// The folder of this program's settings.
pub(crate) fn config_folder() -> Option<PathBuf> {
    own_folder("XDG_CONFIG_HOME", ".config", "APPDATA")
}

/// The folder of what this program keeps by itself.
pub(crate) fn state_folder() -> Option<PathBuf> {
    own_folder("XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")
}

/// In the folder of a variable, or in one of the home folder; on Windows in the folder of another variable.
fn own_folder(variable: &str, in_home: &str, on_windows: &str) -> Option<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
    };
    let base = if cfg!(windows) {
        folder(on_windows)
    } else {
        folder(variable).or_else(|| folder("HOME").map(|home| home.join(in_home)))
    };
    base.map(|base| base.join("poolkeeper"))
}
