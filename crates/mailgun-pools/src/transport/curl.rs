//! Formats a request as a `curl` command.

use super::{Body, Request};
use form_urlencoded::Serializer;

/// The request as a `curl` command, safe to paste into a POSIX shell. The key is written as `$MAILGUN_API_KEY`.
#[must_use]
pub fn as_curl(request: &Request, base_url: &str) -> String {
    let mut url = format!("{}{}", base_url.trim_end_matches('/'), request.path);
    if !request.query.is_empty() {
        url.push('?');
        url.push_str(&Serializer::new(String::new()).extend_pairs(&request.query).finish());
    }
    // curl would read the brackets of an IPv6 host as a pattern.
    let glob = if url.contains(['[', ']', '{', '}']) {
        "--globoff "
    } else {
        ""
    };
    let mut lines = vec![
        format!("curl {glob}--request {} {}", request.method, quoted(&url)),
        "--user \"api:$MAILGUN_API_KEY\"".to_owned(),
    ];
    if let Some(subaccount) = &request.on_behalf_of {
        let subaccount: String = subaccount.chars().filter(|c| !c.is_control()).collect();
        lines.push(format!(
            "--header {}",
            quoted(&format!("X-Mailgun-On-Behalf-Of: {subaccount}"))
        ));
    }
    match &request.body {
        Body::Empty => {}
        // --form would read a file for a value that begins with @; --form-string does not.
        Body::Form(fields) => {
            lines.extend(
                fields
                    .iter()
                    .map(|(key, value)| format!("--form-string {}", quoted(&format!("{key}={value}")))),
            );
        }
        Body::Json(json) => {
            lines.push("--header 'Content-Type: application/json'".to_owned());
            lines.push(format!("--data {}", quoted(&json.to_string())));
        }
        Body::Text(text) => {
            lines.push("--header 'Content-Type: text/plain'".to_owned());
            lines.push(format!("--data-raw {}", quoted(text)));
        }
    }
    lines.join(" \\\n  ")
}

/// Quotes a text in single quotes, where a POSIX shell treats only the single quote specially. NUL is removed, because
/// a command line can't contain it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Method;
    use serde_json::json;

    #[test]
    fn a_form_is_sent_field_by_field() {
        let fields = [("add_ip", "192.0.2.1"), ("remove_ip", "192.0.2.2")];
        let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
        let request = Request::new(Method::Patch, "/v3/dynamic_pools/dynamic_good").body(Body::Form(fields));
        assert_eq!(
            as_curl(&request, "https://api.mailgun.net/"),
            "curl --request PATCH 'https://api.mailgun.net/v3/dynamic_pools/dynamic_good' \\\n  \
             --user \"api:$MAILGUN_API_KEY\" \\\n  \
             --form-string 'add_ip=192.0.2.1' \\\n  \
             --form-string 'remove_ip=192.0.2.2'"
        );
    }

    #[test]
    fn queries_json_and_the_account_acted_for() {
        let mut request = Request::new(Method::Post, "/v1/analytics/metrics")
            .query("a b", "c&d")
            .body(Body::Json(json!({"duration": "7d"})));
        request.on_behalf_of = Some("646d00a1b32c35364a2ad34f".to_owned());
        assert_eq!(
            as_curl(&request, "http://[::1]:8025"),
            "curl --globoff --request POST 'http://[::1]:8025/v1/analytics/metrics?a+b=c%26d' \\\n  \
             --user \"api:$MAILGUN_API_KEY\" \\\n  \
             --header 'X-Mailgun-On-Behalf-Of: 646d00a1b32c35364a2ad34f' \\\n  \
             --header 'Content-Type: application/json' \\\n  \
             --data '{\"duration\":\"7d\"}'"
        );
    }

    /// A real shell reads the quoted text.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_hostile_values_as_they_are() {
        for hostile in [
            "it's",
            "'; rm -rf $HOME #",
            "$(id) `id` \\ \"x\" !!",
            "@/etc/passwd",
            "a\nb",
            "-o x",
        ] {
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", quoted(hostile))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), hostile);
        }
    }
}
