//! Figures for Prometheus.

use poolkeeper_core::model::Band;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Every metric: name, type, and help.
const METRICS: &[(&str, &str, &str)] = &[
    (
        "poolkeeper_watch_up",
        "gauge",
        "Whether the last look at the account succeeded",
    ),
    (
        "poolkeeper_watch_last_look_timestamp_seconds",
        "gauge",
        "When the account was last read",
    ),
    (
        "poolkeeper_watch_looks_total",
        "counter",
        "Looks at the account, by outcome",
    ),
    (
        "poolkeeper_watch_requests_total",
        "counter",
        "Requests sent to the account",
    ),
    ("poolkeeper_domains", "gauge", "Enrolled domains by pool"),
    (
        "poolkeeper_domains_overridden",
        "gauge",
        "Enrolled domains with an override",
    ),
    ("poolkeeper_domains_disabled", "gauge", "Domains that Mailgun disabled"),
    (
        "poolkeeper_domains_about_to_fall",
        "gauge",
        "Domains that fall soon if they go on as now",
    ),
    (
        "poolkeeper_domains_unusual",
        "gauge",
        "Domains with a rate far above their usual one",
    ),
    ("poolkeeper_moves_total", "counter", "Moves seen, by direction"),
    ("poolkeeper_pool_ips", "gauge", "IPs of a pool, warm and warming up"),
    (
        "poolkeeper_pool_messages",
        "gauge",
        "Messages of the latest day by pool",
    ),
    (
        "poolkeeper_pool_overloaded",
        "gauge",
        "Whether a pool's IPs carry too much",
    ),
    (
        "poolkeeper_overrides_ending",
        "gauge",
        "Overrides that end soon or have ended",
    ),
    ("poolkeeper_notices_total", "counter", "Notices by kind"),
    (
        "poolkeeper_messages_total",
        "counter",
        "Messages by receiver and outcome",
    ),
    (
        "poolkeeper_messages_waiting",
        "gauge",
        "Notices and messages that wait for a receiver",
    ),
    (
        "poolkeeper_watch_state_bytes",
        "gauge",
        "Bytes of the file of what was seen and told",
    ),
];

/// Values by metric and labels.
#[derive(Clone, Debug, Default)]
pub(super) struct WatchFigures {
    values: BTreeMap<(&'static str, String), f64>,
}

/// Labels of a value, as they are written.
fn labels(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    };
    let pairs: Vec<String> = pairs.iter().map(pair).collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", pairs.join(","))
    }
}

impl WatchFigures {
    pub(super) fn set(&mut self, name: &'static str, pairs: &[(&str, &str)], value: f64) {
        self.values.insert((name, labels(pairs)), value);
    }

    pub(super) fn add(&mut self, name: &'static str, pairs: &[(&str, &str)], value: f64) {
        *self.values.entry((name, labels(pairs))).or_default() += value;
    }

    /// The text that Prometheus reads.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (name, kind, help) in METRICS {
            // Writing to a string does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            let first = (*name, String::new());
            for ((_, labels), value) in self.values.range(first..).take_while(|((other, _), _)| other == name) {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        }
        text
    }
}

/// A count as a figure.
#[expect(
    clippy::cast_precision_loss,
    reason = "figures of Prometheus are floating point; counts are below 2⁵³"
)]
pub(super) const fn figure(count: u64) -> f64 {
    count as f64
}

/// A pool's label.
pub(super) const fn pool_label(band: Band) -> &'static str {
    band.word()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn text_is_as_prometheus_reads_it() {
        let mut figures = WatchFigures::default();
        figures.set("poolkeeper_watch_up", &[("account", "a\"b")], 1.0);
        figures.add(
            "poolkeeper_moves_total",
            &[("account", "main"), ("direction", "fell")],
            2.0,
        );
        figures.add(
            "poolkeeper_moves_total",
            &[("account", "main"), ("direction", "fell")],
            1.0,
        );
        let text = figures.text();
        assert!(
            text.contains("# TYPE poolkeeper_watch_up gauge\npoolkeeper_watch_up{account=\"a\\\"b\"} 1\n"),
            "{text}"
        );
        assert!(
            text.contains("poolkeeper_moves_total{account=\"main\",direction=\"fell\"} 3\n"),
            "{text}"
        );
    }

    #[test]
    fn every_metric_of_the_dashboard_and_the_alert_rules_is_exported() {
        let known: BTreeSet<&str> = METRICS.iter().map(|(name, ..)| *name).collect();
        for file in [
            include_str!("../../../../docs/monitoring/dashboard.json"),
            include_str!("../../../../docs/monitoring/alerts.yml"),
        ] {
            let words = file.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let named: BTreeSet<&str> = words.filter(|word| word.starts_with("poolkeeper_")).collect();
            assert!(named.len() > 4, "{named:?}");
            let unknown: Vec<_> = named.difference(&known).collect();
            assert!(unknown.is_empty(), "{unknown:?}");
        }
    }
}
