//! A receiver of the tests.

use super::content::MessageContent;
use std::sync::Mutex;

/// How it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::watch) enum RecorderAnswer {
    #[default]
    Takes,
    Refuses,
    /// It takes the message, and its answer is lost.
    TakesInSilence,
}

/// Keeps what it took.
#[derive(Debug, Default)]
pub(in crate::watch) struct Recorder {
    pub(in crate::watch) answer: Mutex<RecorderAnswer>,
    pub(in crate::watch) taken: Mutex<Vec<MessageContent>>,
}

impl Recorder {
    pub(super) fn send(&self, content: &MessageContent) -> Result<(), String> {
        let answer = *self.answer.lock().unwrap();
        if answer != RecorderAnswer::Refuses {
            self.taken.lock().unwrap().push(content.clone());
        }
        match answer {
            RecorderAnswer::Takes => Ok(()),
            _ => Err("it answered 500".to_owned()),
        }
    }

    pub(in crate::watch) fn set(&self, answer: RecorderAnswer) {
        *self.answer.lock().unwrap() = answer;
    }
}
