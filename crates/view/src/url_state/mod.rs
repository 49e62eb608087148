//! The settings of the What-if page, as its address keeps them.
//!
//! The address has everything that defines a result: policies, overrides, IPs and the source of the traffic. It never
//! has the traffic itself or a key. A parameter that can't be read is reported and counts as absent.

pub mod list;
pub mod parameters;
mod policy;
pub mod scale;
pub use policy::text as policy_text;
#[cfg(test)]
mod tests;

use poolkeeper_core::health::Policy;
use poolkeeper_core::text;
use poolkeeper_lab::{IpCapacity, Overrides, ReplayOptions};
use poolkeeper_simulator::sim::{PerBand, ScenarioKind, ScenarioSpec};

/// The query parameters, in the order of [`UrlState::pairs`].
pub const KEYS: [&str; 6] = ["a", "b", "overrides", "ips", "traffic", "domain"];

/// The largest account that a link may have generated, in domain-days: some 160 MB. Whoever opens a link has not chosen it, and
/// a phone has to bear it.
const MOST_DOMAIN_DAYS: u64 = 10_000_000;

/// Where the traffic comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StudyTraffic {
    /// The history of the simulator in this browser.
    #[default]
    Simulator,
    /// The history of a scenario, generated for this page only.
    Scenario(ScenarioSpec),
    /// A file of daily counts. The address never has its content.
    File,
    /// This many latest days of a live account.
    Live(u32),
}

/// The settings of a page that is opened without parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The simulator's policy.
    pub policy: Policy,
    /// The simulator's IPs.
    pub ips: Option<IpCapacity>,
    /// The simulator's scenario, if it was generated from one.
    pub scenario: Option<ScenarioSpec>,
}

/// The settings of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlState {
    /// The current policy.
    pub a: Policy,
    /// The draft.
    pub b: Policy,
    /// How both are replayed.
    pub options: ReplayOptions,
    /// The IPs to compare the mail with.
    pub ips: Option<IpCapacity>,
    /// Where the traffic comes from.
    pub source: StudyTraffic,
    /// The domain shown in detail under both policies.
    pub domain: Option<String>,
}

impl UrlState {
    /// The settings without any parameter: the simulator's policy, compared with itself.
    #[must_use]
    pub fn of(defaults: &Defaults) -> Self {
        Self {
            a: defaults.policy.clone(),
            b: defaults.policy.clone(),
            options: ReplayOptions::default(),
            ips: defaults.ips,
            source: StudyTraffic::Simulator,
            domain: None,
        }
    }

    /// Reads an address. Returns the settings, and a sentence for each parameter that could not be read.
    #[must_use]
    pub fn read(parameter: impl Fn(&str) -> Option<String>, defaults: &Defaults) -> (Self, Vec<String>) {
        let get = |key: &str| parameter(key).filter(|text| !text.is_empty());
        let mut settings = Self::of(defaults);
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
                _ => problems.push(unreadable("overrides", &text, "overrides are kept")),
            }
        }
        if let Some(text) = get("ips") {
            match parse_ips(&text) {
                Some(ips) => settings.ips = Some(ips),
                None => problems.push(unreadable("IPs", &text, "the simulator's IPs are used")),
            }
        }
        if let Some(text) = get("traffic") {
            match parse_source(&text) {
                Some(StudyTraffic::Scenario(spec)) if defaults.scenario == Some(spec) => {}
                Some(StudyTraffic::Scenario(spec)) if domain_days(&spec) > MOST_DOMAIN_DAYS => problems.push(format!(
                    "The traffic in the link has {} domain-days; a link may ask for {} at most. The simulator's history is used.",
                    text::count(domain_days(&spec)),
                    text::count(MOST_DOMAIN_DAYS)
                )),
                Some(source) => settings.source = source,
                None => problems.push(unreadable("traffic", &text, "the simulator's history is used")),
            }
        }
        settings.domain = get("domain");
        (settings, problems)
    }

    /// The query parameters. One with an empty value is left out of the address.
    #[must_use]
    pub fn pairs(&self, defaults: &Defaults) -> [(&'static str, String); 6] {
        let default = Policy::default();
        let is_a_default = self.a == default && defaults.policy == default;
        let a = if is_a_default {
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
        let ips = self.ips.filter(|_| self.ips != defaults.ips).map(ips_text);
        // A domain's name from a file or a live account is private data and must not get into a link.
        let is_generated = !matches!(self.source, StudyTraffic::File | StudyTraffic::Live(_));
        let domain = self.domain.clone().filter(|_| is_generated).unwrap_or_default();
        let is_changed = *self
            != Self {
                source: self.source.clone(),
                ..Self::of(defaults)
            };
        let source = match (&self.source, defaults.scenario) {
            (StudyTraffic::Simulator, Some(scenario)) if is_changed => source_text(&StudyTraffic::Scenario(scenario)),
            (source, _) => source_text(source),
        };
        // When all settings are the defaults, the address has no parameters.
        let a = if is_changed || !source.is_empty() {
            a
        } else {
            String::new()
        };
        let mut values = [a, b, overrides, ips.unwrap_or_default(), source, domain].into_iter();
        KEYS.map(|key| (key, values.next().unwrap_or_default()))
    }
}

fn domain_days(spec: &ScenarioSpec) -> u64 {
    u64::from(spec.size()) * u64::from(spec.past_days())
}

fn unreadable(what: &str, text: &str, instead: &str) -> String {
    format!("The {what} in the link, “{text}”, can't be read; {instead}.")
}

/// `4-2-3-200000`: the IPs of good, poor and new, and the daily limit of one IP.
fn ips_text(ips: IpCapacity) -> String {
    let has = ips.not_warming;
    format!("{}-{}-{}-{}", has.good, has.poor, has.new, ips.limit_per_day)
}

fn parse_ips(text: &str) -> Option<IpCapacity> {
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

/// `bought-list-400-7-90`: a scenario, its size, seed and days.
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

fn parse_source(text: &str) -> Option<StudyTraffic> {
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
