//! Files with one row a message, in the shapes that programs write. Each has two messages that were delivered, one that was
//! given up for a hard reason, one for a soft one, one that is tried again, and a complaint.

use crate::imports::{assert_daily, counts, day, read_bytes};
use poolkeeper_core::model::DomainName;
use poolkeeper_ingest::{ImportError, ImportNote, ImportOptions, Imported, Mapping};
use serde_json::{Value, json};

/// 1 April 2026, 08:15:02 UTC: 20,544 days and 29,702 seconds.
const AT: i64 = 20_544 * 86_400 + 29_702;

fn read(text: &str, domain: Option<&str>) -> Result<Imported, ImportError> {
    let options = ImportOptions {
        mapping: Mapping {
            domain: domain.and_then(|name| DomainName::parse(name).ok()),
            ..Mapping::default()
        },
        ..ImportOptions::default()
    };
    read_bytes(text.as_bytes(), &options)
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// Four messages that ended on 1 April: two delivered and two bounced, and one complaint.
fn assert_counted(imported: &Imported, program: &str, uncounted: u64, about: &str) {
    assert_daily(imported, &[("alpha.example", [4, 2, 2, 1])], 1, about);
    assert_eq!(imported.report.rejected.count, 0, "{about}");
    let program = program.to_owned();
    assert!(
        imported
            .report
            .notes
            .contains(&ImportNote::OneMessageARow { program, uncounted }),
        "{about}: {:?}",
        imported.report.notes
    );
}

fn mailgun() -> Vec<Value> {
    let event = |at: i64, event: &str, more: Value| {
        let mut record = json!({
            "event": event, "id": format!("id{at}"), "timestamp": AT + at, "log-level": "info",
            "recipient": "reader@inbox.example", "recipient-domain": "inbox.example",
            "envelope": {"sender": "bounce@alpha.example", "targets": "reader@inbox.example"},
            "message": {"headers": {"from": "News <news@alpha.example>", "message-id": format!("{at}@alpha.example")}},
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut record, more) {
            fields.extend(more);
        }
        record
    };
    vec![
        event(0, "accepted", json!({})),
        event(1, "delivered", json!({})),
        event(2, "delivered", json!({})),
        event(3, "failed", json!({"severity": "permanent", "reason": "bounce"})),
        event(
            4,
            "failed",
            json!({"severity": "permanent", "reason": "old", "flags": {"is-delayed-bounce": false}}),
        ),
        event(5, "failed", json!({"severity": "temporary", "reason": "generic"})),
        event(
            6,
            "failed",
            json!({"severity": "permanent", "reason": "suppress-bounce"}),
        ),
        event(7, "complained", json!({})),
    ]
}

#[test]
fn mailguns_events_and_webhooks() {
    let events = mailgun();
    // Not counted: accepted, a temporary failure, a suppressed message.
    assert_counted(&read(&lines(&events), None).unwrap(), "Mailgun", 3, "lines");
    let answer = json!({"items": events, "paging": {"next": "x"}}).to_string();
    assert_counted(&read(&answer, None).unwrap(), "Mailgun", 3, "answer");
    let webhooks: Vec<_> = mailgun()
        .into_iter()
        .map(|event| json!({"signature": {"token": "x"}, "event-data": event}))
        .collect();
    assert_counted(&read(&lines(&webhooks), None).unwrap(), "Mailgun", 3, "webhooks");
    // The sending domain where an event names it, and not the envelope's.
    let named: Vec<_> = mailgun()
        .into_iter()
        .map(|mut event| {
            event["domain"] = json!({"name": "alpha.example"});
            event["envelope"] = json!({"sender": "x@other.example"});
            event
        })
        .collect();
    assert_counted(&read(&lines(&named), None).unwrap(), "Mailgun", 3, "named");
}

#[test]
fn a_bounce_after_the_delivery_is_counted_on_its_own_day() {
    let mut event = mailgun().remove(3);
    event["flags"] = json!({"is-delayed-bounce": true});
    event["timestamp"] = json!(AT + 86_400);
    let delivered = mailgun().remove(1);
    let imported = read(&lines(&[delivered, event]), None).unwrap();
    assert_eq!(imported.table.get(0, day("2026-04-01")), Some(counts([1, 1, 0, 0])));
    assert_eq!(imported.table.get(0, day("2026-04-02")), Some(counts([0, 0, 1, 0])));
}

#[test]
fn amazons_event_records_alone_and_in_what_carries_them() {
    let mail = |at: u32| json!({"timestamp": "2026-04-01T08:15:02.000Z", "source": "News <news@alpha.example>", "messageId": format!("m{at}")});
    let event = |at: u32, kind: &str, name: &str, part: Value| json!({"eventType": kind, "mail": mail(at), name: part});
    let time = "2026-04-01T08:15:05.000Z";
    let events = [
        event(0, "Send", "send", json!({})),
        event(0, "Delivery", "delivery", json!({"timestamp": time})),
        event(1, "Delivery", "delivery", json!({"timestamp": time})),
        event(
            2,
            "Bounce",
            "bounce",
            json!({"timestamp": time, "bounceType": "Permanent"}),
        ),
        event(
            3,
            "Bounce",
            "bounce",
            json!({"timestamp": time, "bounceType": "Transient"}),
        ),
        event(4, "DeliveryDelay", "deliveryDelay", json!({"timestamp": time})),
        event(0, "Complaint", "complaint", json!({"timestamp": time})),
    ];
    let sns = |event: &Value| json!({"Type": "Notification", "MessageId": "x", "TopicArn": "arn", "Message": event.to_string()});
    let bus = |event: &Value| json!({"version": "0", "id": "x", "detail-type": "Email", "source": "aws.ses", "detail": event});
    for (about, wrap) in [
        ("alone", Box::new(Value::clone) as Box<dyn Fn(&Value) -> Value>),
        ("notification", Box::new(sns)),
        ("bus", Box::new(bus)),
    ] {
        let wrapped: Vec<_> = events.iter().map(wrap).collect();
        assert_counted(&read(&lines(&wrapped), None).unwrap(), "Amazon SES", 2, about);
    }
}

/// Postmark's delivery does not name the sender, so the domain of the file is asked for.
#[test]
fn postmarks_webhooks_and_activity() {
    let webhook = |at: u32, kind: &str, time: &str, more: &str| json!({"RecordType": kind, "MessageID": format!("m{at}"), "ServerID": 23, "Type": more, time: "2026-04-01T08:15:02Z"});
    let events = lines(&[
        webhook(0, "Delivery", "DeliveredAt", ""),
        webhook(1, "Delivery", "DeliveredAt", ""),
        webhook(2, "Bounce", "BouncedAt", "HardBounce"),
        webhook(3, "Bounce", "BouncedAt", "SoftBounce"),
        webhook(4, "Bounce", "BouncedAt", "Transient"),
        webhook(0, "SpamComplaint", "BouncedAt", "SpamComplaint"),
        webhook(0, "Open", "ReceivedAt", ""),
    ]);
    assert_eq!(read(&events, None), Err(ImportError::NoDomainColumn));
    assert_counted(
        &read(&events, Some("alpha.example")).unwrap(),
        "Postmark",
        2,
        "webhooks",
    );
    let row = |at: u32, status: &str| {
        format!("m{at},2026-04-01T08:15:02Z,News <news@alpha.example>,x@inbox.example,{status}\n")
    };
    let rows = [
        "Delivered",
        "Delivered",
        "Bounced",
        "Bounced",
        "Opened",
        "Spam complaint",
    ];
    let rows: String = (0..).zip(rows).map(|(at, status)| row(at, status)).collect();
    let activity = format!("Message ID,Date,From,To,Status\n{rows}");
    assert_counted(&read(&activity, None).unwrap(), "Postmark", 1, "activity");
}

#[test]
fn brevos_logs_and_events() {
    let row = |at: u32, status: &str| {
        format!("{status};2026-04-01 08:15:0{at};Spring;news@alpha.example;x@inbox.example;tag;<m{at}>\n")
    };
    let rows = [
        "Sent",
        "Delivered",
        "Delivered",
        "Hard bounce",
        "Soft bounce",
        "Deferred",
        "Complaint",
        "First opening",
    ];
    let rows: String = (0..).zip(rows).map(|(at, status)| row(at, status)).collect();
    let logs = format!("st_text;ts;sub;frm;email;tag;mid\n{rows}");
    assert_counted(&read(&logs, None).unwrap(), "Brevo", 3, "logs");
    let event = |at: i64, event: &str| {
        json!({"event": event, "email": "x@inbox.example", "id": at, "date": "2026-04-01 10:15:02", "ts_event": AT + at,
            "message-id": format!("<m{at}@alpha.example>"), "sender_email": "news@alpha.example"})
    };
    let words = [
        "request",
        "delivered",
        "delivered",
        "hard_bounce",
        "soft_bounce",
        "deferred",
        "spam",
    ];
    let events: Vec<_> = (0..).zip(words).map(|(at, word)| event(at, word)).collect();
    assert_counted(&read(&lines(&events), None).unwrap(), "Brevo", 2, "webhooks");
}

#[test]
fn events_of_sparkpost_sendgrid_and_unknown_programs() {
    let spark = |at: i64, kind: &str| {
        json!({"msys": {"message_event": {"type": kind, "timestamp": (AT + at).to_string(), "rcpt_to": "x@inbox.example",
            "friendly_from": "news@alpha.example", "message_id": at.to_string()}}})
    };
    let words = [
        "injection",
        "delivery",
        "delivery",
        "bounce",
        "bounce",
        "delay",
        "spam_complaint",
    ];
    let events: Vec<_> = (0..).zip(words).map(|(at, word)| spark(at, word)).collect();
    assert_counted(&read(&lines(&events), None).unwrap(), "SparkPost", 2, "SparkPost");
    let grid = |at: i64, event: &str| json!({"email": "x@inbox.example", "timestamp": AT + at, "event": event, "sg_event_id": at.to_string()});
    let words = [
        "processed",
        "delivered",
        "delivered",
        "bounce",
        "bounce",
        "deferred",
        "dropped",
        "spamreport",
    ];
    let events: Vec<_> = (0..).zip(words).map(|(at, word)| grid(at, word)).collect();
    assert_eq!(read(&lines(&events), None), Err(ImportError::NoDomainColumn));
    assert_counted(
        &read(&lines(&events), Some("alpha.example")).unwrap(),
        "SendGrid",
        3,
        "SendGrid",
    );
    let words = [
        "queued",
        "delivered",
        "Delivered",
        "Hard Bounce",
        "soft-bounce",
        "opened",
        "Complaint",
    ];
    let rows: String = (0..)
        .zip(words)
        .map(|(at, word)| format!("2026-04-01T08:15:0{at}Z,{word},news@alpha.example,m{at}\n"))
        .collect();
    let table = format!("timestamp,event,sender,id\n{rows}");
    assert_counted(&read(&table, None).unwrap(), "", 2, "other");
}

#[test]
fn daily_counts_in_nested_and_named_lists() {
    let day = |at: u32| format!("2026-04-{:02}", at + 1);
    let days = |record: fn(&str) -> Value| (0..3).map(|at| record(&day(at))).collect::<Vec<_>>();
    let brevo = days(
        |day| json!({"date": day, "requests": 400, "delivered": 392, "hardBounces": 5, "softBounces": 3, "spamReports": 0}),
    );
    let sendgrid = days(
        |day| json!({"date": day, "stats": [{"metrics": {"requests": 400, "processed": 400, "delivered": 392, "bounces": 8, "spam_reports": 0}}]}),
    );
    let mailgun = days(|day| {
        json!({"time": format!("{day}T00:00:00Z"), "accepted": {"outgoing": 400, "total": 400}, "delivered": {"total": 392},
            "failed": {"permanent": {"bounce": 8, "total": 9}}, "complained": {"total": 0}})
    });
    for (about, text) in [
        ("Brevo", json!({"reports": brevo}).to_string()),
        ("SendGrid", json!(sendgrid).to_string()),
        (
            "Mailgun",
            json!({"start": "x", "resolution": "day", "stats": mailgun}).to_string(),
        ),
    ] {
        let imported = read(&text, Some("alpha.example")).unwrap();
        assert_daily(&imported, &[("alpha.example", [400, 392, 8, 0])], 3, about);
    }
}
