//! A service that notes each request to the byte, and answers with what a proxy must not pass on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the service received: a head and a body.
#[derive(Clone, Debug)]
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

/// The service, on a free port of this machine, as long as the test runs.
pub struct Service {
    pub base: String,
    received: Arc<Mutex<Vec<Received>>>,
    is_silent: Arc<AtomicBool>,
    arrived: Receiver<()>,
}

impl Service {
    /// Answers every request with a status line's end, headers and a body: `("200 OK", "A: b\r\n", "{}")`. In the body,
    /// `{authorization}` is replaced by the header that came.
    pub fn answering(status: &'static str, headers: &'static str, body: &'static str) -> Self {
        Self::with_voice(status, headers, body, false)
    }

    /// One that takes requests and answers none until [`Service::speak`].
    pub fn silent() -> Self {
        Self::with_voice("200 OK", "Content-Type: application/json\r\n", "{}", true)
    }

    /// Answers from now on.
    pub fn speak(&self) {
        self.is_silent.store(false, Ordering::SeqCst);
    }

    /// Waits until a request has arrived.
    pub fn wait_for_one(&self) {
        self.arrived
            .recv_timeout(Duration::from_secs(60))
            .expect("a request arrives");
    }

    fn with_voice(status: &'static str, headers: &'static str, body: &'static str, is_silent: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let notes = Arc::clone(&received);
        let silence = Arc::new(AtomicBool::new(is_silent));
        let is_silent = Arc::clone(&silence);
        let (sender, arrived) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                let (silence, sender) = (Arc::clone(&silence), sender.clone());
                let on_request = move || {
                    let _ = sender.send(());
                    silence.load(Ordering::SeqCst)
                };
                thread::spawn(move || answer_all(stream, &notes, on_request, [status, headers, body]));
            }
        });
        Self {
            base,
            received,
            is_silent,
            arrived,
        }
    }

    pub fn plain() -> Self {
        Self::answering("200 OK", "Content-Type: application/json\r\n", "{\"items\": []}")
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test failed in it").clone()
    }
}

/// Answers what comes, unless `on_request` says that it is silent.
fn answer_all(
    mut stream: TcpStream,
    notes: &Mutex<Vec<Received>>,
    on_request: impl Fn() -> bool,
    [status, headers, body]: [&str; 3],
) {
    let mut bytes = Vec::new();
    loop {
        let Some(received) = next_request(&mut stream, &mut bytes) else {
            return;
        };
        let authorization = header(&received.head, "authorization").unwrap_or_default();
        notes.lock().expect("no test failed in it").push(received);
        if on_request() {
            continue;
        }
        let body = body.replace("{authorization}", &authorization);
        let answer = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request of a connection; nothing at its end.
pub fn next_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Received> {
    let mut chunk = [0; 65_536];
    loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
            let length = header(&head, "content-length").map_or(0, |length| length.parse().expect("a length"));
            if bytes.len() >= at + 4 + length {
                let body = bytes[at + 4..at + 4 + length].to_vec();
                bytes.drain(..at + 4 + length);
                return Some(Received { head, body });
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// A header's value in a head.
pub fn header(head: &str, name: &str) -> Option<String> {
    let found = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut found = found.filter(|(other, _)| other.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned())
}
