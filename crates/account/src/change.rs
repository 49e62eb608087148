//! Changes before they are sent: their requests, what takes each back, and their words. Pure.

mod removal;

use mailgun_pools::api::Write;
use poolkeeper_core::model::{AccountId, Band, Domain, DomainName, PoolName, ReplacementIp};
use poolkeeper_core::text::{count, counted, pool_word};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use removal::{remove, remove_each};

/// One request of a change, and what takes it back.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeStep {
    /// The request.
    pub write: Write,
    /// What takes it back, where the API can.
    pub undo: Option<Write>,
    /// The account of the domain, where known: it is looked for there.
    pub account: Option<AccountId>,
    /// The subaccount that this change alone acts for; `None` to act for whom the connection does.
    pub on_behalf_of: Option<AccountId>,
}

impl From<Write> for ChangeStep {
    fn from(write: Write) -> Self {
        Self {
            write,
            undo: None,
            account: None,
            on_behalf_of: None,
        }
    }
}

impl ChangeStep {
    /// The same with what takes it back.
    #[must_use]
    pub fn undone_by(self, undo: Write) -> Self {
        Self {
            undo: Some(undo),
            ..self
        }
    }

    /// A change of an enrolled domain.
    fn of(domain: &Domain, write: Write, undo: Option<Write>) -> Self {
        let account = Some(domain.account_id.clone()).filter(|id| !id.0.is_empty());
        Self {
            undo,
            account,
            ..Self::from(write)
        }
    }

    /// What takes it back, as a step.
    pub(crate) fn reversed(&self) -> Option<Self> {
        Some(Self {
            write: self.undo.clone()?,
            undo: None,
            account: self.account.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
        })
    }
}

/// A change ready to be looked at, of one thing or of many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The requests, in order.
    pub steps: Vec<ChangeStep>,
    /// Whether each step stands for itself. In any other change a step depends on the one before, so the first that is not
    /// made ends it.
    pub is_bulk: bool,
    /// What the button says: `Remove all pools`.
    pub confirm: String,
    /// What to type first: for what deletes or replaces, for every domain, and for more than 25.
    pub type_to_confirm: Option<String>,
    /// What the toast says when all of it worked: `news.example.com is pinned to good`.
    pub done: String,
    /// What a bulk comes to, by kind.
    pub summary: Vec<String>,
    /// What the toast says once it was taken back, where that is not quite as it was before.
    pub undone: Option<String>,
}

impl Proposal {
    /// The changes that are sent.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.steps.iter().map(|step| step.write.clone()).collect()
    }
}

type DomainsRequest = [Arc<Domain>];

/// A change of more domains than this needs its size typed.
const UNTYPED_DOMAINS: usize = 25;

/// What to type before so many domains are changed, if anything: `26 domains`.
pub(crate) fn to_type(who: &str, domains: usize) -> Option<String> {
    (domains > UNTYPED_DOMAINS).then(|| who.to_owned())
}

fn is_pinned(domain: &Domain) -> bool {
    domain.is_overridden == Some(true)
}

/// Brings a domain back to its pool. Only an override can: without one it would stay where it is until a health check.
fn back_to_its_pool(domain: &Domain) -> Write {
    Write::SetOverride {
        domain: domain.name.clone(),
        pool: domain.pool.clone(),
    }
}

fn all_or_name(domains: &DomainsRequest) -> (String, bool) {
    match domains {
        [one] => (one.name.to_string(), false),
        several => (counted(several.len() as u64, "domain"), true),
    }
}

