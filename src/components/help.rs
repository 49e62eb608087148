//! Help: what Poolkeeper is, what nobody can set, what one can do, the keys and the terms.

use super::Dialog;
use crate::browser;
use crate::state::simulator::use_simulated;
use crate::state::{use_account, use_overlays};
use leptos::prelude::*;
use poolkeeper_core::text::capitalized;
use poolkeeper_view::glossary::GlossaryTerm;
use poolkeeper_view::routes::PageRoute;
use poolkeeper_view::tour::tour;

const KEYS: [(&str, &str); 6] = [
    ("Ctrl K, ⌘ K", "Search: pages, actions, domains, terms"),
    ("?", "This help"),
    ("/", "Search the list of the page"),
    ("↑ ↓ Home End", "Move in a list, a chart or a menu"),
    ("Enter", "Open the current row"),
    ("Esc", "Close what is open"),
];

/// The help's dialog.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let overlays = use_overlays();
    view! {
        <Dialog open=overlays.help on_close=move |()| overlays.help.set(false) title="Help" wide=true>
            <HelpBody />
        </Dialog>
    }
}

#[component]
fn HelpBody() -> impl IntoView {
    let overlays = use_overlays();
    let (account, simulated) = (use_account(), use_simulated());
    let about = browser::description().unwrap_or_default();
    let close = move |_| overlays.help.set(false);
    let has_tour = move || account.source().is_simulator() && tour(&simulated.sim()).is_some();
    let start = move |_| {
        overlays.help.set(false);
        overlays.tour.set(Some(0));
    };
    let link = move |page: PageRoute, words: &'static str| {
        view! { <a href=page.href(&[]) on:click=close>{words}</a> }
    };
    let keys = KEYS.map(|(key, does)| {
        view! {
            <dt><kbd>{key}</kbd></dt>
            <dd>{does}</dd>
        }
    });
    let terms = GlossaryTerm::ALL.map(|term| {
        view! {
            <div class="help-term">
                <dt>{capitalized(term.name())}</dt>
                <dd>{term.meaning()} " " <span class="muted">{term.source().words()}</span></dd>
            </div>
        }
    });
    view! {
        <div class="help">
            <p>{about}</p>
            <Show when=has_tour>
                <p>
                    <button type="button" class="primary" on:click=start>
                        "Take the tour"
                    </button>
                    " "
                    <span class="hint">"Five steps: a campaign goes wrong, domains fall, and what would have seen it."</span>
                </p>
            </Show>
            <h3>"What can be set at Mailgun, and what not"</h3>
            <p>"Mailgun does not publish its thresholds, and they can’t be set. What you can do:"</p>
            <ul>
                <li>"Pin a domain to a pool, enroll it, or take it out of the pools: " {link(PageRoute::Domains, "Domains")}</li>
                <li>"Choose the IPs of each pool: " {link(PageRoute::Pools, "Pools")}</li>
                <li>"See what other thresholds would do to your traffic, and estimate Mailgun’s: " {link(PageRoute::WhatIf, "What-if")}</li>
                <li>"See why each domain moved: " {link(PageRoute::History, "History")}</li>
            </ul>
            <h3>"Keys"</h3>
            <dl class="pairs help-keys">{keys}</dl>
            <h3>"Terms"</h3>
            <dl>{terms}</dl>
        </div>
    }
}
