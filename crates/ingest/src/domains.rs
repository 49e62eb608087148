//! The domains and accounts of a file, by each spelling.

use super::names::ParsedName;
use super::report::CountedSample;
use poolkeeper_core::model::DomainName;
use poolkeeper_core::traffic::TableDomain;
use std::collections::HashMap;

/// Domains with several spellings to list.
const MAX_SPELLINGS: usize = 20;

/// The domains and accounts of the rows so far, in the order of their first rows.
#[derive(Debug, Default)]
pub(super) struct DomainIndex {
    pub(super) domains: Vec<TableDomain>,
    pub(super) accounts: Vec<String>,
    /// Domains with more than one spelling: the name, and another spelling of it.
    pub(super) spellings: CountedSample<(DomainName, DomainName)>,
    /// Domains by each spelling seen.
    domain_at: HashMap<Box<[u8]>, u32>,
    /// Domains that may have a spelling with `xn--`, by that one.
    international_at: HashMap<Box<[u8]>, u32>,
    account_at: HashMap<Box<str>, u32>,
    /// For each domain, the domain of the row after its last row.
    next_domain: Vec<u32>,
    last_domain: u32,
}

impl DomainIndex {
    /// Frees the memory that only reading needs.
    pub(super) fn free_lookups(&mut self) {
        self.domain_at = HashMap::new();
        self.international_at = HashMap::new();
        self.account_at = HashMap::new();
        self.next_domain = Vec::new();
    }

    pub(super) fn get(&self, domain: u32) -> Option<&TableDomain> {
        self.domains.get(domain as usize)
    }

    pub(super) fn account_name(&self, domain: &TableDomain) -> &str {
        self.accounts.get(domain.account as usize).map_or("", String::as_str)
    }

    /// The position of a domain by a spelling seen before. Most often it follows the last row's domain as it did the
    /// last time, so that guess is tried first.
    pub(super) fn lookup(&self, spelling: &[u8]) -> Option<u32> {
        let next = self.next_domain.get(self.last_domain as usize).copied();
        let guess = next.and_then(|next| Some((next, self.domains.get(next as usize)?)));
        match guess {
            Some((at, domain)) if domain.name.as_str().as_bytes() == spelling => Some(at),
            _ => self.domain_at.get(spelling).copied(),
        }
    }

    /// The position of a domain by a new spelling; adds the domain if it is new.
    pub(super) fn intern(&mut self, spelling: &[u8], parsed: ParsedName, account: &str) -> u32 {
        let ParsedName {
            name,
            ascii,
            is_international,
        } = parsed;
        let by_ascii = if is_international {
            &self.international_at
        } else {
            &self.domain_at
        };
        let at = match by_ascii.get(ascii.as_bytes()).copied() {
            Some(at) => at,
            None => self.add_domain(name.clone(), account),
        };
        if is_international {
            self.international_at.insert(ascii.into_bytes().into(), at);
        } else {
            self.domain_at.insert(ascii.into_bytes().into(), at);
        }
        if let Some(first) = self.domains.get(at as usize).filter(|first| first.name != name) {
            self.spellings.push(MAX_SPELLINGS, || (first.name.clone(), name));
        }
        self.domain_at.insert(spelling.into(), at);
        at
    }

    fn add_domain(&mut self, name: DomainName, account: &str) -> u32 {
        let at = u32::try_from(self.domains.len()).unwrap_or(u32::MAX);
        let account = self.account(account);
        self.domains.push(TableDomain { name, account });
        self.next_domain.push(0);
        at
    }

    fn account(&mut self, name: &str) -> u32 {
        if let Some(&at) = self.account_at.get(name) {
            return at;
        }
        let at = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
        self.accounts.push(name.to_owned());
        self.account_at.insert(name.into(), at);
        at
    }

    /// Remembers which domain follows which.
    pub(super) fn follow(&mut self, domain: u32) {
        if let Some(next) = self.next_domain.get_mut(self.last_domain as usize) {
            *next = domain;
        }
        self.last_domain = domain;
    }
}