/// Pins domains to a band. Of several, those pinned there already are left out.
#[must_use]
pub fn pin(domains: &DomainsRequest, band: Band) -> Proposal {
    let pool = PoolName::Known(band);
    let is_there = |domain: &Domain| domain.pool == pool;
    let is_needed = |domain: &&Arc<Domain>| domains.len() == 1 || !(is_there(domain) && is_pinned(domain));
    let meant = domains.iter().filter(is_needed).cloned().collect::<Vec<_>>();
    let mut moving = BTreeMap::<&PoolName, u64>::new();
    for domain in meant.iter().filter(|domain| !is_there(domain)) {
        *moving.entry(&domain.pool).or_default() += 1;
    }
    let mut summary = moving
        .into_iter()
        .map(|(from, count)| format!("{} from {} to {}", moves(count), pool_word(from), band.word()))
        .collect::<Vec<_>>();
    let staying = meant.iter().filter(|domain| is_there(domain)).count() as u64;
    if staying > 0 {
        let are = if staying == 1 { "is" } else { "are" };
        summary.push(format!(
            "{} {are} in {} already and will be pinned there",
            counted(staying, "domain"),
            band.word()
        ));
    }
    push_left_out(
        &mut summary,
        domains.len() - meant.len(),
        &format!("pinned to {} already", band.word()),
    );
    let (who, is_plural) = all_or_name(&meant);
    let now_pinned = meant.iter().filter(|domain| !is_pinned(domain) && !is_there(domain));
    let undone = match (meant.as_slice(), now_pinned.count() as u64) {
        (_, 0) => None,
        ([one], _) => Some(format!("{who} is back in {} and pinned there", pool_word(&one.pool))),
        (_, pinned) => Some(format!(
            "{who} are back in their pools; {} pinned there now",
            if pinned == 1 {
                "1 is".to_owned()
            } else {
                format!("{} are", count(pinned))
            }
        )),
    };
    Proposal {
        undone,
        is_bulk: domains.len() > 1,
        confirm: format!("Pin to {}", band.word()),
        type_to_confirm: to_type(&who, meant.len()),
        done: format!(
            "{who} {} pinned to {}",
            if is_plural { "are" } else { "is" },
            band.word()
        ),
        summary,
        steps: meant
            .iter()
            .map(|domain| {
                let write = Write::SetOverride {
                    domain: domain.name.clone(),
                    pool: pool.clone(),
                };
                let undo = if is_there(domain) && !is_pinned(domain) {
                    Write::RemoveOverride {
                        domain: domain.name.clone(),
                    }
                } else {
                    back_to_its_pool(domain)
                };
                ChangeStep::of(domain, write, Some(undo))
            })
            .collect(),
    }
}

/// Unpins domains. Of several, those not pinned are left out.
#[must_use]
pub fn unpin(domains: &DomainsRequest) -> Proposal {
    let is_needed = |domain: &&Arc<Domain>| domains.len() == 1 || is_pinned(domain);
    let meant = domains.iter().filter(is_needed).cloned().collect::<Vec<_>>();
    let (who, is_plural) = all_or_name(&meant);
    let mut summary = Vec::new();
    if !meant.is_empty() {
        let verb = if meant.len() == 1 {
            "keeps its pool"
        } else {
            "keep their pools"
        };
        summary.push(format!(
            "{} {verb} until the next health check",
            counted(meant.len() as u64, "domain")
        ));
    }
    push_left_out(&mut summary, domains.len() - meant.len(), "not pinned");
    Proposal {
        is_bulk: domains.len() > 1,
        undone: None,
        confirm: "Clear override".to_owned(),
        type_to_confirm: to_type(&who, meant.len()),
        done: format!(
            "{who} {} set by health checks again",
            if is_plural { "are" } else { "is" }
        ),
        summary,
        steps: meant
            .iter()
            .map(|domain| {
                let write = Write::RemoveOverride {
                    domain: domain.name.clone(),
                };
                ChangeStep::of(domain, write, is_pinned(domain).then(|| back_to_its_pool(domain)))
            })
            .collect(),
    }
}

/// Enrolls domains, each with its account where that is known. The service's documentation asks for what each goes back to; its
/// own clients leave it out.
#[must_use]
pub fn enroll(domains: &[(DomainName, Option<AccountId>)], replacement: Option<&ReplacementIp>) -> Proposal {
    let count = domains.len() as u64;
    let (who, are) = match domains {
        [(one, _)] => (one.to_string(), "is"),
        _ => (counted(count, "domain"), "are"),
    };
    let steps = domains.iter().map(|(name, account)| ChangeStep {
        account: account.clone(),
        ..ChangeStep::from(Write::Enroll {
            domain: name.clone(),
            replacement: replacement.cloned(),
        })
    });
    Proposal {
        steps: steps.collect(),
        is_bulk: count > 1,
        undone: None,
        confirm: if count == 1 {
            "Enroll".to_owned()
        } else {
            format!("Enroll {who}")
        },
        done: format!("{who} {are} enrolled"),
        summary: vec![format!(
            "{who} join the dynamic pools. A health check picks each domain's pool."
        )],
        type_to_confirm: to_type(&who, domains.len()),
    }
}

