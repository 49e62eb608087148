//! Lines for whoever runs the server.

use std::io::Write;

/// To standard error; nowhere is left to report to when that is closed.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
