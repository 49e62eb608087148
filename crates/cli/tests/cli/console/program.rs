//! The program, started and ended with the test that needs it.

use super::raw::{Ask, Got};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A key that occurs nowhere by chance.
pub const KEY: &str = "key-5d0f8a1c2b3e4f60718293a4b5c6d7e8";

/// The policy of the page that tests serve.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'sha256-abc='";

/// A folder of one test's own, with a page in it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("console_{test}"));
        let _ = std::fs::remove_dir_all(&path);
        let folder = Self(path);
        let page = |title: &str| {
            format!(
                "<!doctype html><html><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" \
                 content=\"{POLICY}\"><title>{title}</title></head></html>"
            )
        };
        folder.write("dist/index.html", &page("Overview"));
        folder.write("dist/pools/index.html", &page("Pools"));
        folder.write("dist/404.html", &page("Nothing here"));
        folder.write("dist/app-4d23be87ad06f9f6.js", "import './x.js'");
        folder.write("secret.txt", "outside of the page");
        folder
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
        self.path(name)
    }

    /// A file that only its owner may use.
    pub fn private(&self, name: &str, text: &str) -> String {
        let path = self.write(name, text);
        self.allow(name, 0o600);
        path
    }

    pub fn allow(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.0.join(name), std::fs::Permissions::from_mode(mode)).expect("a mode");
    }
}

