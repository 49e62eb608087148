//! One table of what the benchmarks measured, wherever they ran.

use crate::problem::{Problem, Result};
use crate::process::{shown, unstartable};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The rows that benchmarks printed: lines like `| native | sweep | 12.3 |`, the first of which heads them.
#[derive(Default)]
pub struct Figures(Vec<Vec<String>>);

impl Figures {
    /// Runs a benchmark; what it prints is shown as it comes, and its rows are kept.
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
        // Every benchmark heads its rows, for whoever runs it alone.
        if self.0.first() != Some(&row) {
            self.0.push(row);
        }
    }

    /// All rows under one heading: words to the left, numbers to the right.
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
    use super::Figures;

    #[test]
    fn rows_of_several_benchmarks_stand_under_one_heading() {
        let mut figures = Figures::default();
        for line in [
            "| where | what | ms |",
            "| native | sweep | 9.5 |",
            "something else",
            "  | where | what | ms |",
            "  | Chromium | a longer one | 123.4 |",
        ] {
            figures.take(line);
        }
        let table = "where     what             ms\n\
                     native    sweep           9.5\n\
                     Chromium  a longer one  123.4";
        assert_eq!(figures.table(), table);
    }
}
