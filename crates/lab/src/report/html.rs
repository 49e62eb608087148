//! A report for people: one page that needs no network, no script and nothing beside it.

use super::csv::deciding_word;
use super::{LabReport, NamedDomain, ReportResult, TrafficDescription, TrafficOrigin, chart, map};
use crate::calibrate::{Calibration, Evidence, HiddenThreshold, ThresholdInterval};
use crate::number_format::{count, counted, ppm, share};
use crate::{AffectedDomain, Comparison, ComparisonReport, Overrides, PerBand, PoolLoad, Summary};
use poolkeeper_core::health::{BelowMinimum, MetricPolicy, Policy};
use poolkeeper_core::model::Band;
use std::fmt::Write as _;

/// Affected domains shown; the CSV has all.
const MOST_DOMAINS: usize = 1_000;

const STYLE: &str = include_str!("report.css");

/// A text in place of markup.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            plain => safe.push(plain),
        }
    }
    safe
}

/// A band as shape and word.
fn band(band: Option<Band>) -> String {
    let Some(band) = band else {
        return "not enrolled".to_owned();
    };
    let shape = match band {
        Band::Good => "●",
        Band::Poor => "▲",
        Band::New => "◆",
    };
    format!("<span class=\"{0}\">{shape} {0}</span>", band.word())
}

/// A table from cells that are markup already; numbers go right.
fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = String::from("<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
    for head in heads {
        let _ = match *head {
            "" => write!(text, "<td></td>"),
            head => write!(text, "<th scope=\"col\">{head}</th>"),
        };
    }
    text.push_str("</tr></thead><tbody>");
    for row in rows {
        text.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let tag = if at == 0 { "th scope=\"row\"" } else { "td" };
            let _ = write!(text, "<{tag}>{cell}</{}>", if at == 0 { "th" } else { "td" });
        }
        text.push_str("</tr>");
    }
    text.push_str("</tbody></table></div>");
    text
}

/// The report as one HTML page.
#[must_use]
pub fn html(report: &LabReport) -> String {
    let (title, body) = match &report.result {
        ReportResult::Backtest { policy, summary } => {
            ("What one policy would have done", backtest(report, policy, summary))
        }
        ReportResult::Compare {
            a,
            b,
            compared,
            sentences,
            affected,
            ..
        } => (
            "What moves between policy A and policy B",
            comparison(report, (a, b), compared, sentences, affected),
        ),
        ReportResult::Calibrate(found) => ("What the account shows about its thresholds", calibration(found)),
        ReportResult::Sweep { sweep, grid, .. } => (
            "What every policy of a grid would have done",
            format!(
                "{}{}",
                map::maps(&[("", grid)]),
                policies(&[("Base", &sweep.base)], report.options.overrides)
            ),
        ),
        ReportResult::Holdout { sweep, halves, .. } => (
            "What every policy of a grid would have done, before a day and from it on",
            format!(
                "<p>Split after {}.</p>{}{}",
                counted(u64::from(halves.split_day), "day"),
                map::maps(&[(", before", &halves.chosen_on), (", from then on", &halves.scored_on)]),
                policies(&[("Base", &sweep.base)], report.options.overrides)
            ),
        ),
    };
    let made = report
        .made_at
        .map(|at| format!("Made {} UTC. ", at.to_utc().format("%Y-%m-%d %H:%M")))
        .unwrap_or_default();
    let traffic = report.traffic.as_ref().map(coverage).unwrap_or_default();
    let caveats = if report.traffic.is_some() { CAVEATS } else { "" };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\"><title>{title} — Poolkeeper</title><style>{STYLE}</style></head><body><main>\
         <h1>{title}</h1><p class=\"quiet\">{made}Poolkeeper report, version {}.</p>{body}{traffic}{caveats}</main></body>\
         </html>\n",
        report.version
    )
}

const CAVEATS: &str = "<h2>What real data does not say</h2><ul><li>Days without a row are not days with zero: they add \
    nothing to a window.</li><li>Gmail reports no complaints, so complaint rates understate.</li><li>Complaints arrive days \
    late, so a replay sees more than the live check saw.</li><li>A rate on few messages may be far from the true one: it \
    carries its interval (Wilson, 95 %), and a verdict that one event more or fewer would change is marked.</li></ul>";

