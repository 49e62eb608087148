//! The filter of a metrics query.

use super::metrics_rows::CountedDomain;
use super::read_context::ReadContext;
use super::reject::at_most;
use crate::sim::{DomainView, Sim};
use mailgun_pools::wire::query::{InvalidParam, MetricsFilter, MetricsQuery};
use std::collections::HashSet;

/// Conditions of a filter, the values of all of them, and those that are looked for inside names: each costs a look at
/// every domain.
const MOST_CONDITIONS: usize = 10;
const MOST_VALUES: usize = 1_000;
const MOST_PARTS: usize = 20;

/// The domains whose traffic counts, in the order of their names.
pub(super) fn senders(context: &ReadContext<'_>, query: &MetricsQuery) -> Result<Vec<CountedDomain>, InvalidParam> {
    let sim = context.sim;
    let values = |filters: &[MetricsFilter]| filters.iter().map(|filter| filter.values.len()).sum();
    at_most("filter.AND", query.filters.len(), MOST_CONDITIONS)?;
    at_most("filter.AND.values", values(&query.filters), MOST_VALUES)?;
    let conditions: Vec<FilterCondition> = query
        .filters
        .iter()
        .map(FilterCondition::of)
        .collect::<Result<_, _>>()?;
    let passes = |domain: &DomainView<'_>| {
        context.scope.includes(domain.account, query.include_subaccounts)
            && conditions.iter().all(|condition| condition.holds(sim, domain))
    };
    let sender = |domain: DomainView<'_>| CountedDomain {
        ix: domain.ix,
        account: domain.account,
    };
    Ok(sim.domains_by_name().filter(passes).map(sender).collect())
}

/// A filter that is understood.
struct FilterCondition {
    is_about_domain: bool,
    comparator: Comparator,
    values: HashSet<String>,
}

#[derive(Clone, Copy)]
enum Comparator {
    Is,
    IsNot,
    Contains,
    ContainsNot,
}

impl FilterCondition {
    fn of(filter: &MetricsFilter) -> Result<Self, InvalidParam> {
        let is_about_domain = match filter.attribute.as_str() {
            "domain" => true,
            "subaccount" => false,
            other => {
                let problem = format!("simulated traffic can't be filtered by “{other}”; take domain or subaccount");
                return Err(InvalidParam::new("filter", other, problem));
            }
        };
        let comparator = match filter.comparator.as_str() {
            "=" => Comparator::Is,
            "!=" => Comparator::IsNot,
            word @ ("contains" | "not contains") => {
                at_most("filter.AND.values of contains", filter.values.len(), MOST_PARTS)?;
                if word == "contains" {
                    Comparator::Contains
                } else {
                    Comparator::ContainsNot
                }
            }
            other => {
                let problem = format!("“{other}” is unknown; take =, !=, contains or not contains");
                return Err(InvalidParam::new("filter", other, problem));
            }
        };
        let values = filter.values.iter().map(|value| value.to_lowercase()).collect();
        Ok(Self {
            is_about_domain,
            comparator,
            values,
        })
    }

    fn holds(&self, sim: &Sim, domain: &DomainView<'_>) -> bool {
        let id = sim
            .account(domain.account)
            .map(|account| account.id.0.as_str())
            .unwrap_or_default();
        let value = if self.is_about_domain { domain.name.as_str() } else { id };
        match self.comparator {
            Comparator::Is => self.values.contains(value),
            Comparator::IsNot => !self.values.contains(value),
            Comparator::Contains => self.is_within(value),
            Comparator::ContainsNot => !self.is_within(value),
        }
    }

    fn is_within(&self, value: &str) -> bool {
        self.values.iter().any(|wanted| value.contains(wanted.as_str()))
    }
}
