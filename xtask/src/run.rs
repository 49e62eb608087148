//! `run`: serve the app, rebuilt when a file changes.

use crate::args::RunOptions;
use crate::cache::remove_folder;
use crate::problem::{Problem, Result, say};
use crate::process::shown;
use crate::project::Project;
use crate::setup::{self, Needs};
use crate::stopwatch::{Stopwatch, seconds};
use crate::warm_up;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

/// The app's files: a change in one of them starts a build.
const WATCHED: [&str; 7] = [
    "index.html",
    "Cargo.toml",
    "Trunk.toml",
    "src",
    "crates",
    "style",
    "public",
];

/// Serves until it is stopped by Ctrl-C.
pub fn run(project: &Project, options: &RunOptions) -> Result<()> {
    let watch = Stopwatch::start();
    refuse_taken_port(options.port)?;
    let profile = if options.release { "web" } else { "serve" };
    let needs = Needs {
        wasm: true,
        bundler: true,
        optimizer: options.release,
        ..Needs::default()
    };
    let tools = setup::prepare_beside(project, needs, |tools, progress| {
        warm_up::compile_app(project, tools, progress, profile, &[]);
    })?;
    // Not dist/, which belongs to `build`. Empty, so that no older build is served before this one.
    let dist = project.path("target/xtask-run");
    remove_folder(&dist)?;
    let mut trunk = tools.trunk(project);
    // The hook in Trunk.toml calls it.
    if let Ok(xtask) = std::env::current_exe() {
        trunk.env("POOLKEEPER_XTASK", xtask);
    }
    if options.live {
        trunk.args(["--config", "Trunk.live.toml"]);
    }
    trunk
        .args([
            "serve",
            "--address",
            "127.0.0.1",
            "--port",
            &options.port.to_string(),
            "--dist",
        ])
        .arg(&dist);
    for watched in WATCHED.iter().filter(|name| project.path(name).exists()) {
        trunk.args(["--watch", watched]);
    }
    if options.release {
        trunk.arg("--release");
    }
    trunk.args(["--cargo-profile", profile]);
    say("trunk serve: the first build takes a minute or two, later ones some seconds");
    let mut child = trunk
        .spawn()
        .map_err(|error| Problem::new(format!("Could not start trunk: {error}.")))?;
    let ended = announce_when_ready(&mut child, options.port, &dist, watch)?;
    Err(Problem::new(format!(
        "`{}` ended by itself ({ended}).",
        shown(&Command::new("trunk"))
    )))
}

fn refuse_taken_port(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::with_remedy(
            format!("Port {port} of 127.0.0.1 is not free ({error})."),
            format!(
                "cargo xtask run --port {}",
                if port < u16::MAX { port + 1 } else { 8080 }
            ),
        )),
    }
}

fn announce_when_ready(
    child: &mut Child,
    port: u16,
    dist: &Path,
    watch: Stopwatch,
) -> Result<std::process::ExitStatus> {
    let lost = |error: std::io::Error| Problem::new(format!("Lost sight of trunk: {error}."));
    while !(dist.join("index.html").is_file() && answers(port)) {
        if let Some(status) = child.try_wait().map_err(lost)? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    say(format!(
        "ready in {} s: http://127.0.0.1:{port}  (Ctrl-C stops it)",
        seconds(watch.elapsed())
    ));
    child.wait().map_err(lost)
}

/// Whether the page itself is served.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        // In one write: a server that closes after the first packet would reset the connection for the second.
        stream.write_all(
            format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{answers, refuse_taken_port};
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    #[test]
    fn a_taken_port_is_refused_with_another_to_try() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = refuse_taken_port(port).unwrap_err().to_string();
        assert!(
            said.contains(&format!("Port {port}")) && said.contains("cargo xtask run --port"),
            "{said}"
        );
    }

    #[test]
    fn only_a_served_page_counts_as_ready() {
        for (status, ready) in [("200 OK", true), ("404 Not Found", false)] {
            let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = server.local_addr().unwrap().port();
            let serving = std::thread::spawn(move || {
                let (mut stream, _) = server.accept().unwrap();
                let asked = BufReader::new(&stream).lines().map(Result::unwrap);
                assert!(
                    asked
                        .take_while(|line| !line.is_empty())
                        .any(|line| line == "Accept: text/html")
                );
                // In one write too: the client may close once it has read the status.
                stream
                    .write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes())
                    .unwrap();
            });
            assert_eq!(answers(port), ready);
            serving.join().unwrap();
        }
    }
}
