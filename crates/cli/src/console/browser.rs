//! Opens a browser.

use std::process::{Command, Stdio};

/// Starts the person's browser on an address, without the variables that hold keys. Does nothing where there is no screen.
pub(super) fn open(url: &str, key_variables: &[&str]) {
    let Some(mut command) = opener(url) else { return };
    for name in key_variables {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        // Waited for, so that it does not stay behind as a zombie. The link is printed too, so a failure costs a click.
        std::thread::spawn(move || child.wait());
    }
}

fn opener(url: &str) -> Option<Command> {
    if cfg!(target_os = "macos") {
        let mut command = Command::new("open");
        command.arg(url);
        return Some(command);
    }
    if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.args(["url.dll,FileProtocolHandler", url]);
        return Some(command);
    }
    // On a text terminal xdg-open would start a text browser in it.
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let mut command = Command::new("xdg-open");
    command.arg(url);
    has_screen.then_some(command)
}
