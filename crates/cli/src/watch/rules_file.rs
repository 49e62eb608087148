//! The file of rules, `watch.toml`: what is worth telling, to whom, and when.

use super::receiver::Receiver;
use super::receiver_table::ReceiverTable;
use crate::Failure;
use crate::folders::config_folder;
use chrono::FixedOffset;
use poolkeeper_core::health::{PRESETS, Policy, Preset};
use poolkeeper_watch::{DigestPeriod, NoticeKind, WatchRule, WatchSettings};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LARGEST_FILE_BYTES: u64 = 1_000_000;

/// Which policy moves are foreseen by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PolicyChoice {
    /// The one that agrees with what the account shows.
    Calibrated,
    /// This one, and what a person calls it.
    Chosen(Box<Policy>, String),
}

/// What the file says.
pub(super) struct WatchRules {
    pub(super) interval_minutes: u64,
    pub(super) tell_outage_after_minutes: i64,
    pub(super) zone: FixedOffset,
    pub(super) policy: PolicyChoice,
    /// The settings, without the policy.
    pub(super) settings: WatchSettings,
    /// The file of `plan` and `apply` of an account, by the account's name.
    pub(super) state_files: BTreeMap<String, PathBuf>,
    pub(super) receivers: Vec<Receiver>,
    pub(super) rules: Vec<WatchRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesToml {
    #[serde(default)]
    watch: WatchTable,
    #[serde(default)]
    receiver: Vec<ReceiverTable>,
    #[serde(default)]
    rule: Vec<RuleTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WatchTable {
    interval_minutes: Option<u64>,
    tell_outage_after_minutes: Option<i64>,
    utc_offset: Option<String>,
    policy: Option<String>,
    days_ahead: Option<u32>,
    minimum_messages: Option<u64>,
    unusual_times: Option<f64>,
    overload_times: Option<f64>,
    messages_per_ip: Option<u64>,
    override_days: Option<i32>,
    #[serde(default)]
    state_files: BTreeMap<String, PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    name: String,
    to: Vec<String>,
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    subaccounts: Vec<String>,
    tell: Option<Vec<NoticeKind>>,
    minimum_messages: Option<u64>,
    digest: Option<DigestPeriod>,
    digest_hour: Option<u32>,
}

/// Where the file is looked for when no other is named.
pub(super) fn usual_path() -> Option<PathBuf> {
    config_folder().map(|folder| folder.join("watch.toml"))
}

/// Reads a file of rules. Without one, everything is printed.
///
/// # Errors
/// [`Failure`] says what is wrong, and where. It repeats no secret.
pub(super) fn read(named: Option<&Path>) -> Result<WatchRules, Failure> {
    let path = match named {
        Some(path) => Some(path.to_owned()),
        None => usual_path().filter(|path| path.exists()),
    };
    let Some(path) = path else {
        return parse("", Path::new(""));
    };
    let reading = |error: std::io::Error| Failure::of(format!("reading {}", path.display()), error);
    let size = std::fs::metadata(&path).map_err(reading)?.len();
    if size > LARGEST_FILE_BYTES {
        return Err(Failure(format!("{} has more than 1 MB", path.display())));
    }
    let text = std::fs::read_to_string(&path).map_err(reading)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&text, folder).map_err(|failure| Failure::of(path.display(), failure))
}

fn parse(text: &str, folder: &Path) -> Result<WatchRules, Failure> {
    let file: RulesToml = toml::from_str(text).map_err(|error| {
        // The error's own text repeats the line, which may hold a secret address.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure(format!(
            "line {line}: {}",
            error.message().lines().next().unwrap_or_default()
        ))
    })?;
    let mut receivers = Vec::new();
    for table in &file.receiver {
        let receiver = table.receiver(folder)?;
        if receivers.iter().any(|other: &Receiver| other.name == receiver.name) {
            return Err(Failure(format!("two receivers have the name “{}”", receiver.name)));
        }
        receivers.push(receiver);
    }
    let mut rules: Vec<WatchRule> = Vec::new();
    for table in file.rule {
        let rule = rule(table, &receivers)?;
        if rules.iter().any(|other| other.name == rule.name) {
            return Err(Failure(format!("two rules have the name “{}”", rule.name)));
        }
        rules.push(rule);
    }
    if receivers.is_empty() && rules.is_empty() {
        receivers.push(Receiver::printing());
        rules.push(WatchRule {
            name: "all".to_owned(),
            tell: NoticeKind::ALL.to_vec(),
            to: receivers.iter().map(|receiver| receiver.name.clone()).collect(),
            ..WatchRule::default()
        });
    }
    let watch = file.watch;
    Ok(WatchRules {
        interval_minutes: within("interval_minutes", watch.interval_minutes.unwrap_or(15), 1, 1_440)?,
        tell_outage_after_minutes: within(
            "tell_outage_after_minutes",
            watch.tell_outage_after_minutes.unwrap_or(30),
            0,
            1_440,
        )?,
        zone: zone(watch.utc_offset.as_deref().unwrap_or("+00:00"))?,
        policy: policy(watch.policy.as_deref().unwrap_or("calibrated"), folder)?,
        settings: settings(&watch)?,
        state_files: watch
            .state_files
            .into_iter()
            .map(|(account, path)| (account, folder.join(path)))
            .collect(),
        receivers,
        rules,
    })
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, value: T, least: T, most: T) -> Result<T, Failure> {
    if value < least || value > most {
        return Err(Failure(format!("{name}: enter a number from {least} to {most}")));
    }
    Ok(value)
}

