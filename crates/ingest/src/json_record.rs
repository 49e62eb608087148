//! Records of JSON: what wraps them, and their fields as texts.

use serde_json::{Map, Value};

/// Objects inside objects that are looked into.
const MAX_DEPTH: usize = 4;

/// Takes a record out of what services wrap around it: Mailgun's webhooks, SparkPost's events, and events that Amazon sends
/// through its queues and buses.
pub(super) fn unwrap_record(record: Value) -> Value {
    let mut record = record;
    for _ in 0..MAX_DEPTH {
        let Value::Object(fields) = &mut record else {
            return record;
        };
        let inner = if fields.contains_key("event-data") {
            fields.remove("event-data")
        } else if fields.contains_key("detail-type") && matches!(fields.get("detail"), Some(Value::Object(_))) {
            fields.remove("detail")
        } else if fields.len() == 1 && fields.contains_key("msys") {
            let events = fields.remove("msys");
            events.and_then(only_value)
        } else if fields.get("Type").and_then(Value::as_str) == Some("Notification") {
            let message = fields.get("Message").and_then(Value::as_str);
            message.and_then(|message| serde_json::from_str(message).ok())
        } else {
            None
        };
        match inner {
            Some(inner @ Value::Object(_)) => record = inner,
            _ => return record,
        }
    }
    record
}

/// The value of an object that has only one.
fn only_value(object: Value) -> Option<Value> {
    match object {
        Value::Object(fields) if fields.len() == 1 => fields.into_iter().next().map(|(_, value)| value),
        _ => None,
    }
}

/// A record's fields as texts. The name of a field inside an object is led by the object's and a dot. Those of Mailgun's
/// metrics are in lists of dimensions and metrics.
pub(super) fn flatten(record: Value) -> Vec<(String, String)> {
    let Value::Object(mut record) = record else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    if let (Some(Value::Array(dimensions)), Some(Value::Object(_))) = (record.get("dimensions"), record.get("metrics"))
    {
        for dimension in dimensions {
            let text = |key: &str| dimension.get(key).and_then(Value::as_str).map(str::to_owned);
            if let (Some(name), Some(value)) = (text("dimension"), text("value")) {
                fields.push((name, value));
            }
        }
        if let Some(Value::Object(metrics)) = record.remove("metrics") {
            add_fields(&mut fields, "", metrics, MAX_DEPTH);
        }
        return fields;
    }
    add_fields(&mut fields, "", record, MAX_DEPTH);
    fields
}

fn add_fields(fields: &mut Vec<(String, String)>, before: &str, object: Map<String, Value>, depth: usize) {
    for (name, value) in object {
        let name = if before.is_empty() {
            name
        } else {
            format!("{before}.{name}")
        };
        match scalar(&value) {
            Some(text) => fields.push((name, text)),
            None => {
                // A list of one object, such as `SendGrid`'s statistics without categories.
                let value = match value {
                    Value::Array(mut list) if list.len() == 1 => list.pop().unwrap_or_default(),
                    value => value,
                };
                if let (Value::Object(inner), Some(depth)) = (value, depth.checked_sub(1)) {
                    let is_wrapper = matches!(name.as_str(), "stats" | "metrics");
                    add_fields(fields, if is_wrapper { "" } else { &name }, inner, depth);
                }
            }
        }
    }
}

/// The text of the field that a path leads to; `None` if it is missing, empty, a list or an object.
pub(super) fn look_up(record: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(record, |at, name| at.get(name));
    scalar(found?).filter(|text| !text.is_empty())
}

/// A value as text; `None` for lists and objects.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_are_taken_out_of_what_wraps_them() {
        let record = json!({"event": "delivered"});
        for wrapped in [
            json!({"signature": {}, "event-data": record}),
            json!({"msys": {"message_event": record}}),
            json!({"detail-type": "Email Delivered", "detail": record}),
            json!({"Type": "Notification", "Message": record.to_string()}),
            json!({"Type": "Notification", "Message": json!({"detail-type": "x", "detail": record}).to_string()}),
            record.clone(),
        ] {
            assert_eq!(unwrap_record(wrapped.clone()), record, "{wrapped}");
        }
        for other in [json!({"Type": "Notification", "Message": "hello"}), json!([1])] {
            assert_eq!(unwrap_record(other.clone()), other);
        }
        // A service tries a webhook with no event in it: a record without fields, which is an empty row.
        assert_eq!(unwrap_record(json!({"msys": {}})), json!({}));
    }

    #[test]
    fn fields_are_flat_and_found_by_their_path() {
        let record = json!({"a": 1, "b": {"c": {"d": null}}, "e": [1, 2], "stats": [{"metrics": {"bounces": 8}}]});
        let expected = [("a", "1"), ("b.c.d", ""), ("bounces", "8")];
        assert_eq!(
            flatten(record.clone()),
            expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
        );
        assert_eq!(look_up(&record, "a").as_deref(), Some("1"));
        assert_eq!(look_up(&record, "b.c.d"), None);
        assert_eq!(look_up(&record, "b.x"), None);
    }
}
