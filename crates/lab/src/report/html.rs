//! A report as one self-contained HTML page, without scripts.

use super::csv::deciding_word;
use super::{LabReport, NamedDomain, ReportResult, TrafficDescription, TrafficOrigin, chart, import, map};
use crate::backtest::Overrides;
use crate::calibrate::{Calibration, Evidence, HiddenThreshold, ThresholdInterval};
use crate::compare::{AffectedDomain, Comparison, ComparisonReport, PoolLoad, Summary};
use maud::{Markup, PreEscaped, Render, html};
use poolkeeper_core::health::{BelowMinimum, Metric, MetricPolicy, Policy};
use poolkeeper_core::model::Band;
use poolkeeper_core::text::{band_shape, count, counted, limit, marked_name, metric_name, share};
use poolkeeper_simulator::sim::PerBand;
use std::cmp::Reverse;

/// Affected domains shown; the CSV has all.
const MAX_DOMAINS: usize = 1_000;

const STYLE: &str = include_str!("report.css");

/// A band's shape and word.
fn band(band: Option<Band>) -> Markup {
    let Some(band) = band else {
        return cell("not enrolled");
    };
    html! { span class=(band.word()) { (band_shape(Some(band))) " " (band.word()) } }
}

fn cell(value: impl Render) -> Markup {
    html! { (value) }
}

