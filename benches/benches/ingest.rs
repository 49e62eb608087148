//! How fast a CSV is read: `cargo bench --no-default-features --bench ingest`. Prints figures, checks none.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use poolkeeper_ingest::{ImportError, ImportLimits, Ingest};
use std::fmt::Write;
use std::time::Instant;

/// A file of `domains` domains over 100 days from 2026-01-01, sorted by date, of about `megabytes`.
fn file(domains: u32, megabytes: usize, quoted: bool) -> String {
    let mut text = String::from("date,account,domain,processed,delivered,bounced,complained\n");
    let mut seed = 7_u32;
    'full: for day in 0..365 {
        let (month, day) = (day / 28 % 12 + 1, day % 28 + 1);
        for domain in 0..domains {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (sent, bounced) = (seed >> 16, seed >> 24);
            let row = if quoted {
                write!(
                    text,
                    "\"2026-{month:02}-{day:02}\",\"Acme Retail\",\"mail{domain}.example.com\",\"{sent}\",\"{}\",\"{bounced}\",\"1\"\r\n",
                    sent.saturating_sub(bounced)
                )
            } else {
                writeln!(
                    text,
                    "2026-{month:02}-{day:02},Acme Retail,mail{domain}.example.com,{sent},{},{bounced},1",
                    sent.saturating_sub(bounced)
                )
            };
            if row.is_err() || text.len() > megabytes << 20 {
                break 'full;
            }
        }
    }
    text
}

fn main() -> Result<(), ImportError> {
    for (name, domains, quoted) in [
        ("400 domains", 400, false),
        ("20 000 domains", 20_000, false),
        ("100 000 domains", 100_000, false),
        ("20 000 domains, quoted, CRLF", 20_000, true),
    ] {
        let text = file(domains, 100, quoted);
        let megabytes = text.len() as f64 / 1e6;
        let start = Instant::now();
        let mut ingest = Ingest::new(ImportLimits::default());
        for chunk in text.as_bytes().chunks(64 * 1024) {
            ingest.feed(chunk)?;
        }
        let read = start.elapsed().as_secs_f64();
        let imported = ingest.finish()?;
        let all = start.elapsed().as_secs_f64();
        println!(
            "{name}: {megabytes:.0} MB, {} rows: read {:.0} MB/s, with the table {:.0} MB/s ({:.0} ms)",
            imported.report.rows,
            megabytes / read,
            megabytes / all,
            all * 1e3
        );
    }
    Ok(())
}
