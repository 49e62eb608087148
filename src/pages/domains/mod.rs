//! Domains: those enrolled in the dynamic pools, and those that are not.

mod accounts;
pub(crate) mod actions;
mod enrolled;
mod job;
mod keys;
mod not_enrolled;
mod search;
mod simulated;

use crate::components::{PageHead, Tabs};
use crate::state::use_query_param;
use enrolled::Enrolled;
use job::{EnrollAllProgress, JobProgress};
use leptos::prelude::*;
use not_enrolled::NotEnrolled;

pub(crate) use not_enrolled::{EnrollDialog, Previews, Verdict};

/// The page. The tab is in the address.
#[component]
pub(crate) fn Domains() -> impl IntoView {
    let tab = use_query_param("tab");
    let job = EnrollAllProgress::new();
    provide_context(job);
    let tabs = vec![
        ("enrolled", "Enrolled".to_owned()),
        ("not-enrolled", "Not enrolled".to_owned()),
    ];
    let choose = Callback::new(move |value: String| tab.set(if value == "enrolled" { "" } else { &value }));
    view! {
        <div class="domains-page">
            <PageHead
                title="Domains"
                lead=|| "Mailgun picks each domain's pool by its bounce and complaint rate, unless you pin it."
            />
            <JobProgress job=job />
            <Tabs label="Domains" tabs=tabs value=tab.signal() on_choose=choose panel=panel />
        </div>
    }
}

fn panel(tab: &str) -> AnyView {
    match tab {
        "not-enrolled" => {
            let job = expect_context::<EnrollAllProgress>();
            view! { <NotEnrolled job=job /> }.into_any()
        }
        _ => view! { <Enrolled /> }.into_any(),
    }
}
