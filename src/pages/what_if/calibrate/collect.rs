//! Reading what an account shows through the client: its domains, its history, and previews run for some of its domains.

use crate::state::long_task::TaskHandle;
use mailgun_pools::api::{ApiError, AssignableQuery, Client};
use poolkeeper_account::cache::{DomainReader, HistoryReader, merge};
use poolkeeper_core::model::{Domain, DomainName, HistoryRecord, PoolName};
use poolkeeper_core::text;
use poolkeeper_lab::calibrate::{DomainStatus, Observations, ObservedPreview};
use std::sync::Arc;

/// What was gathered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ObservationSet {
    pub(crate) observations: Observations,
    /// What could not be read, and why.
    pub(crate) missing: Vec<String>,
    /// Whether a person stopped it before the end.
    pub(crate) is_stopped: bool,
}

/// Gathers it; what fails is left out and said. `known`: the enrolled domains, where they are there already. `previews`: for
/// how many domains at most a health check is asked for.
pub(crate) async fn collect_observations(
    client: &Client,
    known: Option<Vec<Arc<Domain>>>,
    previews: usize,
    task: TaskHandle,
) -> ObservationSet {
    let mut found = ObservationSet::default();
    found.observations.domains = match known {
        Some(known) => known.iter().map(|domain| (**domain).clone()).collect(),
        None => found.read_domains(client, task).await,
    };
    if task.is_current() {
        found.observations.history = found.read_history(client, task).await;
    }
    if task.is_current() && previews > 0 {
        found.preview(client, previews, task).await;
    }
    found.is_stopped = !task.is_current();
    task.end();
    found
}

impl ObservationSet {
    fn failed(&mut self, what: &str, error: &ApiError) {
        self.missing.push(format!("{what}: {}", error.advice().happened));
    }

    /// Reads the enrolled domains to the end, to an error or to a stop.
    async fn read_domains(&mut self, client: &Client, task: TaskHandle) -> Vec<Domain> {
        let mut reader = DomainReader::new(client.clone());
        let mut domains = Vec::new();
        loop {
            match reader.next_domains().await {
                Ok(Some(page)) => domains.extend(page),
                Ok(None) => break,
                Err(error) => {
                    self.failed("the domains", &error);
                    break;
                }
            }
            let progress = reader.progress();
            if !task.yield_now("Reading domains", progress.done, progress.total).await {
                break;
            }
        }
        let mut rows = Vec::new();
        merge(&mut rows, domains);
        rows.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// Reads history to the end, to an error or to a stop; newest first.
    async fn read_history(&mut self, client: &Client, task: TaskHandle) -> Vec<HistoryRecord> {
        let mut reader = HistoryReader::new(client.clone(), None);
        let mut records = Vec::new();
        loop {
            match reader.next_records().await {
                Ok(Some(page)) => records.extend(page),
                Ok(None) => break,
                Err(error) => {
                    self.failed("the history", &error);
                    break;
                }
            }
            let (done, total) = reader.progress();
            if !task.yield_now("Reading history", done, total).await {
                break;
            }
        }
        records.sort_by_key(|record| std::cmp::Reverse(record.timestamp));
        records
    }

    /// Runs previews: half of them of domains that are not enrolled, where a band is always a vote, the rest spread over
    /// those that are.
    async fn preview(&mut self, client: &Client, most: usize, task: TaskHandle) {
        let outside = match client.assignable(&AssignableQuery::default()).await {
            Ok(outside) => outside,
            Err(error) => {
                self.failed("domains that are not enrolled", &error);
                Vec::new()
            }
        };
        let outside: Vec<_> = outside
            .into_iter()
            .map(|domain| (domain.name, DomainStatus::NotEnrolled))
            .collect();
        let enrolled: Vec<_> = self.observations.domains.iter().filter_map(domain_status).collect();
        let wanted = chosen(outside, enrolled, most);
        let total = wanted.len() as u64;
        let mut failures = 0_u64;
        let mut last = None;
        for (at, (domain, standing)) in wanted.into_iter().enumerate() {
            match client.preview(&domain).await {
                Ok(preview) => self.observations.previews.push(ObservedPreview {
                    domain,
                    standing,
                    preview,
                }),
                Err(error) => {
                    failures += 1;
                    last = Some(error);
                }
            }
            if !task
                .yield_now("Running health checks", at as u64 + 1, Some(total))
                .await
            {
                break;
            }
        }
        if let Some(error) = last {
            self.failed(&format!("{} of {total}", text::counted(failures, "preview")), &error);
        }
    }
}

/// The band of a domain; `None` for a pinned one, whose band no check decided.
fn domain_status(domain: &Domain) -> Option<(DomainName, DomainStatus)> {
    if domain.is_overridden == Some(true) {
        return None;
    }
    let standing = match &domain.pool {
        PoolName::Known(band) => DomainStatus::In(*band),
        PoolName::Unknown(_) => DomainStatus::Unknown,
    };
    Some((domain.name.clone(), standing))
}

fn chosen<T: Clone>(outside: Vec<T>, enrolled: Vec<T>, most: usize) -> Vec<T> {
    let inside = enrolled.len().min(most - most.min(outside.len()).min(most / 2));
    let mut all = spread(outside, most - inside);
    all.extend(spread(enrolled, inside));
    all
}

/// So many of some things, evenly spread over them.
fn spread<T: Clone>(things: Vec<T>, most: usize) -> Vec<T> {
    if things.len() <= most {
        return things;
    }
    (0..most)
        .filter_map(|at| things.get(at * things.len() / most).cloned())
        .collect()
}
