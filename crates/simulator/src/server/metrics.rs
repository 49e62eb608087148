//! The metrics query over the simulated traffic.

use super::Rejection;
use super::cache::CachedList;
use super::metric_names::{self, MetricName};
use super::metrics_filter::senders;
use super::metrics_rows::{DayTallies, GroupRow, Grouping};
use super::read_context::ReadContext;
use super::reject::{at_most, json};
use super::scope::account;
use crate::sim::Sim;
use chrono::{DateTime, Months, TimeDelta, Utc};
use mailgun_pools::transport::{Body, Response};
use mailgun_pools::wire::metrics::dimension_name;
use mailgun_pools::wire::query::{InvalidParam, MetricsPeriod, MetricsQuery};
use mailgun_pools::wire::{self, time};
use poolkeeper_core::model::{Counts, Day, Dimension, DimensionValue, MetricsItem, MetricsPage, Resolution, Timestamp};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Items of a page without a limit, and at most, as the service documents: with the dimension `time`, and without it.
const LIMITS_WITH_TIME: (u64, u64) = (1_500, 1_500);
const LIMITS_WITHOUT_TIME: (u64, u64) = (10, 1_000);
/// A query names so many at most, as the service documents.
const MOST_DIMENSIONS: usize = 3;
const MOST_METRICS: usize = 10;
/// Days of single domains that are added up at once, about a second's work.
const MOST_DOMAIN_DAYS: usize = 10_000_000;
/// Rows that are put in order at once at most; a daily list by domain in order of time has no such bound.
const MOST_ROWS: usize = 1_000_000;

/// Operation 21.
pub(super) fn answer(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let mut query = match &context.request.body {
        Body::Json(body) => MetricsQuery::decode(body)?,
        Body::Text(text) => match serde_json::from_str::<Value>(text) {
            Ok(body) => MetricsQuery::decode(&body)?,
            Err(error) => return Err(InvalidParam::new("body", "", format!("the query is no JSON: {error}")).into()),
        },
        Body::Empty | Body::Form(_) => return Err(InvalidParam::new("body", "", "the query is a JSON object").into()),
    };
    let metrics = check_names(&query)?;
    keep_first(&mut query.dimensions);
    let order = MetricsOrder::of(&query, &metrics)?;
    let (default_limit, largest_limit) = if query.dimensions.contains(&Dimension::Time) {
        LIMITS_WITH_TIME
    } else {
        LIMITS_WITHOUT_TIME
    };
    let limit = query.limit.unwrap_or(default_limit);
    if !(1..=largest_limit).contains(&limit) {
        let problem = format!("{limit} is out of range; take 1 to {largest_limit}");
        return Err(InvalidParam::new("pagination.limit", &limit.to_string(), problem).into());
    }
    let (start, end) = covered(&query.span, context.sim.now())?;
    let senders = senders(context, &query)?;
    let has = |dimension: &Dimension| query.dimensions.contains(dimension);
    let grouping = Grouping {
        sim: context.sim,
        senders: &senders,
        first: Timestamp::from(start).day().max(context.sim.first_day()),
        // Up to but not including the end: midnight ends the day before.
        last: Timestamp(end.timestamp() - 1)
            .day()
            .min(context.sim.last_complete_day()),
        is_by_month: query.resolution == Resolution::Month,
        has_time: has(&Dimension::Time),
        has_domain: has(&Dimension::Domain),
        has_account: has(&Dimension::Subaccount),
    };
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit_rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = find(context, &query, &grouping, &order, skip, limit_rows)?;
    let page = MetricsPage {
        start: Some(start),
        end: Some(end),
        resolution: Some(query.resolution),
        duration: match &query.span {
            MetricsPeriod::Last { duration, .. } => Some(duration.clone()),
            MetricsPeriod::Between { .. } => None,
        },
        items: found
            .page
            .iter()
            .map(|row| item(context.sim, &query.dimensions, row, &metrics))
            .collect(),
        aggregates: query.include_aggregates.then(|| measured(&found.sum, &metrics)),
        dimensions: query.dimensions,
        sort: Some(order.text),
        skip: query.skip,
        limit: Some(limit),
        total: Some(found.total as u64),
    };
    Ok(json(200, wire::metrics::encode(&page)))
}

