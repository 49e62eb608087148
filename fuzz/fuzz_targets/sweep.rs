//! Any bytes are a table, a policy and two axes; every path of the sweep must agree with the naive model on them.
//!
//! `cargo +nightly fuzz run sweep`, or on a stable toolchain `cargo fuzz run --sanitizer none sweep`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use poolkeeper_test_support::sweep_case::{Source, case, check};

fuzz_target!(|bytes: &[u8]| {
    let case = case(&mut Source(bytes));
    if let Err(difference) = check(&case) {
        panic!("{difference}\n{case:#?}");
    }
});