fn coverage(traffic: &TrafficDescription) -> String {
    let origin = match &traffic.origin {
        TrafficOrigin::Simulator(spec) => format!(
            "Simulator, {}, {}, seed {}",
            spec.kind().name(),
            counted(u64::from(spec.size()), "domain"),
            spec.seed()
        ),
        TrafficOrigin::File { name } => format!("File “{}”", escape(name)),
        TrafficOrigin::Live { days } => format!("Live account, {}", counted(u64::from(*days), "day")),
        TrafficOrigin::Sample { name } => format!("Sample “{}”", escape(name)),
    };
    let held = &traffic.coverage;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row("Traffic", origin),
        row("Digest", format!("<code>{}</code>", escape(&traffic.digest))),
        row(
            "Days",
            format!("{} from {}", count(u64::from(held.day_count)), held.first_day),
        ),
        row(
            "Domains",
            format!("{} in {}", count(held.domains), counted(held.accounts, "account")),
        ),
        row("Domain-days without a row", count(held.missing_domain_days)),
        row("Days without any row", count(held.missing_days)),
        row("Domains without any row", count(held.empty_domains)),
        row("Processed", count(held.totals.processed)),
        row("Delivered", count(held.totals.delivered)),
        row("Bounced", count(held.totals.bounced)),
        row("Complained", count(held.totals.complained)),
        row("Domains without a complaint", count(held.domains_without_complaints)),
        row(
            "Domain-days with more complaints than deliveries",
            count(held.late_complaint_days),
        ),
    ];
    format!("<h2>Traffic</h2>{}", table(&["", "held"], &rows))
}

fn policies(named: &[(&str, &Policy)], overrides: Overrides) -> String {
    let metric = |metric: Option<MetricPolicy>| {
        metric.map_or_else(
            || "off".to_owned(),
            |on| {
                format!(
                    "good up to {}, poor from {}, at least {}",
                    ppm(on.good_at_most_ppm),
                    ppm(on.poor_at_least_ppm),
                    counted(on.poor_min_events, "event")
                )
            },
        )
    };
    let row = |name: &str, value: &dyn Fn(&Policy) -> String| {
        std::iter::once(name.to_owned())
            .chain(named.iter().map(|(_, policy)| value(policy)))
            .collect::<Vec<_>>()
    };
    let mut heads = vec!["Choice"];
    heads.extend(named.iter().map(|(name, _)| *name));
    let rows = [
        row("Window", &|policy| counted(u64::from(policy.window_days), "day")),
        row("Check every", &|policy| {
            counted(u64::from(policy.check_every_days), "day")
        }),
        row("Bounce rate", &|policy| metric(policy.bounce)),
        row("Complaint rate", &|policy| metric(policy.complaint)),
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
    format!("<h2>Policies</h2>{}<p>{kept}</p>", table(&heads, &rows))
}

fn backtest(report: &LabReport, policy: &Policy, summary: &Summary) -> String {
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
                count(*totals.ends_in.get(each)),
                count(*totals.domain_days.get(each)),
                count(*totals.messages.get(each)),
            ]
        })
        .collect();
    format!(
        "{}{}<p>{}, of which {} within 14 days.</p>{}",
        table(
            &["Band", "domains at the end", "domain-days", "messages sent from it"],
            &rows
        ),
        chart::stacked("Domains by band, per day", first_day, &summary.domains_by_day),
        counted(totals.moves, "move"),
        count_back(totals.flaps),
        policies(&[("Policy", policy)], report.options.overrides)
    )
}

fn count_back(flaps: u64) -> String {
    if flaps == 1 {
        "1 led back".to_owned()
    } else {
        format!("{} led back", count(flaps))
    }
}

fn comparison(
    report: &LabReport,
    (a, b): (&Policy, &Policy),
    compared: &ComparisonReport,
    sentences: &[String],
    affected: &[NamedDomain],
) -> String {
    let found = &compared.comparison;
    let mut text = String::from("<ul class=\"findings\">");
    for sentence in sentences {
        let _ = write!(text, "<li>{}</li>", escape(sentence));
    }
    text.push_str("</ul>");
    text.push_str(&crossing(found));
    for (name, side) in [("A", &found.a), ("B", &found.b)] {
        let title = format!("Domains by band under {name}, per day");
        text.push_str(&chart::stacked(&title, found.first_day, &side.domains_by_day));
    }
    let total = |name: &str, value: &dyn Fn(&Summary) -> u64| {
        vec![name.to_owned(), count(value(&found.a)), count(value(&found.b))]
    };
    let rows = [
        total("Moves", &|side| side.totals.moves),
        total("Moves back within 14 days", &|side| side.totals.flaps),
        total("Domain-days in poor", &|side| side.totals.domain_days.poor),
        total("Messages sent from poor", &|side| side.totals.messages.poor),
    ];
    let _ = write!(text, "<h2>Totals</h2>{}", table(&["", "under A", "under B"], &rows));
    if let Some((in_a, in_b)) = &compared.loads {
        text.push_str(&loads(in_a, in_b));
    }
    text.push_str(&domains(&found.affected, affected));
    text.push_str(&policies(&[("A", a), ("B", b)], report.options.overrides));
    text
}

fn crossing(found: &Comparison) -> String {
    let rows: Vec<_> = Band::ALL
        .into_iter()
        .map(|a| {
            let cells = Band::ALL.map(|b| {
                let cell = found.ends.get(a, b);
                let mail = share(cell.messages, found.messages);
                format!(
                    "{}<br><span class=\"quiet\">{mail} of the mail</span>",
                    count(cell.domains)
                )
            });
            std::iter::once(format!("{} under A", band(Some(a))))
                .chain(cells)
                .collect()
        })
        .collect();
    let heads = Band::ALL.map(|b| format!("{} under B", band(Some(b))));
    let [good, poor, new] = &heads;
    format!("<h2>Where domains end</h2>{}", table(&["", good, poor, new], &rows))
}

