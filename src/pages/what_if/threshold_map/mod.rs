//! Ten thousand policies as a map.

mod canvas;
mod controls;
mod heatmap;
mod marginals;
mod numbers;
mod sliders;
mod summary;

use super::query::ask_on_change;
use super::state::{WhatIfState, use_what_if};
use crate::components::{Card, Empty, SkeletonLines};
use crate::state::lab::LabAnswer;
use crate::state::{QueryParam, QuerySlot, use_lab, use_query_param};
use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_lab::LabJob;
use poolkeeper_lab::sweep::{Grid, Sweep, SweepOutcome};
use poolkeeper_view::charts::threshold_map::{MapViewState, PolicyMark, grids, map_note, mark};
use std::sync::Arc;

/// The address's parameters of the map.
#[derive(Clone, Copy)]
struct MapParams {
    x: QueryParam,
    y: QueryParam,
    z: QueryParam,
    split: QueryParam,
}

/// What the map's parts share. `Copy`.
#[derive(Clone, Copy)]
struct MapState {
    params: MapParams,
    setup: Memo<MapViewState>,
    study: WhatIfState,
    a: Memo<Policy>,
    b: Memo<Policy>,
    /// The latest answer, whatever was asked since.
    answered: Signal<Option<Arc<LabAnswer>>>,
    /// The outcome on the map: the chosen one, as soon as it has been counted.
    outcome: Memo<SweepOutcome>,
    /// Where B stands, once there is a map; it may have no place.
    b_mark: Memo<Option<PolicyMark>>,
    a_mark: Memo<Option<PolicyMark>>,
    /// The cell a person looks at.
    cursor: RwSignal<Option<(usize, usize)>>,
    /// That cell, or B's.
    looked_at: Memo<Option<(usize, usize)>>,
}

/// The grids of an answer, one or two; none while there is no answer.
fn grids_of(answered: Option<&LabAnswer>) -> Vec<&Grid> {
    answered.map(|answered| grids(&answered.outcome)).unwrap_or_default()
}

/// The sweep an answer is of, and its first held-out day.
fn asked_of(answered: Option<&LabAnswer>) -> Option<(&Sweep, Option<u32>)> {
    match &answered?.job {
        LabJob::Sweep { sweep, split_day, .. } => Some((sweep, *split_day)),
        _ => None,
    }
}

impl MapState {
    fn new() -> Self {
        let study = use_what_if();
        let params = MapParams {
            x: use_query_param("map-x"),
            y: use_query_param("map-y"),
            z: use_query_param("map-z"),
            split: use_query_param("map-split"),
        };
        let setup = Memo::new(move |_| {
            MapViewState::decode(&params.x.get(), &params.y.get(), &params.z.get(), &params.split.get())
        });
        let asked = use_lab().query(QuerySlot::Sweep);
        // Compared by identity: two answers with equal counts may be of different axes, and comparing costs more than drawing.
        let answered = Memo::new_with_compare(
            move |_| asked.answered(),
            |old: Option<&Option<Arc<LabAnswer>>>, new| match (
                old.and_then(Option::as_ref),
                new.and_then(Option::as_ref),
            ) {
                (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
                (old, new) => old.is_some() != new.is_some(),
            },
        );
        let outcome = Memo::new(move |_| {
            let chosen = setup.with(|setup| setup.outcome);
            answered.with(|answered| {
                let counted = asked_of(answered.as_deref()).map(|(sweep, _)| sweep.outcomes);
                counted
                    .filter(|counted| !counted.has(chosen))
                    .and_then(|counted| counted.iter().next())
                    .unwrap_or(chosen)
            })
        });
        let mark_of = move |policy: Memo<Policy>| {
            Memo::new(move |_| {
                answered.with(|answered| {
                    let grids = grids_of(answered.as_deref());
                    let grid = grids.first()?;
                    study.b.with(|base| policy.with(|policy| mark(policy, grid, base)))
                })
            })
        };
        let (a_mark, b_mark) = (mark_of(study.a), mark_of(study.b));
        let cursor = RwSignal::new(None);
        let looked_at = Memo::new(move |_| {
            let size = answered.with(|answered| {
                let grids = grids_of(answered.as_deref());
                let grid = grids.first()?;
                Some((grid.totals.width(), grid.totals.height()))
            })?;
            let (x, y): (usize, usize) = cursor
                .get()
                .or_else(|| b_mark.with(|mark| mark.as_ref().map(|mark| mark.cell)))?;
            Some((x.min(size.0.saturating_sub(1)), y.min(size.1.saturating_sub(1))))
        });
        Self {
            params,
            setup,
            study,
            a: study.a,
            b: study.b,
            answered: answered.into(),
            outcome,
            b_mark,
            a_mark,
            cursor,
            looked_at,
        }
    }

    /// Makes a cell the draft. What the axes do not show keeps the draft's value.
    fn take(&self, cell: (usize, usize)) {
        let policy = self.answered.with_untracked(|answered| {
            let (sweep, _) = asked_of(answered.as_deref())?;
            let sweep = Sweep {
                base: self.b.get_untracked(),
                ..sweep.clone()
            };
            sweep.policy_at(cell.0, cell.1)
        });
        if let Some(policy) = policy {
            self.study.edit(|settings| settings.b = policy);
        }
    }
}

#[component]
pub(crate) fn SweepMap(
    /// Whether it is on the screen.
    is_seen: Signal<bool>,
) -> impl IntoView {
    let state = MapState::new();
    let lab = use_lab();
    let day_count = Memo::new(move |_| lab.traffic().map(|traffic| traffic.table.day_count()));
    let has_traffic = Memo::new(move |_| day_count.get().is_some());
    let problem = Memo::new(move |_| state.setup.with(|setup| state.b.with(|b| setup.problem(b))));
    let job = Memo::new(move |_| {
        let days = day_count.get()?;
        if problem.with(Option::is_some) {
            return None;
        }
        let options = state.study.options.get();
        state
            .setup
            .with(|setup| state.a.with(|a| state.b.with(|b| Some(setup.job(a, b, options, days)))))
    });
    ask_on_change(QuerySlot::Sweep, move || job.get(), is_seen);
    let is_answered = Memo::new(move |_| state.answered.with(Option::is_some));
    let map = move || {
        if !has_traffic.get() {
            return view! {
                <Empty title="No traffic yet" hint="Choose traffic above to see the result of 10,000 policies." />
            }
            .into_any();
        }
        if is_answered.get() {
            view! { <heatmap::Figures state=state /> }.into_any()
        } else if problem.with(Option::is_some) {
            ().into_any()
        } else {
            view! { <SkeletonLines lines=6 /> }.into_any()
        }
    };
    let note = move || map_note(state.study.options.get());
    view! {
        <Card title="Threshold map" class="sweep" note=note>
            <controls::Controls state=state />
            <summary::Problem state=state problem=problem />
            <summary::Waiting job=job />
            <summary::Sentences state=state />
            {map}
        </Card>
    }
}
