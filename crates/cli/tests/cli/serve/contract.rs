//! The contract suite over HTTP, through the sender for programs.

use super::http::Http;
use super::process::Server;
use futures::executor::block_on;
use mailgun_pools::transport::{ApiKey, BaseUrl, Method, NativeSender, Request, Transport};
use poolkeeper_contract_suite::Harness;
use std::rc::Rc;

struct Served(Server);

impl Harness for Served {
    fn transport(&self) -> Rc<dyn Transport> {
        let base = BaseUrl::parse_absolute(&self.0.base).expect("a base URL");
        Rc::new(NativeSender::new(base, ApiKey::new("some-key"), 60_000))
    }

    async fn advance(&self, seconds: u64) {
        let clock = Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", seconds.to_string());
        let answer = Http::new(&self.0.base).now(&clock).expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

macro_rules! served {
    ($module:ident, $case:ident) => {
        mod $case {
            #[test]
            fn $module() {
                let harness = super::Served(super::Server::known());
                super::block_on(poolkeeper_contract_suite::$module::$case(&harness));
            }
        }
    };
}

poolkeeper_contract_suite::each_case!(served);
