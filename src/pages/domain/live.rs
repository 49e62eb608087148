//! A domain of a live account: read from the service, and what the service itself says of it now.

use super::domain_details::DomainDetails;
use crate::browser;
use crate::components::{BandChip, Card, Failed, Loaded, SkeletonLines};
use crate::state::{Account, ReadState, use_account};
use leptos::prelude::*;
use poolkeeper_account::fork::single_domain::{SingleDomainCopy, portrait};
use poolkeeper_core::model::{DomainName, PoolName, Preview, PreviewMetric, SendingStatus};
use poolkeeper_core::text;

/// What was read of a domain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LiveRead {
    /// Everything the page says of it.
    pub(crate) details: DomainDetails,
    /// Why its daily counts are missing.
    missing: Option<String>,
}

/// Reads the domain, while a live account is looked at.
#[must_use]
pub(crate) fn read(
    account: Account,
    name: Memo<Option<DomainName>>,
    is_live: Memo<bool>,
) -> ReadState<Option<LiveRead>> {
    account.read(move |client| {
        let wanted = name.get().filter(|_| is_live.get());
        async move {
            let Some(name) = wanted else { return Ok(None) };
            let found = portrait(&client, &name, browser::now_utc()).await?;
            Ok(found.and_then(|SingleDomainCopy { sim, missing }| {
                let details = DomainDetails::of(&sim, &name)?;
                Some(LiveRead { details, missing })
            }))
        }
    })
}

/// Above the page's own cards: what failed, what the service's health check says, and whose thresholds the page uses.
pub(crate) fn notes(read: ReadState<Option<LiveRead>>, name: Memo<Option<DomainName>>) -> AnyView {
    let is_known = Memo::new(move |_| read.with(|read| read.is_some_and(Option::is_some)));
    let account = use_account();
    let listed = account.read(move |client| {
        let wanted = name.get();
        async move {
            match wanted {
                // Only to say more: a key that may not list domains shows the rest all the same.
                Some(name) => Ok(client.account_domain(&name).await.ok().flatten()),
                None => Ok(None),
            }
        }
    });
    let disabled = move || {
        let listed = listed.value().flatten()?;
        let reason = listed.disabled_reason.map(|reason| format!(": {reason}"));
        (listed.status == SendingStatus::Disabled)
            .then(|| format!("Mailgun has disabled this domain{}", reason.unwrap_or_default()))
    };
    let missing = move || read.with(|read| read.and_then(Option::as_ref).and_then(|read| read.missing.clone()));
    view! {
        {move || read.error().map(|error| view! { <Failed error=error on_retry=move |()| read.retry() /> })}
        {move || disabled().map(|words| view! { <p class="notice" role="note">{words}</p> })}
        {move || {
            missing()
                .map(|why| {
                    view! {
                        <p class="notice" role="note">
                            {format!("Could not read its daily counts: {why}")}
                        </p>
                    }
                })
        }}
        {move || is_known.get().then(|| view! { <PreviewCard name=name /> })}
    }
    .into_any()
}

/// The service's own verdict, which changes nothing.
#[component]
fn PreviewCard(name: Memo<Option<DomainName>>) -> impl IntoView {
    let account = use_account();
    let preview = account.read(move |client| {
        let wanted = name.get();
        async move {
            match wanted {
                Some(name) => client.preview(&name).await.map(Some),
                None => Ok(None),
            }
        }
    });
    view! {
        <Card title="Health check preview" class="preview-card">
            <Loaded
                reading=preview
                skeleton=|| view! { <SkeletonLines lines=2 /> }
                children=|preview| {
                    view! { {move || preview.get().map(|preview| preview_view(&preview))} }.into_any()
                }
            />
            <p class="muted">
                "Mailgun does not publish its thresholds. The rates below are judged by the simulator's default policy."
            </p>
        </Card>
    }
}

fn preview_view(preview: &Preview) -> AnyView {
    let rate = |metric: &PreviewMetric| {
        metric
            .value
            .map(|value| poolkeeper_core::model::Rate(value).percent_beside(&[]))
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of messages, clamped"
    )]
    let count = |metric: &PreviewMetric| metric.value.map(|value| text::count(value.max(0.0) as u64));
    let line = |label: &'static str, value: Option<String>, band: Option<PoolName>| {
        view! {
            <dt>{label}</dt>
            <dd>{value.unwrap_or_else(|| "–".to_owned())} " " {band.map(|band| view! { <BandChip pool=band /> })}</dd>
        }
    };
    let of = |metric: &Option<PreviewMetric>| metric.as_ref().and_then(|metric| metric.band.clone());
    view! {
        <dl class="pairs preview-pairs">
            <dt>"Pool"</dt>
            <dd>{preview.pool.clone().map(|pool| view! { <BandChip pool=pool /> })}</dd>
            {line("Bounce rate", preview.bounce_rate.as_ref().and_then(rate), of(&preview.bounce_rate))}
            {line("Complaint rate", preview.complaint_rate.as_ref().and_then(rate), of(&preview.complaint_rate))}
            {line("Processed", preview.processed_count.as_ref().and_then(count), of(&preview.processed_count))}
        </dl>
        {preview.message.clone().map(|message| view! { <p>{message}</p> })}
    }
    .into_any()
}
