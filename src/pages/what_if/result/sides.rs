//! Both sides' sums: where domains end, moves, flaps, days and mail in each band.

use super::LatestComparison;
use crate::components::Card;
use crate::components::band::{shape, tone};
use leptos::prelude::*;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_lab::{BacktestTotals, FLAP_DAYS};

/// A row: its name, its band if it is one's, and its number.
type SideRow = (&'static str, Option<Band>, fn(&BacktestTotals) -> u64);

const ROWS: [SideRow; 12] = [
    ("End in good", Some(Band::Good), |sum| sum.ends_in.good),
    ("End in poor", Some(Band::Poor), |sum| sum.ends_in.poor),
    ("End in new", Some(Band::New), |sum| sum.ends_in.new),
    ("Moves by checks", None, |sum| sum.moves),
    ("Moves during the start", None, |sum| sum.startup_moves),
    ("Moves back within 14 days", None, |sum| sum.flaps),
    ("Domain-days in good", Some(Band::Good), |sum| sum.domain_days.good),
    ("Domain-days in poor", Some(Band::Poor), |sum| sum.domain_days.poor),
    ("Domain-days in new", Some(Band::New), |sum| sum.domain_days.new),
    ("Mail from good", Some(Band::Good), |sum| sum.messages.good),
    ("Mail from poor", Some(Band::Poor), |sum| sum.messages.poor),
    ("Mail from new", Some(Band::New), |sum| sum.messages.new),
];

#[component]
pub(crate) fn Sides(latest: LatestComparison) -> impl IntoView {
    let totals = Memo::new(move |_| {
        latest
            .with(|compared| (compared.comparison.a.totals, compared.comparison.b.totals))
            .unwrap_or_default()
    });
    let rows = ROWS
        .map(|(name, band, read)| {
            let of = Memo::new(move |_| {
                let (a, b) = totals.get();
                (read(&a), read(&b))
            });
            let mark = band.map(|band| {
                view! {
                    <span class=format!("sides-shape {}", tone(Some(band))) aria-hidden="true">
                        {shape(Some(band))}
                    </span>
                }
            });
            view! {
                <tr>
                    <th scope="row">{mark} {name}</th>
                    <td class="number">{move || text::count(of.get().0)}</td>
                    <td class="number">{move || text::count(of.get().1)}</td>
                    <td class="number sides-change" class:sides-same=move || of.get().0 == of.get().1>
                        {move || change(of.get())}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Card title="Totals">
            <table class="sides">
                <caption class="hint result-caption">{format!("Moves back: a move after the replay's start that was reversed within {FLAP_DAYS} days.")}</caption>
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col" class="number">"A"</th>
                        <th scope="col" class="number">"B"</th>
                        <th scope="col" class="number">"B − A"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Card>
    }
}

fn change((a, b): (u64, u64)) -> String {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    if a == b {
        "0".to_owned()
    } else {
        text::signed(number(b) - number(a))
    }
}
