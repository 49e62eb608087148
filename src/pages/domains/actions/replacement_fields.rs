//! The form for what a domain sends from after it left: IPs, the shared ones, or a dedicated pool.

use crate::components::dialog::unique;
use crate::components::{Loaded, Segmented, SkeletonLines};
use crate::state::{ReadState, use_account};
use leptos::prelude::*;
use mailgun_pools::api::{ApiError, Client};
use poolkeeper_account::change::{self, Proposal};
use poolkeeper_core::model::{DedicatedPool, Domain, Ip, Replacement, ReplacementIp};
use poolkeeper_core::text::counted;
use poolkeeper_view::former_replacement::{FormerChoice, FormerTargets, former_choice};
use poolkeeper_view::replacement::{IpChoice, ip_choices, selection_problem};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What there is to choose from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choices {
    ips: Vec<IpChoice>,
    pools: Vec<DedicatedPool>,
    has_shared: bool,
    /// Whether the dedicated pools could be read.
    is_pools_known: bool,
    /// What the key may not read, each with the reason.
    missing: Vec<String>,
}

impl Choices {
    fn targets(&self) -> FormerTargets<'_> {
        FormerTargets {
            // An account has IPs: without one the list was not read.
            ips: Some(self.ips.as_slice()).filter(|ips| !ips.is_empty()),
            pools: self.is_pools_known.then_some(self.pools.as_slice()),
        }
    }
}

/// What was read; empty if the service refuses it, which is no reason to hold up a change.
fn given<T>(what: &str, read: Result<Vec<T>, ApiError>, missing: &mut Vec<String>) -> Result<Vec<T>, ApiError> {
    match read {
        Err(error) if error.is_refusal() => {
            missing.push(format!("{what}: {}", error.advice().happened));
            Ok(Vec::new())
        }
        read => read,
    }
}

async fn read(client: Client) -> Result<Choices, ApiError> {
    let (ips, dynamic, pools) = futures::join!(client.ips_with_kind(), client.pools(), client.ip_pools());
    let mut missing = Vec::new();
    let is_pools_known = pools.is_ok();
    let ips = given("IPs", ips, &mut missing)?;
    let pools = given("Dedicated pools", pools, &mut missing)?;
    let dynamic = dynamic?;
    // Without the list of IPs, whether there are shared ones is the service's to say.
    let has_shared = ips.is_empty() || ips.iter().any(|ip| ip.is_dedicated == Some(false));
    Ok(Choices {
        ips: ip_choices(&ips, &dynamic, &pools),
        pools,
        has_shared,
        is_pools_known,
        missing,
    })
}

/// What an enrolled domain would go back to. The service's documentation asks for it, its own clients leave it out.
#[component]
pub(crate) fn ReturnSelect(
    /// What is chosen.
    chosen: RwSignal<Option<ReplacementIp>>,
) -> impl IntoView {
    let account = use_account();
    let reading = account.read(read);
    let id = format!("return-{}", unique());
    let labelled = id.clone();
    let ips = move || {
        let choices = reading.value().map(|choices| choices.ips).unwrap_or_default();
        let free = choices.into_iter().filter(|choice| choice.blocked.is_none());
        free.map(|choice| view! { <option value=choice.ip.to_string()>{choice.ip.to_string()}</option> })
            .collect_view()
    };
    let choose = move |event| {
        chosen.set(match event_target_value(&event).as_str() {
            "" => None,
            "shared" => Some(ReplacementIp::Shared),
            ip => Some(ReplacementIp::Ip(Ip::as_sent(ip))),
        });
    };
    view! {
        <div class="field">
            <label for=labelled>"Replacement IP (optional)"</label>
            <select id=id on:change=choose>
                <option value="">"None"</option>
                <option value="shared">"Shared IPs"</option>
                {ips}
            </select>
            <p class="field-note">"Mailgun's reference asks for it, its own clients leave it out. Choose one if the request is refused without."</p>
        </div>
    }
}

/// What is chosen so far. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct ReplacementDraft {
    /// Empty until a person chooses.
    kind: RwSignal<String>,
    picked: RwSignal<BTreeMap<Ip, IpChoice>>,
    pool: RwSignal<String>,
    /// `None` while the dialog is closed.
    choices: ReadState<Option<Choices>>,
    former: Memo<FormerChoice>,
}

