//! Coverage: which domains and days have data.

use poolkeeper_core::model::{Counts, Day};
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The coverage of the traffic, shown beside every result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The first day.
    pub first_day: Day,
    /// Days from the first to the last.
    pub day_count: u32,
    /// Domains.
    pub domains: u64,
    /// Accounts that have a domain.
    pub accounts: u64,
    /// Domain-days with a row.
    pub domain_days: u64,
    /// Domain-days without a row: they add nothing to a window.
    pub missing_domain_days: u64,
    /// Days on which no domain has a row.
    pub missing_days: u64,
    /// Domains without any row.
    pub empty_domains: u64,
    /// Domains with some days but not all.
    pub partial_domains: u64,
    /// All rows added up.
    pub totals: Counts,
    /// Domains with deliveries but no complaints. Some mailbox providers, such as Gmail, report none, so complaint
    /// rates are too low.
    pub domains_without_complaints: u64,
    /// Domain-days with more complaints than delivered messages, because complaints arrive days later.
    pub late_complaint_days: u64,
}

/// The coverage of a table.
#[must_use]
pub fn coverage(table: &Table) -> Coverage {
    let mut run = CoverageRun::new(table);
    run.add(table, 0..table.domains().len());
    run.finish(table)
}

/// A coverage count under way.
pub(crate) struct CoverageRun {
    /// One bit per day: whether any domain has a row.
    days_with_rows: Vec<u64>,
    /// Whether an account has a domain.
    accounts: Vec<bool>,
    coverage: Coverage,
}

impl CoverageRun {
    pub fn new(table: &Table) -> Self {
        Self {
            days_with_rows: vec![0; table.day_count().div_ceil(64) as usize],
            accounts: vec![false; table.accounts.len()],
            coverage: Coverage {
                first_day: table.first_day(),
                day_count: table.day_count(),
                domains: table.domains().len() as u64,
                accounts: 0,
                domain_days: 0,
                missing_domain_days: 0,
                missing_days: 0,
                empty_domains: 0,
                partial_domains: 0,
                totals: Counts::ZERO,
                domains_without_complaints: 0,
                late_complaint_days: 0,
            },
        }
    }

    /// Counts some domains. Count each domain once.
    pub fn add(&mut self, table: &Table, domains: Range<usize>) {
        let (days, coverage) = (u64::from(table.day_count()), &mut self.coverage);
        for at in domains {
            let (Some(columns), Some(domain)) = (table.columns(at), table.domains().get(at)) else {
                continue;
            };
            if let Some(account) = self.accounts.get_mut(domain.account as usize) {
                *account = true;
            }
            let mut rows = 0_u64;
            for (word, days_with_rows) in columns.present.iter().zip(&mut self.days_with_rows) {
                rows += u64::from(word.count_ones());
                *days_with_rows |= word;
            }
            let sum = |column: &[u32]| column.iter().map(|count| u64::from(*count)).sum::<u64>();
            let totals = Counts {
                processed: sum(columns.processed),
                delivered: sum(columns.delivered),
                bounced: sum(columns.bounced),
                complained: sum(columns.complained),
            };
            coverage.domain_days += rows;
            coverage.empty_domains += u64::from(rows == 0);
            coverage.partial_domains += u64::from(rows > 0 && rows < days);
            coverage.domains_without_complaints += u64::from(totals.delivered > 0 && totals.complained == 0);
            let late = columns.complained.iter().zip(columns.delivered);
            coverage.late_complaint_days +=
                late.filter(|(complained, delivered)| complained > delivered).count() as u64;
            coverage.totals += totals;
        }
    }

    /// The coverage, once all domains are counted.
    pub fn finish(self, table: &Table) -> Coverage {
        let (days, mut coverage) = (u64::from(table.day_count()), self.coverage);
        let days_seen: u64 = self
            .days_with_rows
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum();
        coverage.accounts = self.accounts.iter().filter(|used| **used).count() as u64;
        coverage.missing_domain_days = coverage.domains * days - coverage.domain_days;
        coverage.missing_days = days - days_seen;
        coverage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::DomainName;
    use poolkeeper_core::traffic::TableDomain;

    #[test]
    fn gaps_empty_domains_and_totals_are_counted() {
        let domain = |name: &str, account| TableDomain {
            name: DomainName::as_sent(name),
            account,
        };
        let domains = vec![domain("a.example", 0), domain("b.example", 1), domain("c.example", 1)];
        let accounts = vec!["one".to_owned(), "two".to_owned(), "unused".to_owned()];
        let mut table = Table::empty(Day(100), 3, accounts, domains);
        let row = |processed, delivered, bounced, complained| Counts {
            processed,
            delivered,
            bounced,
            complained,
        };
        table.add(0, Day(100), &row(10, 9, 1, 0)).unwrap();
        table.add(0, Day(102), &row(5, 5, 0, 0)).unwrap();
        table.add(1, Day(102), &row(7, 0, 7, 2)).unwrap();
        assert_eq!(
            coverage(&table),
            Coverage {
                first_day: Day(100),
                day_count: 3,
                domains: 3,
                accounts: 2,
                domain_days: 3,
                missing_domain_days: 6,
                missing_days: 1,
                empty_domains: 1,
                partial_domains: 2,
                totals: row(22, 14, 8, 2),
                domains_without_complaints: 1,
                late_complaint_days: 1,
            }
        );
    }
}
