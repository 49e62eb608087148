//! What a person notes about one domain.

use super::Field;
use crate::state::LabelStore;
use crate::state::use_toasts;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use poolkeeper_core::model::{Day, DomainName};
use poolkeeper_view::labels::Label;

/// The fields, as typed.
#[derive(Clone, Copy)]
struct Typed {
    customer: RwSignal<String>,
    owner: RwSignal<String>,
    tags: RwSignal<String>,
    note: RwSignal<String>,
    reason: RwSignal<String>,
    until: RwSignal<String>,
}

impl Typed {
    fn of(label: &Label) -> Self {
        let until = label.override_until.map(|day| day.to_string());
        Self {
            customer: RwSignal::new(label.customer.clone()),
            owner: RwSignal::new(label.owner.clone()),
            tags: RwSignal::new(label.tags_text()),
            note: RwSignal::new(label.note.clone()),
            reason: RwSignal::new(label.override_reason.clone()),
            until: RwSignal::new(until.unwrap_or_default()),
        }
    }

    fn label(self) -> Label {
        let text = |field: RwSignal<String>| field.get_untracked().trim().to_owned();
        Label {
            customer: text(self.customer),
            owner: text(self.owner),
            tags: Label::parse_tags(&self.tags.get_untracked()),
            note: text(self.note),
            override_reason: text(self.reason),
            // The browser's own field has a day or nothing.
            override_until: text(self.until).parse().ok().map(Day::from_date),
        }
    }
}

/// The form. What a pattern or the account says is shown where the domain's own row says nothing.
#[component]
pub(crate) fn LabelForm(
    store: LabelStore,
    domain: DomainName,
    /// The name of its account.
    account: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let own = untrack(|| store.with(|labels| labels.own(&domain)));
    let whole = untrack(|| store.with(|labels| labels.of(&domain, &account)));
    let typed = Typed::of(&own);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        match store.set(&domain, typed.label()) {
            Ok(()) => toasts.done(format!("Saved the notes on {domain}")),
            Err(problem) => toasts.failed(format!("The notes could not be saved: {problem}")),
        }
    };
    let field =
        |id: &'static str, label: &'static str, kind: &'static str, value: RwSignal<String>, inherited: String| {
            view! {
                <Field id=id label=label>
                    <input
                        id=id
                        type=kind
                        maxlength="500"
                        placeholder=inherited
                        prop:value=move || value.get()
                        on:input=move |event| value.set(event_target_value(&event))
                    />
                </Field>
            }
        };
    let tags = whole.tags_text();
    view! {
        <form class="label-form" on:submit=save>
            {field("label-customer", "Customer", "text", typed.customer, whole.customer)}
            {field("label-owner", "Owner", "text", typed.owner, whole.owner)}
            {field("label-tags", "Tags, separated by commas", "text", typed.tags, tags)}
            {field("label-note", "Note", "text", typed.note, whole.note)}
            {field("label-reason", "Reason for the override", "text", typed.reason, whole.override_reason)}
            {field("label-until", "Override until, UTC", "date", typed.until, String::new())}
            <div class="actions label-save">
                <button type="submit">"Save notes"</button>
            </div>
        </form>
    }
}
