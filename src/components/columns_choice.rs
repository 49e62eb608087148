//! Which columns of a list are shown.

use super::popover::Popover;
use super::table::TableColumn;
use crate::state::{QueryParam, use_query_param};
use leptos::prelude::*;
use poolkeeper_view::column_choice::ChosenColumns;

/// The columns that a list's address asks for. The first is always shown.
#[derive(Clone, Copy)]
pub(crate) struct ShownColumns {
    param: QueryParam,
    all: StoredValue<Vec<TableColumn>>,
    chosen: Memo<ChosenColumns>,
}

impl ShownColumns {
    /// All columns of a list, and those it shows where the address says nothing.
    #[must_use]
    pub(crate) fn new(all: Vec<TableColumn>, hidden_at_first: &'static [&'static str]) -> Self {
        let param = use_query_param("columns");
        let ids: Vec<&'static str> = all.iter().map(|column| column.id).collect();
        Self {
            param,
            all: StoredValue::new(all),
            chosen: Memo::new(move |_| ChosenColumns::parse(&param.get(), &ids, hidden_at_first)),
        }
    }

    /// The columns shown, with their positions among all. Reactive.
    #[must_use]
    pub(crate) fn get(&self) -> Vec<(usize, TableColumn)> {
        let chosen = self.chosen.get();
        self.all.with_value(|all| {
            let shown = all.iter().enumerate().filter(|(at, _)| chosen.has(*at));
            shown.map(|(at, column)| (at, column.clone())).collect()
        })
    }

    /// Leaves the cells of the columns shown.
    #[must_use]
    pub(crate) fn cells(shown: &[usize], cells: Vec<AnyView>) -> Vec<AnyView> {
        let cells = cells.into_iter().enumerate();
        cells
            .filter_map(|(at, cell)| shown.contains(&at).then_some(cell))
            .collect()
    }
}

/// A button with a tick box for each column but the first.
#[component]
pub(crate) fn ColumnsChoice(columns: ShownColumns) -> impl IntoView {
    let chosen_words = Signal::derive(move || columns.chosen.with(ChosenColumns::words));
    let tick = move |(at, column): (usize, TableColumn)| {
        let change = move |_| {
            let text = columns.chosen.with_untracked(|chosen| chosen.toggled(at));
            columns.param.set(&text);
        };
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || columns.chosen.with(|chosen| chosen.has(at))
                    on:change=change
                />
                <span>{column.label}</span>
            </label>
        }
    };
    let panel = move || {
        let all = columns.all.get_value();
        let ticks = all.into_iter().enumerate().skip(1).map(tick).collect_view();
        view! { <div class="check-list">{ticks}</div> }
    };
    view! { <Popover label="Columns" chosen=chosen_words panel=panel /> }
}
