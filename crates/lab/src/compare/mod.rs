//! Comparisons of policy A, the current one, and policy B, the draft.

mod capacity;
mod comparison;
mod divergence;
mod domain;
mod findings;
mod report;
mod side;
mod transition_matrix;

pub use capacity::{IpCapacity, PoolLoad, pool_loads};
pub(crate) use comparison::PartialComparison;
pub use comparison::{Comparison, Summary, compare};
pub use divergence::{AffectedDomain, DecisionMargin, LatestCheck, SideAtDivergence};
pub use domain::{DomainComparison, DomainDay, PolicyDay, domain_view};
pub use findings::{FEW_COMPLAINTS, Finding, findings};
pub use report::ComparisonReport;
pub use side::{PolicyResult, Side};
pub use transition_matrix::{DomainsAndMail, TransitionMatrix};
