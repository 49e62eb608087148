//! Small reads and writes of the browser, each quiet where the browser says no.

use gloo_events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IntersectionObserver, IntersectionObserverEntry, ResizeObserver, ResizeObserverEntry};

/// How long a page that may be hidden waits for a frame.
const UNSEEN_MS: u32 = 1_000;

/// The path of the document's base address, such as `/` or `/demo/poolkeeper/`.
#[must_use]
pub(crate) fn base_path() -> String {
    document()
        .base_uri()
        .ok()
        .flatten()
        .and_then(|uri| web_sys::Url::new(&uri).ok())
        .map_or_else(|| "/".to_owned(), |url| url.pathname())
}

/// Sets an attribute of the root element, or removes it when the value is empty.
pub(crate) fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Neither can fail for a legal name.
        let _ = if value.is_empty() {
            root.remove_attribute(name)
        } else {
            root.set_attribute(name, value)
        };
    }
}

/// A value remembered in this browser. `None` where storage is off.
#[must_use]
pub(crate) fn local_get(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Remembers a value in this browser; an empty one is forgotten. Does nothing where storage is off.
pub(crate) fn local_set(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden store only costs the memory of a preference.
        let _ = if value.is_empty() {
            storage.remove_item(key)
        } else {
            storage.set_item(key, value)
        };
    }
}

/// Keeps a value in this browser.
///
/// # Errors
/// Why it could not be kept, in words.
pub(crate) fn store(key: &str, value: &str) -> Result<(), String> {
    let storage = window()
        .local_storage()
        .ok()
        .flatten()
        .ok_or("this browser’s storage is off")?;
    storage
        .set_item(key, value)
        .map_err(|_| "this browser’s storage is full, or off".to_owned())
}

/// Forgets every value remembered in this browser and in this tab.
pub(crate) fn clear_storage() {
    for storage in [window().local_storage(), window().session_storage()] {
        if let Ok(Some(storage)) = storage {
            // Nothing is there where it is forbidden.
            let _ = storage.clear();
        }
    }
}

/// Opens this page anew.
pub(crate) fn reload() {
    // Refused only where the page is already being left.
    let _ = window().location().reload();
}

thread_local! {
    /// The address that the browser's own buttons led to last.
    static CAME_BACK_TO: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

/// Notes from now on where the browser's Back and Forward lead.
pub(crate) fn note_ways_back() {
    let note = |_: &web_sys::Event| {
        let address = window().location().href().ok();
        CAME_BACK_TO.set(address);
    };
    EventListener::new(&window(), "popstate", note).forget();
}

/// Whether Back or Forward led to the current address; once for each time.
pub(crate) fn take_came_back() -> bool {
    let address = CAME_BACK_TO.take();
    address.is_some() && address == window().location().href().ok()
}

/// The current address's path, query and hash with some query parameters set; an empty value removes one.
#[must_use]
pub(crate) fn address_with_query(pairs: &[(&str, &str)]) -> Option<String> {
    let url = web_sys::Url::new(&window().location().href().ok()?).ok()?;
    let params = url.search_params();
    for (key, value) in pairs {
        if value.is_empty() {
            params.delete(key);
        } else {
            params.set(key, value);
        }
    }
    Some(format!("{}{}{}", url.pathname(), url.search(), url.hash()))
}

/// Milliseconds since the page was opened, for measuring.
#[must_use]
pub(crate) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// The time.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970, whole and exact in f64"
)]
pub(crate) fn now_utc() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

/// Milliseconds of work before the page draws and takes clicks: with what the page does itself, well under a frame.
pub(crate) const SLICE_MS: f64 = 10.0;

/// Long work in slices, so that the page draws and takes clicks in between.
pub(crate) struct Slices {
    began_ms: f64,
}

impl Slices {
    /// The first slice begins now.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { began_ms: now_ms() }
    }

    /// Whether the slice is used up.
    #[must_use]
    pub(crate) fn is_over(&self) -> bool {
        now_ms() - self.began_ms >= SLICE_MS
    }

    /// Gives the page a turn; the next slice begins after it.
    pub(crate) async fn pause(&mut self) {
        gloo_timers::future::TimeoutFuture::new(0).await;
        self.began_ms = now_ms();
    }
}

