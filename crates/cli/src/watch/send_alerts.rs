//! A policy's limits as Mailgun's own Send Alerts. They are printed, not sent.

use super::rules_file::{PolicyChoice, policy};
use crate::Failure;
use poolkeeper_core::text;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

/// What `watch send-alerts` takes.
#[derive(clap::Args)]
pub(super) struct SendAlertsArgs {
    /// Policy: preset:ID, or a file of a policy, such as `calibrate --policy-out` writes
    #[arg(long, value_name = "POLICY", default_value = "preset:default")]
    policy: String,
    /// Channels of the alerts: email, slack, webhook
    #[arg(long, value_delimiter = ',', default_value = "email", value_parser = ["email", "slack", "webhook"])]
    channels: Vec<String>,
    /// Alert for the good limit too, not only for the poor one
    #[arg(long)]
    good: bool,
}

/// Prints the body of each alert, and what alerts can't express.
///
/// # Errors
/// [`Failure`] when the policy can't be read, or the text not be written.
pub(super) fn print(args: &SendAlertsArgs) -> Result<(), Failure> {
    let PolicyChoice::Chosen(policy, _) = policy(&args.policy, Path::new(""))? else {
        return Err(Failure("name a policy: preset:ID, or a file of a policy".to_owned()));
    };
    let mut alerts = Vec::new();
    let metrics = [
        ("bounces", "hard_bounce_rate", policy.bounce),
        ("complaints", "complained_rate", policy.complaint),
    ];
    for (word, metric, limits) in metrics {
        let Some(limits) = limits else { continue };
        let poor = ("poor", limits.poor_at_least_ppm, ">=");
        let good = ("good", limits.good_at_most_ppm, ">");
        for (limit, ppm, comparator) in std::iter::once(poor).chain(args.good.then_some(good)) {
            alerts.push(alert(word, metric, limit, ppm, comparator, &args.channels));
        }
    }
    let text = format!("{:#}\n", Value::Array(alerts));
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::of("writing to standard output", error))?;
    for lack in lacks(&policy) {
        crate::terminal::say(&lack);
    }
    Ok(())
}

fn alert(word: &str, metric: &str, limit: &str, ppm: u32, comparator: &str, channels: &[String]) -> Value {
    json!({
        "name": format!("poolkeeper-{word}-{limit}"),
        "description": format!("{word} beyond the {limit} limit of {}", text::limit(u64::from(ppm))),
        "metric": metric,
        "comparator": comparator,
        "limit": text::rates::percent_text(ppm),
        "dimension": "domain",
        "period": "1d",
        "alert_channels": channels,
    })
}

/// What of a policy no alert has.
fn lacks(policy: &poolkeeper_core::health::Policy) -> Vec<String> {
    let mut lacks = vec![
        format!(
            "each is a body for POST /v1/thresholds/alerts/send. An alert looks at 1 hour or 1 day, the policy at {}",
            text::counted(u64::from(policy.window_days), "day")
        ),
        "hard_bounce_rate leaves soft bounces out; the policy counts them. An alert may come late or not at all".to_owned(),
        format!(
            "an alert has no minimum of messages; the policy judges from {} on",
            text::count(policy.minimum_processed)
        ),
        "an alert does not know the domain's pool, its override, or that a rate will pass the limit in some days".to_owned(),
        "whether the limit is a percentage or a fraction is not documented: compare one alert in the control panel first".to_owned(),
    ];
    if policy.demotion_after_checks > 1 {
        lacks.push(format!(
            "an alert is given at once; the policy moves a domain after {} checks in a row",
            policy.demotion_after_checks
        ));
    }
    lacks
}
