//! What a message has, in each receiver's shape.

use chrono::{DateTime, Utc};
use poolkeeper_core::text;
use poolkeeper_watch::{Digest, NoticeKind, WatchNotice};
use serde_json::{Value, json};
use std::io::Write;

/// Notices of one Slack message, at most: it has a bound of its own.
const SLACK_LISTED: usize = 20;

/// A message, ready to be sent.
#[derive(Clone, Debug)]
pub(in crate::watch) struct MessageContent {
    /// Its identifier: the same however often it is sent.
    pub(in crate::watch) id: String,
    pub(in crate::watch) at: DateTime<Utc>,
    pub(in crate::watch) body: MessageBody,
}

/// Notices or a digest.
#[derive(Clone, Debug)]
pub(in crate::watch) enum MessageBody {
    Notices(Vec<WatchNotice>),
    Digest(Box<Digest>),
}

impl MessageContent {
    /// One line.
    pub(super) fn subject(&self) -> String {
        match &self.body {
            MessageBody::Digest(digest) => digest.subject(),
            MessageBody::Notices(notices) => match notices.as_slice() {
                [only] => only.title.clone(),
                several => {
                    let kinds = NoticeKind::ALL.into_iter().filter_map(|kind| {
                        let count = several.iter().filter(|notice| notice.kind == kind).count() as u64;
                        (count > 0).then(|| format!("{} {}", text::count(count), text::in_sentence(kind.heading())))
                    });
                    kinds.collect::<Vec<_>>().join(", ")
                }
            },
        }
    }

    pub(super) fn text(&self) -> String {
        match &self.body {
            MessageBody::Digest(digest) => digest.text(),
            MessageBody::Notices(notices) => {
                let each = notices.iter().map(|notice| {
                    let place = notice.subaccount.as_ref();
                    let place = place.map_or_else(String::new, |name| format!(", {name}"));
                    let at = text::instant_utc(notice.at);
                    format!("{}\n  {at}, account {}{place}\n", notice.text(), notice.account)
                });
                each.collect::<Vec<_>>().join("\n")
            }
        }
    }

    pub(super) fn html(&self) -> Option<String> {
        match &self.body {
            MessageBody::Digest(digest) => Some(digest.html()),
            MessageBody::Notices(_) => None,
        }
    }

    /// The JSON of a webhook and of a program.
    pub(super) fn json(&self) -> Value {
        let (notices, digest) = match &self.body {
            MessageBody::Notices(notices) => (json!(notices), Value::Null),
            MessageBody::Digest(digest) => (Value::Null, json!(digest)),
        };
        let all = json!({
            "id": self.id,
            "at": self.at.to_rfc3339(),
            "subject": self.subject(),
            "text": self.text(),
            "notices": notices,
            "digest": digest,
            "html": self.html(),
        });
        match all {
            Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
            other => other,
        }
    }

    /// Slack's shape: a text for notifications, and blocks of text.
    pub(super) fn slack(&self) -> Value {
        let section = |text: &str| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
        let mut blocks = vec![section(&format!("*{}*", slack_text(&self.subject())))];
        match &self.body {
            MessageBody::Digest(digest) => {
                let text = digest.text();
                let rest = text.split_once("\n\n").map_or("", |(_, rest)| rest);
                // A block has at most 3,000 characters.
                let parts = rest
                    .split("\n\n")
                    .map(|part| part.chars().take(2_900).collect::<String>());
                blocks.extend(
                    parts
                        .filter(|part| !part.is_empty())
                        .map(|part| section(&slack_text(&part))),
                );
            }
            MessageBody::Notices(notices) => {
                for notice in notices.iter().take(SLACK_LISTED) {
                    let lines = notice.lines.iter().map(|line| slack_text(line)).collect::<Vec<_>>();
                    let text = format!("*{}*\n{}", slack_text(&notice.title), lines.join("\n"));
                    blocks.push(section(&text.chars().take(2_900).collect::<String>()));
                }
                let more = notices.len().saturating_sub(SLACK_LISTED) as u64;
                if more > 0 {
                    blocks.push(section(&format!("and {} more", text::count(more))));
                }
            }
        }
        json!({ "text": slack_text(&self.subject()), "blocks": blocks })
    }

    pub(super) fn print(&self) -> Result<(), String> {
        let mut out = std::io::stdout().lock();
        let text = poolkeeper_core::model::escape_unprintable(&self.text());
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|error| error.to_string())
    }
}

/// Slack reads `<…>` as links and mentions.
fn slack_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