/// What is asked for has to be something that is simulated, and says so by name where it is not.
fn check_names(query: &MetricsQuery) -> Result<Vec<MetricName>, InvalidParam> {
    if query.resolution == Resolution::Hour {
        let problem = "simulated traffic is counted by UTC day, not by hour; take day or month";
        return Err(InvalidParam::new("resolution", "hour", problem));
    }
    at_most("dimensions", query.dimensions.len(), MOST_DIMENSIONS)?;
    at_most("metrics", query.metrics.len(), MOST_METRICS)?;
    for dimension in &query.dimensions {
        let name = dimension_name(dimension);
        let problem = match dimension {
            Dimension::Time | Dimension::Domain | Dimension::Subaccount => continue,
            Dimension::Ip | Dimension::IpPool => {
                format!("simulated traffic is not split by {name}; take time, domain or subaccount")
            }
            Dimension::Other(_) => format!("“{name}” is unknown; take time, domain or subaccount"),
        };
        return Err(InvalidParam::new("dimensions", name, problem));
    }
    if query.metrics.is_empty() {
        return Ok(metric_names::DEFAULT.to_vec());
    }
    let metric = |name: &String| {
        metric_names::find(name).ok_or_else(|| {
            let problem = format!("“{name}” is not a metric of Mailgun's reference");
            InvalidParam::new("metrics", name, problem)
        })
    };
    query.metrics.iter().map(metric).collect()
}

/// Leaves each dimension in its first place.
fn keep_first(dimensions: &mut Vec<Dimension>) {
    let given = std::mem::take(dimensions);
    for dimension in given {
        if !dimensions.contains(&dimension) {
            dimensions.push(dimension);
        }
    }
}

/// What a list is sorted by.
struct MetricsOrder {
    text: String,
    by: OrderBy,
    is_descending: bool,
}

enum OrderBy {
    Time,
    Domain,
    Subaccount,
    Metric(fn(&Counts) -> f64),
}

impl MetricsOrder {
    fn of(query: &MetricsQuery, metrics: &[MetricName]) -> Result<Self, InvalidParam> {
        let text = query.sort.clone().unwrap_or_else(|| "time:asc".to_owned());
        let (name, direction) = text.split_once(':').unwrap_or((text.as_str(), "asc"));
        let is_descending = match direction {
            "asc" => false,
            "desc" => true,
            _ => {
                return Err(InvalidParam::new(
                    "pagination.sort",
                    &text,
                    "a sort is a name and :asc or :desc",
                ));
            }
        };
        let by = match name {
            "time" => OrderBy::Time,
            "domain" => OrderBy::Domain,
            "subaccount" => OrderBy::Subaccount,
            _ => match metrics.iter().find(|(known, _)| *known == name) {
                Some((_, measure)) => OrderBy::Metric(*measure),
                None => {
                    let problem = format!("“{name}” is neither a dimension nor one of the metrics asked for");
                    return Err(InvalidParam::new("pagination.sort", &text, problem));
                }
            },
        };
        Ok(Self {
            by,
            is_descending,
            text,
        })
    }

    fn compare(&self, sim: &Sim, a: &GroupRow, b: &GroupRow) -> Ordering {
        let name = |row: &GroupRow| row.domain.and_then(|ix| sim.domain(ix)).map(|domain| domain.name);
        let ascending = match self.by {
            OrderBy::Time => a.time.cmp(&b.time),
            OrderBy::Domain => name(a).cmp(&name(b)),
            OrderBy::Subaccount => a.account.cmp(&b.account),
            OrderBy::Metric(measure) => measure(&a.counts).total_cmp(&measure(&b.counts)),
        };
        if self.is_descending {
            ascending.reverse()
        } else {
            ascending
        }
    }
}

/// The span's first and last instant.
fn covered(span: &MetricsPeriod, now: Timestamp) -> Result<(DateTime<Utc>, DateTime<Utc>), InvalidParam> {
    let (duration, end) = match span {
        MetricsPeriod::Between { start, end } => return Ok((*start, *end)),
        MetricsPeriod::Last { duration, end } => (duration, end.unwrap_or_else(|| now.to_utc())),
    };
    let bad = || {
        InvalidParam::new(
            "duration",
            duration,
            format!("“{duration}” is no span such as 24h, 30d or 6m"),
        )
    };
    let number = duration.get(..duration.len().saturating_sub(1)).unwrap_or_default();
    let number: u32 = number.parse().map_err(|_| bad())?;
    let start = match duration.chars().last() {
        Some('h') => TimeDelta::try_hours(i64::from(number)).and_then(|span| end.checked_sub_signed(span)),
        Some('d') => TimeDelta::try_days(i64::from(number)).and_then(|span| end.checked_sub_signed(span)),
        Some('m') => end.checked_sub_months(Months::new(number)),
        _ => None,
    };
    Ok((start.ok_or_else(bad)?, end))
}

