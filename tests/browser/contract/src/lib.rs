//! The contract suite in a browser: the same cases as natively, over `transport::browser` and a real network.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

use mailgun_pools::transport::browser::BrowserSender;
use mailgun_pools::transport::{ApiKey, BaseUrl, Transport};
use poolkeeper_contract_suite::{Harness, each_case};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

struct Fetched(BaseUrl);

#[wasm_bindgen]
extern "C" {
    /// Posts to one of the server's controls. The test does it: a page may not.
    #[wasm_bindgen(catch)]
    async fn control(path: String) -> Result<JsValue, JsValue>;
}

async fn post(path: String) {
    control(path).await.expect("an answer");
}

impl Harness for Fetched {
    fn transport(&self) -> Rc<dyn Transport> {
        Rc::new(BrowserSender::new(self.0.clone(), ApiKey::new("some-key"), 30_000))
    }

    async fn advance(&self, seconds: u64) {
        post(format!("/_poolkeeper/clock?seconds={seconds}")).await;
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
    post("/_poolkeeper/reset".to_owned()).await;
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
