//! The request drawer: every request and response of this tab.

use super::copy::CopyButton;
use super::dialog::Dialog;
use super::icon::Icon;
use super::states::Empty;
use crate::browser;
use crate::state::{use_account, use_overlays};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::transport::{Body, Exchange, Response, TransportError, as_curl};
use poolkeeper_view::routes::target;

const MOST_SHOWN_CHARS: usize = 20_000;

#[component]
pub(crate) fn RequestDrawer() -> impl IntoView {
    let overlays = use_overlays();
    let log = use_account().log();
    view! {
        <Dialog open=overlays.requests on_close=move |()| overlays.requests.set(false) title="Requests" class="drawer">
            <p class="muted">
                "Requests to the account, newest first. Keys are never shown."
                <button type="button" class="quiet" on:click=move |_| log.clear()>
                    "Clear"
                </button>
            </p>
            <Show when=move || log.ids().is_empty()>
                <Empty title="No requests yet" hint="Open a page or step one day." />
            </Show>
            <div class="exchanges">
                <For each=move || log.ids() key=|id| *id let:id>
                    <ExchangeView id=id />
                </For>
            </div>
        </Dialog>
    }
}

#[component]
fn ExchangeView(id: u64) -> impl IntoView {
    let log = use_account().log();
    move || log.get(id).map(|exchange| exchange_view(&exchange))
}

fn exchange_view(exchange: &Exchange) -> AnyView {
    let account = use_account();
    let (class, status) = status_words(exchange.answer.as_ref());
    let request = StoredValue::new(exchange.request.clone());
    let again = exchange.request.method.is_read().then(|| {
        let send = move |_| {
            let request = request.get_value();
            let client = account.client();
            spawn_local(async move {
                // Whatever comes back is in the log.
                let _ = client.send(request).await;
            });
        };
        view! {
            <button type="button" class="quiet" on:click=send>
                {Icon::Again.view()}
                "Replay"
            </button>
        }
    });
    let took = exchange.took_ms.map(|took_ms| format!("{took_ms:.1} ms"));
    let answer = match exchange.answer.as_ref() {
        Some(Ok(response)) => body_view("Response", &response.body),
        Some(Err(error)) => view! { <p>{error.to_string()}</p> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <details class="exchange">
            <summary>
                <span class="method">{exchange.request.method.as_str()}</span>
                <span class="exchange-target">{target(&exchange.request)}</span>
                <span class=class>{status}</span>
                <span class="muted exchange-took">{took}</span>
            </summary>
            <div class="exchange-body">
                <div class="actions">
                    <span class="muted">{browser::wall_clock(exchange.started_ms)}</span>
                    <CopyButton
                        label="Copy as cURL"
                        text=move |()| request.with_value(|request| as_curl(request, &untrack(|| account.base())))
                    />
                    {again}
                </div>
                {body_view("Sent", &exchange.request.body)} {answer}
            </div>
        </details>
    }
    .into_any()
}

fn status_words(outcome: Option<&Result<Response, TransportError>>) -> (&'static str, String) {
    match outcome {
        None => ("exchange-status", "…".to_owned()),
        Some(Ok(response)) if response.status < 300 => ("exchange-status exchange-done", response.status.to_string()),
        Some(Ok(response)) => ("exchange-status exchange-failed", response.status.to_string()),
        Some(Err(_)) => ("exchange-status exchange-failed", "no answer".to_owned()),
    }
}

/// A body as text, cut where it would slow the page down.
pub(crate) fn body_view(title: &'static str, body: &Body) -> AnyView {
    let text = match body {
        Body::Empty => return ().into_any(),
        Body::Form(fields) => fields
            .iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect::<Vec<_>>()
            .join("\n"),
        Body::Json(value) => format!("{value:#}"),
        Body::Text(text) => text.clone(),
    };
    let cut = text.char_indices().nth(MOST_SHOWN_CHARS).map(|(at, _)| at);
    let shown = cut.and_then(|at| text.get(..at)).unwrap_or(&text).to_owned();
    let rest = cut.map(|_| view! { <p class="muted">"Shortened. Copy as cURL to get everything."</p> });
    view! {
        <h3>{title}</h3>
        <pre tabindex="0">{shown}</pre>
        {rest}
    }
    .into_any()
}
