//! What watching a large account takes: requests, processor, memory, disk.
//! `cargo bench -p poolkeeper-benches --bench watch -- PROGRAM [DAYS [DOMAINS]]`. Prints figures, checks none.
#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark measures, and may stop where it is"
)]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const HEADING: &str =
    "| watch | days | looks, requests, notices | processor, s | most memory, MB | state, KB | counts, KB |";

/// The service's limit: 500 requests in 10 seconds.
const REQUESTS_PER_SECOND: &str = "50";

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    // `cargo bench` without a program runs every benchmark: this one needs it.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let Some(program) = args.first() else { return };
    let days = args.get(1).map_or("30", String::as_str);
    let domains = args.get(2).map_or("20000", String::as_str);
    let server = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--still",
        "--size",
        domains,
        "--rate-limit",
        REQUESTS_PER_SECOND,
    ];
    let server = Command::new(program).args(server).stdout(Stdio::piped()).spawn();
    let mut server = Ended(server.expect("the program starts"));
    let mut line = String::new();
    let stdout = server.0.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let base = line
        .trim()
        .strip_prefix("poolkeeper listens on ")
        .expect("a ready line");
    let folder = std::env::temp_dir().join(format!("poolkeeper-bench-watch-{}", std::process::id()));
    let state = folder.join("state");
    let watch = Command::new(program)
        .args(["watch", "--live", base, "--simulated-days", days, "--state"])
        .arg(&state)
        .env("MAILGUN_API_KEY", "any")
        .env("XDG_CONFIG_HOME", &folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut watch = Ended(watch.expect("the program starts"));
    let log = BufReader::new(watch.0.stderr.take().expect("its log"));
    let process = watch.0.id().to_string();
    let reading = std::thread::spawn(move || log.lines().map_while(Result::ok).last().unwrap_or_default());
    let (mut seconds, mut memory) = (0.0, 0);
    while watch.0.try_wait().expect("its state").is_none() {
        seconds = f64::max(seconds, processor_seconds(&process));
        memory = memory.max(most_memory_kb(&process));
        std::thread::sleep(Duration::from_millis(50));
    }
    let last = reading.join().expect("its log");
    let last = last.trim_start_matches("poolkeeper: ");
    println!("{HEADING}");
    println!(
        "| {domains} domains | {days} | {last} | {seconds:.1} | {:.1} | {} | {} |",
        f64::from(memory) / 1_024.0,
        bytes(&state) / 1_024,
        bytes(&folder.join("state-counts")) / 1_024
    );
    let _ = std::fs::remove_dir_all(&folder);
}

/// User and system time, in the kernel's hundredths of a second.
fn processor_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok());
    f64::from(ticks.sum::<u32>()) / 100.0
}

fn most_memory_kb(process: &str) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Bytes of a file, or of all in a folder.
fn bytes(path: &Path) -> u64 {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| bytes(&entry.path())).sum(),
        Err(_) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
    }
}
