//! What a what-if study is made of, as its address says it. Pure.
//!
//! Everything that defines a result is in the address: both policies where they are not the default one, what becomes of
//! overrides, the IPs asked about, where the traffic comes from. Never the traffic itself, never a key. What can't be
//! read is said and counts as absent.

pub mod list;
pub mod parameters;
mod policy;
pub mod scale;
#[cfg(test)]
mod tests;

use poolkeeper_core::health::Policy;
use poolkeeper_lab::{IpCapacity, Overrides, ReplayOptions};
use poolkeeper_simulator::sim::{PerBand, ScenarioKind, ScenarioSpec};

/// The parameters, in the order [`UrlState::pairs`] gives them.
pub const KEYS: [&str; 6] = ["a", "b", "overrides", "ips", "traffic", "domain"];

/// Where the traffic comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StudyTraffic {
    /// The past of the simulator in this browser.
    #[default]
    Simulator,
    /// The past of a scenario, made for the study alone.
    Scenario(ScenarioSpec),
    /// A file of daily counts, which an address never carries.
    File,
    /// So many last days of a live account.
    Live(u32),
}

/// What a page that is opened without parameters starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The simulator's policy.
    pub policy: Policy,
    /// The simulator's IPs.
    pub ips: Option<IpCapacity>,
    /// What the simulator was made from, if it was made from a scenario.
    pub scenario: Option<ScenarioSpec>,
}

/// A study's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlState {
    /// The current policy.
    pub a: Policy,
    /// The draft.
    pub b: Policy,
    /// How both are replayed.
    pub options: ReplayOptions,
    /// The IPs asked about.
    pub ips: Option<IpCapacity>,
    /// Where the traffic comes from.
    pub source: StudyTraffic,
    /// The domain looked at under both policies.
    pub domain: Option<String>,
}

impl UrlState {
    /// What a page starts with when its address says nothing: today's policy, against itself.
    #[must_use]
    pub fn of(own: &Defaults) -> Self {
        Self {
            a: own.policy.clone(),
            b: own.policy.clone(),
            options: ReplayOptions::default(),
            ips: own.ips,
            source: StudyTraffic::Simulator,
            domain: None,
        }
    }

    /// Reads an address: the settings, and a sentence for everything that could not be read and counts as absent.
    #[must_use]
    pub fn read(parameter: impl Fn(&str) -> Option<String>, own: &Defaults) -> (Self, Vec<String>) {
        let get = |key: &str| parameter(key).filter(|text| !text.is_empty());
        let mut settings = Self::of(own);
        let mut problems = Vec::new();
        if KEYS.iter().all(|key| get(key).is_none()) {
            return (settings, problems);
        }
        let mut policy = |key: &str, absent: Policy| {
            let Some(text) = get(key) else { return absent };
            let (policy, wrong) = policy::read(&text);
            let name = key.to_uppercase();
            problems.extend(
                wrong
                    .into_iter()
                    .map(|wrong| format!("Policy {name} in the link: {wrong}.")),
            );
            policy
        };
        settings.a = policy("a", Policy::default());
        settings.b = policy("b", settings.a.clone());
        if let Some(text) = get("overrides") {
            match text.as_str() {
                "kept" => {}
                "ignored" => settings.options.overrides = Overrides::Ignored,
                _ => problems.push(unread("overrides", &text, "overrides are kept")),
            }
        }
        if let Some(text) = get("ips") {
            match read_ips(&text) {
                Some(ips) => settings.ips = Some(ips),
                None => problems.push(unread("IPs", &text, "the simulator's IPs are used")),
            }
        }
        if let Some(text) = get("traffic") {
            match read_source(&text) {
                Some(StudyTraffic::Scenario(spec)) if own.scenario == Some(spec) => {}
                Some(source) => settings.source = source,
                None => problems.push(unread("traffic", &text, "the simulator's history is used")),
            }
        }
        settings.domain = get("domain");
        (settings, problems)
    }

    /// The parameters as an address carries them; an empty value is left out.
    #[must_use]
    pub fn pairs(&self, own: &Defaults) -> [(&'static str, String); 6] {
        let default = Policy::default();
        let a_goes_without_saying = self.a == default && own.policy == default;
        let a = if a_goes_without_saying {
            String::new()
        } else {
            policy::text(&self.a)
        };
        let b = if self.b == self.a {
            String::new()
        } else {
            policy::text(&self.b)
        };
        let overrides = match self.options.overrides {
            Overrides::Kept => String::new(),
            Overrides::Ignored => "ignored".to_owned(),
        };
        let ips = self.ips.filter(|_| self.ips != own.ips).map(ips_text);
        // A domain's name out of somebody's file or account is data.
        let is_generated = !matches!(self.source, StudyTraffic::File | StudyTraffic::Live(_));
        let domain = self.domain.clone().filter(|_| is_generated).unwrap_or_default();
        let is_changed = *self
            != Self {
                source: self.source.clone(),
                ..Self::of(own)
            };
        let source = match (&self.source, own.scenario) {
            (StudyTraffic::Simulator, Some(scenario)) if is_changed => source_text(&StudyTraffic::Scenario(scenario)),
            (source, _) => source_text(source),
        };
        // Where everything is as the page starts, nothing has to be said.
        let a = if is_changed || !source.is_empty() {
            a
        } else {
            String::new()
        };
        let mut values = [a, b, overrides, ips.unwrap_or_default(), source, domain].into_iter();
        KEYS.map(|key| (key, values.next().unwrap_or_default()))
    }
}

fn unread(what: &str, text: &str, instead: &str) -> String {
    format!("The {what} in the link, “{text}”, can't be read; {instead}.")
}

/// `4-2-3-200000`: the IPs of good, poor and new, and what one may send a day.
fn ips_text(ips: IpCapacity) -> String {
    let has = ips.not_warming;
    format!("{}-{}-{}-{}", has.good, has.poor, has.new, ips.limit_per_day)
}

fn read_ips(text: &str) -> Option<IpCapacity> {
    let mut parts = text.split('-');
    let mut has = || parts.next()?.parse().ok();
    let not_warming = PerBand {
        good: has()?,
        poor: has()?,
        new: has()?,
    };
    let limit_per_day = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(IpCapacity {
        not_warming,
        limit_per_day,
    })
}

/// `bought-list-400-7-90`: a scenario, its size, its seed and its days.
fn source_text(source: &StudyTraffic) -> String {
    match source {
        StudyTraffic::Simulator => String::new(),
        StudyTraffic::Scenario(spec) => {
            let kind = spec.kind().id();
            format!("{kind}-{}-{}-{}", spec.size(), spec.seed(), spec.past_days())
        }
        StudyTraffic::File => "file".to_owned(),
        StudyTraffic::Live(days) => format!("live-{days}"),
    }
}

fn read_source(text: &str) -> Option<StudyTraffic> {
    if text == "file" {
        return Some(StudyTraffic::File);
    }
    if let Some(days) = text.strip_prefix("live-") {
        let days = days.parse().ok()?;
        return (1..=poolkeeper_account::fork::MOST_DAYS)
            .contains(&days)
            .then_some(StudyTraffic::Live(days));
    }
    let mut parts = text.rsplitn(4, '-');
    let days = parts.next()?.parse().ok()?;
    let seed = parts.next()?.parse().ok()?;
    let size = parts.next()?.parse().ok()?;
    let kind = ScenarioKind::by_id(parts.next()?)?;
    let spec = ScenarioSpec::new(kind, size, seed).ok()?.with_past_days(days).ok()?;
    Some(StudyTraffic::Scenario(spec))
}
