//! The requests of a change as they will be sent.

use crate::components::copy::CopyButton;
use crate::state::use_account;
use leptos::prelude::*;
use mailgun_pools::api::Write;
use mailgun_pools::transport::{Body, Request, as_curl};
use poolkeeper_view::routes::target;

const MOST_SHOWN: usize = 4;

/// Method, address and fields of each request, and all of them as cURL.
#[component]
pub(crate) fn RequestsView(
    /// The changes.
    writes: Vec<Write>,
) -> impl IntoView {
    let requests = writes
        .iter()
        .filter_map(|write| write.request().ok())
        .collect::<Vec<_>>();
    let rest = requests.len().saturating_sub(MOST_SHOWN);
    let shown = requests.iter().take(MOST_SHOWN).map(request_view).collect_view();
    let more = (rest > 0).then(|| view! { <p class="muted">{format!("and {rest} more like these")}</p> });
    let base = use_account().base();
    let lines = StoredValue::new(
        requests
            .iter()
            .map(|request| as_curl(request, &base))
            .collect::<Vec<_>>()
            .join("\n\n"),
    );
    view! {
        <section class="requests" aria-label="Request">
            <header>
                <h3>{if requests.len() == 1 { "Request" } else { "Requests" }}</h3>
                <CopyButton label="Copy as cURL" text=move |()| lines.get_value() />
            </header>
            {shown}
            {more}
        </section>
    }
}

fn request_view(request: &Request) -> AnyView {
    let fields = match &request.body {
        Body::Form(fields) => fields.clone(),
        _ => Vec::new(),
    };
    let fields = fields
        .into_iter()
        .map(|(key, value)| view! { <dt>{key}</dt> <dd>{value}</dd> })
        .collect_view();
    view! {
        <div class="request">
            <p>
                <span class="method">{request.method.as_str()}</span>
                <code>{target(request)}</code>
            </p>
            <dl>{fields}</dl>
        </div>
    }
    .into_any()
}
