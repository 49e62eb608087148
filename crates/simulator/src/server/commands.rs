//! Requests that change something, as the simulator's commands.

use super::Rejection;
use super::reject::at_most;
use crate::sim::{Command, EnrolmentReplacement, RemovalReplacement};
use mailgun_pools::transport::{Body, Request};
use mailgun_pools::wire::query::{InvalidParam, RequestParams};
use mailgun_pools::wire::{MatchedPath, Operation};
use poolkeeper_core::model::{AccountId, Band, DomainName, Ip, PoolIps};
use serde_json::Value;

/// IPs of one list. An account has far fewer.
const MOST_IPS: usize = 1_000;

/// The command a request asks for; `None` when it asks for none.
pub(super) fn command(found: &MatchedPath, request: &Request) -> Result<Option<Command>, Rejection> {
    let pairs = parameters(request)?;
    let params = RequestParams(&pairs);
    let domain = || DomainName::as_sent(found.value(0));
    Ok(Some(match found.operation {
        Operation::SetPools => {
            let pools = pool_ips(params)?;
            Command::SetPools {
                good: pools.good_reputation,
                poor: pools.poor_reputation,
                new: pools.new_senders,
            }
        }
        Operation::RemovePools => Command::RemovePools,
        Operation::AddIp => {
            let add = vec![ip("ip", found.value(1))?];
            Command::ChangePool {
                pool: pool(found.value(0))?,
                add,
                remove: Vec::new(),
            }
        }
        Operation::ChangePool => {
            let (pool, add, remove) = (pool(found.value(0))?, ips(params, "add_ip")?, ips(params, "remove_ip")?);
            Command::ChangePool { pool, add, remove }
        }
        Operation::Enroll => Command::Enroll {
            domain: domain(),
            replacement_ip: replacement_ip(params)?,
        },
        Operation::RemoveDomain => Command::Unenroll {
            domain: domain(),
            replacement: replacement(params)?,
        },
        Operation::EnrollAll => Command::EnrollAll {
            include_subaccounts: params.flag("include_subaccounts")?.unwrap_or_default(),
        },
        Operation::SetOverride => {
            let name = params.one("pool").unwrap_or_default();
            let bad = || Rejection::BadOverride { value: name.to_owned() };
            Command::SetOverride {
                domain: domain(),
                pool: Band::from_pool_name(name).ok_or_else(bad)?,
            }
        }
        Operation::RemoveOverride => Command::ClearOverride { domain: domain() },
        Operation::CancelWarmUp => Command::CancelWarmUp {
            ip: ip("addr", found.value(0))?,
        },
        Operation::LinkIps => Command::LinkIps {
            subaccounts: subaccounts(params)?,
            link: ips(params, "link_ip")?,
            unlink: ips(params, "unlink_ip")?,
        },
        _ => return Ok(None),
    }))
}

/// Form fields, then query pairs. A JSON object is taken for a form, its lists for repeated fields.
fn parameters(request: &Request) -> Result<Vec<(String, String)>, Rejection> {
    let mut pairs = match &request.body {
        Body::Empty => Vec::new(),
        Body::Form(fields) => fields.clone(),
        Body::Text(text) => form_urlencoded::parse(text.as_bytes()).into_owned().collect(),
        Body::Json(Value::Object(fields)) => {
            let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let values = |value: &Value| match value {
                Value::Null => Vec::new(),
                Value::Array(entries) => entries.iter().map(plain).collect(),
                one => vec![plain(one)],
            };
            let pairs = |(key, value): (&String, &Value)| {
                values(value)
                    .into_iter()
                    .map(|value| (key.clone(), value))
                    .collect::<Vec<_>>()
            };
            fields.iter().flat_map(pairs).collect()
        }
        Body::Json(_) => {
            return Err(Rejection::Other(
                400,
                "The body is neither a form nor a JSON object.".to_owned(),
            ));
        }
    };
    pairs.extend(request.query.iter().cloned());
    Ok(pairs)
}

