//! Columns, sorts and the sticky header.

use super::Selection;
use leptos::prelude::*;
use poolkeeper_view::Sort;

#[derive(Clone, Debug)]
pub(crate) struct TableColumn {
    /// Its name in the address and for sorting.
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    /// Its width as a grid track: `minmax(160px, 2fr)`, `90px`.
    pub(crate) width: &'static str,
    /// Numbers stand at the end.
    pub(crate) is_number: bool,
    /// Whether its heading sorts.
    pub(crate) is_sortable: bool,
    /// How it fares on a phone.
    pub(crate) phone: PhoneColumn,
}

/// Where a column goes on a phone, where a row is two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhoneColumn {
    /// Start of the first line.
    Title,
    /// End of the first line.
    Aside,
    /// On the second line, side by side.
    Detail,
    /// Half of the second line.
    Half,
    /// Left out.
    Hidden,
}

impl TableColumn {
    /// A text column.
    #[must_use]
    pub(crate) const fn text(id: &'static str, label: &'static str, width: &'static str) -> Self {
        Self {
            id,
            label,
            width,
            is_number: false,
            is_sortable: false,
            phone: PhoneColumn::Detail,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub(crate) const fn number(id: &'static str, label: &'static str, width: &'static str) -> Self {
        Self {
            is_number: true,
            ..Self::text(id, label, width)
        }
    }

    /// Sortable by its heading.
    #[must_use]
    pub(crate) const fn sortable(self) -> Self {
        Self {
            is_sortable: true,
            ..self
        }
    }

    /// Its place on a phone.
    #[must_use]
    pub(crate) const fn on_phone(self, phone: PhoneColumn) -> Self {
        Self { phone, ..self }
    }

    pub(super) const fn cell_class(&self) -> &'static str {
        match (self.is_number, self.phone) {
            (false, PhoneColumn::Title) => "cell cell-title",
            (false, PhoneColumn::Aside) => "cell cell-aside",
            (false, PhoneColumn::Detail) => "cell",
            (false, PhoneColumn::Half) => "cell cell-half",
            (false, PhoneColumn::Hidden) => "cell cell-secondary",
            (true, PhoneColumn::Title) => "cell number cell-title",
            (true, PhoneColumn::Aside) => "cell number cell-aside",
            (true, PhoneColumn::Detail) => "cell number",
            (true, PhoneColumn::Half) => "cell number cell-half",
            (true, PhoneColumn::Hidden) => "cell number cell-secondary",
        }
    }
}

pub(super) fn tracks(columns: &[TableColumn], has_ticks: bool) -> String {
    let tick = has_ticks.then_some("36px");
    let widths = tick.into_iter().chain(columns.iter().map(|column| column.width));
    widths.collect::<Vec<_>>().join(" ")
}

#[component]
pub(super) fn Head(
    columns: Vec<TableColumn>,
    sort: Option<(Signal<Sort>, Callback<Sort>)>,
    selection: Option<Selection>,
    count: Signal<usize>,
    row_key: Callback<usize, String>,
) -> impl IntoView {
    let tick = selection.map(|selection| {
        let all = move || count.get() > 0 && selection.count() >= count.get();
        let toggle = move |_| {
            if all() {
                selection.clear();
            } else {
                selection.set((0..count.get_untracked()).map(|row| row_key.run(row)));
            }
        };
        view! {
            <span class="cell cell-tick" role="columnheader">
                <input
                    type="checkbox"
                    aria-label="Select all rows"
                    prop:checked=all
                    prop:indeterminate=move || { selection.count() > 0 && !all() }
                    on:click=toggle
                />
            </span>
        }
    });
    let cells = columns
        .into_iter()
        .map(|column| head_cell(&column, sort))
        .collect_view();
    view! {
        <div class="table-head" role="rowgroup">
            <div class="table-row" role="row" aria-rowindex="1">
                {tick}
                {cells}
            </div>
        </div>
    }
}

fn head_cell(column: &TableColumn, sort: Option<(Signal<Sort>, Callback<Sort>)>) -> AnyView {
    let (id, label, is_number) = (column.id, column.label, column.is_number);
    let class = column.cell_class();
    let Some((current, set)) = sort.filter(|_| column.is_sortable) else {
        return view! {
            <span class=class role="columnheader">
                {label}
            </span>
        }
        .into_any();
    };
    let state = move || {
        current.with(|sort| {
            if sort.column != id {
                "none"
            } else if sort.is_descending {
                "descending"
            } else {
                "ascending"
            }
        })
    };
    let press = move |_| {
        // Numbers are asked for largest first, names from A.
        let is_descending = match state() {
            "none" => is_number,
            "descending" => false,
            _ => true,
        };
        set.run(Sort {
            column: id.to_owned(),
            is_descending,
        });
    };
    view! {
        <span class=class role="columnheader" aria-sort=state>
            <button type="button" class="plain sort" class:sort-number=is_number on:click=press>
                {label}
                <span class="sort-mark" aria-hidden="true">
                    {move || match state() {
                        "ascending" => "↑",
                        "descending" => "↓",
                        _ => "",
                    }}
                </span>
            </button>
        </span>
    }
    .into_any()
}
