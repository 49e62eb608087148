//! What an account shows: saved answers of the service, saved observations, or what traffic would show under a policy.

use super::json_file;
use super::progress_bar::TerminalProgress;
use super::read::{self, ImportArgs};
use super::traffic_files::TrafficFiles;
use crate::Failure;
use mailgun_pools::wire;
use poolkeeper_core::health::Policy;
use poolkeeper_core::traffic::ImportSummary;
use poolkeeper_lab::ReplayOptions;
use poolkeeper_lab::calibrate::{Observations, synthetic_observations};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where observations come from.
#[derive(clap::Args)]
#[group(id = "observed", multiple = true, required = true, args = ["csv", "history", "domains", "observations"])]
pub(super) struct ObservationFiles {
    /// Daily counts, to show what a history of this traffic under --policy would reveal; `-` reads standard input
    #[arg(long, value_name = "FILE", requires = "policy", num_args = 1..)]
    csv: Vec<PathBuf>,
    /// Saved response of GET /v1/dynamic_pools/domains/all/history; repeat for each page
    #[arg(long, value_name = "FILE")]
    history: Vec<PathBuf>,
    /// Saved response of the list of enrolled domains; repeat for each page
    #[arg(long, value_name = "FILE")]
    domains: Vec<PathBuf>,
    /// Observations that the app saved; repeatable
    #[arg(long, value_name = "FILE")]
    observations: Vec<PathBuf>,
    /// Policy to start from: a JSON file or `preset:ID`
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<String>,
}

impl ObservationFiles {
    /// The files of traffic.
    pub(super) fn traffic(&self) -> Result<TrafficFiles, Failure> {
        TrafficFiles::find(&self.csv)
    }

    /// The other files that are read.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let lists = [&self.history, &self.domains, &self.observations];
        let policy = self.policy.as_deref().map(Path::new);
        let files = lists.into_iter().flatten().map(PathBuf::as_path);
        files.chain(policy)
    }
}

/// Reads them all; also says how a file of counts was read.
pub(super) fn read(
    files: &ObservationFiles,
    traffic: &TrafficFiles,
    policy: &Policy,
    import: &ImportArgs,
    bar: &TerminalProgress,
) -> Result<(Observations, Option<ImportSummary>), Failure> {
    let mut seen = Observations::default();
    let mut imported = None;
    for path in &files.observations {
        let more: Observations = json_file::read(path)?;
        seen.previews.extend(more.previews);
        seen.domains.extend(more.domains);
        seen.history.extend(more.history);
    }
    for path in &files.history {
        seen.history.extend(page(path, wire::history::decode_page)?);
    }
    for path in &files.domains {
        seen.domains.extend(page(path, wire::domains::decode_page)?);
    }
    if !traffic.paths.is_empty() {
        let source = read::csv(traffic, import, bar)?;
        let shown = synthetic_observations(&source.table, policy, &ReplayOptions::default());
        let shown = shown.map_err(|error| Failure(error.to_string()))?;
        seen.domains.extend(shown.domains);
        seen.history.extend(shown.history);
        imported = Some(source.import);
    }
    if seen.is_empty() {
        return Err(Failure("there is nothing to read in these files".to_owned()));
    }
    Ok((seen, imported))
}

/// Reads a file's bytes in each of the three ways.
pub(crate) fn decode_observations(path: &Path, bytes: &[u8]) -> Result<Observations, [Failure; 3]> {
    let answer = || json_file::decode::<Value>(path, bytes);
    let saved = match json_file::decode(path, bytes) {
        Ok(observations) => return Ok(observations),
        Err(failure) => failure,
    };
    let history = match answer().and_then(|value| items(path, &value, wire::history::decode_page)) {
        Ok(history) => {
            return Ok(Observations {
                history,
                ..Observations::default()
            });
        }
        Err(failure) => failure,
    };
    match answer().and_then(|value| items(path, &value, wire::domains::decode_page)) {
        Ok(domains) => Ok(Observations {
            domains,
            ..Observations::default()
        }),
        Err(failure) => Err([saved, history, failure]),
    }
}

fn page<T>(
    path: &Path,
    decode: impl FnOnce(&Value) -> Result<wire::Page<T>, wire::ShapeError>,
) -> Result<Vec<T>, Failure> {
    items(path, &json_file::read(path)?, decode)
}

fn items<T>(
    path: &Path,
    value: &Value,
    decode: impl FnOnce(&Value) -> Result<wire::Page<T>, wire::ShapeError>,
) -> Result<Vec<T>, Failure> {
    if let Some(says) = json_file::error_answer(value) {
        return Err(Failure::of(format!("reading {}", path.display()), says));
    }
    let page = decode(value).map_err(|error| Failure::of(format!("reading {}", path.display()), error))?;
    Ok(page.items)
}
