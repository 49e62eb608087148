//! Commands that change domains: enroll, remove, override.

use super::ChangeCommand;
use super::change::{ProposedChange, RecordArg};
use super::connection::LiveConnection;
use super::reads::{all_domains, outside_domains};
use crate::Failure;
use crate::values::{band, domain, ip, replacement};
use poolkeeper_account::change::{Proposal, enroll, enroll_all, pin, remove, remove_each, unpin};
use poolkeeper_core::model::{Band, Domain, DomainName, Replacement, ReplacementIp};
use poolkeeper_core::text;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

/// Names on standard input take at most so many bytes: a million domains.
const LONGEST_INPUT_BYTES: u64 = 64_000_000;

/// The domains of a change.
#[derive(clap::Args)]
struct NamedDomains {
    /// Domains; `-` reads them from standard input, one on each line
    #[arg(value_name = "DOMAIN")]
    domains: Vec<String>,
}

impl NamedDomains {
    /// Each once, in the order in which they are named.
    fn read(&self) -> Result<Vec<DomainName>, Failure> {
        let mut lines = String::new();
        let names: Vec<&str> = if self.domains == ["-"] {
            let input = std::io::stdin().take(LONGEST_INPUT_BYTES);
            let mut input = std::io::BufReader::new(input);
            input
                .read_to_string(&mut lines)
                .map_err(|error| Failure::of("reading standard input", error))?;
            lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
        } else {
            self.domains.iter().map(String::as_str).collect()
        };
        let mut known = BTreeSet::new();
        let mut found = Vec::new();
        for name in names {
            let name = domain(name).map_err(|problem| Failure(format!("{}: {problem}", text::shorten(name))))?;
            if known.insert(name.clone()) {
                found.push(name);
            }
        }
        if found.is_empty() {
            return Err(Failure("no domain is named".to_owned()));
        }
        Ok(found)
    }

    /// The enrolled domains with these names.
    async fn enrolled(&self, connection: &LiveConnection) -> Result<Vec<Arc<Domain>>, Failure> {
        let names = self.read()?;
        let all = all_domains(connection).await?;
        let by_name: BTreeMap<&DomainName, &Arc<Domain>> = all.iter().map(|domain| (&domain.name, domain)).collect();
        let (known, unknown): (Vec<_>, Vec<_>) = names.iter().partition(|name| by_name.contains_key(name));
        refuse_unknown(unknown, "not enrolled")?;
        Ok(known
            .into_iter()
            .filter_map(|name| by_name.get(name).map(|domain| Arc::clone(domain)))
            .collect())
    }
}

/// Nothing is changed where a name is wrong: `unknown` are those that are `what`.
pub(super) fn refuse_unknown<'a>(unknown: impl IntoIterator<Item = &'a DomainName>, what: &str) -> Result<(), Failure> {
    let names: Vec<String> = unknown.into_iter().map(ToString::to_string).collect();
    if names.is_empty() {
        return Ok(());
    }
    let are = if names.len() == 1 { "is" } else { "are" };
    Err(Failure(format!(
        "{} {are} {what}. Nothing was changed",
        text::listed(&names, 8)
    )))
}

/// What `enroll` takes.
#[derive(clap::Args)]
pub(crate) struct EnrollArgs {
    #[command(flatten)]
    domains: NamedDomains,
    /// Enroll every domain, in a background job of Mailgun
    #[arg(long, conflicts_with = "domains")]
    all: bool,
    /// With --all: the subaccounts' domains too
    #[arg(long, requires = "all")]
    include_subaccounts: bool,
    /// What the domains go back to when they leave: shared or an IP; default: not sent
    #[arg(long, value_name = "WHERE", value_parser = replacement_ip, conflicts_with = "all")]
    replacement: Option<ReplacementIp>,
}

fn replacement_ip(text: &str) -> Result<ReplacementIp, String> {
    if text == "shared" {
        return Ok(ReplacementIp::Shared);
    }
    ip(text).map(ReplacementIp::Ip)
}

