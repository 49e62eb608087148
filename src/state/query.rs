//! Filters, sorts and tabs live in the address, so that any view can be linked to.

use crate::browser;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use std::rc::Rc;

/// One parameter of the address's query: read as a signal, set by replacing the current history entry.
#[derive(Clone, Copy)]
pub(crate) struct QueryParam {
    key: &'static str,
    value: Memo<String>,
    writer: QueryWriter,
}

impl QueryParam {
    /// The value; empty when the address has none. Reactive.
    #[must_use]
    pub(crate) fn get(&self) -> String {
        self.value.get()
    }

    /// The value, without subscribing.
    #[must_use]
    pub(crate) fn get_untracked(&self) -> String {
        self.value.get_untracked()
    }

    /// The value as a signal, for components that take one.
    #[must_use]
    pub(crate) fn signal(&self) -> Signal<String> {
        self.value.into()
    }

    /// Sets the value; an empty one leaves the address. Call from event handlers, never while rendering.
    pub(crate) fn set(&self, value: &str) {
        self.writer.set(&[(self.key, value)]);
    }
}

/// Goes to an address.
type Navigate = Rc<dyn Fn(&str)>;

/// Sets several parameters at once.
#[derive(Clone, Copy)]
pub(crate) struct QueryWriter(StoredValue<Navigate, LocalStorage>);

impl QueryWriter {
    /// Sets these parameters (an empty value removes one) and keeps the others, replacing the history entry.
    pub(crate) fn set(&self, pairs: &[(&str, &str)]) {
        let Some(address) = browser::address_with_query(pairs) else {
            return;
        };
        // The page may be gone by the time a late event arrives.
        self.0.try_with_value(|go| go(&address));
    }
}

/// A parameter of the current page's address.
#[must_use]
pub(crate) fn use_query_param(key: &'static str) -> QueryParam {
    let map = use_query_map();
    QueryParam {
        key,
        value: Memo::new(move |_| map.with(|map| map.get(key).unwrap_or_default())),
        writer: use_query_writer(),
    }
}

/// A writer for several parameters of the current page's address.
#[must_use]
pub(crate) fn use_query_writer() -> QueryWriter {
    let navigate = use_navigate();
    QueryWriter(StoredValue::new_local(Rc::new(move |address: &str| {
        let options = NavigateOptions {
            resolve: false,
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(address, options);
    })))
}
