//! The simulator server without a network: bytes in, bytes out.

use super::access::AccessRules;
use super::body::RequestBodies;
use super::http::{HttpConfig, router};
use super::simulator_thread::{SimulatorHandle, answer_all};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use poolkeeper_simulator::server::Simulator;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

/// How many bytes are on the way in each direction.
const ON_THE_WAY: usize = 1 << 16;

/// `poolkeeper serve` in this process. It answers to `localhost` and to any key.
pub struct InProcessServer {
    runtime: Runtime,
    local: LocalSet,
    router: axum::Router,
}

impl InProcessServer {
    /// A server of this account.
    ///
    /// # Errors
    /// When the system has no place for another event loop.
    pub fn new(simulator: &Simulator) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        let (owner, messages) = SimulatorHandle::new();
        let transport = simulator.transport();
        local.spawn_local(answer_all(simulator.clone(), transport, messages));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
        let router = router(HttpConfig {
            owner,
            access: Arc::new(AccessRules::new(address, &[], None)),
            key: None,
            throttle: None,
            bodies: RequestBodies::default(),
        });
        Ok(Self { runtime, local, router })
    }

    /// Everything that a client is sent which sends these bytes and then no more.
    #[must_use]
    pub fn exchange(&self, sent: &[u8]) -> Vec<u8> {
        let (mut client, server) = duplex(ON_THE_WAY);
        let mut http = hyper::server::conn::http1::Builder::new();
        // The client says with the end of its bytes that no request follows, and still reads.
        http.half_close(true);
        let service = TowerToHyperService::new(self.router.clone());
        let connection = http.serve_connection(TokioIo::new(server), service);
        let talk = async move {
            let (mut reader, mut writer) = tokio::io::split(&mut client);
            let mut received = Vec::new();
            let write = async {
                // It may have closed the connection already.
                let _ = writer.write_all(sent).await;
                let _ = writer.shutdown().await;
            };
            let (_, _) = tokio::join!(write, reader.read_to_end(&mut received));
            received
        };
        self.local.block_on(&self.runtime, async move {
            let (_, received) = tokio::join!(connection, talk);
            received
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};

    #[test]
    fn bytes_in_and_bytes_out() {
        let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 5, 1).unwrap();
        let server = InProcessServer::new(&Simulator::new(Sim::scenario(&spec))).unwrap();
        let answer = |bytes: &[u8]| String::from_utf8(server.exchange(bytes)).unwrap();
        let asked = "GET /v3/dynamic_pools HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YXBpOms=\r\n\r\n";
        let answered = answer(asked.as_bytes());
        assert!(
            answered.starts_with("HTTP/1.1 200") && answered.contains("good_reputation"),
            "{answered}"
        );
        assert_eq!(answer(asked.repeat(3).as_bytes()).matches("HTTP/1.1 200").count(), 3);
        assert!(answer(b"no request\r\n\r\n").starts_with("HTTP/1.1 400"));
        assert_eq!(answer(b"GET / HT"), "");
    }
}