/// The program with nothing of this test's surroundings: no key, no file of accounts, no screen.
fn command(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poolkeeper"));
    command
        .args(["--no-open", "--page", &folder.path("dist")])
        .args(args)
        .env_clear()
        .env("XDG_CONFIG_HOME", folder.path("config"))
        .env("XDG_STATE_HOME", folder.path("state"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program to its end, which has to come by itself; gives the exit code and what it said.
pub fn failing(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let ran = command(folder, args, variables).output().expect("the program runs");
    (ran.status.code(), String::from_utf8(ran.stderr).expect("UTF-8"))
}

/// A console on a free port.
pub struct Console {
    child: Child,
    pub address: String,
    /// The first lines of its output.
    pub introduction: String,
    log: Receiver<String>,
    ticket: String,
}

impl Console {
    pub fn start(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let args = [&["--port", "0"], args].concat();
        Self::with_host(command(folder, &args, variables), None)
    }

    /// One that runs behind a proxy and listens on an address of its own choice.
    pub fn behind_proxy(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> Self {
        // The port is taken for a moment, so that it is free and known: the program only prints its public name.
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("its address").to_string();
        drop(free);
        let args = [&["--listen", &address], args].concat();
        Self::with_host(command(folder, &args, variables), Some(address))
    }

    fn with_host(mut command: Command, address: Option<String>) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("its log");
        let (sender, log) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut introduction = String::new();
        stdout.read_line(&mut introduction).expect("a line");
        let link = introduction.trim().strip_prefix("poolkeeper console: ");
        let link = link.unwrap_or_else(|| panic!("not a ready line: “{introduction}”, {:?}", log.try_recv()));
        let (origin, ticket) = link.split_once("/?ticket=").unwrap_or((link, ""));
        let address = address.unwrap_or_else(|| origin.trim_start_matches("http://").to_owned());
        let ticket = ticket.to_owned();
        // One line for each account, or one that says there is none. They come in the same write.
        stdout.read_line(&mut introduction).expect("a line");
        Self {
            child,
            address,
            introduction,
            log,
            ticket,
        }
    }

    /// A console of one account, by default read-only, that has its key from the environment.
    pub fn of(folder: &Folder, base: &str, more: &[&str]) -> Self {
        Self::start(folder, &[&["--live", base], more].concat(), &[("MAILGUN_API_KEY", KEY)])
    }

    /// One that lets changes pass, whose files have at most so many blocks of 512 bytes.
    pub fn with_file_limit(folder: &Folder, base: &str, blocks: u32) -> Self {
        let program = command(
            folder,
            &["--port", "0", "--live", base, "--allow-changes"],
            &[("MAILGUN_API_KEY", KEY)],
        );
        let limited = format!("ulimit -f {blocks} && exec \"$0\" \"$@\"");
        let mut shell = Command::new("/bin/sh");
        shell
            .arg("-c")
            .arg(limited)
            .arg(program.get_program())
            .args(program.get_args());
        shell.env_clear();
        for (name, value) in program.get_envs() {
            shell.envs(value.map(|value| (name, value)));
        }
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::with_host(shell, None)
    }

    /// A request with the right host.
    pub fn ask(&self, method: &str, target: &str) -> Ask {
        Ask::new(method, target).header("Host", &*self.address)
    }

    pub fn send(&self, ask: &Ask) -> Got {
        ask.send(&self.address)
    }

    /// The printed link's address below the host.
    pub fn link(&self) -> String {
        format!("/?ticket={}", self.ticket)
    }

    /// Follows the printed link and asks for the session, as the page does.
    pub fn open(&self) -> Session {
        let opened = self.send(&self.ask("GET", &self.link()));
        assert_eq!(
            (opened.status, opened.header("location")),
            (303, Some("/")),
            "{opened:?}"
        );
        let cookie = opened
            .header("set-cookie")
            .expect("a cookie")
            .split(';')
            .next()
            .expect("its value")
            .to_owned();
        let session = self.send(
            &self
                .ask("GET", "/_console/session")
                .header("Cookie", &*cookie)
                .header("Sec-Fetch-Site", "same-origin"),
        );
        assert_eq!(session.status, 200, "{session:?}");
        let json = session.json();
        assert_eq!(json["program"], "poolkeeper-console");
        let token = json["token"].as_str().expect("a token").to_owned();
        Session { cookie, token, json }
    }

    /// The session of a person whom a proxy in front has signed in.
    pub fn open_signed_in(&self, host: &str, user_header: &str, user: &str) -> Session {
        let of = |ask: Ask| ask.instead("Host", host).header(user_header, user);
        let page = self.send(&of(self.ask("GET", "/")));
        let cookie = page.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().expect("its value").to_owned();
        let ask = self.ask("GET", "/_console/session").header("Cookie", &*cookie);
        let json = self.send(&of(ask.header("Sec-Fetch-Site", "same-origin"))).json();
        let token = json["token"].as_str().expect("a token").to_owned();
        Session { cookie, token, json }
    }

    /// A request as the page itself makes it.
    pub fn own(&self, session: &Session, method: &str, target: &str) -> Ask {
        self.ask(method, target)
            .header("Cookie", &*session.cookie)
            .header("Sec-Fetch-Site", "same-origin")
            .header("X-Poolkeeper-Token", &*session.token)
    }

    /// The next line of the log.
    pub fn logged(&self) -> String {
        self.log
            .recv_timeout(Duration::from_secs(60))
            .expect("a line of the log")
    }

    /// What other users of the machine see of the program.
    #[cfg(target_os = "linux")]
    pub fn command_line(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/cmdline", self.child.id())).expect("its command line")
    }

    /// What kills it from another thread.
    pub fn killer(&self) -> Killer {
        Killer(self.child.id())
    }

    /// Ends it, and gives all that is left of its log.
    pub fn end(mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut rest = String::new();
        while let Ok(line) = self.log.recv_timeout(Duration::from_secs(60)) {
            rest += &line;
            rest.push('\n');
        }
        rest
    }
}

/// Kills a program.
pub struct Killer(u32);

impl Killer {
    pub fn kill(&self) {
        let killed = Command::new("kill").args(["-9", &self.0.to_string()]).status();
        assert!(killed.expect("kill runs").success());
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // Already gone where a test ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a browser holds after it opened the link.
pub struct Session {
    pub cookie: String,
    pub token: String,
    pub json: serde_json::Value,
}

impl Session {
    /// Where requests to the first account go.
    pub fn live(&self, path: &str) -> String {
        let base = self.json["accounts"][0]["path"].as_str().expect("an account");
        format!("{}{path}", base.trim_end_matches('/'))
    }
}

/// `poolkeeper serve` as the live side.
pub struct Simulated {
    child: Child,
    pub base: String,
}

impl Simulated {
    pub fn start() -> Self {
        let csv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract/src/known.csv");
        Self::start_with(&["--csv", csv.to_str().expect("a path in UTF-8")])
    }

    pub fn start_with(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
            .args(["serve", "--listen", "127.0.0.1:0", "--still"])
            .args(args)
            .env("POOLKEEPER_KEY", KEY)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("its output").by_ref())
            .read_line(&mut line)
            .expect("a line");
        let base = line
            .trim()
            .strip_prefix("poolkeeper listens on ")
            .expect("a ready line")
            .to_owned();
        Self { child, base }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
