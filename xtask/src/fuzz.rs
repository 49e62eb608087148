//! `fuzz`: every fuzz target for a while, and one table of what they did.

use crate::cache::create_folder;
use crate::problem::{Problem, Result, say};
use crate::process::{cargo, last_lines, run, shown, unstartable};
use crate::project::Project;
use crate::setup::{self, Needs, Tools};
use crate::stopwatch::{Stopwatch, seconds};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A target that takes more at once has found something.
const MOST_MEMORY_MB: u32 = 1_024;

/// An input that takes longer has found something.
const LONGEST_RUN_SECONDS: u32 = 20;

/// Options of `fuzz`.
#[derive(Debug, PartialEq)]
pub struct FuzzOptions {
    /// How long each target runs.
    pub seconds: u64,
    /// The one target to run; all if none is named.
    pub target: Option<String>,
}

/// Runs the targets one after another, also after one has found something.
///
/// The workspace denies `unsafe`, so no sanitizer is used: the ordinary compiler will do, and more inputs fit a minute.
pub fn fuzz(project: &Project, options: &FuzzOptions) -> Result<()> {
    let targets = targets(project, options.target.as_deref())?;
    let needs = Needs {
        fuzzer: true,
        ..Needs::default()
    };
    let tools = setup::prepare(project, needs)?;
    say(format!(
        "cargo fuzz build: {}",
        project.path("fuzz/fuzz_targets").display()
    ));
    run(fuzzer(project, &tools, "build").arg("--sanitizer").arg("none"))?;
    let mut rows = vec![FuzzRun::HEADING.map(str::to_owned).to_vec()];
    let mut found = Vec::new();
    for target in &targets {
        say(format!("{target}: {} s", options.seconds));
        let ran = run_target(project, &tools, target, options.seconds)?;
        if let Some(what) = &ran.found {
            println!("{what}");
            found.push(target.as_str());
        }
        rows.push(ran.row(target));
    }
    println!("\n{}", table(&rows));
    if found.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "Found something: {}. Mend it, and put the input that cargo fuzz names above into fuzz/corpus.",
        found.join(", ")
    )))
}

