//! The three pool cards.

use crate::charts::Spark;
use crate::components::Term;
use crate::components::band::{shape, tone};
use crate::components::rate_bar::{metric_name, thresholds};
use leptos::prelude::*;
use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::model::{Band, DomainName, Rate};
use poolkeeper_core::text;
use poolkeeper_view::glossary::GlossaryTerm;
use poolkeeper_view::overview_summary::{OverviewSummary, PoolSummary};
use poolkeeper_view::routes::{PageRoute, domain_href};

/// The pools' names as people read them.
pub(super) const fn title(band: Band) -> &'static str {
    match band {
        Band::Good => "Good reputation",
        Band::Poor => "Poor reputation",
        Band::New => "New senders",
    }
}

/// A pool's card: its name, its number of domains, and what is known besides.
#[component]
pub(super) fn PoolFrame(
    /// The pool's band.
    band: Band,
    /// How many domains it holds.
    #[prop(into)]
    domains: Signal<String>,
    /// What follows the number.
    #[prop(into)]
    unit: Signal<String>,
    /// Beside the number.
    #[prop(into, optional)]
    aside: ViewFn,
    /// Its IPs and rates.
    #[prop(into)]
    pairs: ViewFn,
) -> impl IntoView {
    let id = format!("pool-{}", band.word());
    let labelled = id.clone();
    view! {
        <section class="card pool-figure" aria-labelledby=labelled>
            <header class="card-head pool-figure-head">
                <h2 id=id class=format!("band {}", tone(Some(band)))>
                    <span class="band-shape" aria-hidden="true">
                        {shape(Some(band))}
                    </span>
                    {title(band)}
                </h2>
                <span class="tag mono">{band.pool_name()}</span>
            </header>
            <div class="pool-figure-main">
                <p>
                    <a class="pool-figure-count" href=PageRoute::Domains.href(&[("pool", band.pool_name())])>
                        {move || domains.get()}
                    </a>
                    " "
                    <span class="muted">{move || unit.get()}</span>
                </p>
                {aside.run()}
            </div>
            <dl class="pairs">{move || pairs.run()}</dl>
        </section>
    }
}

/// One pool's card.
#[component]
pub(crate) fn PoolCard(
    /// The pool's band.
    band: Band,
    /// The page's figures.
    figures: Signal<OverviewSummary>,
) -> impl IntoView {
    let spark = Signal::derive(move || figures.with(|figures| figures.pools.get(band).spark.clone()));
    let change = Signal::derive(move || figures.with(|figures| change_words(figures.pools.get(band))));
    let count = move || figures.with(|figures| text::count(figures.pools.get(band).domains));
    let share = move || {
        figures.with(|figures| {
            let pool = figures.pools.get(band);
            let noun = if pool.domains == 1 { "domain" } else { "domains" };
            format!("{noun} · {} of mail", text::share(pool.processed, figures.processed()))
        })
    };
    let aside = move || {
        view! {
            <div class=format!("pool-spark {}", band.word())>
                <Spark values=spark label=change />
                <span class="muted" aria-hidden="true">{move || change.get()}</span>
            </div>
        }
    };
    view! {
        <PoolFrame
            band=band
            domains=Signal::derive(count)
            unit=Signal::derive(share)
            aside=aside
            pairs=move || figures.with(|figures| pairs(figures, band))
        />
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a number of domains")]
fn change_words(pool: &PoolSummary) -> String {
    match (pool.spark.first(), pool.spark.last()) {
        (Some(first), Some(last)) if pool.spark.len() > 1 => {
            let days = pool.spark.len() as u64 - 1;
            let days = text::counted(days, "day");
            match (last - first) as i64 {
                0 => format!("unchanged in {days}"),
                change => format!("{} in {days}", text::signed(change)),
            }
        }
        _ => "no history yet".to_owned(),
    }
}

fn pairs(figures: &OverviewSummary, band: Band) -> AnyView {
    let pool = figures.pools.get(band);
    let daily = pool.daily_per_warm_ip.map_or_else(|| "–".to_owned(), text::count);
    let warming = if figures.has_placeholder_ips {
        " (placeholders)".to_owned()
    } else {
        format!(" ({} warming)", text::count(pool.warming))
    };
    view! {
        <dt>
            <Term term=GlossaryTerm::WarmUp words="IPs" />
        </dt>
        <dd>{text::count(pool.ips)} <span class="muted">{warming}</span></dd>
        <dt>"Messages per IP and day"</dt>
        <dd>{daily}</dd>
        {worst_pair(Metric::BounceRate, pool.worst_bounce.as_ref(), Some(&figures.policy))}
        {worst_pair(Metric::ComplaintRate, pool.worst_complaint.as_ref(), Some(&figures.policy))}
    }
    .into_any()
}

/// A metric's highest rate, and the domain that has it.
pub(super) fn worst_pair(metric: Metric, worst: Option<&(Rate, DomainName)>, policy: Option<&Policy>) -> AnyView {
    let limits = policy.and_then(|policy| metric.policy(policy));
    let beside = limits.as_ref().map(thresholds).unwrap_or_default();
    let limit = limits
        .filter(|_| worst.is_some())
        .map(|limits| format!(" limit {}", text::limit(u64::from(limits.poor_at_least_ppm))));
    let period = policy.map_or_else(String::new, |policy| {
        format!(", {}", text::counted(u64::from(policy.window_days), "day"))
    });
    let (term, words) = (
        metric_term(metric),
        format!("Highest {}", metric_name(metric).to_lowercase()),
    );
    let value = match worst {
        Some((rate, domain)) => {
            let title = domain.to_string();
            view! { <a href=domain_href(domain.as_str()) title=title>{rate.percent_beside(&beside)}</a> }.into_any()
        }
        None => view! { <span class="muted">"–"</span> }.into_any(),
    };
    view! {
        <dt>
            <Term term=term words=words />
            {period}
        </dt>
        <dd>{value} <span class="muted">{limit}</span></dd>
    }
    .into_any()
}

const fn metric_term(metric: Metric) -> GlossaryTerm {
    match metric {
        Metric::BounceRate => GlossaryTerm::BounceRate,
        Metric::ComplaintRate => GlossaryTerm::ComplaintRate,
    }
}
