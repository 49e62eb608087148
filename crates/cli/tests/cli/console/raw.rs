//! HTTP to the byte: no library puts a request right before it is sent.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request that is written as it is said.
#[derive(Clone)]
pub struct Ask {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Ask {
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Without a header that was set before.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// With another value for a header that was set before.
    pub fn instead(self, name: &str, value: impl Into<String>) -> Self {
        self.without(name).header(name, value)
    }

    /// With a body and its length.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header("Content-Type", content_type)
            .header("Content-Length", length)
    }

    /// Its bytes. The connection ends with the answer.
    pub fn bytes(&self) -> Vec<u8> {
        let headers: String = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!(
            "{} {} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n",
            self.method, self.target
        );
        [head.as_bytes(), &self.body].concat()
    }

    pub fn send(&self, address: &str) -> Got {
        Got::read(&exchange(address, &self.bytes()))
    }
}

/// Sends bytes and gives all that comes back until the server hangs up.
pub fn exchange(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a timeout");
    // A server that refuses early may hang up before the last byte is written.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// An answer. Header names are in lower case.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Got {
    fn read(bytes: &[u8]) -> Self {
        let at = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let at = at.unwrap_or_else(|| panic!("no answer: “{}”", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..at]).expect("a head in ASCII");
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .expect("a status")
            .parse()
            .expect("a number");
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Self {
            status,
            headers: headers.collect(),
            body: bytes[at + 4..].to_vec(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: “{}”", self.text()))
    }

    /// Everything of it, to search for what may not be there.
    pub fn whole(&self) -> String {
        format!("{:?}{}", self.headers, self.text())
    }
}
