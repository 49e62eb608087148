//! The web servers whose documented configurations the tests run.

use super::apt;
use super::progress::Progress;
use crate::cache::Cache;
use crate::problem::{Problem, Result};
use crate::process::on_path;
use std::path::PathBuf;

/// Finds nginx and Caddy, or unpacks their Debian packages into the project's own cache: installed, they would start as
/// services on this machine. Returns the variables that name them.
pub fn ensure(cache: &Cache, progress: &Progress) -> Result<Vec<(&'static str, PathBuf)>> {
    [
        ("NGINX", "nginx", "usr/sbin/nginx"),
        ("CADDY", "caddy", "usr/bin/caddy"),
    ]
    .into_iter()
    .map(|(variable, name, within)| Ok((variable, find(cache, progress, name, within)?)))
    .collect()
}

fn find(cache: &Cache, progress: &Progress, name: &'static str, within: &str) -> Result<PathBuf> {
    let system = PathBuf::from("/").join(within);
    if let Some(found) = on_path(name).or_else(|| system.is_file().then_some(system)) {
        return Ok(found);
    }
    let folder = cache.tool(name, "deb");
    let program = folder.join(within);
    if !program.is_file() {
        let by_hand = format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {name}");
        progress
            .step(&format!("{name}: its Debian package, unpacked"), None, || {
                cache.install(&folder, |half_made| apt::unpack(name, half_made))
            })
            .map_err(|problem| problem.remedied_by(by_hand))?;
    }
    if program.is_file() {
        Ok(program)
    } else {
        Err(Problem::new(format!("The Debian package of {name} has no {within}.")))
    }
}
