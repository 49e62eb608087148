//! The domains that A and B treat differently: as many as there are, only those on screen drawn.

use super::{LatestComparison, ShownComparison};
use crate::browser;
use crate::components::{
    BandChip, Card, Empty, ExportMenu, PhoneColumn, SearchField, Segmented, Sort, TableColumn, VirtualTable,
};
use crate::pages::what_if::ONE_DOMAIN;
use crate::pages::what_if::state::WhatIfState;
use crate::state::{QueryParam, QueryWriter, use_query_param, use_query_writer};
use leptos::prelude::*;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_lab::{AffectedDomain, Side};
use poolkeeper_view::export::Sheet;
use poolkeeper_view::url_state::list::{
    ListFilter, band_word, deciding_words, domain_name, margin_words, order, parse_cell, parse_deciding, sheet,
    weak_evidence_words,
};
use std::sync::Arc;

/// The address's parameters of the list.
#[derive(Clone, Copy)]
struct AffectedParams {
    cell: QueryParam,
    letters: QueryParam,
    deciding: QueryParam,
    shaky: QueryParam,
    sort: QueryParam,
    writer: QueryWriter,
}

impl AffectedParams {
    fn here() -> Self {
        Self {
            cell: use_query_param("cell"),
            letters: use_query_param("q"),
            deciding: use_query_param("decided"),
            shaky: use_query_param("shaky"),
            sort: use_query_param("sort"),
            writer: use_query_writer(),
        }
    }

    fn wanted(&self) -> ListFilter {
        ListFilter {
            cell: parse_cell(&self.cell.get()),
            name_part: self.letters.get().trim().to_lowercase(),
            deciding: parse_deciding(&self.deciding.get()),
            is_weak_only: self.shaky.get() == "on",
        }
    }

    fn clear(&self) {
        self.writer
            .set(&[("cell", ""), ("q", ""), ("decided", ""), ("shaky", "")]);
    }
}

/// The rows in the order they are listed.
#[derive(Clone)]
struct ListedDomains {
    shown: ShownComparison,
    order: Arc<Vec<u32>>,
}

// A new comparison or a new order is another list; what is in it is compared row by row, for those on screen.
impl PartialEq for ListedDomains {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown && Arc::ptr_eq(&self.order, &other.order)
    }
}

/// What a row shows, compared by value: a row is drawn again only when it says something else.
#[derive(Clone, PartialEq)]
struct AffectedRow {
    name: String,
    domain: AffectedDomain,
}

impl ListedDomains {
    fn line(&self, row: usize) -> Option<AffectedRow> {
        let at = *self.order.get(row)? as usize;
        let domain = self
            .shown
            .with(|compared| compared.comparison.affected.get(at).copied())??;
        Some(AffectedRow {
            name: domain_name(&self.shown.traffic.table, domain.domain).to_owned(),
            domain,
        })
    }

    /// The rows as a file; `None` once the comparison is gone.
    fn sheet(&self) -> Option<Sheet> {
        self.shown
            .with(|compared| sheet(&compared.comparison.affected, &self.shown.traffic.table, &self.order))
    }
}

/// How many of all domains are listed.
fn count_words(count: u64, all: u64) -> String {
    if count == all {
        text::counted(all, "domain")
    } else {
        format!("{} of {}", text::count(count), text::counted(all, "domain"))
    }
}

#[component]
pub(crate) fn AffectedCard(study: WhatIfState, latest: LatestComparison) -> impl IntoView {
    let params = AffectedParams::here();
    let listed = Memo::new(move |_| {
        let shown = latest.get()?;
        let (wanted, sort) = (params.wanted(), Sort::parse(&params.sort.get()));
        let order = shown.with(|compared| {
            let affected = &compared.comparison.affected;
            order(
                affected,
                &shown.traffic.table,
                &wanted,
                &sort.column,
                sort.is_descending,
            )
        })?;
        Some(ListedDomains {
            shown,
            order: Arc::new(order),
        })
    });
    let all = Memo::new(move |_| latest.with(|compared| compared.comparison.affected.len()).unwrap_or(0));
    let count = Memo::new(move |_| listed.with(|listed| listed.as_ref().map_or(0, |listed| listed.order.len())));
    let line = move |row: usize| listed.with(|listed| listed.as_ref()?.line(row));
    let row_key = move |row: usize| untrack(|| line(row)).map(|line| line.name).unwrap_or_default();
    let cells = move |row: usize| {
        let line = Memo::new(move |_| line(row));
        line.get().map(|line| cells(&line)).unwrap_or_default()
    };
    let open = move |row: usize| {
        if let Some(line) = untrack(|| line(row)) {
            study.edit(|settings| settings.domain = Some(line.name));
            browser::show_id(ONE_DOMAIN);
        }
    };
    let sort = Signal::derive(move || Sort::parse(&params.sort.get()));
    let set_sort = Callback::new(move |sort: Sort| params.sort.set(&sort.to_query()));
    let file = move |()| {
        listed.with_untracked(|listed| {
            listed
                .as_ref()
                .and_then(ListedDomains::sheet)
                .unwrap_or_else(|| Sheet::new(&[]))
        })
    };
    let has_any = Memo::new(move |_| all.get() > 0);
    let is_filtered_out = Memo::new(move |_| has_any.get() && count.get() == 0);
    let words = move || count_words(count.get() as u64, all.get() as u64);
    let table = move || {
        if is_filtered_out.get() {
            return view! {
                <Empty title="No affected domains match" hint="Clear the filters to see all.">
                    <button type="button" on:click=move |_| params.clear()>
                        "Clear filters"
                    </button>
                </Empty>
            }
            .into_any();
        }
        view! {
            <VirtualTable
                label="Affected domains"
                columns=columns()
                count=count
                row_key=row_key
                cells=cells
                sort=(sort, set_sort)
                on_open=open
            />
        }
        .into_any()
    };
    // Once there is a list it stays, out of sight while it is empty: a slider pulled past A's place would have it made anew.
    let had_any = Memo::new(move |had: Option<&bool>| had == Some(&true) || has_any.get());
    let nobody = move || {
        (!has_any.get()).then(|| {
            view! {
                <Empty title="No differences" hint="Every domain is in the same band on every day under A and B." />
            }
        })
    };
    let list = move || {
        had_any.get().then(|| {
            view! {
                <div class:hidden-box=move || !has_any.get()>
                    <Filters params=params words=Signal::derive(words) file=Callback::new(file) />
                    {table}
                    <p class="hint affected-hint">
                        "Select a domain to compare both policies below. Decided by and margin are of the check that moved it to where it ends; where A and B end alike, of the first difference. Margin: the fewest events that would have changed that check's vote."
                    </p>
                </div>
            }
        })
    };
    view! { <Card title="Affected domains" class="affected-card study-wide">{nobody} {list}</Card> }
}

