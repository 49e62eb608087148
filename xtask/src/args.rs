//! The command line.

use crate::fuzz::FuzzOptions;
use crate::problem::{Problem, Result};
use pico_args::Arguments;
use std::ffi::OsString;

/// What `cargo xtask help` prints.
pub const HELP: &str = "\
cargo xtask <task>        each task installs the tools that are missing and reports it

  run                     serve the app on http://127.0.0.1:8080, rebuilt when a file changes
      --release           the build that `build` makes, without rebuilding fast
      --port <port>       another port
      --live              also pass /mailgun/us/ and /mailgun/eu/ on to Mailgun
  test                    everything `check` does, then every test: native, documentation, wasm, browser
      --native            only the native tests; what follows `--` goes to `cargo test`
      --wasm              only the lab's tests in wasm
      --browser           only the tests in wasm and in the browser; what follows `--` goes to Playwright
      --built             with --browser: test dist/ as it is, in the browser alone
  build                   static files for any host in dist/, with the size of the first download
  check                   format, types of the browser tests, lints, documentation: warnings are errors
  bench                   the benchmarks, native and in the browser
  fuzz                    every decoder and the simulator server on made-up bytes; ends with one table
      --seconds <number>  how long each target runs, instead of 60
      --target <name>     one target only
  torture                 kills, full disks, damaged bytes, a client with faults, often; ends with one table
      --long              also the lab and the server for half an hour, with their memory";

/// One task with its options.
#[derive(Debug, PartialEq)]
pub enum Task {
    /// Print the help text.
    Help,
    /// Serve the app.
    Run(RunOptions),
    /// Run the tests.
    Test(TestOptions),
    /// Write the static files.
    Build,
    /// Check format, types, lints and documentation.
    Check,
    /// Run the benchmarks.
    Bench,
    /// Run the fuzz targets.
    Fuzz(FuzzOptions),
    /// Try often what tests try a few times.
    Torture {
        /// The long runs too.
        is_long: bool,
    },
    /// Add the lab's worker to a bundle. Called by Trunk, so it is not in the help.
    Worker,
}

/// Options of `run`.
#[derive(Debug, PartialEq)]
pub struct RunOptions {
    /// Serve the release build.
    pub release: bool,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// Pass requests on to Mailgun.
    pub live: bool,
}

/// Options of `test`.
#[derive(Debug, PartialEq)]
pub struct TestOptions {
    /// Check format, types, lints and documentation first.
    pub checks: bool,
    /// Run the tests that are compiled for this machine.
    pub native: bool,
    /// Run the lab's tests in wasm.
    pub wasm: bool,
    /// Run the tests in the browser.
    pub browser: bool,
    /// Test the files that are in `dist/` already.
    pub built: bool,
    /// Arguments for the test runner.
    pub rest: Vec<OsString>,
}

/// Parses the command line, without the program's name.
pub fn parse(mut words: Vec<OsString>) -> Result<Task> {
    let rest = match words.iter().position(|word| word == "--") {
        Some(at) => words.split_off(at).into_iter().skip(1).collect(),
        None => Vec::new(),
    };
    let mut given = Arguments::from_vec(words);
    let help = given.contains(["-h", "--help"]);
    let name = given.subcommand().map_err(|error| usage(error.to_string()))?;
    let task = match name.as_deref() {
        _ if help => return Ok(Task::Help),
        None | Some("help") => Task::Help,
        Some("run") => Task::Run(RunOptions {
            release: given.contains("--release"),
            live: given.contains("--live"),
            port: given
                .opt_value_from_str("--port")
                .map_err(|_| usage("--port takes a number from 1 to 65535".to_owned()))?
                .unwrap_or(8080),
        }),
        Some("test") => Task::Test(test_options(&mut given, rest.clone())?),
        Some("build") => Task::Build,
        Some("check") => Task::Check,
        Some("bench") => Task::Bench,
        Some("fuzz") => Task::Fuzz(FuzzOptions {
            seconds: given
                .opt_value_from_str("--seconds")
                .map_err(|_| usage("--seconds takes a whole number".to_owned()))?
                .unwrap_or(60),
            target: given
                .opt_value_from_str("--target")
                .map_err(|_| usage("--target takes the name of a target".to_owned()))?,
        }),
        Some("torture") => Task::Torture {
            is_long: given.contains("--long"),
        },
        Some("worker") => Task::Worker,
        Some(other) => return Err(usage(format!("there is no task `{other}`"))),
    };
    let unread = given.finish();
    if let Some(word) = unread.first() {
        return Err(usage(format!(
            "`{}` is not an option of this task",
            word.to_string_lossy()
        )));
    }
    if !rest.is_empty() && !matches!(task, Task::Test(_)) {
        return Err(usage("only `test` takes words after `--`".to_owned()));
    }
    Ok(task)
}

