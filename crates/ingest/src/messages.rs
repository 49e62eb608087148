//! Files with one row a message: how each row counts.
//!
//! A row counts on its own day, for the domain of its sender:
//!
//! - A delivered message is processed and delivered.
//! - A message that was given up, for a hard or a soft reason, is processed and bounced.
//! - A bounce that arrives after the delivery is bounced only, because the message was counted before.
//! - A complaint is complained only.
//! - Receptions, deferrals and everything else are not counted, because another row says how the message ended.

/// A format with one row a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MessageFormat {
    /// Mandrill's activity export, by its `Status`.
    Mandrill,
    /// PowerMTA's accounting file, by its `type`.
    PowerMta,
    /// KumoMTA's log, by its `type`.
    KumoMta,
}

const DELIVERED: [u32; 4] = [1, 1, 0, 0];
const BOUNCED: [u32; 4] = [1, 0, 1, 0];
const BOUNCED_LATER: [u32; 4] = [0, 0, 1, 0];
const COMPLAINED: [u32; 4] = [0, 0, 0, 1];

impl MessageFormat {
    /// What a row adds to processed, delivered, bounced and complained; `None` if it is not counted.
    pub(super) fn counts(self, event: &str) -> Option<[u32; 4]> {
        let event = event.trim().to_ascii_lowercase();
        match (self, event.as_str()) {
            (Self::Mandrill, "sent" | "delivered") | (Self::PowerMta, "d") | (Self::KumoMta, "delivery") => {
                Some(DELIVERED)
            }
            (Self::Mandrill, "bounced" | "hard-bounced" | "soft-bounced")
            | (Self::PowerMta, "b")
            | (Self::KumoMta, "bounce" | "adminbounce" | "expiration") => Some(BOUNCED),
            (Self::PowerMta, "rb") | (Self::KumoMta, "oob") => Some(BOUNCED_LATER),
            (Self::PowerMta, "f") | (Self::KumoMta, "feedback") => Some(COMPLAINED),
            // Mandrill has one row for the message and its complaint.
            (Self::Mandrill, "spam" | "complained") => Some([1, 1, 0, 1]),
            _ => None,
        }
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
        ] {
            assert_eq!(format.counts(event), counts, "{format:?}: {event}");
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
