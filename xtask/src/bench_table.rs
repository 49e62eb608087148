//! One table of the results of all benchmarks, native and in the browser.

use crate::problem::{Problem, Result};
use crate::process::{shown, unstartable};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The rows that benchmarks printed, such as `| native | sweep | 12.3 |`. The first is the heading.
#[derive(Default)]
pub struct BenchTable(Vec<Vec<String>>);

impl BenchTable {
    /// Runs a benchmark. Shows its output at once and keeps the rows in it.
    pub fn run(&mut self, command: &mut Command) -> Result<()> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| unstartable(command, &error))?;
        for line in child
            .stdout
            .take()
            .into_iter()
            .flat_map(|out| BufReader::new(out).lines())
        {
            let line = line.map_err(|error| Problem::new(format!("`{}` broke off: {error}.", shown(command))))?;
            println!("{line}");
            self.take(&line);
        }
        let status = child.wait().map_err(|error| unstartable(command, &error))?;
        if status.success() {
            Ok(())
        } else {
            Err(Problem::new(format!("`{}` failed ({status}).", shown(command))))
        }
    }

    fn take(&mut self, line: &str) {
        let cells = line.trim().strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
        let Some(cells) = cells else { return };
        let row: Vec<String> = cells.split('|').map(|cell| cell.trim().to_owned()).collect();
        // Every benchmark prints the heading, because it may be run alone.
        if self.0.first() != Some(&row) {
            self.0.push(row);
        }
    }

    /// All rows under one heading, with the two columns of words aligned left and those of numbers right.
    pub fn table(&self) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &'_ Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let width = |at: usize| {
            self.0
                .iter()
                .map(|row| cell(row, at).chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = widths.iter().enumerate().map(|(at, width)| {
                let cell = cell(row, at);
                if at < 2 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::BenchTable;

    #[test]
    fn rows_of_several_benchmarks_get_one_heading() {
        let mut results = BenchTable::default();
        for line in [
            "| where | what | ms |",
            "| native | sweep | 9.5 |",
            "something else",
            "  | where | what | ms |",
            "  | Chromium | a longer one | 123.4 |",
        ] {
            results.take(line);
        }
        let table = "where     what             ms\n\
                     native    sweep           9.5\n\
                     Chromium  a longer one  123.4";
        assert_eq!(results.table(), table);
    }
}
