//! The program, started and ended with the test that needs it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolkeeper");
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A server on a free port of this machine.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:12345`
    pub base: String,
}

impl Server {
    /// Starts the program and waits for its ready line.
    pub fn start(args: &[&str]) -> Self {
        Self::launch(Command::new(PROGRAM).args(SERVE).args(args).stderr(Stdio::inherit()))
    }

    /// Starts it at an address.
    pub fn start_at(listen: &str, args: &[&str]) -> Self {
        Self::launch(Command::new(PROGRAM).args(["serve", "--listen", listen]).args(args))
    }

    /// Starts it so that no file it writes grows beyond some blocks of 512 or 1,024 bytes.
    pub fn start_with_file_limit(blocks: u32, args: &[&str]) -> Self {
        let limited = format!("ulimit -f {blocks} && exec \"$0\" \"$@\"");
        Self::launch(
            Command::new("sh")
                .args(["-c", &limited, PROGRAM])
                .args(SERVE)
                .args(args),
        )
    }

    /// Starts it and gives the lines of its standard error.
    pub fn start_and_listen(args: &[&str]) -> (Self, impl Iterator<Item = String>) {
        let mut server = Self::launch(Command::new(PROGRAM).args(SERVE).args(args).stderr(Stdio::piped()));
        let lines = BufReader::new(server.child.stderr.take().expect("its words")).lines();
        (server, lines.map(|line| line.expect("UTF-8")))
    }

    fn launch(command: &mut Command) -> Self {
        let child = command.env_remove("POOLKEEPER_KEY").stdout(Stdio::piped()).spawn();
        Self::ready(child.expect("the program starts")).unwrap_or_else(|said| panic!("no server: {said}"))
    }

    /// The server once it is ready; what it said if it never is.
    fn ready(mut child: Child) -> Result<Self, String> {
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        if let Some(base) = line.trim().strip_prefix("poolkeeper listens on ") {
            let base = base.to_owned();
            return Ok(Self { child, base });
        }
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut line).expect("UTF-8");
        }
        child.wait().expect("its end");
        Err(line)
    }

    /// A server of the contract suite's account, whose clock moves only when told.
    pub fn known() -> Self {
        let csv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract/src/known.csv");
        Self::start(&["--csv", csv.to_str().expect("a path in UTF-8"), "--still"])
    }

    pub fn port(&self) -> &str {
        self.base.rsplit(':').next().expect("a port")
    }

    /// Where this machine reaches it, also when it listens to the network.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("its end");
    }

    /// Asks it to stop, as a service manager does; gives how it ended.
    pub fn terminate(mut self) -> ExitStatus {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(told.expect("kill runs").success());
        self.child.wait().expect("its end")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone in the tests that end it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server that may refuse to serve; gives what it said then.
pub fn outcome(args: &[&str]) -> Result<Server, String> {
    Server::ready(begun(args))
}

/// Starts several servers at once; gives how many serve, and what the others said. None of them runs afterwards.
pub fn race(count: usize, args: &[&str]) -> (usize, Vec<String>) {
    let started: Vec<Child> = (0..count).map(|_| begun(args)).collect();
    let (serving, refused): (Vec<_>, Vec<_>) = started.into_iter().map(Server::ready).partition(Result::is_ok);
    (serving.len(), refused.into_iter().filter_map(Result::err).collect())
}

fn begun(args: &[&str]) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(SERVE).args(args).env_remove("POOLKEEPER_KEY");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    child.expect("the program starts")
}

/// Runs the program to its end; gives the exit code and what it said.
pub fn run(args: &[&str]) -> (Option<i32>, String) {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("its words")
        .read_to_string(&mut said)
        .expect("UTF-8");
    (child.wait().expect("its end").code(), said)
}
