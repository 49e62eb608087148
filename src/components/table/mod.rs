//! A table of any length: only the rows on screen are in the document.
//!
//! The table knows rows by position alone; the caller turns a position into a key, into cells, into what opening it
//! does. Positions count the rows after filtering and sorting.

mod head;
mod place;
mod selection;
mod selection_bar;

pub(crate) use head::{PhoneColumn, TableColumn};
pub(crate) use poolkeeper_view::Sort;
pub(crate) use selection::Selection;
pub(crate) use selection_bar::SelectionBar;

use super::dialog::unique;
use crate::browser;
use head::{Head, tracks};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use place::ListPlace;
use poolkeeper_view::virtual_rows::{advanced, moved, on_screen, scroll_to, wanted};
use std::ops::Range;

/// Row heights in CSS pixels, as `--row` and `--row-phone` in the style sheet.
const ROW_PX: f64 = 36.0;
const ROW_PHONE_PX: f64 = 60.0;

/// The virtual table. A grid for assistive technology: arrow keys, Page up and down, Home and End move, Enter opens,
/// Space ticks.
#[component]
pub(crate) fn VirtualTable(
    /// The table's name.
    #[prop(into)]
    label: String,
    columns: Vec<TableColumn>,
    /// How many rows there are.
    #[prop(into)]
    count: Signal<usize>,
    /// A row's key, lasting over sorts: a domain's name, an IP.
    #[prop(into)]
    row_key: Callback<usize, String>,
    /// A row's cells, one view a column. Reads the rows' signal, so that a row on screen follows its data.
    #[prop(into)]
    cells: Callback<usize, Vec<AnyView>>,
    /// The sort in force and its setter.
    #[prop(optional)]
    sort: Option<(Signal<Sort>, Callback<Sort>)>,
    /// Which rows are ticked; without, rows can't be.
    #[prop(optional)]
    selection: Option<Selection>,
    /// Opens a row: Enter, or a click on it.
    #[prop(into, optional)]
    on_open: Option<Callback<usize>>,
) -> impl IntoView {
    let scroller = NodeRef::<html::Div>::new();
    let viewport = Viewport::new(scroller, count);
    let (row_px, count) = (viewport.row_px, viewport.count);
    viewport.draw_on_change();
    keep_place(viewport, selection);
    let id = unique();
    let active = RwSignal::new(None::<usize>);
    let toggle = move |row: usize, reach: bool| {
        if let Some(selection) = selection {
            selection.toggle(row, reach, |row| row_key.run(row));
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let on_grid = event.target().zip(scroller.get_untracked());
        if on_grid.is_none_or(|(target, grid)| target != ****grid) {
            return;
        }
        let at = active.get_untracked();
        match (event.key().as_str(), at) {
            ("Enter", Some(row)) => {
                if let Some(open) = on_open {
                    open.run(row);
                }
            }
            (" ", Some(row)) => toggle(row, event.shift_key()),
            (key, at) => match moved(key, at, count.get_untracked(), viewport.rows_on_screen()) {
                Some(row) => {
                    active.set(Some(row));
                    viewport.show(row);
                }
                None => return,
            },
        }
        event.prevent_default();
    };
    let has_ticks = selection.is_some();
    let tracks = tracks(&columns, has_ticks);
    let hidden = columns.iter().map(|column| column.cell_class()).collect::<Vec<_>>();
    let column_count = columns.len() + usize::from(has_ticks);
    let classes = StoredValue::new(hidden);
    let row = move |row: usize| {
        let parts = RowParts {
            row,
            id,
            classes,
            active,
            selection,
            row_px,
            cells,
            row_key,
            on_open,
        };
        row_view(parts)
    };
    view! {
        <div
            class="table"
            role="grid"
            tabindex="0"
            node_ref=scroller
            aria-label=label
            aria-rowcount=move || (count.get() + 1).to_string()
            aria-colcount=column_count
            aria-multiselectable=has_ticks.then_some("true")
            aria-activedescendant=move || {
                active
                    .get()
                    .filter(|row| viewport.range.get().contains(row))
                    .map(|row| format!("row-{id}-{row}"))
            }
            style=("--tracks", tracks)
            class:table-openable=on_open.is_some()
            on:scroll=move |_| viewport.draw_in_a_frame()
            on:keydown=keys
            on:focus=move |_| {
                if active.get_untracked().is_none() && count.get_untracked() > 0 {
                    active.set(Some(0));
                }
            }
        >
            <Head columns=columns sort=sort selection=selection count=count.into() row_key=row_key />
            <div
                class="table-body"
                role="rowgroup"
                style:height=move || {
                    #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^52")]
                    let rows = count.get() as f64;
                    format!("{}px", rows * row_px.get())
                }
            >
                <For each=move || viewport.range.get() key=|row| *row children=row />
            </div>
        </div>
    }
}

/// Restores how the list was left, where the browser comes back to it, and remembers how it is left.
fn keep_place(viewport: Viewport, selection: Option<Selection>) {
    let location = use_location();
    let page = location.pathname.get_untracked();
    let here = move || format!("{}{}", location.pathname.get(), location.search.get());
    let address = StoredValue::new(untrack(here));
    let waiting = StoredValue::new(place::come_back_to(&address.get_value()));
    if let (Some(selection), Some(place)) = (selection, waiting.get_value()) {
        selection.set(place.ticked);
    }
    Effect::new(move |_| {
        let (is_here, now) = (location.pathname.get() == page, here());
        if is_here {
            address.set_value(now);
        }
    });
    // The rows may come page by page: the place is there once there are enough.
    Effect::new(move |_| {
        viewport.count.track();
        let Some(place) = waiting.get_value() else { return };
        if viewport.scroll_down_to(place.top) {
            waiting.set_value(None);
        }
    });
    on_cleanup(move || {
        let place = ListPlace {
            top: viewport.top.try_get_value().unwrap_or_default(),
            ticked: selection
                .map(|selection| selection.keys_untracked())
                .unwrap_or_default(),
        };
        if let Some(address) = address.try_get_value() {
            place::keep(address, place);
        }
    });
}

/// The scroll position, and the rows that are in the document for it.
#[derive(Clone, Copy)]
struct Viewport {
    scroller: NodeRef<html::Div>,
    row_px: Memo<f64>,
    count: Memo<usize>,
    /// The position as last measured: asking the browser makes it lay out the page.
    top: StoredValue<f64>,
    /// The height as last measured.
    height: StoredValue<f64>,
    /// The rows in the document. A frame draws what it has time for; if that is not all, so does the next one.
    range: RwSignal<Range<usize>>,
    /// Whether a frame has been asked for: once, however many scroll events come before it.
    is_waiting: StoredValue<bool>,
}

impl Viewport {
    fn new(scroller: NodeRef<html::Div>, count: Signal<usize>) -> Self {
        let is_phone = browser::use_media("(max-width: 640px)");
        Self {
            scroller,
            row_px: Memo::new(move |_| if is_phone.get() { ROW_PHONE_PX } else { ROW_PX }),
            count: Memo::new(move |_| count.get()),
            top: StoredValue::new(0.0),
            height: StoredValue::new(800.0),
            range: RwSignal::new(0..0),
            is_waiting: StoredValue::new(false),
        }
    }

    fn measure(self) {
        if let Some(element) = self.scroller.get_untracked() {
            self.top.set_value(f64::from(element.scroll_top()));
            self.height.set_value(f64::from(element.client_height()));
        }
    }

    /// Puts rows into the document; `false` while some that are wanted are missing.
    fn draw(self) -> bool {
        let (top, tall) = (self.top.get_value(), self.height.get_value());
        let (row_px, count) = (self.row_px.get_untracked(), self.count.get_untracked());
        let wanted = wanted(top, tall, row_px, count);
        let before = self.range.get_untracked();
        let now = advanced(&before, &on_screen(top, tall, row_px, count), &wanted);
        let is_whole = now == wanted;
        if now != before {
            self.range.set(now);
        }
        is_whole
    }

    /// Measures and draws before the next frame, and before those after it until every wanted row is there.
    fn draw_in_a_frame(self) {
        if !self.is_waiting.get_value() {
            self.is_waiting.set_value(true);
            self.request_frame();
        }
    }

    fn request_frame(self) {
        request_animation_frame(move || {
            if self.is_waiting.try_get_value().is_none() {
                return;
            }
            self.measure();
            if self.draw() {
                self.is_waiting.set_value(false);
            } else {
                self.request_frame();
            }
        });
    }

    /// Draws again when the table's width, a row's height or the number of rows changes.
    fn draw_on_change(self) {
        let width = browser::use_width(self.scroller);
        Effect::new(move |_| {
            width.track();
            self.row_px.track();
            self.measure();
            if !self.draw() {
                self.draw_in_a_frame();
            }
        });
        Effect::new(move |_| {
            self.count.track();
            self.draw();
            // Its height may follow the number of rows, once they are laid out.
            self.draw_in_a_frame();
        });
    }

    /// Scrolls to a position once there are rows enough for it; whether it did.
    fn scroll_down_to(self, top: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^52")]
        let rows_px = self.count.get_untracked() as f64 * self.row_px.get_untracked();
        let Some(element) = self.scroller.get_untracked().filter(|_| rows_px > top) else {
            return false;
        };
        #[expect(clippy::cast_possible_truncation, reason = "a scroll position in whole pixels")]
        element.set_scroll_top(top as i32);
        self.draw_in_a_frame();
        true
    }

    /// Scrolls to a row that is out of sight.
    fn show(self, row: usize) {
        if let Some(element) = self.scroller.get_untracked() {
            let (top, height) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
            if let Some(to) = scroll_to(row, top, height, self.row_px.get_untracked(), ROW_PX) {
                #[expect(clippy::cast_possible_truncation, reason = "a scroll position in whole pixels")]
                element.set_scroll_top(to as i32);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows on one screen, a small positive number"
    )]
    fn rows_on_screen(self) -> usize {
        (self.height.get_value() / self.row_px.get_untracked()) as usize
    }
}

#[derive(Clone, Copy)]
struct RowParts {
    row: usize,
    id: u32,
    classes: StoredValue<Vec<&'static str>>,
    active: RwSignal<Option<usize>>,
    selection: Option<Selection>,
    row_px: Memo<f64>,
    cells: Callback<usize, Vec<AnyView>>,
    row_key: Callback<usize, String>,
    on_open: Option<Callback<usize>>,
}

fn row_view(parts: RowParts) -> AnyView {
    let row = parts.row;
    let is_ticked = move || parts.selection.map(|selection| selection.has(&parts.row_key.run(row)));
    let tick = parts.selection.map(|selection| {
        view! {
            <span class="cell cell-tick" role="gridcell">
                <input
                    type="checkbox"
                    tabindex="-1"
                    aria-label=move || format!("Select {}", parts.row_key.run(row))
                    prop:checked=move || is_ticked() == Some(true)
                    on:click=move |event: web_sys::MouseEvent| {
                        event.stop_propagation();
                        selection.toggle(row, event.shift_key(), |row| parts.row_key.run(row));
                    }
                />
            </span>
        }
    });
    let cells = move || {
        parts.classes.with_value(|classes| {
            classes
                .iter()
                .zip(parts.cells.run(row))
                .map(|(class, cell)| view! { <span class=*class role="gridcell">{cell}</span> })
                .collect_view()
        })
    };
    #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^52")]
    let top = move || format!("translateY({}px)", row as f64 * parts.row_px.get());
    view! {
        <div
            id=format!("row-{}-{row}", parts.id)
            class="table-row"
            role="row"
            aria-rowindex=row + 2
            aria-selected=move || is_ticked().map(|ticked| ticked.to_string())
            class:table-row-active=move || parts.active.get() == Some(row)
            style:transform=top
            on:click=move |event: web_sys::MouseEvent| {
                parts.active.set(Some(row));
                // A link or button inside a cell does its own thing.
                if let Some(open) = parts.on_open && !event.default_prevented() && !on_control(&event) {
                    open.run(row);
                }
            }
        >
            {tick}
            {cells}
        </div>
    }
    .into_any()
}

fn on_control(event: &web_sys::MouseEvent) -> bool {
    use wasm_bindgen::JsCast as _;
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| {
            element
                .closest("a, button, input, select, label, summary")
                .ok()
                .flatten()
        })
        .is_some()
}
