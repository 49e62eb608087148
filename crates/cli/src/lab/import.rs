//! `poolkeeper import`: shows how files of traffic are understood, and writes the traffic.

use super::outputs::{self, OutputFiles};
use super::progress_bar::TerminalProgress;
use super::read::{self, ImportArgs};
use super::traffic_files::TrafficFiles;
use crate::Failure;
use poolkeeper_core::text::{count, counted};
use poolkeeper_core::traffic::Table;
use poolkeeper_ingest::{MappingItem, RowOutcome, Sniffed, sniff};
use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

/// Bytes of a file that are looked at for its mapping: as many as the reader takes for its sample, and a whole JSON document.
const SNIFFED_BYTES: u64 = 32 << 20;

/// What `import` takes.
#[derive(clap::Args)]
pub(crate) struct ImportCommandArgs {
    /// Files of traffic, folders or patterns, read as one; `-` reads standard input
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    csv: Vec<PathBuf>,
    /// Print how the first file is written as JSON, for --mapping, and why; read no other file
    #[arg(long)]
    print_mapping: bool,
    /// Write the traffic as CSV with the documented columns; `-` writes it to standard output
    #[arg(long, value_name = "OUT", conflicts_with = "print_mapping")]
    traffic: Option<PathBuf>,
    #[command(flatten)]
    import: ImportArgs,
    /// Print errors only
    #[arg(long)]
    quiet: bool,
}

/// `import`: reads files of traffic, says how they are understood, and writes the traffic.
///
/// # Errors
/// [`Failure`] when a file can't be read or written.
pub(crate) fn import(args: &ImportCommandArgs) -> Result<(), Failure> {
    let outputs = OutputFiles {
        json: None,
        html: None,
        other: args.traffic.as_deref().map(|path| ("--traffic", path)),
    };
    let files = TrafficFiles::find(&args.csv)?;
    outputs.check(files.paths().chain(args.import.mapping_path()))?;
    let bar = TerminalProgress::new(args.quiet);
    if args.print_mapping {
        return print_mapping(&files, &args.import, &bar);
    }
    let source = read::csv(&files, &args.import, &bar)?;
    if let Some(path) = &args.traffic {
        outputs::write_parts(path, traffic_csv(&source.table))?;
    }
    bar.say_peak_memory();
    Ok(())
}

fn print_mapping(files: &TrafficFiles, args: &ImportArgs, bar: &TerminalProgress) -> Result<(), Failure> {
    let Some(path) = files.paths.first() else {
        return Err(Failure("there is no file to look at".to_owned()));
    };
    let failed = |error: &dyn std::fmt::Display| Failure::of(format!("reading {}", path.display()), error);
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(stdin().lock())
    } else {
        Box::new(File::open(path).map_err(|error| failed(&error))?)
    };
    let mut start = Vec::new();
    input
        .take(SNIFFED_BYTES)
        .read_to_end(&mut start)
        .map_err(|error| failed(&error))?;
    let is_whole = (start.len() as u64) < SNIFFED_BYTES;
    let sniffed = sniff(&start, is_whole, &args.mapping()?);
    if let Err(problem) = &sniffed.outcome {
        let names: Vec<_> = sniffed
            .columns
            .iter()
            .map(|column| format!("“{}”", column.name))
            .collect();
        if !names.is_empty() {
            bar.say(&format!("columns: {}", names.join(", ")));
        }
        return Err(failed(problem));
    }
    findings(&sniffed).iter().for_each(|text| bar.say(text));
    let mapping = serde_json::to_string_pretty(&sniffed.mapping).map_err(|error| failed(&error))?;
    outputs::write(Path::new("-"), &(mapping + "\n"))
}

/// What was found, in words.
fn findings(sniffed: &Sniffed) -> Vec<String> {
    let evidence = sniffed.evidence.iter();
    let mut texts: Vec<String> = evidence
        .map(|found| {
            let value = found.value.trim_end_matches('.');
            format!("{}: {value}. {}", item_name(found.item), found.why)
        })
        .collect();
    texts.extend(sniffed.rows.iter().take(5).map(|row| {
        let became = match &row.outcome {
            RowOutcome::Counted { day, domain, counts, is_repeat } => {
                let [processed, delivered, bounced, complained] = counts.map(|number| count(u64::from(number)));
                let repeat = if *is_repeat { ", a repeat" } else { "" };
                format!("{domain} on {day}: {processed} processed, {delivered} delivered, {bounced} bounced, {complained} complained{repeat}")
            }
            RowOutcome::NotCounted => "not counted".to_owned(),
            RowOutcome::Rejected { reason } => format!("rejected: {reason}"),
        };
        format!("line {}: {became}", count(row.line))
    }));
    if let Ok(totals) = &sniffed.outcome {
        let rejected: u64 = totals.rejected.iter().map(|(_, rows)| rows).sum();
        texts.push(format!(
            "so far {} of {}, {} rejected",
            counted(totals.rows, "row"),
            counted(totals.domains, "domain"),
            count(rejected)
        ));
    }
    texts
}

/// What an item of a mapping is called.
fn item_name(item: MappingItem) -> String {
    match item {
        MappingItem::Separator => "separator".to_owned(),
        MappingItem::Encoding => "encoding".to_owned(),
        MappingItem::Column(column) => format!("column {column}"),
        MappingItem::Rows => "rows".to_owned(),
        MappingItem::Dates => "dates".to_owned(),
        MappingItem::DateZone => "zone of days".to_owned(),
        MappingItem::Numbers => "numbers".to_owned(),
        MappingItem::RepeatedRows => "repeated rows".to_owned(),
    }
}

/// The traffic as a CSV with the documented columns, in parts: the header, and the rows of each domain.
fn traffic_csv(table: &Table) -> impl Iterator<Item = String> {
    let header = "date,domain,processed,delivered,bounced,complained,account\n".to_owned();
    let domains = table.domains().iter().enumerate().map(|(at, domain)| {
        let account = table.accounts.get(domain.account as usize).map_or("", String::as_str);
        let mut rows = String::new();
        for since in 0..i32::try_from(table.day_count()).unwrap_or(i32::MAX) {
            let day = table.first_day().plus(since);
            if let Some(counts) = table.get(at, day) {
                rows.push_str(&format!(
                    "{day},{},{},{},{},{},{}\n",
                    domain.name.as_str(),
                    counts.processed,
                    counts.delivered,
                    counts.bounced,
                    counts.complained,
                    quoted(account)
                ));
            }
        }
        rows
    });
    std::iter::once(header).chain(domains)
}

/// A cell, in quotes if it needs them.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
