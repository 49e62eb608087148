//! Files with one row a message: how each row counts.
//!
//! A row counts on its own day, for the domain of its sender:
//!
//! - A delivered message is processed and delivered.
//! - A message that was given up, for a hard or a soft reason, is processed and bounced.
//! - A bounce that arrives after the delivery is bounced only, because the message was counted before.
//! - A complaint is complained only.
//! - Receptions, deferrals and everything else are not counted, because another row says how the message ended.

use super::columns::normal_name;

/// A format with one row a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MessageFormat {
    /// Mandrill's activity export, by its `Status`.
    Mandrill,
    /// PowerMTA's accounting file, by its `type`.
    PowerMta,
    /// KumoMTA's log, by its `type`.
    KumoMta,
    /// Mailgun's events, logs and webhooks, by `event`, `severity` and `reason`.
    Mailgun,
    /// Amazon SES's event records, by `eventType`.
    AmazonSes,
    /// SparkPost's events, by `type`.
    SparkPost,
    /// `SendGrid`'s events, by `event`.
    SendGrid,
    /// Postmark's webhooks and activity, by `RecordType` and `Type`, or by `Status`.
    Postmark,
    /// Brevo's events and logs, by `event`.
    Brevo,
    /// Events of a program that is not known, by common words.
    Other,
}

const DELIVERED: [u32; 4] = [1, 1, 0, 0];
const BOUNCED: [u32; 4] = [1, 0, 1, 0];
const BOUNCED_LATER: [u32; 4] = [0, 0, 1, 0];
const COMPLAINED: [u32; 4] = [0, 0, 0, 1];

/// Kinds of Postmark's bounces after which a message is still on its way, or was never sent or lost.
const POSTMARK_NO_BOUNCES: [&str; 9] = [
    "transient",
    "autoresponder",
    "addresschange",
    "subscribe",
    "unsubscribe",
    "challengeverification",
    "openrelaytest",
    "inbounderror",
    "smtpapierror",
];

impl MessageFormat {
    /// The program's name; empty if it is not known.
    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Mandrill => "Mandrill",
            Self::PowerMta => "PowerMTA",
            Self::KumoMta => "KumoMTA",
            Self::Mailgun => "Mailgun",
            Self::AmazonSes => "Amazon SES",
            Self::SparkPost => "SparkPost",
            Self::SendGrid => "SendGrid",
            Self::Postmark => "Postmark",
            Self::Brevo => "Brevo",
            Self::Other => "",
        }
    }

    /// What a row adds to processed, delivered, bounced and complained; `None` if it is not counted.
    pub(super) fn counts(self, event: &str, details: [&str; 3]) -> Option<[u32; 4]> {
        let event = normal_name(event);
        let [detail, reason, is_delayed] = details;
        match (self, event.as_str()) {
            (Self::PowerMta, "d") => Some(DELIVERED),
            (Self::PowerMta, "b") | (Self::KumoMta, "adminbounce" | "expiration") => Some(BOUNCED),
            (Self::PowerMta, "rb") => Some(BOUNCED_LATER),
            (Self::PowerMta, "f") => Some(COMPLAINED),
            (Self::PowerMta, _) => None,
            // Mandrill has one row for the message and its complaint.
            (Self::Mandrill, "sent") => Some(DELIVERED),
            (Self::Mandrill, "spam" | "complained") => Some([1, 1, 0, 1]),
            (Self::Mailgun | Self::Other, "failed") => failed(detail, reason, is_delayed),
            (Self::Postmark, "bounce" | "bounced") if POSTMARK_NO_BOUNCES.contains(&normal_name(detail).as_str()) => {
                None
            }
            (Self::Postmark, "bounce") if normal_name(detail) == "spamcomplaint" => Some(COMPLAINED),
            (_, event) => common_counts(event),
        }
    }
}

/// What Mailgun's `failed` adds: nothing while it is tried again, or if it was never tried.
fn failed(severity: &str, reason: &str, is_delayed: &str) -> Option<[u32; 4]> {
    if !severity.eq_ignore_ascii_case("permanent") || reason.starts_with("suppress-") {
        return None;
    }
    let is_delayed = is_delayed.eq_ignore_ascii_case("true");
    Some(if is_delayed { BOUNCED_LATER } else { BOUNCED })
}

/// What an event adds by the words that most programs use.
fn common_counts(event: &str) -> Option<[u32; 4]> {
    match event {
        "delivered" | "delivery" => Some(DELIVERED),
        "bounce" | "bounced" | "bounces" | "hard_bounce" | "hard_bounced" | "hard_bounces" | "hardbounce"
        | "hardbounces" | "soft_bounce" | "soft_bounced" | "soft_bounces" | "softbounce" | "softbounces" => {
            Some(BOUNCED)
        }
        "oob" | "out_of_band" => Some(BOUNCED_LATER),
        "complaint" | "complained" | "spam" | "spam_report" | "spamreport" | "spam_complaint" | "spamcomplaint"
        | "marked_as_spam" | "abuse" | "feedback" => Some(COMPLAINED),
        _ => None,
    }
}

