//! Filters of the lists.

use super::params::{InvalidParam, RequestParams, known_pool, word};
use crate::wire::time;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{AccountId, DomainName, PoolName, SendingStatus};
use serde::{Deserialize, Serialize};

pub(super) type QueryPairs = Vec<(String, String)>;

pub(super) fn put(pairs: &mut QueryPairs, key: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        pairs.push((key.to_owned(), value.to_string()));
    }
}

/// The sort key of enrolled domains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// Name.
    #[default]
    Name,
    /// Bounce rate at the last check.
    BounceRate,
    /// Complaint rate at the last check.
    ComplaintRate,
}

impl SortBy {
    const WORDS: [(&'static str, Self); 3] = [
        ("name", Self::Name),
        ("bounce_rate", Self::BounceRate),
        ("complaint_rate", Self::ComplaintRate),
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::BounceRate => "bounce_rate",
            Self::ComplaintRate => "complaint_rate",
        }
    }
}

/// The sort direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortOrder {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

impl SortOrder {
    const WORDS: [(&'static str, Self); 2] = [("ascending", Self::Ascending), ("descending", Self::Descending)];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

/// A query for enrolled domains (operation 10).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainsQuery {
    /// Most items in a page, 1–100; the service's own default when `None`.
    pub limit: Option<u32>,
    /// Only of these accounts; all when empty.
    pub accounts: Vec<AccountId>,
    /// Only in these pools; all when empty.
    pub pools: Vec<PoolName>,
    /// What to sort by.
    pub sort_by: SortBy,
    /// Which end first.
    pub sort_order: SortOrder,
}

impl DomainsQuery {
    /// As query pairs.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "limit", self.limit);
        for account in &self.accounts {
            put(&mut pairs, "account", Some(account));
        }
        for pool in &self.pools {
            put(&mut pairs, "pool", Some(pool));
        }
        put(&mut pairs, "sort_by", Some(self.sort_by.as_str()));
        put(&mut pairs, "sort_order", Some(self.sort_order.as_str()));
        pairs
    }

    /// From query pairs; parameters it does not know are ignored.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        Ok(Self {
            limit: limit(params, "limit", 100)?,
            accounts: params
                .list("account")
                .into_iter()
                .map(|id| AccountId(id.to_owned()))
                .collect(),
            pools: params
                .list("pool")
                .into_iter()
                .map(|name| known_pool("pool", name))
                .collect::<Result<_, _>>()?,
            sort_by: word(params, "sort_by", &SortBy::WORDS)?.unwrap_or_default(),
            sort_order: word(params, "sort_order", &SortOrder::WORDS)?.unwrap_or_default(),
        })
    }
}

pub(super) fn limit(params: RequestParams<'_>, name: &str, most: u64) -> Result<Option<u32>, InvalidParam> {
    Ok(params.whole(name, 1, most)?.and_then(|limit| u32::try_from(limit).ok()))
}

/// A query for history records (operation 15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Most items in a page, 1–100; the service's own default when `None`.
    pub limit: Option<u32>,
    /// With the subaccounts' domains; the service's own default when `None`.
    pub include_subaccounts: Option<bool>,
    /// Only of this domain.
    pub domain: Option<DomainName>,
    /// Only before this time (whole seconds on the wire).
    pub before: Option<DateTime<Utc>>,
    /// Only after this time (whole seconds on the wire).
    pub after: Option<DateTime<Utc>>,
    /// Only moves to this pool.
    pub moved_to: Option<PoolName>,
    /// Only moves from this pool.
    pub moved_from: Option<PoolName>,
}

impl HistoryQuery {
    /// As query pairs, with the limit in both of its spellings.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "Limit", self.limit);
        put(&mut pairs, "limit", self.limit);
        put(&mut pairs, "include_subaccounts", self.include_subaccounts);
        put(&mut pairs, "domain", self.domain.as_ref());
        put(&mut pairs, "before", self.before.map(time::to_rfc1123));
        put(&mut pairs, "after", self.after.map(time::to_rfc1123));
        put(&mut pairs, "moved_to", self.moved_to.as_ref());
        put(&mut pairs, "moved_from", self.moved_from.as_ref());
        pairs
    }

    /// From query pairs; `Limit` has precedence over `limit`.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        let domain = params
            .one("domain")
            .map(|name| DomainName::parse(name).map_err(|error| InvalidParam::new("domain", name, error.to_string())));
        let capital = limit(params, "Limit", 100)?;
        Ok(Self {
            limit: if capital.is_some() {
                capital
            } else {
                limit(params, "limit", 100)?
            },
            include_subaccounts: params.flag("include_subaccounts")?,
            domain: domain.transpose()?,
            before: params.instant("before")?,
            after: params.instant("after")?,
            moved_to: params.pool("moved_to")?,
            moved_from: params.pool("moved_from")?,
        })
    }
}

/// A query for domains that are not enrolled (operation 8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AssignableQuery {
    /// Only of this subaccount.
    pub subaccount_id: Option<AccountId>,
    /// Only names this regular expression matches.
    pub domain: Option<String>,
}

