//! Describes errors for people: what happened, and what to do.

use super::{ApiError, ApiErrorKind, RetryAfter, time};

/// The description of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAdvice {
    /// What happened, with the service's own message if it sent one.
    pub happened: String,
    /// What to do about it.
    pub to_do: String,
}

impl ApiError {
    /// What happened and what to do, for people. All error texts are here.
    #[must_use]
    pub fn advice(&self) -> ErrorAdvice {
        let (happened, to_do) = describe(self);
        let status = self.status.map(|status| format!(" ({status})")).unwrap_or_default();
        let detail = match &self.message {
            Some(message) if self.is_web_page => format!(": a web page titled “{message}”"),
            Some(message) => format!(": {message}"),
            None if self.is_web_page => ": the answer was a web page".to_owned(),
            None => String::new(),
        };
        ErrorAdvice {
            happened: format!("{happened}{status}{detail}"),
            to_do,
        }
    }
}

const PROXY: &str = "Check the address of the connection: a proxy may be missing or point somewhere else.";

fn describe(error: &ApiError) -> (String, String) {
    let fixed = |happened: &str, to_do: &str| (happened.to_owned(), to_do.to_owned());
    match &error.kind {
        ApiErrorKind::Offline => fixed(
            "You are offline",
            "Try again when the network is back; nothing was lost.",
        ),
        ApiErrorKind::Unreachable => fixed(
            "No answer from the address of the connection",
            "Check the address and that the proxy or the simulator is running. A page can reach Mailgun only through a \
             reverse proxy on its own origin.",
        ),
        ApiErrorKind::TimedOut(waited_ms) => (
            format!("No answer within {} s", waited_ms.div_ceil(1_000)),
            "Try again; if it was a change, check first whether it was made.".to_owned(),
        ),
        ApiErrorKind::Cancelled => fixed("Cancelled", "Start it again when you like."),
        ApiErrorKind::Broken => fixed(
            "The answer broke off",
            "Try again; if it was a change, check first whether it was made.",
        ),
        ApiErrorKind::AnswerTooLarge(max_bytes) => (
            format!("The answer is larger than {} MB and was cut off", max_bytes / 1_000_000),
            "No answer of the API is that large: check the address of the connection.".to_owned(),
        ),
        ApiErrorKind::ReadOnly => fixed(
            "Not sent: this connection is read-only",
            "Allow changes in Settings, then send it again.",
        ),
        ApiErrorKind::BadRequest { field, value } => (
            bad_request(field.as_deref(), value.as_deref()),
            match field {
                _ if error.wants_replacement_ip() => "Choose a replacement and send it again.".to_owned(),
                Some(field) => format!("Correct “{field}” and send it again."),
                None => "Correct the input and send it again.".to_owned(),
            },
        ),
        ApiErrorKind::Unauthorized => fixed(
            "The key was not accepted",
            "Enter a valid API key of this account and region in Settings.",
        ),
        ApiErrorKind::PaymentRequired => fixed(
            "The plan does not include this",
            "Dynamic IP Pools may need another plan, or have to be enabled for the account. Ask Mailgun or the account's administrator.",
        ),
        ApiErrorKind::Forbidden => fixed(
            "Not allowed",
            "The account may lack the Dynamic IP Pools feature, or the key may lack the role. Ask the account's administrator.",
        ),
        ApiErrorKind::NotFound if error.is_web_page => fixed("There is no API at this address", PROXY),
        ApiErrorKind::NotFound => fixed("Not found", "It may have been removed meanwhile: reload the list."),
        ApiErrorKind::Conflict => fixed(
            "Refused in the current state",
            "Change what the message names, or reload and look again.",
        ),
        ApiErrorKind::TooLarge => fixed("Too much in one request", "Send fewer at a time."),
        ApiErrorKind::RateLimited(wait) => (
            "Too many requests".to_owned(),
            match wait {
                Some(RetryAfter::Seconds(seconds)) => format!("Try again in {seconds} s."),
                Some(RetryAfter::At(at)) => format!("Try again at {}.", time::to_rfc1123(*at)),
                None => "Wait a little and try again.".to_owned(),
            },
        ),
        ApiErrorKind::Server(_) => fixed(
            "The service failed",
            "Try again in a moment; if it stays, see the service's status page.",
        ),
        ApiErrorKind::OtherStatus if error.status == Some(405) => {
            fixed("There is no such operation at this address", PROXY)
        }
        ApiErrorKind::OtherStatus => fixed("An answer that is not part of the API", PROXY),
        ApiErrorKind::NotJson => fixed("The answer is not from the API", PROXY),
        ApiErrorKind::Unexpected { problem } => (
            format!("The answer is not what the API documents ({problem})"),
            "The request log has the whole answer. Other pages keep working.".to_owned(),
        ),
    }
}

fn bad_request(field: Option<&str>, value: Option<&str>) -> String {
    match (field, value) {
        (Some(field), Some(value)) => format!("“{value}” is not accepted for “{field}”"),
        (Some(field), None) => format!("“{field}” is not accepted"),
        (None, _) => "The input was not accepted".to_owned(),
    }
}
