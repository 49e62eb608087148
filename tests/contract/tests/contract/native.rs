//! The sender for programs, against a server that answers a byte string whatever it is asked. The suite itself runs over
//! it in the tests of `poolkeeper serve`.

use futures::executor::block_on;
use mailgun_pools::transport::{
    ApiKey, BaseUrl, Body, Method, NativeSender, Request, Response, Transport, TransportError,
};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

const KEY: &str = "key-0123456789abcdef";
/// `api:` and the key in Base64, by hand from RFC 4648.
const BASIC: &str = "YXBpOmtleS0wMTIzNDU2Nzg5YWJjZGVm";
const TIMEOUT_MS: u32 = 20_000;

/// A server for one request; its thread gives what it was sent.
struct OneAnswer {
    base: String,
    heard: JoinHandle<String>,
}

impl OneAnswer {
    fn start(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let heard = spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let heard = read_request(&mut stream);
            answer(&mut stream);
            heard
        });
        Self { base, heard }
    }

    fn of(head: &str, body: &str) -> Self {
        let bytes = format!(
            "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        Self::start(move |stream| stream.write_all(bytes.as_bytes()).unwrap())
    }

    /// Sends a request; gives the answer and what the server was sent.
    fn ask(self, request: Request) -> (Result<Response, TransportError>, String) {
        let answer = block_on(sender(&self.base, TIMEOUT_MS).send(request));
        (answer, self.heard.join().unwrap())
    }
}

/// Reads a head, then as many bytes as it announces.
fn read_request(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut byte = [0];
    while !heard.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        heard.push(byte[0]);
    }
    let head = String::from_utf8(heard).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn sender(base: &str, timeout_ms: u32) -> NativeSender {
    NativeSender::new(BaseUrl::parse_absolute(base).unwrap(), ApiKey::new(KEY), timeout_ms)
}

fn get() -> Request {
    Request::new(Method::Get, "/v3/ips")
}

fn has_header(heard: &str, name: &str, value: &str) -> bool {
    heard
        .lines()
        .filter_map(|line| line.split_once(": "))
        .any(|(found, text)| found.eq_ignore_ascii_case(name) && text == value)
}

#[test]
fn a_request_carries_key_account_and_query() {
    let request = Request {
        on_behalf_of: Some("sub-1".to_owned()),
        ..get().query("a", "1 & 2").query("a", "é")
    };
    let (answer, heard) = OneAnswer::of("200 OK\r\nX-Some: Thing", "{\"items\": []}").ask(request);
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.header("x-some")), (200, Some("Thing")));
    assert_eq!(answer.body, Body::Json(serde_json::json!({ "items": [] })));
    assert!(
        heard.starts_with("GET /v3/ips?a=1+%26+2&a=%C3%A9 HTTP/1.1\r\n"),
        "{heard}"
    );
    assert!(
        has_header(&heard, "authorization", &format!("Basic {BASIC}")),
        "{heard}"
    );
    assert!(has_header(&heard, "x-mailgun-on-behalf-of", "sub-1"), "{heard}");
    assert!(has_header(&heard, "accept", "application/json"), "{heard}");
}

#[test]
fn without_a_key_there_is_no_authorization() {
    let server = OneAnswer::of("200 OK", "");
    let base = BaseUrl::parse_absolute(&server.base).unwrap();
    let answer = NativeSender::new(base, ApiKey::new(""), TIMEOUT_MS)
        .send_blocking(&get())
        .unwrap();
    assert_eq!(answer.body, Body::Empty);
    assert!(!server.heard.join().unwrap().to_lowercase().contains("authorization"));
}

#[test]
fn forms_go_as_multipart_and_json_as_json() {
    let fields = [
        ("add_ip", "192.0.2.1"),
        ("add_ip", "192.0.2.2"),
        ("a\"b", "--mailgun-pools-form\r\n"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let form = Request::new(Method::Patch, "/x").body(Body::Form(fields));
    let (_, heard) = OneAnswer::of("200 OK", "").ask(form);
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    let boundary = head
        .split_once("multipart/form-data; boundary=")
        .unwrap()
        .1
        .lines()
        .next()
        .unwrap();
    let parts = [
        "name=\"add_ip\"\r\n\r\n192.0.2.1\r\n",
        "name=\"add_ip\"\r\n\r\n192.0.2.2\r\n",
        // The value holds the usual boundary, so another must be taken.
        "name=\"a%22b\"\r\n\r\n--mailgun-pools-form\r\n\r\n",
    ];
    let parts = parts.map(|part| format!("--{boundary}\r\nContent-Disposition: form-data; {part}"));
    assert_eq!(body, format!("{}--{boundary}--\r\n", parts.concat()));

    let json = serde_json::json!({ "a": [1, "é"] });
    let request = Request::new(Method::Post, "/x").body(Body::Json(json.clone()));
    let (_, heard) = OneAnswer::of("200 OK", "").ask(request);
    assert!(has_header(&heard, "content-type", "application/json"), "{heard}");
    let body = heard.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), json);
}