/// The names of the targets, or the one that was asked for.
fn targets(project: &Project, wanted: Option<&str>) -> Result<Vec<String>> {
    let folder = project.path("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|error| Problem::file("read", &folder, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = paths.filter_map(stem).collect();
    names.sort();
    match wanted {
        None => Ok(names),
        Some(wanted) if names.iter().any(|name| name == wanted) => Ok(vec![wanted.to_owned()]),
        Some(wanted) => Err(Problem::new(format!(
            "There is no fuzz target `{wanted}`. Choose one of {}.",
            names.join(", ")
        ))),
    }
}

fn fuzzer(project: &Project, tools: &Tools, task: &str) -> Command {
    let mut command = cargo();
    tools.find_programs(&mut command);
    command.args(["fuzz", task]).current_dir(project.path(""));
    command
}

/// Runs one target. New inputs are kept in `target/fuzz`, for the next time; the committed ones stay as they are.
fn run_target(project: &Project, tools: &Tools, target: &str, most_seconds: u64) -> Result<FuzzRun> {
    let found = project.target().join("fuzz").join(target);
    create_folder(&found)?;
    let log = project.target().join("fuzz").join(format!("{target}.log"));
    let file = File::create(&log).map_err(|error| Problem::file("write", &log, &error))?;
    let copy = file.try_clone().map_err(|error| Problem::file("write", &log, &error))?;
    let mut command = fuzzer(project, tools, "run");
    command.args(["--sanitizer", "none", target]).arg(found);
    command.arg(project.path("fuzz/corpus").join(target)).arg("--");
    command.arg(format!("-max_total_time={most_seconds}"));
    command.arg(format!("-rss_limit_mb={MOST_MEMORY_MB}"));
    command.arg(format!("-timeout={LONGEST_RUN_SECONDS}"));
    command.arg("-print_final_stats=1");
    command.stdout(file).stderr(copy);
    let watch = Stopwatch::start();
    let status = command.status().map_err(|error| unstartable(&command, &error))?;
    let ran = read_log(&log, status.success(), &shown(&command))?;
    Ok(ran.lasting(seconds(watch.elapsed()).to_string()))
}

fn read_log(log: &Path, is_success: bool, command: &str) -> Result<FuzzRun> {
    let text = std::fs::read(log).map_err(|error| Problem::file("read", log, &error))?;
    let text = String::from_utf8_lossy(&text);
    let mut ran = FuzzRun::of(&text);
    if !is_success {
        let lines = last_lines(&text, 25);
        ran.found = Some(format!(
            "`{command}` stopped (all it said is in {}):\n{lines}",
            log.display()
        ));
    }
    Ok(ran)
}

/// What libFuzzer says of a run.
#[derive(Debug, Default, PartialEq)]
struct FuzzRun {
    seconds: String,
    executions: u64,
    /// Branches of the program that some input reached.
    branches: u64,
    /// The same, with how often they were taken.
    features: u64,
    /// Inputs that reached something new.
    inputs: u64,
    memory_mb: u64,
    found: Option<String>,
}

impl FuzzRun {
    const HEADING: [&'static str; 8] = [
        "target",
        "seconds",
        "executions",
        "branches",
        "features",
        "inputs",
        "memory, MB",
        "result",
    ];

    /// Reads the last line of progress, and the figures at the end.
    fn of(text: &str) -> Self {
        let mut run = Self::default();
        for line in text.lines() {
            let number = |words: &mut std::str::SplitWhitespace<'_>| {
                let word = words.next().unwrap_or_default();
                word.split('/').next().and_then(|word| word.parse().ok()).unwrap_or(0)
            };
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                match word {
                    "cov:" => run.branches = number(&mut words),
                    "ft:" => run.features = number(&mut words),
                    "corp:" => run.inputs = number(&mut words),
                    "stat::number_of_executed_units:" => run.executions = number(&mut words),
                    "stat::peak_rss_mb:" => run.memory_mb = number(&mut words),
                    _ => {}
                }
            }
        }
        run
    }

    fn lasting(self, seconds: String) -> Self {
        Self { seconds, ..self }
    }

    fn row(&self, target: &str) -> Vec<String> {
        let numbers = [
            self.executions,
            self.branches,
            self.features,
            self.inputs,
            self.memory_mb,
        ];
        let mut row = vec![target.to_owned(), self.seconds.clone()];
        row.extend(numbers.map(|number| number.to_string()));
        row.push(if self.found.is_some() { "found" } else { "nothing" }.to_owned());
        row
    }
}

/// Rows in columns: the first is aligned left, the others right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
    let width = |at: usize| rows.iter().map(|row| cell(row, at).len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = widths.iter().enumerate().map(|(at, width)| match at {
            0 => format!("{:<width$}", cell(row, at)),
            _ => format!("{:>width$}", cell(row, at)),
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{FuzzRun, table};

    #[test]
    fn the_figures_of_a_run_are_read() {
        let text = "#2 INITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb\n\
                    #900 NEW    cov: 456 ft: 789 corp: 21/345b lim: 4 exec/s: 9 rss: 40Mb L: 4/4 MS: 1 Erase-\n\
                    #1000 DONE   cov: 457 ft: 790 corp: 22/350b lim: 4 exec/s: 9 rss: 40Mb\n\
                    Done 1000 runs in 3 second(s)\n\
                    stat::number_of_executed_units: 1000\n\
                    stat::peak_rss_mb:              41\n";
        let run = FuzzRun::of(text);
        let expected = FuzzRun {
            executions: 1_000,
            branches: 457,
            features: 790,
            inputs: 22,
            memory_mb: 41,
            ..FuzzRun::default()
        };
        assert_eq!(run, expected);
        let row = run.lasting("3".to_owned()).row("links");
        assert_eq!(row, ["links", "3", "1000", "457", "790", "22", "41", "nothing"]);
        assert_eq!(
            table(&[
                vec!["target".to_owned(), "runs".to_owned()],
                vec!["a".to_owned(), "12345".to_owned()]
            ]),
            "target   runs\na       12345"
        );
    }
}