/// Starts the job that enrolls every domain.
#[must_use]
pub fn enroll_all(include_subaccounts: bool) -> Proposal {
    Proposal {
        steps: vec![Write::EnrollAll { include_subaccounts }.into()],
        confirm: "Enroll all".to_owned(),
        type_to_confirm: Some("enroll all domains".to_owned()),
        done: "Enrollment of all domains started".to_owned(),
        ..Proposal::default()
    }
}

fn moves(count: u64) -> String {
    format!(
        "{} {}",
        counted(count, "domain"),
        if count == 1 { "moves" } else { "move" }
    )
}

fn push_left_out(summary: &mut Vec<String>, count: usize, why: &str) {
    if count > 0 {
        let (are, is) = if count == 1 { ("is", "is") } else { ("are", "are") };
        summary.push(format!(
            "{} {are} {why} and {is} left out",
            counted(count as u64, "domain")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::DomainName;
    use poolkeeper_test_support::domains::enrolled as domain;

    #[test]
    fn pinning_leaves_out_what_is_pinned_there_already() {
        let domains = [
            domain("a.example", Band::Good, false),
            domain("b.example", Band::Poor, false),
            domain("c.example", Band::Poor, true),
        ];
        let change = pin(&domains, Band::Poor);
        let names = change.steps.iter().map(|step| step.write.clone()).collect::<Vec<_>>();
        let set = |name: &str| Write::SetOverride {
            domain: DomainName::as_sent(name),
            pool: PoolName::Known(Band::Poor),
        };
        assert_eq!(names, [set("a.example"), set("b.example")]);
        assert_eq!(
            change.summary,
            [
                "1 domain moves from good to poor",
                "1 domain is in poor already and will be pinned there",
                "1 domain is pinned to poor already and is left out",
            ]
        );
    }

    #[test]
    fn one_domain_is_never_left_out() {
        assert_eq!(pin(&[domain("c.example", Band::Poor, true)], Band::Poor).steps.len(), 1);
        assert_eq!(unpin(&[domain("c.example", Band::Poor, false)]).steps.len(), 1);
    }

    #[test]
    fn undo_brings_back_the_pin_that_was_there() {
        let change = pin(&[domain("a.example", Band::New, true)], Band::Good);
        let undo = change.steps.into_iter().next().and_then(|step| step.undo);
        let pool = PoolName::Known(Band::New);
        let domain = DomainName::as_sent("a.example");
        assert_eq!(undo, Some(Write::SetOverride { domain, pool }));
    }

    #[test]
    fn undo_restores_the_pool_where_clearing_the_override_would_not() {
        // R10: a domain whose override is cleared stays where it is until the next check.
        let meant = [
            domain("a.example", Band::Good, false),
            domain("b.example", Band::Poor, false),
            domain("c.example", Band::New, true),
        ];
        let change = pin(&meant, Band::Poor);
        let undo = change
            .steps
            .iter()
            .filter_map(|step| step.undo.clone())
            .collect::<Vec<_>>();
        let set = |name: &str, band| Write::SetOverride {
            domain: DomainName::as_sent(name),
            pool: PoolName::Known(band),
        };
        let clear = Write::RemoveOverride {
            domain: DomainName::as_sent("b.example"),
        };
        assert_eq!(undo, [set("a.example", Band::Good), clear, set("c.example", Band::New)]);
        let said = "3 domains are back in their pools; 1 is pinned there now";
        assert_eq!(change.undone.as_deref(), Some(said));
        let one = pin(&meant[..1], Band::Poor).undone;
        assert_eq!(one.as_deref(), Some("a.example is back in good and pinned there"));
        assert_eq!(pin(&meant[1..2], Band::Poor).undone, None, "it is exactly as it was");
        assert_eq!(pin(&meant[2..], Band::Poor).undone, None, "it was pinned before");
    }
}
