//! Forms: what fields a body or a query has. Both servers ask.

use axum::extract::{FromRequest, Multipart};
use axum::http::header;

/// The fields of a multipart body; what is wrong with it, for the answer.
pub(crate) async fn multipart(request: axum::extract::Request) -> Result<Vec<(String, String)>, String> {
    let bad = |text: String| format!("the multipart body can't be read: {text}");
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| bad(rejection.body_text()))?;
    let mut fields = Vec::new();
    while let Some(field) = parts.next_field().await.map_err(|error| bad(error.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.text().await.map_err(|error| bad(error.body_text()))?));
    }
    Ok(fields)
}

/// Names and values of a form or a query.
pub(crate) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// The fields of a body, as pairs; JSON as one field without a name. `None` where it is neither, or broken.
pub(crate) async fn form_fields(content_type: &str, bytes: &[u8]) -> Option<Vec<(String, String)>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    if content_type.starts_with("multipart/form-data") {
        let request = axum::extract::Request::builder().header(header::CONTENT_TYPE, content_type);
        let request = request.body(axum::body::Body::from(bytes.to_vec())).ok()?;
        return multipart(request).await.ok();
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Some(pairs(bytes));
    }
    let json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    Some(vec![(String::new(), json.to_string())])
}
