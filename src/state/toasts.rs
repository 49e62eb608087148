//! Short messages about what just happened.

use leptos::prelude::*;
use std::rc::Rc;

/// How a toast is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToastTone {
    /// It worked.
    Done,
    /// Something to know.
    Note,
    /// It did not work.
    Failed,
}

/// One message.
#[derive(Clone)]
pub(crate) struct Toast {
    /// Its number, unique in this tab.
    pub(crate) id: u64,
    /// How it is meant.
    pub(crate) tone: ToastTone,
    /// What happened, one sentence.
    pub(crate) text: String,
    /// Takes it back, where that can be done.
    pub(crate) undo: Option<Rc<dyn Fn()>>,
}

/// The messages on screen, newest last.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>, LocalStorage>,
    next: StoredValue<u64>,
}

impl Toasts {
    /// No messages.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            shown: RwSignal::new_local(Vec::new()),
            next: StoredValue::new(0),
        }
    }

    /// Says that something worked.
    pub(crate) fn done(&self, text: impl Into<String>) {
        self.push(ToastTone::Done, text.into(), None);
    }

    /// Says that something worked and offers to take it back.
    pub(crate) fn done_with_undo(&self, text: impl Into<String>, undo: Rc<dyn Fn()>) {
        self.push(ToastTone::Done, text.into(), Some(undo));
    }

    /// Says something worth knowing.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.push(ToastTone::Note, text.into(), None);
    }

    /// Says that something failed; stays until dismissed.
    pub(crate) fn failed(&self, text: impl Into<String>) {
        self.push(ToastTone::Failed, text.into(), None);
    }

    /// Takes a message off the screen.
    pub(crate) fn dismiss(&self, id: u64) {
        self.shown.update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// The messages' numbers, reactively.
    #[must_use]
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.shown.with(|toasts| toasts.iter().map(|toast| toast.id).collect())
    }

    /// A message by its number, not reactively.
    #[must_use]
    pub(crate) fn get(&self, id: u64) -> Option<Toast> {
        self.shown
            .with_untracked(|toasts| toasts.iter().find(|toast| toast.id == id).cloned())
    }

    fn push(&self, tone: ToastTone, text: String, undo: Option<Rc<dyn Fn()>>) {
        const MOST_SHOWN: usize = 4;
        let Some(id) = self.next.try_update_value(|next| {
            *next += 1;
            *next
        }) else {
            return;
        };
        let stay_ms = if undo.is_some() { 60_000 } else { 6_000 };
        self.shown.update(|toasts| {
            toasts.push(Toast { id, tone, text, undo });
            let surplus = toasts.len().saturating_sub(MOST_SHOWN);
            toasts.drain(..surplus);
        });
        if tone != ToastTone::Failed {
            let toasts = *self;
            set_timeout(move || toasts.dismiss(id), std::time::Duration::from_millis(stay_ms));
        }
    }
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

/// The app's toasts.
#[must_use]
pub(crate) fn use_toasts() -> Toasts {
    expect_context()
}
