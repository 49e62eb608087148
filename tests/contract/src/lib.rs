//! One contract suite for everything that answers the contract, told only by its transport: the simulator in the same
//! process, behind HTTP, and in a browser.
//!
//! Each case gets a fresh account made of `known.csv`, and finds what else it needs (which IPs are where) by asking.
//! What has to come out was worked out by hand from the contract, the rules and the file:
//!
//! | domain | account | traffic | band | moved |
//! | --- | --- | --- | --- | --- |
//! | `steady.example.com` | parent | 1 % bounces, no complaints | good | after the 13th |
//! | `bought.example.com` | parent | once, on the 20th: 25 % bounces, 0.02 % complaints, 25 000 processed | poor | after the 20th |
//! | `holding.example.com` | parent | 7 % bounces: between the thresholds | new | |
//! | `small.example.com` | parent | 10 messages a day: below the minimum | new | |
//! | `recovered.shop.example` | Shop | 20 % bounces on the 13th, then 1 % | good | poor after the 13th, good after the 17th |
//! | `silent.shop.example` | Shop | once, on the 15th, nothing wrong | good | after the 15th |
//! | `complaints.blog.example` | Blog | 0.4 % complaints | poor | after the 13th |
//!
//! The file covers 13–22 July 2026, so the clock starts at midnight of the 23rd, and every domain was enrolled when the
//! 13th began. The policy is the default.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "code of tests and benchmarks: a panic is how it reports"
)]

pub mod domains;
pub mod enrolment;
pub mod history;
pub mod metrics;
pub mod paths;
pub mod pools;
pub mod support;

use mailgun_pools::api::{
    ApiError, Client, DomainsQuery, HistoryQuery, IpsQuery, Paginator, SubaccountsQuery, WarmUpsQuery,
};
use mailgun_pools::transport::{Body, Method, Request, Response, Transport};
use poolkeeper_core::model::{
    AccountId, Band, Domain, DomainName, HistoryRecord, Ip, IpDetail, PoolIps, Pools, Replacement,
};
use serde_json::Value;
use std::collections::HashSet;
use std::rc::Rc;

/// The account's daily counts.
pub const KNOWN_CSV: &str = include_str!("known.csv");

/// Something that answers the contract over an account made of [`KNOWN_CSV`], fresh for each case.
pub trait Harness {
    /// Reaches it.
    fn transport(&self) -> Rc<dyn Transport>;

    /// Moves its clock on.
    fn advance(&self, seconds: u64) -> impl Future<Output = ()>;
}

pub const DAY: u64 = 86_400;

/// Every case, handed to a macro that makes tests of them. A case that is missing here is dead code, and so a warning.
#[macro_export]
macro_rules! each_case {
    ($test:ident) => {
        $test!(pools, they_are_listed_with_ips_and_identifiers);
        $test!(pools, setting_all_replaces_what_they_held);
        $test!(pools, setting_takes_forms_of_every_kind);
        $test!(pools, setting_needs_all_three);
        $test!(pools, only_dedicated_ips_of_the_account_go_in);
        $test!(pools, each_keeps_an_ip_that_is_not_warming);
        $test!(pools, an_ip_is_in_one_pool_at_most);
        $test!(pools, one_ip_is_added);
        $test!(pools, ips_are_added_and_removed_at_once);
        $test!(pools, a_change_is_all_or_nothing);
        $test!(pools, nothing_to_change_is_refused);
        $test!(pools, unknown_pools_are_not_found);
        $test!(pools, removing_needs_every_domain_out);
        $test!(pools, removing_leaves_dedicated_pools_alone);
        $test!(pools, they_belong_to_the_parent_account);
        $test!(enrolment, needs_the_pools_set_up);
        $test!(enrolment, the_first_pool_comes_from_a_check);
        $test!(enrolment, a_replacement_may_be_named_and_is_checked);
        $test!(enrolment, twice_is_a_conflict_and_unknown_is_not_found);
        $test!(enrolment, leaving_takes_each_kind_of_replacement);
        $test!(enrolment, leaving_needs_exactly_one_replacement);
        $test!(enrolment, a_replacement_is_in_no_pool);
        $test!(enrolment, several_replacements_are_all_dedicated);
        $test!(enrolment, unknown_replacements_are_not_found);
        $test!(enrolment, all_domains_in_a_background_job);
        $test!(enrolment, all_domains_without_subaccounts);
        $test!(enrolment, all_is_for_the_parent_account);
        $test!(enrolment, assignable_domains_by_expression_and_subaccount);
        $test!(domains, they_are_listed_with_the_last_checks_rates);
        $test!(domains, pages_lead_to_one_another_both_ways);
        $test!(domains, limits_have_bounds);
        $test!(domains, accounts_and_pools_filter);
        $test!(domains, every_sort_in_both_orders);
        $test!(domains, unknown_filters_are_refused_by_name);
        $test!(domains, pages_hold_when_domains_leave_in_between);
        $test!(domains, a_preview_shows_values_and_bands);
        $test!(domains, a_preview_changes_nothing);
        $test!(domains, a_preview_of_an_unenrolled_domain_is_where_it_would_start);
        $test!(domains, an_override_pins_until_it_is_removed);
        $test!(domains, a_bad_override_names_field_and_value);
        $test!(domains, overrides_of_the_unknown_are_not_found);
        $test!(history, every_move_is_recorded_newest_first);
        $test!(history, checks_enrolments_and_overrides_say_why_and_who);
        $test!(history, filters_narrow_it);
        $test!(history, times_are_exclusive_and_come_in_several_forms);
        $test!(history, either_spelling_of_limit_counts);
        $test!(history, pages_hold_when_records_are_written_in_between);
        $test!(history, of_one_domain);
        $test!(history, bad_filters_are_refused_by_name);
        $test!(support, ips_by_kind_and_what_they_may_do);
        $test!(support, one_ip);
        $test!(support, warm_ups_in_pages);
        $test!(support, a_warm_up_is_cancelled);
        $test!(support, an_ip_of_a_dynamic_pool_is_linked_to_no_subaccount);
        $test!(support, overflow_of_warming_ips_is_told);
        $test!(support, every_domain_with_its_account);
        $test!(support, dedicated_pools);
        $test!(support, what_each_ip_and_dedicated_pool_sends);
        $test!(support, subaccounts_in_pages_filtered_and_sorted);
        $test!(metrics, days_by_domain_are_the_file);
        $test!(metrics, totals_by_each_dimension);
        $test!(metrics, spans_end_before_their_end);
        $test!(metrics, filters_and_accounts);
        $test!(metrics, pages_and_sorts);
        $test!(metrics, the_official_examples_are_answered);
        $test!(metrics, pages_have_documented_limits);
        $test!(metrics, what_is_not_simulated_is_refused_by_name);
        $test!(metrics, a_check_agrees_with_the_counts);
        $test!(paths, the_unknown_is_answered_in_json);
        $test!(paths, a_known_path_says_its_methods);
        $test!(paths, names_are_escaped_and_compare_without_case);
        $test!(paths, acting_for_a_subaccount_sees_its_own);
        $test!(paths, acting_for_nobody_is_refused);
        $test!(paths, every_read_leaves_everything_as_it_was);
    };
}