#[test]
fn error_statuses_and_web_pages_are_answers() {
    let (answer, _) = OneAnswer::of("502 Bad Gateway\r\nContent-Type: text/html", "<h1>1</h1>").ask(get());
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.body), (502, Body::Text("<h1>1</h1>".to_owned())));
    let (answer, _) = OneAnswer::of("401 Unauthorized\r\nWWW-Authenticate: Basic", "Forbidden").ask(get());
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.body), (401, Body::Text("Forbidden".to_owned())));
}

#[test]
fn a_server_that_does_not_answer_times_out() {
    // The connection is accepted by the system; this test never answers it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answer = block_on(sender(&base, 50).send(get()));
    assert_eq!(answer, Err(TransportError::TimedOut(50)));
}

#[test]
fn an_answer_that_stops_in_the_middle_times_out() {
    let server = OneAnswer::start(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            .unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // Waits until the client gives up.
        assert_eq!(stream.read(&mut [0]).map_err(|error| error.kind()).unwrap_or(0), 0);
    });
    let answer = block_on(sender(&server.base, 500).send(get()));
    assert_eq!(answer, Err(TransportError::TimedOut(500)));
    server.heard.join().unwrap();
}

#[test]
fn an_answer_that_breaks_off_is_broken() {
    let server = OneAnswer::start(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            .unwrap();
    });
    let (answer, _) = server.ask(get());
    assert!(matches!(answer, Err(TransportError::Broken(_))), "{answer:?}");
}

#[test]
fn an_answer_too_large_is_cut_off() {
    let server = OneAnswer::start(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            .unwrap();
        let chunk = vec![b'a'; 1_000_000];
        // Endless: ends when the client hangs up.
        let error = std::iter::repeat_with(|| stream.write_all(&chunk)).find_map(Result::err);
        assert!(matches!(
            error.unwrap().kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
        ));
    });
    let (answer, _) = server.ask(get());
    assert_eq!(answer, Err(TransportError::TooLarge(16_000_000)));
}

#[test]
fn a_redirect_is_refused_and_not_followed() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let target = other.local_addr().unwrap();
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let (answer, _) = OneAnswer::of(&format!("{status}\r\nLocation: http://{target}/"), "").ask(get());
        assert!(
            matches!(&answer, Err(TransportError::Unreachable(why)) if why.contains("redirect")),
            "{answer:?}"
        );
        assert_eq!(
            other.accept().unwrap_err().kind(),
            ErrorKind::WouldBlock,
            "{status} was followed"
        );
    }
}

#[test]
fn a_refused_connection_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let answer = block_on(sender(&base, TIMEOUT_MS).send(get()));
    assert!(matches!(answer, Err(TransportError::Unreachable(_))), "{answer:?}");
}

#[test]
fn the_key_is_never_shown() {
    let repeated = format!("{{\"message\": \"Bad key {KEY}, header Basic {BASIC}\"}}");
    let (answer, _) = OneAnswer::of(&format!("401 Unauthorized\r\nX-Sent: {KEY}"), &repeated).ask(get());
    let shown = format!("{answer:?}");
    assert!(shown.contains("Bad key [the key], header Basic [the key]"), "{shown}");
    let base = OneAnswer::of("200 OK", "");
    let shown = format!("{shown} {:?} {:?}", sender(&base.base, TIMEOUT_MS), ApiKey::new(KEY));
    assert!(!shown.contains(KEY) && !shown.contains(BASIC), "{shown}");
    let errors = [
        OneAnswer::start(|_| ()).ask(get()).0,
        OneAnswer::start(|stream| stream.write_all(KEY.as_bytes()).unwrap())
            .ask(get())
            .0,
        block_on(sender(&base.base, TIMEOUT_MS).send(Request::new(Method::Get, "/ \u{7f}"))),
    ];
    for error in errors {
        let shown = format!("{:?} {}", error, error.as_ref().unwrap_err());
        assert!(!shown.contains(KEY) && !shown.contains(BASIC), "{shown}");
    }
}
