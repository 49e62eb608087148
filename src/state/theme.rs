//! Light, dark, or as the system has it. leptos-use's colour mode would bring cookies, storage and codecs for one word.

use crate::browser;
use leptos::prelude::*;

const KEY: &str = "poolkeeper.theme";

/// A choice of theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every choice, in the menu's order.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// What the menu calls it.
    #[must_use]
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The theme in use; setting it redraws the page and remembers the choice in this browser.
#[derive(Clone, Copy)]
pub(crate) struct ThemeChoice(RwSignal<Theme>);

impl ThemeChoice {
    /// The remembered choice, applied to the page.
    #[must_use]
    pub(crate) fn remembered() -> Self {
        let word = browser::local_get(KEY).unwrap_or_default();
        let theme = Theme::ALL
            .into_iter()
            .find(|theme| theme.word() == word)
            .unwrap_or_default();
        browser::set_root_attribute("data-theme", theme.word());
        Self(RwSignal::new(theme))
    }

    /// The choice, reactively.
    #[must_use]
    pub(crate) fn get(&self) -> Theme {
        self.0.get()
    }

    /// Takes a choice.
    pub(crate) fn set(&self, theme: Theme) {
        browser::set_root_attribute("data-theme", theme.word());
        browser::local_set(KEY, theme.word());
        self.0.set(theme);
    }
}

/// The app's theme.
#[must_use]
pub(crate) fn use_theme() -> ThemeChoice {
    expect_context()
}
