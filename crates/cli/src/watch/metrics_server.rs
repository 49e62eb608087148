//! Figures for Prometheus over HTTP.

use super::exposition::WatchFigures;
use crate::Failure;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at once.
const MOST_CONNECTIONS: usize = 16;

/// Time to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Begins to answer at an address.
///
/// # Errors
/// [`Failure`] when the address is taken.
pub(super) async fn start(address: SocketAddr, figures: Arc<Mutex<WatchFigures>>) -> Result<(), Failure> {
    let listening = |error: std::io::Error| Failure::of(format!("listening on {address}"), error);
    let listener = TcpListener::bind(address).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    crate::terminal::say(&format!("figures are at http://{address}/metrics"));
    let router = Router::new().route("/metrics", get(metrics)).with_state(figures);
    tokio::spawn(accept(listener, router));
    Ok(())
}

async fn accept(listener: TcpListener, router: Router) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, for example: others may end.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
            // A client that goes away is no concern.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}

async fn metrics(State(figures): State<Arc<Mutex<WatchFigures>>>) -> Response {
    let text = figures.lock().unwrap_or_else(PoisonError::into_inner).text();
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
