//! What keeps a record of a change while it is sent.

use crate::record::ItemAnswer;
use futures::future::LocalBoxFuture;

/// Told of each step of a change, by its place from 0.
pub trait SendRecorder {
    /// A step is about to be sent, for the first time or again. Where this fails, it is not sent, and the change stops; the
    /// error is for people.
    fn sending(&self, place: usize) -> LocalBoxFuture<'_, Result<(), String>>;

    /// A step has an outcome. What can't be stored now shows with the next step.
    fn answered(&self, place: usize, answer: ItemAnswer) -> LocalBoxFuture<'_, ()>;
}

/// Keeps nothing.
pub struct NoRecorder;

impl SendRecorder for NoRecorder {
    fn sending(&self, _: usize) -> LocalBoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn answered(&self, _: usize, _: ItemAnswer) -> LocalBoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
