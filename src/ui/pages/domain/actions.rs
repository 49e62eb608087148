//! What can be done with one domain.

use super::dossier::Dossier;
use crate::api::Write;
use crate::model::{Band, DomainName, Replacement};
use crate::sim::Standing;
use crate::ui::components::{BandChip, Icon, Proposal, Segmented, WriteFlow};
use leptos::prelude::*;

/// Buttons and their dialogs.
#[component]
pub fn Actions(
    /// The domain.
    dossier: Memo<Option<Dossier>>,
) -> impl IntoView {
    let overriding = RwSignal::new(false);
    let clearing = RwSignal::new(false);
    let enrolling = RwSignal::new(false);
    let standing = Memo::new(move |_| dossier.with(|dossier| dossier.as_ref().and_then(|dossier| dossier.standing)));
    let name = Memo::new(move |_| dossier.with(|dossier| dossier.as_ref().map(|dossier| dossier.name.clone())));
    let buttons = move || match standing.get() {
        None => view! {
            <button type="button" class="primary" on:click=move |_| enrolling.set(true)>
                {Icon::Plus.view()}
                "Enroll"
            </button>
        }
        .into_any(),
        Some(standing) => view! {
            <button type="button" on:click=move |_| overriding.set(true)>
                {Icon::Pin.view()}
                {if standing.is_overridden { "Change override" } else { "Override" }}
            </button>
            {standing
                .is_overridden
                .then(|| {
                    view! {
                        <button type="button" on:click=move |_| clearing.set(true)>
                            "Remove override"
                        </button>
                    }
                })}
        }
        .into_any(),
    };
    view! {
        {buttons}
        <OverrideDialog open=overriding name=name standing=standing />
        <WriteFlow
            open=clearing
            title="Remove the override"
            proposal=Signal::derive(move || clear_proposal(&name.get()?, standing.get()?))
        />
        <WriteFlow open=enrolling title="Enroll the domain" proposal=Signal::derive(move || Some(enroll_proposal(&name.get()?))) />
    }
    .into_any()
}

fn pin(name: &DomainName, band: Band) -> Write {
    Write::SetOverride {
        domain: name.clone(),
        pool: band.into(),
    }
}

fn unpin(name: &DomainName) -> Write {
    Write::RemoveOverride { domain: name.clone() }
}

fn clear_proposal(name: &DomainName, standing: Standing) -> Option<Proposal> {
    standing.is_overridden.then(|| Proposal {
        writes: vec![unpin(name)],
        confirm: "Remove override".to_owned(),
        type_to_confirm: None,
        done: format!("Health checks manage {name} again"),
        undo: vec![pin(name, standing.band)],
    })
}

fn enroll_proposal(name: &DomainName) -> Proposal {
    Proposal {
        writes: vec![Write::Enroll {
            domain: name.clone(),
            replacement: None,
        }],
        confirm: "Enroll".to_owned(),
        type_to_confirm: None,
        done: format!("{name} is enrolled"),
        undo: vec![Write::RemoveDomain {
            domain: name.clone(),
            replacement: Replacement::Shared,
        }],
    }
}

#[component]
fn OverrideDialog(
    open: RwSignal<bool>,
    name: Memo<Option<DomainName>>,
    standing: Memo<Option<Standing>>,
) -> impl IntoView {
    let chosen = RwSignal::new(Band::Good);
    Effect::new(move |_| {
        if open.get() {
            chosen.set(standing.get_untracked().map_or(Band::Good, |standing| standing.band));
        }
    });
    let proposal = Signal::derive(move || {
        let (name, standing, band) = (name.get()?, standing.get()?, chosen.get());
        let undo = if standing.is_overridden {
            pin(&name, standing.band)
        } else {
            unpin(&name)
        };
        Some(Proposal {
            writes: vec![pin(&name, band)],
            confirm: format!("Pin to {}", band.word()),
            type_to_confirm: None,
            done: format!("{name} is pinned to {}", band.word()),
            undo: vec![undo],
        })
    });
    let options = Band::ALL
        .map(|band| (band.pool_name().to_owned(), band.word().to_owned()))
        .to_vec();
    let value = Signal::derive(move || chosen.get().pool_name().to_owned());
    let choose = move |name: String| {
        if let Some(band) = Band::from_pool_name(&name) {
            chosen.set(band);
        }
    };
    let options = StoredValue::new(options);
    view! {
        <WriteFlow open=open title="Override the pool" proposal=proposal>
            <p>
                "Now in " {move || standing.get().map(|standing| view! { <BandChip pool=standing.band /> })}
                ". Health checks leave a pinned domain alone until the override is removed."
            </p>
            <Segmented label="Pin to" options=options.get_value() value=value on_choose=choose />
        </WriteFlow>
    }
    .into_any()
}
