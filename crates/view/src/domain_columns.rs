//! The columns of the list of enrolled domains: what each sorts by.

use crate::labels::{Label, Labels};
use crate::last_moves::{KnownMoves, LastMove};
use crate::sort::Sort;
use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::model::{AccountId, Day, Domain, Rate};
use poolkeeper_core::text;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A column of the list. Each can sort it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainColumn {
    /// The domain's name.
    Name,
    /// Its account.
    Account,
    /// Its pool.
    Pool,
    /// Whether it is pinned.
    Override,
    /// Its bounce rate.
    BounceRate,
    /// Its complaint rate.
    ComplaintRate,
    /// How much of its nearest poor limit its rates use.
    LimitUsed,
    /// Messages in the window of the last check.
    Processed,
    /// When it was registered.
    Registered,
    /// When it moved last.
    LastMove,
    /// Whose domain it is, as a person noted.
    Customer,
    /// Who looks after it, as a person noted.
    Owner,
    /// The tags that a person noted.
    Tags,
}

impl DomainColumn {
    /// All columns, in the order shown.
    pub const ALL: [Self; 13] = [
        Self::Name,
        Self::Account,
        Self::Pool,
        Self::Override,
        Self::BounceRate,
        Self::ComplaintRate,
        Self::LimitUsed,
        Self::Processed,
        Self::Registered,
        Self::LastMove,
        Self::Customer,
        Self::Owner,
        Self::Tags,
    ];

    /// Its name in the address.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Account => "account",
            Self::Pool => "pool",
            Self::Override => "override",
            Self::BounceRate => "bounce_rate",
            Self::ComplaintRate => "complaint_rate",
            Self::LimitUsed => "limit_used",
            Self::Processed => "processed",
            Self::Registered => "registered",
            Self::LastMove => "last_move",
            Self::Customer => "customer",
            Self::Owner => "owner",
            Self::Tags => "tags",
        }
    }

    /// The column of a name in the address.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.id() == id)
    }

    /// Its heading.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Domain",
            Self::Account => "Account",
            Self::Pool => "Pool",
            Self::Override => "Override",
            Self::BounceRate => "Bounce rate",
            Self::ComplaintRate => "Complaint rate",
            Self::LimitUsed => "Limit used",
            Self::Processed => "Processed",
            Self::Registered => "Registered",
            Self::LastMove => "Last move, UTC",
            Self::Customer => "Customer",
            Self::Owner => "Owner",
            Self::Tags => "Tags",
        }
    }
}

/// What sorts and filters the list besides the domains themselves.
#[derive(Clone, Copy, Debug)]
pub struct ListFacts<'a> {
    /// The accounts' names.
    pub account_names: &'a BTreeMap<AccountId, String>,
    /// The last moves, as far as history is read.
    pub moves: &'a KnownMoves,
    /// Whose limits the rates are compared with.
    pub policy: &'a Policy,
    /// The last UTC day that periods count from.
    pub last_day: Day,
    /// What a person noted about domains.
    pub labels: &'a Labels,
}

impl ListFacts<'_> {
    /// The name of a domain's account, where one is known.
    fn account_name(&self, domain: &Domain) -> Option<String> {
        let listed = || self.account_names.get(&domain.account_id).cloned();
        domain.account_name.clone().or_else(listed)
    }

    /// What a person noted about a domain.
    #[must_use]
    pub fn label(&self, domain: &Domain) -> Label {
        if self.labels.is_empty() {
            return Label::default();
        }
        let account = self.account_name(domain).unwrap_or_default();
        self.labels.of(&domain.name, &account)
    }
}

/// How much of a poor limit a rate uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitUsed {
    /// The rate.
    pub metric: Metric,
    /// The rate divided by its poor limit: 1 at the limit.
    pub fraction: f64,
    /// The limit, parts per million.
    pub limit_ppm: u32,
}

impl LimitUsed {
    /// The higher of a domain's two. `None` where the answer has no rate, or the policy judges none.
    ///
    /// # Examples
    /// Bounces of 4 % use 40 % of the default limit of 10 %, complaints of 0.24 % use 80 % of that of 0.3 %: 80 %.
    #[must_use]
    pub fn of(domain: &Domain, policy: &Policy) -> Option<Self> {
        let used = |metric, rate: Option<Rate>, limit_ppm: Option<u32>| {
            let limit_ppm = limit_ppm?;
            let fraction = rate?.0 * 1e6 / f64::from(limit_ppm);
            fraction.is_finite().then_some(Self {
                metric,
                fraction,
                limit_ppm,
            })
        };
        let bounce = policy.bounce.map(|limits| limits.poor_at_least_ppm);
        let complaint = policy.complaint.map(|limits| limits.poor_at_least_ppm);
        let both = [
            used(Metric::BounceRate, domain.bounce_rate, bounce),
            used(Metric::ComplaintRate, domain.complaint_rate, complaint),
        ];
        both.into_iter()
            .flatten()
            .max_by(|a, b| a.fraction.total_cmp(&b.fraction))
    }

    /// `80 % of 0.3 % complaints`
    #[must_use]
    pub fn words(&self) -> String {
        let limit = text::limit(self.limit_ppm.into());
        format!("{} of {limit} {}", self.share(), text::events_noun(self.metric))
    }