/// A page of rows, and what all rows come to.
struct MetricsRows {
    page: Vec<GroupRow>,
    total: usize,
    sum: Counts,
}

fn find(
    context: &ReadContext<'_>,
    query: &MetricsQuery,
    grouping: &Grouping<'_>,
    order: &MetricsOrder,
    skip: usize,
    limit: usize,
) -> Result<MetricsRows, Rejection> {
    let same = MetricsQuery {
        skip: 0,
        limit: None,
        ..query.clone()
    };
    let key = format!("metrics {} {} {}", grouping.first, grouping.last, same.encode());
    if grouping.domain_days() > MOST_DOMAIN_DAYS {
        let message = format!(
            "This adds up {} days of single domains; at most {MOST_DOMAIN_DAYS} are added up at once. Ask for fewer days, \
             or filter by domain.",
            grouping.domain_days()
        );
        return Err(Rejection::Other(413, message));
    }
    if grouping.is_daily_by_domain() && matches!(order.by, OrderBy::Time) {
        let CachedList::Days(days) = context.cached(&key, || CachedList::Days(Rc::new(grouping.count_days()))) else {
            return Ok(MetricsRows {
                page: Vec::new(),
                total: 0,
                sum: Counts::ZERO,
            });
        };
        let total = days.rows.iter().map(|rows| *rows as usize).sum();
        let page = grouping.daily_page(&days, skip, limit, order.is_descending);
        let DayTallies { sum, .. } = *days;
        return Ok(MetricsRows { page, total, sum });
    }
    if grouping.most_rows() > MOST_ROWS {
        let message = format!(
            "This gives {} rows; at most {MOST_ROWS} can be sorted. Ask for fewer days, filter \
             by domain, or sort by time.",
            grouping.most_rows()
        );
        return Err(Rejection::Other(413, message));
    }
    let sorted = || {
        let mut rows = grouping.rows();
        rows.sort_by(|a, b| order.compare(context.sim, a, b));
        CachedList::Rows(Rc::new(rows))
    };
    let CachedList::Rows(rows) = context.cached(&key, sorted) else {
        return Ok(MetricsRows {
            page: Vec::new(),
            total: 0,
            sum: Counts::ZERO,
        });
    };
    Ok(MetricsRows {
        page: rows.iter().skip(skip).take(limit).copied().collect(),
        total: rows.len(),
        sum: rows.iter().map(|row| row.counts).sum(),
    })
}

fn item(sim: &Sim, dimensions: &[Dimension], row: &GroupRow, metrics: &[MetricName]) -> MetricsItem {
    let value = |dimension: &Dimension| {
        let (value, display, at) = match dimension {
            Dimension::Time => {
                let at = row.time.map(|day: Day| day.start().to_utc());
                let text = at.map(time::to_rfc2822).unwrap_or_default();
                (text.clone(), text, at)
            }
            Dimension::Subaccount => {
                let (id, name) = row.account.map(|ix| account(sim, ix)).unwrap_or_default();
                (id.0, name, None)
            }
            _ => {
                let domain = row.domain.and_then(|ix| sim.domain(ix));
                let name = domain.map(|domain| domain.name.to_string()).unwrap_or_default();
                (name.clone(), name, None)
            }
        };
        DimensionValue {
            dimension: dimension.clone(),
            value,
            display_value: Some(display),
            at,
        }
    };
    MetricsItem {
        dimensions: dimensions.iter().map(value).collect(),
        metrics: measured(&row.counts, metrics),
    }
}

fn measured(counts: &Counts, metrics: &[MetricName]) -> BTreeMap<String, f64> {
    metrics
        .iter()
        .map(|(name, measure)| ((*name).to_owned(), measure(counts)))
        .collect()
}
