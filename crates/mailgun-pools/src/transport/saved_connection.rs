//! A connection in the tab's session storage, if the user chooses to save it.

use super::{ApiKey, BaseUrl};

const SESSION_KEY: &str = "poolkeeper-connection";

/// A connection that session storage has until the tab is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedConnection {
    /// The region's name, as the caller wrote it.
    pub region: String,
    /// The base URL.
    pub base: BaseUrl,
    /// The key.
    pub key: ApiKey,
    /// The subaccount acted for.
    pub acts_for: Option<String>,
}

impl SavedConnection {
    /// Stores it; `false` if the browser has no session storage.
    #[must_use]
    pub fn keep(&self) -> bool {
        let text = serde_json::json!({
            "region": self.region, "base": self.base.as_str(), "key": self.key.secret(), "acts_for": self.acts_for,
        });
        session().is_some_and(|session| session.set_item(SESSION_KEY, &text.to_string()).is_ok())
    }

    /// The stored connection; `None` when there is none or it is not valid.
    #[must_use]
    pub fn load(page_url: &str) -> Option<Self> {
        let text = session()?.get_item(SESSION_KEY).ok().flatten()?;
        let stored: serde_json::Value = serde_json::from_str(&text).ok()?;
        let text = |name: &str| stored.get(name).and_then(|value| value.as_str());
        Some(Self {
            region: text("region")?.to_owned(),
            base: BaseUrl::parse(text("base")?, page_url).ok()?,
            key: ApiKey::new(text("key")?),
            acts_for: text("acts_for").map(str::to_owned),
        })
    }

    /// Removes the stored connection.
    pub fn remove() {
        if let Some(session) = session() {
            // Fails only where storing fails too, so there is nothing to remove.
            let _ = session.remove_item(SESSION_KEY);
        }
    }
}

fn session() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