impl AssignableQuery {
    /// As query pairs.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "subaccount_id", self.subaccount_id.as_ref());
        put(&mut pairs, "domain", self.domain.as_ref());
        pairs
    }

    /// From query pairs. The expression is not compiled here.
    #[must_use]
    pub fn decode(params: RequestParams<'_>) -> Self {
        Self {
            subaccount_id: params.one("subaccount_id").map(|id| AccountId(id.to_owned())),
            domain: params.one("domain").map(str::to_owned),
        }
    }
}

const STATES: [(&str, SendingStatus); 3] = [
    ("active", SendingStatus::Active),
    ("unverified", SendingStatus::Unverified),
    ("disabled", SendingStatus::Disabled),
];

/// The word on the wire of whether a domain may send.
pub(in crate::wire) fn state_word(status: &SendingStatus) -> &str {
    match status {
        SendingStatus::Active => "active",
        SendingStatus::Unverified => "unverified",
        SendingStatus::Disabled => "disabled",
        SendingStatus::Unknown(other) => other,
    }
}

/// A query for the account's domains, enrolled or not (operation 25).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AccountDomainsQuery {
    /// Most items in a page, up to 1 000; the service's default of 100 when `None`.
    pub limit: Option<u32>,
    /// Items to skip.
    pub skip: u64,
    /// Only names that contain this.
    pub search: Option<String>,
    /// Only those in this state.
    pub state: Option<SendingStatus>,
    /// With the subaccounts' domains.
    pub include_subaccounts: bool,
}

impl AccountDomainsQuery {
    /// As query pairs.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "limit", self.limit);
        put(&mut pairs, "skip", (self.skip > 0).then_some(self.skip));
        put(&mut pairs, "search", self.search.as_ref());
        put(&mut pairs, "state", self.state.as_ref().map(state_word));
        put(
            &mut pairs,
            "include_subaccounts",
            self.include_subaccounts.then_some(true),
        );
        pairs
    }

    /// From query pairs.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        Ok(Self {
            limit: limit(params, "limit", 1_000)?,
            skip: params.whole("skip", 0, u64::MAX)?.unwrap_or_default(),
            search: params.one("search").map(str::to_owned),
            state: word(params, "state", &STATES)?,
            include_subaccounts: params.flag("include_subaccounts")?.unwrap_or_default(),
        })
    }
}

/// A query for IPs (operation 16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IpsQuery {
    /// Only dedicated ones (`dedicated=true`). The parameter is a switch: without it, or with `false`, all are listed.
    pub is_dedicated_only: bool,
    /// Only those in use, or only those that are not.
    pub enabled: Option<bool>,
}

impl IpsQuery {
    /// As query pairs.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "dedicated", self.is_dedicated_only.then_some(true));
        put(&mut pairs, "enabled", self.enabled);
        pairs
    }

    /// From query pairs.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        Ok(Self {
            is_dedicated_only: params.flag("dedicated")?.unwrap_or_default(),
            enabled: params.flag("enabled")?,
        })
    }
}

/// A query for warm-ups (operation 18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WarmUpsQuery {
    /// Most items in a page; the service's default of 10 when `None`.
    pub limit: Option<u32>,
}

impl WarmUpsQuery {
    /// As query pairs.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "limit", self.limit);
        pairs
    }

    /// From query pairs.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        Ok(Self {
            limit: limit(params, "limit", 1_000)?,
        })
    }
}

/// A query for subaccounts (operation 20).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubaccountsQuery {
    /// Most items in a page, up to 1 000; the service's default of 10 when `None`.
    pub limit: Option<u32>,
    /// Items to skip.
    pub skip: u64,
    /// By name, which end first; the service's own order when `None`.
    pub sort: Option<SortOrder>,
    /// Only names that contain this.
    pub filter: Option<String>,
    /// Only those that are open, or only those that are not.
    pub enabled: Option<bool>,
    /// Only those that are closed, or only those that are not.
    pub closed: Option<bool>,
}

impl SubaccountsQuery {
    const SORTS: [(&'static str, SortOrder); 2] = [("asc", SortOrder::Ascending), ("desc", SortOrder::Descending)];

    /// As query pairs.
    #[must_use]
    pub fn encode(&self) -> QueryPairs {
        let mut pairs = Vec::new();
        put(&mut pairs, "limit", self.limit);
        put(&mut pairs, "skip", (self.skip > 0).then_some(self.skip));
        let sort = Self::SORTS.into_iter().find(|(_, sort)| Some(*sort) == self.sort);
        put(&mut pairs, "sort", sort.map(|(word, _)| word));
        put(&mut pairs, "filter", self.filter.as_ref());
        put(&mut pairs, "enabled", self.enabled);
        put(&mut pairs, "closed", self.closed);
        pairs
    }

    /// From query pairs.
    ///
    /// # Errors
    /// [`InvalidParam`] for a value the contract does not have.
    pub fn decode(params: RequestParams<'_>) -> Result<Self, InvalidParam> {
        Ok(Self {
            limit: limit(params, "limit", 1_000)?,
            skip: params.whole("skip", 0, u64::MAX)?.unwrap_or_default(),
            sort: word(params, "sort", &Self::SORTS)?,
            filter: params.one("filter").map(str::to_owned),
            enabled: params.flag("enabled")?,
            closed: params.flag("closed")?,
        })
    }
}
