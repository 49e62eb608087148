//! What the pools' IPs would have to carry, and how many a pool would need.

use super::LatestComparison;
use crate::components::{BandChip, Card};
use crate::pages::what_if::state::WhatIfState;
use leptos::prelude::*;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_lab::{IpCapacity, PerBand, PoolLoad, pool_loads};

/// Both sides' loads of a pool.
type PoolLoads = (PoolLoad, PoolLoad);

#[component]
pub(crate) fn Capacity(study: WhatIfState, latest: LatestComparison) -> impl IntoView {
    let ips = Memo::new(move |_| study.ips.get());
    let loads = Memo::new(move |_| {
        let ips = ips.get()?;
        latest.with(|compared| {
            let comparison = &compared.comparison;
            let of = |summary| pool_loads(comparison.first_day, summary, &ips);
            let (a, b) = (of(&comparison.a), of(&comparison.b));
            PerBand::from_fn(|band| (*a.get(band), *b.get(band)))
        })
    });
    let set = move |change: &dyn Fn(&mut IpCapacity)| {
        study.edit(|settings| {
            change(settings.ips.get_or_insert(IpCapacity {
                not_warming: PerBand::default(),
                limit_per_day: 0,
            }));
        });
    };
    let limit = ParsedWhole::new(
        Signal::derive(move || ips.get().map_or(0, |ips| ips.limit_per_day)),
        move |limit| set(&|ips| ips.limit_per_day = limit),
    );
    let rows = Band::ALL
        .map(|band| {
            let of = Memo::new(move |_| loads.get().map(|loads| *loads.get(band)).unwrap_or_default());
            let has = Signal::derive(move || ips.get().map_or(0, |ips| u64::from(*ips.not_warming.get(band))));
            let has = ParsedWhole::new(has, move |count| {
                set(&|ips| *ips.not_warming.get_mut(band) = u32::try_from(count).unwrap_or(u32::MAX));
            });
            row(band, of, has)
        })
        .collect_view();
    view! {
        <Card title="Load per IP" class="study-wide">
            <div class="capacity-limit">
                <label for="ip-limit">"Limit per IP and day"</label>
                {limit.field("ip-limit", "Limit per IP and day, messages".to_owned())}
                <span class="muted">"messages"</span>
            </div>
            <div class="capacity-scroll" tabindex="0" role="region" aria-label="Load per IP, by pool">
                <table class="capacity" aria-describedby="capacity-note">
                    <thead>
                        <tr>
                            <th scope="col">"Pool"</th>
                            <th scope="col" class="number">"Warm IPs"</th>
                            <th scope="col" class="number">"Average, A"</th>
                            <th scope="col" class="number">"Average, B"</th>
                            <th scope="col" class="number">"Busiest, A"</th>
                            <th scope="col" class="number">"Busiest, B"</th>
                            <th scope="col" class="number">"IPs needed, A"</th>
                            <th scope="col" class="number">"IPs needed, B"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="hint capacity-hint" id="capacity-note">
                "Messages per IP and day after the start of the replay, on average and on the busiest day, without warming IPs. The number of IPs is the simulator's unless you change it."
            </p>
        </Card>
    }
}

fn row(band: Band, of: Memo<PoolLoads>, has: ParsedWhole) -> AnyView {
    let own = has.value;
    let average = move |load: &PoolLoad| {
        let parts = own.get().saturating_mul(u64::from(load.days));
        (parts > 0).then(|| load.messages.div_ceil(parts))
    };
    let count = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), text::count);
    let busiest = move |load: &PoolLoad| {
        let title = load
            .busiest_day
            .map(|day| format!("{} messages on {}", text::count(load.busiest_messages), text::day(day)));
        view! { <td class="number" title=title>{count(load.busiest_per_ip)}</td> }
    };
    let needed = move |load: &PoolLoad| {
        let is_short = load.ips_needed.is_some_and(|needed| needed > own.get());
        view! {
            <td class="number" class:capacity-short=is_short>
                {if is_short {
                    format!("Needs {}, has {}", count(load.ips_needed), text::count(own.get()))
                } else {
                    count(load.ips_needed)
                }}
            </td>
        }
    };
    let numbers = move || {
        let (a, b) = of.get();
        view! {
            <td class="number">{count(average(&a))}</td>
            <td class="number">{count(average(&b))}</td>
            {busiest(&a)}
            {busiest(&b)}
            {needed(&a)}
            {needed(&b)}
        }
    };
    view! {
        <tr>
            <th scope="row">
                <BandChip pool=band />
            </th>
            <td class="number">
                {has.field(&format!("ips-{}", band.word()), format!("Warm IPs of the {} pool", band.word()))}
            </td>
            {numbers}
        </tr>
    }
    .into_any()
}

/// A whole number that is set when a person is done typing; what is none is named and not taken. `Copy`.
#[derive(Clone, Copy)]
struct ParsedWhole {
    value: Signal<u64>,
    set: Callback<u64>,
    wrong: RwSignal<Option<String>>,
}

impl ParsedWhole {
    fn new(value: Signal<u64>, set: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self {
            value,
            set: Callback::new(set),
            wrong: RwSignal::new(None),
        }
    }

    fn field(self, id: &str, label: String) -> AnyView {
        let Self { value, set, wrong } = self;
        let shown = move || wrong.get().unwrap_or_else(|| value.get().to_string());
        let change = move |event| {
            let text = event_target_value(&event);
            match text.trim().replace([',', ' '], "").parse::<u32>() {
                Ok(number) => {
                    wrong.set(None);
                    set.run(u64::from(number));
                }
                Err(_) => wrong.set(Some(text)),
            }
        };
        let note = format!("{id}-note");
        view! {
            <span class="knob-value">
                <input
                    id=id.to_owned()
                    inputmode="numeric"
                    autocomplete="off"
                    aria-label=label
                    aria-describedby=note.clone()
                    aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                    prop:value=shown
                    on:change=change
                />
                <span class="field-problem knob-problem" role="alert" id=note>
                    {move || wrong.with(Option::is_some).then_some("Enter a whole number, 0 or more")}
                </span>
            </span>
        }
        .into_any()
    }
}
