//! Memory and delay over many minutes: the lab under policy changes, the simulator server under mixed load.
//! `cargo bench -p poolkeeper-benches --bench long_runs -- PROGRAM [MINUTES [CHANGES]]`. Prints figures, checks none.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark measures, and may stop where it is"
)]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use futures::executor::block_on;
use mailgun_pools::api::{Client, DomainsQuery, HistoryQuery, Write as Change};
use mailgun_pools::transport::{ApiKey, BaseUrl, NativeSender};
use mailgun_pools::wire::query::{AssignableQuery, MetricsPeriod, MetricsQuery};
use poolkeeper_benches::traffic::traffic;
use poolkeeper_core::health::{Metric, Policy, PolicyParam};
use poolkeeper_core::model::{Band, PoolName};
use poolkeeper_lab::{Lab, LabJob, ReplayOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const HEADING: &str = "| run | after | median, ms | 99 % within, ms | memory, MB |";
const CLIENTS: usize = 4;
const SLOW_CLIENTS: usize = 60;

/// The memory that a process holds, in MB; 0 where the system does not say.
fn memory_mb(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1_024
}

fn print(run: &str, after: &str, times: &mut [Duration], memory_mb: u64) {
    times.sort_unstable();
    let at = |share: usize| {
        let time = times.get(times.len().saturating_sub(1) * share / 100);
        time.map_or(0.0, Duration::as_secs_f64) * 1e3
    };
    println!(
        "{HEADING}\n| {run} | {after} | {:.1} | {:.1} | {memory_mb} |",
        at(50),
        at(99)
    );
}

/// The policy of one place of the sliders.
fn policy(change: u64) -> Policy {
    let mut policy = Policy::default();
    let poor = 50_000 + change * 7_919 % 200_000;
    PolicyParam::PoorAtLeast(Metric::BounceRate).set(&mut policy, poor);
    PolicyParam::GoodAtMost(Metric::BounceRate).set(&mut policy, poor / 2);
    policy.minimum_processed = change * 13 % 2_000;
    policy.window_days = [1, 3, 7, 14, 30][(change / 97 % 5) as usize];
    policy
}

fn lab(changes: u64) {
    let table = Arc::new(traffic(20_000, 3_650, 7));
    let mut lab = Lab::new(table, None);
    let mut times = Vec::new();
    print(
        "lab, 20,000 domains, 3,650 days",
        "0 changes",
        &mut times,
        memory_mb("self"),
    );
    for change in 1..=changes {
        let job = LabJob::Backtest {
            policy: policy(change),
            options: ReplayOptions::default(),
        };
        let begun = Instant::now();
        lab.run(&job, &mut |_| ControlFlow::Continue(()))
            .expect("a valid policy");
        times.push(begun.elapsed());
        if change == 100 || change % (changes / 10).max(1) == 0 {
            let after = format!("{change} changes");
            print("lab, 20,000 domains, 3,650 days", &after, &mut times, memory_mb("self"));
            times.clear();
        }
    }
}

struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start(program: &str) -> Self {
        let mut child = Command::new(program)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--size",
                "20000",
                "--seed",
                "5",
                "--speed",
                "0.05",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let base = line
            .trim()
            .strip_prefix("poolkeeper listens on ")
            .expect("a ready line");
        let base = base.to_owned();
        Self { child, base }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks for one thing after another until told to stop. Each answer's time is noted.
fn ask(base: &str, seed: u64, times: &Mutex<Vec<Duration>>, is_over: &AtomicBool) {
    let base = BaseUrl::parse_absolute(base).expect("an address");
    let client = Client::new(Rc::new(NativeSender::new(base, ApiKey::new("key"), 60_000)));
    let list = DomainsQuery {
        limit: Some(100),
        ..DomainsQuery::default()
    };
    let page = block_on(client.domains(&list)).expect("a page");
    let mut turn = seed;
    while !is_over.load(Ordering::Relaxed) {
        turn += 1;
        let domain = page.items[(turn / 10) as usize % page.items.len()].name.clone();
        let begun = Instant::now();
        let is_answered = block_on(async {
            match turn % 10 {
                0..=2 => client.domains(&list).await.is_ok(),
                3 | 4 => {
                    let history = HistoryQuery {
                        limit: Some(100),
                        ..HistoryQuery::default()
                    };
                    client.history(&history).await.is_ok()
                }
                5 => client.assignable(&AssignableQuery::default()).await.is_ok(),
                6 => client.domain_history(&domain, Some(10)).await.is_ok(),
                7 => client.preview(&domain).await.is_ok(),
                8 if turn % 100 == 8 => {
                    let metrics = MetricsQuery::daily_counts(MetricsPeriod::default(), true);
                    client.metrics(&metrics).await.is_ok()
                }
                8 => client.pools().await.is_ok(),
                _ => {
                    let pool = PoolName::Known(Band::ALL[(turn / 10) as usize % 3]);
                    client.write(&Change::SetOverride { domain, pool }).await.is_ok()
                }
            }
        });
        assert!(is_answered, "turn {turn} was not answered");
        times.lock().expect("no client failed").push(begun.elapsed());
    }
}

/// Connections that send a byte from time to time, or read the answer to a long list as slowly.
fn crawl(address: &str, is_over: &AtomicBool) {
    let connect = || TcpStream::connect(address).ok();
    let mut clients: Vec<Option<TcpStream>> = Vec::new();
    let list =
        "GET /v3/domains/dynamic_pools/assignable HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YXBpOms=\r\n\r\n";
    while !is_over.load(Ordering::Relaxed) {
        clients.resize_with(SLOW_CLIENTS, || None);
        for (at, client) in clients.iter_mut().enumerate() {
            let stream = match client {
                Some(stream) => stream,
                None => match connect() {
                    Some(mut stream) => {
                        let _ = stream.set_read_timeout(Some(Duration::from_millis(1)));
                        let start = if at % 2 == 0 { "POST / HTTP/1.1\r\nX: " } else { list };
                        let _ = stream.write_all(start.as_bytes());
                        client.insert(stream)
                    }
                    None => continue,
                },
            };
            let goes_on = if at % 2 == 0 {
                stream.write_all(b"x").is_ok()
            } else {
                !matches!(stream.read(&mut [0; 512]), Ok(0))
            };
            if !goes_on {
                *client = None;
            }
        }
        thread::sleep(Duration::from_millis(500));
    }
}

fn server(program: &str, minutes: u64) {
    let server = Server::start(program);
    let process = server.child.id().to_string();
    let times: Mutex<Vec<Duration>> = Mutex::default();
    let is_over = AtomicBool::new(false);
    let run = format!("server, 20,000 domains, {CLIENTS} clients, {SLOW_CLIENTS} slow ones");
    print(&run, "0 minutes", &mut [], memory_mb(&process));
    thread::scope(|scope| {
        let (times, is_over, base) = (&times, &is_over, &server.base);
        for client in 0..CLIENTS as u64 {
            scope.spawn(move || ask(base, client * 1_000, times, is_over));
        }
        let address = base.trim_start_matches("http://");
        scope.spawn(move || crawl(address, is_over));
        let (mut all, mut answered) = (Vec::new(), 0);
        for minute in 1..=minutes {
            thread::sleep(Duration::from_secs(60));
            let mut taken = std::mem::take(&mut *times.lock().expect("no client failed"));
            answered += taken.len();
            let after = format!("{minute} minutes, {answered} answers");
            print(&run, &after, &mut taken, memory_mb(&process));
            all.append(&mut taken);
        }
        is_over.store(true, Ordering::Relaxed);
        print(&run, "all of it", &mut all, memory_mb(&process));
    });
}

fn main() {
    // Cargo adds an option of its own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let number = |at: usize, usual| args.get(at).and_then(|arg| arg.parse().ok()).unwrap_or(usual);
    if let Some(program) = args.first() {
        server(program, number(1, 10));
    }
    lab(number(2, 10_000));
}
