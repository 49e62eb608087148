//! Which account is looked at, and which subaccount it acts for, chosen from the header.

use super::icon::Icon;
use super::menu::Menu;
use crate::state::subaccounts::{MOST_OFFERED, SubaccountList};
use crate::state::{use_live, use_toasts};
use leptos::prelude::*;
use poolkeeper_core::model::AccountId;

/// The menu; there is none where there is nothing to choose.
#[component]
pub(crate) fn AccountMenu() -> impl IntoView {
    let live = use_live();
    let items = move || {
        live.read_subaccounts();
        view! {
            {program_accounts}
            {move || live.may_act_for_others().then(subaccounts)}
        }
        .into_any()
    };
    let is_offered = Memo::new(move |_| live.can_switch_account());
    view! {
        <Show when=move || is_offered.get()>
            <Menu label="Switch account" icon=Icon::Account is_icon_only=true items=items />
        </Show>
    }
    .into_any()
}

/// A choice of the menu.
fn choice(label: String, is_chosen: bool, choose: impl Fn() + 'static) -> AnyView {
    view! {
        <button
            type="button"
            role="menuitemradio"
            aria-checked=is_chosen.to_string()
            on:click=move |_| {
                if !is_chosen {
                    choose();
                }
            }
        >
            {label}
        </button>
    }
    .into_any()
}

/// The accounts of the program that serves this page.
fn program_accounts() -> Option<AnyView> {
    let (live, toasts) = (use_live(), use_toasts());
    let accounts = live.program_accounts();
    if accounts.is_empty() {
        return None;
    }
    let current = live.connected().and_then(|connected| connected.program);
    let accounts = accounts.into_iter().map(|account| {
        let is_chosen = current.as_ref() == Some(&account);
        choice(account.name.clone(), is_chosen, move || {
            live.connect_through_program(&account);
            toasts.done(format!("Connected to {}, read-only", account.name));
        })
    });
    let accounts = accounts.collect_view();
    let simulator = choice("Simulator".to_owned(), live.connected().is_none(), move || {
        live.disconnect();
        toasts.done("The simulator is shown");
    });
    Some(
        view! {
            <div class="menu-group" role="group" aria-label="Accounts">
                <p class="menu-note">"Account"</p>
                {accounts}
                {simulator}
            </div>
        }
        .into_any(),
    )
}

/// The account itself, and the subaccounts that it may act for.
fn subaccounts() -> AnyView {
    let live = use_live();
    let acts_for = move || live.connected().and_then(|connected| connected.acts_for);
    let act_for = move |subaccount: Option<AccountId>, label: String| {
        let is_chosen = acts_for() == subaccount;
        choice(label, is_chosen, move || live.act_for(subaccount.clone()))
    };
    let listed = move || match live.subaccounts() {
        SubaccountList::NotRead | SubaccountList::Reading => note("Reading subaccounts…".to_owned()),
        SubaccountList::Failed(why) => note(format!("Subaccounts could not be read: {why}")),
        SubaccountList::Read(open, has_more) => {
            let choices = open.into_iter().map(|account| act_for(Some(account.id), account.name));
            let more = has_more.then(|| {
                note(format!(
                    "The first {MOST_OFFERED}. Enter the identifier of another one in Settings."
                ))
            });
            view! {
                {choices.collect_view()}
                {more}
            }
            .into_any()
        }
    };
    view! {
        <div class="menu-group" role="group" aria-label="On behalf of">
            <p class="menu-note">"On behalf of"</p>
            {move || act_for(None, "The account itself".to_owned())}
            {listed}
        </div>
    }
    .into_any()
}

fn note(text: String) -> AnyView {
    view! { <p class="menu-note">{text}</p> }.into_any()
}