impl ReplacementDraft {
    /// For these domains: what they used before they were enrolled, or else IPs, and none yet. Nothing is read while the dialog
    /// is closed.
    #[must_use]
    pub(super) fn new(domains: StoredValue<Vec<Arc<Domain>>>, open: RwSignal<bool>) -> Self {
        let account = use_account();
        let choices = account.read(move |client| {
            let is_open = open.get();
            async move {
                if is_open {
                    read(client).await.map(Some)
                } else {
                    Ok(None)
                }
            }
        });
        let names = domains.with_value(|domains| domains.iter().map(|domain| domain.name.clone()).collect::<Vec<_>>());
        let noted = {
            let (names, record) = (names.iter().cloned().collect(), account.record());
            // Not by each entry: the removal itself is one, and the form stays as it is while it is sent.
            Memo::new(move |_| {
                open.track();
                record.phase();
                untrack(|| record.with(|changes| changes.former_senders(&record.account(), &names)))
            })
        };
        let former = Memo::new(move |_| {
            choices
                .with(|choices| {
                    let targets = choices.and_then(Option::as_ref).map(Choices::targets)?;
                    Some(noted.with(|noted| former_choice(&names, noted, targets)))
                })
                .unwrap_or_default()
        });
        Self {
            kind: RwSignal::default(),
            picked: RwSignal::default(),
            pool: RwSignal::default(),
            choices,
            former,
        }
    }

    fn kind(&self) -> String {
        let has_former = self
            .former
            .with(|former| matches!(former, FormerChoice::Offered { .. }));
        match (self.kind.get().as_str(), has_former) {
            ("" | "former", true) => "former",
            ("" | "former", false) => "ips",
            (kind, _) => kind,
        }
        .to_owned()
    }

    /// The removal, once the choice is complete and may be made. Reactive.
    #[must_use]
    pub(super) fn removal(&self, domains: &[Arc<Domain>]) -> Option<Proposal> {
        if self.kind() != "former" {
            return Some(change::remove(domains, &self.replacement()?));
        }
        let FormerChoice::Offered { replacements, .. } = self.former.get() else {
            return None;
        };
        let each = domains.iter().cloned().zip(replacements).collect::<Vec<_>>();
        Some(change::remove_each(&each))
    }

    fn replacement(&self) -> Option<Replacement> {
        match self.kind().as_str() {
            "shared" => Some(Replacement::Shared),
            "pool" => Some(self.pool.get())
                .filter(|id| !id.is_empty())
                .map(Replacement::DedicatedPool),
            _ => self.picked.with(|picked| {
                let is_fit = !picked.is_empty() && problem_of(picked).is_empty();
                is_fit.then(|| Replacement::Ips(picked.keys().cloned().collect()))
            }),
        }
    }
}

fn problem_of(picked: &BTreeMap<Ip, IpChoice>) -> String {
    selection_problem(&picked.values().collect::<Vec<_>>()).unwrap_or_default()
}

#[component]
pub(crate) fn ReplacementFields(
    /// What is chosen.
    draft: ReplacementDraft,
) -> impl IntoView {
    view! {
        <Loaded reading=draft.choices skeleton=|| view! { <SkeletonLines lines=4 /> } let:choices>
            {fields(choices, draft)}
        </Loaded>
    }
}

fn fields(read: Signal<Option<Choices>>, draft: ReplacementDraft) -> AnyView {
    let is_read = Memo::new(move |_| read.with(Option::is_some));
    let choices = Signal::derive(move || read.get().unwrap_or_default());
    let fields = move || match is_read.get() {
        true => view! { <Fields choices=choices draft=draft /> }.into_any(),
        false => view! { <SkeletonLines lines=4 /> }.into_any(),
    };
    fields.into_any()
}

#[component]
fn Fields(choices: Signal<Choices>, draft: ReplacementDraft) -> impl IntoView {
    let ReplacementDraft {
        kind,
        picked,
        pool,
        former,
        ..
    } = draft;
    let has_former = Memo::new(move |_| former.with(|former| matches!(former, FormerChoice::Offered { .. })));
    let chosen = Memo::new(move |_| draft.kind());
    let kinds = move || {
        let before = has_former.get().then_some(("former", "As before"));
        let kinds = [("ips", "IPs"), ("shared", "Shared IPs"), ("pool", "Dedicated pool")];
        let kinds = before.into_iter().chain(kinds);
        kinds
            .map(|(value, words)| (value.to_owned(), words.to_owned()))
            .collect::<Vec<_>>()
    };
    let panel = move || match chosen.get().as_str() {
        "former" => view! { <p>{move || former.with(former_label)}</p> }.into_any(),
        "shared" => view! { <SharedNote choices=choices /> }.into_any(),
        "pool" => view! { <PoolSelect choices=choices pool=pool /> }.into_any(),
        _ => view! { <IpList choices=choices picked=picked /> }.into_any(),
    };
    view! {
        <div class="field">
            <span aria-hidden="true">"Send from"</span>
            {move || {
                view! {
                    <Segmented
                        label="Send from"
                        options=kinds()
                        value=chosen
                        on_choose=move |value: String| kind.set(value)
                    />
                }
            }}
        </div>
        {move || former.with(former_problem).map(|why| view! { <p class="field-problem" role="status">{why}</p> })}
        {panel}
        {move || {
            let missing = choices.with(|choices| choices.missing.join(". "));
            (!missing.is_empty()).then(|| view! { <p class="muted">{format!("Not all choices are listed. {missing}")}</p> })
        }}
    }
}

