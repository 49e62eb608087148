//! The contract suite over HTTP.

use super::http::Http;
use super::process::Server;
use futures::FutureExt;
use mailgun_pools::transport::{Method, Request, Transport};
use poolkeeper_contract_suite::Harness;
use std::rc::Rc;

struct Served(Server);

impl Harness for Served {
    fn transport(&self) -> Rc<dyn Transport> {
        Rc::new(Http::new(&self.0.base))
    }

    async fn advance(&self, seconds: u64) {
        let clock = Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", seconds.to_string());
        let answer = self.transport().send(clock).await.expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

macro_rules! served {
    ($module:ident, $case:ident) => {
        mod $case {
            #[test]
            fn $module() {
                let harness = super::Served(super::Server::known());
                super::run(poolkeeper_contract_suite::$module::$case(&harness));
            }
        }
    };
}

/// The test's client waits inside a poll, so a case is over at its first.
fn run(case: impl Future<Output = ()>) {
    case.now_or_never().expect("the client answers within a poll");
}

poolkeeper_contract_suite::each_case!(served);