/// A client of the parent account.
pub fn client(harness: &impl Harness) -> Client {
    Client::new(harness.transport())
}

/// The answer to a request that the client would not send.
pub async fn raw(harness: &impl Harness, request: Request) -> Response {
    harness.transport().send(request).await.expect("an answer")
}

/// A request with query pairs.
pub fn get(path: &str, query: &[(&str, &str)]) -> Request {
    query
        .iter()
        .fold(Request::new(Method::Get, path), |request, (key, value)| {
            request.query(key, *value)
        })
}

/// The JSON of an answer.
pub fn json(response: &Response) -> &Value {
    match &response.body {
        Body::Json(json) => json,
        other => panic!("no JSON but {other:?}"),
    }
}

/// Checks that a request is refused with a status and words that name everything in `names`.
pub async fn refused(harness: &impl Harness, request: Request, status: u16, names: &[&str]) {
    let shown = format!("{request:?}");
    let response = raw(harness, request).await;
    let message = json(&response)["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(response.status, status, "{shown}: {message}");
    for name in names {
        assert!(message.contains(name), "“{message}” does not name {name} ({shown})");
    }
}

/// Checks that a refusal has a status and words that name everything in `names`.
pub fn is_refusal<T: std::fmt::Debug>(answer: Result<T, ApiError>, status: u16, names: &[&str]) {
    let error = answer.expect_err("a refusal");
    let message = error.message.clone().unwrap_or_default();
    assert_eq!(error.status, Some(status), "{message}");
    for name in names {
        assert!(message.contains(name), "“{message}” does not name {name}");
    }
}

pub fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a domain name")
}

pub fn ip(text: &str) -> Ip {
    Ip::parse(text).expect("an IP")
}

/// What the account's IPs may be used for, found out by asking.
pub struct Ips {
    pub pools: Pools,
    /// In no pool, not warming.
    pub free: Vec<Ip>,
    /// In no pool, warming.
    pub free_warming: Vec<Ip>,
    pub shared: Vec<Ip>,
    /// In dedicated pools.
    pub in_dedicated_pools: Vec<Ip>,
    pub warming: HashSet<Ip>,
}