#[component]
fn Filters(params: AffectedParams, words: Signal<String>, file: Callback<(), Sheet>) -> impl IntoView {
    let choices = [
        ("", "Any"),
        ("bounces", "Bounces"),
        ("complaints", "Complaints"),
        ("both", "Both"),
        ("minimum", "Minimum"),
    ];
    let choices = choices.map(|(id, words)| (id.to_owned(), words.to_owned())).to_vec();
    let cell = move || {
        let (a, b) = parse_cell(&params.cell.get())?;
        let name = format!("{} under A, {} under B: show all", a.word(), b.word());
        Some(view! {
            <button type="button" class="chip" aria-label=name on:click=move |_| params.cell.set("")>
                <BandChip pool=a />
                "→"
                <BandChip pool=b />
                <span aria-hidden="true">"×"</span>
            </button>
        })
    };
    view! {
        <div class="filters" role="search" aria-label="Filter affected domains">
            <SearchField
                label="Search affected domains"
                value=params.letters.signal()
                on_input=move |text: String| params.letters.set(&text)
            />
            <Segmented
                label="Decided by"
                options=choices
                value=params.deciding.signal()
                on_choose=move |id: String| params.deciding.set(&id)
            />
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || params.shaky.get() == "on"
                    on:change=move |event| params.shaky.set(if event_target_checked(&event) { "on" } else { "" })
                />
                "Close calls only"
            </label>
            {cell}
            <span class="affected-end">
                <span class="muted" role="status">
                    {move || words.get()}
                </span>
                <ExportMenu name="affected-domains" sheet=file />
            </span>
        </div>
    }
}

fn columns() -> Vec<TableColumn> {
    vec![
        TableColumn::text("domain", "Domain", "minmax(150px, 2fr)")
            .sortable()
            .on_phone(PhoneColumn::Title),
        TableColumn::text("a", "Ends, A", "70px")
            .sortable()
            .on_phone(PhoneColumn::Aside),
        TableColumn::text("b", "Ends, B", "70px")
            .sortable()
            .on_phone(PhoneColumn::Aside),
        TableColumn::text("parted", "First difference", "minmax(108px, 1fr)").sortable(),
        TableColumn::text("deciding", "Decided by", "minmax(92px, 1fr)").sortable(),
        TableColumn::number("margin", "Margin", "minmax(92px, 1fr)").sortable(),
        TableColumn::number("apart", "Days apart", "88px")
            .sortable()
            .on_phone(PhoneColumn::Hidden),
        TableColumn::number("messages", "Messages", "88px")
            .sortable()
            .on_phone(PhoneColumn::Hidden),
        TableColumn::text("mark", "Weak evidence", "minmax(110px, 1.2fr)").on_phone(PhoneColumn::Hidden),
    ]
}

fn cells(line: &AffectedRow) -> Vec<AnyView> {
    let domain = &line.domain;
    let by = match domain.diverged_by {
        Side::A => "A",
        Side::B => "B",
    };
    let shaky = weak_evidence_words(domain);
    let mark = (!shaky.is_empty()).then(|| {
        let title = shaky.clone();
        view! {
            <span class="close-mark" title=title>
                <span aria-hidden="true">"◐ "</span>
                {shaky}
            </span>
        }
    });
    vec![
        view! { <span class="clip">{line.name.clone()}</span> }.into_any(),
        ends(domain.a.ends_in),
        ends(domain.b.ends_in),
        view! { <span title=format!("{by} moved it")>{format!("{} · {by}", text::day(domain.diverged_on))}</span> }
            .into_any(),
        deciding_words(domain.deciding).into_any(),
        margin_words(domain.margin).into_any(),
        text::count(u64::from(domain.days_apart)).into_any(),
        text::count(domain.messages).into_any(),
        mark.into_any(),
    ]
}

fn ends(band: Option<Band>) -> AnyView {
    match band {
        Some(band) => view! { <BandChip pool=band /> }.into_any(),
        None => view! { <span class="muted">{band_word(None)}</span> }.into_any(),
    }
}
