//! The file that says what an account should be.

use crate::Failure;
use crate::values::{band, domain};
use chrono::NaiveDate;
use poolkeeper_core::model::{Band, Domain, DomainName, Ip, PoolIps, Pools, Replacement};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use toml::value::Datetime;

/// A line for each of 100,000 domains is 4 MB.
const LARGEST_FILE_BYTES: u64 = 16_000_000;

/// An override that ends within so many days is named.
const SOON_DAYS: i64 = 7;

/// The file as it is written.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountStateFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pools: Option<PoolLists>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<EnrolledPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overrides: Option<OverridesPart>,
    #[serde(default, rename = "override", skip_serializing_if = "Vec::is_empty")]
    each_override: Vec<OverrideEntry>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PoolLists {
    good: Vec<String>,
    poor: Vec<String>,
    new: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EnrolledPart {
    domains: Vec<String>,
    /// `keep` or `remove`.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<String>,
    /// Where those that are removed send from: as `remove --to` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remove_to: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct OverridesPart {
    /// `keep` or `clear`.
    others: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct OverrideEntry {
    domain: String,
    pool: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Datetime>,
}

/// What the account should be. What the file does not mention stays as it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WantedState {
    pub(crate) pools: Option<PoolIps>,
    /// Domains that are to be enrolled.
    pub(crate) enrolled: BTreeSet<DomainName>,
    /// Where every other domain goes; `None` where others stay.
    pub(crate) others_go_to: Option<Replacement>,
    /// Each domain's pool.
    pub(crate) overrides: BTreeMap<DomainName, Band>,
    /// Domains whose override has expired.
    pub(crate) expired: BTreeSet<DomainName>,
    /// Whether every other override is removed.
    pub(crate) clears_others: bool,
    /// The last day of each override that has one, and why there is an override.
    pub(crate) ends: BTreeMap<DomainName, (NaiveDate, Option<String>)>,
    /// What a person should know: overrides that have ended, or end soon.
    pub(crate) notes: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// [`Failure`] says what is wrong, and where.
pub(crate) fn read(path: &Path, today: NaiveDate) -> Result<WantedState, Failure> {
    let reading = |error: std::io::Error| Failure::of(format!("reading {}", path.display()), error);
    let file = File::open(path).map_err(reading)?;
    if file.metadata().map_err(reading)?.len() > LARGEST_FILE_BYTES {
        return Err(Failure(format!("{} has more than 16 MB", path.display())));
    }
    let mut text = String::new();
    file.take(LARGEST_FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(reading)?;
    parse(&text, today).map_err(|failure| Failure::of(path.display(), failure))
}

fn parse(text: &str, today: NaiveDate) -> Result<WantedState, Failure> {
    let file: AccountStateFile =
        toml::from_str(text).map_err(|error| Failure(error.to_string().trim_end().to_owned()))?;
    let mut wanted = WantedState {
        pools: file.pools.as_ref().map(pool_ips).transpose()?,
        ..WantedState::default()
    };
    if let Some(enrolled) = &file.enrolled {
        for name in &enrolled.domains {
            if !wanted.enrolled.insert(named(name)?) {
                return Err(Failure(format!("{name} is enrolled twice")));
            }
        }
        wanted.others_go_to = others_go_to(enrolled)?;
    }
    wanted.clears_others = match file.overrides.as_ref().map(|part| part.others.as_str()) {
        None | Some("keep") => false,
        Some("clear") => true,
        Some(other) => {
            return Err(Failure(format!(
                "others of [overrides] is “{other}”: enter keep or clear"
            )));
        }
    };
    for entry in &file.each_override {
        wanted.take_override(entry, today)?;
    }
    Ok(wanted)
}

impl WantedState {
    fn take_override(&mut self, entry: &OverrideEntry, today: NaiveDate) -> Result<(), Failure> {
        let name = named(&entry.domain)?;
        let band = band(&entry.pool).map_err(|problem| Failure(format!("pool of {name}: {problem}")))?;
        let expires = entry.expires.map(|at| day(&name, at)).transpose()?;
        let why = entry
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(" ({reason})"));
        if self.overrides.contains_key(&name) || self.expired.contains(&name) {
            return Err(Failure(format!("{name} has two overrides")));
        }
        if let Some(last) = expires {
            self.ends.insert(name.clone(), (last, entry.reason.clone()));
        }
        match expires {
            Some(last) if last < today => {
                self.notes.push(format!("the override of {name} ended on {last}{why}"));
                self.expired.insert(name);
            }
            Some(last) if (last - today).num_days() <= SOON_DAYS => {
                self.notes.push(format!("the override of {name} ends on {last}{why}"));
                self.overrides.insert(name, band);
            }
            _ => {
                self.overrides.insert(name, band);
            }
        }
        Ok(())
    }
}

fn named(name: &str) -> Result<DomainName, Failure> {
    domain(name).map_err(|problem| Failure(format!("{}: {problem}", poolkeeper_core::text::shorten(name))))
}

fn day(name: &DomainName, at: Datetime) -> Result<NaiveDate, Failure> {
    let date = at.date.filter(|_| at.time.is_none());
    date.and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()))
        .ok_or_else(|| Failure(format!("expires of {name}: enter a day such as 2026-12-31")))
}

