//! Why the browser keeps nothing, or not the last of it.

use thiserror::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why the browser keeps nothing, or not the last of it. The app works on all the same; its text says what that means.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum StorageError {
    /// No storage for this page: a private window, or switched off.
    #[error("This browser cannot store data for this page ({0}). A reload starts over; save a file to keep your data.")]
    Unavailable(String),
    /// No room.
    #[error("Browser storage is full. Save the simulator as a file, or free some space.")]
    Full,
    /// A newer version of the app has changed the store itself.
    #[error("A newer version of this app stores its data here. Reload to use it; this page does not save changes.")]
    Newer,
    /// It did not answer.
    #[error(
        "This browser's storage did not answer within {0} s. A reload tries again; until then this page does not save changes."
    )]
    Silent(u32),
    /// Anything else, in the browser's words.
    #[error("This browser could not store it: {0}")]
    Failed(String),
}

impl StorageError {
    /// Reads a thrown value.
    pub(super) fn of_thrown(thrown: &JsValue) -> Self {
        match thrown.dyn_ref::<DomException>() {
            Some(exception) => Self::of_exception(exception),
            None => Self::Failed(super::super::browser::js_error_message(thrown.clone())),
        }
    }

    pub(super) fn of_exception(exception: &DomException) -> Self {
        let words = || match exception.message() {
            message if message.is_empty() => exception.name(),
            message => message,
        };
        match exception.name().as_str() {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Newer,
            "SecurityError" | "NotAllowedError" | "UnknownError" | "NotSupportedError" => Self::Unavailable(words()),
            _ => Self::Failed(words()),
        }
    }
}

impl From<idb::Error> for StorageError {
    fn from(error: idb::Error) -> Self {
        use idb::Error as E;
        match &error {
            E::DomException(exception) => Self::of_exception(exception),
            E::IndexedDbNotFound(_) => Self::Unavailable("it has no IndexedDB".to_owned()),
            E::IndexedDbOpenFailed(thrown) => match Self::of_thrown(thrown) {
                Self::Failed(words) => Self::Unavailable(words),
                other => other,
            },
            E::TransactionOpenFailed(thrown)
            | E::UpdateFailed(thrown)
            | E::DeleteFailed(thrown)
            | E::GetFailed(thrown)
            | E::GetAllFailed(thrown)
            | E::GetAllKeysFailed(thrown)
            | E::ObjectStoreCreateFailed(thrown)
            | E::ObjectStoreNotFound(thrown) => Self::of_thrown(thrown),
            other => Self::Failed(other.to_string()),
        }
    }
}