impl Ips {
    pub async fn of(client: &Client) -> Self {
        let pools = client.pools().await.expect("pools");
        let query = IpsQuery {
            is_dedicated_only: true,
            ..IpsQuery::default()
        };
        let dedicated = client.ips(&query).await.expect("dedicated IPs");
        let all = client.ips(&IpsQuery::default()).await.expect("all IPs");
        let is_shared = |ip: &IpDetail| dedicated.iter().all(|known| known.ip != ip.ip);
        let shared: Vec<IpDetail> = all.into_iter().filter(is_shared).collect();
        let dedicated_pools = client.ip_pools().await.expect("dedicated pools");
        let in_dedicated_pools: Vec<Ip> = dedicated_pools.into_iter().flat_map(|pool| pool.ips).collect();
        let is_warming = |ip: &IpDetail| ip.is_warming.expect("the list says it");
        let in_no_pool = |ip: &&IpDetail| pools.holding(&ip.ip).is_none() && !in_dedicated_pools.contains(&ip.ip);
        let (warming, ready): (Vec<_>, Vec<_>) = dedicated.iter().filter(in_no_pool).partition(|ip| is_warming(ip));
        let found = Self {
            free: ready.into_iter().map(|ip| ip.ip.clone()).collect(),
            free_warming: warming.into_iter().map(|ip| ip.ip.clone()).collect(),
            shared: shared.into_iter().map(|ip| ip.ip).collect(),
            warming: dedicated
                .iter()
                .filter(|ip| is_warming(ip))
                .map(|ip| ip.ip.clone())
                .collect(),
            in_dedicated_pools,
            pools,
        };
        // What the cases below need; an account without it would let them pass without looking.
        assert!(found.free.len() >= 3 && !found.free_warming.is_empty() && !found.shared.is_empty());
        assert!(!found.in_dedicated_pools.is_empty());
        found
    }

    pub fn pool(&self, band: Band) -> &[Ip] {
        self.pools.of(band).map_or(&[], |pool| &pool.ips)
    }

    /// What the pools hold now.
    pub fn as_set(&self) -> PoolIps {
        PoolIps {
            good_reputation: self.pool(Band::Good).to_vec(),
            poor_reputation: self.pool(Band::Poor).to_vec(),
            new_senders: self.pool(Band::New).to_vec(),
        }
    }
}

/// All enrolled domains, in order of name.
pub async fn enrolled(client: &Client) -> Vec<Domain> {
    all(Paginator::new(
        client.clone(),
        DomainsQuery {
            limit: Some(100),
            ..DomainsQuery::default()
        },
    ))
    .await
}

/// The names of all enrolled domains, in order.
pub async fn enrolled_names(client: &Client) -> Vec<String> {
    enrolled(client)
        .await
        .into_iter()
        .map(|domain| domain.name.to_string())
        .collect()
}

/// One enrolled domain.
pub async fn domain(client: &Client, wanted: &str) -> Domain {
    let found = enrolled(client)
        .await
        .into_iter()
        .find(|domain| domain.name.as_str() == wanted);
    found.unwrap_or_else(|| panic!("{wanted} is not enrolled"))
}

/// All records, newest first.
pub async fn records(client: &Client) -> Vec<HistoryRecord> {
    let query = HistoryQuery {
        limit: Some(100),
        include_subaccounts: Some(true),
        ..HistoryQuery::default()
    };
    all(Paginator::new(client.clone(), query)).await
}

/// Every item of a walk.
pub async fn all<Q: mailgun_pools::api::PagedQuery>(mut walk: Paginator<Q>) -> Vec<Q::Item> {
    let mut items = Vec::new();
    while let Some(page) = walk.next_page().await.expect("a page") {
        items.extend(page);
    }
    items
}

/// The subaccount with a name.
pub async fn subaccount(client: &Client, wanted: &str) -> AccountId {
    let subaccounts = all(Paginator::new(client.clone(), SubaccountsQuery::default())).await;
    let found = subaccounts.into_iter().find(|subaccount| subaccount.name == wanted);
    found.unwrap_or_else(|| panic!("no subaccount {wanted}")).id
}

/// Takes all domains out, to the shared IPs.
pub async fn empty_out(client: &Client) {
    for domain in enrolled(client).await {
        client
            .remove_domain(domain.name, Replacement::Shared)
            .await
            .expect("taken out");
    }
}

/// Everything that can be read, to see that nothing changed.
pub async fn everything(harness: &impl Harness) -> Vec<Value> {
    let client = client(harness);
    let mut read = Vec::new();
    for path in [
        "/v3/dynamic_pools",
        "/v3/domains/dynamic_pools/assignable",
        "/v1/dynamic_pools/domains?limit=100",
        "/v1/dynamic_pools/history?limit=100&include_subaccounts=true",
        "/v3/ips",
        "/v3/ip_pools",
        "/v3/ip_warmups?limit=100",
        "/v5/accounts/subaccounts?limit=100",
    ] {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let request = pairs.fold(Request::new(Method::Get, path), |request, (key, value)| {
            request.query(key, value)
        });
        read.push(json(&client.send(request).await.expect("an answer")).clone());
    }
    read
}

/// All warm-ups.
pub async fn warm_ups(client: &Client) -> Vec<poolkeeper_core::model::WarmUp> {
    all(Paginator::new(client.clone(), WarmUpsQuery { limit: Some(2) })).await
}
