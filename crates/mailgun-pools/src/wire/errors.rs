//! The shapes of error bodies.

use crate::transport::Body;
use serde_json::{Map, Value, json};

/// An error's body, decoded from any known shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The service's message, if any; for a web page its title.
    pub message: Option<String>,
    /// The invalid field, if the body names one.
    pub field: Option<String>,
    /// The value of that field.
    pub value: Option<String>,
    /// Whether the body is a web page, so it is from a gateway or a proxy.
    pub is_web_page: bool,
}

/// Where the service, its frameworks and its gateways put their words, the plainest first. Compared without case.
const WORDS: [&str; 7] = [
    "message",
    "error",
    "detail",
    "description",
    "reason",
    "errors",
    "details",
];

/// The words in a value: a text, several texts, or an object that has them under one of [`WORDS`].
fn words_of(value: &Value, depth: u8) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Array(several) if depth < 3 => {
            let texts: Vec<String> = several.iter().filter_map(|one| words_of(one, depth + 1)).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        Value::Object(inner) if depth < 3 => WORDS.into_iter().find_map(|key| {
            let (_, found) = inner.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            words_of(found, depth + 1)
        }),
        _ => None,
    }
}

/// Longer messages are truncated.
const MAX_MESSAGE_CHARS: usize = 300;

impl ErrorBody {
    /// Reads an error's body: `{"message"}`, `{"Field", "Value"}`, `{"error"}`, `{"Description"}`, `{"Reason"}`, lists of
    /// those, plain text, or HTML. Never fails.
    #[must_use]
    pub fn decode(body: &Body) -> Self {
        match body {
            Body::Empty | Body::Form(_) => Self::default(),
            Body::Json(Value::String(text)) => Self::from_message(text),
            Body::Json(Value::Object(object)) => Self::from_object(object),
            Body::Json(_) => Self::default(),
            Body::Text(text) => Self::from_text(text),
        }
    }

    /// `{"message": …}`.
    #[must_use]
    pub fn encode_message(message: &str) -> Value {
        json!({ "message": message })
    }

    /// `{"Field": …, "Value": …}`, the shape of the override endpoint's 400.
    #[must_use]
    pub fn encode_field(field: &str, value: &str) -> Value {
        json!({ "Field": field, "Value": value })
    }

    fn from_message(text: &str) -> Self {
        let text = text.trim();
        let message = (!text.is_empty()).then(|| text.chars().take(MAX_MESSAGE_CHARS).collect());
        Self {
            message,
            ..Self::default()
        }
    }

    fn from_object(object: &Map<String, Value>) -> Self {
        let get = |key: &str| {
            object
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(key))
                .map(|(_, value)| value)
        };
        let message = WORDS.into_iter().find_map(|key| words_of(get(key)?, 0));
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self {
            field: get("Field").and_then(Value::as_str).map(str::to_owned),
            value: get("Value").filter(|value| !value.is_null()).map(plain),
            ..Self::from_message(&message.unwrap_or_default())
        }
    }

    fn from_text(text: &str) -> Self {
        if let Ok(json) = serde_json::from_str::<Value>(text) {
            return Self::decode(&Body::Json(json));
        }
        if !is_html(text) {
            return Self::from_message(text);
        }
        Self {
            is_web_page: true,
            ..Self::from_message(&html_title(text).unwrap_or_default())
        }
    }
}

/// Whether a text is a web page.
fn is_html(text: &str) -> bool {
    let start: String = text
        .trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t'])
        .chars()
        .take(15)
        .collect();
    let start = start.to_ascii_lowercase();
    ["<!doctype", "<html", "<head", "<body", "<!--"]
        .into_iter()
        .any(|tag| start.starts_with(tag))
}

fn html_title(text: &str) -> Option<String> {
    // ASCII lower case keeps byte positions, so positions in the folded text are valid in the text.
    let folded = text.to_ascii_lowercase();
    let tag = folded.find("<title")?;
    let start = tag + folded.get(tag..)?.find('>')? + 1;
    let end = start + folded.get(start..)?.find("</title")?;
    text.get(start..end).map(|title| title.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> ErrorBody {
        ErrorBody {
            message: Some(text.to_owned()),
            ..ErrorBody::default()
        }
    }

    #[test]
    fn every_shape_of_error_is_read() {
        assert_eq!(
            ErrorBody::decode(&Body::Json(json!({"message": "no such domain"}))),
            message("no such domain")
        );
        assert_eq!(
            ErrorBody::decode(&Body::Json(json!({"error": "quota"}))),
            message("quota")
        );
        for (body, words) in [
            (
                json!({"Description": "upgrade your account to enable this feature"}),
                "upgrade your account to enable this feature",
            ),
            (json!({"Reason": "try again after 16 Jul"}), "try again after 16 Jul"),
            (
                json!({"errors": ["no such pool", {"message": "no such IP"}]}),
                "no such pool; no such IP",
            ),
            (json!({"details": {"reason": "the pool is empty"}}), "the pool is empty"),
            (json!({"Errors": [{"Message": "no such pool"}]}), "no such pool"),
            (json!({"message": " ", "error": {"description": "late"}}), "late"),
        ] {
            assert_eq!(ErrorBody::decode(&Body::Json(body)), message(words));
        }
        let deep = (0..50).fold(json!("never read"), |inner, _| json!([inner]));
        assert_eq!(
            ErrorBody::decode(&Body::Json(json!({ "errors": deep }))),
            ErrorBody::default()
        );
        assert_eq!(ErrorBody::decode(&Body::Json(json!("Forbidden"))), message("Forbidden"));
        assert_eq!(
            ErrorBody::decode(&Body::Text(" Forbidden\n".to_owned())),
            message("Forbidden")
        );
        assert_eq!(
            ErrorBody::decode(&Body::Text("{\"message\": \"late\"}".to_owned())),
            message("late")
        );
        assert_eq!(
            ErrorBody::decode(&Body::Json(json!({"Field": "pool", "Value": "invalid_name"}))),
            ErrorBody {
                field: Some("pool".to_owned()),
                value: Some("invalid_name".to_owned()),
                ..ErrorBody::default()
            }
        );
        let page = "<html>\r\n<head><TITLE>502 Bad Gateway</title></head></html>";
        assert_eq!(
            ErrorBody::decode(&Body::Text(page.to_owned())),
            ErrorBody {
                is_web_page: true,
                ..message("502 Bad Gateway")
            }
        );
        for nothing in [
            Body::Empty,
            Body::Json(json!(null)),
            Body::Json(json!([1])),
            Body::Text(String::new()),
        ] {
            assert_eq!(ErrorBody::decode(&nothing), ErrorBody::default());
        }
    }
}
