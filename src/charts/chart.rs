//! A chart one can point at, step through with the keyboard, read as a table and save.

use super::draw::{ChartFrame, axes, cursor, series, start, thresholds};
use super::save;
use super::table_toggle::AsTable;
use crate::browser;
use crate::components::Menu;
use crate::components::icon::Icon;
use crate::state::use_toasts;
use leptos::html;
use leptos::prelude::*;
use leptos::svg;
use poolkeeper_view::charts::data::ChartData;
use poolkeeper_view::charts::geometry::nearest_index;

/// A chart. Its numbers stand in text under it: those of the latest position, or of the one under the cursor.
#[component]
pub(crate) fn Chart(
    /// What it shows; its name for assistive technology and for saved files.
    #[prop(into)]
    title: String,
    /// The content.
    #[prop(into)]
    data: Signal<ChartData>,
    /// Height in pixels.
    #[prop(default = 240.0)]
    height: f64,
    /// Called with the position a person picked by click or Enter.
    #[prop(into, optional)]
    on_pick: Option<Callback<usize>>,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let picture = NodeRef::<svg::Svg>::new();
    let width = browser::use_width(plot);
    let pointed = RwSignal::new(None::<usize>);
    let as_table = RwSignal::new(false);
    let frame = Memo::new(move |_| data.with(|data| ChartFrame::new(data, width.get().max(240.0), height)));
    let last = move || data.with(|data| data.count().saturating_sub(1));
    let at = Memo::new(move |_| pointed.get().unwrap_or_else(last).min(last()));
    let point = move |event: &web_sys::PointerEvent| {
        let left = plot.get_untracked()?.get_bounding_client_rect().left();
        let (first, end) = frame.with_untracked(|frame| frame.x.pixels);
        let count = data.with_untracked(ChartData::count);
        nearest_index(f64::from(event.client_x()) - left, first, end, count)
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let (key, here) = (event.key(), at.get_untracked());
        if let Some(to) = moved_by_key(&key, here, last()) {
            event.prevent_default();
            pointed.set(Some(to));
        } else if key == "Enter"
            && let Some(pick) = on_pick
        {
            pick.run(here);
        }
    };
    let name = title.clone();
    // Until its width is known there is nothing to draw.
    let is_measured = Memo::new(move |_| width.get() > 0.0);
    let drawn = move || {
        is_measured.get().then(|| {
            data.with(|data| {
                frame.with(|frame| {
                    view! {
                        {axes(data, frame)}
                        {series(data, frame)}
                        {start(data, frame)}
                        {thresholds(data, frame)}
                    }
                    .into_any()
                })
            })
        })
    };
    let under_cursor = move || {
        let at = pointed.get().map(|_| at.get())?;
        Some(data.with(|data| frame.with(|frame| cursor(data, frame, at))))
    };
    view! {
        <div class="chart" class:chart-pickable=on_pick.is_some()>
            <div
                class="chart-plot"
                node_ref=plot
                role="slider"
                tabindex="0"
                aria-label=format!("{name}, step through with the arrow keys")
                aria-valuemin="0"
                aria-valuemax=move || last().to_string()
                aria-valuenow=move || at.get().to_string()
                aria-valuetext=move || data.with(|data| data.spoken(at.get()))
                on:pointermove=move |event| {
                    let now = point(&event);
                    if pointed.get_untracked() != now {
                        pointed.set(now);
                    }
                }
                on:pointerleave=move |_| pointed.set(None)
                on:blur=move |_| pointed.set(None)
                on:focus=move |_| {
                    if pointed.get_untracked().is_none() {
                        pointed.set(Some(last()));
                    }
                }
                on:click=move |_| {
                    if let (Some(pick), Some(at)) = (on_pick, pointed.get_untracked()) {
                        pick.run(at);
                    }
                }
                on:keydown=keys
            >
                <svg
                    node_ref=picture
                    aria-hidden="true"
                    width=move || frame.with(|frame| frame.width)
                    height=height
                    viewBox=move || frame.with(|frame| format!("0 0 {} {}", frame.width, frame.height))
                >
                    {drawn}
                    {under_cursor}
                </svg>
            </div>
            {move || data.with(|data| readout(data, at.get()))}
            <Tools title=title data=data picture=picture as_table=as_table />
            <Show when=move || as_table.get()>
                {move || data.with(table)}
            </Show>
        </div>
    }
}

/// The position that a key leads to.
fn moved_by_key(key: &str, here: usize, end: usize) -> Option<usize> {
    let to = match key {
        "ArrowRight" | "ArrowUp" => here.saturating_add(1),
        "ArrowLeft" | "ArrowDown" => here.saturating_sub(1),
        "PageUp" => here.saturating_add(7),
        "PageDown" => here.saturating_sub(7),
        "Home" => 0,
        "End" => end,
        _ => return None,
    };
    Some(to.min(end))
}

fn readout(data: &ChartData, at: usize) -> AnyView {
    let values = data
        .series
        .iter()
        .map(|series| {
            let tone = data.tone(series, at);
            view! {
                <span class=tone.class()>
                    <span class="readout-shape" aria-hidden="true">{tone.shape()}</span>
                    " "
                    <span class="readout-value">{data.value(series, at)}</span>
                    " "
                    {series.name.clone()}
                </span>
            }
        })
        .collect_view();
    let place = (data.count() > 0).then(|| data.place(at));
    view! {
        <p class="readout">
            <span class="readout-when">{place}</span>
            {values}
        </p>
    }
    .into_any()
}

fn table(data: &ChartData) -> AnyView {
    let sheet = data.sheet();
    let heads = sheet
        .columns
        .into_iter()
        .enumerate()
        .map(|(at, name)| view! { <th scope="col" class:number=at != 0>{name}</th> })
        .collect_view();
    let rows = sheet
        .rows
        .into_iter()
        .rev()
        .map(|row| {
            let cells = row
                .into_iter()
                .enumerate()
                .map(|(at, cell)| view! { <td class:number=at != 0>{cell}</td> })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label="The chart's numbers">
            <table>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Tools(
    title: String,
    data: Signal<ChartData>,
    picture: NodeRef<svg::Svg>,
    as_table: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let name = StoredValue::new(title);
    let save = move |how: save::ImageFormat| {
        let Some(picture) = picture.get_untracked() else { return };
        let file = name.with_value(|name| name.to_lowercase().replace(' ', "-"));
        save::picture(&picture, &file, how, toasts);
    };
    let csv = move |_| {
        let file = name.with_value(|name| format!("{}.csv", name.to_lowercase().replace(' ', "-")));
        let sheet = data.with_untracked(ChartData::sheet);
        if let Err(problem) = browser::download_text(&file, "text/csv;charset=utf-8", &sheet.csv()) {
            toasts.failed(format!("The file could not be saved: {problem}"));
        }
    };
    let items = move || {
        view! {
            <button type="button" role="menuitem" on:click=move |_| save(save::ImageFormat::Svg)>
                "SVG"
            </button>
            <button type="button" role="menuitem" on:click=move |_| save(save::ImageFormat::Png)>
                "PNG"
            </button>
            <button type="button" role="menuitem" on:click=csv>
                "CSV"
            </button>
        }
        .into_any()
    };
    view! {
        <div class="chart-tools">
            <AsTable as_table=as_table />
            <Menu label="Save as" icon=Icon::Save items=items />
        </div>
    }
}