/// The viewer's zone at an instant, in seconds east of UTC.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "zone offsets are a few hundred minutes; instants in milliseconds are exact in f64"
)]
pub(crate) fn zone_seconds_east(at_unix_seconds: i64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64(at_unix_seconds as f64 * 1e3));
    (-date.get_timezone_offset() * 60.0) as i32
}

/// The viewer's wall clock at a moment of [`now_ms`], `14:05:09`, for the request log.
#[must_use]
pub(crate) fn wall_clock(at_ms: f64) -> String {
    let opened = window().performance().map_or(0.0, |clock| clock.time_origin());
    let at = js_sys::Date::new(&JsValue::from_f64(opened + at_ms));
    format!("{:02}:{:02}:{:02}", at.get_hours(), at.get_minutes(), at.get_seconds())
}

/// Puts a text on the clipboard; `true` when the browser took it. leptos-use's clipboard does not say when it refused.
pub(crate) async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text))
        .await
        .is_ok()
}

/// Waits until the browser has nothing better to do; a moment where it cannot say.
pub(crate) async fn idle() {
    let (wake, woken) = futures::channel::oneshot::channel::<()>();
    let callback = Closure::once_into_js(move || {
        // Whoever waited may be gone.
        let _ = wake.send(());
    });
    let asked = web_sys::window().and_then(|window| {
        // Not every browser has it, and calling what is not there throws.
        let has_it = js_sys::Reflect::has(&window, &JsValue::from_str("requestIdleCallback")).unwrap_or(false);
        has_it
            .then(|| window.request_idle_callback(callback.as_ref().unchecked_ref()).ok())
            .flatten()
    });
    match asked {
        // A callback that is dropped uncalled wakes as well.
        Some(_) => drop(woken.await),
        None => gloo_timers::future::TimeoutFuture::new(1_000).await,
    }
}

/// Offers a text as a file to save.
///
/// # Errors
/// The browser's own words when it refuses to make the file.
pub(crate) fn download_text(name: &str, media_type: &str, text: &str) -> Result<(), String> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).map_err(js_error_message)?;
    download_blob(name, &blob)
}

/// Offers bytes as a file to save.
///
/// # Errors
/// The browser's own words when it refuses to make the file.
pub(crate) fn download_bytes(name: &str, bytes: &[u8]) -> Result<(), String> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(js_error_message)?;
    download_blob(name, &blob)
}

/// A file's bytes.
///
/// # Errors
/// The browser's own words when it can't be read.
pub(crate) async fn read_bytes(file: &web_sys::File) -> Result<Vec<u8>, String> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer())
        .await
        .map_err(js_error_message)?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Offers bytes the browser holds as a file to save.
///
/// # Errors
/// The browser's own words when it refuses.
pub(crate) fn download_blob(name: &str, blob: &web_sys::Blob) -> Result<(), String> {
    let address = web_sys::Url::create_object_url_with_blob(blob).map_err(js_error_message)?;
    let link = document()
        .create_element("a")
        .map_err(js_error_message)?
        .unchecked_into::<web_sys::HtmlAnchorElement>();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The click has started the download by the time the address is let go.
    set_timeout(
        move || {
            let _ = web_sys::Url::revoke_object_url(&address);
        },
        std::time::Duration::from_secs(10),
    );
    Ok(())
}

/// A thrown value in words.
#[must_use]
pub(crate) fn js_error_message(thrown: JsValue) -> String {
    thrown
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| thrown.as_string())
        .unwrap_or_else(|| "the browser gave no reason".to_owned())
}

/// Focuses an element, leaving the scroll position alone.
pub(crate) fn focus(element: &web_sys::HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot take focus keeps the page as it is.
    let _ = element.focus_with_options(&options);
}

/// Focuses the element with an id, if it is on the page.
pub(crate) fn focus_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        focus(&element);
    }
}

/// Brings the element with an id to the top of the screen and focuses it, if it is on the page.
pub(crate) fn show_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view();
    }
    focus_id(id);
}

/// The browser asks a person before it leaves or reloads the page, until the listener is dropped.
pub(crate) fn ask_before_leaving() -> EventListener {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window(), "beforeunload", options, |event| {
        event.prevent_default();
        // Browsers that don't know the first way know this one; the words are their own.
        let _ = js_sys::Reflect::set(event, &"returnValue".into(), &JsValue::TRUE);
    })
}

