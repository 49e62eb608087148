//! The whole simulator server: the bytes of a connection in, the bytes of its answers out.

use crate::requests::account;
use poolkeeper_cli::InProcessServer;
use poolkeeper_simulator::server::Simulator;

/// The bytes of a connection. A line end may be LF alone.
pub fn server(bytes: &[u8]) {
    let server = InProcessServer::new(&Simulator::new(account())).expect("an event loop");
    let received = server.exchange(bytes);
    if received.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(&received);
    let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    let status: u16 = status.and_then(|status| status.parse().ok()).expect("a status");
    assert!((100..500).contains(&status) || status == 503, "{text}");
    if let Some(key) = bytes_after(bytes, b"Basic ").filter(|key| key.len() > 20) {
        assert!(!text.contains(key), "it repeats the key: {text}");
    }
}

/// The word behind a mark.
fn bytes_after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a str> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    let rest = std::str::from_utf8(bytes.get(at + mark.len()..)?).ok()?;
    rest.split_whitespace().next()
}
