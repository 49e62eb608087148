//! The map's numbers: as a table, as a file.

use super::{MapState, grids_of};
use crate::charts::AsTable;
use crate::components::ExportMenu;
use leptos::prelude::*;
use poolkeeper_core::health::PolicyParam;
use poolkeeper_core::text;
use poolkeeper_view::charts::threshold_map::{sampled, sheet};
use poolkeeper_view::export::Sheet;

/// Columns and rows of the table, about.
const SAMPLED: usize = 10;

/// Table and files.
#[component]
pub(crate) fn Tools(
    state: MapState,
    /// What the grids count, where there are two.
    parts: Memo<Vec<String>>,
) -> impl IntoView {
    let as_table = RwSignal::new(false);
    let all = move |()| -> Sheet {
        state.answered.with_untracked(|answered| {
            parts.with_untracked(|parts| {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                sheet(&grids_of(answered.as_deref()), &parts)
            })
        })
    };
    view! {
        <div class="chart-tools">
            <AsTable as_table=as_table />
            <ExportMenu name="sweep" sheet=Callback::new(all) />
        </div>
        <Show when=move || as_table.get()>
            <Tables state=state parts=parts />
        </Show>
    }
}

/// Every tenth row and column, with those of the cell looked at.
#[component]
fn Tables(state: MapState, parts: Memo<Vec<String>>) -> impl IntoView {
    let tables = move || {
        let outcome = state.outcome.get();
        let (x, y) = state.looked_at.get().unwrap_or_default();
        state.answered.with(|answered| {
            grids_of(answered.as_deref())
                .into_iter()
                .enumerate()
                .map(|(part, grid)| {
                    let columns = sampled(grid.totals.width(), SAMPLED, &[x]);
                    let rows = sampled(grid.totals.height(), SAMPLED, &[y]);
                    let (across, up) = (grid.x.knob.param(), grid.y.knob.param());
                    let head = |param: PolicyParam, values: &[u64], at: usize| {
                        param.value_text(values.get(at).copied().unwrap_or(0))
                    };
                    let heads = columns
                        .iter()
                        .map(|at| view! { <th scope="col" class="number">{head(across, &grid.x.values, *at)}</th> })
                        .collect_view();
                    let body = rows
                        .iter()
                        .rev()
                        .map(|row| {
                            let cells = columns
                                .iter()
                                .map(|column| {
                                    let count = grid.at(outcome, *column, *row).map(text::count);
                                    view! { <td class="number" class:sweep-looked-at=(*column, *row) == (x, y)>{count}</td> }
                                })
                                .collect_view();
                            view! {
                                <tr>
                                    <th scope="row" class="number">{head(up, &grid.y.values, *row)}</th>
                                    {cells}
                                </tr>
                            }
                        })
                        .collect_view();
                    let part = parts
                        .with(|parts| parts.get(part).cloned())
                        .map(|part| format!(". {part}"));
                    let caption = format!(
                        "{}{}. Across: {}. Up: {}.",
                        outcome.name(),
                        part.unwrap_or_default(),
                        across.label(),
                        up.label()
                    );
                    view! {
                        <div class="chart-table" tabindex="0" role="region" aria-label=caption.clone()>
                            <table class="sweep-table">
                                <caption>{caption.clone()}</caption>
                                <thead>
                                    <tr>
                                        <td></td>
                                        {heads}
                                    </tr>
                                </thead>
                                <tbody>{body}</tbody>
                            </table>
                        </div>
                    }
                })
                .collect_view()
        })
    };
    view! {
        {tables}
        <p class="hint">"Every tenth row and column, and those of the selected cell. The export has all cells."</p>
    }
}
