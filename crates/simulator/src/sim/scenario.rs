//! Which account a simulation starts from.

use super::Refusal;
use poolkeeper_core::model::Day;
use serde::{Deserialize, Serialize};

/// A story the simulated traffic tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioKind {
    /// Established senders, few incidents.
    SteadySenders,
    /// Now and then somebody mails a bought list.
    #[default]
    BoughtList,
    /// Some senders' lists age: their rates creep up week by week.
    SlowDecay,
    /// A third of the domains starts within the past two months and ramps up.
    OnboardingWave,
    /// Volumes rise to a multiple around a season's peak, with tired lists among them.
    SeasonalPeak,
}

impl ScenarioKind {
    /// All, in the order people choose from.
    pub const ALL: [Self; 5] = [
        Self::SteadySenders,
        Self::BoughtList,
        Self::SlowDecay,
        Self::OnboardingWave,
        Self::SeasonalPeak,
    ];

    /// A short identifier for URLs and files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SteadySenders => "steady-senders",
            Self::BoughtList => "bought-list",
            Self::SlowDecay => "slow-decay",
            Self::OnboardingWave => "onboarding-wave",
            Self::SeasonalPeak => "seasonal-peak",
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SteadySenders => "Steady senders",
            Self::BoughtList => "Bought list",
            Self::SlowDecay => "Slow decay",
            Self::OnboardingWave => "Onboarding wave",
            Self::SeasonalPeak => "Seasonal peak",
        }
    }

    /// One sentence on what happens in it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::SteadySenders => "Established senders with steady volumes; an incident is rare.",
            Self::BoughtList => "Now and then somebody mails a bought list: bounces and complaints jump for some days.",
            Self::SlowDecay => "Some senders' lists age: their bounces and complaints creep up week by week.",
            Self::OnboardingWave => "A third of the domains started within the past two months and ramps up.",
            Self::SeasonalPeak => {
                "Volumes rise to a multiple around a season's peak, and old addresses are mailed again."
            }
        }
    }

    /// The scenario with an identifier.
    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// Everything a generated account follows from. Equal specifications make equal accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScenarioSpec {
    pub(super) kind: ScenarioKind,
    pub(super) size: u32,
    pub(super) seed: u64,
    pub(super) past_days: u32,
    pub(super) today: Day,
    pub(super) is_configured: bool,
}

/// The most domains a generated account may have.
pub const MAX_SIZE: u32 = 100_000;
/// The most days of past a generated account may have.
pub const MAX_PAST_DAYS: u32 = 366;
/// 2026-07-23.
const DEFAULT_TODAY: Day = Day(20_657);

impl Default for ScenarioSpec {
    /// Bought list, 400 domains, seed 1, 90 days of past, and the clock at 2026-07-23T00:00:00Z.
    fn default() -> Self {
        Self {
            kind: ScenarioKind::BoughtList,
            size: 400,
            seed: 1,
            past_days: 90,
            today: DEFAULT_TODAY,
            is_configured: true,
        }
    }
}

impl ScenarioSpec {
    /// A scenario of `size` domains; the rest as in the default.
    ///
    /// # Errors
    /// A refusal naming `size` when it is not within 1 to [`MAX_SIZE`].
    pub fn new(kind: ScenarioKind, size: u32, seed: u64) -> Result<Self, Refusal> {
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(Refusal::field(
                "size",
                format!("{size} domains is out of range; take 1 to {MAX_SIZE}"),
            ));
        }
        Ok(Self {
            kind,
            size,
            seed,
            ..Self::default()
        })
    }

    /// With another number of days of past.
    ///
    /// # Errors
    /// A refusal naming `past_days` when there are more than [`MAX_PAST_DAYS`].
    pub fn with_past_days(mut self, past_days: u32) -> Result<Self, Refusal> {
        if past_days > MAX_PAST_DAYS {
            let message = format!("{past_days} days of past is too much; take 0 to {MAX_PAST_DAYS}");
            return Err(Refusal::field("past_days", message));
        }
        self.past_days = past_days;
        Ok(self)
    }

    /// With the feature not yet configured: no dynamic pools, nothing enrolled, an empty history.
    #[must_use]
    pub const fn unconfigured(mut self) -> Self {
        self.is_configured = false;
        self
    }

    /// The story.
    #[must_use]
    pub const fn kind(&self) -> ScenarioKind {
        self.kind
    }

    /// How many domains.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Days of past.
    #[must_use]
    pub const fn past_days(&self) -> u32 {
        self.past_days
    }

    /// Whether the account starts with pools and enrolled domains.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// Whether every part is within its bounds, as a specification from a file may not be.
    pub(super) fn is_within_bounds(&self) -> bool {
        (1..=MAX_SIZE).contains(&self.size) && self.past_days <= MAX_PAST_DAYS && (0..3_000_000).contains(&self.today.0)
    }

    /// The first day of the past.
    #[must_use]
    pub fn first_day(&self) -> Day {
        self.today.plus(-i32::try_from(self.past_days).unwrap_or(0))
    }
}
