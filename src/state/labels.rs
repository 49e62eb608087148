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
        Self(RwSignal::new(read().unwrap_or_default()))
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
        let mut labels = read().map_err(|_| UNREADABLE.to_owned())?;
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

/// What is stored where another version of the app left what this one does not read.
const UNREADABLE: &str = "this browser holds notes of another version of Poolkeeper. Open your own file of notes in Settings to replace them";

fn read() -> Result<Labels, Vec<String>> {
    match browser::local_get(KEY) {
        None => Ok(Labels::default()),
        Some(stored) => Labels::parse_csv(&stored),
    }
}
