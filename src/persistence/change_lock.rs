//! A lock on a change while one tab of this browser sends it: another tab neither sends it too nor calls it unfinished.

use futures::channel::oneshot;
use std::collections::HashSet;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// The names of locks begin with this.
const PREFIX: &str = "poolkeeper-change-";

// web-sys has these behind a compiler flag that every user of the crate would have to set.
#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &JsValue,
        granted: &JsValue,
    ) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<js_sys::Promise, JsValue>;
}

/// A lock on a change, held until this is dropped or the page is gone.
pub(crate) struct ChangeLock {
    _release: Option<oneshot::Sender<()>>,
}

/// Another tab sends the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeldElsewhere;

impl ChangeLock {
    /// Locks a change. A browser without locks, or one that refuses them to this page, is taken to have no other tab.
    ///
    /// # Errors
    /// [`HeldElsewhere`].
    pub(crate) async fn take(change: &str) -> Result<Self, HeldElsewhere> {
        let (answer, answered) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        // The lock lasts as long as the promise that this returns.
        let granted = Closure::once_into_js(move |lock: JsValue| {
            // Whoever asked may be gone.
            let _ = answer.send(!lock.is_null());
            future_to_promise(async move {
                // Dropping the sender releases.
                let _ = released.await;
                Ok(JsValue::UNDEFINED)
            })
        });
        let options = js_sys::Object::new();
        let asked = js_sys::Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE)
            .ok()
            .and(lock_manager())
            .and_then(|locks| locks.request(&format!("{PREFIX}{change}"), &options, &granted).ok());
        let Some(refused) = asked else {
            return Ok(Self { _release: None });
        };
        // A request that the browser refuses never calls back.
        match futures::future::select(answered, JsFuture::from(refused)).await {
            futures::future::Either::Left((Ok(false), _)) => Err(HeldElsewhere),
            futures::future::Either::Left((Ok(true), _)) => Ok(Self {
                _release: Some(release),
            }),
            _ => Ok(Self { _release: None }),
        }
    }
}

/// The changes that a tab of this browser sends now.
pub(crate) async fn locked_changes() -> HashSet<String> {
    let Some(asked) = lock_manager().and_then(|locks| locks.query().ok()) else {
        return HashSet::new();
    };
    let Ok(found) = JsFuture::from(asked).await else {
        return HashSet::new();
    };
    let get = |from: &JsValue, key: &str| js_sys::Reflect::get(from, &key.into()).ok();
    let held = get(&found, "held").map(|held| js_sys::Array::from(&held));
    let names = held
        .into_iter()
        .flatten()
        .filter_map(|lock| get(&lock, "name")?.as_string());
    names
        .filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned))
        .collect()
}

fn lock_manager() -> Option<LockManager> {
    let navigator = web_sys::window()?.navigator();
    let locks = js_sys::Reflect::get(&navigator, &"locks".into()).ok()?;
    // `undefined` where the page is not served securely.
    locks.is_object().then(|| locks.unchecked_into())
}