/// A table whose first column has the row headers.
fn table(heads: &[impl Render], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div class="wide" tabindex="0" {
            table {
                thead {
                    tr {
                        @for head in heads.iter().map(Render::render) {
                            @if head.0.is_empty() { td {} } @else { th scope="col" { (head) } }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The report as one HTML page.
#[must_use]
pub fn html(report: &LabReport) -> String {
    let (title, body) = match &report.result {
        ReportResult::Backtest { policy, summary } => ("Result of one policy", backtest(report, policy, summary)),
        ReportResult::Compare {
            a,
            b,
            compared,
            sentences,
            affected,
            ..
        } => (
            "Policy A vs policy B",
            comparison(report, (a, b), compared, sentences, affected),
        ),
        ReportResult::Calibrate(found) => ("Estimate of Mailgun's thresholds", calibration(found)),
        ReportResult::Sweep { sweep, grid, .. } => (
            "Threshold map",
            html! {
                (map::maps(&[("", grid)]))
                (policies(&[("Base", &sweep.base)], report.options.overrides))
            },
        ),
        ReportResult::Holdout { sweep, halves, .. } => (
            "Threshold map, with held-out days",
            html! {
                p { "Split after " (counted(u64::from(halves.split_day), "day")) "." }
                (map::maps(&[(", before", &halves.chosen_on), (", from then on", &halves.scored_on)]))
                (policies(&[("Base", &sweep.base)], report.options.overrides))
            },
        ),
    };
    let page = html! {
        (PreEscaped("<!doctype html>"))
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) " — Poolkeeper" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p class="quiet" {
                        @if let Some(at) = report.made_at {
                            "Made " (at.to_utc().format("%Y-%m-%d %H:%M").to_string()) " UTC. "
                        }
                        "Poolkeeper report, version " (report.version) "."
                    }
                    (body)
                    @if let Some(traffic) = &report.traffic { (coverage(traffic)) }
                    @if let Some(import) = &report.import { (import::html(import)) }
                    @if report.traffic.is_some() { (caveats()) }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn caveats() -> Markup {
    html! {
        h2 { "What real data does not say" }
        ul {
            li { "Days without a row are not days with zero: they add nothing to a window." }
            li { "Gmail reports no complaints, so complaint rates understate." }
            li { "Complaints arrive days late, so a replay sees more than the live check saw." }
            li {
                "A rate on few messages may be far from the true one: it carries its interval (Wilson, 95 %), and a "
                "verdict that one event more or fewer would change is marked."
            }
        }
    }
}

fn coverage(traffic: &TrafficDescription) -> Markup {
    let origin = match &traffic.origin {
        TrafficOrigin::Simulator(spec) => format!(
            "Simulator, {}, {}, seed {}",
            spec.kind().name(),
            counted(u64::from(spec.size()), "domain"),
            spec.seed()
        ),
        TrafficOrigin::File { name } => format!("File “{name}”"),
        TrafficOrigin::Live { days } => format!("Live account, {}", counted(u64::from(*days), "day")),
        TrafficOrigin::Sample { name } => format!("Sample “{name}”"),
    };
    let data = &traffic.coverage;
    let row = |name: &str, value: String| vec![cell(name), cell(value)];
    let rows = [
        row("Traffic", origin),
        vec![cell("Digest"), html! { code { (traffic.digest) } }],
        row(
            "Days",
            format!("{} from {}", count(u64::from(data.day_count)), data.first_day),
        ),
        row(
            "Domains",
            format!("{} in {}", count(data.domains), counted(data.accounts, "account")),
        ),
        row("Domain-days without a row", count(data.missing_domain_days)),
        row("Days without any row", count(data.missing_days)),
        row("Domains without any row", count(data.empty_domains)),
        row("Processed", count(data.totals.processed)),
        row("Delivered", count(data.totals.delivered)),
        row("Bounced", count(data.totals.bounced)),
        row("Complained", count(data.totals.complained)),
        row("Domains without a complaint", count(data.domains_without_complaints)),
        row(
            "Domain-days with more complaints than deliveries",
            count(data.late_complaint_days),
        ),
    ];
    html! {
        h2 { "Traffic" }
        (table(&["", "held"], &rows))
    }
}

fn policies(named: &[(&str, &Policy)], overrides: Overrides) -> Markup {
    let metric = |metric: Option<MetricPolicy>| {
        metric.map_or_else(
            || "off".to_owned(),
            |on| {
                format!(
                    "good up to {}, poor from {}, at least {}",
                    limit(on.good_at_most_ppm.into()),
                    limit(on.poor_at_least_ppm.into()),
                    counted(on.poor_min_events, "event")
                )
            },
        )
    };
    let row = |name: &str, value: &dyn Fn(&Policy) -> String| {
        std::iter::once(cell(name))
            .chain(named.iter().map(|(_, policy)| cell(value(policy))))
            .collect::<Vec<_>>()
    };
    let mut heads = vec!["Choice"];
    heads.extend(named.iter().map(|(name, _)| *name));
    let rows = [
        row("Window", &|policy| counted(u64::from(policy.window_days), "day")),
        row("Check every", &|policy| {
            counted(u64::from(policy.check_every_days), "day")
        }),
        row(metric_name(Metric::BounceRate), &|policy| metric(policy.bounce)),
        row(metric_name(Metric::ComplaintRate), &|policy| metric(policy.complaint)),
        row("Minimum processed", &|policy| count(policy.minimum_processed)),
        row("Below the minimum", &|policy| match policy.below_minimum {
            BelowMinimum::Hold => "stays".to_owned(),
            BelowMinimum::New => "back to new".to_owned(),
        }),
        row("Promoted after", &|policy| {
            counted(u64::from(policy.promotion_after_checks), "check")
        }),
        row("Demoted after", &|policy| {
            counted(u64::from(policy.demotion_after_checks), "check")
        }),
    ];
    let kept = match overrides {
        Overrides::Kept => "Overrides were kept.",
        Overrides::Ignored => "Overrides were ignored.",
    };
    html! {
        h2 { "Policies" }
        (table(&heads, &rows))
        p { (kept) }
    }
}

fn backtest(report: &LabReport, policy: &Policy, summary: &Summary) -> Markup {
    let first_day = report
        .traffic
        .as_ref()
        .map_or(poolkeeper_core::model::Day(0), |traffic| traffic.coverage.first_day);
    let totals = &summary.totals;
    let rows: Vec<_> = Band::ALL
        .into_iter()
        .map(|each| {
            vec![
                band(Some(each)),
                cell(count(*totals.ends_in.get(each))),
                cell(count(*totals.domain_days.get(each))),
                cell(count(*totals.messages.get(each))),
            ]
        })
        .collect();
    html! {
        (table(&["Band", "domains at the end", "domain-days", "messages sent from it"], &rows))
        (chart::stacked_chart("Domains by band, per day", first_day, summary))
        p { (counted(totals.moves, "move")) ", of which " (flaps(totals.flaps)) " within 14 days." }
        p { (summary.start_sentence()) }
        (policies(&[("Policy", policy)], report.options.overrides))
    }
}

fn flaps(flaps: u64) -> String {
    if flaps == 1 {
        "1 moved back".to_owned()
    } else {
        format!("{} moved back", count(flaps))
    }
}

fn comparison(
    report: &LabReport,
    (a, b): (&Policy, &Policy),
    compared: &ComparisonReport,
    sentences: &[String],
    affected: &[NamedDomain],
) -> Markup {
    let found = &compared.comparison;
    let total = |name: &str, value: &dyn Fn(&Summary) -> u64| {
        vec![cell(name), cell(count(value(&found.a))), cell(count(value(&found.b)))]
    };
    let rows = [
        total("Moves", &|side| side.totals.moves),
        total("Moves during the start", &|side| side.totals.startup_moves),
        total("Moves back within 14 days", &|side| side.totals.flaps),
        total("Domain-days in poor", &|side| side.totals.domain_days.poor),
        total("Messages sent from poor", &|side| side.totals.messages.poor),
    ];
    html! {
        ul class="findings" {
            @for sentence in sentences { li { (sentence) } }
        }
        (transitions(found))
        @for (name, side) in [("A", &found.a), ("B", &found.b)] {
            (chart::stacked_chart(&format!("Domains by band under {name}, per day"), found.first_day, side))
        }
        h2 { "Totals" }
        (table(&["", "under A", "under B"], &rows))
        @if let Some((a, b)) = &compared.loads { (loads(a, b)) }
        (domains(&found.affected, affected, report.not_listed()))
        (policies(&[("A", a), ("B", b)], report.options.overrides))
    }
}

fn transitions(found: &Comparison) -> Markup {
    let rows: Vec<_> = Band::ALL
        .into_iter()
        .map(|a| {
            let cells = Band::ALL.map(|b| {
                let cell = found.ends.get(a, b);
                html! {
                    (count(cell.domains))
                    br;
                    span class="quiet" { (share(cell.messages, found.messages)) " of the mail" }
                }
            });
            std::iter::once(html! { (band(Some(a))) " under A" })
                .chain(cells)
                .collect()
        })
        .collect();
    let [good, poor, new] = Band::ALL.map(|b| html! { (band(Some(b))) " under B" });
    html! {
        h2 { "Where domains end" }
        (table(&[html! {}, good, poor, new], &rows))
    }
}

fn loads(a: &PerBand<PoolLoad>, b: &PerBand<PoolLoad>) -> Markup {
    let needed = |load: &PoolLoad| load.ips_needed.map_or_else(|| "—".to_owned(), count);
    let per_ip = |load: &PoolLoad| load.busiest_per_ip.map_or_else(|| "no warm IP".to_owned(), count);
    let rows: Vec<_> = Band::ALL
        .into_iter()
        .map(|each| {
            let (a, b) = (a.get(each), b.get(each));
            let cells = [per_ip(a), per_ip(b), needed(a), needed(b)];
            std::iter::once(band(Some(each))).chain(cells.map(cell)).collect()
        })
        .collect();
    let heads = ["Pool", "messages per IP, busiest day, A", "B", "IPs needed, A", "B"];
    html! {
        h2 { "Load per IP" }
        (table(&heads, &rows))
    }
}

fn domains(affected: &[AffectedDomain], named: &[NamedDomain], not_listed: u64) -> Markup {
    let row = |(domain, named): (&AffectedDomain, &NamedDomain)| {
        let interval = domain
            .interval
            .map(|interval| format!("{:.3} – {:.3} %", interval.low * 100.0, interval.high * 100.0));
        vec![
            html! { bdi { (marked_name(named.name.as_str())) } },
            cell(&named.account),
            cell(domain.diverged_on.to_string()),
            band(domain.a.ends_in),
            band(domain.b.ends_in),
            cell(domain.deciding.map(deciding_word).unwrap_or_default()),
            cell(domain.margin.map(|margin| count(margin.events)).unwrap_or_default()),
            cell(interval.unwrap_or_default()),
            cell(if domain.is_one_event_from_flipping { "yes" } else { "" }),
            cell(count(u64::from(domain.days_apart))),
            cell(count(domain.messages)),
        ]
    };
    let mut listed: Vec<_> = affected.iter().zip(named).collect();
    listed.sort_by_key(|(domain, _)| (domain.rank(), Reverse(domain.messages)));
    let rows: Vec<_> = listed.into_iter().take(MAX_DOMAINS).map(row).collect();
    let rest = affected.len().saturating_sub(MAX_DOMAINS) as u64 + not_listed;
    let heads = [
        "Domain",
        "account",
        "first difference",
        "ends under A",
        "under B",
        "decided by",
        "margin",
        "rate, 95 %",
        "close call",
        "days apart",
        "messages",
    ];
    html! {
        h2 { "Affected domains: " (count(affected.len() as u64 + not_listed)) }
        p { "Decided by, margin and rate: of the check that moved it to where it ends; of the first difference if ends are equal." }
        (table(&heads, &rows))
        @if rest > 0 {
            p { "And " (counted(rest, "domain")) " more; the CSV lists all." }
        }
    }
}

fn calibration(found: &Calibration) -> Markup {
    let evidence = |evidence: &Option<Evidence>| {
        evidence.as_ref().map_or_else(
            || "nothing".to_owned(),
            |one| {
                let when = one
                    .source
                    .at
                    .map(|at| format!(", {}", at.format("%Y-%m-%d")))
                    .unwrap_or_default();
                let others = if one.needs_others {
                    ", together with other observations"
                } else {
                    ""
                };
                format!("{}{when}{others}", marked_name(one.source.domain.as_str()))
            },
        )
    };
    let value = |interval: &ThresholdInterval, value: u64| match interval.threshold {
        HiddenThreshold::MinimumProcessed => count(value),
        _ => limit(value),
    };
    let rows: Vec<_> = found
        .intervals
        .iter()
        .map(|interval| {
            vec![
                cell(interval.threshold.name()),
                cell(value(interval, interval.at_least)),
                cell(
                    interval
                        .at_most
                        .map_or_else(|| "—".to_owned(), |most| value(interval, most)),
                ),
                cell(evidence(&interval.lower)),
                cell(evidence(&interval.upper)),
            ]
        })
        .collect();
    html! {
        p { "From " (counted(found.observations, "observation")) "." }
        @for base in &found.bases {
            p { (base.sentence()) }
        }
        (table(&["Threshold", "at least", "at most", "lower end from", "upper end from"], &rows))
        @if !found.contradictions.is_empty() {
            h2 { "Contradictions" }
            ul {
                @for one in &found.contradictions {
                    li {
                        "Left out: " bdi { (marked_name(one.left_out.domain.as_str())) }
                        " on " (one.threshold.map_or("all other observations", HiddenThreshold::name))
                        @if let Some(other) = &one.against { ", against " bdi { (marked_name(other.source.domain.as_str())) } }
                    }
                }
            }
        }
    }
}
