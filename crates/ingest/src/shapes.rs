//! Files with one row a message: which program wrote a file, and where its events have what is needed.

use super::columns::normal_name;
use super::messages::MessageFormat;

/// Names of a field, the preferred one first. In JSON a dot leads into an object; in a CSV it may be any mark.
type FieldNames = &'static [&'static str];

/// How a program writes an event.
#[derive(Debug)]
pub(super) struct MessageShape {
    pub(super) format: MessageFormat,
    /// Fields that tell this program from others. Each must be there, by one of its names.
    signs: &'static [FieldNames],
    pub(super) date: FieldNames,
    /// Empty if not every event names the sender.
    pub(super) sender: FieldNames,
    pub(super) event: FieldNames,
    /// What else decides how an event counts.
    pub(super) details: [FieldNames; 3],
}

const SENDERS: FieldNames = &[
    "sending_domain",
    "from_domain",
    "domain",
    "sender",
    "from",
    "from_email",
    "sender_email",
];

/// The programs. One whose signs are a part of another's comes later.
const SHAPES: &[MessageShape] = &[
    MessageShape {
        format: MessageFormat::PowerMta,
        signs: &[&["timelogged"], &["orig"], &["type"]],
        date: &["timeLogged"],
        sender: &["orig"],
        event: &["type"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::AmazonSes,
        signs: &[&["eventtype", "notificationtype"], &["mail_source"]],
        date: &[
            "bounce.timestamp",
            "complaint.timestamp",
            "delivery.timestamp",
            "mail.timestamp",
        ],
        sender: &["mail.source"],
        event: &["eventType", "notificationType"],
        details: [&["bounce.bounceType"], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::SparkPost,
        signs: &[
            &["type"],
            &["rcpt_to", "raw_rcpt_to"],
            &["sending_domain", "friendly_from", "msg_from"],
        ],
        date: &["timestamp"],
        sender: &["sending_domain", "friendly_from", "msg_from"],
        event: &["type"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::KumoMta,
        signs: &[&["type"], &["recipient"], &["sender"], &["timestamp"]],
        date: &["timestamp"],
        sender: &["sender"],
        event: &["type"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::SendGrid,
        signs: &[&["event"], &["sg_event_id", "sg_message_id", "recv_message_id"]],
        date: &["timestamp", "processed"],
        sender: &[],
        event: &["event"],
        details: [&["type"], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Mailgun,
        signs: &[
            &["event"],
            &["recipient", "envelope_targets", "message_headers_to"],
            &[
                "domain_name",
                "domain",
                "envelope_sender",
                "message_headers_from",
                "sender",
            ],
            &["timestamp", "@timestamp", "time", "date"],
            &[
                "log_level",
                "severity",
                "recipient_domain",
                "domain_name",
                "envelope_sender",
            ],
        ],
        date: &["timestamp", "@timestamp", "time", "date"],
        sender: &[
            "domain.name",
            "domain",
            "envelope.sender",
            "message.headers.from",
            "sender",
        ],
        event: &["event"],
        details: [&["severity"], &["reason"], &["flags.is-delayed-bounce"]],
    },
    MessageShape {
        format: MessageFormat::Postmark,
        signs: &[&["recordtype"], &["messageid"]],
        date: &["DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"],
        sender: &[],
        event: &["RecordType"],
        details: [&["Type"], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Postmark,
        signs: &[
            &["message_id", "messageid"],
            &["status", "event"],
            &["from"],
            &["to", "recipient"],
        ],
        date: &["date", "timestamp", "time", "received_at", "receivedat", "sent_at"],
        sender: &["from"],
        event: &["status", "event"],
        details: [&["bounce_type", "type"], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Brevo,
        signs: &[&["st_text"], &["frm"], &["ts"]],
        date: &["ts"],
        sender: &["frm"],
        event: &["st_text"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Brevo,
        signs: &[
            &["event"],
            &["message_id", "messageid"],
            &["from", "sender", "sender_email"],
            &["email", "recipient"],
        ],
        date: &["ts_event", "ts", "date", "time"],
        sender: &["from", "sender", "sender_email"],
        event: &["event"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Brevo,
        signs: &[&["event"], &["message_id", "messageid"], &["email"]],
        date: &["ts_event", "ts", "date"],
        sender: &[],
        event: &["event"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Mandrill,
        signs: &[&["email_address"], &["sender"], &["status"], &["date"]],
        date: &["date"],
        sender: &["sender"],
        event: &["status"],
        details: [&[], &[], &[]],
    },
    MessageShape {
        format: MessageFormat::Other,
        signs: &[
            &["event", "event_type", "eventtype"],
            SENDERS,
            &["date", "time", "timestamp", "ts", "datetime", "event_time"],
        ],
        date: &["event_time", "timestamp", "date", "time", "datetime", "ts"],
        sender: SENDERS,
        event: &["event", "event_type", "eventType", "Event"],
        details: [&["severity", "bounce_type"], &["reason"], &[]],
    },
];

/// The program that wrote a file with these columns or fields.
pub(super) fn find_shape(names: &[String]) -> Option<&'static MessageShape> {
    let names: Vec<String> = names.iter().map(|name| normal_name(name)).collect();
    let has = |sign: &FieldNames| sign.iter().any(|name| names.iter().any(|named| named == name));
    SHAPES.iter().find(|shape| shape.signs.iter().all(has))
}

/// The position of the first of a field's names that a CSV has.
pub(super) fn position(names: &[String], field: FieldNames) -> Option<usize> {
    let at = |name: &&str| {
        let name = normal_name(name);
        names.iter().position(|named| normal_name(named) == name)
    };
    field.iter().find_map(at)
}
