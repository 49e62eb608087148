//! The command palette: pages, actions and domains by a few letters.

use super::dialog::Dialog;
use super::icon::Icon;
use crate::browser;
use crate::state::simulator::{SimulatedAccount, use_simulated};
use crate::state::theme::Theme;
use crate::state::{DomainList, use_account, use_domains, use_overlays, use_theme};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use poolkeeper_core::text;
use poolkeeper_view::paged_list::ListPhase;
use poolkeeper_view::palette_intents::{IntentTarget, intents};
use poolkeeper_view::routes::{PageRoute, domain_href};
use std::rc::Rc;

/// What choosing an entry does.
#[derive(Clone, PartialEq)]
enum PaletteCommand {
    Go(String),
    Step(u32),
    Play(bool),
    Theme(Theme),
    Requests,
    Help,
    Tour,
}

#[derive(Clone, PartialEq)]
struct PaletteEntry {
    group: &'static str,
    words: String,
    deed: PaletteCommand,
}

const MOST_DOMAINS: usize = 12;

fn entries(typed: &str, simulated: SimulatedAccount, live: Option<DomainList>) -> Vec<PaletteEntry> {
    let wanted = typed.trim().to_lowercase();
    let entry = |group, words: String, deed| PaletteEntry { group, words, deed };
    let mut all = PageRoute::NAVIGATION
        .into_iter()
        .map(|page| entry("Pages", page.title().to_owned(), PaletteCommand::Go(page.href(&[]))))
        .collect::<Vec<_>>();
    if simulated.today().is_some() {
        let play = !simulated.is_playing();
        all.push(entry("Actions", "Step a day".to_owned(), PaletteCommand::Step(1)));
        all.push(entry("Actions", "Step a week".to_owned(), PaletteCommand::Step(7)));
        let words = if play { "Play" } else { "Pause" };
        all.push(entry("Actions", words.to_owned(), PaletteCommand::Play(play)));
    }
    all.push(entry("Actions", "Show requests".to_owned(), PaletteCommand::Requests));
    all.extend(Theme::ALL.into_iter().map(|theme| {
        entry(
            "Actions",
            format!("Theme: {}", theme.label().to_lowercase()),
            PaletteCommand::Theme(theme),
        )
    }));
    all.retain(|entry| entry.words.to_lowercase().contains(&wanted));
    if !wanted.is_empty() {
        let answers = intents().into_iter().filter(|intent| intent.answers(&wanted));
        all.extend(answers.filter_map(|intent| {
            let command = match intent.target {
                IntentTarget::Address(address) => PaletteCommand::Go(address),
                IntentTarget::Help => PaletteCommand::Help,
                // It is told on the simulator.
                IntentTarget::Tour => live.is_none().then_some(PaletteCommand::Tour)?,
            };
            Some(entry("Help and shortcuts", intent.words, command))
        }));
        let found = match live {
            Some(list) => list.named(&wanted, MOST_DOMAINS),
            None => simulated.domains_named(&wanted, MOST_DOMAINS),
        };
        all.extend(
            found
                .into_iter()
                .map(|name| entry("Domains", name.clone(), PaletteCommand::Go(domain_href(&name)))),
        );
    }
    all
}

#[component]
pub(crate) fn Palette() -> impl IntoView {
    let overlays = use_overlays();
    view! {
        <Dialog
            open=overlays.palette
            on_close=move |()| overlays.palette.set(false)
            title="Search and commands"
            class="palette"
        >
            <PaletteBody />
        </Dialog>
    }
}

#[component]
fn PaletteBody() -> impl IntoView {
    let overlays = use_overlays();
    let simulated = use_simulated();
    let theme = use_theme();
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let (account, domains) = (use_account(), use_domains());
    let is_live = Memo::new(move |_| !account.source().is_simulator());
    let list = Memo::new(move |_| entries(&typed.get(), simulated, is_live.get().then_some(domains)));
    let is_asked =
        Memo::new(move |was: Option<&bool>| was == Some(&true) || (is_live.get() && !typed.with(String::is_empty)));
    Effect::new(move |_| {
        if is_asked.get() {
            domains.follow();
        }
    });
    // What is not loaded yet can't be found.
    let partly = move || {
        let status = domains.status().get();
        (is_asked.get() && is_live.get() && status.phase != ListPhase::Complete && !status.is_refresh).then(|| {
            let of = status
                .total
                .map(|total| format!(" of {}", text::count(total)))
                .unwrap_or_default();
            format!("Searches the {}{of} domains loaded so far", text::count(status.done))
        })
    };
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            browser::focus(&input);
        }
    });
    let navigate = use_navigate();
    let perform: Rc<dyn Fn(&PaletteCommand)> = Rc::new(move |deed: &PaletteCommand| {
        overlays.palette.set(false);
        match deed {
            PaletteCommand::Go(address) => {
                let options = NavigateOptions {
                    resolve: false,
                    ..NavigateOptions::default()
                };
                navigate(address, options);
            }
            PaletteCommand::Step(days) => simulated.step(*days),
            PaletteCommand::Play(play) => simulated.play(*play),
            PaletteCommand::Theme(choice) => theme.set(*choice),
            PaletteCommand::Requests => overlays.requests.set(true),
            PaletteCommand::Help => overlays.help.set(true),
            PaletteCommand::Tour => overlays.tour.set(Some(0)),
        }
    });
    let perform = StoredValue::new_local(perform);
    let act = move |at: usize| {
        let deed = list.with_untracked(|list| list.get(at).map(|entry| entry.deed.clone()));
        if let Some(deed) = deed {
            // Taken out first: acting closes the palette and drops what is stored here.
            let perform = perform.get_value();
            perform(&deed);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = list.with_untracked(Vec::len);
        let at = chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.set((at + 1) % count),
            "ArrowUp" if count > 0 => chosen.set((at + count - 1) % count),
            "Enter" => act(at),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <label class="search-field">
            {Icon::Search.view()} <span class="hidden">"Page, action or domain"</span>
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-controls="palette-list"
                aria-activedescendant=move || {
                    let has_any = list.with(|list| !list.is_empty());
                    has_any.then(|| format!("palette-{}", chosen.get()))
                }
                placeholder="Page, action or domain"
                autocomplete="off"
                spellcheck="false"
                node_ref=input
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    chosen.set(0);
                }
                on:keydown=keys
            />
        </label>
        <div id="palette-list" class="palette-list" role="listbox" aria-label="Results">
            {move || options(&list.get(), chosen, act)}
        </div>
        <p class="palette-none muted" role="status">{partly}</p>
        <p class="palette-none muted" role="status">
            {move || list.with(Vec::is_empty).then_some("No results")}
        </p>
    }
}

fn options(list: &[PaletteEntry], chosen: RwSignal<usize>, act: impl Fn(usize) + Copy + 'static) -> AnyView {
    let mut group = "";
    list.iter()
        .enumerate()
        .map(|(at, entry)| {
            let heading = (entry.group != group).then(|| {
                group = entry.group;
                view! { <div class="palette-group" role="presentation">{group}</div> }
            });
            view! {
                {heading}
                <div
                    id=format!("palette-{at}")
                    class="palette-option"
                    role="option"
                    aria-selected=move || (chosen.get() == at).to_string()
                    on:click=move |_| act(at)
                    on:pointermove=move |_| {
                        if chosen.get_untracked() != at {
                            chosen.set(at);
                        }
                    }
                >
                    {entry.words.clone()}
                </div>
            }
        })
        .collect_view()
        .into_any()
}
