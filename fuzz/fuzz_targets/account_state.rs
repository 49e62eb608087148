//! See the target `account_state` of `poolkeeper-fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| poolkeeper_fuzzing::Target::named("account_state").run(bytes));
