//! The description in `openapi.json`, to check requests and answers against.

mod schema;

use mailgun_pools::transport::{Body, Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// The file.
pub const OPENAPI: &str = include_str!("../../../openapi.json");

/// The description.
pub struct ApiDescription(Value);

/// An operation of the description, and what its path's placeholders hold.
pub struct DescribedOperation<'a> {
    pub operation: &'a Value,
    values: Vec<(String, String)>,
}

impl ApiDescription {
    pub fn read() -> Self {
        Self(serde_json::from_str(OPENAPI).unwrap())
    }

    /// What a reference such as `#/components/schemas/Ip` leads to.
    pub fn resolve(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').unwrap();
        self.0
            .pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {reference}"))
    }

    fn followed<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref") {
            Some(reference) => self.resolve(reference.as_str().unwrap()),
            None => value,
        }
    }

    /// Every operation: its method, its path with placeholders, and what is said of it.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.0["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
    }

    /// The operation of a method and path. A path without placeholders wins, whatever the method.
    pub fn find(&self, method: Method, path: &str) -> Option<DescribedOperation<'_>> {
        let matching = self.operations().filter_map(|(name, template, operation)| {
            let values = matched(template, path)?;
            Some((name, DescribedOperation { operation, values }))
        });
        let mut matching: Vec<_> = matching.collect();
        let fewest = matching.iter().map(|(_, found)| found.values.len()).min()?;
        matching.retain(|(name, found)| found.values.len() == fewest && name.eq_ignore_ascii_case(method.as_str()));
        matching.pop().map(|(_, found)| found)
    }

    /// The parameters of an operation in a place: `query`, `path` or `header`.
    pub fn parameters<'a>(&'a self, operation: &'a Value, place: &'a str) -> impl Iterator<Item = &'a Value> {
        let all = operation["parameters"].as_array().unwrap().iter();
        all.map(|parameter| self.followed(parameter))
            .filter(move |parameter| parameter["in"] == place)
    }

    /// The schema of the body that an operation takes, and its content type.
    pub fn body<'a>(&self, operation: &'a Value) -> Option<(&'a str, &'a Value)> {
        let content = operation.get("requestBody")?["content"].as_object().unwrap();
        let (content_type, media) = content.iter().next().unwrap();
        Some((content_type, &media["schema"]))
    }

    /// What is wrong with a request.
    pub fn request_problems(&self, request: &Request) -> Vec<String> {
        let Some(found) = self.find(request.method, &request.path) else {
            return vec![format!("{} {} is not described", request.method.as_str(), request.path)];
        };
        let mut problems = Vec::new();
        for parameter in self.parameters(found.operation, "path") {
            let name = parameter["name"].as_str().unwrap();
            let value = found
                .values
                .iter()
                .find(|(place, _)| place == name)
                .map(|(_, value)| value);
            let value = value.unwrap_or_else(|| panic!("{name} is not in the path"));
            problems.extend(self.problems(&parameter["schema"], &json!(value), name));
        }
        problems.extend(self.query_problems(found.operation, &request.query));
        problems.extend(self.body_problems(found.operation, &request.body));
        problems
    }

    fn query_problems(&self, operation: &Value, query: &[(String, String)]) -> Vec<String> {
        let described: Vec<&Value> = self.parameters(operation, "query").collect();
        let properties = described
            .iter()
            .map(|one| (one["name"].as_str().unwrap().to_owned(), one["schema"].clone()));
        let schema = json!({ "properties": Map::from_iter(properties), "additionalProperties": false });
        let fields = self.as_object(&schema, query);
        self.problems(&schema, &fields, "query")
    }

    fn body_problems(&self, operation: &Value, body: &Body) -> Vec<String> {
        match (self.body(operation), body) {
            (None, Body::Empty) => vec![],
            (Some(("multipart/form-data", schema)), Body::Form(fields)) => {
                let mut schema = schema.clone();
                schema["additionalProperties"] = json!(false);
                self.problems(&schema, &self.as_object(&schema, fields), "form")
            }
            (Some(("application/json", schema)), Body::Json(value)) => self.problems(schema, value, "body"),
            (described, body) => vec![format!("the body is {body:?}, not {described:?}")],
        }
    }

    /// Pairs as an object: a field whose schema is a list holds all values of its name. Another that repeats is a list too, and
    /// so does not match.
    fn as_object(&self, schema: &Value, pairs: &[(String, String)]) -> Value {
        let mut object = Map::new();
        for (name, _) in pairs {
            let all: Vec<&str> = pairs
                .iter()
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
                .collect();
            let field = self.followed(&schema["properties"][name]);
            let value = match (field["type"].as_str(), all.as_slice()) {
                (Some("array"), all) => json!(all),
                (Some("integer"), [one]) => one.parse::<u64>().map_or_else(|_| json!(one), |number| json!(number)),
                (Some("boolean"), [one]) => one.parse::<bool>().map_or_else(|_| json!(one), |flag| json!(flag)),
                (_, [one]) => json!(one),
                (_, all) => json!(all),
            };
            object.insert(name.clone(), value);
        }
        Value::Object(object)
    }

    /// What is wrong with an answer: a status that is not described, or a body that is not as described.
    pub fn answer_problems(&self, request: &Request, answer: &Response) -> Vec<String> {
        let Body::Json(body) = &answer.body else {
            return vec![format!("the answer is no JSON: {:?}", answer.body)];
        };
        let Some(found) = self.find(request.method, &request.path) else {
            return self.problems(&json!({ "$ref": "#/components/schemas/Error" }), body, "error");
        };
        let Some(response) = found.operation["responses"].get(answer.status.to_string()) else {
            return vec![format!("the status {} is not described", answer.status)];
        };
        let schema = &self.followed(response)["content"]["application/json"]["schema"];
        self.problems(schema, body, "answer")
    }
}

fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (mut given, mut values) = (path.split('/'), Vec::new());
    for segment in template.split('/') {
        let text = percent_decode_str(given.next()?).decode_utf8().ok()?.into_owned();
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            Some(_) if text.is_empty() => return None,
            Some(place) => values.push((place.to_owned(), text)),
            None if text == segment => {}
            None => return None,
        }
    }
    given.next().is_none().then_some(values)
}