impl ChangeCommand for EnrollArgs {
    async fn propose(&self, connection: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let proposal = if self.all {
            enroll_all(self.include_subaccounts)
        } else {
            let names = self.domains.read()?;
            let by_name = outside_domains(connection).await?;
            let unknown = names.iter().filter(|name| !by_name.contains_key(*name));
            refuse_unknown(unknown, "enrolled already, or not in the account")?;
            let named: Vec<_> = names
                .into_iter()
                .map(|name| {
                    let account = by_name.get(&name).cloned();
                    (name, account)
                })
                .collect();
            enroll(&named, self.replacement.as_ref())
        };
        Ok(proposal.into())
    }
}

/// What `remove` takes.
#[derive(clap::Args)]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    domains: NamedDomains,
    /// Where they send from afterwards: shared, IPs with commas between them, pool:ID of a dedicated pool, or former: what each
    /// used before it was enrolled, by the record
    #[arg(long, value_name = "WHERE", value_parser = removal_target)]
    to: RemovalTarget,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RemovalTarget {
    Replacement(Replacement),
    Former,
}

fn removal_target(text: &str) -> Result<RemovalTarget, String> {
    if text == "former" {
        return Ok(RemovalTarget::Former);
    }
    replacement(text).map(RemovalTarget::Replacement)
}

impl ChangeCommand for RemoveArgs {
    async fn propose(&self, connection: &LiveConnection, record: &RecordArg) -> Result<ProposedChange, Failure> {
        let domains = self.domains.enrolled(connection).await?;
        let proposal = match &self.to {
            RemovalTarget::Replacement(replacement) => remove(&domains, replacement),
            RemovalTarget::Former => to_former(connection, &domains, record)?,
        };
        Ok(proposal.into())
    }
}

/// Each domain to what it used before it was enrolled, by the record.
fn to_former(connection: &LiveConnection, domains: &[Arc<Domain>], record: &RecordArg) -> Result<Proposal, Failure> {
    let names: BTreeSet<DomainName> = domains.iter().map(|domain| domain.name.clone()).collect();
    let former = record.read()?.former_senders(&connection.recorded(), &names);
    let unknown = names.iter().filter(|name| !former.contains_key(*name));
    refuse_unknown(unknown, "without a note in the record of what was used before")?;
    let each = domains.iter().filter_map(|domain| {
        let sender = former.get(&domain.name)?;
        Some((Arc::clone(domain), sender.replacement()))
    });
    Ok(remove_each(&each.collect::<Vec<_>>()))
}

/// What `override` takes.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["pool", "clear"])))]
pub(crate) struct OverrideArgs {
    #[command(flatten)]
    domains: NamedDomains,
    /// Pin the domains to this pool: good, poor or new
    #[arg(long, value_name = "POOL", value_parser = band)]
    pool: Option<Band>,
    /// Remove the override
    #[arg(long)]
    clear: bool,
}

impl ChangeCommand for OverrideArgs {
    async fn propose(&self, connection: &LiveConnection, _: &RecordArg) -> Result<ProposedChange, Failure> {
        let domains = self.domains.enrolled(connection).await?;
        let proposal = match self.pool {
            Some(band) => pin(&domains, band),
            None => unpin(&domains),
        };
        Ok(proposal.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::Ip;

    #[test]
    fn a_target_is_shared_some_ips_a_dedicated_pool_or_what_was_before() {
        let ips = |texts: &[&str]| Replacement::Ips(texts.iter().map(|text| Ip::as_sent(text)).collect());
        let is = |text, replacement| assert_eq!(removal_target(text), Ok(RemovalTarget::Replacement(replacement)));
        is("shared", Replacement::Shared);
        is("203.0.113.7", ips(&["203.0.113.7"]));
        is("203.0.113.7, 203.0.113.8", ips(&["203.0.113.7", "203.0.113.8"]));
        is("pool:p1", Replacement::DedicatedPool("p1".to_owned()));
        assert_eq!(removal_target("former"), Ok(RemovalTarget::Former));
        for refused in ["", "pool:", "203.0.113", "shared,203.0.113.7"] {
            assert!(removal_target(refused).is_err(), "{refused}");
        }
    }
}
