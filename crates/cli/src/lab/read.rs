//! Files in: traffic and policies.

use super::json_file;
use super::progress_bar::TerminalProgress;
use super::traffic_files::TrafficFiles;
use crate::Failure;
use crate::import_texts::{deceptive_names_text, import_texts};
use poolkeeper_core::health::{PRESETS, Policy, Preset};
use poolkeeper_core::model::DomainName;
use poolkeeper_core::text::counted;
use poolkeeper_core::traffic::{ImportSummary, Table};
use poolkeeper_ingest::{DateOrder, ImportLimits, ImportOptions, Ingest, Mapping, RepeatedRows, RowPeriod, UtcOffset};
use poolkeeper_lab::report::TrafficOrigin;
use std::error::Error;
use std::fmt::Display;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

/// What messages call standard input.
const STANDARD_INPUT: &str = "standard input";

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 18;

/// Ten years of daily counts of 50 000 domains: more than a browser holds, and 4 GB at most.
const LIMITS: ImportLimits = ImportLimits {
    details: 1_000,
    days: 3_653,
    cells: 200_000_000,
};

/// How a file of counts is read.
#[derive(clap::Args)]
pub(super) struct ImportArgs {
    /// Rows that repeat an earlier row of their domain and day: keep-one leaves them out, add counts them again; default:
    /// keep-one
    #[arg(long, value_name = "WHAT", value_parser = repeated_rows)]
    repeated_rows: Option<RepeatedRows>,
    /// Domain of all rows, for a file that has no column for it
    #[arg(long, value_name = "NAME", value_parser = domain)]
    domain: Option<DomainName>,
    /// What is first in dates such as 4/1/2026: day-first or month-first; default: found by the whole column
    #[arg(long, value_name = "ORDER", value_parser = date_order)]
    date_order: Option<DateOrder>,
    /// Read a file whose rows are months, as the mail of each month's first day
    #[arg(long)]
    months: bool,
    /// Read a file whose rows are weeks, or whose mail is all on one day of the week
    #[arg(long, conflicts_with = "months")]
    weeks: bool,
    /// Zone whose days are counted, for times with a zone and times since 1970, such as +02:00; default: UTC
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    date_zone: Option<UtcOffset>,
    /// How the files are written, as JSON that `poolkeeper import --print-mapping` prints; other options win over it
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Fail if a row is rejected, warned of, added to another or left out, or if something was assumed
    #[arg(long)]
    strict: bool,
}

impl ImportArgs {
    fn row_period(&self) -> Option<RowPeriod> {
        match (self.weeks, self.months) {
            (true, _) => Some(RowPeriod::Week),
            (_, true) => Some(RowPeriod::Month),
            _ => None,
        }
    }

    /// The file of the mapping.
    pub(super) fn mapping_path(&self) -> Option<&Path> {
        self.mapping.as_deref()
    }

    /// What is said about the files: in the file of the mapping, and by options, which win.
    pub(super) fn mapping(&self) -> Result<Mapping, Failure> {
        let mut mapping: Mapping = match &self.mapping {
            Some(path) => json_file::read(path)?,
            None => Mapping::default(),
        };
        mapping.repeated_rows = self.repeated_rows.unwrap_or(mapping.repeated_rows);
        if self.date_order.is_some() {
            mapping.dates = None;
            mapping.date_order = self.date_order;
        }
        mapping.date_zone = self.date_zone.or(mapping.date_zone);
        mapping.row_period = self.row_period().or(mapping.row_period);
        if let Some(domain) = &self.domain {
            mapping.domain = Some(domain.clone());
        }
        Ok(mapping)
    }
}

fn repeated_rows(text: &str) -> Result<RepeatedRows, String> {
    match text {
        "keep-one" => Ok(RepeatedRows::KeepOne),
        "add" => Ok(RepeatedRows::Add),
        _ => Err("enter keep-one or add".to_owned()),
    }
}

fn date_order(text: &str) -> Result<DateOrder, String> {
    match text {
        "day-first" => Ok(DateOrder::DayFirst),
        "month-first" => Ok(DateOrder::MonthFirst),
        _ => Err("enter day-first or month-first".to_owned()),
    }
}

fn domain(text: &str) -> Result<DomainName, String> {
    DomainName::parse(text).map_err(|problem| problem.to_string())
}

