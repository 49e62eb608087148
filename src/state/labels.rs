//! What a person noted about domains, kept in this browser for every account.

use crate::browser;
use leptos::prelude::*;
use poolkeeper_core::model::DomainName;
use poolkeeper_view::labels::{Label, Labels};

const KEY: &str = "poolkeeper.labels";

/// The labels. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct LabelStore(RwSignal<Labels>);

impl LabelStore {
    /// Those that this browser holds.
    #[must_use]
    pub(crate) fn stored() -> Self {
        Self(RwSignal::new(read()))
    }

    /// Looks at them. Reactive.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&Labels) -> R) -> R {
        self.0.with(look)
    }

    /// All of them. Reactive.
    #[must_use]
    pub(crate) fn get(&self) -> Labels {
        self.0.get()
    }

    /// Notes something about a domain, beside what another tab may have noted.
    ///
    /// # Errors
    /// What the browser says where it does not store it; nothing is changed then.
    pub(crate) fn set(&self, domain: &DomainName, label: Label) -> Result<(), String> {
        let mut labels = read();
        labels.set(domain, label);
        self.replace(labels)
    }

    /// Puts other labels in place of these.
    ///
    /// # Errors
    /// What the browser says where it does not store them; nothing is changed then.
    pub(crate) fn replace(&self, labels: Labels) -> Result<(), String> {
        browser::store(KEY, &labels.csv())?;
        self.0.set(labels);
        Ok(())
    }
}

/// What does not read, as another version may have left it, counts as nothing noted; it is overwritten only by a person's change.
fn read() -> Labels {
    let stored = browser::local_get(KEY).unwrap_or_default();
    Labels::parse_csv(&stored).unwrap_or_default()
}