fn pool_ips(lists: &PoolLists) -> Result<PoolIps, Failure> {
    let mut ips = PoolIps::default();
    let mut known = BTreeSet::new();
    for (band, list) in [
        (Band::Good, &lists.good),
        (Band::Poor, &lists.poor),
        (Band::New, &lists.new),
    ] {
        if list.is_empty() {
            return Err(Failure(format!(
                "the {} pool has no IP: each pool needs one",
                band.word()
            )));
        }
        for text in list {
            let ip = Ip::parse(text).map_err(|error| Failure(format!("{text}: {error}")))?;
            if !known.insert(ip.clone()) {
                return Err(Failure(format!("{ip} is in the pools twice")));
            }
            ips.of_mut(band).push(ip);
        }
    }
    Ok(ips)
}

fn others_go_to(part: &EnrolledPart) -> Result<Option<Replacement>, Failure> {
    match (part.others.as_deref(), &part.remove_to) {
        (None | Some("keep"), None) => Ok(None),
        (None | Some("keep"), Some(_)) => Err(Failure("remove_to needs others = \"remove\"".to_owned())),
        (Some("remove"), Some(to)) => {
            let replacement = crate::values::replacement(to);
            replacement
                .map(Some)
                .map_err(|problem| Failure(format!("remove_to: {problem}")))
        }
        (Some("remove"), None) => Err(Failure(
            "others = \"remove\" needs remove_to: shared, IPs with commas, or pool:ID".to_owned(),
        )),
        (Some(other), _) => Err(Failure(format!(
            "others of [enrolled] is “{other}”: enter keep or remove"
        ))),
    }
}

/// An account's present state.
pub(crate) fn exported(pools: &Pools, domains: &[Arc<Domain>], with_domains: bool) -> AccountStateFile {
    let list = |band| {
        let pool = pools.of(band);
        pool.map(|pool| pool.ips.iter().map(ToString::to_string).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let overridden = domains.iter().filter(|domain| domain.is_overridden == Some(true));
    AccountStateFile {
        pools: pools.is_configured().then(|| PoolLists {
            good: list(Band::Good),
            poor: list(Band::Poor),
            new: list(Band::New),
        }),
        enrolled: with_domains.then(|| EnrolledPart {
            domains: domains.iter().map(|domain| domain.name.to_string()).collect(),
            others: None,
            remove_to: None,
        }),
        overrides: Some(OverridesPart {
            others: "keep".to_owned(),
        }),
        each_override: overridden
            .map(|domain| OverrideEntry {
                domain: domain.name.to_string(),
                pool: poolkeeper_core::text::pool_word(&domain.pool).to_owned(),
                reason: None,
                expires: None,
            })
            .collect(),
    }
}

/// The file's text.
pub(crate) fn text(state: &AccountStateFile) -> Result<String, Failure> {
    toml::to_string_pretty(state).map_err(|error| Failure::of("writing the state", error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 22).unwrap()
    }

    fn problem(text: &str) -> String {
        parse(text, today()).unwrap_err().0
    }

    #[test]
    fn an_override_holds_through_its_last_day() {
        let text = |day: &str| {
            format!("[[override]]\ndomain = 'a.example'\npool = 'good'\nreason = 'ramp'\nexpires = {day}\n")
        };
        let name = DomainName::as_sent("a.example");
        let last_day = parse(&text("2026-07-22"), today()).unwrap();
        assert_eq!(last_day.overrides.get(&name), Some(&Band::Good));
        assert_eq!(last_day.notes, ["the override of a.example ends on 2026-07-22 (ramp)"]);
        let over = parse(&text("2026-07-21"), today()).unwrap();
        assert!(over.overrides.is_empty() && over.expired.contains(&name));
        assert_eq!(over.notes, ["the override of a.example ended on 2026-07-21 (ramp)"]);
        assert!(parse(&text("2026-07-30"), today()).unwrap().notes.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, says) in [
            (
                "[pools]\ngood = ['192.0.2.1']\npoor = []\nnew = ['192.0.2.3']",
                "the poor pool has no IP",
            ),
            (
                "[pools]\ngood = ['192.0.2.1']\npoor = ['192.0.2.1']\nnew = ['192.0.2.3']",
                "192.0.2.1 is in the pools twice",
            ),
            (
                "[pools]\ngood = ['x']\npoor = ['192.0.2.1']\nnew = ['192.0.2.3']",
                "x: ",
            ),
            (
                "[enrolled]\ndomains = ['a.example', 'A.example']",
                "A.example is enrolled twice",
            ),
            ("[enrolled]\ndomains = []\nothers = 'remove'", "needs remove_to"),
            ("[enrolled]\ndomains = []\nothers = 'drop'", "enter keep or remove"),
            ("[overrides]\nothers = 'remove'", "enter keep or clear"),
            (
                "[[override]]\ndomain = 'a.example'\npool = 'bad'",
                "enter good, poor or new",
            ),
            (
                "[[override]]\ndomain = 'a.example'\npool = 'good'\nexpires = 2026-12-31T10:00:00Z",
                "enter a day",
            ),
            ("[[override]]\ndomain = 'a b'\npool = 'good'", "a b: "),
            ("[pool]\ngood = []", "unknown field `pool`"),
        ] {
            let said = problem(text);
            assert!(said.contains(says), "{text}: {said}");
        }
    }

    #[test]
    fn an_empty_file_wants_nothing() {
        assert_eq!(parse("", today()).unwrap(), WantedState::default());
    }
}
