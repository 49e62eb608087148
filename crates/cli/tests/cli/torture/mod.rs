//! What is answered is kept: processes killed, stopped and started side by side, full disks, damaged bytes, a client with
//! faults on two transports. A test tries each a few times; `cargo xtask torture` tries it often and prints a table.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may stop where it stands, and says what it tried"
)]

mod client;
mod damage;
mod full_disk;
mod kills;
mod record;
mod watch;

/// How often something is tried: in a test, and in `cargo xtask torture`.
fn tries(in_a_test: usize, in_torture: usize) -> usize {
    match std::env::var_os("POOLKEEPER_TORTURE") {
        None => in_a_test,
        Some(_) => in_torture,
    }
}

/// One row of the table.
fn report(tried: &str, tries: usize, result: &str) {
    // The test's own name is on the line before.
    println!("\n| what was tried | how often | result |");
    println!("| {tried} | {tries} | {result} |");
}

/// Numbers that differ from step to step, and are the same in each run.
struct Steps(u64);

impl Steps {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
