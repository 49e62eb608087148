//! Work that was stopped or broke off, until it goes on. Its type is not named here: what it is made of is downloaded with
//! whatever does it.

use leptos::prelude::*;
use std::any::Any;

/// A place for one piece of work. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct HaltedWork(StoredValue<Option<Box<dyn Any>>, LocalStorage>);

impl HaltedWork {
    /// None.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self(StoredValue::new_local(None))
    }

    /// Keeps a piece in place of any other.
    pub(crate) fn put(&self, work: impl Any) {
        self.0.try_update_value(|kept| *kept = Some(Box::new(work)));
    }

    /// Takes the piece out, if it is of this kind.
    #[must_use]
    pub(crate) fn take<T: Any>(&self) -> Option<T> {
        let kept = self.0.try_update_value(Option::take).flatten()?;
        kept.downcast().ok().map(|work| *work)
    }

    /// A copy of the piece, if it is of this kind.
    #[must_use]
    pub(crate) fn get<T: Any + Clone>(&self) -> Option<T> {
        let copy = |kept: &Option<Box<dyn Any>>| kept.as_ref()?.downcast_ref::<T>().cloned();
        self.0.try_with_value(copy).flatten()
    }

    /// Drops it.
    pub(crate) fn clear(&self) {
        self.0.try_update_value(Option::take);
    }
}
