//! One domain: why it is where it is, what its days were, what would change it, and everything that can be done.

mod actions;
mod domain_details;
mod live;
mod past;
mod why;

use crate::components::{BandChip, Card, Empty, LabelForm, PageHead, SkeletonRows, name_mark};
use crate::state::{LabelStore, use_account, use_query_param, use_simulated};
use actions::Actions;
use domain_details::DomainDetails;
use leptos::prelude::*;
use past::{DaysCard, HistoryCard};
use poolkeeper_core::model::DomainName;
use poolkeeper_core::text;
use poolkeeper_view::routes::PageRoute;
use why::{ChangeCard, WhyCard};

#[component]
pub(crate) fn Domain() -> impl IntoView {
    let simulated = use_simulated();
    let asked = use_query_param("name");
    let name = Memo::new(move |_| DomainName::parse(&asked.get()).ok());
    let account = use_account();
    let is_live = Memo::new(move |_| !account.source().is_simulator());
    let read = live::read(account, name, is_live);
    let details = Memo::new(move |_| {
        if is_live.get() {
            // Until another name's domain is read, the one before is no answer.
            let found = read.with(|read| Some(read?.as_ref()?.details.clone()));
            return found.filter(|details| Some(&details.name) == name.get().as_ref());
        }
        DomainDetails::of(&simulated.sim(), &name.get()?)
    });
    let title = Signal::derive(move || name.get().map_or_else(|| "Domain".to_owned(), |name| name.to_string()));
    let is_known = Memo::new(move |_| details.with(Option::is_some));
    let lead = move || {
        let mark = name.with(|name| name.as_ref().and_then(|name| name_mark(name.as_str())));
        view! {
            {details.get().map(|details| lead(&details))}
            {mark}
        }
    };
    view! {
        <p class="crumbs">
            <a href=PageRoute::Domains.href(&[])>"Domains"</a>
        </p>
        <PageHead title=title lead=lead>
            {move || is_known.get().then(|| view! { <Actions details=details /> })}
        </PageHead>
        {move || is_live.get().then(|| live::notes(read, name))}
        {move || match is_known.get() {
            true => body(details),
            false if is_live.get() && read.with(|read| read.is_none()) => {
                read.error().is_none().then(|| view! { <SkeletonRows rows=8 /> }).into_any()
            }
            false => missing(&asked.get()),
        }}
    }
}

fn lead(details: &DomainDetails) -> AnyView {
    let account = details.account.clone();
    let Some(standing) = details.standing else {
        return view! { <span>{format!("Not enrolled · {account}")}</span> }.into_any();
    };
    let pinned = standing
        .is_overridden
        .then(|| view! { <span class="tag">"pinned by an override"</span> });
    let volume = details
        .daily_volume()
        .map(|volume| format!(" · {} per day", text::counted(volume, "message")));
    view! {
        <BandChip pool=standing.band />
        " "
        {pinned}
        <span>{format!(" · {account}{}", volume.unwrap_or_default())}</span>
    }
    .into_any()
}

fn body(details: Memo<Option<DomainDetails>>) -> AnyView {
    // The notes are made anew for another domain only: a day that passes leaves what is being typed.
    let of = Memo::new(move |_| {
        details.with(|details| {
            details
                .as_ref()
                .map(|details| (details.name.clone(), details.account.clone()))
        })
    });
    let is_enrolled =
        Memo::new(move |_| details.with(|details| details.as_ref().is_some_and(|d| d.standing.is_some())));
    let has_counts =
        Memo::new(move |_| details.with(|details| details.as_ref().is_some_and(DomainDetails::has_counts)));
    view! {
        {move || {
            (is_enrolled.get() && has_counts.get())
                .then(|| {
                    view! {
                        <div class="domain-top">
                            <WhyCard details=details />
                            <ChangeCard details=details />
                        </div>
                    }
                })
        }}
        {move || match has_counts.get() {
            true => view! { <DaysCard details=details /> }.into_any(),
            false => {
                view! {
                    <Empty
                        title="No daily counts"
                        hint="Its rates and what would change its pool are unknown: there are no counts of the last 90 days."
                    />
                }
                    .into_any()
            }
        }}
        <HistoryCard details=details />
        {move || {
            of.get().map(|(name, account)| {
                view! {
                    <Card title="Notes" note=|| "kept in this browser" class="domain-notes">
                        <LabelForm store=LabelStore::stored() domain=name account=account />
                    </Card>
                }
            })
        }}
    }
    .into_any()
}

fn missing(asked: &str) -> AnyView {
    let (title, hint) = if asked.trim().is_empty() {
        ("No domain selected".to_owned(), "Select one from the list.".to_owned())
    } else {
        (
            format!("No domain “{asked}” in this account"),
            "Check the spelling or search the list.".to_owned(),
        )
    };
    view! {
        <Empty title=title hint=hint>
            <a class="button" href=PageRoute::Domains.href(&[])>
                "All domains"
            </a>
        </Empty>
    }
    .into_any()
}
