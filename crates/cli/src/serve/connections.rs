//! Connections: how many there are at once, and how long each may take.

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Before another try when no connection can be taken, as when the process has no file left.
const PAUSE: Duration = Duration::from_millis(100);

/// What clients may take.
#[derive(Clone, Copy)]
pub(super) struct ConnectionLimits {
    /// More clients wait until one of these has left.
    connections: usize,
    /// A request's headers arrive within this time, a pause between two requests included.
    headers: Duration,
    /// After this time a connection ends with its current answer.
    connection: Duration,
    /// After this time more it ends at once: a client that does not read its answer can't hold it for good.
    last_answer: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 512,
            headers: Duration::from_secs(30),
            connection: Duration::from_secs(300),
            last_answer: Duration::from_secs(60),
        }
    }
}

/// Takes connections for good.
pub(super) async fn serve(listener: TcpListener, router: axum::Router, limits: ConnectionLimits) {
    let places = Arc::new(Semaphore::new(limits.connections));
    loop {
        // It is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let router = router.clone();
        tokio::spawn(async move {
            answer(stream, router, limits).await;
            drop(place);
        });
    }
}

async fn answer(stream: TcpStream, router: axum::Router, limits: ConnectionLimits) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers);
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // An error is the client's: it has left, or it speaks no HTTP.
    if timeout(limits.connection, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(limits.last_answer, connection).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream as Client};

    /// A server with these limits, on a thread of its own.
    fn started(limits: ConnectionLimits) -> SocketAddr {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                serve(listener, axum::Router::new().fallback(|| async { "done" }), limits).await;
            });
        });
        receiver.recv().unwrap()
    }

    /// Everything the server sends until it closes the connection; fails when it never does.
    fn rest(mut client: Client) -> String {
        let mut text = String::new();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        client.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_client_that_never_ends_its_headers_is_left() {
        let address = started(ConnectionLimits {
            headers: Duration::from_millis(50),
            ..ConnectionLimits::default()
        });
        let mut slow = Client::connect(address).unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").unwrap();
        assert!(!rest(slow).contains("done"));
    }

    #[test]
    fn a_connection_ends_when_its_time_is_over() {
        let address = started(ConnectionLimits {
            connection: Duration::from_millis(50),
            ..ConnectionLimits::default()
        });
        let mut client = Client::connect(address).unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        assert!(rest(client).contains("done"));
    }

    #[test]
    fn one_client_too_many_waits_until_another_has_left() {
        let address = started(ConnectionLimits {
            connections: 1,
            ..ConnectionLimits::default()
        });
        let first = Client::connect(address).unwrap();
        let mut second = Client::connect(address).unwrap();
        second
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .unwrap();
        second.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(second.read(&mut [0]).is_err(), "there is no answer yet");
        drop(first);
        assert!(rest(second).contains("done"));
    }
}