/// Traffic, where it came from, and how it was read.
pub(super) struct TrafficSource {
    pub table: Table,
    pub origin: TrafficOrigin,
    pub import: ImportSummary,
}

/// Reads daily counts from files, or from standard input for `-`, as they stream in.
pub(super) fn csv(files: &TrafficFiles, args: &ImportArgs, bar: &TerminalProgress) -> Result<TrafficSource, Failure> {
    let name = name_of_all(&files.paths);
    let mut ingest = Ingest::with_options(ImportOptions {
        limits: LIMITS,
        mapping: args.mapping()?,
    });
    let sizes = files
        .paths
        .iter()
        .map(|path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file));
    let size = sizes.map(|known| Some(known?.len())).sum::<Option<u64>>();
    let mut before: Option<&Path> = None;
    for path in &files.paths {
        if files.paths.len() > 1 {
            // What is left of the file before is read now.
            let begun = ingest.begin_file(&short_name(path));
            begun.map_err(|problem| failed(before.unwrap_or(path), &problem))?;
        }
        feed(&mut ingest, path, size, bar).map_err(|problem| failed(path, &problem))?;
        before = Some(path);
    }
    let whole_failed = |problem: &dyn Display| match files.paths.as_slice() {
        [path] => failed(path, problem),
        _ => Failure::of(format!("reading {name}"), problem),
    };
    let imported = ingest.finish().map_err(|problem| whole_failed(&problem))?;
    bar.clear();
    if files.left_out > 0 {
        bar.say(&format!("{} of other kinds left out", counted(files.left_out, "file")));
    }
    let report = imported.report;
    let table = &imported.table;
    let last_day = table
        .first_day()
        .plus(i32::try_from(table.day_count()).unwrap_or(i32::MAX).saturating_sub(1));
    bar.say(&format!(
        "{name}: {} of {} over {}, {} to {last_day}",
        counted(report.rows, "row"),
        counted(report.domains, "domain"),
        counted(u64::from(table.day_count()), "day"),
        table.first_day()
    ));
    let texts = import_texts(&report);
    if args.strict && !report.is_exact() {
        return Err(whole_failed(&texts.join("\n")));
    }
    let names = deceptive_names_text(&imported.table);
    texts.iter().chain(&names).for_each(|text| bar.say(text));
    Ok(TrafficSource {
        import: report.summary(),
        table: imported.table,
        origin: TrafficOrigin::File { name },
    })
}

/// Feeds a file to the reader.
fn feed(ingest: &mut Ingest, path: &Path, size: Option<u64>, bar: &TerminalProgress) -> Result<(), Box<dyn Error>> {
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = match input.read(&mut chunk) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        ingest.feed(bytes)?;
        bar.reading(ingest.progress().bytes, size);
    }
}

/// The problem of a file.
fn failed(path: &Path, problem: &dyn Display) -> Failure {
    let from = if path == Path::new("-") {
        STANDARD_INPUT.to_owned()
    } else {
        path.display().to_string()
    };
    Failure::of(format!("reading {from}"), problem)
}

/// A file's name without its folder.
fn short_name(path: &Path) -> String {
    if path == Path::new("-") {
        return STANDARD_INPUT.to_owned();
    }
    path.file_name()
        .map_or_else(|| "CSV".into(), |name| name.to_string_lossy().into_owned())
}

/// A name for all files together.
fn name_of_all(paths: &[PathBuf]) -> String {
    let first = paths.first().map_or_else(|| "CSV".to_owned(), |path| short_name(path));
    match paths.len().saturating_sub(1) {
        0 => first,
        more => format!("{first} and {}", counted(more as u64, "more file")),
    }
}

/// A policy: from a JSON file, or a preset by its name.
pub(super) fn policy(from: &str) -> Result<Policy, Failure> {
    if let Some(id) = from.strip_prefix("preset:") {
        return Preset::by_id(id).map(Preset::policy).ok_or_else(|| {
            let known: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
            Failure(format!("there is no preset “{id}”; choose one of {}", known.join(", ")))
        });
    }
    let policy = json_file::policy(Path::new(from))?;
    policy.validate().map_err(|invalid| Failure::of(from, invalid))?;
    Ok(policy)
}
