//! Files in: traffic and policies.

use super::progress_bar::TerminalProgress;
use crate::Failure;
use poolkeeper_core::health::{PRESETS, Policy, Preset};
use poolkeeper_core::traffic::Table;
use poolkeeper_ingest::{ImportLimits, Ingest};
use poolkeeper_lab::report::TrafficOrigin;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 18;

/// Rejected rows said on the terminal.
const SAID: usize = 5;

/// Ten years of daily counts of 50 000 domains: more than a browser holds, and 4 GB at most.
const LIMITS: ImportLimits = ImportLimits {
    details: 1_000,
    days: 3_653,
    cells: 200_000_000,
};

/// Traffic, and where it came from.
pub(super) struct TrafficSource {
    pub table: Table,
    pub origin: TrafficOrigin,
}

/// Reads daily counts from a file, or from standard input for `-`, as they stream in.
pub(super) fn csv(path: &Path, is_strict: bool, bar: &TerminalProgress) -> Result<TrafficSource, Failure> {
    let is_standard_input = path == Path::new("-");
    let name = if is_standard_input {
        "standard input".to_owned()
    } else {
        path.file_name()
            .map_or_else(|| "CSV".into(), |name| name.to_string_lossy().into_owned())
    };
    let failed = |error: &dyn std::fmt::Display| {
        let from = if is_standard_input {
            name.clone()
        } else {
            path.display().to_string()
        };
        Failure::of(format!("reading {from}"), error)
    };
    let (mut input, size): (Box<dyn Read>, Option<u64>) = if is_standard_input {
        (Box::new(stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(|error| failed(&error))?;
        let known = file.metadata().map_err(|error| failed(&error))?;
        (Box::new(file), known.is_file().then_some(known.len()))
    };
    let mut ingest = Ingest::new(LIMITS);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = match input.read(&mut chunk) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read.map_err(|error| failed(&error))?,
        };
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        ingest.feed(bytes).map_err(|problem| failed(&problem))?;
        bar.reading(ingest.progress().bytes, size);
    }
    let imported = ingest.finish().map_err(|problem| failed(&problem))?;
    bar.clear();
    let report = imported.report;
    bar.say(&format!(
        "{name}: {} rows of {} domains over {} days",
        report.rows,
        report.domains,
        imported.table.day_count()
    ));
    let rejected = report.rejected.count;
    if rejected > 0 {
        let rows = if rejected == 1 { "row" } else { "rows" };
        let text = format!("{rejected} {rows} rejected; the first:");
        let first = report.rejected.shown.iter().take(SAID);
        let lines: Vec<String> = std::iter::once(text).chain(first.map(ToString::to_string)).collect();
        if is_strict {
            return Err(failed(&lines.join("\n")));
        }
        bar.say(&lines.join("\n"));
    }
    Ok(TrafficSource {
        table: imported.table,
        origin: TrafficOrigin::File { name },
    })
}

/// A JSON file of some kind.
pub(super) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::of(format!("reading {}", path.display()), error);
    let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
    serde_json::from_str(&text).map_err(|error| failed(&error))
}

/// A policy: from a JSON file, or a preset by its name.
pub(super) fn policy(from: &str) -> Result<Policy, Failure> {
    if let Some(id) = from.strip_prefix("preset:") {
        return Preset::by_id(id).map(Preset::policy).ok_or_else(|| {
            let known: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
            Failure(format!("there is no preset “{id}”; choose one of {}", known.join(", ")))
        });
    }
    let policy: Policy = json(Path::new(from))?;
    policy.validate().map_err(|invalid| Failure::of(from, invalid))?;
    Ok(policy)
}