/// Whether a media query matches now, kept current while the caller's owner lives.
#[must_use]
pub(crate) fn use_media(query: &str) -> Signal<bool> {
    let Ok(Some(list)) = window().match_media(query) else {
        return Signal::stored(false);
    };
    let matches = RwSignal::new(list.matches());
    let changed = list.clone();
    let listener = EventListener::new(&list, "change", move |_| matches.set(changed.matches()));
    StoredValue::new_local(listener);
    matches.into()
}

/// The width in CSS pixels of an element, kept current while the caller's owner lives; 0 until it is on the page.
#[must_use]
pub(crate) fn use_width<E>(node: NodeRef<E>) -> Signal<f64>
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + 'static + AsRef<web_sys::Element>,
{
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let element: &web_sys::Element = element.as_ref();
        let see = move |entry: ResizeObserverEntry| {
            let measured = entry.content_rect().width();
            if width
                .try_get_untracked()
                .is_some_and(|known| (known - measured).abs() >= 1.0)
            {
                width.set(measured);
            }
        };
        let start = |observer: &ResizeObserver| observer.observe(element);
        observe(ResizeObserver::new, start, ResizeObserver::disconnect, see);
    });
    width.into()
}

/// Whether any of an element is on the screen, kept current while the caller's owner lives. It is until the browser says
/// otherwise.
#[must_use]
pub(crate) fn use_on_screen<E>(node: NodeRef<E>) -> Signal<bool>
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + 'static + AsRef<web_sys::Element>,
{
    let is_seen = RwSignal::new(true);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let see = move |entry: IntersectionObserverEntry| {
            is_seen.try_set(entry.is_intersecting());
        };
        let start = |observer: &IntersectionObserver| observer.observe(element.as_ref());
        observe(IntersectionObserver::new, start, IntersectionObserver::disconnect, see);
    });
    is_seen.into()
}

/// Starts an observer and gives `see` its latest entry; it stops with the caller's owner. leptos-use's observers would
/// bring 22 packages, `time` among them.
fn observe<O: 'static, E: JsCast + 'static>(
    new: fn(&js_sys::Function) -> Result<O, JsValue>,
    start: impl FnOnce(&O),
    stop: fn(&O),
    see: impl Fn(E) + 'static,
) {
    let seen = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        // The last one is the latest.
        if let Ok(entry) = entries.pop().dyn_into() {
            see(entry);
        }
    });
    let Ok(observer) = new(seen.as_ref().unchecked_ref()) else {
        return;
    };
    start(&observer);
    let held = StoredValue::new_local((observer, seen));
    on_cleanup(move || {
        held.try_with_value(|(observer, _)| stop(observer));
    });
}

/// Whether this browser holds a database of this name; `None` when it does not say.
pub(crate) async fn has_database(name: &str) -> Option<bool> {
    let get = |from: &JsValue, key: &str| js_sys::Reflect::get(from, &key.into()).ok();
    let factory = get(&window(), "indexedDB")?;
    let databases: js_sys::Function = get(&factory, "databases")?.dyn_into().ok()?;
    let promise: js_sys::Promise = databases.call0(&factory).ok()?.dyn_into().ok()?;
    let held = wasm_bindgen_futures::JsFuture::from(promise).await.ok()?;
    let mut names = js_sys::Array::from(&held)
        .into_iter()
        .filter_map(|held| get(&held, "name"));
    Some(names.any(|held| held.as_string().as_deref() == Some(name)))
}

/// What `index.html` says Poolkeeper is.
pub(crate) fn description() -> Option<String> {
    let found = document().query_selector("meta[name=description]").ok().flatten()?;
    found.get_attribute("content")
}

/// Takes an element out of the page.
pub(crate) fn remove_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// Waits until what has been set up is on the screen.
pub(crate) async fn drawn() {
    let (drawn, is_drawn) = futures::channel::oneshot::channel();
    // The first frame paints it; the second begins when it is painted.
    request_animation_frame(move || {
        request_animation_frame(move || {
            let _ = drawn.send(());
        });
    });
    // A page that is not looked at gets no frames.
    let unseen = gloo_timers::future::TimeoutFuture::new(UNSEEN_MS);
    futures::future::select(is_drawn, unseen).await;
}

/// Marks this moment as `first-view` in the page's timeline, if none was.
pub(crate) fn mark_first_view() {
    const MARK: &str = "first-view";
    if let Some(timeline) = window().performance()
        && timeline.get_entries_by_name(MARK).length() == 0
    {
        // Nothing is lost where it can't be set.
        let _ = timeline.mark(MARK);
    }
}