fn loads(a: &PerBand<PoolLoad>, b: &PerBand<PoolLoad>) -> String {
    let needed = |load: &PoolLoad| load.ips_needed.map_or_else(|| "—".to_owned(), count);
    let per_ip = |load: &PoolLoad| load.busiest_per_ip.map_or_else(|| "no such IP".to_owned(), count);
    let rows: Vec<_> = Band::ALL
        .into_iter()
        .map(|each| {
            let (a, b) = (a.get(each), b.get(each));
            vec![band(Some(each)), per_ip(a), per_ip(b), needed(a), needed(b)]
        })
        .collect();
    let heads = [
        "Pool",
        "messages per IP that is not warming, busiest day, A",
        "B",
        "IPs needed, A",
        "B",
    ];
    format!("<h2>What the IPs carry</h2>{}", table(&heads, &rows))
}

fn domains(affected: &[AffectedDomain], named: &[NamedDomain]) -> String {
    let row = |(domain, named): (&AffectedDomain, &NamedDomain)| {
        let interval = domain
            .interval
            .map(|interval| format!("{:.3} – {:.3} %", interval.low * 100.0, interval.high * 100.0));
        vec![
            escape(named.name.as_str()),
            escape(&named.account),
            domain.parted_on.to_string(),
            band(domain.a.band),
            band(domain.b.band),
            domain.deciding.map(deciding_word).unwrap_or_default().to_owned(),
            domain.margin.map(|margin| count(margin.events)).unwrap_or_default(),
            interval.unwrap_or_default(),
            if domain.is_one_event_from_flipping {
                "one event would flip it"
            } else {
                ""
            }
            .to_owned(),
            count(u64::from(domain.days_apart)),
            count(domain.messages),
        ]
    };
    let rows: Vec<_> = affected.iter().zip(named).take(MOST_DOMAINS).map(row).collect();
    let rest = affected.len().saturating_sub(MOST_DOMAINS) as u64;
    let more = if rest > 0 {
        format!("<p>And {} more; the CSV lists all.</p>", counted(rest, "domain"))
    } else {
        String::new()
    };
    let heads = [
        "Domain",
        "account",
        "parted on",
        "then under A",
        "under B",
        "decided by",
        "margin",
        "rate, 95 %",
        "close call",
        "days apart",
        "messages",
    ];
    format!(
        "<h2>Domains on which A and B differ: {}</h2>{}{more}",
        count(affected.len() as u64),
        table(&heads, &rows)
    )
}

fn calibration(found: &Calibration) -> String {
    let evidence = |evidence: &Option<Evidence>| {
        evidence.as_ref().map_or_else(
            || "nothing".to_owned(),
            |one| {
                let when = one
                    .source
                    .at
                    .map(|at| format!(", {}", at.format("%Y-%m-%d")))
                    .unwrap_or_default();
                let others = if one.needs_others { ", with what others say" } else { "" };
                format!("{}{when}{others}", escape(one.source.domain.as_str()))
            },
        )
    };
    let value = |interval: &ThresholdInterval, value: u64| match interval.threshold {
        HiddenThreshold::MinimumProcessed => count(value),
        _ => ppm(u32::try_from(value).unwrap_or(u32::MAX)),
    };
    let name = |threshold: HiddenThreshold| match threshold {
        HiddenThreshold::BounceGoodAtMost => "Bounces, good at most",
        HiddenThreshold::BouncePoorAtLeast => "Bounces, poor at least",
        HiddenThreshold::ComplaintGoodAtMost => "Complaints, good at most",
        HiddenThreshold::ComplaintPoorAtLeast => "Complaints, poor at least",
        HiddenThreshold::MinimumProcessed => "Minimum processed",
    };
    let rows: Vec<_> = found
        .intervals
        .iter()
        .map(|interval| {
            vec![
                name(interval.threshold).to_owned(),
                value(interval, interval.at_least),
                interval
                    .at_most
                    .map_or_else(|| "—".to_owned(), |most| value(interval, most)),
                evidence(&interval.lower),
                evidence(&interval.upper),
            ]
        })
        .collect();
    let mut text = format!(
        "<p>From {}.</p>{}",
        counted(found.observations, "observation"),
        table(
            &["Threshold", "at least", "at most", "lower end from", "upper end from"],
            &rows
        )
    );
    if !found.contradictions.is_empty() {
        text.push_str("<h2>Contradictions</h2><ul>");
        for one in &found.contradictions {
            let against = one
                .against
                .as_ref()
                .map(|other| format!(", against {}", escape(other.source.domain.as_str())));
            let on = one.threshold.map_or("all the others together", name);
            let _ = write!(
                text,
                "<li>Left out: {} on {on}{}</li>",
                escape(one.left_out.domain.as_str()),
                against.unwrap_or_default()
            );
        }
        text.push_str("</ul>");
    }
    text
}