fn former_label(former: &FormerChoice) -> String {
    match former {
        FormerChoice::Offered { label, .. } => label.clone(),
        FormerChoice::Unknown | FormerChoice::Impossible(_) => String::new(),
    }
}

fn former_problem(former: &FormerChoice) -> Option<String> {
    match former {
        FormerChoice::Impossible(why) => Some(why.clone()),
        FormerChoice::Unknown | FormerChoice::Offered { .. } => None,
    }
}

#[component]
fn SharedNote(choices: Signal<Choices>) -> impl IntoView {
    move || {
        if choices.with(|choices| choices.has_shared) {
            view! { <p class="muted">"Its mail is sent from the account's shared IPs."</p> }.into_any()
        } else {
            view! {
                <p class="field-problem" role="status">
                    "This account has no shared IPs, so the request may be refused. Choose IPs or a dedicated pool instead."
                </p>
            }
            .into_any()
        }
    }
}

#[component]
fn PoolSelect(choices: Signal<Choices>, pool: RwSignal<String>) -> impl IntoView {
    let id = format!("pool-{}", unique());
    let labelled = id.clone();
    let options = move || {
        choices.with(|choices| {
            let pools = choices.pools.iter().map(|known| {
                let words = format!("{} ({})", known.name, counted(known.ips.len() as u64, "IP"));
                let own = known.id.clone();
                view! {
                    <option value=known.id.clone() selected=move || pool.with_untracked(|pool| *pool == own)>
                        {words}
                    </option>
                }
            });
            pools.collect_view()
        })
    };
    let is_empty = move || choices.with(|choices| choices.pools.is_empty() && choices.missing.is_empty());
    view! {
        <div class="field">
            <label for=labelled>"Dedicated pool"</label>
            <select id=id prop:value=move || pool.get() on:change=move |event| pool.set(event_target_value(&event))>
                <option value="">"Choose a pool"</option>
                {options}
            </select>
            {move || {
                is_empty()
                    .then(|| {
                        view! {
                            <p class="field-problem" role="status">
                                "This account has no dedicated pools. Choose IPs or the shared IPs instead."
                            </p>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn IpList(choices: Signal<Choices>, picked: RwSignal<BTreeMap<Ip, IpChoice>>) -> impl IntoView {
    let note = format!("ips-{}", unique());
    let described_by = note.clone();
    let rows = move || {
        choices.with(|choices| {
            choices
                .ips
                .iter()
                .cloned()
                .map(|choice| ip_row(choice, picked))
                .collect_view()
        })
    };
    let is_stuck = move || choices.with(|choices| choices.ips.iter().all(|choice| choice.blocked.is_some()));
    view! {
        <fieldset class="field ip-checks" aria-describedby=described_by>
            <legend>"One IP, or several dedicated IPs"</legend>
            <div class="check-list ip-check-list">{rows}</div>
            <p class="field-problem" id=note role="alert">
                {move || picked.with(problem_of)}
            </p>
            {move || {
                is_stuck()
                    .then(|| {
                        view! {
                            <p class="field-problem" role="status">
                                "All IPs of this account are in a pool. Remove one on the Pools page, or choose the shared IPs or a dedicated pool."
                            </p>
                        }
                    })
            }}
        </fieldset>
    }
}

fn ip_row(choice: IpChoice, picked: RwSignal<BTreeMap<Ip, IpChoice>>) -> AnyView {
    let (own, picks) = (choice.ip.clone(), choice.clone());
    let is_blocked = choice.blocked.is_some();
    let reason_id = format!("why-{}", unique());
    let reason = choice
        .blocked
        .map(|reason| view! { <span class="why-not" id=reason_id.clone()>{reason}</span> });
    let notes = [
        (!choice.is_dedicated, "shared, single IP only"),
        (choice.is_warming, "warming"),
    ];
    let notes = notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words);
    let notes = notes
        .map(|words| view! { <span class="tag">{words}</span> })
        .collect_view();
    let press = move |_| {
        picked.update(|picked| {
            if picked.remove(&picks.ip).is_none() {
                picked.insert(picks.ip.clone(), picks.clone());
            }
        });
    };
    view! {
        <div class="check ip-check" class:ip-check-blocked=is_blocked>
            <label>
                <input
                    type="checkbox"
                    disabled=is_blocked
                    aria-describedby=is_blocked.then_some(reason_id)
                    prop:checked=move || picked.with(|picked| picked.contains_key(&own))
                    on:change=press
                />
                <code>{choice.ip.to_string()}</code>
            </label>
            {notes}
            {reason}
        </div>
    }
    .into_any()
}
