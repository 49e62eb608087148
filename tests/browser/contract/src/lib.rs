//! The contract suite in a browser: the same cases as natively, over `transport::live` and a real network.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

use mailgun_pools::transport::browser::{ApiKey, BaseUrl, Live};
use mailgun_pools::transport::{Method, Request, Transport};
use poolkeeper_contract_suite::{Harness, each_case};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

struct Fetched(BaseUrl);

impl Fetched {
    async fn control(&self, request: Request) {
        let answer = self.transport().send(request).await.expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

impl Harness for Fetched {
    fn transport(&self) -> Rc<dyn Transport> {
        Rc::new(Live::new(self.0.clone(), ApiKey::new("some-key"), 30_000))
    }

    async fn advance(&self, seconds: u64) {
        let clock = Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", seconds.to_string());
        self.control(clock).await;
    }
}

/// Runs the case `module::name` against a server, which begins anew. Resolves when it passed; a failure is a panic.
#[wasm_bindgen]
pub async fn run(case: String, server: String) {
    console_error_panic_hook::set_once();
    let page_url = web_sys::window()
        .expect("a window")
        .location()
        .href()
        .expect("an address");
    let harness = Fetched(BaseUrl::parse(&server, &page_url).expect("an address"));
    harness.control(Request::new(Method::Post, "/_poolkeeper/reset")).await;
    macro_rules! one {
        ($module:ident, $case:ident) => {
            if case == concat!(stringify!($module), "::", stringify!($case)) {
                return poolkeeper_contract_suite::$module::$case(&harness).await;
            }
        };
    }
    each_case!(one);
    panic!("there is no case {case}");
}