    /// `80 %`; a domain below its limit never reads as 100 %.
    #[must_use]
    pub fn share(&self) -> String {
        let percent = self.fraction * 100.0;
        if (99.5..100.0).contains(&percent) {
            return "over 99 %".to_owned();
        }
        format!("{percent:.0} %")
    }
}

/// Sorts positions in a list that is in the order of names. Rows without a value come last, whichever end is first; rows of the
/// same value stay in the order of names.
#[must_use]
pub(crate) fn sorted(
    positions: Vec<u32>,
    by_name: &[Arc<Domain>],
    column: DomainColumn,
    sort: &Sort,
    facts: &ListFacts<'_>,
) -> Vec<u32> {
    let order = Order {
        positions,
        by_name,
        sort,
    };
    let number = |a: &f64, b: &f64| a.total_cmp(b);
    let account = |domain: &Domain| Some(facts.account_name(domain)?.to_lowercase());
    let noted = |text: String| (!text.is_empty()).then(|| text.to_lowercase());
    match column {
        DomainColumn::Name => order.by(|domain| Some(domain.name.clone()), Ord::cmp),
        DomainColumn::Account => order.by(account, Ord::cmp),
        DomainColumn::Pool => order.by(|domain| domain.pool.band(), Ord::cmp),
        DomainColumn::Override => order.by(|domain| domain.is_overridden, Ord::cmp),
        DomainColumn::BounceRate => order.by(|domain| domain.bounce_rate.map(|rate| rate.0), number),
        DomainColumn::ComplaintRate => order.by(|domain| domain.complaint_rate.map(|rate| rate.0), number),
        DomainColumn::LimitUsed => order.by(
            |domain| LimitUsed::of(domain, facts.policy).map(|used| used.fraction),
            number,
        ),
        DomainColumn::Processed => order.by(|domain| domain.processed_count, Ord::cmp),
        DomainColumn::Registered => order.by(|domain| domain.registered_at, Ord::cmp),
        DomainColumn::LastMove => order.by(|domain| last_move_at(domain, facts), Ord::cmp),
        DomainColumn::Customer => order.by(|domain| noted(facts.label(domain).customer), Ord::cmp),
        DomainColumn::Owner => order.by(|domain| noted(facts.label(domain).owner), Ord::cmp),
        DomainColumn::Tags => order.by(|domain| noted(facts.label(domain).tags_text()), Ord::cmp),
    }
}

fn last_move_at(domain: &Domain, facts: &ListFacts<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
    match facts.moves.of(&domain.name) {
        LastMove::Known(known) => known.time.map(|time| time.at),
        LastMove::Before(_) | LastMove::Never | LastMove::Unread => None,
    }
}

struct Order<'a> {
    positions: Vec<u32>,
    by_name: &'a [Arc<Domain>],
    sort: &'a Sort,
}

impl Order<'_> {
    fn by<K>(self, key: impl Fn(&Domain) -> Option<K>, compare: impl Fn(&K, &K) -> Ordering) -> Vec<u32> {
        let keyed = self.positions.into_iter().map(|at| {
            let domain = self.by_name.get(at as usize);
            (domain.and_then(|domain| key(domain)), at)
        });
        let mut keyed: Vec<(Option<K>, u32)> = keyed.collect();
        keyed.sort_by(|(a, _), (b, _)| self.sort.order(a.as_ref(), b.as_ref(), |a, b| compare(a, b)));
        keyed.into_iter().map(|(_, at)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Band, DomainId, DomainName, PoolName};

    fn domain(bounce: Option<f64>, complaint: Option<f64>) -> Domain {
        Domain {
            id: DomainId::default(),
            account_id: AccountId::default(),
            account_name: None,
            name: DomainName::as_sent("a.example"),
            registered_at: None,
            pool: PoolName::Known(Band::Good),
            is_overridden: None,
            bounce_rate: bounce.map(Rate),
            complaint_rate: complaint.map(Rate),
            processed_count: None,
        }
    }

    #[test]
    fn the_limit_used_is_the_nearer_one() {
        let policy = Policy::default();
        let used = LimitUsed::of(&domain(Some(0.04), Some(0.0024)), &policy).unwrap();
        assert_eq!(used.words(), "80 % of 0.3 % complaints");
        let used = LimitUsed::of(&domain(Some(0.0999), Some(0.0)), &policy).unwrap();
        assert_eq!(used.words(), "over 99 % of 10 % bounces");
        let used = LimitUsed::of(&domain(Some(0.1), None), &policy).unwrap();
        assert_eq!(used.words(), "100 % of 10 % bounces");
        assert_eq!(LimitUsed::of(&domain(None, None), &policy), None);
        let off = Policy { bounce: None, ..policy };
        assert_eq!(LimitUsed::of(&domain(Some(0.5), None), &off), None);
    }

    #[test]
    fn every_column_reads_back_from_the_address() {
        for column in DomainColumn::ALL {
            assert_eq!(DomainColumn::parse(column.id()), Some(column));
        }
        assert_eq!(DomainColumn::parse("moon"), None);
    }
}
