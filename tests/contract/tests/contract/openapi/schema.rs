//! Checks a JSON value against a schema of the description: the keywords that it uses, and no others, so that none is
//! passed over in silence.

use super::ApiDescription;
use serde_json::Value;

/// Keywords that say nothing about a value.
const WORDS: [&str; 4] = ["$comment", "description", "default", "example"];

impl ApiDescription {
    /// What is wrong with a value, each problem with its place; nothing when it matches.
    pub fn problems(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        if let Some(target) = schema.get("$ref") {
            return self.problems(self.resolve(target.as_str().unwrap()), value, at);
        }
        let mut problems = Vec::new();
        let keywords = schema.as_object().unwrap();
        for (keyword, rule) in keywords
            .iter()
            .filter(|(keyword, _)| !WORDS.contains(&keyword.as_str()))
        {
            problems.extend(self.broken(keyword, rule, schema, value, at));
        }
        problems
    }

    fn broken(&self, keyword: &str, rule: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let wrong = |is_right: bool, what: &str| {
            let shown: String = value.to_string().chars().take(80).collect();
            if is_right {
                vec![]
            } else {
                vec![format!("{at}: {shown} {what}")]
            }
        };
        let count = rule.as_u64().map_or(0, |count| usize::try_from(count).unwrap());
        match (keyword, value) {
            ("type", _) => wrong(has_type(rule, value), &format!("is not {rule}")),
            ("enum", _) => wrong(rule.as_array().unwrap().contains(value), &format!("is none of {rule}")),
            ("const", _) => wrong(rule == value, &format!("is not {rule}")),
            ("anyOf", _) => {
                let tries = rule.as_array().unwrap().iter();
                let fits = tries.into_iter().any(|one| self.problems(one, value, at).is_empty());
                wrong(fits, "fits none of the alternatives")
            }
            ("properties", Value::Object(given)) => {
                let known = rule.as_object().unwrap().iter();
                let known = known.filter_map(|(name, schema)| Some((name, schema, given.get(name)?)));
                known
                    .flat_map(|(name, schema, value)| self.problems(schema, value, &format!("{at}.{name}")))
                    .collect()
            }
            ("required", Value::Object(given)) => {
                let missing = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let missing = missing.filter(|name| !given.contains_key(*name));
                missing.map(|name| format!("{at}.{name} is missing")).collect()
            }
            ("additionalProperties", Value::Object(given)) => {
                let known = schema.get("properties").and_then(Value::as_object);
                let others = given
                    .iter()
                    .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
                let of_other = |(name, value): (&String, &Value)| match rule {
                    Value::Bool(is_allowed) => wrong(*is_allowed, &format!("has {name}, which is not described")),
                    schema => self.problems(schema, value, &format!("{at}.{name}")),
                };
                others.flat_map(of_other).collect()
            }
            ("minProperties", Value::Object(given)) => wrong(given.len() >= count, &format!("has under {rule} fields")),
            ("items", Value::Array(items)) => {
                let places = items.iter().enumerate();
                places
                    .flat_map(|(place, item)| self.problems(rule, item, &format!("{at}[{place}]")))
                    .collect()
            }
            ("minItems", Value::Array(items)) => wrong(items.len() >= count, &format!("has under {rule} items")),
            ("maxItems", Value::Array(items)) => wrong(items.len() <= count, &format!("has over {rule} items")),
            ("minimum", Value::Number(given)) => wrong(given.as_f64() >= rule.as_f64(), &format!("is below {rule}")),
            ("maximum", Value::Number(given)) => wrong(given.as_f64() <= rule.as_f64(), &format!("is above {rule}")),
            ("minLength", Value::String(text)) => wrong(text.chars().count() >= count, "is too short"),
            ("maxLength", Value::String(text)) => wrong(text.chars().count() <= count, "is too long"),
            ("pattern", Value::String(text)) => {
                let pattern = regex_lite::Regex::new(rule.as_str().unwrap()).unwrap();
                wrong(pattern.is_match(text), &format!("does not match {rule}"))
            }
            ("format", Value::String(text)) => {
                wrong(has_format(rule.as_str().unwrap(), text), &format!("is no {rule}"))
            }
            // A keyword about another type of value.
            (
                "properties"
                | "required"
                | "additionalProperties"
                | "minProperties"
                | "items"
                | "minItems"
                | "maxItems"
                | "minimum"
                | "maximum"
                | "minLength"
                | "maxLength"
                | "pattern"
                | "format",
                _,
            ) => vec![],
            (other, _) => panic!("the keyword {other} is not checked ({at})"),
        }
    }
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not checked"),
    };
    rule.as_array().map_or_else(|| is(rule), |any| any.iter().any(is))
}

fn has_format(format: &str, text: &str) -> bool {
    use chrono::{DateTime, NaiveDateTime};
    match format {
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        "uri" => text.starts_with("https://") || text.starts_with("http://"),
        "date-time" => DateTime::parse_from_rfc3339(text).is_ok(),
        // With a zone's name, as the contract says: Mon, 02 Jan 2006 15:04:05 GMT.
        "rfc1123" => text
            .strip_suffix(" GMT")
            .or_else(|| text.strip_suffix(" UTC"))
            .is_some_and(|time| NaiveDateTime::parse_from_str(time, "%a, %d %b %Y %H:%M:%S").is_ok()),
        // With a numeric zone.
        "rfc2822" => DateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S %z").is_ok(),
        other => panic!("the format {other} is not checked"),
    }
}
