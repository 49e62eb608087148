//! A value that is edited before it is taken. What is shown is derived from the edit and the value below it, so no effect
//! has to carry one over to the other.

use leptos::prelude::*;

/// An edit over a value; it ends when that value changes. `Copy`.
pub(crate) struct Draft<T: Send + Sync + 'static> {
    below: Memo<T>,
    /// The value that was edited, and what became of it.
    edit: RwSignal<Option<(T, T)>>,
    shown: Memo<T>,
}

impl<T: Send + Sync + 'static> Clone for Draft<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Draft<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Draft<T> {
    /// Nothing is edited yet.
    #[must_use]
    pub(crate) fn over(below: Memo<T>) -> Self {
        let edit = RwSignal::new(None::<(T, T)>);
        let shown = Memo::new(move |_| {
            below.with(|below| {
                edit.with(|edit| match edit {
                    Some((over, edited)) if over == below => edited.clone(),
                    _ => below.clone(),
                })
            })
        });
        Self { below, edit, shown }
    }

    /// The edit, or the value below where there is none.
    #[must_use]
    pub(crate) const fn shown(&self) -> Memo<T> {
        self.shown
    }

    /// The edit, if there is one. Does not subscribe.
    #[must_use]
    pub(crate) fn edited(&self) -> Option<T> {
        let below = self.below.try_get_untracked()?;
        self.edit.try_with_untracked(|edit| match edit {
            Some((over, edited)) if *over == below => Some(edited.clone()),
            _ => None,
        })?
    }

    /// Edits what is shown. Does nothing once the page is gone, which a late event may outlive.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) {
        if let (Some(below), Some(mut edited)) = (self.below.try_get_untracked(), self.shown.try_get_untracked()) {
            change(&mut edited);
            self.edit.try_set(Some((below, edited)));
        }
    }

    /// Ends the edit.
    pub(crate) fn discard(&self) {
        self.edit.try_set(None);
    }

    /// The value below is about to become this one because of the edit, which then goes on.
    pub(crate) fn carry_over(&self, below: T) {
        // What is shown stays as it is, so nobody is notified.
        self.edit.try_update_untracked(|edit| {
            if let Some((over, _)) = edit {
                *over = below;
            }
        });
    }
}
