//! What is looked for in the record, kept in the address.

use crate::components::SearchField;
use crate::components::filter_field::{filter_choice, filter_day};
use crate::state::{QueryParam, QueryWriter, use_query_param, use_query_writer};
use chrono::NaiveDate;
use leptos::prelude::*;
use poolkeeper_account::record::{ChangeKind, ChangeOutcome, RecordFilter};
use poolkeeper_core::model::Day;

const KEYS: [&str; 5] = ["domain", "kind", "outcome", "after", "before"];

/// The filters as the address has them. `Copy`.
#[derive(Clone, Copy)]
pub(super) struct RecordFilters {
    domain: QueryParam,
    kind: QueryParam,
    outcome: QueryParam,
    after: QueryParam,
    before: QueryParam,
    writer: QueryWriter,
}

impl RecordFilters {
    /// Those of the current address.
    pub(super) fn from_address() -> Self {
        Self {
            domain: use_query_param("domain"),
            kind: use_query_param("kind"),
            outcome: use_query_param("outcome"),
            after: use_query_param("after"),
            before: use_query_param("before"),
            writer: use_query_writer(),
        }
    }

    /// What to look for. Dates are whole UTC days, both ends included. Reactive.
    pub(super) fn filter(&self) -> RecordFilter {
        let day = |param: QueryParam| {
            let date = NaiveDate::parse_from_str(&param.get(), "%Y-%m-%d").ok();
            date.map(Day::from_date)
        };
        let (kind, outcome) = (self.kind.get(), self.outcome.get());
        RecordFilter {
            domain: self.domain.get(),
            kind: ChangeKind::ALL.into_iter().find(|known| known.word() == kind),
            outcome: ChangeOutcome::ALL.into_iter().find(|known| known.word() == outcome),
            from: day(self.after).map(|day| day.start().to_utc()),
            until: day(self.before).map(|day| day.end().to_utc()),
        }
    }

    /// Whether any is set. Reactive.
    pub(super) fn are_set(&self) -> bool {
        [self.domain, self.kind, self.outcome, self.after, self.before]
            .iter()
            .any(|param| !param.get().is_empty())
    }

    /// Takes all away.
    pub(super) fn clear(&self) {
        self.writer.set(&KEYS.map(|key| (key, "")));
    }
}

/// The filters' controls.
#[component]
pub(super) fn FilterBar(filters: RecordFilters) -> impl IntoView {
    view! {
        <div class="filters" role="search" aria-label="Filter record">
            <SearchField
                label="Part of a domain name"
                value=filters.domain.signal()
                on_input=move |text: String| filters.domain.set(text.trim())
            />
            {filter_choice("Kind", "record-kind", "any kind", ChangeKind::ALL.map(ChangeKind::word), filters.kind)}
            {filter_choice(
                "Outcome",
                "record-outcome",
                "any outcome",
                ChangeOutcome::ALL.map(ChangeOutcome::word),
                filters.outcome,
            )}
            {filter_day("From day", "record-after", filters.after)}
            {filter_day("To day", "record-before", filters.before)}
            <Show when=move || filters.are_set()>
                <button type="button" class="quiet" on:click=move |_| filters.clear()>
                    "Clear filters"
                </button>
            </Show>
        </div>
    }
}