fn settings(watch: &WatchTable) -> Result<WatchSettings, Failure> {
    let usual = WatchSettings::default();
    Ok(WatchSettings {
        days_ahead: within("days_ahead", watch.days_ahead.unwrap_or(usual.days_ahead), 1, 14)?,
        minimum_messages: watch.minimum_messages.unwrap_or(usual.minimum_messages),
        unusual_times: within(
            "unusual_times",
            watch.unusual_times.unwrap_or(usual.unusual_times),
            1.1,
            1_000.0,
        )?,
        overload_times: within(
            "overload_times",
            watch.overload_times.unwrap_or(usual.overload_times),
            1.1,
            1_000.0,
        )?,
        messages_per_ip: watch.messages_per_ip,
        override_days: within(
            "override_days",
            watch.override_days.unwrap_or(usual.override_days),
            0,
            90,
        )?,
        ..usual
    })
}

fn zone(text: &str) -> Result<FixedOffset, Failure> {
    text.parse().map_err(|_| {
        Failure(format!(
            "utc_offset is “{text}”: enter hours and minutes such as +02:00"
        ))
    })
}

/// Reads a choice of policy: `calibrated`, `preset:ID`, or a file.
pub(super) fn policy(text: &str, folder: &Path) -> Result<PolicyChoice, Failure> {
    if text == "calibrated" {
        return Ok(PolicyChoice::Calibrated);
    }
    if let Some(id) = text.strip_prefix("preset:") {
        let preset = Preset::by_id(id).ok_or_else(|| {
            let known: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
            Failure(format!("there is no preset “{id}”; choose one of {}", known.join(", ")))
        })?;
        let name = format!("the policy “{}”", preset.name);
        return Ok(PolicyChoice::Chosen(Box::new(preset.policy()), name));
    }
    let path = folder.join(text);
    let bytes = std::fs::read(&path).map_err(|error| Failure::of(format!("reading {}", path.display()), error))?;
    let policy: Policy = serde_json::from_slice(&bytes).map_err(|error| Failure::of(path.display(), error))?;
    policy
        .validate()
        .map_err(|invalid| Failure::of(path.display(), invalid))?;
    Ok(PolicyChoice::Chosen(Box::new(policy), format!("the policy {text}")))
}