fn pool(name: &str) -> Result<Band, Rejection> {
    Band::from_pool_name(name).ok_or_else(|| {
        let known = Band::ALL.map(Band::pool_name).join(", ");
        Rejection::not_found(format!("There is no pool {name}. Take one of {known}."))
    })
}

fn ip(field: &str, text: &str) -> Result<Ip, InvalidParam> {
    Ip::parse(text).map_err(|error| InvalidParam::new(field, text, error.to_string()))
}

fn ips(params: RequestParams<'_>, field: &str) -> Result<Vec<Ip>, InvalidParam> {
    let list = params.list(field);
    at_most(field, list.len(), MOST_IPS)?;
    list.into_iter().map(|text| ip(field, text)).collect()
}

/// Either the subaccounts that are named, or all of them (`None`).
fn subaccounts(params: RequestParams<'_>) -> Result<Option<Vec<AccountId>>, InvalidParam> {
    let named = params.list("subaccount_id");
    at_most("subaccount_id", named.len(), MOST_IPS)?;
    match (named.is_empty(), params.flag("all_subaccounts")?.unwrap_or_default()) {
        (true, true) => Ok(None),
        (false, false) => Ok(Some(named.into_iter().map(|id| AccountId(id.to_owned())).collect())),
        (is_empty, _) => {
            let problem = "give either subaccount_id or all_subaccounts=true";
            let field = if is_empty { "subaccount_id" } else { "all_subaccounts" };
            Err(InvalidParam::new(field, "", problem))
        }
    }
}

fn pool_ips(params: RequestParams<'_>) -> Result<PoolIps, InvalidParam> {
    let mut pools = PoolIps::default();
    for band in Band::ALL {
        *pools.of_mut(band) = ips(params, band.reputation_key())?;
    }
    Ok(pools)
}

fn replacement_ip(params: RequestParams<'_>) -> Result<Option<EnrolmentReplacement>, InvalidParam> {
    match params.list("replacement_ip").as_slice() {
        [] => Ok(None),
        [one] if one.eq_ignore_ascii_case("shared") => Ok(Some(EnrolmentReplacement::Shared)),
        [one] => ip("replacement_ip", one).map(|ip| Some(EnrolmentReplacement::Ip(ip))),
        several => Err(InvalidParam::new(
            "replacement_ip",
            &several.join(", "),
            "give one IP or the word shared",
        )),
    }
}

/// Exactly one of the two parameters (R7): the command can't say both, so it is the decoding that refuses.
fn replacement(params: RequestParams<'_>) -> Result<RemovalReplacement, InvalidParam> {
    let given = params.list("replacement_ip");
    at_most("replacement_ip", given.len(), MOST_IPS)?;
    let advice = "give either replacement_ip (an IP, several dedicated IPs, or shared) or replacement_pool_id";
    match (given.as_slice(), params.one("replacement_pool_id")) {
        ([], None) => Err(InvalidParam::new(
            "replacement_ip",
            "",
            format!("a replacement is missing; {advice}"),
        )),
        ([], Some(id)) => Ok(RemovalReplacement::Pool(id.to_owned())),
        (_, Some(id)) => Err(InvalidParam::new(
            "replacement_pool_id",
            id,
            format!("there are two replacements; {advice}"),
        )),
        ([one], None) if one.eq_ignore_ascii_case("shared") => Ok(RemovalReplacement::Shared),
        (several, None) if several.iter().any(|one| one.eq_ignore_ascii_case("shared")) => Err(InvalidParam::new(
            "replacement_ip",
            &several.join(", "),
            "give shared alone, without IPs",
        )),
        (several, None) => several
            .iter()
            .map(|text| ip("replacement_ip", text))
            .collect::<Result<_, _>>()
            .map(RemovalReplacement::Ips),
    }
}