fn test_options(given: &mut Arguments, rest: Vec<OsString>) -> Result<TestOptions> {
    let (native, wasm, browser) = (
        given.contains("--native"),
        given.contains("--wasm"),
        given.contains("--browser"),
    );
    let built = given.contains("--built");
    let all = !(native || wasm || browser);
    if !rest.is_empty() && (native == browser || wasm) {
        return Err(usage(
            "words after `--` need either --native or --browser before them".to_owned(),
        ));
    }
    if built && !browser {
        return Err(usage("--built goes with --browser".to_owned()));
    }
    Ok(TestOptions {
        checks: all,
        native: native || all,
        // `--browser` runs the lab's tests in wasm too, unless only some of the browser's tests are wanted.
        wasm: wasm || all || browser && !built && rest.is_empty(),
        browser: browser || all,
        built,
        rest,
    })
}

fn usage(complaint: String) -> Problem {
    Problem::new(format!("{complaint}.\n\n{HELP}"))
}

#[cfg(test)]
mod tests {
    use super::{FuzzOptions, RunOptions, Task, TestOptions, parse};

    fn parsed(line: &str) -> Result<Task, String> {
        parse(line.split_whitespace().map(Into::into).collect()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn run_serves_on_8080_unless_told_otherwise() {
        assert_eq!(
            parsed("run"),
            Ok(Task::Run(RunOptions {
                release: false,
                port: 8080,
                live: false
            }))
        );
        assert_eq!(
            parsed("run --release --port=9000 --live"),
            Ok(Task::Run(RunOptions {
                release: true,
                port: 9000,
                live: true
            }))
        );
        assert!(parsed("run --port 70000").is_err_and(|said| said.contains("1 to 65535")));
    }

    #[test]
    fn fuzz_takes_a_minute_a_target_unless_told_otherwise() {
        let options = |seconds, target: Option<&str>| {
            Ok(Task::Fuzz(FuzzOptions {
                seconds,
                target: target.map(str::to_owned),
            }))
        };
        assert_eq!(parsed("fuzz"), options(60, None));
        assert_eq!(parsed("fuzz --seconds 5 --target links"), options(5, Some("links")));
        assert!(parsed("fuzz --seconds long").is_err_and(|said| said.contains("whole number")));
    }

    #[test]
    fn test_without_options_runs_everything() {
        let everything = TestOptions {
            checks: true,
            native: true,
            wasm: true,
            browser: true,
            built: false,
            rest: vec![],
        };
        assert_eq!(parsed("test"), Ok(Task::Test(everything)));
    }

    #[test]
    fn one_kind_of_tests_runs_without_the_checks() {
        let kinds = |line: &str| match parsed(line) {
            Ok(Task::Test(options)) => (options.checks, options.native, options.wasm, options.browser),
            other => panic!("{other:?}"),
        };
        assert_eq!(kinds("test --native"), (false, true, false, false));
        assert_eq!(kinds("test --wasm"), (false, false, true, false));
        assert_eq!(kinds("test --native --wasm"), (false, true, true, false));
        assert_eq!(kinds("test --browser"), (false, false, true, true));
        assert_eq!(kinds("test --browser --built"), (false, false, false, true));
        assert_eq!(kinds("test --browser -- -g pools"), (false, false, false, true));
    }

    #[test]
    fn arguments_after_two_dashes_go_to_the_test_runner() {
        let pools = TestOptions {
            checks: false,
            native: false,
            wasm: false,
            browser: true,
            built: true,
            rest: vec!["-g".into(), "pools".into()],
        };
        assert_eq!(parsed("test --browser --built -- -g pools"), Ok(Task::Test(pools)));
        for several in [
            "test -- pools",
            "test --native --browser -- pools",
            "test --wasm -- pools",
        ] {
            assert!(
                parsed(several).is_err_and(|said| said.contains("--native or --browser")),
                "{several}"
            );
        }
        assert!(parsed("build -- pools").is_err_and(|said| said.contains("only `test`")));
    }

    #[test]
    fn unknown_arguments_are_named() {
        assert!(parsed("biuld").is_err_and(|said| said.contains("`biuld`")));
        assert!(parsed("run --fast").is_err_and(|said| said.contains("`--fast`")));
        assert_eq!(parsed("run --help"), Ok(Task::Help));
    }
}