fn rule(table: RuleTable, receivers: &[Receiver]) -> Result<WatchRule, Failure> {
    let of_rule = |problem: String| Failure(format!("rule “{}”: {problem}", table.name));
    if let Some(unknown) = table
        .to
        .iter()
        .find(|to| !receivers.iter().any(|known| known.name == **to))
    {
        return Err(of_rule(format!("no receiver has the name “{unknown}”")));
    }
    if table.to.is_empty() {
        return Err(of_rule("to names no receiver".to_owned()));
    }
    let hour = within("digest_hour", table.digest_hour.unwrap_or(8), 0, 23).map_err(|failure| of_rule(failure.0))?;
    // A rule with a digest tells nothing at once unless it says what.
    let tell = table.tell.unwrap_or_else(|| match table.digest {
        None => NoticeKind::ALL.to_vec(),
        Some(_) => Vec::new(),
    });
    Ok(WatchRule {
        name: table.name,
        accounts: table.accounts,
        domains: table.domains,
        subaccounts: table.subaccounts,
        tell,
        to: table.to,
        minimum_messages: table.minimum_messages,
        digest: table.digest,
        digest_hour: hour,
    })
}

/// The days of overrides in an account's file of `plan` and `apply`.
///
/// # Errors
/// [`Failure`] says what is wrong with the file.
pub(super) fn override_ends(
    path: &Path,
    today: chrono::NaiveDate,
) -> Result<Vec<poolkeeper_watch::OverrideEnd>, Failure> {
    let wanted = crate::account_state::read(path, today)?;
    let ends = wanted
        .ends
        .into_iter()
        .map(|(domain, (last, reason))| poolkeeper_watch::OverrideEnd {
            domain,
            last_day: poolkeeper_core::model::Day::from_date(last),
            reason,
        });
    Ok(ends.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use crate::watch::receiver::ReceiverKind;

    fn problem(text: &str) -> String {
        parse(text, Path::new("")).err().unwrap().0
    }

    #[test]
    fn without_a_file_everything_is_printed() {
        let rules = parse("", Path::new("")).unwrap();
        assert_eq!(rules.receivers.len(), 1);
        assert!(matches!(rules.receivers.first().unwrap().kind, ReceiverKind::Print));
        assert_eq!(rules.rules.first().unwrap().tell, NoticeKind::ALL);
        assert_eq!((rules.interval_minutes, rules.policy), (15, PolicyChoice::Calibrated));
    }

    #[test]
    fn a_rule_with_a_digest_tells_at_once_only_what_it_names() {
        let receiver =
            "[[receiver]]\nname = 'a'\nkind = 'print'\n[[rule]]\nname = 'r'\nto = ['a']\ndigest = 'weekly'\n";
        let rule = |more: &str| {
            parse(&format!("{receiver}{more}"), Path::new(""))
                .unwrap()
                .rules
                .remove(0)
        };
        assert!(rule("").tell.is_empty());
        assert_eq!(rule("tell = ['fell']").tell, [NoticeKind::Fell]);
    }

    #[test]
    fn what_is_wrong_is_named_and_no_address_is_repeated() {
        let with = |more: &str| format!("[[receiver]]\nname = 'a'\n{more}");
        for (text, says) in [
            (with("kind = 'pigeon'"), "kind is webhook"),
            (with("kind = 'slack'"), "give one of url"),
            (
                with("kind = 'slack'\nurl = 'ftp://secret.example/T0/B0'"),
                "begins with https",
            ),
            (with("kind = 'slack'\nurl = 7 # secret"), "line 4"),
            (with("kind = 'command'\ncommand = []"), "command is a list"),
            (with("kind = 'mail'\nserver = 'x'"), "from is missing"),
            (
                with("kind = 'mail'\nserver = 'x'\nfrom = 'not an address'\nto = ['a@b.example']"),
                "not an address",
            ),
            (with("kind = 'print'\nquiet = 'night'"), "quiet hours"),
            (
                with("kind = 'print'\n[[rule]]\nname = 'r'\nto = ['b']"),
                "no receiver has the name “b”",
            ),
            (
                with("kind = 'print'\n[[rule]]\nname = 'r'\nto = ['a']\ntell = ['all']"),
                "line 7",
            ),
            (
                "[watch]\ndays_ahead = 0".to_owned(),
                "days_ahead: enter a number from 1 to 14",
            ),
            ("[watch]\npolicy = 'preset:none'".to_owned(), "there is no preset"),
            ("[watch]\nutc_offset = 'CET'".to_owned(), "such as +02:00"),
        ] {
            let said = problem(&text);
            assert!(said.contains(says) && !said.contains("secret"), "{text}: {said}");
        }
    }
}
