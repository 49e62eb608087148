//! What the fuzz targets do with any bytes. Each target is a function of bytes that panics when a promise is broken.
//!
//! `fuzz` feeds them what libFuzzer makes; the tests of this package feed them the committed corpora. Either way the
//! memory that a target takes has a bound by the length of its bytes.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "code of tests: a panic is how it reports"
)]

mod files;
mod imports;
mod links;
mod messages;
mod notes;
mod requests;
mod server;
mod state;
mod sweeps;
mod wire;

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A target.
pub struct Target {
    /// As `cargo fuzz` calls it.
    pub name: &'static str,
    check: fn(&[u8]),
    /// Memory that it may take at once whatever the bytes are, and for each of them.
    most: Memory,
}

struct Memory {
    fixed_bytes: usize,
    bytes_per_byte: usize,
}

const MB: usize = 1 << 20;

const fn target(name: &'static str, check: fn(&[u8]), fixed_mb: usize, bytes_per_byte: usize) -> Target {
    Target {
        name,
        check,
        most: Memory {
            fixed_bytes: fixed_mb * MB,
            bytes_per_byte,
        },
    }
}

/// All of them.
pub const TARGETS: [Target; 17] = [
    target("notes", notes::notes, 4, 400),
    target("account_state", state::account_state, 4, 200),
    target("answers", wire::answers, 1, 200),
    target("dates_and_pages", wire::dates_and_pages, 1, 200),
    target("import_archive", imports::archive, 64, 2_000),
    target("import_gzip", imports::gzip, 24, 2_000),
    target("import_json", imports::plain, 24, 2_000),
    target("import_text", imports::plain, 24, 2_000),
    target("journal", state::journal, 4, 200),
    target("links", links::links, 1, 200),
    target("policy_files", files::policy_files, 1, 400),
    target("record_of_changes", state::record_of_changes, 1, 200),
    target("report_files", files::report_files, 1, 400),
    target("requests", requests::requests, 4, 400),
    target("server", server::server, 4, 400),
    target("sweep", sweeps::sweep, 64, 2_000),
    target("worker_messages", messages::worker_messages, 8, 400),
];

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> &'static Self {
        TARGETS.iter().find(|target| target.name == name).expect("a target")
    }

    /// Does with these bytes what the target does.
    ///
    /// # Panics
    /// When a promise is broken, and when it took more memory than its bound.
    pub fn run(&self, bytes: &[u8]) {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        (self.check)(bytes);
        let took = MEMORY.peak_usage().saturating_sub(before);
        let most = self.most.fixed_bytes + self.most.bytes_per_byte * bytes.len();
        assert!(
            took <= most,
            "{}: {} bytes took {took} bytes of memory, more than {most}",
            self.name,
            bytes.len()
        );
    }
}
