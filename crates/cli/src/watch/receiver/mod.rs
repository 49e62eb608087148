//! Who is told: a webhook, Slack, e-mail, a program, or standard output.

mod content;
mod mail;
mod program;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
pub(super) mod recorder;
mod webhook;

pub(super) use content::{MessageBody, MessageContent};
pub(super) use mail::MailServer;
pub(super) use webhook::SecretUrl;

use poolkeeper_watch::QuietHours;
use std::time::Duration;

/// A receiver that has not answered by then has not taken the message, unless the file says another time.
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(15);

/// How a receiver is reached.
#[derive(Clone, Debug)]
pub(super) enum ReceiverKind {
    /// JSON by POST.
    Webhook(SecretUrl),
    /// Slack's incoming webhook, and what understands its shape.
    Slack(SecretUrl),
    /// E-mail.
    Mail(Box<MailServer>),
    /// A program, which reads JSON from its standard input.
    Program(Vec<String>),
    /// Standard output of this program.
    Print,
    #[cfg(test)]
    Recording(std::sync::Arc<recorder::Recorder>),
}

/// A receiver of the file.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub(super) name: String,
    pub(super) kind: ReceiverKind,
    pub(super) quiet: Option<QuietHours>,
    pub(super) timeout: Duration,
}

impl Receiver {
    /// The receiver where there is no file.
    pub(super) fn printing() -> Self {
        Self {
            name: "print".to_owned(),
            kind: ReceiverKind::Print,
            quiet: None,
            timeout: USUAL_TIMEOUT,
        }
    }

    /// Sends a message, and waits for the answer.
    ///
    /// # Errors
    /// What went wrong, in words without an address.
    pub(super) fn send(&self, content: &MessageContent) -> Result<(), String> {
        match &self.kind {
            ReceiverKind::Webhook(url) => url.post(&content.json(), &content.id, self.timeout),
            ReceiverKind::Slack(url) => url.post(&content.slack(), &content.id, self.timeout),
            ReceiverKind::Mail(server) => server.send(content, self.timeout),
            ReceiverKind::Program(words) => program::run(words, &content.json(), &content.id, self.timeout),
            ReceiverKind::Print => content.print(),
            #[cfg(test)]
            ReceiverKind::Recording(recorder) => recorder.send(content),
        }
    }
}