/// What a row of one metric adds; `None` if the metric is not read. The names are those of Amazon SES.
pub(super) fn metric_counts(metric: &str, value: u32) -> Option<[u32; 4]> {
    let metric = metric.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    match metric.as_str() {
        "send" | "sends" | "sent" | "processed" => Some([value, 0, 0, 0]),
        "delivery" | "deliveries" | "delivered" => Some([0, value, 0, 0]),
        "permanent_bounce" | "transient_bounce" | "undetermined_bounce" | "bounce" | "bounces" | "bounced" => {
            Some([0, 0, value, 0])
        }
        "complaint" | "complaints" | "complained" => Some([0, 0, 0, value]),
        _ => None,
    }
}

/// The domain of an address such as `News <news@a.example>`; other text as it is.
pub(super) fn domain_of_address(cell: &[u8]) -> &[u8] {
    let Some(at) = memchr::memrchr(b'@', cell) else {
        return cell;
    };
    let domain = cell.get(at + 1..).unwrap_or_default();
    domain.strip_suffix(b">").unwrap_or(domain).trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_counts_by_the_rule() {
        for (format, event, counts) in [
            (MessageFormat::Mandrill, "sent", Some([1, 1, 0, 0])),
            (MessageFormat::Mandrill, "spam", Some([1, 1, 0, 1])),
            (MessageFormat::Mandrill, "Soft-Bounced", Some([1, 0, 1, 0])),
            (MessageFormat::Mandrill, "rejected", None),
            (MessageFormat::PowerMta, "d", Some([1, 1, 0, 0])),
            (MessageFormat::PowerMta, "t", None),
            (MessageFormat::PowerMta, "rb", Some([0, 0, 1, 0])),
            (MessageFormat::PowerMta, "f", Some([0, 0, 0, 1])),
            (MessageFormat::KumoMta, "Reception", None),
            (MessageFormat::KumoMta, "TransientFailure", None),
            (MessageFormat::KumoMta, "Expiration", Some([1, 0, 1, 0])),
            (MessageFormat::KumoMta, "OOB", Some([0, 0, 1, 0])),
            (MessageFormat::KumoMta, "AdminBounce", Some([1, 0, 1, 0])),
            (MessageFormat::Mailgun, "accepted", None),
            (MessageFormat::Mailgun, "delivered", Some([1, 1, 0, 0])),
            (MessageFormat::Mailgun, "complained", Some([0, 0, 0, 1])),
            (MessageFormat::AmazonSes, "Send", None),
            (MessageFormat::AmazonSes, "Delivery", Some([1, 1, 0, 0])),
            (MessageFormat::AmazonSes, "Reject", None),
            (MessageFormat::SparkPost, "injection", None),
            (MessageFormat::SparkPost, "out_of_band", Some([0, 0, 1, 0])),
            (MessageFormat::SendGrid, "spamreport", Some([0, 0, 0, 1])),
            (MessageFormat::SendGrid, "dropped", None),
            (MessageFormat::Postmark, "SpamComplaint", Some([0, 0, 0, 1])),
            (MessageFormat::Brevo, "Soft bounce", Some([1, 0, 1, 0])),
            (MessageFormat::Brevo, "request", None),
        ] {
            assert_eq!(format.counts(event, [""; 3]), counts, "{format:?}: {event}");
        }
        for (format, event, details, counts) in [
            (
                MessageFormat::Mailgun,
                "failed",
                ["permanent", "bounce", "false"],
                Some([1, 0, 1, 0]),
            ),
            (
                MessageFormat::Mailgun,
                "failed",
                ["permanent", "bounce", "true"],
                Some([0, 0, 1, 0]),
            ),
            (
                MessageFormat::Mailgun,
                "failed",
                ["permanent", "suppress-bounce", ""],
                None,
            ),
            (MessageFormat::Mailgun, "failed", ["temporary", "generic", ""], None),
            (
                MessageFormat::Postmark,
                "Bounce",
                ["HardBounce", "", ""],
                Some([1, 0, 1, 0]),
            ),
            (MessageFormat::Postmark, "Bounce", ["Transient", "", ""], None),
            (
                MessageFormat::Postmark,
                "Bounce",
                ["SpamComplaint", "", ""],
                Some([0, 0, 0, 1]),
            ),
        ] {
            assert_eq!(format.counts(event, details), counts, "{format:?}: {event} {details:?}");
        }
        assert_eq!(metric_counts("TRANSIENT_BOUNCE", 7), Some([0, 0, 7, 0]));
        assert_eq!(metric_counts("OPEN", 7), None);
    }

    #[test]
    fn addresses_have_a_domain() {
        assert_eq!(domain_of_address(b"news@a.example"), b"a.example");
        assert_eq!(domain_of_address(b"News <news@a.example>"), b"a.example");
        assert_eq!(domain_of_address(b"a.example"), b"a.example");
    }
}
