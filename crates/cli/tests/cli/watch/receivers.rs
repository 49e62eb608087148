//! Receivers that keep what they took: a web server and a mail server.

use crate::console::service::{Received, header, next_request};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// The status that stands for no answer at all.
pub const NEVER: u16 = 0;

/// A web server that takes messages by POST.
pub struct Hook {
    pub url: String,
    status: Arc<AtomicU16>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Hook {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hook/T0SECRET", listener.local_addr().expect("its address"));
        let status = Arc::new(AtomicU16::new(200));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (answers, notes) = (Arc::clone(&status), Arc::clone(&received));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, notes) = (Arc::clone(&answers), Arc::clone(&notes));
                thread::spawn(move || answer(stream, &answers, &notes));
            }
        });
        Self { url, status, received }
    }

    /// Answers with this status from now on.
    pub fn set(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test failed in it").clone()
    }

    /// The messages, as JSON.
    pub fn messages(&self) -> Vec<Value> {
        let received = self.received();
        let bodies = received
            .iter()
            .map(|received| serde_json::from_slice(&received.body).expect("JSON"));
        bodies.collect()
    }

    /// The identifiers in the headers.
    pub fn keys(&self) -> Vec<String> {
        let received = self.received();
        let keys = received
            .iter()
            .map(|received| header(&received.head, "idempotency-key").expect("a key"));
        keys.collect()
    }
}

fn answer(mut stream: TcpStream, status: &AtomicU16, notes: &Mutex<Vec<Received>>) {
    let mut bytes = Vec::new();
    while let Some(received) = next_request(&mut stream, &mut bytes) {
        notes.lock().expect("no test failed in it").push(received);
        let status = status.load(Ordering::SeqCst);
        if status == NEVER {
            continue;
        }
        let text = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// A server that takes e-mail by SMTP and keeps it.
pub struct MailStore {
    pub port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailStore {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let mails: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&mails);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // A client that leaves in the middle sends no mail.
                thread::spawn(move || take_mail(stream, &kept).unwrap_or_default());
            }
        });
        Self { port, mails }
    }

    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().expect("no test failed in it").clone()
    }
}

fn take_mail(mut stream: TcpStream, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    stream.write_all(b"220 store\r\n")?;
    while let Some(line) = lines.next() {
        let command = line?.to_ascii_uppercase();
        if command == "DATA" {
            stream.write_all(b"354 go on\r\n")?;
            let mut mail = String::new();
            for line in lines.by_ref() {
                let line = line?;
                if line == "." {
                    break;
                }
                mail += &format!("{line}\n");
            }
            kept.lock().expect("no test failed in it").push(mail);
            stream.write_all(b"250 kept\r\n")?;
        } else if command == "QUIT" {
            return stream.write_all(b"221 bye\r\n");
        } else {
            stream.write_all(b"250 store\r\n")?;
        }
    }
    Ok(())
}
